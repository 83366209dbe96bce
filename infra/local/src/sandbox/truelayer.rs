//! `TrueLayer`'s side of its protocol: payments on a page, payouts, refunds, records, and signed webhooks. A payout or
//! refund to an account or a source that ends in 0000 is one that the bank refuses.
#![expect(clippy::indexing_slicing, reason = "an index into a JSON object gives null or adds a member")]

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Form, Json, Router,
    body::Bytes,
    extract::{OriginalUri, Path, Query, State},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;
use vendors::call::RawCall;
use vendors::payments::truelayer::{Settings, Signer, public_jwk};

use super::delivery::{Courier, Way, Webhook};
use super::page::page;
use super::wallets;

const PLACE: &str = "/sandbox/truelayer";
/// How long a bank takes here.
const A_MOMENT: Duration = Duration::from_millis(1_500);
const REFUSED_ENDS: &str = "0000";
const TOKEN: &str = "sandbox-access-token";

/// What the sandbox needs to play `TrueLayer`.
pub struct SandboxConfig {
    webhook_url: String,
    settings: Settings,
    signer: Signer,
    /// The platform's key, of which the sandbox uses the public half.
    platform: Signer,
}

/// Why the sandbox cannot play `TrueLayer`.
#[derive(Debug, thiserror::Error)]
#[error(
    "vendor settings for the TrueLayer sandbox need payments.truelayer and a key under sandbox.truelayer"
)]
pub struct SandboxError;

impl SandboxConfig {
    /// Reads the vendors' settings. None if their calls to `TrueLayer` do not lead to a sandbox: then the real one is
    /// meant.
    pub fn from_vendors(vendors: &Value, platform_url: &str) -> Result<Option<Self>, SandboxError> {
        let text = |pointer: &str| vendors.pointer(pointer).and_then(Value::as_str);
        let base_url =
            text("/payments/truelayer/base_url").filter(|url| url.trim_end_matches('/').ends_with(PLACE));
        if base_url.is_none() {
            return Ok(None);
        }
        let settings = vendors.pointer("/payments/truelayer").cloned().unwrap_or_default();
        let settings: Settings = serde_json::from_value(settings).map_err(|_| SandboxError)?;
        let kid = text("/sandbox/truelayer/kid").ok_or(SandboxError)?;
        let key = text("/sandbox/truelayer/private_key_pem").ok_or(SandboxError)?;
        Ok(Some(Self {
            webhook_url: format!("{platform_url}/webhooks/payments/truelayer"),
            signer: Signer::new(kid, key).ok_or(SandboxError)?,
            platform: Signer::new(&settings.kid, &settings.private_key_pem).ok_or(SandboxError)?,
            settings,
        }))
    }
}

/// The sandbox's routes, to be nested where `base_url` says.
pub fn router(config: SandboxConfig) -> Router {
    let courier = Courier::new(config.webhook_url.clone());
    Router::new()
        .route("/auth/connect/token", post(token))
        .route("/.well-known/jwks", get(jwks))
        .route("/v3/payments", post(create))
        .route("/v3/payouts", post(create))
        .route("/v3/payments/{payment}/refunds", post(create))
        .route("/v3/payments/{id}", get(record))
        .route("/v3/payouts/{id}", get(record))
        .route("/v3/payments/{payment}/refunds/{id}", get(record))
        .route("/pages/payments", get(enter))
        .route("/pages/payments/{id}", get(show).post(choose))
        .with_state(Arc::new(Sandbox { config, courier, records: Mutex::default() }))
}

struct Sandbox {
    config: SandboxConfig,
    courier: Courier,
    /// By idempotency key, so that a repeat finds its first.
    records: Mutex<HashMap<String, Value>>,
}

async fn token(State(sandbox): State<Arc<Sandbox>>, Form(asked): Form<HashMap<String, String>>) -> Response {
    let Settings { client_id, client_secret, .. } = &sandbox.config.settings;
    if asked.get("client_id") != Some(client_id) || asked.get("client_secret") != Some(client_secret) {
        return (StatusCode::BAD_REQUEST, Json(json!({"error": "invalid_client"}))).into_response();
    }
    Json(json!({"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"})).into_response()
}

async fn jwks(State(sandbox): State<Arc<Sandbox>>) -> Json<Value> {
    Json(json!({"keys": [public_jwk(&sandbox.config.signer)]}))
}

/// Payments, payouts and refunds: the path tells which.
async fn create(
    State(sandbox): State<Arc<Sandbox>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let call = RawCall::post("", &headers, &body);
    let genuine = sandbox.config.platform.is_genuine(call, uri.path(), header("tl-signature"));
    if header("authorization") != format!("Bearer {TOKEN}") || !genuine {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let (Ok(mut record), key) = (serde_json::from_slice::<Value>(&body), header("idempotency-key")) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    if record["amount_in_minor"].as_i64().is_none_or(|amount| amount <= 0) || key.is_empty() {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let kind = Kind::of(uri.path());
    record["kind"] = json!(kind.name());
    record["status"] = json!(if kind == Kind::Payment { "authorization_required" } else { "pending" });
    record["resource_token"] = json!(Uuid::new_v4().simple().to_string());
    if kind == Kind::Refund {
        let payment = uri.path().rsplit('/').nth(1).unwrap_or_default();
        let Some(paid) = sandbox.find(payment) else { return StatusCode::NOT_FOUND.into_response() };
        record["currency"] = paid["currency"].clone();
        record["payment_id"] = paid["id"].clone();
        record["paid_from"] = paid["payment_source"]["id"].clone();
        record["is_told"] = paid["is_told"].clone();
    }
    let (record, is_new) = sandbox.keep(key, record);
    if is_new && kind != Kind::Payment {
        tokio::spawn(settle(sandbox.clone(), record.clone()));
    }
    let status = if kind == Kind::Payment { StatusCode::CREATED } else { StatusCode::ACCEPTED };
    (status, Json(record)).into_response()
}

async fn record(
    State(sandbox): State<Arc<Sandbox>>,
    Path(ids): Path<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    if headers.get("authorization").is_none_or(|shown| shown != format!("Bearer {TOKEN}").as_str()) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    match ids.get("id").and_then(|id| sandbox.find(id)) {
        Some(record) => Json(record).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// What the page needs stands behind the fragment mark, which only the browser sees.
async fn enter() -> Html<&'static str> {
    Html(
        "<!doctype html><title>Payment</title><script>\
         const asked = new URLSearchParams(location.hash.slice(1));\
         location.replace(location.pathname + '/' + encodeURIComponent(asked.get('payment_id')) + '?' + asked);\
         </script>",
    )
}

#[derive(Deserialize)]
struct Visit {
    resource_token: String,
    return_uri: String,
}

async fn show(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
    Query(visit): Query<Visit>,
) -> Response {
    match sandbox.find(&id).filter(|record| is_open(record, &visit)) {
        Some(record) => page(
            include_str!("payment.html"),
            &[
                ("amount", &shown(&record)),
                ("vendor", "TrueLayer"),
                ("reference", record["metadata"]["reference"].as_str().unwrap_or_default()),
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
    Path(id): Path<String>,
    Query(visit): Query<Visit>,
    Form(Choice { outcome }): Form<Choice>,
) -> Response {
    if sandbox.find(&id).is_none_or(|record| !is_open(&record, &visit)) {
        return closed();
    }
    if outcome.starts_with("pay") {
        let mut source_id = Uuid::new_v4().to_string();
        if outcome == "pay_closed" {
            source_id.replace_range(source_id.len() - REFUSED_ENDS.len().., REFUSED_ENDS);
        }
        let user = sandbox.find(&id).map(|record| record["user"].clone()).unwrap_or_default();
        let purse = wallets::purse(&outcome, user["id"].as_str().unwrap_or_default());
        let number = wallets::digits(purse, 8);
        let source = json!({
            "id": source_id,
            "account_holder_name": user["name"],
            "account_identifiers": [
                {"type": "sort_code_account_number", "sort_code": "202015", "account_number": number},
            ],
        });
        let change = |record: &mut Value| {
            record["payment_source"] = source.clone();
            record["settled_at"] = json!(crate::clock::now());
            record["is_told"] = json!(outcome != "pay_lost");
        };
        let way = Way::of(&outcome);
        let executed = sandbox.advance(&id, "executed", "payment_executed", way, change);
        let settled = sandbox.advance(&id, "settled", "payment_settled", way, change);
        sandbox.courier.deliver_all(executed.into_iter().chain(settled).collect(), way).await;
    } else {
        let failed = sandbox.advance(&id, "failed", "payment_failed", Way::Straight, |_| ());
        sandbox.courier.deliver_all(failed.into_iter().collect(), Way::Straight).await;
    }
    Redirect::to(&visit.return_uri).into_response()
}

async fn settle(sandbox: Arc<Sandbox>, record: Value) {
    tokio::time::sleep(A_MOMENT).await;
    let beneficiary = &record["beneficiary"];
    let targets =
        [&beneficiary["payment_source_id"], &beneficiary["account_identifier"]["iban"], &record["paid_from"]];
    let refused =
        targets.iter().filter_map(|target| target.as_str()).any(|target| target.ends_with(REFUSED_ENDS));
    let kind = record["kind"].as_str().unwrap_or_default();
    let id = record["id"].as_str().unwrap_or_default();
    let (status, time) = if refused { ("failed", "failed_at") } else { ("executed", "executed_at") };
    let change = |record: &mut Value| record[time] = json!(crate::clock::now());
    let told = sandbox.advance(id, status, &format!("{kind}_{status}"), Way::Straight, change);
    sandbox.courier.deliver_all(told.into_iter().collect(), Way::Straight).await;
}

impl Sandbox {
    /// Brings a record to a status. What the platform is to be told of it, unless nobody is to tell.
    fn advance(
        &self,
        id: &str,
        status: &str,
        event: &str,
        way: Way,
        change: impl FnOnce(&mut Value),
    ) -> Option<Webhook> {
        let record = self.change(id, status, change).filter(|it| it["is_told"] != false)?;
        let mut told = json!({
            "type": event,
            "event_id": Uuid::new_v4().to_string(),
            "event_version": 1,
            "metadata": record["metadata"],
            "payment_source": record["payment_source"],
            "user_id": record["user"]["id"],
        });
        told[format!("{}_id", record["kind"].as_str().unwrap_or_default())] = json!(id);
        if record["payment_id"].is_string() {
            told["payment_id"] = record["payment_id"].clone();
        }
        let (body, sent) = (told.to_string().into_bytes(), crate::clock::now().to_string());
        let stamp = [("X-TL-Webhook-Timestamp", sent.as_str())];
        let path = "/webhooks/payments/truelayer";
        let place = self.config.settings.jwks_url.as_str();
        let signature = self.config.signer.sign("POST", path, &stamp, &body, Some(place)).unwrap_or_default();
        let headers = vec![("tl-signature", way.signature(signature)), ("x-tl-webhook-timestamp", sent)];
        Some(Webhook { headers, body })
    }

    fn change(&self, id: &str, status: &str, change: impl FnOnce(&mut Value)) -> Option<Value> {
        let mut records = self.records();
        let record = records.values_mut().find(|record| record["id"] == id)?;
        record["status"] = json!(status);
        change(record);
        Some(record.clone())
    }

    /// Keeps a record under a fresh id, or finds the one that the key had before. Tells whether it is new.
    fn keep(&self, key: &str, mut record: Value) -> (Value, bool) {
        let id = json!(Uuid::new_v4().to_string());
        record["id"] = id.clone();
        let known = self.records().entry(key.to_owned()).or_insert(record).clone();
        let is_new = known["id"] == id;
        (known, is_new)
    }

    fn find(&self, id: &str) -> Option<Value> {
        self.records().values().find(|record| record["id"] == id).cloned()
    }

    fn records(&self) -> MutexGuard<'_, HashMap<String, Value>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Payment,
    Payout,
    Refund,
}

impl Kind {
    fn of(path: &str) -> Self {
        match path.rsplit('/').next() {
            Some("payouts") => Self::Payout,
            Some("refunds") => Self::Refund,
            _ => Self::Payment,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Payout => "payout",
            Self::Refund => "refund",
        }
    }
}

fn is_open(record: &Value, visit: &Visit) -> bool {
    record["status"] == "authorization_required" && record["resource_token"] == visit.resource_token.as_str()
}

fn shown(record: &Value) -> String {
    let currency = record["currency"].as_str().and_then(|code| code.parse::<domain::Currency>().ok());
    let money = currency
        .zip(record["amount_in_minor"].as_i64())
        .and_then(|(currency, minor)| domain::Money::from_minor(minor, currency.places(), currency).ok());
    money.map_or_else(String::new, |money| money.to_string())
}

fn closed() -> Response {
    let places = [("note", "This payment is closed, or was never open."), ("return_url", "/")];
    page(include_str!("adyen/closed.html"), &places)
}

#[cfg(test)]
mod tests;
