//! `TrueLayer`'s module against known answers, and against everything that is not as it should be.

mod notification;
mod outbound;
mod resources;

use http::HeaderMap;
use serde_json::{Value, json};

use super::*;

const MERCHANT: &str = include_str!("../fixtures/test-only-merchant.pkcs8.pem");
const MERCHANT_SEC1: &str = include_str!("../fixtures/test-only-merchant.sec1.pem");
const TRUELAYER: &str = include_str!("../fixtures/test-only-truelayer.pkcs8.pem");
const JWKS_URL: &str = "https://webhooks.truelayer.com/.well-known/jwks";
const PLAYER: &str = "ply_01KDVAN5G00000000000000002";
const DEPOSIT: &str = "dep_01KDVAN5G00000000000000001";
const WITHDRAWAL: &str = "wdr_01KDVAN5G00000000000000003";

fn settings(change: impl FnOnce(&mut Value)) -> Settings {
    let mut settings = json!({
        "client_id": "casino",
        "client_secret": "secret",
        "kid": "our-kid",
        "private_key_pem": MERCHANT,
        "merchant_account_id": "ma_1",
        "merchant_name": "Casino Ltd",
        "base_url": "https://api.truelayer.com",
        "auth_url": "https://auth.truelayer.com",
        "pages_url": "https://payment.truelayer.com",
        "jwks_url": JWKS_URL,
        "webhook_url": "https://casino.example/webhooks/truelayer",
    });
    change(&mut settings);
    serde_json::from_value(settings).unwrap()
}

/// Knows the keys of the known call and of the tests.
fn truelayer() -> TrueLayer {
    let truelayer = TrueLayer::new(&settings(|_| ())).unwrap();
    let mut jwks: Value = serde_json::from_str(include_str!("../fixtures/vector.jwks.json")).unwrap();
    jwks["keys"].as_array_mut().unwrap().push(public_jwk(&theirs()));
    truelayer.learn_keys(&answer(200, &jwks)).unwrap();
    truelayer
}

fn theirs() -> Signer {
    Signer::new("their-kid", TRUELAYER).unwrap()
}

fn answer(status: u16, body: &Value) -> InboundAnswer {
    InboundAnswer { status, body: serde_json::to_vec(body).unwrap() }
}

fn token() -> InboundAnswer {
    answer(200, &json!({"access_token": "token-1", "expires_in": 3600, "token_type": "Bearer"}))
}

fn now() -> Timestamp {
    "2026-01-02T03:04:05Z".parse().unwrap()
}

#[test]
fn settings_that_cannot_work_are_refused() {
    for (field, value, error) in [
        ("client_id", json!(""), SettingsError::Credentials),
        ("client_secret", json!(""), SettingsError::Credentials),
        ("kid", json!("a b"), SettingsError::Credentials),
        ("merchant_account_id", json!(""), SettingsError::Credentials),
        ("merchant_account_id", json!({}), SettingsError::Credentials),
        ("merchant_account_id", json!({"GBP": ""}), SettingsError::Credentials),
        ("merchant_account_id", json!({"pounds": "ma_1"}), SettingsError::Credentials),
        ("private_key_pem", json!("no key"), SettingsError::PrivateKey),
        ("base_url", json!("api.truelayer.com"), SettingsError::Url),
        ("auth_url", json!("file:///etc"), SettingsError::Url),
        ("pages_url", json!(""), SettingsError::Url),
        ("jwks_url", json!(""), SettingsError::Url),
        ("webhook_url", json!("/webhooks"), SettingsError::Url),
    ] {
        let refused = TrueLayer::new(&settings(|it| it[field] = value.clone())).err();
        assert_eq!(refused, Some(error), "{field} {value}");
    }
    assert!(TrueLayer::new(&settings(|it| it["private_key_pem"] = json!(MERCHANT_SEC1))).is_ok());
}

#[test]
fn answers_say_what_truelayer_waits_for() {
    let headers = HeaderMap::new();
    for (receipt, status) in [
        (Receipt::Accepted, 200),
        (Receipt::Malformed, 400),
        (Receipt::NotAuthentic, 401),
        (Receipt::Unavailable, 503),
    ] {
        assert_eq!(truelayer().render(RawCall::post("", &headers, b""), receipt).status, status);
    }
}
