//! `TrueLayer`'s Payments API: payments from bank to bank, payouts back to the account that paid, all signed with ES512.

mod jws;
mod keys;
mod notification;
mod outbound;
mod resources;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use domain::{Currency, Timestamp};
use serde::Deserialize;
use url::Url;

use crate::call::{
    Authentic, CallFailure, InboundAnswer, Malformed, OutboundCall, RawCall, Receipt, Reply, is_header_text,
    is_plain_id, web_url,
};
use crate::conversation::Step;
use crate::payments::{
    PayIn, PayOut, PaymentNotice, PaymentPage, PaymentRequest, PaymentWebhook, PayoutRequest, RefundRequest,
    Refunds, StatusQuery, Subject, TakenPayout, TakenRefund,
};
use crate::proof::Unauthentic;

pub use jws::{Signer, public_jwk};
use keys::Published;

/// The name of `TrueLayer`'s notices in the ledger.
pub const INTEGRATION: &str = "truelayer";

/// `TrueLayer`'s part of the vendors' settings.
#[derive(Clone, Deserialize)]
pub struct Settings {
    /// Who we are to `TrueLayer`.
    pub client_id: String,
    /// What proves it.
    pub client_secret: String,
    /// The id of our registered key.
    pub kid: String,
    /// Our private key on P-521, PEM.
    pub private_key_pem: String,
    /// Our accounts with `TrueLayer`: payments come in here, payouts leave from here.
    pub merchant_account_id: MerchantAccounts,
    /// What payers read as the account's holder.
    pub merchant_name: String,
    /// Where our calls go.
    pub base_url: String,
    /// Where access tokens come from.
    pub auth_url: String,
    /// Where players pay.
    pub pages_url: String,
    /// Where `TrueLayer` publishes the keys of its webhooks: no other place is believed.
    pub jwks_url: String,
    /// Where `TrueLayer` notifies us. Its path is signed.
    pub webhook_url: String,
}

/// One account alone, or one for each currency by its code. Other currencies are not served.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub enum MerchantAccounts {
    /// The only one.
    One(String),
    /// Those of each currency.
    ByCurrency(BTreeMap<String, String>),
}

impl MerchantAccounts {
    /// The account of a currency, if there is one.
    fn of(&self, currency: Currency) -> Option<&str> {
        match self {
            Self::One(account) => Some(account),
            Self::ByCurrency(accounts) => accounts.get(currency.code()).map(String::as_str),
        }
    }

    fn are_plain(&self) -> bool {
        match self {
            Self::One(account) => is_plain_id(account),
            Self::ByCurrency(accounts) => {
                let is_fit =
                    |(code, id): (&String, &String)| code.parse::<Currency>().is_ok() && is_plain_id(id);
                !accounts.is_empty() && accounts.iter().all(is_fit)
            }
        }
    }
}

/// Why `TrueLayer`'s settings are of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// We would be nobody to `TrueLayer`.
    #[error(
        "payments.truelayer.client_id, client_secret, kid and merchant_account_id (one, or one by currency) \
         must be plain text"
    )]
    Credentials,
    /// The private key is none.
    #[error("payments.truelayer.private_key_pem must hold a PEM private key on P-521")]
    PrivateKey,
    /// An address is none.
    #[error(
        "payments.truelayer: base_url, auth_url, pages_url, jwks_url and webhook_url must be http or https URLs"
    )]
    Url,
}

/// `TrueLayer`, as configured.
pub struct TrueLayer {
    client_id: String,
    client_secret: String,
    signer: Signer,
    merchant_accounts: MerchantAccounts,
    merchant_name: String,
    base_url: Url,
    token_url: Url,
    pages_url: Url,
    jwks_url: String,
    webhook_path: String,
    published: Published,
}

impl TrueLayer {
    /// Reads the keys and addresses, once.
    pub fn new(settings: &Settings) -> Result<Self, SettingsError> {
        let are_plain = [&settings.client_id, &settings.kid].iter().all(|id| is_plain_id(id))
            && settings.merchant_account_id.are_plain();
        if !are_plain || !is_header_text(&settings.client_secret) {
            return Err(SettingsError::Credentials);
        }
        let url = |text: &str| web_url(text).ok_or(SettingsError::Url);
        let below = |base: &str, path: &str| url(&format!("{}{path}", base.trim_end_matches('/')));
        Ok(Self {
            client_id: settings.client_id.clone(),
            client_secret: settings.client_secret.clone(),
            signer: Signer::new(&settings.kid, &settings.private_key_pem).ok_or(SettingsError::PrivateKey)?,
            merchant_accounts: settings.merchant_account_id.clone(),
            merchant_name: settings.merchant_name.clone(),
            base_url: url(&settings.base_url)?,
            token_url: below(&settings.auth_url, "/connect/token")?,
            pages_url: below(&settings.pages_url, "/payments")?,
            jwks_url: url(&settings.jwks_url).map(|_| settings.jwks_url.clone())?,
            webhook_path: url(&settings.webhook_url)?.path().to_owned(),
            published: Published::default(),
        })
    }
}

impl PaymentWebhook for TrueLayer {
    fn integration(&self) -> &'static str {
        INTEGRATION
    }

    fn missing_keys(&self, call: RawCall<'_>) -> Option<OutboundCall> {
        notification::missing_keys(self, call)
    }

    fn learn_keys(&self, answer: &InboundAnswer) -> Result<(), CallFailure> {
        self.published.learn(answer)
    }

    fn verify<'a>(&self, call: RawCall<'a>, now: Timestamp) -> Result<Authentic<'a>, Unauthentic> {
        notification::verify(self, call, now)
    }

    fn parse(&self, call: &Authentic<'_>) -> Result<Vec<PaymentNotice>, Malformed> {
        Ok(vec![notification::parse(call.call().body)?])
    }

    /// `TrueLayer` takes any 2xx for an acceptance.
    fn render(&self, _call: RawCall<'_>, receipt: Receipt) -> Reply {
        Reply { status: receipt.status(), content_type: "text/plain", body: Vec::new() }
    }
}

impl PayIn for TrueLayer {
    fn wants_payer(&self) -> bool {
        true
    }

    fn open_payment(
        &self,
        request: &PaymentRequest,
        answers: &[InboundAnswer],
        _now: Timestamp,
    ) -> Result<Step<PaymentPage>, CallFailure> {
        outbound::open_payment(self, request, answers)
    }
}

impl PayOut for TrueLayer {
    fn pay_out(
        &self,
        request: &PayoutRequest,
        answers: &[InboundAnswer],
        _now: Timestamp,
    ) -> Result<Step<TakenPayout>, CallFailure> {
        outbound::pay_out(self, request, answers)
    }
}

impl Refunds for TrueLayer {
    fn refund(
        &self,
        request: &RefundRequest,
        answers: &[InboundAnswer],
        _now: Timestamp,
    ) -> Result<Step<TakenRefund>, CallFailure> {
        outbound::refund(self, request, answers)
    }
}

impl StatusQuery for TrueLayer {
    fn look_up(
        &self,
        subject: &Subject,
        answers: &[InboundAnswer],
        _now: Timestamp,
    ) -> Result<Step<Vec<PaymentNotice>>, CallFailure> {
        resources::look_up(self, subject, answers)
    }
}
