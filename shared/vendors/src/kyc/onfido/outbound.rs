//! Our calls to Onfido: an applicant, then a workflow run whose link takes the player to the check.

use std::collections::BTreeMap;

use domain::{Date, Timestamp};
use http::Method;
use serde::{Deserialize, Serialize};

use super::Onfido;
use crate::call::{CallFailure, InboundAnswer, OutboundCall, endpoint, web_url};
use crate::conversation::{Step, read, refused, unclear};
use crate::kyc::{Entrance, VerificationRequest};

/// Says who we are.
pub const AUTHORIZATION_HEADER: &str = "authorization";

/// What names at Onfido cannot hold.
const NOT_IN_NAMES: &[char] = &['!', '#', '$', '%', '*', '=', '<', '>', ';', '{', '}', '"'];

/// A player who went away comes back to the run that waits for them: each new one would make another applicant, and
/// end as abandoned some day.
pub(super) fn step(
    onfido: &Onfido,
    request: &VerificationRequest,
    answers: &[InboundAnswer],
    now: Timestamp,
) -> Result<Step<Entrance>, CallFailure> {
    let player = request.player.to_string();
    match answers {
        [] => {
            let waiting = [("tags", player.as_str()), ("status", "awaiting_input")];
            get(onfido, "/workflow_runs", &waiting).map(Step::Call)
        }
        [waiting] => {
            let runs: Vec<Run> = read(waiting)?;
            let workflow = onfido.workflow_of(&request.jurisdiction);
            match runs.iter().find_map(|run| run.way_back(workflow, &player, now)) {
                Some(url) => Ok(Step::Done(Entrance::RedirectUrl(url))),
                None => applicant(onfido, request).map(Step::Call),
            }
        }
        [_, applicant] => {
            let Applicant { id } = read(applicant)?;
            run(onfido, request, &player, &id).map(Step::Call)
        }
        [_, _, run, ..] => read::<Run>(run)?.way_in().map(Step::Done),
    }
}

/// A question.
pub(super) fn get(onfido: &Onfido, path: &str, query: &[(&str, &str)]) -> Result<OutboundCall, CallFailure> {
    let mut url = endpoint(&onfido.base_url, path).ok_or_else(|| refused("the address is none"))?;
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    Ok(OutboundCall { method: Method::GET, url: url.into(), headers: headers(onfido), body: Vec::new() })
}

fn post(onfido: &Onfido, path: &str, body: &impl Serialize) -> Result<OutboundCall, CallFailure> {
    let url = endpoint(&onfido.base_url, path).ok_or_else(|| refused("the address is none"))?;
    let body = serde_json::to_vec(body).map_err(|_| refused("the call could not be written"))?;
    let mut headers = headers(onfido);
    headers.insert("content-type", "application/json".to_owned());
    Ok(OutboundCall { method: Method::POST, url: url.into(), headers, body })
}

fn headers(onfido: &Onfido) -> BTreeMap<&'static str, String> {
    BTreeMap::from([(AUTHORIZATION_HEADER, format!("Token token={}", onfido.api_token))])
}

fn applicant(onfido: &Onfido, request: &VerificationRequest) -> Result<OutboundCall, CallFailure> {
    let applicant = NewApplicant {
        first_name: request.first_name.replace(NOT_IN_NAMES, ""),
        last_name: request.last_name.replace(NOT_IN_NAMES, ""),
        dob: request.birth_date,
    };
    post(onfido, "/applicants", &applicant)
}

fn run(
    onfido: &Onfido,
    request: &VerificationRequest,
    player: &str,
    applicant_id: &str,
) -> Result<OutboundCall, CallFailure> {
    let return_url = request.return_url.as_deref();
    let run = NewRun {
        workflow_id: onfido.workflow_of(&request.jurisdiction),
        applicant_id,
        customer_user_id: player,
        tags: [player],
        link: return_url.map(|url| NewLink { completed_redirect_url: url, expired_redirect_url: url }),
    };
    post(onfido, "/workflow_runs", &run)
}

#[derive(Serialize)]
struct NewApplicant {
    first_name: String,
    last_name: String,
    dob: Date,
}

#[derive(Serialize)]
struct NewRun<'a> {
    workflow_id: &'a str,
    applicant_id: &'a str,
    customer_user_id: &'a str,
    tags: [&'a str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<NewLink<'a>>,
}

#[derive(Serialize)]
struct NewLink<'a> {
    completed_redirect_url: &'a str,
    expired_redirect_url: &'a str,
}

#[derive(Deserialize)]
struct Applicant {
    id: String,
}

#[derive(Deserialize)]
struct Run {
    workflow_id: Option<String>,
    customer_user_id: Option<String>,
    status: Option<String>,
    link: Option<Link>,
    sdk_token: Option<String>,
}

#[derive(Deserialize)]
struct Link {
    url: Option<String>,
    expires_at: Option<Timestamp>,
}

impl Run {
    /// The link to a run that still waits for this very player in this very workflow.
    fn way_back(&self, workflow: &str, player: &str, now: Timestamp) -> Option<String> {
        let is_theirs = self.workflow_id.as_deref() == Some(workflow)
            && self.customer_user_id.as_deref() == Some(player)
            && self.status.as_deref() == Some("awaiting_input");
        let link = self.link.as_ref().filter(|it| is_theirs && it.expires_at.is_none_or(|end| end > now))?;
        link.page()
    }

    fn way_in(self) -> Result<Entrance, CallFailure> {
        let page = self.link.as_ref().and_then(Link::page).map(Entrance::RedirectUrl);
        let token = || self.sdk_token.filter(|token| !token.is_empty()).map(Entrance::SdkToken);
        page.or_else(token).ok_or_else(|| unclear("the run has no way in"))
    }
}

impl Link {
    fn page(&self) -> Option<String> {
        self.url.clone().filter(|url| web_url(url).is_some())
    }
}
