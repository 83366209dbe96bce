//! Sumsub: identity checks behind a link, verdicts by signed webhook, what was read and found by signed calls.

mod lookup;
mod notification;
mod outbound;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

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

pub use notification::{
    DIGEST_ALGORITHM, DIGEST_ALGORITHM_HEADER, DIGEST_HEADER, DigestAlgorithm, sign_body,
};
pub use outbound::{SIGNATURE_HEADER, TIME_HEADER, TOKEN_HEADER, sign_request};

/// The name of Sumsub's reports in the ledger.
pub const INTEGRATION: &str = "sumsub";

/// Sumsub's part of the vendors' settings.
#[derive(Clone, Deserialize)]
pub struct Settings {
    /// Keys of the webhook.
    pub webhook_secret: Keys,
    /// How webhooks are signed; others are downgrades.
    #[serde(default)]
    pub digest_algorithm: DigestAlgorithm,
    /// Who we are to Sumsub.
    pub app_token: String,
    /// What our calls are signed with.
    pub secret_key: String,
    /// Where our calls go.
    pub base_url: String,
    /// The level that makes a player verified. Approvals of levels that stand nowhere here do not.
    #[serde(default = "default_level")]
    pub level_name: String,
    /// Jurisdictions with a level of their own, by the names of their rule packs.
    #[serde(default)]
    pub levels: BTreeMap<String, String>,
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
    digest_algorithm: DigestAlgorithm,
    app_token: String,
    secret_key: String,
    base_url: String,
    level_name: String,
    levels: BTreeMap<String, String>,
    live: bool,
}

impl Sumsub {
    /// Reads the keys and the address, once.
    pub fn new(settings: &Settings) -> Result<Self, SettingsError> {
        if !is_header_text(&settings.app_token) || settings.secret_key.is_empty() {
            return Err(SettingsError::App);
        }
        endpoint(&settings.base_url, "/").ok_or(SettingsError::BaseUrl)?;
        Ok(Self {
            webhook_keys: settings.webhook_secret.text().ok_or(SettingsError::WebhookSecret)?,
            digest_algorithm: settings.digest_algorithm,
            app_token: settings.app_token.clone(),
            secret_key: settings.secret_key.clone(),
            base_url: settings.base_url.clone(),
            level_name: settings.level_name.clone(),
            levels: settings.levels.clone(),
            live: settings.live,
        })
    }

    fn level_of(&self, jurisdiction: &str) -> &str {
        self.levels.get(jurisdiction).unwrap_or(&self.level_name)
    }

    /// Whether an approval of this level makes a player verified.
    fn counts(&self, level: &str) -> bool {
        level == self.level_name || self.levels.values().any(|own| own == level)
    }
}

impl IdentityWebhook for Sumsub {
    fn integration(&self) -> &'static str {
        INTEGRATION
    }

    fn verify<'a>(&self, call: RawCall<'a>) -> Result<Authentic<'a>, Unauthentic> {
        notification::verify(self, call)
    }

    fn parse(&self, call: &Authentic<'_>) -> Result<VerificationReport, Malformed> {
        notification::parse(self, call.call().body)
    }

    fn look_up(
        &self,
        reference: &Reference,
        answers: &[InboundAnswer],
        now: Timestamp,
    ) -> Result<Step<Findings>, CallFailure> {
        lookup::step(self, reference, answers, now)
    }

    fn render(&self, receipt: Receipt) -> Reply {
        Reply { status: receipt.status(), content_type: "application/json", body: b"{}".to_vec() }
    }
}

impl IdentityCheck for Sumsub {
    fn level(&self, jurisdiction: &str) -> Option<&str> {
        Some(self.level_of(jurisdiction))
    }

    fn enter(
        &self,
        request: &VerificationRequest,
        answers: &[InboundAnswer],
        now: Timestamp,
    ) -> Result<Step<Entrance>, CallFailure> {
        outbound::step(self, request, answers, now)
    }
}

fn default_level() -> String {
    "basic-kyc-level".to_owned()
}
