//! Swipe Games' protocol, held to its rules.

mod outbound;
mod parse;
mod properties;
mod render;
mod verify;

use http::{HeaderMap, Method};
use serde_json::{Value, json};

use super::{Settings, SettingsError, Swipe};
use crate::call::{Authentic, RawCall};
use crate::games::samples::{PLAYER, token};
use crate::games::{GameRequest, GameWallet, Rejection};
use crate::keys::Keys;

const KEY: &str = "int-key-1";
const CID: &str = "550e8400-e29b-41d4-a716-446655440000";
const TX: &str = "00000000-0000-4000-8000-0000000000b1";
const BET_TX: &str = "00000000-0000-4000-8000-0000000000b0";
const ROUND: &str = "00000000-0000-4000-8000-0000000000c1";
const PATHS: [&str; 3] = ["/bet", "/win", "/refund"];

fn settings() -> Settings {
    Settings {
        cid: CID.to_owned(),
        ext_cid: "pitboss".to_owned(),
        api_key: "api-key-1".to_owned(),
        integration_api_key: Keys::One(KEY.to_owned()),
        base_url: "https://swipe.test/api/v1".to_owned(),
        catalogue: Vec::new(),
    }
}

fn swipe() -> Swipe {
    Swipe::new(&settings()).unwrap()
}

/// A good call of each kind.
fn call(path: &str) -> Value {
    match path {
        "/refund" => {
            json!({"sessionID": token(), "txID": TX, "origTxID": BET_TX, "amount": "1.50", "roundID": ROUND})
        }
        _ => json!({"type": "regular", "sessionID": token(), "txID": TX, "amount": "1.50", "roundID": ROUND}),
    }
}

/// The same with a field set; `null` takes it away.
fn with(path: &str, field: &str, value: Value) -> Value {
    let mut body = call(path);
    let fields = body.as_object_mut().unwrap();
    fields.remove(field);
    if !value.is_null() {
        fields.insert(field.to_owned(), value);
    }
    body
}

fn get<'a>(query: &'a str, headers: &'a HeaderMap) -> RawCall<'a> {
    RawCall { method: &Method::GET, query, ..RawCall::post("/balance", headers, b"") }
}

/// Reads a call as if its signature had been checked.
fn parse(path: &str, body: &[u8]) -> Result<GameRequest, Rejection> {
    let headers = HeaderMap::new();
    swipe().parse(&Authentic::new(RawCall::post(path, &headers, body)))
}

fn parse_json(path: &str, body: &Value) -> Result<GameRequest, Rejection> {
    parse(path, body.to_string().as_bytes())
}

fn parse_query(query: &str) -> Result<GameRequest, Rejection> {
    let headers = HeaderMap::new();
    swipe().parse(&Authentic::new(get(query, &headers)))
}

#[test]
fn settings_that_are_of_no_use_are_told_at_once() {
    let error = |settings: Settings| Swipe::new(&settings).err();
    assert_eq!(error(settings()), None);
    assert_eq!(error(Settings { cid: "pitboss".to_owned(), ..settings() }), Some(SettingsError::Cid));
    assert_eq!(error(Settings { ext_cid: String::new(), ..settings() }), Some(SettingsError::ExtCid));
    assert_eq!(error(Settings { api_key: String::new(), ..settings() }), Some(SettingsError::ApiKey));
    let keys = Settings { integration_api_key: Keys::Several(vec![]), ..settings() };
    assert_eq!(error(keys), Some(SettingsError::IntegrationApiKey));
    let url = Settings { base_url: "swipe".to_owned(), ..settings() };
    assert_eq!(error(url), Some(SettingsError::BaseUrl));
}
