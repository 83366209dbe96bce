//! Adyen's side: the payment page in the sandbox, and notifications signed as Adyen signs them.

use serde_json::{Value, json};
use vendors::payments::adyen::Amount;
use vendors::payments::adyen::notification::{Item, signed_notification};
use vendors::payments::adyen::transfer::{PROTOCOL, PROTOCOL_HEADER, SIGNATURE_HEADER, sign_body};

use super::{Answer, Call, Client, Failure, fresh_id};
use crate::sandbox::adyen::SandboxConfig;

const WEBHOOK: &str = "/webhooks/payments/adyen";

/// Adyen, as the platform sees it.
pub struct AdyenSide {
    client: Client,
    config: SandboxConfig,
}

impl AdyenSide {
    /// Adyen with the keys of the vendors' settings.
    pub fn new(client: &Client, vendors: &Value) -> Result<Self, Failure> {
        let config =
            SandboxConfig::from_vendors(vendors, client.url()).map_err(|e| Failure(e.to_string()))?;
        let config =
            config.ok_or_else(|| Failure("the vendor settings lead to no sandbox of Adyen".to_owned()))?;
        Ok(Self { client: client.clone(), config })
    }

    /// Does on the sandbox's payment page what a player would: `pay`, `pay_twice`, `decline`, `cancel`, `expire`.
    pub async fn choose(&self, redirect_url: &str, outcome: &str) -> Result<Answer, Failure> {
        let page = redirect_url.replacen("/pay/", "/api/pay/", 1);
        self.client.send(Call::post(page).json(&json!({"outcome": outcome}))).await
    }

    /// An authorisation of a deposit; nothing is wrong with it.
    #[must_use]
    pub fn authorisation(&self, deposit: &str, minor: i64, currency: &str) -> Item {
        Item {
            psp_reference: Some(fresh_id().replace('-', "").to_uppercase()),
            merchant_account_code: Some(self.config.settings.merchant_account.clone()),
            merchant_reference: Some(deposit.to_owned()),
            amount: Some(Amount { value: minor, currency: currency.to_owned() }),
            event_code: Some("AUTHORISATION".to_owned()),
            event_date: Some(crate::clock::now().to_string()),
            success: Some("true".to_owned()),
            ..Item::default()
        }
    }

    /// Signs items and sends them in one notification.
    pub async fn notify(&self, items: Vec<Item>) -> Result<Answer, Failure> {
        self.client.send(Self::unsigned(&self.signed(items))).await
    }

    /// The body of a notification, signed.
    #[must_use]
    pub fn signed(&self, items: Vec<Item>) -> Value {
        json!(signed_notification(items, self.config.settings.live, &self.config.notification_key))
    }

    /// A notification as it stands.
    #[must_use]
    pub fn unsigned(body: &Value) -> Call {
        Self::webhook(body.to_string())
    }

    /// Bytes to Adyen's webhook.
    #[must_use]
    pub fn webhook(body: impl Into<Vec<u8>>) -> Call {
        Call::post(WEBHOOK).bytes("application/json", body)
    }

    /// Tells what became of a payout, signed.
    pub async fn notify_transfer(&self, transfer: &Value) -> Result<Answer, Failure> {
        self.client.send(self.signed_transfer(transfer.to_string().into_bytes())).await
    }

    /// Bytes to Adyen's webhook, signed as those of transfers are.
    #[must_use]
    pub fn signed_transfer(&self, body: Vec<u8>) -> Call {
        let signature = sign_body(&body, &self.config.transfer_key);
        Self::webhook(body).header(SIGNATURE_HEADER, &signature).header(PROTOCOL_HEADER, PROTOCOL)
    }
}
