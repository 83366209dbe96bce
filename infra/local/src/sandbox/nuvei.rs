//! Nuvei's side of its protocol: the payment page, refunds, payouts, records, and notifications with their checksums. A
//! payout to an instrument that ends in 0000 is one that the bank refuses; a refund to it is declined at once.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    Form, Json, Router,
    body::Bytes,
    extract::{Path, RawQuery, State},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};
use vendors::payments::nuvei::{Dmn, PAGE_PATH, Settings, checksum, signed_dmn};

use super::delivery::{Courier, Way, Webhook};
use super::page::page;
use super::wallets;

const PLACE: &str = "/sandbox/nuvei";
/// How long a bank takes here.
const A_MOMENT: Duration = Duration::from_millis(1_500);
const REFUSED_ENDS: &str = "0000";
/// The instrument that everybody pays with.
const INSTRUMENT: &str = "70123456";
/// One that takes no money back.
const CLOSED_INSTRUMENT: &str = "70120000";
/// Nuvei's words for a wrong checksum, a wrong request, and a transaction that it does not know.
const WRONG_CHECKSUM: i64 = 1_001;
const WRONG_REQUEST: i64 = 1_019;
const NOT_FOUND: i64 = 9_146;

/// What the sandbox needs to play Nuvei.
pub struct SandboxConfig {
    webhook_url: String,
    settings: Settings,
    secret: Vec<u8>,
}

/// Why the sandbox cannot play Nuvei.
#[derive(Debug, thiserror::Error)]
#[error("vendor settings for the Nuvei sandbox need all of payments.nuvei")]
pub struct SandboxError;

impl SandboxConfig {
    /// Reads the vendors' settings. None if their calls to Nuvei do not lead to a sandbox: then the real one is meant.
    pub fn from_vendors(vendors: &Value, platform_url: &str) -> Result<Option<Self>, SandboxError> {
        let base_url = vendors.pointer("/payments/nuvei/base_url").and_then(Value::as_str);
        if base_url.is_none_or(|url| !url.trim_end_matches('/').ends_with(PLACE)) {
            return Ok(None);
        }
        let settings = vendors.pointer("/payments/nuvei").cloned().unwrap_or_default();
        let settings: Settings = serde_json::from_value(settings).map_err(|_| SandboxError)?;
        let secret =
            settings.secret_key.text().and_then(|keys| keys.into_iter().next()).ok_or(SandboxError)?;
        Ok(Some(Self { webhook_url: format!("{platform_url}/webhooks/payments/nuvei"), settings, secret }))
    }
}

/// The sandbox's routes, to be nested where `base_url` says.
pub fn router(config: SandboxConfig) -> Router {
    let courier = Courier::new(config.webhook_url.clone());
    let sandbox = Sandbox { config, courier, moves: Mutex::default(), last: AtomicU64::new(711_000_000) };
    Router::new()
        .route(PAGE_PATH, get(show).post(choose))
        .route("/ppp/api/v1/{method}", post(call))
        .with_state(Arc::new(sandbox))
}

struct Sandbox {
    config: SandboxConfig,
    courier: Courier,
    moves: Mutex<Vec<Move>>,
    last: AtomicU64,
}

/// Money that moved, or did not.
#[derive(Clone)]
struct Move {
    id: String,
    kind: &'static str,
    status: &'static str,
    /// What makes it the same: the request's id, or the payment's own.
    request: String,
    reference: String,
    amount: String,
    currency: String,
    instrument: &'static str,
    /// What stands for the card's number.
    card: String,
    /// Whether the platform is told of it.
    is_told: bool,
}

/// A payment page's link, read.
struct Link(HashMap<String, String>);

impl Link {
    /// None if the checksum is wrong: the secret, then all values in their order.
    fn read(query: Option<&str>, secret: &[u8]) -> Option<Self> {
        let mut pairs: Vec<(String, String)> =
            form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
        let (name, shown) = pairs.pop()?;
        let values: String = pairs.iter().map(|(_, value)| value.as_str()).collect();
        let genuine = name == "checksum" && shown == checksum(&[secret, values.as_bytes()]);
        genuine.then(|| Self(pairs.into_iter().collect()))
    }

    fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

async fn show(State(sandbox): State<Arc<Sandbox>>, RawQuery(query): RawQuery) -> Response {
    let link = Link::read(query.as_deref(), &sandbox.config.secret);
    match link.filter(|link| !sandbox.is_paid(link.text("productId"))) {
        Some(link) => page(
            include_str!("payment.html"),
            &[
                ("amount", &format!("{} {}", link.text("total_amount"), link.text("currency"))),
                ("vendor", "Nuvei"),
                ("reference", link.text("productId")),
            ],
        ),
        None => closed(),
    }
}

#[derive(Deserialize)]
struct Choice {
    outcome: String,
}

async fn choose(
    State(sandbox): State<Arc<Sandbox>>,
    RawQuery(query): RawQuery,
    Form(Choice { outcome }): Form<Choice>,
) -> Response {
    let link = Link::read(query.as_deref(), &sandbox.config.secret);
    let Some(link) = link.filter(|link| !sandbox.is_paid(link.text("productId"))) else { return closed() };
    let status = match outcome.as_str() {
        paid if paid.starts_with("pay") => "APPROVED",
        "decline" => "DECLINED",
        _ => "CANCELED",
    };
    let sale = Move {
        id: sandbox.next(),
        kind: "Sale",
        status,
        request: sandbox.next(),
        reference: link.text("productId").to_owned(),
        amount: link.text("total_amount").to_owned(),
        currency: link.text("currency").to_owned(),
        instrument: if outcome == "pay_closed" { CLOSED_INSTRUMENT } else { INSTRUMENT },
        card: wallets::digits(wallets::purse(&outcome, link.text("user_token_id")), 16),
        is_told: outcome != "pay_lost",
    };
    sandbox.moves().push(sale.clone());
    let way = Way::of(&outcome);
    // Of a sale it tells twice where the bank takes its time: that it is under way, and how it ended.
    let pending = (way == Way::Reversed).then(|| Move { status: "PENDING", ..sale.clone() });
    let told = pending.iter().chain([&sale]).map(|it| sandbox.told(it, way)).collect();
    sandbox.courier.deliver_all(told, way).await;
    Redirect::to(link.text("success_url")).into_response()
}

async fn call(State(sandbox): State<Arc<Sandbox>>, Path(method): Path<String>, body: Bytes) -> Json<Value> {
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let fields: &[&str] = match method.as_str() {
        "payout.do" => &["clientRequestId", "amount", "currency", "timeStamp"],
        "refundTransaction.do" => &[
            "clientRequestId",
            "clientUniqueId",
            "amount",
            "currency",
            "relatedTransactionId",
            "notificationUrl",
            "timeStamp",
        ],
        "getTransactionDetails.do" => &["transactionId", "clientUniqueId", "timeStamp"],
        "getPayoutStatus.do" => &["clientRequestId", "timeStamp"],
        _ => return error(WRONG_REQUEST),
    };
    if !sandbox.is_signed(&asked, fields) {
        return error(WRONG_CHECKSUM);
    }
    match method.as_str() {
        "payout.do" => sandbox.begin(&asked, "Payout", "PENDING", true),
        "refundTransaction.do" => sandbox.refund(&asked),
        "getTransactionDetails.do" => sandbox.transaction(&asked),
        _ => sandbox.payout(&asked),
    }
}

impl Sandbox {
    fn is_signed(&self, asked: &Value, fields: &[&str]) -> bool {
        let settings = &self.config.settings;
        let notify = asked.pointer("/urlDetails/notificationUrl").and_then(Value::as_str);
        let value = |name: &&str| match *name {
            "notificationUrl" => notify.unwrap_or_default(),
            name => asked.get(name).and_then(Value::as_str).unwrap_or_default(),
        };
        let mut signed: Vec<&[u8]> =
            vec![settings.merchant_id.as_bytes(), settings.merchant_site_id.as_bytes()];
        signed.extend(fields.iter().map(|name| value(name).as_bytes()));
        signed.push(&self.config.secret);
        asked.get("checksum").and_then(Value::as_str) == Some(checksum(&signed).as_str())
    }

    fn refund(self: &Arc<Self>, asked: &Value) -> Json<Value> {
        let payment = asked.get("relatedTransactionId").and_then(Value::as_str).unwrap_or_default();
        let Some(paid) = self.moves().iter().find(|it| it.id == payment).cloned() else {
            return error(NOT_FOUND);
        };
        let refused = paid.instrument.ends_with(REFUSED_ENDS);
        self.begin(asked, "Credit", if refused { "DECLINED" } else { "APPROVED" }, paid.is_told)
    }

    /// Takes a payout or a refund on; a second one of the same request's id is refused. What becomes of it is told a
    /// moment later.
    fn begin(
        self: &Arc<Self>,
        asked: &Value,
        kind: &'static str,
        status: &'static str,
        is_told: bool,
    ) -> Json<Value> {
        let text = |name: &str| asked.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let request = text("clientRequestId");
        let begun = Move {
            id: self.next(),
            kind,
            status,
            request,
            reference: text("clientUniqueId"),
            amount: text("amount"),
            currency: text("currency"),
            instrument: INSTRUMENT,
            card: String::new(),
            is_told,
        };
        if !self.is_first(&begun) {
            return error(WRONG_REQUEST);
        }
        let instrument = asked.pointer("/userPaymentOption/userPaymentOptionId").and_then(Value::as_str);
        let refused = instrument.is_some_and(|instrument| instrument.ends_with(REFUSED_ENDS));
        if status != "DECLINED" {
            tokio::spawn(self.clone().settle(begun.id.clone(), refused));
        }
        Json(json!({
            "status": "SUCCESS", "errCode": 0, "reason": "",
            "transactionId": begun.id, "transactionStatus": begun.status, "clientRequestId": begun.request,
        }))
    }

    /// Notes what is begun, unless its request's id was used before.
    fn is_first(&self, begun: &Move) -> bool {
        let mut moves = self.moves();
        let is_first = moves.iter().all(|it| it.kind != begun.kind || it.request != begun.request);
        if is_first {
            moves.push(begun.clone());
        }
        is_first
    }

    async fn settle(self: Arc<Self>, id: String, refused: bool) {
        tokio::time::sleep(A_MOMENT).await;
        let settled = self.moves().iter_mut().find(|it| it.id == id).map(|it| {
            it.status = if refused { "DECLINED" } else { "APPROVED" };
            it.clone()
        });
        if let Some(settled) = settled {
            self.notify(&settled).await;
        }
    }

    fn transaction(&self, asked: &Value) -> Json<Value> {
        let text = |name: &str| asked.get(name).and_then(Value::as_str);
        let found = self
            .moves()
            .iter()
            .rev()
            .find(|it| match text("transactionId") {
                Some(id) => it.id == id,
                None => text("clientUniqueId") == Some(&it.reference),
            })
            .cloned();
        let Some(found) = found else { return error(NOT_FOUND) };
        Json(json!({
            "status": "SUCCESS", "errCode": 0, "clientUniqueId": found.reference,
            "paymentOption": {
                "userPaymentOptionId": found.instrument,
                "card": {"last4Digits": "3456", "cardType": "Debit", "uniqueCC": found.card},
            },
            "transactionDetails": {
                "transactionId": found.id, "transactionType": found.kind, "transactionStatus": found.status,
                "processedAmount": found.amount, "processedCurrency": found.currency,
            },
        }))
    }

    fn payout(&self, asked: &Value) -> Json<Value> {
        let request = asked.get("clientRequestId").and_then(Value::as_str).unwrap_or_default();
        let found = self.moves().iter().find(|it| it.kind == "Payout" && it.request == request).cloned();
        let Some(found) = found else { return error(NOT_FOUND) };
        Json(json!({
            "status": "SUCCESS", "errCode": 0, "clientRequestId": found.request, "transactionId": found.id,
            "transactionStatus": found.status, "amount": found.amount, "currency": found.currency,
        }))
    }

    async fn notify(&self, it: &Move) {
        if it.is_told {
            self.courier.deliver(self.told(it, Way::Straight)).await;
        }
    }

    fn told(&self, it: &Move, way: Way) -> Webhook {
        let now = crate::clock::now().to_string();
        let time = now.get(..19).unwrap_or_default().replace('T', ".");
        let ppp = self.next();
        let dmn = Dmn::of(&[
            ("ppp_status", if it.status == "APPROVED" { "OK" } else { "FAIL" }),
            ("Status", it.status),
            ("PPP_TransactionID", &ppp),
            ("TransactionID", &it.id),
            ("transactionType", it.kind),
            ("merchant_unique_id", &it.reference),
            ("merchant_site_id", &self.config.settings.merchant_site_id),
            ("productId", &it.reference),
            ("totalAmount", &it.amount),
            ("currency", &it.currency),
            ("responseTimeStamp", &time),
            ("userPaymentOptionId", it.instrument),
        ]);
        // Whoever does not know the secret has another one.
        let secret = if way == Way::Forged { b"guessed".to_vec() } else { self.config.secret.clone() };
        let headers = vec![("content-type", "application/x-www-form-urlencoded".to_owned())];
        Webhook { headers, body: signed_dmn(&dmn, &secret) }
    }

    fn is_paid(&self, reference: &str) -> bool {
        self.moves()
            .iter()
            .any(|it| it.kind == "Sale" && it.reference == reference && it.status == "APPROVED")
    }

    fn next(&self) -> String {
        self.last.fetch_add(1, Ordering::Relaxed).to_string()
    }

    fn moves(&self) -> MutexGuard<'_, Vec<Move>> {
        self.moves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn error(code: i64) -> Json<Value> {
    Json(json!({"status": "ERROR", "errCode": code, "reason": "refused by the sandbox"}))
}

fn closed() -> Response {
    let places = [("note", "This payment is closed, or was never open."), ("return_url", "/")];
    page(include_str!("adyen/closed.html"), &places)
}

#[cfg(test)]
mod tests;
