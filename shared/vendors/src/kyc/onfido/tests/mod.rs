//! Onfido's module against known answers, and against everything that is not as it should be.

mod lookup;
mod notification;
mod outbound;

use serde_json::{Value, json};

use super::*;
use crate::kyc::bench::{PLAYER, answer, call, now, received};

const SECRET: &str = "onfido_demo_token";
const WORKFLOW: &str = "9f1d5a52-6c0e-4d0b-8a3f-2b7c1e4d5f60";

fn settings(change: impl FnOnce(&mut Value)) -> Settings {
    let mut settings = json!({
        "webhook_token": SECRET,
        "api_token": "api_sandbox.demo",
        "base_url": "http://127.0.0.1:8080/sandbox/onfido",
        "workflow_id": WORKFLOW,
    });
    change(&mut settings);
    serde_json::from_value(settings).unwrap()
}

fn onfido(change: impl FnOnce(&mut Value)) -> Onfido {
    Onfido::new(&settings(change)).unwrap()
}

#[test]
fn settings_that_cannot_work_are_refused() {
    for (field, value, error) in [
        ("webhook_token", json!(""), SettingsError::WebhookToken),
        ("webhook_token", json!([]), SettingsError::WebhookToken),
        ("api_token", json!(""), SettingsError::ApiToken),
        ("api_token", json!("a\nb"), SettingsError::ApiToken),
        ("live", json!(true), SettingsError::ApiToken),
        ("base_url", json!("api.eu.onfido.com"), SettingsError::BaseUrl),
        ("workflow_id", json!(""), SettingsError::Workflow),
        ("workflows", json!({"GB": ""}), SettingsError::Workflow),
    ] {
        let refused = Onfido::new(&settings(|it| it[field] = value.clone())).err();
        assert_eq!(refused, Some(error), "{field} {value}");
    }
}

#[test]
fn answers_are_plain() {
    let onfido = onfido(|_| ());
    for (receipt, status) in [
        (Receipt::Accepted, 200),
        (Receipt::Malformed, 400),
        (Receipt::NotAuthentic, 401),
        (Receipt::Unavailable, 503),
    ] {
        let reply = onfido.render(receipt);
        assert_eq!((reply.status, reply.body.as_slice()), (status, b"{}".as_slice()));
    }
}
