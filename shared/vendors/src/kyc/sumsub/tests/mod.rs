//! Sumsub's module against known answers, and against everything that is not as it should be.

mod notification;
mod outbound;

use serde_json::{Value, json};

use super::*;
use crate::kyc::bench::received;

const SECRET: &str = "sumsub_demo_key";

fn settings(change: impl FnOnce(&mut Value)) -> Settings {
    let mut settings = json!({
        "webhook_secret": SECRET,
        "app_token": "sbx:demo",
        "secret_key": "sumsub_app_secret",
        "base_url": "http://127.0.0.1:8080/sandbox/sumsub",
    });
    change(&mut settings);
    serde_json::from_value(settings).unwrap()
}

fn sumsub(change: impl FnOnce(&mut Value)) -> Sumsub {
    Sumsub::new(&settings(change)).unwrap()
}

#[test]
fn settings_that_cannot_work_are_refused() {
    for (field, value, error) in [
        ("webhook_secret", json!(""), SettingsError::WebhookSecret),
        ("webhook_secret", json!([]), SettingsError::WebhookSecret),
        ("app_token", json!(""), SettingsError::App),
        ("app_token", json!("a\nb"), SettingsError::App),
        ("secret_key", json!(""), SettingsError::App),
        ("base_url", json!("api.sumsub.com"), SettingsError::BaseUrl),
    ] {
        let refused = Sumsub::new(&settings(|it| it[field] = value.clone())).err();
        assert_eq!(refused, Some(error), "{field} {value}");
    }
}

#[test]
fn answers_are_plain() {
    let sumsub = sumsub(|_| ());
    for (receipt, status) in [
        (Receipt::Accepted, 200),
        (Receipt::Malformed, 400),
        (Receipt::NotAuthentic, 401),
        (Receipt::Unavailable, 503),
    ] {
        let reply = sumsub.render(receipt);
        assert_eq!((reply.status, reply.body.as_slice()), (status, b"{}".as_slice()));
    }
}
