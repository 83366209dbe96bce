//! What identity vendors report: late, twice and out of order.

use domain::account::VerificationStatus::{self, Approved, Expired, InReview, Pending, Rejected, Resubmit};
use domain::person::VerificationNotice;
use domain::{Command, EntryKey, Refusal, Timestamp};
use jiff::SignedDuration;

use crate::book::Book;

/// What the status is after a report, or why it does not count.
fn report(
    book: &mut Book,
    status: VerificationStatus,
    alarming: bool,
) -> Result<VerificationStatus, Refusal> {
    book.now = book.now.saturating_add(SignedDuration::from_secs(1)).unwrap();
    report_at(book, book.now, status, alarming)
}

fn report_at(
    book: &mut Book,
    as_of: Timestamp,
    status: VerificationStatus,
    alarming: bool,
) -> Result<VerificationStatus, Refusal> {
    let key = EntryKey::new("kyc", format!("{as_of} {status:?}"));
    book.execute(&Command::VerificationNotice(VerificationNotice { key, status, as_of, alarming })).done()?;
    Ok(book.account.verification.status)
}

#[test]
fn what_is_routine_after_a_verdict_is_no_step_back() {
    for verdict in [Approved, Rejected] {
        let mut book = Book::with("0");
        book.account.verification.status = verdict;
        for status in [Pending, InReview, Expired] {
            assert_eq!(
                report(&mut book, status, false),
                Err(Refusal::Outdated),
                "{status:?} after {verdict:?}"
            );
        }
    }
}

#[test]
fn an_alarm_suspends_an_approval_until_a_newer_one() {
    let mut book = Book::with("0");
    assert_eq!(report(&mut book, InReview, true), Ok(InReview));
    let before = book.now.saturating_sub(SignedDuration::from_mins(1)).unwrap();
    assert_eq!(report_at(&mut book, before, Approved, false), Err(Refusal::Outdated), "an older approval");
    assert_eq!(report(&mut book, Approved, false), Ok(Approved));
}

#[test]
fn an_alarm_about_a_refused_player_changes_nothing() {
    let mut book = Book::with("0");
    assert_eq!(report(&mut book, Rejected, false), Ok(Rejected));
    assert_eq!(report(&mut book, InReview, true), Err(Refusal::Outdated));
    assert_eq!(report(&mut book, Resubmit, false), Ok(Resubmit), "the vendor lets the player try again");
}
