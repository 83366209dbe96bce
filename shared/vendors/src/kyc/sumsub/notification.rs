//! Sumsub's webhooks: an HMAC of the body in a header, and verdicts that may come twice and out of order.

use domain::account::VerificationStatus;
use domain::{EntryKey, Timestamp};
use ring::hmac;
use serde::Deserialize;

use super::{INTEGRATION, Sumsub};
use crate::call::{Authentic, Malformed, RawCall, is_plain_id};
use crate::kyc::VerificationReport;
use crate::proof::{self, Unauthentic};

/// Carries the digest, in hexadecimal.
pub const DIGEST_HEADER: &str = "x-payload-digest";
/// Names how the digest was made.
pub const DIGEST_ALGORITHM_HEADER: &str = "x-payload-digest-alg";
/// The only way we accept; also what a missing name stands for.
pub const DIGEST_ALGORITHM: &str = "HMAC_SHA256_HEX";

const MOST_BYTES: usize = 256 * 1024;

/// Accepts a body whose digest was made with one of the keys. What names another algorithm is a downgrade.
pub(super) fn verify<'a>(call: RawCall<'a>, keys: &[Vec<u8>]) -> Result<Authentic<'a>, Unauthentic> {
    let expected_algorithm = call
        .headers
        .get(DIGEST_ALGORITHM_HEADER)
        .is_none_or(|name| name.as_bytes() == DIGEST_ALGORITHM.as_bytes());
    if call.body.len() > MOST_BYTES || !expected_algorithm {
        return Err(Unauthentic);
    }
    let digest = call.header(DIGEST_HEADER).ok_or(Unauthentic)?;
    let digest = hex::decode(digest).map_err(|_| Unauthentic)?;
    proof::hmac_sha256(call, keys, call.body, &digest)
}

/// Reads what is reported.
pub(super) fn parse(sumsub: &Sumsub, body: &[u8]) -> Result<VerificationReport, Malformed> {
    let told: Told = serde_json::from_slice(body).map_err(|_| Malformed("not a webhook"))?;
    if !is_plain_id(&told.applicant_id) {
        return Err(Malformed("applicantId"));
    }
    if !is_plain_id(&told.event) {
        return Err(Malformed("type"));
    }
    let as_of = time(&told.created_at_ms).ok_or(Malformed("createdAtMs"))?;
    let tx = format!("{}:{}:{}", told.applicant_id, told.event, told.created_at_ms);
    Ok(VerificationReport {
        key: EntryKey::new(INTEGRATION, tx),
        player: told.external_user_id.as_ref().and_then(|id| id.parse().ok()),
        status: told.status(sumsub),
        as_of,
        event: told.event,
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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReviewResult {
    review_answer: Option<String>,
    review_reject_type: Option<String>,
}

impl Told {
    fn status(&self, sumsub: &Sumsub) -> Option<VerificationStatus> {
        match self.event.as_str() {
            "applicantCreated" | "applicantPending" | "applicantPrechecked" => {
                Some(VerificationStatus::Pending)
            }
            "applicantOnHold" => Some(VerificationStatus::InReview),
            // The documents are void, an approval with them: the player has to hand them in again.
            "applicantReset" => Some(VerificationStatus::Resubmit),
            "applicantReviewed" if self.review_status.as_deref() == Some("completed") => self.verdict(sumsub),
            _ => None,
        }
    }

    fn verdict(&self, sumsub: &Sumsub) -> Option<VerificationStatus> {
        let result = self.review_result.as_ref()?;
        match (result.review_answer.as_deref()?, result.review_reject_type.as_deref()) {
            ("GREEN", _) => self.approves(sumsub).then_some(VerificationStatus::Approved),
            ("RED", Some("RETRY")) => Some(VerificationStatus::Resubmit),
            // A refusal of unknown kind is taken for final: that ends an earlier approval and invites no new
            // attempt. If it was meant otherwise, a later verdict or staff can still say so.
            ("RED", _) => Some(VerificationStatus::Rejected),
            _ => None,
        }
    }

    /// Whether an approval is of the level that counts, and of a real person where that matters.
    fn approves(&self, sumsub: &Sumsub) -> bool {
        let counts = self.level_name.as_ref().is_none_or(|level| *level == sumsub.level_name);
        counts && !(sumsub.live && self.sandbox_mode == Some(true))
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
