//! Onfido's side of its protocol: workflow runs with pages in the browser, and the webhooks that hint at their ends.

mod runs;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use vendors::kyc::onfido::{AUTHORIZATION_HEADER, SIGNATURE_HEADER, Settings, sign_body};

use super::delivery::{Courier, Webhook};
use super::identity::{
    Choice, Desk, Holder, Moments, Place, SandboxError, Shown, Told, Verdict, is_web_address, read, routes,
};
use runs::{Run, Runs, fresh_id};

/// What the sandbox needs to play Onfido.
pub struct SandboxConfig {
    place: Place<Settings>,
    /// Signs the webhooks.
    pub webhook_key: Vec<u8>,
}

impl SandboxConfig {
    /// Reads the vendors' settings. None if their calls to Onfido do not lead to a sandbox: then the real one is meant.
    pub fn from_vendors(vendors: &Value, platform_url: &str) -> Result<Option<Self>, SandboxError> {
        let Some(place) = Place::<Settings>::find(vendors, "kyc", "onfido", platform_url)? else {
            return Ok(None);
        };
        let keys = place.settings.webhook_token.text().unwrap_or_default();
        let key =
            keys.into_iter().next_back().ok_or_else(|| SandboxError("webhook_token is empty".to_owned()))?;
        Ok(Some(Self { place, webhook_key: key }))
    }
}

/// The sandbox's routes, to be nested where `base_url` says.
pub fn router(config: SandboxConfig) -> Router {
    let courier = Courier::new(config.place.webhook_url.clone());
    let sandbox = Sandbox { config, courier, runs: Runs::default(), moments: Moments::default() };
    Router::new()
        .route("/applicants", post(make_applicant))
        .route("/workflow_runs", get(list_runs).post(make_run))
        .route("/workflow_runs/{id}", get(show_run))
        .merge(routes("run"))
        .with_state(Arc::new(sandbox))
}

struct Sandbox {
    config: SandboxConfig,
    courier: Courier,
    runs: Runs,
    moments: Moments,
}

#[derive(Deserialize)]
struct ApplicantBody {
    first_name: String,
    last_name: String,
    dob: String,
}

#[derive(Deserialize)]
struct RunBody {
    workflow_id: String,
    applicant_id: String,
    customer_user_id: String,
    #[serde(default)]
    tags: Vec<String>,
    link: Option<LinkBody>,
}

#[derive(Deserialize)]
struct LinkBody {
    completed_redirect_url: String,
}

#[derive(Deserialize)]
struct RunsQuery {
    tags: Option<String>,
    status: Option<String>,
    applicant_id: Option<String>,
}

async fn make_applicant(
    State(sandbox): State<Arc<Sandbox>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    sandbox.check_token(&headers)?;
    let ApplicantBody { first_name, last_name, dob } = read(&body)?;
    let made = json!({"first_name": first_name, "last_name": last_name, "dob": dob, "sandbox": true});
    let id = sandbox.runs.meet(Holder { first_name, last_name, birth_date: dob, watchlist: None });
    Ok((StatusCode::CREATED, Json(with_id(made, &id))).into_response())
}

async fn make_run(
    State(sandbox): State<Arc<Sandbox>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    sandbox.check_token(&headers)?;
    let asked: RunBody = read(&body)?;
    let Settings { workflow_id, workflows, .. } = &sandbox.config.place.settings;
    if asked.workflow_id != *workflow_id && !workflows.values().any(|own| *own == asked.workflow_id) {
        return Err(Refusal(StatusCode::UNPROCESSABLE_ENTITY, "there is no such workflow"));
    }
    let holder = sandbox.runs.holder(&asked.applicant_id);
    let holder = holder.ok_or(Refusal(StatusCode::UNPROCESSABLE_ENTITY, "there is no such applicant"))?;
    let return_url = asked.link.map(|link| link.completed_redirect_url);
    if return_url.as_deref().is_some_and(|url| !is_web_address(url)) {
        return Err(Refusal(StatusCode::UNPROCESSABLE_ENTITY, "the link leads back to no web address"));
    }
    let id = fresh_id();
    let run = Run {
        url: format!("{}/run/{id}", sandbox.config.place.base_url),
        id,
        workflow_id: asked.workflow_id,
        applicant_id: asked.applicant_id,
        user_id: asked.customer_user_id,
        tags: asked.tags,
        return_url,
        status: "awaiting_input",
        sub_result: None,
        holder,
        updated_at: sandbox.moments.next().to_string(),
    };
    let shown = run.shown();
    sandbox.runs.add(run);
    Ok((StatusCode::CREATED, Json(shown)).into_response())
}

async fn list_runs(
    State(sandbox): State<Arc<Sandbox>>,
    Query(RunsQuery { tags, status, applicant_id }): Query<RunsQuery>,
    headers: HeaderMap,
) -> Result<Json<Vec<Value>>, Refusal> {
    sandbox.check_token(&headers)?;
    Ok(Json(sandbox.runs.list(|run| {
        tags.as_ref().is_none_or(|tag| run.tags.contains(tag))
            && status.as_deref().is_none_or(|status| run.status == status)
            && applicant_id.as_ref().is_none_or(|id| run.applicant_id == *id)
    })))
}

async fn show_run(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    sandbox.check_token(&headers)?;
    let run = sandbox.runs.find(&id).ok_or(Refusal(StatusCode::NOT_FOUND, "there is no such run"))?;
    Ok(Json(run.shown()))
}

impl Desk for Sandbox {
    type Case = Run;

    const VENDOR: &'static str = "Onfido";

    fn find(&self, link: &str) -> Option<Run> {
        self.runs.find(link)
    }

    fn shown(&self, run: &Run) -> Shown {
        Shown {
            user: run.user_id.clone(),
            level: run.workflow_id.clone(),
            case: run.id.clone(),
            return_url: run.return_url.clone(),
            holder: run.holder.clone(),
        }
    }

    /// Tells the platform that a step is done, and then that the run is: no more than that.
    async fn tell(&self, run: Run, choice: &Choice) -> Told {
        let (status, sub_result) = outcome(choice.verdict);
        let moment = self.moments.next().to_string();
        let holder = choice.reads(&run.holder);
        let run = Run { status, sub_result: Some(sub_result), holder, updated_at: moment, ..run };
        self.runs.update(&run);
        let step = self.webhook(&run, "workflow_task", "workflow_task.completed", "completed");
        let mut delivered = self.courier.deliver(step).await;
        let end = self.webhook(&run, "workflow_run", "workflow_run.completed", status);
        delivered &= self.courier.deliver(end).await;
        Told { id: run.id, delivered }
    }
}

impl Sandbox {
    fn webhook(&self, run: &Run, resource_type: &str, action: &str, status: &str) -> Webhook {
        let href = format!("{}/workflow_runs/{}", self.config.place.base_url, run.id);
        let body = json!({"payload": {
            "resource_type": resource_type,
            "action": action,
            "object": {
                "id": run.id, "status": status, "completed_at_iso8601": run.updated_at, "href": href,
            },
            "resource": {
                "id": run.id, "applicant_id": run.applicant_id, "workflow_id": run.workflow_id,
                "customer_user_id": run.user_id, "status": run.status, "updated_at": run.updated_at,
            },
        }});
        let body = body.to_string().into_bytes();
        let headers = vec![(SIGNATURE_HEADER, sign_body(&body, &self.config.webhook_key))];
        Webhook { headers, body }
    }

    fn check_token(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let expected = format!("Token token={}", self.config.place.settings.api_token);
        let is_known =
            headers.get(AUTHORIZATION_HEADER).is_some_and(|it| it.as_bytes() == expected.as_bytes());
        if is_known {
            Ok(())
        } else {
            Err(Refusal(StatusCode::UNAUTHORIZED, "the token is missing or wrong"))
        }
    }
}

/// The status of the run, and what is made of the document.
const fn outcome(verdict: Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Approve => ("approved", "clear"),
        Verdict::Retry => ("declined", "rejected"),
        Verdict::Reject => ("declined", "suspected"),
        Verdict::Hold => ("review", "caution"),
        Verdict::Expire => ("abandoned", "clear"),
    }
}

fn with_id(mut value: Value, id: &str) -> Value {
    if let Some(fields) = value.as_object_mut() {
        fields.insert("id".to_owned(), json!(id));
    }
    value
}

/// How Onfido refuses a call: a status and a text.
struct Refusal(StatusCode, &'static str);

impl From<(StatusCode, &'static str)> for Refusal {
    fn from((status, text): (StatusCode, &'static str)) -> Self {
        Self(status, text)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, Json(json!({"error": {"type": "refused", "message": self.1}}))).into_response()
    }
}
