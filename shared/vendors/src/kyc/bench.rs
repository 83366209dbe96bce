//! What the identity vendors' tests have in common: a player, a moment, and the way of a call into and out of a module.

use domain::Timestamp;
use http::{HeaderMap, HeaderValue};
use serde_json::Value;

use super::{IdentityWebhook, Step, VerificationReport};
use crate::call::{CallFailure, InboundAnswer, OutboundCall, RawCall, Receipt};

pub(super) const PLAYER: &str = "ply_01KDVAN5G00000000000000002";

pub(super) fn now() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

pub(super) fn answer(status: u16, body: &Value) -> InboundAnswer {
    InboundAnswer { status, body: serde_json::to_vec(body).unwrap() }
}

pub(super) fn call<T: std::fmt::Debug>(step: Result<Step<T>, CallFailure>) -> OutboundCall {
    match step.unwrap() {
        Step::Call(call) => call,
        Step::Done(done) => panic!("{done:?}"),
    }
}

/// Verifies and parses, as a function does.
pub(super) fn received(
    vendor: &impl IdentityWebhook,
    pairs: &[(&'static str, &str)],
    body: &[u8],
) -> Result<VerificationReport, Receipt> {
    let headers: HeaderMap = pairs
        .iter()
        .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(value).unwrap()))
        .collect();
    let call = RawCall::post("", &headers, body);
    let authentic = vendor.verify(call).map_err(|_| Receipt::NotAuthentic)?;
    vendor.parse(&authentic).map_err(|_| Receipt::Malformed)
}
