//! Veriff: identity checks as sessions behind a link; decisions and watchlist matches by signed webhook.

mod decision;
mod lookup;
mod notification;
mod outbound;
mod watchlist;

#[cfg(test)]
mod tests;

use domain::Timestamp;
use serde::Deserialize;

use crate::call::{
    Authentic, CallFailure, InboundAnswer, Malformed, RawCall, Receipt, Reply, endpoint, is_header_text,
};
use crate::conversation::Step;
use crate::keys::Keys;
use crate::kyc::{
    Entrance, Findings, IdentityCheck, IdentityWebhook, Reference, VerificationReport, VerificationRequest,
};
use crate::proof::Unauthentic;

pub use notification::sign;

/// The name of Veriff's reports in the ledger.
pub const INTEGRATION: &str = "veriff";

/// Names the integration, in both directions.
pub const CLIENT_HEADER: &str = "x-auth-client";
/// Carries the signature, in hexadecimal, in both directions.
pub const SIGNATURE_HEADER: &str = "x-hmac-signature";

/// Veriff's part of the vendors' settings.
#[derive(Clone, Deserialize)]
pub struct Settings {
    /// Names our integration: webhooks of others are none of ours.
    pub api_key: String,
    /// What both sides sign with. While it changes over, any may have signed a webhook; the first signs our calls.
    pub shared_secret: Keys,
    /// Where our calls go: the integration's own address, without the version.
    pub base_url: String,
    /// Whether watchlists are screened. Then an approval waits until the screening is there.
    #[serde(default)]
    pub watchlist_screening: bool,
}

/// Why Veriff's settings are of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The integration's key cannot be sent.
    #[error("kyc.veriff.api_key must be plain text, not empty")]
    ApiKey,
    /// A shared secret is missing or empty.
    #[error("kyc.veriff.shared_secret must hold secrets that are not empty")]
    SharedSecret,
    /// The base URL is none.
    #[error("kyc.veriff.base_url must be an http or https URL")]
    BaseUrl,
}

/// Veriff, as configured.
pub struct Veriff {
    api_key: String,
    secrets: Vec<Vec<u8>>,
    signing_secret: Vec<u8>,
    base_url: String,
    watchlist_screening: bool,
}

impl Veriff {
    /// Reads the keys and the address, once.
    pub fn new(settings: &Settings) -> Result<Self, SettingsError> {
        if !is_header_text(&settings.api_key) {
            return Err(SettingsError::ApiKey);
        }
        endpoint(&settings.base_url, "/").ok_or(SettingsError::BaseUrl)?;
        let secrets = settings.shared_secret.text().ok_or(SettingsError::SharedSecret)?;
        Ok(Self {
            api_key: settings.api_key.clone(),
            signing_secret: secrets.first().cloned().ok_or(SettingsError::SharedSecret)?,
            secrets,
            base_url: settings.base_url.clone(),
            watchlist_screening: settings.watchlist_screening,
        })
    }
}

impl IdentityWebhook for Veriff {
    fn integration(&self) -> &'static str {
        INTEGRATION
    }

    fn verify<'a>(&self, call: RawCall<'a>) -> Result<Authentic<'a>, Unauthentic> {
        notification::verify(self, call)
    }

    fn parse(&self, call: &Authentic<'_>) -> Result<VerificationReport, Malformed> {
        notification::parse(call.call().body)
    }

    fn look_up(
        &self,
        reference: &Reference,
        answers: &[InboundAnswer],
        _now: Timestamp,
    ) -> Result<Step<Findings>, CallFailure> {
        lookup::step(self, reference, answers)
    }

    fn render(&self, receipt: Receipt) -> Reply {
        Reply { status: receipt.status(), content_type: "application/json", body: b"{}".to_vec() }
    }
}

impl IdentityCheck for Veriff {
    /// What is checked hangs on the integration alone.
    fn level(&self, _jurisdiction: &str) -> Option<&str> {
        None
    }

    fn enter(
        &self,
        request: &VerificationRequest,
        answers: &[InboundAnswer],
        _now: Timestamp,
    ) -> Result<Step<Entrance>, CallFailure> {
        outbound::step(self, request, answers)
    }
}
