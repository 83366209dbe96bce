//! Whether a vendor's settings mean its stand-in here, and what the stand-in knows by them.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// Why a sandbox cannot play its vendor.
#[derive(Debug, thiserror::Error)]
#[error("the settings are of no use to the sandbox: {0}")]
pub struct SandboxError(pub(super) String);

/// What the settings of a vendor lead to.
pub(super) struct Place<S> {
    /// Where browsers find the sandbox.
    pub(super) base_url: String,
    /// Where the platform takes the vendor's webhooks.
    pub(super) webhook_url: String,
    /// The platform's settings for the vendor, and so what the vendor knows of the platform.
    pub(super) settings: S,
}

impl<S: DeserializeOwned> Place<S> {
    /// Reads the vendors' settings. None if the platform's calls to this one do not lead to a sandbox: then the real
    /// one is meant.
    pub(super) fn find(
        vendors: &Value,
        kind: &str,
        name: &str,
        platform_url: &str,
    ) -> Result<Option<Self>, SandboxError> {
        let settings = vendors.pointer(&format!("/{kind}/{name}")).cloned().unwrap_or_default();
        let base_url = settings.get("base_url").and_then(Value::as_str);
        let base_url = base_url.map(|url| url.trim_end_matches('/').to_owned());
        let Some(base_url) = base_url.filter(|url| url.ends_with(&format!("/sandbox/{name}"))) else {
            return Ok(None);
        };
        let settings = serde_json::from_value(settings).map_err(|error| SandboxError(error.to_string()))?;
        Ok(Some(Self { base_url, webhook_url: format!("{platform_url}/webhooks/{kind}/{name}"), settings }))
    }
}
