//! Adyen's side of its protocols: payment pages in the browser, bank transfers, and the webhooks that follow.

mod links;
mod refunds;
mod transfers;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::{
    Form, Json, Router,
    body::Bytes,
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;
use vendors::payments::adyen::notification::{AdditionalData, Item, signed_notification};
use vendors::payments::adyen::{Amount, Settings};

use super::delivery::{Courier, Webhook};
use super::page::page;
use super::wallets;
use links::{Link, LinkStatus, Links, Outcome};
use refunds::Refunds;
use transfers::Transfers;

/// What the sandbox needs to play Adyen.
pub struct SandboxConfig {
    /// Where browsers find this sandbox.
    pub base_url: String,
    /// Where the platform takes Adyen's webhooks.
    pub webhook_url: String,
    /// The platform's settings for Adyen, and so what Adyen knows of the platform.
    pub settings: Settings,
    /// Signs notifications of payments.
    pub notification_key: Vec<u8>,
    /// Signs notifications of transfers.
    pub transfer_key: Vec<u8>,
}

/// Why the sandbox cannot play Adyen.
#[derive(Debug, thiserror::Error)]
#[error("vendor settings for the Adyen sandbox: {0}")]
pub struct SandboxError(String);

impl SandboxConfig {
    /// Reads the vendors' settings. None if their calls to Adyen do not lead to a sandbox: then the real one is meant.
    pub fn from_vendors(vendors: &Value, platform_url: &str) -> Result<Option<Self>, SandboxError> {
        const PLACE: &str = "/sandbox/adyen";
        let base_url = vendors.pointer("/payments/adyen/base_url").and_then(Value::as_str);
        let base_url = base_url.map(|url| url.trim_end_matches('/')).filter(|url| url.ends_with(PLACE));
        let Some(base_url) = base_url else { return Ok(None) };
        let settings = vendors.pointer("/payments/adyen").cloned().unwrap_or_default();
        let settings: Settings = serde_json::from_value(settings).map_err(|e| SandboxError(e.to_string()))?;
        let transfer_keys = settings.transfer_hmac_key_hex.as_ref().unwrap_or(&settings.hmac_key_hex);
        let key = |keys: Option<Vec<Vec<u8>>>| {
            let newest = keys.and_then(|mut keys| keys.pop());
            newest.ok_or_else(|| SandboxError("the HMAC keys must be hexadecimal".to_owned()))
        };
        Ok(Some(Self {
            base_url: base_url.to_owned(),
            webhook_url: format!("{platform_url}/webhooks/payments/adyen"),
            notification_key: key(settings.hmac_key_hex.hex())?,
            transfer_key: key(transfer_keys.hex())?,
            settings,
        }))
    }
}

/// The sandbox's routes, to be nested where `base_url` says.
pub fn router(config: SandboxConfig) -> Router {
    let courier = Courier::new(config.webhook_url.clone());
    let sandbox = Sandbox {
        config,
        courier,
        links: Links::default(),
        transfers: Transfers::default(),
        refunds: Refunds::default(),
    };
    Router::new()
        .route("/v71/paymentLinks", post(open_link))
        .route("/pay/{id}", get(show_link).post(choose))
        .route("/api/pay/{id}", post(choose_by_script))
        .route("/v71/paymentLinks/{id}", get(tell_link))
        .route("/v71/payments/{payment}/refunds", post(refunds::make))
        .route("/btl/v4/transfers", post(transfers::make))
        .route("/btl/v4/transfers/{id}", get(transfers::tell))
        .with_state(Arc::new(sandbox))
}

struct Sandbox {
    config: SandboxConfig,
    courier: Courier,
    links: Links,
    transfers: Transfers,
    refunds: Refunds,
}

/// What the platform asks for when a player wants to pay.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LinkBody {
    amount: Amount,
    merchant_account: String,
    reference: String,
    return_url: String,
    #[serde(default)]
    shopper_reference: String,
    expires_at: Option<jiff::Timestamp>,
}

/// What came of a choice on the payment page.
#[derive(Serialize)]
struct Chosen {
    /// Adyen's id of what happened.
    psp_reference: String,
    /// How far the link is now.
    status: LinkStatus,
    /// Whether the platform took the notification at once. If not, it is sent again.
    delivered: bool,
}

async fn open_link(
    State(sandbox): State<Arc<Sandbox>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let settings = &sandbox.config.settings;
    check_api_key(&headers, &settings.api_key)?;
    let asked: LinkBody = read(&body)?;
    if asked.merchant_account != settings.merchant_account {
        return Err(Refusal(StatusCode::FORBIDDEN, "901", "invalid merchant account"));
    }
    check_amount(&asked.amount)?;
    if !asked.return_url.starts_with("http://") && !asked.return_url.starts_with("https://") {
        return Err(Refusal(StatusCode::UNPROCESSABLE_ENTITY, "14_030", "returnUrl is not a web address"));
    }
    let link = Link {
        amount: asked.amount,
        reference: asked.reference,
        return_url: asked.return_url,
        shopper_reference: asked.shopper_reference,
        expires_at: asked.expires_at,
        status: LinkStatus::Active,
    };
    let (id, is_new) = sandbox.links.open(idempotency_key(&headers), link.clone());
    if is_new && let Some(expires_at) = link.expires_at {
        tokio::spawn(close_in_time(sandbox.clone(), id.clone(), expires_at));
    }
    let answer = json!({
        "id": id,
        "url": format!("{}/pay/{id}", sandbox.config.base_url),
        "status": link.status,
        "amount": link.amount,
        "merchantAccount": settings.merchant_account,
        "reference": link.reference,
    });
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

async fn tell_link(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    check_api_key(&headers, &sandbox.config.settings.api_key)?;
    let link = sandbox.links.get(&id).ok_or(Refusal(StatusCode::NOT_FOUND, "158", "no such payment link"))?;
    let Link { amount, reference, status, .. } = link;
    Ok(Json(json!({"id": id, "reference": reference, "status": status, "amount": amount})))
}

async fn show_link(State(sandbox): State<Arc<Sandbox>>, Path(id): Path<String>) -> Response {
    match sandbox.links.get(&id) {
        Some(link) if link.status == LinkStatus::Active => page(
            include_str!("adyen/pay.html"),
            &[
                ("amount", &shown(&link.amount)),
                ("merchant", &sandbox.config.settings.merchant_account),
                ("reference", &link.reference),
            ],
        ),
        other => closed(other.as_ref()),
    }
}

/// What the page's buttons say.
#[derive(Deserialize)]
struct Choice {
    outcome: Outcome,
}

async fn choose(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
    Form(Choice { outcome }): Form<Choice>,
) -> Response {
    match sandbox.settle(&id, outcome).await {
        Some((link, _)) => Redirect::to(&link.return_url).into_response(),
        None => closed(sandbox.links.get(&id).as_ref()),
    }
}

async fn choose_by_script(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Chosen>, Refusal> {
    let Choice { outcome } = read(&body)?;
    let gone = Refusal(StatusCode::CONFLICT, "closed", "there is no such link, or it is closed");
    sandbox.settle(&id, outcome).await.map(|(_, chosen)| Json(chosen)).ok_or(gone)
}

async fn close_in_time(sandbox: Arc<Sandbox>, id: String, expires_at: jiff::Timestamp) {
    let left = expires_at.duration_since(crate::clock::now());
    tokio::time::sleep(left.try_into().unwrap_or_default()).await;
    sandbox.settle(&id, Outcome::Expire).await;
}

impl Sandbox {
    /// Brings a link to an outcome and tells the platform. None if there is no such link, or it is closed.
    async fn settle(&self, id: &str, outcome: Outcome) -> Option<(Link, Chosen)> {
        let link = self.links.settle(id, outcome)?;
        let psp_reference = fresh_reference();
        if outcome == Outcome::PayClosed {
            self.refunds.refuse(&psp_reference);
        }
        let webhook = self.notification(&link, outcome, &psp_reference);
        let delivered = if outcome == Outcome::PayLost {
            false
        } else if outcome == Outcome::PayTwice {
            let (first, second) =
                tokio::join!(self.courier.deliver(webhook.clone()), self.courier.deliver(webhook));
            first && second
        } else {
            self.courier.deliver(webhook).await
        };
        let status = link.status;
        Some((link, Chosen { psp_reference, status, delivered }))
    }

    fn notification(&self, link: &Link, outcome: Outcome, psp_reference: &str) -> Webhook {
        let (event_code, success) = outcome.event();
        self.signed(Item {
            psp_reference: Some(psp_reference.to_owned()),
            merchant_account_code: Some(self.config.settings.merchant_account.clone()),
            merchant_reference: Some(link.reference.clone()),
            amount: Some(link.amount.clone()),
            event_code: Some(event_code.to_owned()),
            event_date: Some(crate::clock::now().to_string()),
            success: Some(success.to_string()),
            payment_method: (success && event_code == "AUTHORISATION").then(|| "visa".to_owned()),
            additional_data: (success && event_code == "AUTHORISATION").then(|| card(link, outcome)),
            ..Item::default()
        })
    }

    fn signed(&self, item: Item) -> Webhook {
        let call = signed_notification(vec![item], self.config.settings.live, &self.config.notification_key);
        Webhook { headers: Vec::new(), body: json!(call).to_string().into_bytes() }
    }
}

/// The card of whoever pays: everybody has one, and another one for each special purpose.
fn card(link: &Link, outcome: Outcome) -> AdditionalData {
    let owner = link.shopper_reference.rsplit('_').next().unwrap_or_default();
    let (funding, ending) = match outcome {
        Outcome::PayCredit => ("CREDIT", "4242"),
        Outcome::PayClosed => ("DEBIT", "0000"),
        _ => ("DEBIT", "1111"),
    };
    let purse = wallets::purse(if outcome == Outcome::PayShared { "pay_shared" } else { "pay" }, owner);
    AdditionalData {
        card_summary: Some(ending.to_owned()),
        funding_source: Some(funding.to_owned()),
        // A token is a shopper's own; the alias is the card's, whoever pays with it.
        stored_payment_method_id: Some(format!("{owner}{ending}")),
        alias: Some(format!("A{}{ending}", wallets::digits(purse, 11))),
        ..AdditionalData::default()
    }
}

/// An id in Adyen's manner.
fn fresh_reference() -> String {
    Uuid::new_v4().simple().to_string().chars().take(16).collect::<String>().to_uppercase()
}

fn shown(amount: &Amount) -> String {
    amount.money().map_or_else(|_| format!("{} {}", amount.value, amount.currency), |money| money.to_string())
}

fn closed(link: Option<&Link>) -> Response {
    let (note, return_url) = match link {
        Some(link) => (link.status.note(), link.return_url.as_str()),
        None => ("This payment link is not known here.", "/"),
    };
    page(include_str!("adyen/closed.html"), &[("note", note), ("return_url", return_url)])
}

fn idempotency_key(headers: &HeaderMap) -> Option<String> {
    headers.get("idempotency-key").and_then(|key| key.to_str().ok()).map(str::to_owned)
}

fn check_api_key(headers: &HeaderMap, expected: &str) -> Result<(), Refusal> {
    let shown = headers.get("x-api-key").map(http::HeaderValue::as_bytes);
    if shown == Some(expected.as_bytes()) {
        Ok(())
    } else {
        Err(Refusal(StatusCode::UNAUTHORIZED, "000", "the API key is missing or wrong"))
    }
}

fn check_amount(amount: &Amount) -> Result<(), Refusal> {
    match amount.money() {
        Ok(money) if money.is_positive() => Ok(()),
        _ => Err(Refusal(StatusCode::UNPROCESSABLE_ENTITY, "137", "invalid amount specified")),
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|_| {
        Refusal(StatusCode::UNPROCESSABLE_ENTITY, "702", "a field is missing or of another type")
    })
}

/// How Adyen refuses a call: a status, a code and a text.
struct Refusal(StatusCode, &'static str, &'static str);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self(status, code, message) = self;
        let body = json!({
            "status": status.as_u16(), "errorCode": code, "message": message, "errorType": "validation",
        });
        (status, Json(body)).into_response()
    }
}
