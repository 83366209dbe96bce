//! Opening a game through Valkyrie's operator API, which passes the call on to the game's provider.

use std::collections::BTreeMap;
use std::net::IpAddr;

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::Valkyrie;
use super::wire::PLAYER_TOKEN_HEADER;
use crate::call::{self, CallFailure, InboundAnswer, OutboundCall};
use crate::games::{Device, Launch, answers};

/// The call that opens a game. What a provider is told beyond it is that provider's own, and as the settings say.
pub(super) fn call(valkyrie: &Valkyrie, launch: &Launch) -> Result<OutboundCall, CallFailure> {
    let (provider, game) = launch.game.split_once(':').ok_or_else(answers::unsent)?;
    let body = Body {
        currency: launch.currency.code(),
        country: &launch.country,
        language: &launch.language,
        provider_game_id: game,
        player_id: launch.player.to_string(),
        session_ip: launch.ip,
        launch_config: valkyrie.launch_config.get(provider).map(|config| filled(config, game, launch)),
    };
    let body = serde_json::to_vec(&body).map_err(|_| answers::unsent())?;
    let mut headers = BTreeMap::from([
        ("content-type", "application/json".to_owned()),
        (PLAYER_TOKEN_HEADER, launch.token.clone()),
    ]);
    if let Some(key) = &valkyrie.operator_api_key {
        headers.insert("authorization", format!("Bearer {key}"));
    }
    let url = endpoint(&valkyrie.base_url, provider).ok_or_else(answers::unsent)?;
    Ok(OutboundCall { method: Method::POST, url: url.into(), headers, body })
}

/// The game's address.
pub(super) fn url(answer: &InboundAnswer) -> Result<String, CallFailure> {
    let Opened { game_url } = answers::read(answer, words)?;
    answers::web_address(game_url)
}

/// What a provider is told, with the launch's own where its texts leave room for it.
fn filled(config: &Value, game: &str, launch: &Launch) -> Value {
    let device = match launch.device {
        Device::Desktop => "desktop",
        Device::Mobile => "mobile",
    };
    let fill = |value| filled(value, game, launch);
    match config {
        Value::String(text) => {
            let text = text.replace("{game}", game).replace("{device}", device);
            Value::String(text.replace("{lobby_url}", &launch.lobby_url))
        }
        Value::Array(values) => values.iter().map(fill).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), fill(value))).collect(),
        other => other.clone(),
    }
}

/// Where a provider's games are asked for.
pub(super) fn endpoint(base_url: &str, provider: &str) -> Option<Url> {
    call::endpoint(base_url, &format!("/{provider}/gamelaunch"))
}

/// Valkyrie refuses in plain words.
fn words(body: &[u8]) -> Option<String> {
    String::from_utf8(body.to_vec()).ok()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    currency: &'static str,
    country: &'a str,
    language: &'a str,
    provider_game_id: &'a str,
    player_id: String,
    session_ip: IpAddr,
    #[serde(skip_serializing_if = "Option::is_none")]
    launch_config: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Opened {
    game_url: String,
}
