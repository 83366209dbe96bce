//! Decisions on a session, as webhooks bring them and as they can be asked for.

use domain::account::VerificationStatus;
use serde::Deserialize;

use crate::call::Malformed;
use crate::kyc::{Document, Findings, Person};

/// What stands under `verification`. Whatever Veriff leaves out is not there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Decision {
    /// The session.
    pub(super) id: String,
    pub(super) attempt_id: String,
    pub(super) code: u16,
    pub(super) status: String,
    pub(super) reason_code: Option<u16>,
    #[serde(rename = "decisionTime")]
    pub(super) time: Option<String>,
    vendor_data: Option<String>,
    person: Option<ReadPerson>,
    document: Option<ReadDocument>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReadPerson {
    first_name: Option<String>,
    last_name: Option<String>,
    date_of_birth: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReadDocument {
    country: Option<String>,
    valid_until: Option<String>,
}

impl Decision {
    pub(super) fn findings(&self) -> Result<Findings, Malformed> {
        let decided = self.time.as_deref().filter(|time| !time.is_empty());
        let as_of = decided.map(str::parse).transpose().map_err(|_| Malformed("decisionTime"))?;
        let person = self.person.as_ref();
        let document = self.document.as_ref();
        Ok(Findings {
            player: self.vendor_data.as_ref().and_then(|id| id.parse().ok()),
            status: self.verdict(),
            as_of,
            person: person.and_then(|it| {
                Person::read(it.first_name.as_deref(), it.last_name.as_deref(), it.date_of_birth.as_deref())
            }),
            document: document
                .and_then(|it| Document::read(it.country.as_deref(), it.valid_until.as_deref())),
            ..Findings::default()
        })
    }

    /// The status is what counts: one code stands for two of them, and pages differ on another. Only an approval must
    /// be one by both.
    fn verdict(&self) -> Option<VerificationStatus> {
        const APPROVED: u16 = 9001;
        match self.status.as_str() {
            "approved" => (self.code == APPROVED).then_some(VerificationStatus::Approved),
            "declined" => Some(VerificationStatus::Rejected),
            "resubmission_requested" => Some(VerificationStatus::Resubmit),
            "expired" | "abandoned" => Some(VerificationStatus::Expired),
            "review" => Some(VerificationStatus::InReview),
            _ => None,
        }
    }
}
