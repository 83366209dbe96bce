//! Trustly's module against known answers, and against everything that is not as it should be.

mod notification;
mod outbound;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey};
use serde_json::{Value, json};

use super::*;

const MERCHANT_PRIVATE: &str = include_str!("../fixtures/test-only-merchant.pkcs8.pem");
const MERCHANT_PUBLIC: &str = include_str!("../fixtures/test-only-merchant.public.pem");
const TRUSTLY_PRIVATE: &str = include_str!("../fixtures/test-only-trustly.pkcs8.pem");
const TRUSTLY_PUBLIC: &str = include_str!("../fixtures/test-only-trustly.public.pem");
const VECTOR_PUBLIC: &str = include_str!("../fixtures/vector.public.pem");
const UUID: &str = "258a2184-2842-b485-25ca-293525152425";

fn settings(change: impl FnOnce(&mut Value)) -> Settings {
    let mut settings = json!({
        "username": "merchant",
        "password": "secret",
        "private_key_pem": MERCHANT_PRIVATE,
        "public_key_pem": [VECTOR_PUBLIC, TRUSTLY_PUBLIC],
        "base_url": "https://test.trustly.com/api/1",
        "webhook_url": "https://casino.example/webhooks/payments/trustly",
        "shopper_statement": "Casino",
    });
    change(&mut settings);
    serde_json::from_value(settings).unwrap()
}

fn trustly(change: impl FnOnce(&mut Value)) -> Trustly {
    Trustly::new(&settings(change)).unwrap()
}

fn data(value: &Value) -> Data {
    serde_json::from_value(value.clone()).unwrap()
}

/// Signs as Trustly does.
fn signed(method: &str, uuid: &str, data: &Value) -> String {
    let key = rsa::private_key(TRUSTLY_PRIVATE).unwrap();
    let mut tag = vec![0; key.public().modulus_len()];
    let message = format!("{method}{uuid}{}", self::data(data).serialised());
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut tag).unwrap();
    format!("alg=RS256;{}", STANDARD.encode(tag))
}

/// Whether we signed it.
fn is_ours(signature: &str, method: &str, uuid: &str, data: &Value) -> bool {
    let Some(tag) = signature.strip_prefix("alg=RS256;") else { return false };
    let message = format!("{method}{uuid}{}", self::data(data).serialised());
    let key = rsa::public_key(MERCHANT_PUBLIC).unwrap();
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key)
        .verify(message.as_bytes(), &STANDARD.decode(tag).unwrap())
        .is_ok()
}

/// A notification as Trustly sends it.
fn notification(method: &str, data: &Value) -> Vec<u8> {
    let params = json!({"signature": signed(method, UUID, data), "uuid": UUID, "data": data});
    json!({"method": method, "params": params, "version": "1.1"}).to_string().into_bytes()
}

/// Verifies and parses, as a function does.
fn received(trustly: &Trustly, body: &[u8]) -> Result<PaymentNotice, Receipt> {
    let headers = HeaderMap::new();
    let call = RawCall::post("", &headers, body);
    let authentic = trustly.verify(call, domain::Timestamp::UNIX_EPOCH).map_err(|_| Receipt::NotAuthentic)?;
    trustly.parse(&authentic).map(|mut notices| notices.remove(0)).map_err(|_| Receipt::Malformed)
}

#[test]
fn settings_that_cannot_work_are_refused() {
    for (field, value, error) in [
        ("username", json!(""), SettingsError::Credentials),
        ("password", json!(""), SettingsError::Credentials),
        ("private_key_pem", json!(MERCHANT_PUBLIC), SettingsError::PrivateKey),
        ("public_key_pem", json!("no key"), SettingsError::PublicKey),
        ("public_key_pem", json!([]), SettingsError::PublicKey),
        ("accepted_hashes", json!([]), SettingsError::Hashes),
        ("base_url", json!("trustly.com"), SettingsError::Url),
        ("webhook_url", json!("https://casino.example/?a=b"), SettingsError::Url),
    ] {
        let refused = Trustly::new(&settings(|it| it[field] = value.clone())).err();
        assert_eq!(refused, Some(error), "{field} {value}");
    }
}
