//! Opening a game at Swipe Games, for money or as a demo.

use domain::Currency;
use http::Method;
use serde::{Deserialize, Serialize};

use super::{Client, Swipe, signing};
use crate::call::{CallFailure, InboundAnswer, OutboundCall};
use crate::games::{DemoLaunch, Device, Launch, answers};

pub(super) const PATH: &str = "/create-new-game";

/// The locales that their games are in. Of several in one language the plain one comes first.
const LOCALES: [&str; 16] = [
    "en_us", "pt_br", "es", "es_mx", "ru", "zh_tw", "ko", "th", "vi", "hi", "ja", "fr", "tr", "de", "id",
    "uz",
];

/// The locale of everybody else.
const ENGLISH: &str = "en_us";

/// The signed call for a game. Our token is their session.
pub(super) fn real(swipe: &Swipe, launch: &Launch) -> Result<OutboundCall, CallFailure> {
    let body = Body {
        session_id: Some(&launch.token),
        user: Some(User { id: launch.player.to_string(), country: &launch.country }),
        return_url: &launch.lobby_url,
        deposit_url: launch.deposit_url.as_deref(),
        ..Body::new(&swipe.client, &launch.game, launch.currency, &launch.language, launch.device)
    };
    signing::with_body(swipe, Method::POST, &swipe.endpoints.new_game, &body)
}

/// The signed call for a demo.
pub(super) fn demo(swipe: &Swipe, demo: &DemoLaunch) -> Result<OutboundCall, CallFailure> {
    let body = Body {
        demo: true,
        return_url: &demo.lobby_url,
        ..Body::new(&swipe.client, &demo.game, demo.currency, &demo.language, demo.device)
    };
    signing::with_body(swipe, Method::POST, &swipe.endpoints.new_game, &body)
}

/// The game's address.
pub(super) fn url(answer: &InboundAnswer) -> Result<String, CallFailure> {
    let Opened { game_url } = answers::read(answer, signing::words)?;
    answers::web_address(game_url)
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "cID")]
    cid: &'a str,
    #[serde(rename = "extCID")]
    ext_cid: &'a str,
    #[serde(rename = "gameID")]
    game_id: &'a str,
    demo: bool,
    platform: &'static str,
    currency: &'static str,
    locale: &'static str,
    #[serde(rename = "returnURL")]
    return_url: &'a str,
    #[serde(rename = "depositURL", skip_serializing_if = "Option::is_none")]
    deposit_url: Option<&'a str>,
    #[serde(rename = "sessionID", skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<User<'a>>,
}

#[derive(Serialize)]
struct User<'a> {
    id: String,
    country: &'a str,
}

#[derive(Deserialize)]
struct Opened {
    #[serde(rename = "gameURL")]
    game_url: String,
}

impl<'a> Body<'a> {
    fn new(client: &'a Client, game_id: &'a str, currency: Currency, language: &str, device: Device) -> Self {
        Self {
            cid: &client.cid,
            ext_cid: &client.ext_cid,
            game_id,
            demo: false,
            platform: platform(device),
            currency: currency.code(),
            locale: locale(language),
            return_url: "",
            deposit_url: None,
            session_id: None,
            user: None,
        }
    }
}

const fn platform(device: Device) -> &'static str {
    match device {
        Device::Desktop => "desktop",
        Device::Mobile => "mobile",
    }
}

/// The device that a platform of theirs is.
pub(super) fn device(name: &str) -> Option<Device> {
    [Device::Desktop, Device::Mobile].into_iter().find(|device| platform(*device) == name)
}

/// The locale that is asked for, or one in its language. They are written with an underscore, in small letters.
fn locale(language: &str) -> &'static str {
    let asked = language.replace('-', "_").to_ascii_lowercase();
    let language = asked.split('_').next();
    let itself = LOCALES.into_iter().find(|locale| *locale == asked);
    let in_its_language = || LOCALES.into_iter().find(|locale| locale.split('_').next() == language);
    itself.or_else(in_its_language).unwrap_or(ENGLISH)
}
