//! `SoftSwiss`' protocol, held to its rules.

mod launch;
mod parse;
mod properties;
mod render;
mod verify;

use http::HeaderMap;
use serde_json::{Value, json};

use super::{Settings, SettingsError, SoftSwiss};
use crate::call::{Authentic, RawCall};
use crate::games::samples::PLAYER;
use crate::games::{GameRequest, GameWallet, Rejection};
use crate::keys::Keys;

const SECRET: &str = "test-auth-token";
const PATHS: [&str; 4] = ["/balance", "/betwin", "/rollback", "/finish"];

fn settings() -> Settings {
    Settings {
        casino_id: "pitboss".to_owned(),
        secret: Keys::One(SECRET.to_owned()),
        base_url: "https://softswiss.test/gateway/".to_owned(),
        catalogue: Vec::new(),
    }
}

fn softswiss() -> SoftSwiss {
    SoftSwiss::new(&settings()).unwrap()
}

/// A good call of each kind.
fn call(path: &str) -> Value {
    match path {
        "/balance" => json!({"account_id": PLAYER, "currency": "EUR", "game_id": "plinko"}),
        "/betwin" => json!({
            "account_id": PLAYER, "currency": "EUR", "game_id": "plinko", "round_id": "r-1", "finished": true,
            "session_id": "5f0c7a3e-1111-4a4a-8b8b-0000000000a1",
            "transactions": [
                {"id_provider": "tx-1", "type": "bet", "amount": "1.50"},
                {"id_provider": "tx-2", "type": "win", "amount": "0.30"},
            ],
        }),
        "/rollback" => json!({
            "account_id": PLAYER, "currency": "EUR", "game_id": "plinko", "round_id_provider": "r-1",
            "finished": true,
            "transactions": [
                {"id_provider": "rb-1", "type": "rollback", "original_id_provider": "tx-1"},
                {"id_provider": "rb-2", "type": "rollback", "original_id_provider": "tx-2"},
            ],
        }),
        _ => json!({"account_id": PLAYER, "currency": "EUR", "round_id": "r-1"}),
    }
}

/// The same with what a pointer leads to set; `null` takes it away.
fn with(path: &str, pointer: &str, value: Value) -> Value {
    let mut body = call(path);
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match body.pointer_mut(parent).unwrap() {
        Value::Object(fields) if value.is_null() => drop(fields.remove(name)),
        Value::Object(fields) => drop(fields.insert(name.to_owned(), value)),
        other => panic!("{other}"),
    }
    body
}

/// Reads a call as if its signature had been checked.
fn parse(path: &str, body: &[u8]) -> Result<GameRequest, Rejection> {
    let headers = HeaderMap::new();
    softswiss().parse(&Authentic::new(RawCall::post(path, &headers, body)))
}

fn parse_json(path: &str, body: &Value) -> Result<GameRequest, Rejection> {
    parse(path, body.to_string().as_bytes())
}

#[test]
fn settings_that_are_of_no_use_are_told_at_once() {
    let error = |settings: Settings| SoftSwiss::new(&settings).err();
    assert_eq!(error(settings()), None);
    assert_eq!(error(Settings { casino_id: String::new(), ..settings() }), Some(SettingsError::CasinoId));
    for secret in
        [Keys::One(String::new()), Keys::Several(vec![]), Keys::Several(vec!["a".to_owned(), String::new()])]
    {
        assert_eq!(error(Settings { secret, ..settings() }), Some(SettingsError::Secret));
    }
    for url in ["", "softswiss", "ftp://softswiss.test"] {
        assert_eq!(error(Settings { base_url: url.to_owned(), ..settings() }), Some(SettingsError::BaseUrl));
    }
}
