//! Nuvei: payment pages in a signed link, notifications (DMNs) as forms, and calls with a checksum of their fields.

mod checksum;
mod notification;
mod outbound;
mod page;
mod records;

#[cfg(test)]
mod tests;

use domain::Timestamp;
use serde::Deserialize;
use url::Url;

use crate::call::{
    Authentic, CallFailure, InboundAnswer, Malformed, RawCall, Receipt, Reply, endpoint, is_plain_id, web_url,
};
use crate::conversation::Step;
use crate::keys::Keys;
use crate::payments::{
    PayIn, PayOut, PaymentNotice, PaymentPage, PaymentRequest, PaymentWebhook, PayoutRequest, RefundRequest,
    Refunds, StatusQuery, Subject, TakenPayout, TakenRefund,
};
use crate::proof::Unauthentic;

pub use checksum::checksum;
pub use notification::{Dmn, signed_dmn};
pub use page::PAGE_PATH;

/// The name of Nuvei's notices in the ledger.
pub const INTEGRATION: &str = "nuvei";

/// Nuvei's part of the vendors' settings.
#[derive(Clone, Deserialize)]
pub struct Settings {
    /// Who we are to Nuvei.
    pub merchant_id: String,
    /// Which of our sites: notifications for others are refused.
    pub merchant_site_id: String,
    /// The secret keys of the checksums: the first one is for our calls, any of them for theirs.
    pub secret_key: Keys,
    /// Where pages and calls go.
    pub base_url: String,
    /// Where Nuvei notifies us.
    pub webhook_url: String,
}

/// Why Nuvei's settings are of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// An id is none.
    #[error("payments.nuvei.merchant_id and merchant_site_id must be plain text")]
    Merchant,
    /// A secret key is missing.
    #[error("payments.nuvei.secret_key must hold keys")]
    SecretKey,
    /// An address is none.
    #[error("payments.nuvei.base_url and webhook_url must be http or https URLs")]
    Url,
}

/// Nuvei, as configured.
pub struct Nuvei {
    merchant_id: String,
    merchant_site_id: String,
    secret_keys: Vec<Vec<u8>>,
    our_secret: Vec<u8>,
    page_url: Url,
    api_url: String,
    webhook_url: String,
}

impl Nuvei {
    /// Reads the keys and addresses, once.
    pub fn new(settings: &Settings) -> Result<Self, SettingsError> {
        if !is_plain_id(&settings.merchant_id) || !is_plain_id(&settings.merchant_site_id) {
            return Err(SettingsError::Merchant);
        }
        let secret_keys = settings.secret_key.text().ok_or(SettingsError::SecretKey)?;
        let api_url = endpoint(&settings.base_url, "/ppp/api/v1").ok_or(SettingsError::Url)?;
        Ok(Self {
            merchant_id: settings.merchant_id.clone(),
            merchant_site_id: settings.merchant_site_id.clone(),
            our_secret: secret_keys.first().cloned().ok_or(SettingsError::SecretKey)?,
            secret_keys,
            page_url: endpoint(&settings.base_url, PAGE_PATH).ok_or(SettingsError::Url)?,
            api_url: api_url.to_string(),
            webhook_url: web_url(&settings.webhook_url).ok_or(SettingsError::Url)?.to_string(),
        })
    }
}

impl PaymentWebhook for Nuvei {
    fn integration(&self) -> &'static str {
        INTEGRATION
    }

    fn verify<'a>(&self, call: RawCall<'a>, _now: Timestamp) -> Result<Authentic<'a>, Unauthentic> {
        notification::verify(self, call)
    }

    fn parse(&self, call: &Authentic<'_>) -> Result<Vec<PaymentNotice>, Malformed> {
        Ok(vec![notification::parse(call.call().body)?])
    }

    /// Nuvei takes 200 for an acceptance.
    fn render(&self, _call: RawCall<'_>, receipt: Receipt) -> Reply {
        let body = if receipt == Receipt::Accepted { "OK" } else { "" };
        Reply { status: receipt.status(), content_type: "text/plain", body: body.into() }
    }
}

impl PayIn for Nuvei {
    fn open_payment(
        &self,
        request: &PaymentRequest,
        _answers: &[InboundAnswer],
        now: Timestamp,
    ) -> Result<Step<PaymentPage>, CallFailure> {
        Ok(Step::Done(page::open(self, request, now)?))
    }
}

impl PayOut for Nuvei {
    fn pay_out(
        &self,
        request: &PayoutRequest,
        answers: &[InboundAnswer],
        now: Timestamp,
    ) -> Result<Step<TakenPayout>, CallFailure> {
        outbound::pay_out(self, request, answers, now)
    }
}

impl Refunds for Nuvei {
    fn refund(
        &self,
        request: &RefundRequest,
        answers: &[InboundAnswer],
        now: Timestamp,
    ) -> Result<Step<TakenRefund>, CallFailure> {
        outbound::refund(self, request, answers, now)
    }
}

impl StatusQuery for Nuvei {
    fn finds_payouts(&self) -> bool {
        true
    }

    fn look_up(
        &self,
        subject: &Subject,
        answers: &[InboundAnswer],
        now: Timestamp,
    ) -> Result<Step<Vec<PaymentNotice>>, CallFailure> {
        records::look_up(self, subject, answers, now)
    }
}
