//! Our calls to Sumsub, each signed: first the applicant, then the link that takes the player to the check.

use std::collections::BTreeMap;

use domain::{Date, Timestamp};
use http::Method;
use ring::hmac;
use serde::{Deserialize, Serialize};
use url::{Position, Url};

use super::Sumsub;
use crate::call::{CallFailure, InboundAnswer, OutboundCall, endpoint, web_url};
use crate::conversation::{Step, read, refused, unclear};
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

/// The applicant is made first, so that Sumsub can compare the document with what the player claims.
pub(super) fn step(
    sumsub: &Sumsub,
    request: &VerificationRequest,
    answers: &[InboundAnswer],
    now: Timestamp,
) -> Result<Step<Entrance>, CallFailure> {
    match answers {
        [] => applicant(sumsub, request, now).map(Step::Call),
        [made] => {
            if made.status != KNOWN {
                read::<serde::de::IgnoredAny>(made)?;
            }
            link(sumsub, request, now).map(Step::Call)
        }
        [_, made, ..] => {
            let Link { url } = read(made)?;
            web_url(&url).ok_or_else(|| unclear("the link is none"))?;
            Ok(Step::Done(Entrance::RedirectUrl(url)))
        }
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
    let fixed_info =
        Claimed { first_name: &request.first_name, last_name: &request.last_name, dob: request.birth_date };
    let body = write(&NewApplicant { external_user_id: request.player.to_string(), fixed_info })?;
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
struct NewApplicant<'a> {
    external_user_id: String,
    fixed_info: Claimed<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Claimed<'a> {
    first_name: &'a str,
    last_name: &'a str,
    dob: Date,
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
