//! Adyen: payment links in, bank transfers out, and two kinds of signed webhooks at one address.

mod currency;
pub mod notification;
mod outbound;
mod status;
pub mod transfer;

#[cfg(test)]
mod tests;

use domain::Timestamp;
use serde::Deserialize;
use url::Url;

use crate::call::{
    Authentic, CallFailure, InboundAnswer, Malformed, RawCall, Receipt, Reply, is_header_text, web_url,
};
use crate::conversation::Step;
use crate::keys::Keys;
use crate::payments::{
    PayIn, PayOut, PaymentNotice, PaymentPage, PaymentRequest, PaymentWebhook, PayoutRequest, RefundRequest,
    Refunds, StatusQuery, Subject, TakenPayout, TakenRefund,
};
use crate::proof::Unauthentic;

pub use currency::Amount;

/// The name of Adyen's notices in the ledger.
pub const INTEGRATION: &str = "adyen";

/// Adyen's part of the vendors' settings.
#[derive(Clone, Deserialize)]
pub struct Settings {
    /// Our merchant account: notifications for others are refused.
    pub merchant_account: String,
    /// Keys of the standard webhook, hexadecimal.
    pub hmac_key_hex: Keys,
    /// Keys of the transfer webhook; by default the same.
    pub transfer_hmac_key_hex: Option<Keys>,
    /// Our key for calls to Adyen.
    pub api_key: String,
    /// Our key for transfers; by default the same.
    pub transfer_api_key: Option<String>,
    /// Where payment links are made.
    pub base_url: String,
    /// Where transfers are made; by default the same, which only a sandbox allows.
    pub transfer_base_url: Option<String>,
    /// The balance account that payouts are taken from; without it there are none.
    pub balance_account: Option<String>,
    /// When the merchant account takes authorised money.
    #[serde(default)]
    pub capture: Capture,
    /// Whether this is Adyen's live environment: notifications from the other one are refused.
    #[serde(default)]
    pub live: bool,
}

/// When a merchant account takes authorised money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capture {
    /// With the authorisation.
    #[default]
    Immediate,
    /// When it is told to.
    Manual,
}

/// Why Adyen's settings are of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The merchant account is empty, or could be mistaken in a signed message.
    #[error("payments.adyen.merchant_account must not be empty or hold a colon")]
    MerchantAccount,
    /// A webhook key is missing or not hexadecimal.
    #[error("payments.adyen.hmac_key_hex and transfer_hmac_key_hex must hold keys in hexadecimal")]
    HmacKey,
    /// An API key cannot be sent.
    #[error("payments.adyen.api_key and transfer_api_key must be plain text")]
    ApiKey,
    /// A base URL is none.
    #[error("payments.adyen.base_url and transfer_base_url must be http or https URLs")]
    BaseUrl,
}

/// Adyen, as configured.
pub struct Adyen {
    merchant_account: String,
    capture: Capture,
    live: bool,
    notification_keys: Vec<Vec<u8>>,
    transfer_keys: Vec<Vec<u8>>,
    checkout: Endpoint,
    transfers: Endpoint,
    balance_account: Option<String>,
}

/// Where a kind of call goes, and what opens the door.
struct Endpoint {
    base: Url,
    api_key: String,
}

impl Adyen {
    /// Reads the keys and addresses, once.
    pub fn new(settings: &Settings) -> Result<Self, SettingsError> {
        if settings.merchant_account.is_empty() || settings.merchant_account.contains(':') {
            return Err(SettingsError::MerchantAccount);
        }
        let transfer_keys = settings.transfer_hmac_key_hex.as_ref().unwrap_or(&settings.hmac_key_hex);
        let transfer_base = settings.transfer_base_url.as_ref().unwrap_or(&settings.base_url);
        let transfer_api_key = settings.transfer_api_key.as_ref().unwrap_or(&settings.api_key);
        Ok(Self {
            merchant_account: settings.merchant_account.clone(),
            capture: settings.capture,
            live: settings.live,
            notification_keys: settings.hmac_key_hex.hex().ok_or(SettingsError::HmacKey)?,
            transfer_keys: transfer_keys.hex().ok_or(SettingsError::HmacKey)?,
            checkout: Endpoint::new(&settings.base_url, &settings.api_key)?,
            transfers: Endpoint::new(transfer_base, transfer_api_key)?,
            balance_account: settings.balance_account.clone(),
        })
    }
}

impl Endpoint {
    fn new(base_url: &str, api_key: &str) -> Result<Self, SettingsError> {
        if !is_header_text(api_key) {
            return Err(SettingsError::ApiKey);
        }
        let base = web_url(base_url).ok_or(SettingsError::BaseUrl)?;
        Ok(Self { base, api_key: api_key.to_owned() })
    }
}

impl PaymentWebhook for Adyen {
    fn integration(&self) -> &'static str {
        INTEGRATION
    }

    fn verify<'a>(&self, call: RawCall<'a>, _now: Timestamp) -> Result<Authentic<'a>, Unauthentic> {
        if transfer::is_one(call) { transfer::verify(self, call) } else { notification::verify(self, call) }
    }

    fn parse(&self, call: &Authentic<'_>) -> Result<Vec<PaymentNotice>, Malformed> {
        let call = call.call();
        if transfer::is_one(call) {
            Ok(vec![transfer::parse(call.body)?])
        } else {
            notification::parse(self, call.body)
        }
    }

    /// Adyen takes any 2xx, or this very text, for an acceptance.
    fn render(&self, _call: RawCall<'_>, receipt: Receipt) -> Reply {
        let body = match receipt {
            Receipt::Accepted => "[accepted]",
            Receipt::NotAuthentic => "not authentic",
            Receipt::Malformed => "malformed",
            Receipt::Unavailable => "unavailable",
        };
        Reply { status: receipt.status(), content_type: "text/plain", body: body.into() }
    }
}

impl PayIn for Adyen {
    fn open_payment(
        &self,
        request: &PaymentRequest,
        answers: &[InboundAnswer],
        _now: Timestamp,
    ) -> Result<Step<PaymentPage>, CallFailure> {
        outbound::open_payment(self, request, answers)
    }
}

impl PayOut for Adyen {
    fn wants_holder(&self) -> bool {
        true
    }

    fn pay_out(
        &self,
        request: &PayoutRequest,
        answers: &[InboundAnswer],
        _now: Timestamp,
    ) -> Result<Step<TakenPayout>, CallFailure> {
        outbound::pay_out(self, request, answers)
    }
}

impl Refunds for Adyen {
    fn refund(
        &self,
        request: &RefundRequest,
        answers: &[InboundAnswer],
        _now: Timestamp,
    ) -> Result<Step<TakenRefund>, CallFailure> {
        outbound::refund(self, request, answers)
    }
}

impl StatusQuery for Adyen {
    fn look_up(
        &self,
        subject: &Subject,
        answers: &[InboundAnswer],
        _now: Timestamp,
    ) -> Result<Step<Vec<PaymentNotice>>, CallFailure> {
        status::look_up(self, subject, answers)
    }
}
