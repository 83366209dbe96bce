//! Veriff's side of its protocol: sessions with pages in the browser, and the events, screenings and decisions that
//! follow.

mod sessions;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use vendors::kyc::veriff::{CLIENT_HEADER, SIGNATURE_HEADER, Settings, sign};

use super::delivery::{Courier, Webhook};
use super::identity::{
    Choice, Desk, Holder, Moments, Place, SandboxError, Shown, Told, Verdict, is_web_address, read, routes,
};
use sessions::{Decision, Session, Sessions, fresh_id};

/// What the sandbox needs to play Veriff.
pub struct SandboxConfig {
    place: Place<Settings>,
    /// Signs on both sides.
    pub secret: Vec<u8>,
}

impl SandboxConfig {
    /// Reads the vendors' settings. None if their calls to Veriff do not lead to a sandbox: then the real one is meant.
    pub fn from_vendors(vendors: &Value, platform_url: &str) -> Result<Option<Self>, SandboxError> {
        let Some(place) = Place::<Settings>::find(vendors, "kyc", "veriff", platform_url)? else {
            return Ok(None);
        };
        let keys = place.settings.shared_secret.text().unwrap_or_default();
        let key = keys.into_iter().next().ok_or_else(|| SandboxError("shared_secret is empty".to_owned()))?;
        Ok(Some(Self { place, secret: key }))
    }
}

/// The sandbox's routes, to be nested where `base_url` says.
pub fn router(config: SandboxConfig) -> Router {
    let courier = Courier::new(config.place.webhook_url.clone());
    let sandbox = Sandbox { config, courier, sessions: Sessions::default(), moments: Moments::default() };
    Router::new()
        .route("/v1/sessions", post(make_session))
        .route("/v1/sessions/{id}/decision", get(show_decision))
        .route("/v1/sessions/{id}/watchlist-screening", get(show_screening))
        .merge(routes("v"))
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
    if callback.as_deref().is_some_and(|url| !is_web_address(url)) {
        return Err(Refusal(StatusCode::BAD_REQUEST, "the callback is no web address"));
    }
    let PersonBody { first_name, last_name, date_of_birth } = person;
    let holder = Holder { first_name, last_name, birth_date: date_of_birth, watchlist: None };
    let id = sandbox.sessions.open(vendor_data.clone(), callback, holder);
    let url = format!("{}/v/{id}", sandbox.config.place.base_url);
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

impl Desk for Sandbox {
    type Case = Session;

    const VENDOR: &'static str = "Veriff";

    fn find(&self, link: &str) -> Option<Session> {
        self.sessions.find(link)
    }

    fn shown(&self, session: &Session) -> Shown {
        Shown {
            user: session.user_id.clone(),
            level: "document and selfie".to_owned(),
            case: session.id.clone(),
            return_url: session.return_url.clone(),
            holder: session.holder.clone(),
        }
    }

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
}

impl Sandbox {
    fn webhook(&self, told: &Value) -> Webhook {
        let body = told.to_string().into_bytes();
        let signature = sign(&body, &self.config.secret);
        let headers =
            vec![(CLIENT_HEADER, self.config.place.settings.api_key.clone()), (SIGNATURE_HEADER, signature)];
        Webhook { headers, body }
    }

    fn asked_for(&self, headers: &HeaderMap, id: &str) -> Result<Session, Refusal> {
        self.check_signature(headers, id.as_bytes())?;
        self.sessions.find(id).ok_or(Refusal(StatusCode::NOT_FOUND, "there is no such session"))
    }

    /// What has a body signs it; what has none signs the session's id.
    fn check_signature(&self, headers: &HeaderMap, signed: &[u8]) -> Result<(), Refusal> {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let is_known = header(CLIENT_HEADER) == Some(self.config.place.settings.api_key.as_str());
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
