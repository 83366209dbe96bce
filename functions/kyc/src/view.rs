//! How a verification looks to its player.

use domain::account::{Verification, VerificationStatus};
use domain::{Rules, Timestamp};
use serde_json::{Value, json};

pub(crate) fn verification(
    verification: &Verification,
    level: Option<&str>,
    rules: &Rules,
    now: Timestamp,
) -> Value {
    let status = verification.status_at(rules, now);
    let started = status != VerificationStatus::None;
    json!({
        "verification_id": verification.current,
        "status": status.as_str(),
        "level": level.filter(|_| started),
        "requested_documents": requested_documents(status),
        "document_expires_on": verification.expires_on,
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

    fn seen(of: &Verification, now: &str) -> Value {
        let (book, now) = (edge::rule_book().unwrap(), now.parse().unwrap());
        verification(of, Some("basic"), book.rules("MT", now).unwrap(), now)
    }

    const NOW: &str = "2026-11-23T10:00:00Z";

    #[test]
    fn who_never_started_has_no_level() {
        let none = seen(&Verification::none(), NOW);
        assert_eq!(none["status"], "none");
        assert_eq!(none["level"], Value::Null);
        assert_eq!(none["requested_documents"], json!([]));
    }

    #[test]
    fn documents_are_asked_for_while_it_is_the_players_turn() {
        let seen = |status| seen(&Verification { status, ..Verification::none() }, NOW);
        let resubmit = seen(VerificationStatus::Resubmit);
        assert_eq!(resubmit["level"], "basic");
        assert_eq!(resubmit["requested_documents"], json!(["identity_document"]));
        assert_eq!(seen(VerificationStatus::Approved)["requested_documents"], json!([]));
    }

    #[test]
    fn an_approval_runs_out_with_its_document() {
        let expires_on = Some(domain::Date::constant(2026, 11, 23));
        let approved =
            Verification { status: VerificationStatus::Approved, expires_on, ..Verification::none() };
        let last_second = seen(&approved, "2026-11-23T22:59:59Z");
        assert_eq!(
            (&last_second["status"], &last_second["document_expires_on"]),
            (&json!("approved"), &json!("2026-11-23"))
        );
        let over = seen(&approved, "2026-11-23T23:00:00Z");
        assert_eq!(over["status"], "expired", "it is midnight in Malta");
    }
}
