//! Sumsub's side of its protocol: verification pages in the browser, and the verdicts that follow.

mod applicants;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{OriginalUri, Path, Query, State},
    response::{IntoResponse, Response},
    routing::{get, patch, post},
};
use http::{HeaderMap, StatusCode, Uri};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use vendors::kyc::sumsub::{
    DIGEST_ALGORITHM, DIGEST_ALGORITHM_HEADER, DIGEST_HEADER, SIGNATURE_HEADER, Settings, TIME_HEADER,
    TOKEN_HEADER, sign_body, sign_request,
};

use super::delivery::{Courier, Webhook};
use super::identity::{
    COUNTRY, Choice, Desk, EXPIRES_ON, Holder, Moments, Place, SandboxError, Shown, Told, Verdict,
    is_web_address, read, routes,
};
use applicants::{Applicant, Applicants, Visit};

/// How far a signed time may be off.
const MOST_SECONDS_OFF: u64 = 60;

/// What the sandbox needs to play Sumsub.
pub struct SandboxConfig {
    place: Place<Settings>,
    /// Signs the webhooks.
    pub webhook_key: Vec<u8>,
}

impl SandboxConfig {
    /// Reads the vendors' settings. None if their calls to Sumsub do not lead to a sandbox: then the real one is meant.
    pub fn from_vendors(vendors: &Value, platform_url: &str) -> Result<Option<Self>, SandboxError> {
        let Some(place) = Place::<Settings>::find(vendors, "kyc", "sumsub", platform_url)? else {
            return Ok(None);
        };
        let keys = place.settings.webhook_secret.text().unwrap_or_default();
        let key =
            keys.into_iter().next_back().ok_or_else(|| SandboxError("webhook_secret is empty".to_owned()))?;
        Ok(Some(Self { place, webhook_key: key }))
    }

    /// The platform's settings for Sumsub.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.place.settings
    }
}

/// The sandbox's routes, to be nested where `base_url` says.
pub fn router(config: SandboxConfig) -> Router {
    let courier = Courier::new(config.place.webhook_url.clone());
    let sandbox = Sandbox { config, courier, applicants: Applicants::default(), moments: Moments::default() };
    Router::new()
        .route("/resources/applicants", post(make_applicant))
        .route("/resources/applicants/{id}/one", get(applicant_data))
        .route("/resources/applicants/{id}/fixedInfo", patch(change_applicant))
        .route("/resources/applicants/{id}/reset", post(reset_applicant))
        .route("/resources/api/applicants/{id}/amlCase", get(aml_case))
        .route("/resources/sdkIntegrations/levels/{level}/websdkLink", post(make_link))
        .merge(routes("websdk"))
        .with_state(Arc::new(sandbox))
}

struct Sandbox {
    config: SandboxConfig,
    courier: Courier,
    applicants: Applicants,
    moments: Moments,
}

/// What the platform tells of a player.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ApplicantBody {
    external_user_id: String,
    fixed_info: FixedInfo,
}

/// Who a player claims to be.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct FixedInfo {
    first_name: String,
    last_name: String,
    dob: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LevelQuery {
    level_name: String,
}

/// What the platform asks for when a player is to be checked.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LinkBody {
    level_name: String,
    user_id: String,
    redirect: Option<RedirectBody>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RedirectBody {
    success_url: String,
}

async fn make_applicant(
    State(sandbox): State<Arc<Sandbox>>,
    OriginalUri(uri): OriginalUri,
    Query(LevelQuery { level_name }): Query<LevelQuery>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    sandbox.check_signature(&headers, "POST", &uri, &body)?;
    let ApplicantBody { external_user_id, fixed_info } = read(&body)?;
    sandbox.check_level(&level_name)?;
    let known = Refusal(StatusCode::CONFLICT, "an applicant with this external user id exists");
    let applicant = sandbox.applicants.meet(external_user_id.clone(), fixed_info).ok_or(known)?;
    let made = json!({"id": applicant.id, "externalUserId": external_user_id, "type": "individual"});
    Ok((StatusCode::CREATED, Json(made)).into_response())
}

async fn applicant_data(
    State(sandbox): State<Arc<Sandbox>>,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    sandbox.check_signature(&headers, "GET", &uri, b"")?;
    match id.strip_prefix("-;externalUserId=") {
        Some(user) => Ok(Json(sandbox.applicants.of_user(user).data())),
        None => Ok(Json(sandbox.applicants.of_id(&id).ok_or(NOBODY)?.data())),
    }
}

async fn change_applicant(
    State(sandbox): State<Arc<Sandbox>>,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    sandbox.check_signature(&headers, "PATCH", &uri, &body)?;
    let claimed: FixedInfo = read(&body)?;
    sandbox.applicants.change(&id, claimed.clone()).ok_or(NOBODY)?;
    Ok(Json(json!(claimed)))
}

/// What was handed in is void: the player begins anew. The platform may hear of it before our answer.
async fn reset_applicant(
    State(sandbox): State<Arc<Sandbox>>,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    sandbox.check_signature(&headers, "POST", &uri, &body)?;
    let visit = sandbox.applicants.reset(&id).ok_or(NOBODY)?;
    sandbox.courier.deliver(sandbox.webhook(&visit, "applicantReset", "init", None)).await;
    Ok(Json(json!({"ok": 1})))
}

async fn aml_case(
    State(sandbox): State<Arc<Sandbox>>,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    sandbox.check_signature(&headers, "GET", &uri, b"")?;
    let applicant = sandbox.applicants.of_id(&id);
    let list = applicant.and_then(|it| it.holder.watchlist);
    let list = list.ok_or(Refusal(StatusCode::NOT_FOUND, "there is no such case"))?;
    Ok(Json(json!({"targetEntityId": id, "review": {"answer": "RED"}, "riskLabels": [list]})))
}

async fn make_link(
    State(sandbox): State<Arc<Sandbox>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    sandbox.check_signature(&headers, "POST", &uri, &body)?;
    let asked: LinkBody = read(&body)?;
    sandbox.check_level(&asked.level_name)?;
    let return_url = asked.redirect.map(|redirect| redirect.success_url);
    if return_url.as_deref().is_some_and(|url| !is_web_address(url)) {
        return Err(Refusal(StatusCode::BAD_REQUEST, "redirect.successUrl is not a web address"));
    }
    let id = sandbox.applicants.visit(asked.user_id, asked.level_name, return_url);
    Ok(Json(json!({"url": format!("{}/websdk/{id}", sandbox.config.place.base_url)})))
}

impl Desk for Sandbox {
    type Case = Visit;

    const VENDOR: &'static str = "Sumsub";

    fn find(&self, link: &str) -> Option<Visit> {
        self.applicants.find(link)
    }

    fn shown(&self, visit: &Visit) -> Shown {
        Shown {
            user: visit.user_id.clone(),
            level: visit.level_name.clone(),
            case: visit.applicant_id.clone(),
            return_url: visit.return_url.clone(),
            holder: self.applicants.of_user(&visit.user_id).holder,
        }
    }

    /// Of who is approved nothing is asked, until the platform has the applicant begin anew. Only what Sumsub finds out
    /// by itself is still told.
    fn closed(&self, visit: &Visit, choice: &Choice) -> Option<&'static str> {
        let is_told_again = choice.verdict == Verdict::Approve && !choice.is_listed();
        let is_approved = self.applicants.of_user(&visit.user_id).is_approved();
        (is_told_again && is_approved).then_some("this player is approved: there is nothing to hand in")
    }

    /// Tells the platform that documents came in, and then what the reviewer thinks of them.
    async fn tell(&self, visit: Visit, choice: &Choice) -> Told {
        let holder = choice.reads(&self.applicants.of_user(&visit.user_id).holder);
        let is_listed = holder.watchlist.is_some();
        let (event, status, result) = review(choice.verdict);
        self.applicants.reviewed(&visit, holder, status, result.clone());
        let submitted = self.webhook(&visit, "applicantPending", "pending", None);
        let mut delivered = self.courier.deliver(submitted).await;
        delivered &= self.courier.deliver(self.webhook(&visit, event, status, result)).await;
        if is_listed {
            let case = self.webhook(&visit, "amlCaseOnHold", "onHold", None);
            delivered &= self.courier.deliver(case).await;
        }
        Told { id: visit.applicant_id, delivered }
    }
}

impl Sandbox {
    fn webhook(&self, visit: &Visit, event: &str, review_status: &str, result: Option<Value>) -> Webhook {
        let mut told = json!({
            "applicantId": visit.applicant_id,
            "inspectionId": visit.inspection_id,
            "applicantType": "individual",
            "externalUserId": visit.user_id,
            "levelName": visit.level_name,
            "type": event,
            "reviewStatus": review_status,
            "createdAtMs": self.moments.next().strftime("%Y-%m-%d %H:%M:%S%.3f").to_string(),
            "sandboxMode": true,
        });
        if let (Some(result), Some(fields)) = (result, told.as_object_mut()) {
            fields.insert("reviewResult".to_owned(), result);
        }
        let body = told.to_string().into_bytes();
        let digest = sign_body(&body, &self.config.webhook_key);
        let headers = vec![(DIGEST_HEADER, digest), (DIGEST_ALGORITHM_HEADER, DIGEST_ALGORITHM.to_owned())];
        Webhook { headers, body }
    }

    fn check_level(&self, name: &str) -> Result<(), Refusal> {
        let Settings { level_name, levels, .. } = &self.config.place.settings;
        let is_known = name == level_name || levels.values().any(|level| level == name);
        if is_known { Ok(()) } else { Err(Refusal(StatusCode::NOT_FOUND, "there is no such level")) }
    }

    /// The path is signed as the platform wrote it, with what this sandbox is nested under.
    fn check_signature(
        &self,
        headers: &HeaderMap,
        method: &str,
        uri: &Uri,
        body: &[u8],
    ) -> Result<(), Refusal> {
        let refused = Refusal(StatusCode::UNAUTHORIZED, "the token, time or signature is missing or wrong");
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let Some(seconds) = header(TIME_HEADER).and_then(|text| text.parse::<i64>().ok()) else {
            return Err(refused);
        };
        let in_time = seconds.abs_diff(crate::clock::now().as_second()) <= MOST_SECONDS_OFF;
        let known = header(TOKEN_HEADER) == Some(self.config.place.settings.app_token.as_str());
        let path = uri.path_and_query().map_or("", http::uri::PathAndQuery::as_str);
        let expected =
            sign_request(self.config.place.settings.secret_key.as_bytes(), seconds, method, path, body);
        let signed = header(SIGNATURE_HEADER) == Some(expected.as_str());
        if in_time && known && signed { Ok(()) } else { Err(refused) }
    }
}

impl Applicant {
    /// The player as Sumsub tells of them.
    fn data(&self) -> Value {
        let Holder { first_name, last_name, birth_date, watchlist } = &self.holder;
        let document = json!({"idDocType": "PASSPORT", "country": COUNTRY, "validUntil": EXPIRES_ON});
        let (level, status, result) = match &self.review {
            Some((level, status, result)) => (Some(level), *status, result.as_ref()),
            None => (None, "init", None),
        };
        json!({
            "id": self.id,
            "externalUserId": self.user_id,
            "fixedInfo": self.claimed,
            "info": {"firstName": first_name, "lastName": last_name, "dob": birth_date, "idDocs": [document]},
            "review": {"levelName": level, "reviewStatus": status, "reviewResult": result},
            "riskLabels": {"aml": watchlist.iter().collect::<Vec<_>>()},
        })
    }
}

const NOBODY: Refusal = Refusal(StatusCode::NOT_FOUND, "there is no such applicant");

/// The event, the review's status and its result. Sumsub tells of no player who went away.
fn review(verdict: Verdict) -> (&'static str, &'static str, Option<Value>) {
    let result = match verdict {
        Verdict::Hold => return ("applicantOnHold", "onHold", None),
        Verdict::Expire => return ("applicantDeactivated", "init", None),
        Verdict::Approve => json!({"reviewAnswer": "GREEN"}),
        Verdict::Retry => json!({
            "reviewAnswer": "RED", "reviewRejectType": "RETRY", "rejectLabels": ["BAD_PHOTO"],
            "moderationComment": "The photo is blurred. Please take another one.",
        }),
        Verdict::Reject => json!({
            "reviewAnswer": "RED", "reviewRejectType": "FINAL", "rejectLabels": ["FORGERY"],
        }),
    };
    ("applicantReviewed", "completed", Some(result))
}

/// How Sumsub refuses a call: a status and a text.
struct Refusal(StatusCode, &'static str);

impl From<(StatusCode, &'static str)> for Refusal {
    fn from((status, text): (StatusCode, &'static str)) -> Self {
        Self(status, text)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, Json(json!({"code": self.0.as_u16(), "description": self.1}))).into_response()
    }
}
