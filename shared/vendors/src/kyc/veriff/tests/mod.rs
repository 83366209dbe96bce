//! Veriff's module against known answers, and against everything that is not as it should be.

mod lookup;
mod notification;
mod outbound;

use serde_json::{Value, json};

use super::*;
use crate::kyc::bench::{PLAYER, answer, call, now, received};

const SECRET: &str = "veriff_demo_secret";
const KEY: &str = "5b0a8a5e-3c1d-4e57-9f0a-7d2b6c4e1f38";
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
