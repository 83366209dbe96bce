//! __Name__: payments on a page of its own, payouts and refunds, all in signed JSON.
//!
//! This is where every payment provider begins: a plain protocol that works. Make it say what __Name__'s documents say.
//! What __Name__ cannot do (payouts, refunds, questions) its trait refuses, before anything is sent.

mod calls;
mod event;
#[cfg(test)]
mod tests;

use domain::Timestamp;
use ring::hmac;
use serde::Deserialize;

use crate::call::{self, Authentic, CallFailure, InboundAnswer, Malformed, RawCall, Receipt, Reply};
use crate::conversation::Step;
use crate::keys::Keys;
use crate::payments::{
    PayIn, PayOut, PaymentNotice, PaymentPage, PaymentRequest, PaymentWebhook, PayoutRequest, RefundRequest,
    Refunds, StatusQuery, Subject, TakenPayout, TakenRefund,
};
use crate::proof::{self, Unauthentic};

/// The name of __Name__'s notices in the ledger.
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
    #[error("payments.__name__.secret must hold secrets, none of them empty")]
    Secret,
    /// The base URL is none.
    #[error("payments.__name__.base_url must be an http or https URL")]
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

impl PaymentWebhook for __Name__ {
    fn integration(&self) -> &'static str {
        INTEGRATION
    }

    fn verify<'a>(&self, call: RawCall<'a>, _now: Timestamp) -> Result<Authentic<'a>, Unauthentic> {
        let signature = call.header(SIGNATURE_HEADER).filter(|_| call.body.len() <= MOST_BYTES);
        let signature = hex::decode(signature.ok_or(Unauthentic)?).map_err(|_| Unauthentic)?;
        proof::hmac_sha256(call, &self.secrets, call.body, &signature)
    }

    fn parse(&self, call: &Authentic<'_>) -> Result<Vec<PaymentNotice>, Malformed> {
        Ok(vec![event::read(call.call().body)?])
    }

    fn render(&self, _call: RawCall<'_>, receipt: Receipt) -> Reply {
        Reply { status: receipt.status(), content_type: "text/plain", body: Vec::new() }
    }
}

impl PayIn for __Name__ {
    fn open_payment(
        &self,
        request: &PaymentRequest,
        answers: &[InboundAnswer],
        _now: Timestamp,
    ) -> Result<Step<PaymentPage>, CallFailure> {
        calls::open_payment(self, request, answers)
    }
}

impl PayOut for __Name__ {
    fn pay_out(
        &self,
        request: &PayoutRequest,
        answers: &[InboundAnswer],
        _now: Timestamp,
    ) -> Result<Step<TakenPayout>, CallFailure> {
        calls::pay_out(self, request, answers)
    }
}

impl Refunds for __Name__ {
    fn refund(
        &self,
        request: &RefundRequest,
        answers: &[InboundAnswer],
        _now: Timestamp,
    ) -> Result<Step<TakenRefund>, CallFailure> {
        calls::refund(self, request, answers)
    }
}

impl StatusQuery for __Name__ {
    /// Everything is asked for by our own reference.
    fn finds_payouts(&self) -> bool {
        true
    }

    fn look_up(
        &self,
        subject: &Subject,
        answers: &[InboundAnswer],
        _now: Timestamp,
    ) -> Result<Step<Vec<PaymentNotice>>, CallFailure> {
        calls::look_up(self, subject, answers)
    }
}

/// Signs a message as either side does.
#[must_use]
pub fn sign(message: &[u8], secret: &[u8]) -> String {
    hex::encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message))
}
