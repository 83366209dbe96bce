//! How a verification looks to its player.

use domain::account::{Verification, VerificationStatus};
use serde_json::{Value, json};

pub(crate) fn verification(verification: &Verification, level: Option<&str>) -> Value {
    let started = verification.status != VerificationStatus::None;
    json!({
        "verification_id": verification.current,
        "status": verification.status.as_str(),
        "level": level.filter(|_| started),
        "requested_documents": requested_documents(verification.status),
        "updated_at": verification.as_of,
    })
}

/// What the player has to hand in now. Every level wants a proof of identity; the vendor's page asks for the rest.
const fn requested_documents(status: VerificationStatus) -> &'static [&'static str] {
    match status {
        VerificationStatus::Pending | VerificationStatus::Resubmit => &["identity_document"],
        VerificationStatus::None
        | VerificationStatus::InReview
        | VerificationStatus::Approved
        | VerificationStatus::Rejected
        | VerificationStatus::Expired => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_never_started_has_no_level() {
        let none = Verification { status: VerificationStatus::None, current: None, as_of: None };
        let seen = verification(&none, Some("basic-kyc-level"));
        assert_eq!(seen["status"], "none");
        assert_eq!(seen["level"], Value::Null);
        assert_eq!(seen["requested_documents"], json!([]));
    }

    #[test]
    fn documents_are_asked_for_while_it_is_the_players_turn() {
        let seen = |status| verification(&Verification { status, current: None, as_of: None }, Some("basic"));
        let resubmit = seen(VerificationStatus::Resubmit);
        assert_eq!(resubmit["level"], "basic");
        assert_eq!(resubmit["requested_documents"], json!(["identity_document"]));
        assert_eq!(seen(VerificationStatus::Approved)["requested_documents"], json!([]));
    }
}
