//! Onfido's webhooks: an HMAC of the body in a header, and little more than the id of something that changed.

use std::collections::BTreeSet;

use domain::EntryKey;
use domain::account::VerificationStatus;
use ring::hmac;
use serde::Deserialize;

use super::INTEGRATION;
use super::lookup::{CHECK, MONITOR, RUN};
use crate::call::{Authentic, Malformed, RawCall, is_path_id, is_plain_id};
use crate::kyc::{Findings, Reference, VerificationReport, Watchlist};
use crate::proof::{self, Unauthentic};

/// Carries the signature, in hexadecimal.
pub const SIGNATURE_HEADER: &str = "x-sha2-signature";

const MOST_BYTES: usize = 256 * 1024;

/// Accepts a body that was signed with one of the keys.
pub(super) fn verify<'a>(call: RawCall<'a>, keys: &[Vec<u8>]) -> Result<Authentic<'a>, Unauthentic> {
    if call.body.len() > MOST_BYTES {
        return Err(Unauthentic);
    }
    let signature = call.header(SIGNATURE_HEADER).ok_or(Unauthentic)?;
    let signature = hex::decode(signature).map_err(|_| Unauthentic)?;
    proof::hmac_sha256(call, keys, call.body, &signature)
}

/// Reads what is reported. The address in it is not followed: where to ask is for our settings to say.
pub(super) fn parse(body: &[u8]) -> Result<VerificationReport, Malformed> {
    let Told { payload } = serde_json::from_slice(body).map_err(|_| Malformed("not a webhook"))?;
    if !is_path_id(&payload.object.id) {
        return Err(Malformed("object.id"));
    }
    if !is_plain_id(&payload.action) {
        return Err(Malformed("action"));
    }
    let as_of = payload.time().map(str::parse).transpose().map_err(|_| Malformed("time"))?;
    let tx = format!("{}:{}:{}", payload.object.id, payload.action, payload.time().unwrap_or_default());
    let (kind, routine) = payload.matter();
    let findings = Findings {
        player: payload.resource.as_ref().and_then(|it| it.customer_user_id.as_ref()?.parse().ok()),
        status: payload.status(),
        as_of,
        hits: payload.hits(),
        ..Findings::default()
    };
    Ok(VerificationReport {
        key: EntryKey::new(INTEGRATION, tx),
        reference: kind.map(|kind| Reference { kind, id: payload.object.id }),
        findings,
        event: payload.action,
        routine,
    })
}

/// Signs a body as Onfido does.
#[must_use]
pub fn sign_body(body: &[u8], key: &[u8]) -> String {
    hex::encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), body))
}

#[derive(Deserialize)]
struct Told {
    payload: Payload,
}

#[derive(Deserialize)]
struct Payload {
    action: String,
    object: Object,
    resource: Option<Resource>,
}

#[derive(Deserialize)]
struct Object {
    id: String,
    status: Option<String>,
    started_at_iso8601: Option<String>,
    completed_at_iso8601: Option<String>,
}

#[derive(Deserialize)]
struct Resource {
    customer_user_id: Option<String>,
    updated_at: Option<String>,
}

impl Payload {
    /// When it happened, as exactly as Onfido tells. A monitor that began long ago says nothing of its newest match.
    fn time(&self) -> Option<&str> {
        let updated = self.resource.as_ref().and_then(|it| it.updated_at.as_deref());
        let began = self.object.started_at_iso8601.as_deref().filter(|_| !self.is_match());
        let told = [self.object.completed_at_iso8601.as_deref(), updated, began];
        told.into_iter().flatten().find(|time| !time.is_empty())
    }

    /// What to look up, and whether there is nothing in it for anybody.
    fn matter(&self) -> (Option<&'static str>, bool) {
        match self.action.as_str() {
            "workflow_run.completed" => (Some(RUN), false),
            "check.completed" => (Some(CHECK), false),
            "watchlist_monitor.matches_updated" => (Some(MONITOR), false),
            // Steps on the way, files about it, and reports whose check is told of by itself.
            "workflow_task.started"
            | "workflow_task.completed"
            | "check.started"
            | "check.form_completed"
            | "report.completed"
            | "report.awaiting_approval"
            | "report.resumed"
            | "audit_log.created"
            | "workflow_timeline_file.created"
            | "workflow_run_evidence_folder.created" => (None, true),
            // Withdrawn, cancelled, reopened, unheard of: somebody should know.
            _ => (None, false),
        }
    }

    /// What the status hints at. Checks hint at nothing: `complete` may be good or bad.
    fn status(&self) -> Option<VerificationStatus> {
        match self.action.as_str() {
            "workflow_run.completed" => run_status(self.object.status.as_deref()?),
            "watchlist_monitor.matches_updated" => Some(VerificationStatus::InReview),
            _ => None,
        }
    }

    /// A match is one until somebody has looked at it; which list it is on is for staff to see at Onfido.
    fn hits(&self) -> BTreeSet<Watchlist> {
        self.is_match().then_some(Watchlist::Other).into_iter().collect()
    }

    fn is_match(&self) -> bool {
        self.action == "watchlist_monitor.matches_updated"
    }
}

/// What the status of a workflow run means. After an error nothing is known.
pub(super) fn run_status(status: &str) -> Option<VerificationStatus> {
    match status {
        "processing" | "awaiting_input" | "awaiting_client_input" => Some(VerificationStatus::Pending),
        "approved" => Some(VerificationStatus::Approved),
        "declined" => Some(VerificationStatus::Rejected),
        "review" => Some(VerificationStatus::InReview),
        "abandoned" => Some(VerificationStatus::Expired),
        _ => None,
    }
}
