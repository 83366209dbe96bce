//! Stand-ins for the vendors: they speak the vendors' own protocols with real signatures, so that a person can walk
//! through whole journeys on one machine.

pub mod adyen;
mod delivery;
pub mod hub88;
mod page;
pub mod sumsub;

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
    match hub88::SandboxConfig::from_vendors(vendors, platform_url) {
        Ok(Some(config)) => router = router.nest("/hub88", hub88::router(config)),
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "the Hub88 sandbox is off"),
    }
    match adyen::SandboxConfig::from_vendors(vendors, platform_url) {
        Ok(Some(config)) => router = router.nest("/adyen", adyen::router(config)),
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "the Adyen sandbox is off"),
    }
    match sumsub::SandboxConfig::from_vendors(vendors, platform_url) {
        Ok(Some(config)) => router = router.nest("/sumsub", sumsub::router(config)),
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "the Sumsub sandbox is off"),
    }
    router
}
