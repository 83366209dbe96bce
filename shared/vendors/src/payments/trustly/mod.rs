//! Trustly in Europe: JSON-RPC both ways, each message signed with RSA over its method, its id and its data.

mod canon;
mod notification;
mod outbound;
mod seal;

#[cfg(test)]
mod tests;

use serde::Deserialize;
use url::Url;

use crate::call::{Authentic, CallFailure, InboundAnswer, Malformed, RawCall, Receipt, Reply, web_url};
use crate::conversation::Step;
use crate::keys::Keys;
use crate::payments::{
    PayIn, PayOut, PaymentNotice, PaymentPage, PaymentRequest, PaymentWebhook, PayoutRequest, RefundRequest,
    Refunds, StatusQuery, Subject, TakenPayout, TakenRefund,
};
use crate::proof::Unauthentic;
use crate::rsa;

pub use canon::Data;
pub use seal::{Hash, Seal};

/// The name of Trustly's notices in the ledger.
pub const INTEGRATION: &str = "trustly";

/// Trustly's part of the vendors' settings.
#[derive(Clone, Deserialize)]
pub struct Settings {
    /// Who we are to Trustly.
    pub username: String,
    /// What proves it, beside our signature.
    pub password: String,
    /// Our private key, PEM.
    pub private_key_pem: String,
    /// Trustly's public keys, PEM: one, or several while a new one is phased in. Test and live have different ones.
    pub public_key_pem: Keys,
    /// The hashes that Trustly may sign with. Ours are signed with SHA-256.
    #[serde(default = "usual_hashes")]
    pub accepted_hashes: Vec<Hash>,
    /// Where our calls go.
    pub base_url: String,
    /// Where Trustly notifies us: hard to guess, without a query.
    pub webhook_url: String,
    /// What players read on their bank statements.
    pub shopper_statement: String,
    /// The language of Trustly's pages.
    #[serde(default = "usual_locale")]
    pub locale: String,
}

/// Why Trustly's settings are of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// We would be nobody to Trustly.
    #[error("payments.trustly.username and password must not be empty")]
    Credentials,
    /// There is no public key, or one is not an RSA key of at least 2048 bits in PEM.
    #[error("payments.trustly.public_key_pem must hold PEM public keys for RSA, 2048 bits or more")]
    PublicKey,
    /// The private key is not an RSA key in PEM.
    #[error("payments.trustly.private_key_pem must hold a PEM private key for RSA, 2048 to 4096 bits")]
    PrivateKey,
    /// No hash is accepted.
    #[error("payments.trustly.accepted_hashes must name a hash")]
    Hashes,
    /// An address is none, or the webhook's has a query.
    #[error(
        "payments.trustly.base_url and webhook_url must be http or https URLs, the latter without a query"
    )]
    Url,
}

/// Trustly, as configured.
pub struct Trustly {
    username: String,
    password: String,
    seal: Seal,
    endpoint: Url,
    webhook_url: String,
    shopper_statement: String,
    locale: String,
}

impl Trustly {
    /// Reads the keys and addresses, once.
    pub fn new(settings: &Settings) -> Result<Self, SettingsError> {
        if settings.username.is_empty() || settings.password.is_empty() {
            return Err(SettingsError::Credentials);
        }
        if settings.accepted_hashes.is_empty() {
            return Err(SettingsError::Hashes);
        }
        let webhook_url = web_url(&settings.webhook_url).filter(|url| url.query().is_none());
        Ok(Self {
            username: settings.username.clone(),
            password: settings.password.clone(),
            seal: Seal::new(
                rsa::private_key(&settings.private_key_pem).ok_or(SettingsError::PrivateKey)?,
                settings.public_key_pem.read(rsa::public_key).ok_or(SettingsError::PublicKey)?,
                settings.accepted_hashes.clone(),
            ),
            endpoint: web_url(&settings.base_url).ok_or(SettingsError::Url)?,
            webhook_url: webhook_url.ok_or(SettingsError::Url)?.to_string(),
            shopper_statement: settings.shopper_statement.clone(),
            locale: settings.locale.clone(),
        })
    }
}

impl PaymentWebhook for Trustly {
    fn integration(&self) -> &'static str {
        INTEGRATION
    }

    fn verify<'a>(&self, call: RawCall<'a>, _now: domain::Timestamp) -> Result<Authentic<'a>, Unauthentic> {
        notification::verify(self, call)
    }

    fn parse(&self, call: &Authentic<'_>) -> Result<Vec<PaymentNotice>, Malformed> {
        Ok(vec![notification::parse(call.call().body)?])
    }

    fn render(&self, call: RawCall<'_>, receipt: Receipt) -> Reply {
        notification::render(self, call.body, receipt)
    }
}

impl PayIn for Trustly {
    fn wants_payer(&self) -> bool {
        true
    }

    fn open_payment(
        &self,
        request: &PaymentRequest,
        answers: &[InboundAnswer],
        _now: domain::Timestamp,
    ) -> Result<Step<PaymentPage>, CallFailure> {
        outbound::open_payment(self, request, answers)
    }
}

impl PayOut for Trustly {
    fn pay_out(
        &self,
        request: &PayoutRequest,
        answers: &[InboundAnswer],
        _now: domain::Timestamp,
    ) -> Result<Step<TakenPayout>, CallFailure> {
        outbound::pay_out(self, request, answers)
    }
}

impl Refunds for Trustly {
    fn refund(
        &self,
        request: &RefundRequest,
        answers: &[InboundAnswer],
        _now: domain::Timestamp,
    ) -> Result<Step<TakenRefund>, CallFailure> {
        outbound::refund(self, request, answers)
    }
}

impl StatusQuery for Trustly {
    fn look_up(
        &self,
        subject: &Subject,
        answers: &[InboundAnswer],
        now: domain::Timestamp,
    ) -> Result<Step<Vec<PaymentNotice>>, CallFailure> {
        outbound::look_up(self, subject, answers, now)
    }
}

/// What Trustly signs with by default, and what it signs with when it was asked to.
fn usual_hashes() -> Vec<Hash> {
    vec![Hash::Sha1, Hash::Sha256]
}

fn usual_locale() -> String {
    "en_GB".to_owned()
}
