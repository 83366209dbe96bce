//! Caleta's dialect, held to what differs from Hub88. The keys are Hub88's, made for tests alone.

mod outbound;
mod parse;
mod properties;
mod render;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

use super::{Caleta, Settings, SettingsError};
use crate::call::{Authentic, RawCall};
use crate::games::samples::{PLAYER, token};
use crate::games::{GameRequest, GameWallet, Rejection};
use crate::keys::Keys;

const CALETA_PRIVATE: &str = include_str!("../../fixtures/test-only-hub88.pkcs1.pem");
const CALETA_PUBLIC: &str = include_str!("../../fixtures/test-only-hub88.public.pem");
const OPERATOR_PRIVATE: &str = include_str!("../../fixtures/test-only-operator.pkcs8.pem");
const OPERATOR_PUBLIC: &str = include_str!("../../fixtures/test-only-operator.public.pem");

const CALL_ID: &str = "5f0c7a3e-1111-4a4a-8b8b-0000000000a1";
const BET_TX: &str = "5f0c7a3e-1111-4a4a-8b8b-0000000000b1";
const TX: &str = "5f0c7a3e-1111-4a4a-8b8b-0000000000b2";
const PATHS: [&str; 5] =
    ["/wallet/check", "/wallet/balance", "/wallet/bet", "/wallet/win", "/wallet/rollback"];

fn settings() -> Settings {
    Settings {
        operator_id: "pitboss".to_owned(),
        sub_partner_id: "demo".to_owned(),
        public_key_pem: Keys::One(CALETA_PUBLIC.to_owned()),
        private_key_pem: OPERATOR_PRIVATE.to_owned(),
        session_key_hex: "07".repeat(32),
        base_url: "https://caleta.test/".to_owned(),
        catalogue: Vec::new(),
    }
}

fn caleta() -> Caleta {
    Caleta::new(&settings()).unwrap()
}

/// A good call of each kind.
fn call(path: &str) -> Value {
    let (token, balance) = (token(), json!({"request_uuid": CALL_ID, "game_code": "cg_bingo"}));
    let mut body = match path {
        "/wallet/check" => return json!({"token": token}),
        "/wallet/balance" => json!({"supplier_user": PLAYER}),
        "/wallet/rollback" => json!({
            "user": PLAYER, "transaction_uuid": TX, "reference_transaction_uuid": BET_TX, "round": "CG-1",
            "round_closed": true,
        }),
        _ => json!({
            "supplier_user": PLAYER, "transaction_uuid": TX, "round": "CG-1", "round_closed": false,
            "is_free": false, "currency": "EUR", "amount": 150_000, "campaign_uuid": null, "game_id": 132,
        }),
    };
    body["token"] = json!(token);
    for (name, value) in balance.as_object().unwrap() {
        body[name] = value.clone();
    }
    if path == "/wallet/win" {
        body["reference_transaction_uuid"] = json!(BET_TX);
    }
    body
}

/// The same with a field set.
fn with(path: &str, field: &str, value: Value) -> Value {
    let mut body = call(path);
    body[field] = value;
    body
}

fn without(path: &str, field: &str) -> Value {
    let mut body = call(path);
    body.as_object_mut().unwrap().remove(field);
    body
}

/// Reads a call as if its signature had been checked.
fn parse(path: &str, body: &[u8]) -> Result<GameRequest, Rejection> {
    let headers = HeaderMap::new();
    caleta().parse(&Authentic::new(RawCall::post(path, &headers, body)))
}

fn parse_json(path: &str, body: &Value) -> Result<GameRequest, Rejection> {
    parse(path, body.to_string().as_bytes())
}

#[test]
fn calls_are_signed_in_a_header_of_their_own() {
    let key: RsaKeyPair = crate::rsa::private_key(CALETA_PRIVATE).unwrap();
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), b"test", &mut signature).unwrap();
    let signature = HeaderValue::from_str(&STANDARD.encode(signature)).unwrap();
    for (name, accepted) in [("X-Auth-Signature", true), ("X-Hub88-Signature", false)] {
        let mut headers = HeaderMap::new();
        headers.insert(name, signature.clone());
        headers.insert("X-Msg-Timestamp", HeaderValue::from_static("2023-01-17 08:13:17.985795+00:00"));
        for (body, same) in [(&b"test"[..], true), (b"tset", false)] {
            let genuine = caleta().verify(RawCall::post("/wallet/bet", &headers, body)).is_ok();
            assert_eq!(genuine, accepted && same, "{name}");
        }
    }
    let rotated = Keys::Several(vec![OPERATOR_PUBLIC.to_owned(), CALETA_PUBLIC.to_owned()]);
    let caleta = Caleta::new(&Settings { public_key_pem: rotated, ..settings() }).unwrap();
    let headers = HeaderMap::from_iter([(http::HeaderName::from_static("x-auth-signature"), signature)]);
    assert!(caleta.verify(RawCall::post("/wallet/bet", &headers, b"test")).is_ok());
}

#[test]
fn settings_that_are_of_no_use_are_told_at_once() {
    let error = |settings: Settings| Caleta::new(&settings).err();
    assert_eq!(error(settings()), None);
    let none = Settings { public_key_pem: Keys::Several(vec![]), ..settings() };
    assert_eq!(error(none), Some(SettingsError::PublicKey));
    let none = Settings { private_key_pem: CALETA_PUBLIC.to_owned(), ..settings() };
    assert_eq!(error(none), Some(SettingsError::PrivateKey));
    let short = Settings { session_key_hex: "07".to_owned(), ..settings() };
    assert_eq!(error(short), Some(SettingsError::SessionKey));
    let nowhere = Settings { base_url: "caleta".to_owned(), ..settings() };
    assert_eq!(error(nowhere), Some(SettingsError::BaseUrl));
}
