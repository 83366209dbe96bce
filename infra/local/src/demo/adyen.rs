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
        Call::post(WEBHOOK).json(body)
    }

    /// Tells what became of a payout, signed.
    pub async fn notify_transfer(&self, transfer: &Value) -> Result<Answer, Failure> {
        let body = transfer.to_string().into_bytes();
        let signature = sign_body(&body, &self.config.transfer_key);
        let call = Call::post(WEBHOOK).bytes("application/json", body);
        self.client.send(call.header(SIGNATURE_HEADER, &signature).header(PROTOCOL_HEADER, PROTOCOL)).await
    }
}
