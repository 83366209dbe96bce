//! Who uses which instrument, and what follows from two players using one.

use domain::cashier::{
    Instrument, InstrumentFingerprint, InstrumentIdentity, InstrumentKind, Review, ReviewReason, Split,
    instruments,
};
use domain::deposit::{DepositEvent, DepositNotice, DepositStatus, RequestDeposit};
use domain::ids::{DepositId, PlayerId, WithdrawalId};
use domain::withdrawal::{PayTo, RequestWithdrawal, Withdrawal};
use domain::{Command, EntryKey, Outcome, Refusal};
use proptest::prelude::*;
use ulid::Ulid;

use crate::book::{Book, eur, to_bank};
use crate::cashier::{deposit, fingerprint, judged_among};

fn deposit_id() -> DepositId {
    DepositId::new(Ulid::from_parts(5, 5))
}

fn asked() -> Book {
    let mut book = Book::with("0");
    book.applied(&Command::RequestDeposit(RequestDeposit {
        key: EntryKey::new("api", "deposit:key-1"),
        deposit: deposit_id(),
        amount: eur("25"),
        method: "card".into(),
        attested: false,
        vendor: "adyen".into(),
        return_url: "https://example.com".into(),
    }));
    book
}

fn card(name: Option<&str>) -> Instrument {
    Instrument {
        kind: InstrumentKind::Card,
        token: None,
        last_digits: None,
        funding: None,
        holder: domain::cashier::HolderMatch::Unknown,
        fingerprint: name.map(fingerprint),
        proven: false,
    }
}

fn notice(id: &str, event: DepositEvent, instrument: Option<Instrument>) -> Command {
    let notice = DepositNotice::new(EntryKey::new("adyen", id), deposit_id(), event);
    Command::DepositNotice(DepositNotice { instrument, ..notice })
}

fn authorised() -> DepositEvent {
    DepositEvent::Authorised { amount: eur("25"), psp_reference: "psp".into() }
}

fn captured() -> DepositEvent {
    DepositEvent::Captured { amount: eur("25"), psp_reference: "psp".into() }
}

/// What a provider tells of one payment: some messages name the card and some do not.
fn messages() -> Vec<Command> {
    vec![
        notice("reserved", authorised(), Some(card(Some("C")))),
        notice("taken", captured(), None),
        notice("known", DepositEvent::Identified, Some(card(None))),
        notice("cancelled", DepositEvent::Cancelled, None),
    ]
}

proptest! {
    /// Whatever comes first, comes twice or never comes.
    #[test]
    fn who_has_paid_with_an_instrument_uses_it_and_nobody_else(
        order in proptest::collection::vec(0..4_usize, 1..10)
    ) {
        let (mut book, messages) = (asked(), messages());
        for index in &order {
            book.execute(&messages[*index]);
        }
        let paid = book.deposits[&deposit_id().to_string()].received.is_some();
        let expected = paid && book.deposits[&deposit_id().to_string()].instrument.as_ref()
            .is_some_and(|it| it.fingerprint.is_some());
        prop_assert_eq!(book.instruments.contains(&fingerprint("C")), expected);
        if paid && order.contains(&0) {
            let cancelled_first = order.iter().position(|it| *it == 3) < order.iter().position(|it| *it == 1)
                && order.contains(&3);
            prop_assert!(expected || cancelled_first, "{:?}", order);
        }
    }
}

#[test]
fn a_word_that_comes_late_may_be_the_first_to_tell_the_instrument() {
    let mut book = asked();
    book.applied(&notice("taken", captured(), None));
    assert!(book.instruments.is_empty());
    book.applied(&notice("reserved", authorised(), Some(card(Some("C")))));
    assert!(book.instruments.contains(&fingerprint("C")));
    assert_eq!(book.cash(), eur("25"), "it moves nothing");
    let again = notice("reserved-again", authorised(), Some(card(Some("C"))));
    assert_eq!(book.refusal(&again), Refusal::Outdated);
    let of_another = DepositEvent::Authorised { amount: eur("25"), psp_reference: "other".into() };
    let other = notice("other", of_another, Some(Instrument { funding: None, ..card(Some("D")) }));
    assert_eq!(book.refusal(&other), Refusal::Outdated, "another payment tells nothing of this one");
    assert_eq!(book.instruments.len(), 1);
}

#[test]
fn only_the_authorisation_of_the_payment_that_came_may_tell_it_late() {
    let mut book = asked();
    book.applied(&notice("taken", captured(), None));
    let of_another = DepositEvent::Authorised { amount: eur("25"), psp_reference: "other".into() };
    let other = notice("other", of_another, Some(card(Some("D"))));
    assert_eq!(book.refusal(&other), Refusal::Outdated);
    let mut book = asked();
    book.applied(&notice("reserved", authorised(), None));
    let again = notice("reserved-again", authorised(), Some(card(Some("C"))));
    assert_eq!(book.refusal(&again), Refusal::Outdated, "nothing came yet");
    assert!(book.instruments.is_empty());
}

#[test]
fn an_identity_is_one_text_and_a_fingerprint_its_hash_in_hexadecimal() {
    let bytes = |identity: Option<InstrumentIdentity>| identity.unwrap().as_bytes().to_vec();
    assert_eq!(bytes(InstrumentIdentity::named("adyen", " C ")), b"adyen:C");
    assert_eq!(bytes(InstrumentIdentity::sort_code("20-00-00", "12345678")), b"account:GB:200000:12345678");
    let iban = bytes(InstrumentIdentity::iban("mt84 MALT 0110 0001 2345 MTLC AST0 01S"));
    assert_eq!(iban, b"iban:MT84MALT011000012345MTLCAST001S");
    assert_eq!(InstrumentFingerprint::of_mac(&[1, 0xab]).as_str(), "01ab");
}

#[test]
fn an_attempt_uses_nothing_and_money_in_quarantine_does() {
    let mut book = asked();
    book.applied(&notice("no", DepositEvent::Declined, Some(card(Some("C")))));
    assert!(book.instruments.is_empty(), "whoever types a number has not paid with it");
    let mut book = asked();
    let more = DepositEvent::Captured { amount: eur("26"), psp_reference: "psp".into() };
    book.applied(&notice("more", more, Some(card(Some("C")))));
    assert_eq!(book.deposits[&deposit_id().to_string()].status, DepositStatus::Quarantined);
    assert!(book.instruments.contains(&fingerprint("C")));
}

#[test]
fn an_account_that_is_named_is_used_from_then_on() {
    let mut book = Book::with("100");
    let mut request = to_bank("w", WithdrawalId::new(Ulid::from_parts(6, 6)), "60");
    let payout = request.payouts.remove(0);
    let to = PayTo::BankAccount { sealed: "sealed".into(), fingerprint: Some(fingerprint("own")) };
    let parts = ["40", "20"].map(|part| domain::withdrawal::Payout {
        to: to.clone(),
        amount: eur(part),
        ..payout.clone()
    });
    let request = RequestWithdrawal { payouts: parts.into(), ..request };
    let command = Command::RequestWithdrawal(request);
    book.applied(&command);
    assert!(matches!(book.execute(&command), Outcome::Replayed(_)));
    assert_eq!(book.instruments.iter().collect::<Vec<_>>(), [&fingerprint("own")], "and it is written once");
}

#[test]
fn a_players_instruments_are_all_they_paid_with_and_named() {
    let with = |number, name, received: bool| {
        let mut deposit = deposit(number, "adyen", Some("T"), eur("10"));
        deposit.instrument.as_mut().unwrap().fingerprint = Some(fingerprint(name));
        deposit.received = deposit.received.filter(|_| received);
        deposit
    };
    let to = |name: &str| PayTo::BankAccount { sealed: "s".into(), fingerprint: Some(fingerprint(name)) };
    let payout = |name: &str| domain::withdrawal::Payout::new(eur("1"), "adyen", to(name));
    let before = Withdrawal {
        id: WithdrawalId::new(Ulid::from_parts(9, 9)),
        amount: eur("1"),
        method: "bank".into(),
        payouts: vec![payout("earlier")],
        status: domain::withdrawal::WithdrawalStatus::Failed,
        review: Review::default(),
        approved_by: Vec::new(),
        decided_by: None,
        requested_at: "2026-11-23T10:00:00Z".parse().unwrap(),
    };
    let split = Split { payouts: vec![payout("now")], is_loop_open: false };
    let all = instruments(&[with(1, "paid", true), with(2, "tried", false)], &[before], &split);
    assert_eq!(all, ["paid", "earlier", "now"].map(fingerprint).into());
}

fn player(number: u128) -> PlayerId {
    PlayerId::new(Ulid::from_parts(7, number))
}

#[test]
fn a_shared_instrument_is_looked_at_and_staff_learns_who_shares_it() {
    let judged = |others: &[Vec<PlayerId>]| judged_among(others, false, |_, _, _| {}, eur("5"));
    assert_eq!(judged(&[vec![], vec![]]), Review::default(), "nobody else uses them");
    let (ann, bob) = (player(1), player(2));
    let review = judged(&[vec![], vec![bob]]);
    assert_eq!((review.reasons, review.shared_with), (vec![ReviewReason::SharedInstrument], vec![bob]));
    let review = judged(&[vec![], vec![bob, ann], vec![ann]]);
    assert_eq!(review.reasons, [ReviewReason::SharedInstrument]);
    assert_eq!((review.approvals, review.shared_with), (1, vec![ann, bob]));
    let crowd = judged(&[(0..50).map(player).collect()]);
    assert_eq!(crowd.shared_with.len(), 10, "a record stays small");
}

#[test]
fn an_open_alert_stops_what_would_be_paid_by_itself() {
    let review = judged_among(&[], true, |_, _, _| {}, eur("5"));
    assert_eq!((review.approvals, review.reasons), (1, vec![ReviewReason::ComplianceAlert]));
}
