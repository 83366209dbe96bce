//! Opening a game: the one call of ours to Hub88 or a relative that a player waits for.

use serde::{Deserialize, Serialize};

use super::back_office::Asker;
use super::line::{Line, words};
use super::render::Dialect;
use crate::call::{CallFailure, InboundAnswer, OutboundCall};
use crate::games::{DemoLaunch, Device, Launch, answers};

/// Where games are asked for.
pub(super) const PATH: &str = "/game/url";

/// The languages that Caleta's games are in.
const CALETAS: [&str; 11] = ["en", "pt", "ko", "th", "de", "es", "ja", "ru", "tr", "vi", "zh"];

/// The signed call for a game.
pub(super) fn real(
    line: &Line,
    dialect: Dialect,
    asker: Asker<'_>,
    launch: &Launch,
) -> Result<OutboundCall, CallFailure> {
    let body = Body {
        asker,
        user: Some(launch.player.to_string()),
        token: Some(&launch.token),
        game_code: &launch.game,
        currency: launch.currency.code(),
        country: &launch.country,
        lang: language(dialect, &launch.language),
        platform: played_on(dialect, launch.device),
        lobby_url: &launch.lobby_url,
        deposit_url: launch.deposit_url.as_deref(),
    };
    line.call(PATH, &body)
}

/// The signed call for a demo: nobody is named, and the currency says that there is no money.
pub(super) fn demo(
    line: &Line,
    dialect: Dialect,
    asker: Asker<'_>,
    demo: &DemoLaunch,
) -> Result<OutboundCall, CallFailure> {
    let body = Body {
        asker,
        user: None,
        token: None,
        game_code: &demo.game,
        currency: match dialect {
            Dialect::Hub88 => "XXX",
            Dialect::Caleta => "FUN",
        },
        country: &demo.country,
        lang: language(dialect, &demo.language),
        platform: played_on(dialect, demo.device),
        lobby_url: &demo.lobby_url,
        deposit_url: None,
    };
    line.call(PATH, &body)
}

/// An address out of an answer: a game's, or a round's page.
pub(super) fn url(answer: &InboundAnswer) -> Result<String, CallFailure> {
    let Opened { url } = answers::read(answer, words)?;
    answers::web_address(url)
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(flatten)]
    asker: Asker<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
    game_code: &'a str,
    currency: &'static str,
    country: &'a str,
    lang: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<&'static str>,
    lobby_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    deposit_url: Option<&'a str>,
}

#[derive(Deserialize)]
struct Opened {
    url: String,
}

/// What the game is played on; Caleta does not ask.
fn played_on(dialect: Dialect, device: Device) -> Option<&'static str> {
    (dialect == Dialect::Hub88).then(|| platform(device))
}

/// Hub88 takes any language; Caleta refuses one that its games are not in.
fn language(dialect: Dialect, language: &str) -> &str {
    let is_spoken = dialect == Dialect::Hub88 || CALETAS.contains(&language);
    if is_spoken { language } else { "en" }
}

const fn platform(device: Device) -> &'static str {
    match device {
        Device::Desktop => "GPL_DESKTOP",
        Device::Mobile => "GPL_MOBILE",
    }
}

/// The device that a platform of theirs is.
pub(super) fn device(name: &str) -> Option<Device> {
    [Device::Desktop, Device::Mobile].into_iter().find(|device| platform(*device) == name)
}
