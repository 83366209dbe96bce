//! __Name__: identity checks on a page of its own, verdicts by signed JSON, what was read from documents by signed calls.
//!
//! This is where every identity vendor begins: a plain protocol that works. Make it say what __Name__'s documents say.

mod calls;
#[cfg(test)]
mod tests;
mod verification;

use domain::Timestamp;
use ring::hmac;
use serde::Deserialize;

use crate::call::{self, Authentic, CallFailure, InboundAnswer, Malformed, RawCall, Receipt, Reply};
use crate::conversation::Step;
use crate::keys::Keys;
use crate::kyc::{
    Entrance, Findings, IdentityCheck, IdentityWebhook, Reference, VerificationReport, VerificationRequest,
};
use crate::proof::{self, Unauthentic};

/// The name of __Name__'s reports in the ledger.
pub const INTEGRATION: &str = "__name__";

/// Carries the signature, in hexadecimal, in both directions.
pub const SIGNATURE_HEADER: &str = "x-__name__-signature";

const MOST_BYTES: usize = 256 * 1024;

/// __Name__'s part of the vendors' settings.
#[derive(Clone, Deserialize)]
pub struct Settings {
    /// The shared secret: one, or several while a new one is phased in. The first signs our calls.
    pub secret: Keys,
    /// Where our calls go.
    pub base_url: String,
}

/// Why __Name__'s settings are of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// There is no secret, or an empty one.
    #[error("kyc.__name__.secret must hold secrets, none of them empty")]
    Secret,
    /// The base URL is none.
    #[error("kyc.__name__.base_url must be an http or https URL")]
    BaseUrl,
}

/// __Name__, as configured.
pub struct __Name__ {
    secrets: Vec<Vec<u8>>,
    /// The secret that signs our calls.
    our_secret: Vec<u8>,
    base_url: String,
}

impl __Name__ {
    /// Reads the settings, once.
    pub fn new(settings: &Settings) -> Result<Self, SettingsError> {
        let secrets = settings.secret.text().ok_or(SettingsError::Secret)?;
        call::endpoint(&settings.base_url, "/").ok_or(SettingsError::BaseUrl)?;
        Ok(Self {
            our_secret: secrets.first().cloned().ok_or(SettingsError::Secret)?,
            secrets,
            base_url: settings.base_url.clone(),
        })
    }
}

impl IdentityWebhook for __Name__ {
    fn integration(&self) -> &'static str {
        INTEGRATION
    }

    fn verify<'a>(&self, call: RawCall<'a>) -> Result<Authentic<'a>, Unauthentic> {
        let signature = call.header(SIGNATURE_HEADER).filter(|_| call.body.len() <= MOST_BYTES);
        let signature = hex::decode(signature.ok_or(Unauthentic)?).map_err(|_| Unauthentic)?;
        proof::hmac_sha256(call, &self.secrets, call.body, &signature)
    }

    fn parse(&self, call: &Authentic<'_>) -> Result<VerificationReport, Malformed> {
        verification::report(call.call().body)
    }

    fn look_up(
        &self,
        reference: &Reference,
        answers: &[InboundAnswer],
        _now: Timestamp,
    ) -> Result<Step<Findings>, CallFailure> {
        calls::look_up(self, reference, answers)
    }

    fn render(&self, receipt: Receipt) -> Reply {
        Reply { status: receipt.status(), content_type: "application/json", body: b"{}".to_vec() }
    }
}

impl IdentityCheck for __Name__ {
    /// __Name__ is told the jurisdiction, and has no name of its own for what it checks there.
    fn level(&self, _jurisdiction: &str) -> Option<&str> {
        None
    }

    fn enter(
        &self,
        request: &VerificationRequest,
        answers: &[InboundAnswer],
        _now: Timestamp,
    ) -> Result<Step<Entrance>, CallFailure> {
        calls::enter(self, request, answers)
    }
}

/// Signs a message as either side does.
#[must_use]
pub fn sign(message: &[u8], secret: &[u8]) -> String {
    hex::encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message))
}
