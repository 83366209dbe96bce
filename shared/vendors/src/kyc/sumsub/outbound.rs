//! Our calls to Sumsub, each signed: first the applicant, then the link that takes the player to the check.

use std::collections::BTreeMap;

use domain::Timestamp;
use http::Method;
use ring::hmac;
use serde::{Deserialize, Serialize};
use url::{Position, Url};

use super::Sumsub;
use super::lookup::{Review, one_of_user};
use super::notification::ReviewResult;
use crate::call::{CallFailure, InboundAnswer, OutboundCall, endpoint, is_path_id, web_url};
use crate::conversation::{Step, must, read, refused, unclear};
use crate::kyc::{Entrance, VerificationRequest};

/// Says who we are.
pub const TOKEN_HEADER: &str = "x-app-token";
/// Says when we signed, in seconds of Unix time; Sumsub allows a minute.
pub const TIME_HEADER: &str = "x-app-access-ts";
/// Carries the signature.
pub const SIGNATURE_HEADER: &str = "x-app-access-sig";

const APPLICANTS_PATH: &str = "/resources/applicants";
/// The level stands in the body; the dash in its place is Sumsub's.
const LINK_PATH: &str = "/resources/sdkIntegrations/levels/-/websdkLink";

const LINK_LIFE_SECONDS: u32 = 30 * 60;

/// How Sumsub says that it knows the player already.
const KNOWN: u16 = 409;

/// The applicant is made first, so that Sumsub can compare the document with what the player claims. One that is known
/// is brought up to date before: its link would only show what came of the check before this one.
pub(super) fn step(
    sumsub: &Sumsub,
    request: &VerificationRequest,
    answers: &[InboundAnswer],
    now: Timestamp,
) -> Result<Step<Entrance>, CallFailure> {
    let Some((made, answers)) = answers.split_first() else {
        return applicant(sumsub, request, now).map(Step::Call);
    };
    if made.status != KNOWN {
        must(made)?;
        return enter(sumsub, request, answers, now);
    }
    let Some((known, answers)) = answers.split_first() else {
        let path = one_of_user(&request.player.to_string());
        return call(sumsub, Method::GET, &path, &[], Vec::new(), now).map(Step::Call);
    };
    let mut answers = answers;
    for update in read::<KnownApplicant>(known)?.updates(sumsub, request, now)? {
        let Some((done, rest)) = answers.split_first() else { return Ok(Step::Call(update)) };
        must(done)?;
        answers = rest;
    }
    enter(sumsub, request, answers, now)
}

/// The link, once the applicant is as it should be.
fn enter(
    sumsub: &Sumsub,
    request: &VerificationRequest,
    answers: &[InboundAnswer],
    now: Timestamp,
) -> Result<Step<Entrance>, CallFailure> {
    let Some(made) = answers.first() else { return link(sumsub, request, now).map(Step::Call) };
    let Link { url } = read(made)?;
    web_url(&url).ok_or_else(|| unclear("the link is none"))?;
    Ok(Step::Done(Entrance::RedirectUrl(url)))
}

impl KnownApplicant {
    /// What has to be said of an applicant before the player comes again: first that the approval is void, or the new
    /// name would be held against the old documents at once. Sumsub is not disturbed while it is checking, and does not
    /// want those back whom it refused for good.
    fn updates(
        &self,
        sumsub: &Sumsub,
        request: &VerificationRequest,
        now: Timestamp,
    ) -> Result<Vec<OutboundCall>, CallFailure> {
        if !is_path_id(&self.id) {
            return Err(unclear("the applicant's id is none"));
        }
        let review = self.review.as_ref();
        let result = review.filter(|it| it.is_completed()).and_then(|it| it.result.as_ref());
        let is_reset = request.anew && result.is_some_and(ReviewResult::is_approval);
        let is_open = is_reset
            || review.is_none_or(|it| it.status.as_deref() == Some("init"))
            || result.is_some_and(ReviewResult::invites);
        let claimed = Claimed::of(request);
        let is_new = self.fixed_info.as_ref() != Some(&claimed);
        let path = |what: &str| format!("{APPLICANTS_PATH}/{}/{what}", self.id);
        let reset = is_reset.then(|| call(sumsub, Method::POST, &path("reset"), &[], Vec::new(), now));
        let claim = (is_open && is_new).then(|| {
            let body = write(&claimed)?;
            call(sumsub, Method::PATCH, &path("fixedInfo"), &[], body, now)
        });
        reset.into_iter().chain(claim).collect()
    }
}

/// A call to a path below the base URL, with a query if there is one, signed for now.
pub(super) fn call(
    sumsub: &Sumsub,
    method: Method,
    path: &str,
    query: &[(&str, &str)],
    body: Vec<u8>,
    now: Timestamp,
) -> Result<OutboundCall, CallFailure> {
    let mut url: Url = endpoint(&sumsub.base_url, path).ok_or_else(|| refused("the address is none"))?;
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    let seconds = now.as_second();
    let signed = &url[Position::BeforePath..Position::AfterQuery];
    let signature = sign_request(sumsub.secret_key.as_bytes(), seconds, method.as_str(), signed, &body);
    let mut headers = BTreeMap::from([
        (TOKEN_HEADER, sumsub.app_token.clone()),
        (TIME_HEADER, seconds.to_string()),
        (SIGNATURE_HEADER, signature),
    ]);
    if !body.is_empty() {
        headers.insert("content-type", "application/json".to_owned());
    }
    Ok(OutboundCall { method, url: url.into(), headers, body })
}

/// Signs a request as Sumsub wants it: `path` with its query, and the body's bytes as sent.
#[must_use]
pub fn sign_request(key: &[u8], seconds: i64, method: &str, path: &str, body: &[u8]) -> String {
    let mut message = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    for part in [seconds.to_string().as_bytes(), method.as_bytes(), path.as_bytes(), body] {
        message.update(part);
    }
    hex::encode(message.sign())
}

fn applicant(
    sumsub: &Sumsub,
    request: &VerificationRequest,
    now: Timestamp,
) -> Result<OutboundCall, CallFailure> {
    let body = write(&NewApplicant {
        external_user_id: request.player.to_string(),
        fixed_info: Claimed::of(request),
    })?;
    let level = [("levelName", sumsub.level_of(&request.jurisdiction))];
    call(sumsub, Method::POST, APPLICANTS_PATH, &level, body, now)
}

fn link(sumsub: &Sumsub, request: &VerificationRequest, now: Timestamp) -> Result<OutboundCall, CallFailure> {
    let return_url = request.return_url.as_deref();
    let body = write(&NewLink {
        level_name: sumsub.level_of(&request.jurisdiction),
        user_id: request.player.to_string(),
        ttl_in_secs: LINK_LIFE_SECONDS,
        redirect: return_url.map(|url| Redirect { success_url: url, reject_url: url }),
    })?;
    call(sumsub, Method::POST, LINK_PATH, &[], body, now)
}

fn write(body: &impl Serialize) -> Result<Vec<u8>, CallFailure> {
    serde_json::to_vec(body).map_err(|_| refused("the call could not be written"))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewApplicant {
    external_user_id: String,
    fixed_info: Claimed,
}

/// Who the player claims to be.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Claimed {
    first_name: Option<String>,
    last_name: Option<String>,
    dob: Option<String>,
}

impl Claimed {
    fn of(request: &VerificationRequest) -> Self {
        Self {
            first_name: Some(request.first_name.clone()),
            last_name: Some(request.last_name.clone()),
            dob: Some(request.birth_date.to_string()),
        }
    }
}

/// An applicant of whom Sumsub knows already.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct KnownApplicant {
    id: String,
    fixed_info: Option<Claimed>,
    review: Option<Review>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewLink<'a> {
    level_name: &'a str,
    user_id: String,
    ttl_in_secs: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect: Option<Redirect<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Redirect<'a> {
    success_url: &'a str,
    reject_url: &'a str,
}

#[derive(Deserialize)]
struct Link {
    url: String,
}
