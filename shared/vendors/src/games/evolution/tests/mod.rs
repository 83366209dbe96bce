//! Evolution's protocol, held to its rules.

mod launch;
mod parse;
mod properties;
mod render;
mod settings;
mod verify;

use http::HeaderMap;
use serde_json::Value;

use super::{Evolution, Settings};
use crate::call::{Authentic, RawCall, Reply};
use crate::games::{GameRequest, GameToken, GameWallet, Rejection, SECRET_BYTES};
use crate::keys::Keys;

const PLAYER: &str = "ply_01HZY4Q6T0J8K9M2N3P4R5S6T7";
const OTHER_PLAYER: &str = "ply_01HZY4Q6T0J8K9M2N3P4R5S6T8";

fn settings() -> Settings {
    Settings {
        casino_key: "casino-1".to_owned(),
        casino_token: "casino-token".to_owned(),
        auth_token: Keys::One("s3cret/token".to_owned()),
        session_key_hex: "07".repeat(32),
        base_url: "https://evolution.test/".to_owned(),
        catalogue: Vec::new(),
    }
}

fn evolution() -> Evolution {
    Evolution::new(&settings()).unwrap()
}

fn sid_of(player: &str) -> String {
    GameToken::new(player.parse().unwrap(), "EUR".parse().unwrap(), [7; SECRET_BYTES]).to_text()
}

/// The calls of a bet's life, and the others. `$` stands for a good session.
const CALLS: [(&str, &str); 6] = [
    (
        "/check",
        r#"{"sid":"$","userId":"ply_01HZY4Q6T0J8K9M2N3P4R5S6T7","channel":{"type":"P"},"uuid":"u-1"}"#,
    ),
    (
        "/balance",
        r#"{"sid":"$","userId":"ply_01HZY4Q6T0J8K9M2N3P4R5S6T7","currency":"EUR","game":null,"uuid":"u-1"}"#,
    ),
    (
        "/debit",
        r#"{"sid":"$","userId":"ply_01HZY4Q6T0J8K9M2N3P4R5S6T7","uuid":"u-1","currency":"EUR","game":{"id":"round-9","type":"roulette","details":{"table":{"id":"tbl-1","vid":""}}},"transaction":{"id":"d-1","refId":"ref-1","amount":1.5}}"#,
    ),
    (
        "/credit",
        r#"{"sid":"$","userId":"ply_01HZY4Q6T0J8K9M2N3P4R5S6T7","uuid":"u-1","currency":"EUR","game":{"id":"round-9","type":"roulette","details":{"table":{"id":"tbl-1","vid":null}}},"transaction":{"id":"c-1","refId":"ref-1","amount":2.556179}}"#,
    ),
    (
        "/cancel",
        r#"{"sid":"$","userId":"ply_01HZY4Q6T0J8K9M2N3P4R5S6T7","uuid":"u-1","currency":"EUR","game":{"id":"round-9","type":"roulette","details":{"table":{"id":"tbl-1","vid":""}}},"transaction":{"id":"d-1","refId":"ref-1","amount":1.5}}"#,
    ),
    (
        "/promo_payout",
        r#"{"sid":"$","userId":"ply_01HZY4Q6T0J8K9M2N3P4R5S6T7","uuid":"u-1","currency":"EUR","game":null,"promoTransaction":{"type":"FreeRoundPlayableSpent","id":"p-1","amount":12,"voucherId":"v-1","remainingRounds":0}}"#,
    ),
];

/// A good call's body.
fn body(path: &str) -> String {
    let (_, body) = CALLS.iter().find(|(it, _)| *it == path).unwrap();
    body.replace('$', &sid_of(PLAYER))
}

/// A good call's body with one part set, by its JSON pointer; `None` takes it away.
fn with(path: &str, pointer: &str, value: Option<&str>) -> String {
    const MARK: &str = "\"the value goes here\"";
    let mut document: Value = serde_json::from_str(&body(path)).unwrap();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Some(_) => drop(parent.insert(name.to_owned(), serde_json::from_str(MARK).unwrap())),
        None => drop(parent.remove(name).unwrap()),
    }
    document.to_string().replace(MARK, value.unwrap_or_default())
}

/// Reads a call as if its token had been checked.
fn parse(path: &str, body: impl AsRef<[u8]>) -> Result<GameRequest, Rejection> {
    let headers = HeaderMap::new();
    evolution().parse(&Authentic::new(RawCall::post(path, &headers, body.as_ref())))
}

fn text(reply: &Reply) -> &str {
    assert_eq!((reply.status, reply.content_type), (200, "application/json"));
    std::str::from_utf8(&reply.body).unwrap()
}
