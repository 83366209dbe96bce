//! Adyen's module against known answers, and against everything that is not as it should be.

mod notification;
mod outbound;
mod status;
mod transfer;

use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::*;

const KEY_HEX: &str = "00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF";

fn settings(change: impl FnOnce(&mut Value)) -> Settings {
    let mut settings = json!({
        "merchant_account": "DemoCasinoECOM",
        "hmac_key_hex": KEY_HEX,
        "api_key": "demo-api-key",
        "base_url": "http://127.0.0.1:8080/sandbox/adyen",
        "balance_account": "BA0001",
    });
    change(&mut settings);
    serde_json::from_value(settings).unwrap()
}

fn adyen(change: impl FnOnce(&mut Value)) -> Adyen {
    Adyen::new(&settings(change)).unwrap()
}

fn key() -> Vec<u8> {
    hex::decode(KEY_HEX).unwrap()
}

/// Verifies and parses, as a function does.
fn received(adyen: &Adyen, headers: &HeaderMap, body: &[u8]) -> Result<Vec<PaymentNotice>, Receipt> {
    let authentic = adyen
        .verify(RawCall::post("", headers, body), Timestamp::UNIX_EPOCH)
        .map_err(|_| Receipt::NotAuthentic)?;
    adyen.parse(&authentic).map_err(|_| Receipt::Malformed)
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(value).unwrap())).collect()
}

#[test]
fn settings_that_cannot_work_are_refused() {
    for (field, value, error) in [
        ("merchant_account", json!(""), SettingsError::MerchantAccount),
        ("merchant_account", json!("a:b"), SettingsError::MerchantAccount),
        ("hmac_key_hex", json!("not hex"), SettingsError::HmacKey),
        ("hmac_key_hex", json!([]), SettingsError::HmacKey),
        ("transfer_hmac_key_hex", json!(""), SettingsError::HmacKey),
        ("api_key", json!(""), SettingsError::ApiKey),
        ("api_key", json!("a\nb"), SettingsError::ApiKey),
        ("transfer_api_key", json!(""), SettingsError::ApiKey),
        ("base_url", json!("checkout-test.adyen.com"), SettingsError::BaseUrl),
        ("base_url", json!("file:///etc"), SettingsError::BaseUrl),
        ("transfer_base_url", json!(""), SettingsError::BaseUrl),
    ] {
        let refused = Adyen::new(&settings(|it| it[field] = value.clone())).err();
        assert_eq!(refused, Some(error), "{field} {value}");
    }
}

#[test]
fn answers_say_what_adyen_waits_for() {
    let adyen = adyen(|_| ());
    for (receipt, status) in [
        (Receipt::Accepted, 200),
        (Receipt::Malformed, 400),
        (Receipt::NotAuthentic, 401),
        (Receipt::Unavailable, 503),
    ] {
        let headers = HeaderMap::new();
        let reply = adyen.render(RawCall::post("", &headers, b""), receipt);
        assert_eq!(reply.status, status);
        assert_eq!(reply.body == b"[accepted]", receipt == Receipt::Accepted);
    }
}
