//! Our calls to Veriff, each signed: the session whose link takes the player to the check.

use std::collections::BTreeMap;

use domain::Date;
use http::Method;
use serde::{Deserialize, Serialize};

use super::notification::sign;
use super::{CLIENT_HEADER, SIGNATURE_HEADER, Veriff};
use crate::call::{CallFailure, InboundAnswer, OutboundCall, endpoint, web_url};
use crate::conversation::{Step, read, refused, unclear};
use crate::kyc::{Entrance, VerificationRequest};

pub(super) fn step(
    veriff: &Veriff,
    request: &VerificationRequest,
    answers: &[InboundAnswer],
) -> Result<Step<Entrance>, CallFailure> {
    match answers {
        [] => session(veriff, request).map(Step::Call),
        [made, ..] => {
            let Made { verification: Session { url } } = read(made)?;
            web_url(&url).ok_or_else(|| unclear("the link is none"))?;
            Ok(Step::Done(Entrance::RedirectUrl(url)))
        }
    }
}

/// A question about a session: where there is no body, its id is what is signed.
pub(super) fn get(veriff: &Veriff, session: &str, what: &str) -> Result<OutboundCall, CallFailure> {
    call(veriff, Method::GET, &format!("/v1/sessions/{session}/{what}"), session.as_bytes(), Vec::new())
}

fn session(veriff: &Veriff, request: &VerificationRequest) -> Result<OutboundCall, CallFailure> {
    let verification = NewSession {
        callback: request.return_url.as_deref(),
        person: Claimed {
            first_name: &request.first_name,
            last_name: &request.last_name,
            date_of_birth: request.birth_date,
        },
        vendor_data: request.player.to_string(),
    };
    let body =
        serde_json::to_vec(&New { verification }).map_err(|_| refused("the call could not be written"))?;
    let mut call = call(veriff, Method::POST, "/v1/sessions", &body.clone(), body)?;
    call.headers.insert("content-type", "application/json".to_owned());
    Ok(call)
}

fn call(
    veriff: &Veriff,
    method: Method,
    path: &str,
    signed: &[u8],
    body: Vec<u8>,
) -> Result<OutboundCall, CallFailure> {
    let url = endpoint(&veriff.base_url, path).ok_or_else(|| refused("the address is none"))?;
    let headers = BTreeMap::from([
        (CLIENT_HEADER, veriff.api_key.clone()),
        (SIGNATURE_HEADER, sign(signed, &veriff.signing_secret)),
    ]);
    Ok(OutboundCall { method, url: url.into(), headers, body })
}

#[derive(Serialize)]
struct New<'a> {
    verification: NewSession<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewSession<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    callback: Option<&'a str>,
    person: Claimed<'a>,
    vendor_data: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Claimed<'a> {
    first_name: &'a str,
    last_name: &'a str,
    date_of_birth: Date,
}

#[derive(Deserialize)]
struct Made {
    verification: Session,
}

#[derive(Deserialize)]
struct Session {
    url: String,
}
