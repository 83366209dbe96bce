//! Veriff's module against known answers, and against everything that is not as it should be.

mod lookup;
mod notification;
mod outbound;

use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::*;

const SECRET: &str = "veriff_demo_secret";
const KEY: &str = "5b0a8a5e-3c1d-4e57-9f0a-7d2b6c4e1f38";
const PLAYER: &str = "ply_01KDVAN5G00000000000000002";
const SESSION: &str = "11111111-2222-3333-4444-555555555555";

fn settings(change: impl FnOnce(&mut Value)) -> Settings {
    let mut settings = json!({
        "api_key": KEY,
        "shared_secret": SECRET,
        "base_url": "http://127.0.0.1:8080/sandbox/veriff",
    });
    change(&mut settings);
    serde_json::from_value(settings).unwrap()
}

fn veriff(change: impl FnOnce(&mut Value)) -> Veriff {
    Veriff::new(&settings(change)).unwrap()
}

fn now() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn answer(status: u16, body: &Value) -> InboundAnswer {
    InboundAnswer { status, body: serde_json::to_vec(body).unwrap() }
}

fn call<T: std::fmt::Debug>(step: Result<Step<T>, CallFailure>) -> crate::call::OutboundCall {
    match step.unwrap() {
        Step::Call(call) => call,
        Step::Done(done) => panic!("{done:?}"),
    }
}

/// Verifies and parses, as a function does.
fn received(
    veriff: &Veriff,
    pairs: &[(&'static str, &str)],
    body: &[u8],
) -> Result<VerificationReport, Receipt> {
    let headers: HeaderMap = pairs
        .iter()
        .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(value).unwrap()))
        .collect();
    let call = RawCall::post("", &headers, body);
    let authentic = veriff.verify(call).map_err(|_| Receipt::NotAuthentic)?;
    veriff.parse(&authentic).map_err(|_| Receipt::Malformed)
}

#[test]
fn settings_that_cannot_work_are_refused() {
    for (field, value, error) in [
        ("api_key", json!(""), SettingsError::ApiKey),
        ("api_key", json!("a\nb"), SettingsError::ApiKey),
        ("shared_secret", json!(""), SettingsError::SharedSecret),
        ("shared_secret", json!([]), SettingsError::SharedSecret),
        ("base_url", json!("stationapi.veriff.com"), SettingsError::BaseUrl),
    ] {
        let refused = Veriff::new(&settings(|it| it[field] = value.clone())).err();
        assert_eq!(refused, Some(error), "{field} {value}");
    }
}

#[test]
fn answers_are_plain() {
    let veriff = veriff(|_| ());
    for (receipt, status) in [
        (Receipt::Accepted, 200),
        (Receipt::Malformed, 400),
        (Receipt::NotAuthentic, 401),
        (Receipt::Unavailable, 503),
    ] {
        let reply = veriff.render(receipt);
        assert_eq!((reply.status, reply.body.as_slice()), (status, b"{}".as_slice()));
    }
}
