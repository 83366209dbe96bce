//! Who players are: what identity vendors report, late, twice and out of order, and what players change themselves.

use domain::account::AccountStatus;
use domain::account::VerificationStatus::{self, Approved, Expired, InReview, Pending, Rejected, Resubmit};
use domain::ids::{StaffId, VerificationId};
use domain::manual_review::{ManualReview, ReviewDecision};
use domain::person::{ChangeProfile, CloseAccount, StartVerification, VerificationNotice};
use domain::{Command, EntryKey, Refusal, Timestamp};
use jiff::SignedDuration;

use ulid::Ulid;

use crate::book::{Book, eur};

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
    book.execute(&Command::VerificationNotice(VerificationNotice {
        key,
        status,
        as_of,
        alarming,
        judged_at: None,
        expires_on: None,
    }))
    .done()?;
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

#[test]
fn what_was_said_again_later_is_not_undone_by_what_came_between() {
    for (said, alarming, between) in [
        (Rejected, false, Approved),
        (Approved, false, Rejected),
        (InReview, true, Approved),
        (Resubmit, false, Approved),
    ] {
        let mut book = Book::with("0");
        assert_eq!(report(&mut book, Expired, false), Err(Refusal::Outdated), "an approval does not run out");
        book.account.verification.status = Pending;
        report(&mut book, said, alarming).unwrap();
        let between_them = book.now.saturating_add(SignedDuration::from_millis(500)).unwrap();
        assert_eq!(report(&mut book, said, alarming), Ok(said));
        assert_eq!(report_at(&mut book, between_them, between, false), Err(Refusal::Outdated), "{said:?}");
        assert_eq!(book.account.verification.status, said);
    }
}

#[test]
fn an_approval_is_of_the_account_that_was_judged() {
    let notice = |book: &Book, judged_at| {
        Command::VerificationNotice(VerificationNotice {
            key: EntryKey::new("kyc", "judged"),
            status: Approved,
            as_of: book.now,
            alarming: false,
            expires_on: None,
            judged_at,
        })
    };
    let mut book = Book::with("0");
    book.account.verification.status = Pending;
    let judged_at = Some(book.account.version);
    let change = ChangeProfile {
        key: EntryKey::new("api", "change"),
        fields: vec!["last_name".into()],
        identity: true,
    };
    book.applied(&Command::ChangeProfile(change));
    assert_eq!(book.refusal(&notice(&book, judged_at)), Refusal::Outdated);
    book.applied(&notice(&book, Some(book.account.version)));
    assert_eq!(book.account.verification.status, Approved);
}

#[test]
fn a_review_ends_with_a_verdict() {
    for (status, after) in
        [(Pending, InReview), (Expired, InReview), (Approved, Approved), (Resubmit, Resubmit)]
    {
        let mut book = Book::with("0");
        report(&mut book, InReview, true).unwrap();
        let refused = report(&mut book, status, false).is_err();
        assert_eq!((refused, book.account.verification.status), (status != after, after), "{status:?}");
    }
}

#[test]
fn of_two_reports_of_one_moment_the_later_counts() {
    let mut book = Book::with("0");
    let now = book.now;
    assert_eq!(report_at(&mut book, now, Rejected, false), Ok(Rejected));
}

#[test]
fn nobody_is_verified_again_who_was_judged() {
    let start = |number| {
        let verification = VerificationId::new(Ulid::from_parts(9, number));
        Command::StartVerification(StartVerification { verification, vendor: "kyc".into() })
    };
    let mut book = Book::with("0");
    for (number, status) in [(1, Approved), (2, Rejected)] {
        book.account.verification.status = status;
        assert_eq!(book.refusal(&start(number)), Refusal::VerificationSettled(status));
    }
    for (number, status) in (3..).zip([VerificationStatus::None, Pending, InReview, Resubmit, Expired]) {
        book.account.verification.status = status;
        book.applied(&start(number));
        assert_eq!(book.account.verification.status, Pending);
    }
}

#[test]
fn who_changes_the_verified_identity_is_verified_again() {
    for (identity, before, after) in [
        (true, Approved, Resubmit),
        (false, Approved, Approved),
        (true, Pending, Pending),
        (true, Rejected, Rejected),
    ] {
        let mut book = Book::with("0");
        book.account.verification.status = before;
        let (key, fields) = (EntryKey::new("api", "change"), vec!["last_name".into()]);
        book.applied(&Command::ChangeProfile(ChangeProfile { key, fields, identity }));
        assert_eq!(book.account.verification.status, after, "{identity} {before:?}");
    }
}

#[test]
fn an_account_is_closed_when_nothing_is_in_it() {
    let close = Command::CloseAccount(CloseAccount { reason: "erasure".into() });
    let set: [fn(&mut Book); 3] = [
        |book| book.account.wallet.cash = eur("1"),
        |book| book.account.wallet.held = eur("1"),
        |book| book.account.wallet.receivable = eur("1"),
    ];
    for set in set {
        let mut book = Book::with("0");
        set(&mut book);
        assert_eq!(book.refusal(&close), Refusal::NotEmpty);
    }
    let mut book = Book::with("0");
    book.applied(&close);
    assert_eq!(book.account.status, AccountStatus::Closed);
    let key = EntryKey::new("api", "late");
    let late = Command::ChangeProfile(ChangeProfile { key, fields: Vec::new(), identity: false });
    assert_eq!(book.refusal(&late), Refusal::AccountClosed);
}

/// What the status is after a member of staff's word, or why it does not count.
fn say(book: &mut Book, by: u128, decision: ReviewDecision) -> Result<VerificationStatus, Refusal> {
    let key = EntryKey::new("ops", format!("{} {by}", book.account.version));
    let by = StaffId::new(Ulid::from_parts(5, by));
    book.execute(&Command::ManualReview(ManualReview { key, by, decision })).done()?;
    Ok(book.account.verification.status)
}

const APPROVE: ReviewDecision = ReviewDecision::Approve { expires_on: None };

#[test]
fn what_is_in_review_is_for_staff_to_decide() {
    let mut book = Book::with("0");
    report(&mut book, InReview, true).unwrap();
    assert_eq!(say(&mut book, 1, APPROVE), Ok(InReview), "a colleague has to agree");
    assert!(matches!(say(&mut book, 1, APPROVE), Err(Refusal::WrongState { .. })));
    let expires_on = Some("2030-01-31".parse().unwrap());
    assert_eq!(say(&mut book, 2, ReviewDecision::Approve { expires_on }), Ok(Approved));
    assert_eq!(book.account.verification.expires_on, expires_on);
    let earlier = book.now.saturating_sub(SignedDuration::from_mins(1)).unwrap();
    assert_eq!(report_at(&mut book, earlier, Rejected, false), Err(Refusal::Outdated));
    for (decision, after) in [(ReviewDecision::Reject, Rejected), (ReviewDecision::Resubmit, Resubmit)] {
        report(&mut book, InReview, true).unwrap();
        assert_eq!(say(&mut book, 1, decision), Ok(after), "one is enough");
        book.account.verification.status = Approved;
    }
}

#[test]
fn an_agreement_is_to_the_case_that_was_seen() {
    let mut book = Book::with("0");
    report(&mut book, InReview, true).unwrap();
    say(&mut book, 1, APPROVE).unwrap();
    report(&mut book, InReview, true).unwrap();
    assert_eq!(say(&mut book, 2, APPROVE), Ok(InReview), "there is a new alarm");
    let (key, fields) = (EntryKey::new("api", "change"), vec!["last_name".into()]);
    book.applied(&Command::ChangeProfile(ChangeProfile { key, fields, identity: true }));
    assert_eq!(say(&mut book, 1, APPROVE), Ok(InReview), "there is a new name");
}

#[test]
fn two_lift_a_refusal_and_nothing_else_is_for_staff_to_say() {
    let mut book = Book::with("0");
    report(&mut book, Rejected, false).unwrap();
    assert_eq!(say(&mut book, 1, ReviewDecision::Resubmit), Ok(Rejected));
    assert_eq!(say(&mut book, 2, ReviewDecision::Resubmit), Ok(Resubmit));
    for status in [VerificationStatus::None, Pending, Approved, Resubmit, Expired] {
        book.account.verification.status = status;
        for decision in [APPROVE, ReviewDecision::Reject, ReviewDecision::Resubmit] {
            let refusal = Err(Refusal::WrongState { state: status.as_str() });
            assert_eq!(say(&mut book, 1, decision), refusal, "{status:?} {decision:?}");
        }
    }
}
