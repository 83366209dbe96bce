//! Onfido's module against known answers, and against everything that is not as it should be.

mod lookup;
mod notification;
mod outbound;

use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::*;

const SECRET: &str = "onfido_demo_token";
const PLAYER: &str = "ply_01KDVAN5G00000000000000002";
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
    onfido: &Onfido,
    pairs: &[(&'static str, &str)],
    body: &[u8],
) -> Result<VerificationReport, Receipt> {
    let headers: HeaderMap = pairs
        .iter()
        .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(value).unwrap()))
        .collect();
    let call = RawCall::post("", &headers, body);
    let authentic = onfido.verify(call).map_err(|_| Receipt::NotAuthentic)?;
    onfido.parse(&authentic).map_err(|_| Receipt::Malformed)
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
