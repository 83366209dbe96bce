//! Our calls to __Name__, each signed: the page that takes the player to the check, and what came of it.

use std::collections::BTreeMap;

use domain::Date;
use http::Method;
use serde::{Deserialize, Serialize};

use super::verification::{VERIFICATION, Verification};
use super::{__Name__, SIGNATURE_HEADER, sign};
use crate::call::{CallFailure, InboundAnswer, OutboundCall, endpoint, web_url};
use crate::conversation::{Step, read, refused, unclear};
use crate::kyc::{Entrance, Findings, Reference, VerificationRequest};

/// A verification is opened, and the player sent to its page.
pub(super) fn enter(
    __name__: &__Name__,
    request: &VerificationRequest,
    answers: &[InboundAnswer],
) -> Result<Step<Entrance>, CallFailure> {
    let Some(opened) = answers.first() else {
        let body = serde_json::to_vec(&New::of(request));
        let body = body.map_err(|_| refused("the call could not be written"))?;
        return call(__name__, Method::POST, "/verifications", body).map(Step::Call);
    };
    let Opened { url } = read(opened)?;
    web_url(&url).ok_or_else(|| unclear("the page has no address"))?;
    Ok(Step::Done(Entrance::RedirectUrl(url)))
}

/// The verification that a report speaks of.
pub(super) fn look_up(
    __name__: &__Name__,
    reference: &Reference,
    answers: &[InboundAnswer],
) -> Result<Step<Findings>, CallFailure> {
    let Reference { kind: VERIFICATION, id } = reference else {
        return Err(refused("there is nothing of this kind"));
    };
    let Some(answer) = answers.first() else {
        return call(__name__, Method::GET, &format!("/verifications/{id}"), Vec::new()).map(Step::Call);
    };
    let told: Verification = read(answer)?;
    if told.id == *id { Ok(Step::Done(told.findings())) } else { Err(unclear("it is another verification")) }
}

/// Method, path and body are signed, so that no call can be put in another's place.
fn call(__name__: &__Name__, method: Method, path: &str, body: Vec<u8>) -> Result<OutboundCall, CallFailure> {
    let url = endpoint(&__name__.base_url, path).ok_or_else(|| refused("the address is none"))?;
    let message = [format!("{method} {path}\n").as_bytes(), &body].concat();
    let headers = BTreeMap::from([
        ("content-type", "application/json".to_owned()),
        (SIGNATURE_HEADER, sign(&message, &__name__.our_secret)),
    ]);
    Ok(OutboundCall { method, url: url.into(), headers, body })
}

#[derive(Serialize)]
struct New<'a> {
    player_id: String,
    jurisdiction: &'a str,
    first_name: &'a str,
    last_name: &'a str,
    birth_date: Date,
    #[serde(skip_serializing_if = "Option::is_none")]
    return_url: Option<&'a str>,
}

impl<'a> New<'a> {
    fn of(request: &'a VerificationRequest) -> Self {
        Self {
            player_id: request.player.to_string(),
            jurisdiction: &request.jurisdiction,
            first_name: &request.first_name,
            last_name: &request.last_name,
            birth_date: request.birth_date,
            return_url: request.return_url.as_deref(),
        }
    }
}

#[derive(Deserialize)]
struct Opened {
    url: String,
}
