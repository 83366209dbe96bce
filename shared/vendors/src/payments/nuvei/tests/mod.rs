//! Nuvei's module against known answers, and against everything that is not as it should be.

mod notification;
mod outbound;
mod records;

use http::HeaderMap;
use serde_json::{Value, json};

use super::*;

const SECRET: &[u8] = b"nuvei_demo_secret";
const DEPOSIT: &str = "dep_01KDVAN5G00000000000000001";
const PLAYER: &str = "ply_01KDVAN5G00000000000000002";
const WITHDRAWAL: &str = "wdr_01KDVAN5G00000000000000003";

fn settings(change: impl FnOnce(&mut Value)) -> Settings {
    let mut settings = json!({
        "merchant_id": "1001",
        "merchant_site_id": "2002",
        "secret_key": "nuvei_demo_secret",
        "base_url": "https://ppp-test.nuvei.com",
        "webhook_url": "https://casino.example/webhooks/payments/nuvei",
    });
    change(&mut settings);
    serde_json::from_value(settings).unwrap()
}

fn nuvei() -> Nuvei {
    Nuvei::new(&settings(|_| ())).unwrap()
}

fn answer(body: &Value) -> InboundAnswer {
    InboundAnswer { status: 200, body: serde_json::to_vec(body).unwrap() }
}

fn now() -> Timestamp {
    "2026-01-02T03:04:05.678Z".parse().unwrap()
}

/// A call of ours: where it goes and what it says.
fn sent<T: std::fmt::Debug>(step: Result<Step<T>, CallFailure>) -> (String, Value) {
    let Ok(Step::Call(call)) = step else { panic!("a call: {step:?}") };
    assert_eq!(
        (call.method, call.headers["content-type"].as_str()),
        (http::Method::POST, "application/json")
    );
    (call.url, serde_json::from_slice(&call.body).unwrap())
}

#[test]
fn settings_that_cannot_work_are_refused() {
    for (field, value, error) in [
        ("merchant_id", json!(""), SettingsError::Merchant),
        ("merchant_site_id", json!("a b"), SettingsError::Merchant),
        ("secret_key", json!(""), SettingsError::SecretKey),
        ("secret_key", json!([]), SettingsError::SecretKey),
        ("base_url", json!("nuvei.com"), SettingsError::Url),
        ("webhook_url", json!(""), SettingsError::Url),
    ] {
        let refused = Nuvei::new(&settings(|it| it[field] = value.clone())).err();
        assert_eq!(refused, Some(error), "{field} {value}");
    }
}

#[test]
fn answers_say_what_nuvei_waits_for() {
    let headers = HeaderMap::new();
    for (receipt, status) in [
        (Receipt::Accepted, 200),
        (Receipt::Malformed, 400),
        (Receipt::NotAuthentic, 401),
        (Receipt::Unavailable, 503),
    ] {
        assert_eq!(nuvei().render(RawCall::post("", &headers, b""), receipt).status, status);
    }
}
