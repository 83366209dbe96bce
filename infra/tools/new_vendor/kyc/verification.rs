//! Verifications, as __Name__ reports them and as it tells them when asked.

use domain::account::VerificationStatus;
use domain::{EntryKey, Timestamp};
use serde::Deserialize;

use super::INTEGRATION;
use crate::call::{Malformed, is_path_id, is_plain_id};
use crate::kyc::{Document, Findings, Person, Reference, VerificationReport, Watchlist};

/// What can be asked for.
pub(super) const VERIFICATION: &str = "verification";

/// The only report that is acted upon. Whatever else comes is kept for staff.
const UPDATED: &str = "verification.updated";

#[derive(Deserialize)]
struct Report {
    event_id: String,
    #[serde(rename = "type")]
    name: String,
    verification: Verification,
}

/// A verification; reports leave out what was read and found.
#[derive(Deserialize)]
pub(super) struct Verification {
    pub(super) id: String,
    player_id: Option<String>,
    status: String,
    /// Since when it has this status: what is older changes nothing any more.
    updated_at: Timestamp,
    person: Option<ReadPerson>,
    document: Option<ReadDocument>,
    /// The lists that may name the person.
    #[serde(default)]
    hits: Vec<String>,
}

#[derive(Deserialize)]
struct ReadPerson {
    first_name: Option<String>,
    last_name: Option<String>,
    birth_date: Option<String>,
}

#[derive(Deserialize)]
struct ReadDocument {
    country: Option<String>,
    expires_on: Option<String>,
}

/// Reads a report. An approval is only a hint of what was read from the document: it is asked for.
pub(super) fn report(body: &[u8]) -> Result<VerificationReport, Malformed> {
    let Report { event_id, name, verification } =
        serde_json::from_slice(body).map_err(|_| Malformed("not a report"))?;
    if !is_plain_id(&event_id) || !is_plain_id(&name) || !is_path_id(&verification.id) {
        return Err(Malformed("event_id, type or id"));
    }
    let mut findings = verification.findings();
    findings.status = findings.status.filter(|_| name == UPDATED);
    let is_approval = findings.status == Some(VerificationStatus::Approved);
    let reference = is_approval.then_some(Reference { kind: VERIFICATION, id: verification.id });
    Ok(VerificationReport {
        key: EntryKey::new(INTEGRATION, event_id),
        event: name,
        // That the player is at it, we know: we sent the player there.
        routine: findings.status == Some(VerificationStatus::Pending),
        findings,
        reference,
    })
}

impl Verification {
    /// What it says, in our words.
    pub(super) fn findings(&self) -> Findings {
        let person = self.person.as_ref().and_then(|it| {
            Person::read(it.first_name.as_deref(), it.last_name.as_deref(), it.birth_date.as_deref())
        });
        let document = self.document.as_ref();
        Findings {
            player: self.player_id.as_ref().and_then(|id| id.parse().ok()),
            status: self.status(),
            as_of: Some(self.updated_at),
            person,
            document: document.and_then(|it| Document::read(it.country.as_deref(), it.expires_on.as_deref())),
            hits: self.hits.iter().map(|list| Watchlist::of_label(list)).collect(),
        }
    }

    /// A status that nobody has heard of is none: staff should see it.
    fn status(&self) -> Option<VerificationStatus> {
        match self.status.as_str() {
            "started" => Some(VerificationStatus::Pending),
            "resubmit" => Some(VerificationStatus::Resubmit),
            "review" => Some(VerificationStatus::InReview),
            "approved" => Some(VerificationStatus::Approved),
            "rejected" => Some(VerificationStatus::Rejected),
            "expired" => Some(VerificationStatus::Expired),
            _ => None,
        }
    }
}
