//! Sumsub: identity checks behind a link, verdicts by signed webhook.

mod notification;
mod outbound;

#[cfg(test)]
mod tests;

use domain::Timestamp;
use serde::Deserialize;
use url::Url;

use crate::call::{
    Authentic, CallFailure, InboundAnswer, Malformed, OutboundCall, RawCall, Receipt, Reply, endpoint,
    is_header_text,
};
use crate::keys::Keys;
use crate::kyc::{Entrance, IdentityCheck, IdentityWebhook, VerificationReport, VerificationRequest};
use crate::proof::Unauthentic;

pub use notification::{DIGEST_ALGORITHM, DIGEST_ALGORITHM_HEADER, DIGEST_HEADER, sign_body};
pub use outbound::{SIGNATURE_HEADER, TIME_HEADER, TOKEN_HEADER, sign_request};

/// The name of Sumsub's reports in the ledger.
pub const INTEGRATION: &str = "sumsub";

/// Sumsub's part of the vendors' settings.
#[derive(Clone, Deserialize)]
pub struct Settings {
    /// Keys of the webhook.
    pub webhook_secret: Keys,
    /// Who we are to Sumsub.
    pub app_token: String,
    /// What our calls are signed with.
    pub secret_key: String,
    /// Where our calls go.
    pub base_url: String,
    /// The level that makes a player verified. Approvals of other levels do not.
    #[serde(default = "default_level")]
    pub level_name: String,
    /// Whether real people are checked: approvals from Sumsub's sandbox then do not count.
    #[serde(default)]
    pub live: bool,
}

/// Why Sumsub's settings are of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A key of the webhook is missing or empty.
    #[error("kyc.sumsub.webhook_secret must hold keys that are not empty")]
    WebhookSecret,
    /// The token cannot be sent, or there is no key to sign with.
    #[error("kyc.sumsub.app_token and secret_key must be plain text, not empty")]
    App,
    /// The base URL is none.
    #[error("kyc.sumsub.base_url must be an http or https URL")]
    BaseUrl,
}

/// Sumsub, as configured.
pub struct Sumsub {
    webhook_keys: Vec<Vec<u8>>,
    app_token: String,
    secret_key: String,
    links: Url,
    level_name: String,
    live: bool,
}

impl Sumsub {
    /// Reads the keys and the address, once.
    pub fn new(settings: &Settings) -> Result<Self, SettingsError> {
        if !is_header_text(&settings.app_token) || settings.secret_key.is_empty() {
            return Err(SettingsError::App);
        }
        Ok(Self {
            webhook_keys: settings.webhook_secret.text().ok_or(SettingsError::WebhookSecret)?,
            app_token: settings.app_token.clone(),
            secret_key: settings.secret_key.clone(),
            links: endpoint(&settings.base_url, outbound::LINK_PATH).ok_or(SettingsError::BaseUrl)?,
            level_name: settings.level_name.clone(),
            live: settings.live,
        })
    }
}

impl IdentityWebhook for Sumsub {
    fn integration(&self) -> &'static str {
        INTEGRATION
    }

    fn verify<'a>(&self, call: RawCall<'a>) -> Result<Authentic<'a>, Unauthentic> {
        notification::verify(call, &self.webhook_keys)
    }

    fn parse(&self, call: &Authentic<'_>) -> Result<VerificationReport, Malformed> {
        notification::parse(self, call.call().body)
    }

    fn render(&self, receipt: Receipt) -> Reply {
        Reply { status: receipt.status(), content_type: "application/json", body: b"{}".to_vec() }
    }
}

impl IdentityCheck for Sumsub {
    fn start(&self, request: &VerificationRequest, now: Timestamp) -> Result<OutboundCall, CallFailure> {
        outbound::start(self, request, now)
    }

    fn started(&self, answer: &InboundAnswer) -> Result<Entrance, CallFailure> {
        outbound::started(answer)
    }
}

fn default_level() -> String {
    "basic-kyc-level".to_owned()
}
