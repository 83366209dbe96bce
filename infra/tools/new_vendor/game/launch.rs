//! Opening a game at __Name__.

use std::collections::BTreeMap;

use http::Method;
use serde::{Deserialize, Serialize};

use super::__Name__;
use crate::call::{CallFailure, InboundAnswer, OutboundCall};
use crate::games::answers::{self, unsent};
use crate::games::{Launch, request_sign};

pub(super) const PATH: &str = "/launch";

#[derive(Serialize)]
struct Body<'a> {
    player: String,
    token: &'a str,
    game: &'a str,
    currency: &'static str,
    country: &'a str,
    language: &'a str,
    lobby_url: &'a str,
}

#[derive(Deserialize)]
struct Opened {
    url: String,
}

#[derive(Deserialize)]
struct Refused {
    status: String,
}

/// The signed call for a game.
pub(super) fn call(__name__: &__Name__, launch: &Launch) -> Result<OutboundCall, CallFailure> {
    let body = serde_json::to_vec(&Body {
        player: launch.player.to_string(),
        token: &launch.token,
        game: &launch.game,
        currency: launch.currency.code(),
        country: &launch.country,
        language: &launch.language,
        lobby_url: &launch.lobby_url,
    })
    .map_err(|_| unsent())?;
    let headers = BTreeMap::from([
        ("content-type", "application/json".to_owned()),
        (request_sign::HEADER, request_sign::sign(&__name__.our_secret, &body)),
    ]);
    Ok(OutboundCall { method: Method::POST, url: __name__.launcher.to_string(), headers, body })
}

/// The game's address.
pub(super) fn url(answer: &InboundAnswer) -> Result<String, CallFailure> {
    let Opened { url } = answers::read(answer, |body| {
        serde_json::from_slice::<Refused>(body).ok().map(|refused| refused.status)
    })?;
    answers::web_address(url)
}
