//! Veriff's side of its protocol: sessions with pages in the browser, and the events, screenings and decisions that
//! follow.

mod sessions;

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
use serde::Deserialize;
use serde_json::{Value, json};
use vendors::kyc::veriff::{CLIENT_HEADER, SIGNATURE_HEADER, Settings, sign};

use super::delivery::{Courier, Webhook};
use super::identity::{Choice, Holder, Moments, Told, Verdict, check_page, gone, note, read};
use sessions::{Decision, Session, Sessions, fresh_id};

/// What the sandbox needs to play Veriff.
pub struct SandboxConfig {
    /// Where browsers find this sandbox.
    pub base_url: String,
    /// Where the platform takes Veriff's webhooks.
    pub webhook_url: String,
    /// The platform's settings for Veriff, and so what Veriff knows of the platform.
    pub settings: Settings,
    /// Signs on both sides.
    pub secret: Vec<u8>,
}

/// Why the sandbox cannot play Veriff.
#[derive(Debug, thiserror::Error)]
#[error("vendor settings for the Veriff sandbox: {0}")]
pub struct SandboxError(String);

impl SandboxConfig {
    /// Reads the vendors' settings. None if their calls to Veriff do not lead to a sandbox: then the real one is meant.
    pub fn from_vendors(vendors: &Value, platform_url: &str) -> Result<Option<Self>, SandboxError> {
        const PLACE: &str = "/sandbox/veriff";
        let base_url = vendors.pointer("/kyc/veriff/base_url").and_then(Value::as_str);
        let base_url = base_url.map(|url| url.trim_end_matches('/')).filter(|url| url.ends_with(PLACE));
        let Some(base_url) = base_url else { return Ok(None) };
        let settings = vendors.pointer("/kyc/veriff").cloned().unwrap_or_default();
        let settings: Settings = serde_json::from_value(settings).map_err(|e| SandboxError(e.to_string()))?;
        let secret = settings.shared_secret.text().and_then(|keys| keys.into_iter().next());
        Ok(Some(Self {
            base_url: base_url.to_owned(),
            webhook_url: format!("{platform_url}/webhooks/kyc/veriff"),
            secret: secret.ok_or_else(|| SandboxError("shared_secret must not be empty".to_owned()))?,
            settings,
        }))
    }
}

/// The sandbox's routes, to be nested where `base_url` says.
pub fn router(config: SandboxConfig) -> Router {
    let courier = Courier::new(config.webhook_url.clone());
    let sandbox = Sandbox { config, courier, sessions: Sessions::default(), moments: Moments::default() };
    Router::new()
        .route("/v1/sessions", post(make_session))
        .route("/v1/sessions/{id}/decision", get(show_decision))
        .route("/v1/sessions/{id}/watchlist-screening", get(show_screening))
        .route("/v/{id}", get(show).post(choose))
        .route("/api/v/{id}", post(choose_by_script))
        .with_state(Arc::new(sandbox))
}

struct Sandbox {
    config: SandboxConfig,
    courier: Courier,
    sessions: Sessions,
    moments: Moments,
}

#[derive(Deserialize)]
struct SessionBody {
    verification: NewSession,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewSession {
    callback: Option<String>,
    person: PersonBody,
    vendor_data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PersonBody {
    first_name: String,
    last_name: String,
    date_of_birth: String,
}

async fn make_session(
    State(sandbox): State<Arc<Sandbox>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    sandbox.check_signature(&headers, &body)?;
    let SessionBody { verification: NewSession { callback, person, vendor_data } } = read(&body)?;
    if callback.as_ref().is_some_and(|url| !url.starts_with("http://") && !url.starts_with("https://")) {
        return Err(Refusal(StatusCode::BAD_REQUEST, "the callback is no web address"));
    }
    let PersonBody { first_name, last_name, date_of_birth } = person;
    let holder = Holder { first_name, last_name, birth_date: date_of_birth, watchlist: None };
    let id = sandbox.sessions.open(vendor_data.clone(), callback, holder);
    let url = format!("{}/v/{id}", sandbox.config.base_url);
    let made = json!({"id": id, "url": url, "vendorData": vendor_data, "status": "created"});
    Ok((StatusCode::CREATED, Json(json!({"status": "success", "verification": made}))).into_response())
}

async fn show_decision(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let session = sandbox.asked_for(&headers, &id)?;
    Ok(Json(json!({"status": "success", "verification": session.verification()})))
}

async fn show_screening(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let session = sandbox.asked_for(&headers, &id)?;
    Ok(Json(json!({"status": "success", "data": session.screening()})))
}

async fn show(State(sandbox): State<Arc<Sandbox>>, Path(id): Path<String>) -> Response {
    match sandbox.sessions.find(&id) {
        Some(it) => check_page("Veriff", &it.user_id, "document and selfie", &it.id, &it.holder),
        None => gone(),
    }
}

async fn choose(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
    Form(choice): Form<Choice>,
) -> Response {
    let Some(session) = sandbox.sessions.find(&id) else { return gone() };
    let return_url = session.return_url.clone();
    sandbox.tell(session, &choice).await;
    match return_url {
        Some(url) => Redirect::to(&url).into_response(),
        None => note("Thank you. The platform has been told; you can close this page."),
    }
}

async fn choose_by_script(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Told>, Refusal> {
    let choice: Choice = read(&body)?;
    let session =
        sandbox.sessions.find(&id).ok_or(Refusal(StatusCode::NOT_FOUND, "there is no such link"))?;
    Ok(Json(sandbox.tell(session, &choice).await))
}

impl Sandbox {
    /// Tells the platform that documents came in, what the watchlists say, and then what was decided.
    async fn tell(&self, session: Session, choice: &Choice) -> Told {
        let (status, code, reason_code) = outcome(choice.verdict);
        let (attempt_id, time) = (fresh_id(), self.moments.next().to_string());
        let submitted = json!({
            "id": session.id, "attemptId": attempt_id, "feature": "selfid", "code": 7002,
            "action": "submitted", "vendorData": session.user_id, "endUserId": null,
        });
        let decision = Some(Decision { attempt_id, status, code, reason_code, time });
        let session = Session { holder: choice.reads(&session.holder), decision, ..session };
        self.sessions.keep(session.clone());
        let decided = json!({"status": "success", "verification": session.verification()});
        let mut delivered = true;
        for told in [submitted, session.screening(), decided] {
            delivered &= self.courier.deliver(self.webhook(&told)).await;
        }
        Told { id: session.id, delivered }
    }

    fn webhook(&self, told: &Value) -> Webhook {
        let body = told.to_string().into_bytes();
        let signature = sign(&body, &self.config.secret);
        let headers =
            vec![(CLIENT_HEADER, self.config.settings.api_key.clone()), (SIGNATURE_HEADER, signature)];
        Webhook { headers, body }
    }

    fn asked_for(&self, headers: &HeaderMap, id: &str) -> Result<Session, Refusal> {
        self.check_signature(headers, id.as_bytes())?;
        self.sessions.find(id).ok_or(Refusal(StatusCode::NOT_FOUND, "there is no such session"))
    }

    /// What has a body signs it; what has none signs the session's id.
    fn check_signature(&self, headers: &HeaderMap, signed: &[u8]) -> Result<(), Refusal> {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let is_known = header(CLIENT_HEADER) == Some(self.config.settings.api_key.as_str());
        let is_signed = header(SIGNATURE_HEADER) == Some(sign(signed, &self.config.secret).as_str());
        let refused = Refusal(StatusCode::UNAUTHORIZED, "the key or signature is missing or wrong");
        if is_known && is_signed { Ok(()) } else { Err(refused) }
    }
}

/// The status, its code and the reason's.
const fn outcome(verdict: Verdict) -> (&'static str, u16, Option<u16>) {
    match verdict {
        Verdict::Approve => ("approved", 9001, None),
        Verdict::Reject => ("declined", 9102, Some(102)),
        Verdict::Retry => ("resubmission_requested", 9103, Some(201)),
        Verdict::Expire => ("expired", 9104, None),
        Verdict::Hold => ("review", 9121, None),
    }
}

/// How Veriff refuses a call: a status and a text.
struct Refusal(StatusCode, &'static str);

impl From<(StatusCode, &'static str)> for Refusal {
    fn from((status, text): (StatusCode, &'static str)) -> Self {
        Self(status, text)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, Json(json!({"status": "fail", "code": "refused", "message": self.1}))).into_response()
    }
}
