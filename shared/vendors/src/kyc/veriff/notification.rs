//! Veriff's webhooks: events on the way, decisions, and screenings, all signed alike.

use domain::EntryKey;
use domain::account::VerificationStatus;
use ring::hmac;
use serde::Deserialize;

use super::decision::Decision;
use super::lookup::SESSION;
use super::watchlist::Screening;
use super::{CLIENT_HEADER, INTEGRATION, SIGNATURE_HEADER, Veriff};
use crate::call::{Authentic, Malformed, RawCall, is_path_id, is_plain_id};
use crate::kyc::{Findings, Reference, VerificationReport};
use crate::proof::{self, Unauthentic};

const MOST_BYTES: usize = 256 * 1024;

/// Accepts a body for our integration that was signed with one of the secrets.
pub(super) fn verify<'a>(veriff: &Veriff, call: RawCall<'a>) -> Result<Authentic<'a>, Unauthentic> {
    let is_ours = call.header(CLIENT_HEADER) == Some(veriff.api_key.as_str());
    if call.body.len() > MOST_BYTES || !is_ours {
        return Err(Unauthentic);
    }
    let signature = call.header(SIGNATURE_HEADER).ok_or(Unauthentic)?;
    let signature = hex::decode(signature).map_err(|_| Unauthentic)?;
    proof::hmac_sha256(call, &veriff.secrets, call.body, &signature)
}

/// Reads what is reported.
pub(super) fn parse(body: &[u8]) -> Result<VerificationReport, Malformed> {
    let told: Told = serde_json::from_slice(body).map_err(|_| Malformed("not a webhook"))?;
    match told {
        Told::Decision { verification } => decided(&verification),
        Told::Screening(screening) => screened(&screening),
        Told::Event(event) => event.report(),
    }
}

/// Signs a body, or a session's id where there is none, as either side does.
#[must_use]
pub fn sign(message: &[u8], secret: &[u8]) -> String {
    hex::encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message))
}

/// The three kinds tell themselves apart by their fields.
#[derive(Deserialize)]
#[serde(untagged)]
enum Told {
    Decision { verification: Decision },
    Screening(Screening),
    Event(Event),
}

/// The player began, or handed in.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    id: String,
    attempt_id: String,
    code: u16,
    action: String,
    vendor_data: Option<String>,
}

/// An approval is only a hint of what was read from the document, and of what lists say; without a time of its own,
/// a decision has to be looked up, too.
fn decided(decision: &Decision) -> Result<VerificationReport, Malformed> {
    let Decision { id, attempt_id, code, status, .. } = decision;
    let decided = decision.time.as_deref().unwrap_or_default();
    let key = key(id, attempt_id, &format!("{code}:{decided}"))?;
    let findings = decision.findings()?;
    let is_hint = findings.status == Some(VerificationStatus::Approved) || findings.as_of.is_none();
    let reason = decision.reason_code.map(|reason| format!("/{reason}")).unwrap_or_default();
    let event = format!("{status} {code}{reason}");
    if !is_word(status) {
        return Err(Malformed("status"));
    }
    let reference = is_hint.then(|| Reference { kind: SESSION, id: id.clone() });
    Ok(VerificationReport { key, event, findings, reference, routine: false })
}

fn screened(screening: &Screening) -> Result<VerificationReport, Malformed> {
    let Screening { session_id, attempt_id, check_type, .. } = screening;
    if !is_word(check_type) {
        return Err(Malformed("checkType"));
    }
    let findings = screening.findings()?;
    let screened = screening.created_at.as_deref().unwrap_or_default();
    let key = key(session_id, attempt_id, &format!("watchlist.{check_type}:{screened}"))?;
    let event = format!("watchlist {check_type}");
    Ok(VerificationReport { key, event, findings, reference: None, routine: screening.is_clear() })
}

impl Event {
    /// Without a time it cannot be told from a late one; and it only says what the decision will show.
    fn report(self) -> Result<VerificationReport, Malformed> {
        if !is_word(&self.action) {
            return Err(Malformed("action"));
        }
        let key = key(&self.id, &self.attempt_id, &self.code.to_string())?;
        let is_known = matches!((self.code, self.action.as_str()), (7001, "started") | (7002, "submitted"));
        let findings = Findings {
            player: self.vendor_data.and_then(|id| id.parse().ok()),
            status: is_known.then_some(VerificationStatus::Pending),
            ..Findings::default()
        };
        let event = format!("{} {}", self.action, self.code);
        Ok(VerificationReport { key, event, findings, reference: None, routine: is_known })
    }
}

/// What makes a report count once: the attempt, and what came of it when.
fn key(session: &str, attempt: &str, what: &str) -> Result<EntryKey, Malformed> {
    if !is_path_id(session) {
        return Err(Malformed("session id"));
    }
    if !is_path_id(attempt) {
        return Err(Malformed("attemptId"));
    }
    Ok(EntryKey::new(INTEGRATION, format!("{attempt}:{what}")))
}

fn is_word(text: &str) -> bool {
    is_plain_id(text)
}
