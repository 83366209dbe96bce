//! What is remembered of a deposit, step by step.

use domain::deposit::{Deposit, DepositEvent, DepositNotice, DepositStatus, RequestDeposit};
use domain::ids::{DepositId, StaffId};
use domain::{Command, EntryKey, Refusal};
use ulid::Ulid;

use crate::book::{Book, eur};

fn id() -> DepositId {
    DepositId::new(Ulid::from_parts(5, 5))
}

fn asked() -> Book {
    let mut book = Book::with("0");
    book.applied(&Command::RequestDeposit(RequestDeposit {
        key: EntryKey::new("api", "deposit:1"),
        deposit: id(),
        amount: eur("25"),
        method: "card".into(),
        attested: false,
        vendor: "adyen".into(),
        return_url: "https://casino.example".into(),
    }));
    book
}

fn told_by(vendor: &str, tx: &str, event: DepositEvent) -> Command {
    Command::DepositNotice(DepositNotice::new(EntryKey::new(vendor, tx), id(), event))
}

fn told(tx: &str, event: DepositEvent) -> Command {
    told_by("adyen", tx, event)
}

fn deposit(book: &Book) -> Deposit {
    book.deposits[&id().to_string()].clone()
}

fn opened() -> DepositEvent {
    let (vendor, redirect_url) = ("adyen".into(), "https://psp.test/pay".into());
    DepositEvent::Opened { vendor, redirect_url, psp_reference: "page-1".into() }
}

fn authorised(amount: &str) -> DepositEvent {
    DepositEvent::Authorised { amount: eur(amount), psp_reference: "pay-1".into() }
}

fn captured(amount: &str) -> DepositEvent {
    DepositEvent::Captured { amount: eur(amount), psp_reference: "pay-2".into() }
}

fn by() -> StaffId {
    StaffId::new(Ulid::from_parts(7, 7))
}

#[test]
fn the_payment_page_and_the_payment_are_remembered() {
    let mut book = asked();
    let fresh = deposit(&book);
    assert_eq!((fresh.status, fresh.redirect_url, fresh.psp_reference), (DepositStatus::Created, None, None));
    assert_eq!(fresh.expires_at, book.now + jiff::SignedDuration::from_hours(1));
    book.applied(&told("open", opened()));
    let page = deposit(&book);
    assert_eq!(page.status, DepositStatus::Pending);
    assert_eq!(page.redirect_url.as_deref(), Some("https://psp.test/pay"));
    assert_eq!(page.psp_reference.as_deref(), Some("page-1"));
    assert_eq!(book.refusal(&told("open-2", opened())), Refusal::Outdated, "there is one page");
    book.applied(&told("auth", authorised("25")));
    let reserved = deposit(&book);
    assert_eq!((reserved.status, reserved.received), (DepositStatus::Authorised, None));
    assert_eq!(reserved.psp_reference.as_deref(), Some("pay-1"));
    book.applied(&told("capture", captured("20")));
    let paid = deposit(&book);
    assert_eq!(
        (paid.status, paid.received, paid.gone_back),
        (DepositStatus::Completed, Some(eur("20")), None)
    );
    assert_eq!(paid.psp_reference.as_deref(), Some("pay-2"));
    assert_eq!(book.cash(), eur("20"));
}

#[test]
fn a_page_that_comes_after_the_authorisation_takes_nothing_back() {
    let mut book = asked();
    book.applied(&told("auth", authorised("25")));
    book.applied(&told("open", opened()));
    assert_eq!(deposit(&book).status, DepositStatus::Authorised);
    let mut over = asked();
    over.applied(&told("declined", DepositEvent::Declined));
    assert_eq!(over.refusal(&told("open", opened())), Refusal::Outdated);
    assert_eq!(over.refusal(&told("auth", authorised("25"))), Refusal::Outdated);
}

#[test]
fn reserved_money_that_does_not_match_waits_for_staff() {
    let mut book = asked();
    book.applied(&told("auth", authorised("24")));
    assert_eq!(deposit(&book).status, DepositStatus::Quarantined);
    book.applied(&told("capture", captured("24")));
    assert_eq!((deposit(&book).status, book.cash()), (DepositStatus::Quarantined, eur("0")));
}

#[test]
fn each_end_has_its_name() {
    for (event, status) in [
        (DepositEvent::Declined, DepositStatus::Failed),
        (DepositEvent::Cancelled, DepositStatus::Cancelled),
        (DepositEvent::Expired, DepositStatus::Expired),
    ] {
        let mut book = asked();
        book.applied(&told("end", event.clone()));
        assert_eq!(deposit(&book).status, status);
        assert_eq!(book.refusal(&told("end-2", event)), Refusal::Outdated);
    }
}

#[test]
fn only_the_provider_that_serves_a_deposit_speaks_of_it() {
    let mut book = asked();
    for event in [
        authorised("25"),
        captured("25"),
        DepositEvent::Declined,
        DepositEvent::Cancelled,
        DepositEvent::Refunded { amount: eur("1") },
        DepositEvent::ChargedBack { amount: eur("1") },
        DepositEvent::CaptureFailed { amount: eur("1") },
        DepositEvent::ChargebackReversed { amount: eur("1") },
    ] {
        assert_eq!(book.refusal(&told_by("nuvei", "x", event)), Refusal::NotFound);
    }
    // What we say ourselves comes through other doors.
    book.applied(&told_by("api", "open", opened()));
    let other = DepositEvent::Captured { amount: eur("26"), psp_reference: "pay".into() };
    book.applied(&told("capture", other));
    book.applied(&told_by("ops", "accept", DepositEvent::Accepted { by: by() }));
    assert_eq!(book.cash(), eur("26"));
    let mut late = asked();
    late.applied(&told_by("api", "expire", DepositEvent::Expired));
}

#[test]
fn what_takes_money_back_is_told_from_what_brings_it() {
    let amount = eur("1");
    for event in [
        DepositEvent::Refunded { amount },
        DepositEvent::ChargedBack { amount },
        DepositEvent::CaptureFailed { amount },
        DepositEvent::ChargebackReversed { amount },
    ] {
        assert!(event.is_reversal(), "{event:?}");
    }
    for event in [opened(), authorised("1"), captured("1"), DepositEvent::Declined, DepositEvent::Expired] {
        assert!(!event.is_reversal(), "{event:?}");
    }
}

#[test]
fn a_notice_that_comes_again_with_another_amount_is_no_repeat() {
    let mut book = asked();
    book.applied(&told("n", captured("20")));
    assert_eq!(book.refusal(&told("n", captured("21"))), Refusal::Mismatch);
    assert_eq!(book.refusal(&told("n", authorised("20"))), Refusal::Mismatch);
}

#[test]
fn the_provider_that_opened_the_payment_serves_it_from_then_on() {
    let mut book = asked();
    let opened = DepositEvent::Opened {
        vendor: "nuvei".into(),
        redirect_url: "https://psp.test/pay".into(),
        psp_reference: "order".into(),
    };
    book.applied(&told_by("api", "opened", opened));
    assert_eq!(deposit(&book).vendor, "nuvei");
    assert_eq!(book.refusal(&told_by("adyen", "paid", captured("25"))), Refusal::NotFound);
    book.applied(&told_by("nuvei", "paid", captured("25")));
    assert_eq!(book.cash(), eur("25"));
}
