//! Stand-ins for the vendors: they speak the vendors' own protocols with real signatures, so that a person can walk
//! through whole journeys on one machine.

pub mod adyen;
mod delivery;
pub mod games;
mod identity;
pub mod nuvei;
pub mod onfido;
mod page;
#[cfg(test)]
mod payers;
mod place;
pub mod sumsub;
pub mod truelayer;
pub mod trustly;
pub mod veriff;
mod wallets;

pub use place::SandboxError;

use axum::Router;
use serde_json::Value;

use crate::Context;

/// The stand-ins beside the embedded cloud.
#[expect(clippy::needless_pass_by_value, reason = "this is what `Options::sandboxes` calls")]
pub fn routers(context: Context) -> Router {
    routers_for(&context.vendors, &context.url)
}

/// The stand-ins of all vendors whose settings tell how to play them, each under its own name. They are to be served
/// where those settings say; the platform may answer elsewhere.
pub fn routers_for(vendors: &Value, platform_url: &str) -> Router {
    let mut router = Router::new();
    for name in games::names() {
        match games::SandboxConfig::from_vendors(name, vendors, platform_url) {
            Ok(Some(config)) => router = router.nest(&format!("/{name}"), games::router(config)),
            Ok(None) => {}
            Err(error) => tracing::warn!(name, %error, "the sandbox of a game vendor is off"),
        }
    }
    match adyen::SandboxConfig::from_vendors(vendors, platform_url) {
        Ok(Some(config)) => router = router.nest("/adyen", adyen::router(config)),
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "the Adyen sandbox is off"),
    }
    match nuvei::SandboxConfig::from_vendors(vendors, platform_url) {
        Ok(Some(config)) => router = router.nest("/nuvei", nuvei::router(config)),
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "the Nuvei sandbox is off"),
    }
    match truelayer::SandboxConfig::from_vendors(vendors, platform_url) {
        Ok(Some(config)) => router = router.nest("/truelayer", truelayer::router(config)),
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "the TrueLayer sandbox is off"),
    }
    match trustly::SandboxConfig::from_vendors(vendors, platform_url) {
        Ok(Some(config)) => router = router.nest("/trustly", trustly::router(config)),
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "the Trustly sandbox is off"),
    }
    match sumsub::SandboxConfig::from_vendors(vendors, platform_url) {
        Ok(Some(config)) => router = router.nest("/sumsub", sumsub::router(config)),
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "the Sumsub sandbox is off"),
    }
    match onfido::SandboxConfig::from_vendors(vendors, platform_url) {
        Ok(Some(config)) => router = router.nest("/onfido", onfido::router(config)),
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "the Onfido sandbox is off"),
    }
    match veriff::SandboxConfig::from_vendors(vendors, platform_url) {
        Ok(Some(config)) => router = router.nest("/veriff", veriff::router(config)),
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "the Veriff sandbox is off"),
    }
    router
}
