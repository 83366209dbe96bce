//! Opening a game at `SoftSwiss`, for money or as a demo.

use std::collections::BTreeMap;
use std::net::IpAddr;

use http::Method;
use serde::{Deserialize, Serialize};
use url::Url;

use super::SoftSwiss;
use crate::call::{CallFailure, InboundAnswer, OutboundCall};
use crate::games::answers::{self, unsent};
use crate::games::{DemoLaunch, Device, Launch, request_sign};

pub(super) const REAL_PATH: &str = "/api/v1/softswiss/launcher/real";
pub(super) const DEMO_PATH: &str = "/api/v1/softswiss/launcher/demo";

/// The signed call for a game.
pub(super) fn real(softswiss: &SoftSwiss, launch: &Launch) -> Result<OutboundCall, CallFailure> {
    let account =
        Account { id: launch.player.to_string(), currency: launch.currency.code(), country: &launch.country };
    let body = Body {
        casino_id: &softswiss.casino_id,
        game: &launch.game,
        locale: &launch.language,
        ip: launch.ip,
        client_type: client_type(launch.device),
        urls: Urls { return_url: &launch.lobby_url, deposit_url: launch.deposit_url.as_deref() },
        account: Some(account),
        currency: None,
    };
    signed(softswiss, &softswiss.endpoints.real, &body)
}

/// The signed call for a demo.
pub(super) fn demo(softswiss: &SoftSwiss, demo: &DemoLaunch) -> Result<OutboundCall, CallFailure> {
    let body = Body {
        casino_id: &softswiss.casino_id,
        game: &demo.game,
        locale: &demo.language,
        ip: demo.ip,
        client_type: client_type(demo.device),
        urls: Urls { return_url: &demo.lobby_url, deposit_url: None },
        account: None,
        currency: Some(demo.currency.code()),
    };
    signed(softswiss, &softswiss.endpoints.demo, &body)
}

/// The game's address.
pub(super) fn url(answer: &InboundAnswer) -> Result<String, CallFailure> {
    let Opened { launch_url } = answers::read(answer, words)?;
    answers::web_address(launch_url)
}

/// Why `SoftSwiss` refused: its code, and what it says to it.
pub(super) fn words(body: &[u8]) -> Option<String> {
    let Refused { meta } = serde_json::from_slice(body).ok()?;
    Some(format!("{} {}", meta.api_code, meta.api_message))
}

#[derive(Serialize)]
struct Body<'a> {
    casino_id: &'a str,
    game: &'a str,
    locale: &'a str,
    ip: IpAddr,
    client_type: &'static str,
    urls: Urls<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<Account<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<&'static str>,
}

#[derive(Serialize)]
struct Urls<'a> {
    return_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    deposit_url: Option<&'a str>,
}

#[derive(Serialize)]
struct Account<'a> {
    id: String,
    currency: &'static str,
    country: &'a str,
}

#[derive(Deserialize)]
struct Opened {
    launch_url: String,
}

#[derive(Deserialize)]
struct Refused {
    meta: Meta,
}

#[derive(Deserialize)]
struct Meta {
    api_code: String,
    api_message: String,
}

const fn client_type(device: Device) -> &'static str {
    match device {
        Device::Desktop => "desktop",
        Device::Mobile => "mobile",
    }
}

fn signed(softswiss: &SoftSwiss, endpoint: &Url, body: &Body<'_>) -> Result<OutboundCall, CallFailure> {
    let body = serde_json::to_vec(body).map_err(|_| unsent())?;
    let headers = BTreeMap::from([
        ("content-type", "application/json".to_owned()),
        (request_sign::HEADER, request_sign::sign(&softswiss.our_secret, &body)),
    ]);
    Ok(OutboundCall { method: Method::POST, url: endpoint.to_string(), headers, body })
}
