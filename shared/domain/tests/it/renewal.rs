//! Approvals run out with the document behind them, and are renewed.

use domain::account::VerificationStatus::{self, Approved, Expired, InReview, Pending, Rejected, Resubmit};
use domain::deposit::RequestDeposit;
use domain::ids::{DepositId, VerificationId, WithdrawalId};
use domain::person::{ChangeProfile, StartVerification, VerificationNotice};
use domain::{Command, EntryKey, Fact, Outcome, Refusal, Timestamp};
use jiff::SignedDuration;
use ulid::Ulid;

use crate::book::{Book, bet, eur, to_bank};

/// A player who was approved by a document that is good for one week, where it has to be renewed in 30 days.
fn approved() -> Book {
    let mut book = Book::with("100");
    book.rules.renewal_days = Some(30);
    book.rules.verified_before_deposit = true;
    for session in book.sessions.values_mut() {
        session.expires_at = Timestamp::MAX;
    }
    report(&mut book, Approved, false, Some("2026-11-30"));
    book
}

fn report(book: &mut Book, status: VerificationStatus, alarming: bool, last_day: Option<&str>) {
    book.now = book.now.saturating_add(SignedDuration::from_secs(1)).unwrap();
    let (key, as_of) = (EntryKey::new("kyc", format!("{}", book.now)), book.now);
    let expires_on = last_day.map(|day| day.parse().unwrap());
    book.applied(&Command::VerificationNotice(VerificationNotice {
        key,
        status,
        as_of,
        alarming,
        judged_at: None,
        expires_on,
    }));
}

fn start(number: u128) -> Command {
    let verification = VerificationId::new(Ulid::from_parts(9, number));
    Command::StartVerification(StartVerification { verification, vendor: "kyc".into() })
}

fn status(book: &Book) -> VerificationStatus {
    book.account.verification.status_at(&book.rules, book.now)
}

/// What the player may do at a time: stake, pay in, and withdraw.
fn may(book: &mut Book, now: &str) -> [bool; 3] {
    book.now = now.parse().unwrap();
    let number = u128::from(book.account.version);
    let name = number.to_string();
    let deposit = RequestDeposit {
        key: EntryKey::new("api", format!("deposit:{name}")),
        deposit: DepositId::new(Ulid::from_parts(7, number)),
        amount: eur("1"),
        method: "card".into(),
        attested: false,
        vendor: "adyen".into(),
        return_url: "https://example.com".into(),
    };
    let withdrawal =
        to_bank(&format!("withdrawal:{name}"), WithdrawalId::new(Ulid::from_parts(8, number)), "1");
    [bet(&name, "1"), Command::RequestDeposit(deposit), Command::RequestWithdrawal(withdrawal)].map(
        |command| match book.execute(&command) {
            Outcome::Applied(_) => true,
            Outcome::Refused { refusal: Refusal::NotVerified, .. } => false,
            other => panic!("{other:?}"),
        },
    )
}

#[test]
fn the_approval_lasts_as_long_as_the_document_and_the_money_stays_the_players() {
    for (now, expected, all) in [
        ("2026-11-30T22:59:59Z", Approved, true),
        ("2026-11-30T23:00:00Z", Expired, true),
        ("2026-12-30T22:59:59Z", Expired, true),
        ("2026-12-30T23:00:00Z", Expired, false),
        ("2030-01-01T00:00:00Z", Expired, false),
    ] {
        let mut book = approved();
        assert_eq!(may(&mut book, now), [all, all, true], "{now}");
        assert_eq!(status(&book), expected, "{now}");
    }
}

#[test]
fn what_has_no_last_day_lasts_and_so_does_everything_without_the_rule() {
    let mut book = approved();
    report(&mut book, Approved, false, None);
    assert_eq!(may(&mut book, "2030-01-01T00:00:00Z"), [true; 3]);
    let mut book = approved();
    book.rules.renewal_days = None;
    assert_eq!(may(&mut book, "2030-01-01T00:00:00Z"), [true; 3]);
    assert_eq!(status(&book), Approved);
    assert_eq!(book.refusal(&start(1)), Refusal::VerificationSettled(Approved));
}

#[test]
fn a_document_that_ran_out_is_renewed_while_the_player_goes_on() {
    let mut book = approved();
    assert_eq!(book.refusal(&start(1)), Refusal::VerificationSettled(Approved), "not before its time");
    book.now = "2026-12-01T12:00:00Z".parse().unwrap();
    let told = book.applied(&start(1)).fact;
    let Fact::VerificationChanged { status: Pending, expires_on: Some(last_day), .. } = told else {
        panic!("{told:?}")
    };
    assert_eq!(last_day.to_string(), "2026-11-30", "whoever is told knows that it is a renewal");
    for step in [Resubmit, InReview, Pending, Expired] {
        book.account.verification.status = Resubmit;
        if step != Resubmit {
            report(&mut book, step, false, None);
        }
        let now = book.now.to_string();
        assert_eq!(may(&mut book, &now), [true; 3], "{step:?}");
        assert_eq!(status(&book), step);
    }
    assert_eq!(may(&mut book, "2026-12-31T12:00:00Z"), [false, false, true], "the days are over");
    report(&mut book, Approved, false, Some("2036-11-30"));
    assert_eq!(may(&mut book, "2036-11-30T12:00:00Z"), [true; 3]);
}

#[test]
fn what_speaks_against_the_approval_leaves_nothing_of_it() {
    let identity = ChangeProfile { key: EntryKey::new("api", "name"), fields: Vec::new(), identity: true };
    for begin in [false, true] {
        let speak: [&dyn Fn(&mut Book); 3] = [
            &|book| report(book, InReview, true, None),
            &|book| report(book, Rejected, false, None),
            &|book| drop(book.applied(&Command::ChangeProfile(identity.clone()))),
        ];
        for (number, speak) in speak.iter().enumerate() {
            let mut book = approved();
            book.now = "2026-12-01T12:00:00Z".parse().unwrap();
            if begin {
                book.applied(&start(1));
            }
            speak(&mut book);
            let now = book.now.to_string();
            assert_eq!(may(&mut book, &now), [false; 3], "{number}, {begin}");
            assert_eq!(book.account.verification.expires_on, None);
        }
    }
    let mut void = approved();
    report(&mut void, Resubmit, false, None);
    let now = void.now.to_string();
    assert_eq!(may(&mut void, &now), [false; 3], "the vendor takes the approval back");
}

#[test]
fn that_the_vendor_begins_the_renewal_before_we_do_takes_nothing_back() {
    let mut book = approved();
    book.now = "2026-12-01T12:00:00Z".parse().unwrap();
    report(&mut book, Resubmit, false, None);
    let now = book.now.to_string();
    assert_eq!(may(&mut book, &now), [true; 3]);
    book.applied(&start(1));
    assert_eq!(may(&mut book, "2026-12-30T12:00:00Z"), [true; 3]);
    assert_eq!(may(&mut book, "2026-12-31T12:00:00Z"), [false, false, true]);
}
