//! Sumsub's webhooks: an HMAC of the body in a header, and verdicts that may come twice and out of order.

use std::collections::BTreeSet;

use domain::account::VerificationStatus;
use domain::{EntryKey, Timestamp};
use ring::hmac;
use serde::Deserialize;
use serde_json::Value;

use super::lookup::{AML_CASE, AML_CASE_OF_SOMEBODY, APPLICANT};
use super::{INTEGRATION, Sumsub};
use crate::call::{Authentic, Malformed, RawCall, is_path_id, is_plain_id};
use crate::kyc::{Findings, Reference, VerificationReport, Watchlist};
use crate::proof::{self, Unauthentic};

/// Carries the digest, in hexadecimal.
pub const DIGEST_HEADER: &str = "x-payload-digest";
/// Names how the digest was made.
pub const DIGEST_ALGORITHM_HEADER: &str = "x-payload-digest-alg";
/// Sumsub's usual way; also what a missing name stands for.
pub const DIGEST_ALGORITHM: &str = "HMAC_SHA256_HEX";

const MOST_BYTES: usize = 256 * 1024;

/// Sumsub's label of a document whose last day is over.
const DOCUMENT_RAN_OUT: &str = "EXPIRATION_DATE";

/// How a digest is made. SHA-1, which Sumsub also knows, is no longer good enough for anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum DigestAlgorithm {
    /// HMAC-SHA256.
    #[default]
    #[serde(rename = "HMAC_SHA256_HEX")]
    HmacSha256,
    /// HMAC-SHA512.
    #[serde(rename = "HMAC_SHA512_HEX")]
    HmacSha512,
}

impl DigestAlgorithm {
    const fn as_str(self) -> &'static str {
        match self {
            Self::HmacSha256 => DIGEST_ALGORITHM,
            Self::HmacSha512 => "HMAC_SHA512_HEX",
        }
    }
}

/// Accepts a body whose digest was made with one of the keys. What names another algorithm is a downgrade.
pub(super) fn verify<'a>(sumsub: &Sumsub, call: RawCall<'a>) -> Result<Authentic<'a>, Unauthentic> {
    let algorithm = sumsub.digest_algorithm;
    let named = match call.headers.get(DIGEST_ALGORITHM_HEADER) {
        Some(name) => name.as_bytes(),
        None => DIGEST_ALGORITHM.as_bytes(),
    };
    if call.body.len() > MOST_BYTES || named != algorithm.as_str().as_bytes() {
        return Err(Unauthentic);
    }
    let digest = call.header(DIGEST_HEADER).ok_or(Unauthentic)?;
    let digest = hex::decode(digest).map_err(|_| Unauthentic)?;
    match algorithm {
        DigestAlgorithm::HmacSha256 => proof::hmac_sha256(call, &sumsub.webhook_keys, call.body, &digest),
        DigestAlgorithm::HmacSha512 => proof::hmac_sha512(call, &sumsub.webhook_keys, call.body, &digest),
    }
}

/// Reads what is reported.
pub(super) fn parse(sumsub: &Sumsub, body: &[u8]) -> Result<VerificationReport, Malformed> {
    let told: Told = serde_json::from_slice(body).map_err(|_| Malformed("not a webhook"))?;
    if !is_path_id(&told.applicant_id) {
        return Err(Malformed("applicantId"));
    }
    if !is_plain_id(&told.event) {
        return Err(Malformed("type"));
    }
    let as_of = time(&told.created_at_ms).ok_or(Malformed("createdAtMs"))?;
    let tx = format!("{}:{}:{}", told.applicant_id, told.event, told.created_at_ms);
    let findings = Findings {
        player: told.external_user_id.as_ref().and_then(|id| id.parse().ok()),
        status: told.status(sumsub),
        as_of: Some(as_of),
        hits: told.hits(),
        ..Findings::default()
    };
    Ok(VerificationReport {
        key: EntryKey::new(INTEGRATION, tx),
        reference: told.reference(&findings),
        findings,
        event: told.event,
        routine: false,
    })
}

/// Signs a body as Sumsub does.
#[must_use]
pub fn sign_body(body: &[u8], key: &[u8]) -> String {
    hex::encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), body))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    applicant_id: String,
    external_user_id: Option<String>,
    #[serde(rename = "type")]
    event: String,
    level_name: Option<String>,
    review_status: Option<String>,
    review_result: Option<ReviewResult>,
    created_at_ms: String,
    sandbox_mode: Option<bool>,
}

/// What a review came to.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReviewResult {
    review_answer: Option<String>,
    review_reject_type: Option<String>,
    /// What is wrong: labels.
    reject_labels: Option<Value>,
}

impl Told {
    fn status(&self, sumsub: &Sumsub) -> Option<VerificationStatus> {
        match self.event.as_str() {
            "applicantCreated" | "applicantPending" | "applicantPrechecked" => {
                Some(VerificationStatus::Pending)
            }
            "applicantOnHold" | "amlCaseOnHold" | "amlCaseRejected" => Some(VerificationStatus::InReview),
            // The documents are void, an approval with them: the player has to hand them in again.
            "applicantReset" => Some(VerificationStatus::Resubmit),
            "applicantReviewed" | "applicantWorkflowCompleted"
                if self.review_status.as_deref() == Some("completed") =>
            {
                verdict(sumsub, self.review_result.as_ref()?, self.level_name.as_deref())
                    .filter(|status| *status != VerificationStatus::Approved || self.is_real(sumsub))
            }
            _ => None,
        }
    }

    /// A case of a watchlist match is one until an analyst has cleared it; the case itself names the lists.
    fn hits(&self) -> BTreeSet<Watchlist> {
        let is_match = matches!(self.event.as_str(), "amlCaseOnHold" | "amlCaseRejected");
        is_match.then_some(Watchlist::Other).into_iter().collect()
    }

    /// An approval is only a hint of what was read from the documents, and new data of what it was read from.
    fn reference(&self, findings: &Findings) -> Option<Reference> {
        let data = findings.status == Some(VerificationStatus::Approved)
            || self.event == "applicantPersonalInfoChanged";
        if !findings.hits.is_empty() {
            let kind = if findings.player.is_some() { AML_CASE } else { AML_CASE_OF_SOMEBODY };
            return Some(Reference { kind, id: self.applicant_id.clone() });
        }
        let player = findings.player.filter(|_| data)?;
        Some(Reference { kind: APPLICANT, id: player.to_string() })
    }

    /// Whether it is about a real person, where that matters.
    fn is_real(&self, sumsub: &Sumsub) -> bool {
        !(sumsub.live && self.sandbox_mode == Some(true))
    }
}

impl ReviewResult {
    fn has_only_run_out(&self) -> bool {
        let labels = self.reject_labels.as_ref().and_then(Value::as_array).map(Vec::as_slice);
        matches!(labels, Some([Value::String(label)]) if label == DOCUMENT_RAN_OUT)
    }

    /// Whether the applicant was approved: then Sumsub asks for nothing more.
    pub(super) fn is_approval(&self) -> bool {
        self.review_answer.as_deref() == Some("GREEN")
    }

    /// Whether the applicant may hand in again.
    pub(super) fn invites(&self) -> bool {
        self.review_answer.as_deref() == Some("RED") && self.review_reject_type.as_deref() == Some("RETRY")
    }
}

/// What a completed review means; approvals count at our own levels only.
pub(super) fn verdict(
    sumsub: &Sumsub,
    result: &ReviewResult,
    level: Option<&str>,
) -> Option<VerificationStatus> {
    match (result.review_answer.as_deref()?, result.review_reject_type.as_deref()) {
        ("GREEN", _) => {
            level.is_none_or(|level| sumsub.counts(level)).then_some(VerificationStatus::Approved)
        }
        // Documents are watched on: that one ran out since takes back no approval, which has its own last day.
        ("RED", Some("RETRY")) if result.has_only_run_out() => Some(VerificationStatus::Expired),
        ("RED", Some("RETRY")) => Some(VerificationStatus::Resubmit),
        // A refusal of unknown kind is taken for final: that ends an earlier approval and invites no new
        // attempt. If it was meant otherwise, a later verdict or staff can still say so.
        ("RED", _) => Some(VerificationStatus::Rejected),
        _ => None,
    }
}

/// Reads `YYYY-MM-DD HH:MM:SS.mmm`, which is in UTC.
fn time(text: &str) -> Option<Timestamp> {
    const SHAPE: &[u8] = b"dddd-dd-dd dd:dd:dd.ddd";
    let fits = |(byte, shape): (u8, &u8)| match shape {
        b'd' => byte.is_ascii_digit(),
        literal => byte == *literal,
    };
    let shaped = text.len() == SHAPE.len() && text.bytes().zip(SHAPE).all(fits);
    if shaped { format!("{text}Z").parse().ok() } else { None }
}
