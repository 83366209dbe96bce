//! Staff's word on a verification: on one that is in review, and on a refusal that was wrong.

use jiff::civil::Date;

use crate::Timestamp;
use crate::account::{Account, Verification, VerificationStatus};
use crate::draft::Draft;
use crate::entry::{EntryKey, Fingerprint};
use crate::ids::StaffId;
use crate::person::{refuse_closed, verification_changed};
use crate::refusal::Refusal;

/// Who the ledger names where staff decided, in the place of a vendor.
const STAFF: &str = "staff";

/// A member of staff decides on a verification.
#[derive(Clone, Debug)]
pub struct ManualReview {
    /// What makes it happen once.
    pub key: EntryKey,
    /// Who.
    pub by: StaffId,
    /// What.
    pub decision: ReviewDecision,
}

/// What staff can decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReviewDecision {
    /// The player is who they say.
    Approve {
        /// The last day of the document that this rests on, if it has one.
        expires_on: Option<Date>,
    },
    /// The player is refused for good.
    Reject,
    /// The player is to be verified again.
    Resubmit,
}

impl ReviewDecision {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approve { .. } => "approve",
            Self::Reject => "reject",
            Self::Resubmit => "resubmit",
        }
    }

    const fn status(self) -> VerificationStatus {
        match self {
            Self::Approve { .. } => VerificationStatus::Approved,
            Self::Reject => VerificationStatus::Rejected,
            Self::Resubmit => VerificationStatus::Resubmit,
        }
    }
}

impl ManualReview {
    /// What a repeat must match.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let day = match self.decision {
            ReviewDecision::Approve { expires_on } => expires_on.map(|day| day.to_string()),
            ReviewDecision::Reject | ReviewDecision::Resubmit => None,
        };
        Fingerprint::of(["manual-review", self.decision.as_str(), day.as_deref().unwrap_or_default()])
    }
}

/// What lets somebody in takes two members of staff; what keeps somebody out takes one.
pub(crate) fn review(account: &Account, word: &ManualReview, now: Timestamp) -> Result<Draft, Refusal> {
    refuse_closed(account)?;
    let known = &account.verification;
    let refusal = Refusal::WrongState { state: known.status.as_str() };
    let takes_two = match (known.status, word.decision) {
        (VerificationStatus::InReview, ReviewDecision::Approve { .. })
        | (VerificationStatus::Rejected, ReviewDecision::Resubmit) => true,
        (VerificationStatus::InReview, ReviewDecision::Reject | ReviewDecision::Resubmit) => false,
        _ => return Err(refusal),
    };
    let verification = match known.agreed_by {
        Some(first) if takes_two && first == word.by => return Err(refusal),
        None if takes_two => Verification { agreed_by: Some(word.by), ..known.clone() },
        _ => decided(known, word.decision, now),
    };
    Ok(verification_changed(account, verification, STAFF, Some(word.by)))
}

/// From now on the word counts: what the vendor said before does not undo it.
fn decided(known: &Verification, decision: ReviewDecision, now: Timestamp) -> Verification {
    Verification {
        status: decision.status(),
        current: known.current,
        as_of: known.as_of.max(Some(now)),
        expires_on: match decision {
            ReviewDecision::Approve { expires_on } => expires_on,
            ReviewDecision::Reject => None,
            ReviewDecision::Resubmit => known.expires_on,
        },
        agreed_by: None,
    }
}
