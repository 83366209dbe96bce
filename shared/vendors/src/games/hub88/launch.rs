//! Opening a game: the one call of ours to Hub88 that a player waits for.

use std::collections::BTreeMap;
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use ring::rand::SystemRandom;
use ring::signature::RSA_PKCS1_SHA256;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{Hub88, OperatorId, SIGNATURE_HEADER};
use crate::call::{self, CallFailure, InboundAnswer, OutboundCall};
use crate::games::{Device, Launch};

/// How much of a vendor's words is worth keeping.
const LONGEST_REASON: usize = 200;

/// Where games are asked for.
pub(super) fn endpoint(base_url: &str) -> Option<Url> {
    call::endpoint(base_url, "/operator/generic/v2/game/url")
}

/// The signed call.
pub(super) fn call(hub88: &Hub88, launch: &Launch) -> Result<OutboundCall, CallFailure> {
    let body = serde_json::to_vec(&Body::new(&hub88.operator_id, launch)).map_err(|_| unsent())?;
    let headers = BTreeMap::from([
        ("content-type", "application/json".to_owned()),
        (SIGNATURE_HEADER, sign(hub88, &body)?),
    ]);
    Ok(OutboundCall { method: Method::POST, url: hub88.launch_endpoint.to_string(), headers, body })
}

/// The game's address.
pub(super) fn url(answer: &InboundAnswer) -> Result<String, CallFailure> {
    match answer.status {
        200..=299 => {
            let Opened { url } = serde_json::from_slice(&answer.body)
                .map_err(|_| CallFailure::Unclear("no game URL in the answer".to_owned()))?;
            call::web_url(&url).ok_or_else(|| CallFailure::Unclear("the game URL is none".to_owned()))?;
            Ok(url)
        }
        400 | 401 | 403 | 404 => Err(CallFailure::Refused(reason(answer))),
        _ => Err(CallFailure::Unclear(reason(answer))),
    }
}

#[derive(Serialize)]
struct Body<'a> {
    operator_id: &'a OperatorId,
    user: String,
    token: &'a str,
    game_code: &'a str,
    currency: &'static str,
    country: &'a str,
    lang: &'a str,
    platform: &'static str,
    ip: IpAddr,
    lobby_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    deposit_url: Option<&'a str>,
}

impl<'a> Body<'a> {
    fn new(operator_id: &'a OperatorId, launch: &'a Launch) -> Self {
        Self {
            operator_id,
            user: launch.player.to_string(),
            token: &launch.token,
            game_code: &launch.game,
            currency: launch.currency.code(),
            country: &launch.country,
            lang: &launch.language,
            platform: match launch.device {
                Device::Desktop => "GPL_DESKTOP",
                Device::Mobile => "GPL_MOBILE",
            },
            ip: launch.ip,
            lobby_url: &launch.lobby_url,
            deposit_url: launch.deposit_url.as_deref(),
        }
    }
}

#[derive(Deserialize)]
struct Opened {
    url: String,
}

#[derive(Deserialize)]
struct Failed {
    error: String,
}

fn sign(hub88: &Hub88, body: &[u8]) -> Result<String, CallFailure> {
    let mut signature = vec![0; hub88.our_key.public().modulus_len()];
    hub88
        .our_key
        .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), body, &mut signature)
        .map_err(|_| unsent())?;
    Ok(STANDARD.encode(signature))
}

fn unsent() -> CallFailure {
    CallFailure::Refused("the call could not be made ready".to_owned())
}

fn reason(answer: &InboundAnswer) -> String {
    let words = serde_json::from_slice(&answer.body).map(|Failed { error }| error).unwrap_or_default();
    let words: String = words.chars().filter(|c| !c.is_control()).take(LONGEST_REASON).collect();
    format!("HTTP {}: {words}", answer.status)
}
