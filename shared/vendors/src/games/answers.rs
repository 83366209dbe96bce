//! Vendors' answers to our calls: read, or told why not.

use domain::Decimal;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::value::RawValue;

use super::Revoked;
use crate::call::{self, CallFailure, InboundAnswer};

/// How much of a vendor's words is worth keeping.
const LONGEST_REASON: usize = 200;

/// Reads an answer; `words` finds the vendor's reason in one that refuses.
///
/// What comes too often or too early is no refusal: it may be asked again.
pub(super) fn read<T: DeserializeOwned>(
    answer: &InboundAnswer,
    words: fn(&[u8]) -> Option<String>,
) -> Result<T, CallFailure> {
    match answer.status {
        200..=299 => serde_json::from_slice(&answer.body)
            .map_err(|_| CallFailure::Unclear("the answer is not what the protocol says".to_owned())),
        408 | 425 | 429 => Err(CallFailure::Unclear(reason(answer, words))),
        400..=499 => Err(CallFailure::Refused(reason(answer, words))),
        _ => Err(CallFailure::Unclear(reason(answer, words))),
    }
}

/// Whether something was taken back; an answer that it was says nothing but that.
pub(super) fn taken_back(
    answer: &InboundAnswer,
    words: fn(&[u8]) -> Option<String>,
) -> Result<Revoked, CallFailure> {
    match answer.status {
        200..=299 => Ok(Revoked::Now),
        404 => Ok(Revoked::NotThere),
        _ => read::<IgnoredAny>(answer, words).map(|_| Revoked::Now),
    }
}

/// A web address that a player's browser will be sent to.
pub(super) fn web_address(url: String) -> Result<String, CallFailure> {
    if call::web_url(&url).is_some() {
        Ok(url)
    } else {
        Err(CallFailure::Unclear("the address is none".to_owned()))
    }
}

/// A number as it was written: it must not pass through floating point.
pub(super) fn number(written: &RawValue) -> Option<Decimal> {
    domain::parse_decimal(written.get()).ok()
}

/// A call of ours that never left.
pub(super) fn unsent() -> CallFailure {
    CallFailure::Refused("the call could not be made ready".to_owned())
}

fn reason(answer: &InboundAnswer, words: fn(&[u8]) -> Option<String>) -> String {
    let words = words(&answer.body).unwrap_or_default();
    let words: String = words.chars().filter(|c| !c.is_control()).take(LONGEST_REASON).collect();
    format!("HTTP {}: {words}", answer.status)
}
