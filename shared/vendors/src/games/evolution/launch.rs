//! Our calls to Evolution: opening a game, and asking how a round went.

use std::collections::BTreeMap;
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Builder;

use super::Evolution;
use crate::call::{self, CallFailure, InboundAnswer, OutboundCall};
use crate::games::{Device, Launch};

/// How much of a vendor's words is worth keeping.
const LONGEST_REASON: usize = 200;
/// The failures of Evolution's own that pass: the same call may succeed later.
const PASSING: [&str; 5] = ["G.0", "G.4", "G.5", "G.6", "G.7"];

/// Where sessions are opened. The address itself is a secret: it holds the casino's token.
pub(super) fn endpoint(base_url: &str, casino_key: &str, casino_token: &str) -> Option<Url> {
    let mut url = call::endpoint(base_url, "/ua/v1")?;
    url.path_segments_mut().ok()?.push(casino_key).push(casino_token);
    Some(url)
}

/// Where rounds are told of.
pub(super) fn details_endpoint(base_url: &str) -> Option<Url> {
    call::endpoint(base_url, "/api/render/v1/details")
}

/// The call that opens a session at a table.
pub(super) fn call(evolution: &Evolution, launch: &Launch) -> Result<OutboundCall, CallFailure> {
    let uuid = Builder::from_random_bytes(evolution.rotation.derive("launch", &launch.token)).into_uuid();
    let body = serde_json::to_vec(&Body::new(uuid.to_string(), launch))
        .map_err(|_| CallFailure::Refused("the call could not be made ready".to_owned()))?;
    let headers = BTreeMap::from([("content-type", "application/json".to_owned())]);
    Ok(OutboundCall { method: Method::POST, url: evolution.launch_endpoint.to_string(), headers, body })
}

/// The game's address: Evolution names the path, below its own address.
pub(super) fn url(evolution: &Evolution, answer: &InboundAnswer) -> Result<String, CallFailure> {
    if let Some(failure) = told_failure(answer) {
        return Err(failure);
    }
    succeeded(answer)?;
    let opened = serde_json::from_slice(&answer.body).ok();
    opened
        .filter(|Opened { entry }| entry.starts_with('/'))
        .and_then(|Opened { entry }| call::endpoint(&evolution.base_url, &entry))
        .map(String::from)
        .ok_or_else(|| CallFailure::Unclear("no entry in the answer".to_owned()))
}

/// The call that asks how a round went.
pub(super) fn details_call(evolution: &Evolution, round: &str) -> OutboundCall {
    let mut url = evolution.details_endpoint.clone();
    url.query_pairs_mut().append_pair("gameId", round);
    let credentials = format!("{}:{}", evolution.casino_key, evolution.casino_token);
    let headers = BTreeMap::from([("authorization", format!("Basic {}", STANDARD.encode(credentials)))]);
    OutboundCall { method: Method::GET, url: url.into(), headers, body: Vec::new() }
}

/// The page that tells how a round went.
pub(super) fn details(answer: &InboundAnswer) -> Result<String, CallFailure> {
    if let Some(failure) = told_failure(answer) {
        return Err(failure);
    }
    succeeded(answer)?;
    String::from_utf8(answer.body.clone())
        .map_err(|_| CallFailure::Unclear("the answer is no text".to_owned()))
}

/// What Evolution itself says went wrong, whatever the HTTP status.
fn told_failure(answer: &InboundAnswer) -> Option<CallFailure> {
    let Failed { errors } = serde_json::from_slice(&answer.body).ok()?;
    let Told { code, message } = errors.into_iter().next()?;
    let words: String = format!("{code} {message}");
    let words: String = words.chars().filter(|c| !c.is_control()).take(LONGEST_REASON).collect();
    let passing = PASSING.contains(&code.as_str()) || answer.status >= 500;
    Some(if passing { CallFailure::Unclear(words) } else { CallFailure::Refused(words) })
}

fn succeeded(answer: &InboundAnswer) -> Result<(), CallFailure> {
    match answer.status {
        200..=299 => Ok(()),
        408 | 425 | 429 => Err(CallFailure::Unclear(format!("HTTP {}", answer.status))),
        400..=499 => Err(CallFailure::Refused(format!("HTTP {}", answer.status))),
        _ => Err(CallFailure::Unclear(format!("HTTP {}", answer.status))),
    }
}

#[derive(Serialize)]
struct Body<'a> {
    uuid: String,
    player: Player<'a>,
    config: Config<'a>,
}

#[derive(Serialize)]
struct Player<'a> {
    id: String,
    update: bool,
    country: &'a str,
    language: &'a str,
    currency: &'static str,
    session: Session<'a>,
}

#[derive(Serialize)]
struct Session<'a> {
    id: &'a str,
    ip: IpAddr,
}

#[derive(Serialize)]
struct Config<'a> {
    game: Game<'a>,
    channel: Channel,
    urls: Urls<'a>,
}

#[derive(Serialize)]
struct Game<'a> {
    table: Table<'a>,
}

#[derive(Serialize)]
struct Table<'a> {
    id: &'a str,
}

#[derive(Serialize)]
struct Channel {
    wrapped: bool,
    mobile: bool,
}

#[derive(Serialize)]
struct Urls<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    cashier: Option<&'a str>,
    lobby: &'a str,
}

impl<'a> Body<'a> {
    fn new(uuid: String, launch: &'a Launch) -> Self {
        Self {
            uuid,
            player: Player {
                id: launch.player.to_string(),
                update: true,
                country: &launch.country,
                language: &launch.language,
                currency: launch.currency.code(),
                session: Session { id: &launch.token, ip: launch.ip },
            },
            config: Config {
                game: Game { table: Table { id: &launch.game } },
                // Our addresses open in a browser, not in an app that wraps the game.
                channel: Channel { wrapped: false, mobile: launch.device == Device::Mobile },
                urls: Urls { cashier: launch.deposit_url.as_deref(), lobby: &launch.lobby_url },
            },
        }
    }
}

#[derive(Deserialize)]
struct Opened {
    entry: String,
}

#[derive(Deserialize)]
struct Failed {
    errors: Vec<Told>,
}

#[derive(Deserialize)]
struct Told {
    code: String,
    #[serde(default)]
    message: String,
}
