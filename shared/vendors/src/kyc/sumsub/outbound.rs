//! Our calls to Sumsub, each signed: the link that takes a player to the check.

use std::collections::BTreeMap;

use domain::Timestamp;
use http::Method;
use ring::hmac;
use serde::{Deserialize, Serialize};

use super::Sumsub;
use crate::call::{CallFailure, InboundAnswer, OutboundCall, web_url};
use crate::kyc::{Entrance, VerificationRequest};

/// Says who we are.
pub const TOKEN_HEADER: &str = "x-app-token";
/// Says when we signed, in seconds of Unix time; Sumsub allows a minute.
pub const TIME_HEADER: &str = "x-app-access-ts";
/// Carries the signature.
pub const SIGNATURE_HEADER: &str = "x-app-access-sig";

/// The level stands in the body; the dash in its place is Sumsub's.
pub(super) const LINK_PATH: &str = "/resources/sdkIntegrations/levels/-/websdkLink";

const LINK_LIFE_SECONDS: u32 = 30 * 60;

pub(super) fn start(
    sumsub: &Sumsub,
    request: &VerificationRequest,
    now: Timestamp,
) -> Result<OutboundCall, CallFailure> {
    let return_url = request.return_url.as_deref();
    let link = Link {
        level_name: &sumsub.level_name,
        user_id: request.player.to_string(),
        ttl_in_secs: LINK_LIFE_SECONDS,
        redirect: return_url.map(|url| Redirect { success_url: url, reject_url: url }),
    };
    let body = serde_json::to_vec(&link)
        .map_err(|_| CallFailure::Refused("the call could not be written".to_owned()))?;
    let seconds = now.as_second();
    let key = sumsub.secret_key.as_bytes();
    let headers = BTreeMap::from([
        ("content-type", "application/json".to_owned()),
        (TOKEN_HEADER, sumsub.app_token.clone()),
        (TIME_HEADER, seconds.to_string()),
        (SIGNATURE_HEADER, sign_request(key, seconds, "POST", path_and_query(sumsub), &body)),
    ]);
    Ok(OutboundCall { method: Method::POST, url: sumsub.links.to_string(), headers, body })
}

/// Asking again is harmless, so nothing but a plain "no" counts as one.
pub(super) fn started(answer: &InboundAnswer) -> Result<Entrance, CallFailure> {
    match answer.status {
        200..=299 => {
            let Made { url } = serde_json::from_slice(&answer.body)
                .map_err(|_| CallFailure::Unclear("no link in the answer".to_owned()))?;
            web_url(&url).ok_or_else(|| CallFailure::Unclear("the link is none".to_owned()))?;
            Ok(Entrance::RedirectUrl(url))
        }
        400 | 404 | 409 | 422 => Err(CallFailure::Refused(format!("HTTP {}", answer.status))),
        other => Err(CallFailure::Unclear(format!("HTTP {other}"))),
    }
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

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Link<'a> {
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
struct Made {
    url: String,
}

fn path_and_query(sumsub: &Sumsub) -> &str {
    &sumsub.links[url::Position::BeforePath..url::Position::AfterQuery]
}
