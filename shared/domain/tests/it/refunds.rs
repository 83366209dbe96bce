//! Refunds that staff orders: held first, agreed to by as many as it takes, gone once.

use domain::cashier::{ApprovalRule, LoopOrder, RefundTerms, sources};
use domain::deposit::{
    Deposit, DepositEvent, DepositNotice, DepositStatus, Refund, RefundReference, RefundStatus,
    RequestDeposit, RequestRefund,
};
use domain::entry::LedgerAccount;
use domain::fact::Fact;
use domain::ids::{DepositId, StaffId};
use domain::{Command, Entry, EntryKey, Money, Outcome, Refusal};
use ulid::Ulid;

use crate::book::{Book, bet, eur};

fn id() -> DepositId {
    DepositId::new(Ulid::from_parts(5, 5))
}

fn staff(number: u64) -> StaffId {
    StaffId::new(Ulid::from_parts(7, u128::from(number)))
}

fn notice(tx: &str, event: DepositEvent) -> DepositNotice {
    DepositNotice::new(EntryKey::new("adyen", tx), id(), event)
}

/// Of the first refund.
fn of_refund(tx: &str, event: DepositEvent) -> Command {
    Command::DepositNotice(DepositNotice { refund: Some(1), ..notice(tx, event) })
}

fn refunded(amount: &str) -> DepositEvent {
    DepositEvent::Refunded { amount: eur(amount) }
}

fn request(key: &str, amount: Option<&str>, approvals: u8) -> RequestRefund {
    RequestRefund {
        key: EntryKey::new("ops", key),
        deposit: id(),
        amount: amount.map(eur),
        reason: "the player asked for it".into(),
        by: staff(1),
        at_most: eur("1000"),
        approvals,
        planned_at: None,
    }
}

fn asked(book: &mut Book, amount: Option<&str>, approvals: u8) -> Entry {
    book.applied(&Command::RequestRefund(request("refund:1", amount, approvals)))
}

fn paid_in() -> Book {
    let mut book = Book::with("0");
    book.applied(&Command::RequestDeposit(RequestDeposit {
        key: EntryKey::new("api", "deposit:key-1"),
        deposit: id(),
        amount: eur("25"),
        method: "card".into(),
        attested: false,
        vendor: "adyen".into(),
        return_url: "https://example.com".into(),
    }));
    let event = DepositEvent::Captured { amount: eur("25"), psp_reference: "psp".into() };
    book.applied(&Command::DepositNotice(notice("capture", event)));
    book
}

fn deposit(book: &Book) -> &Deposit {
    &book.deposits[&id().to_string()]
}

fn refund(book: &Book) -> &Refund {
    deposit(book).refund(1).unwrap()
}

fn balances(book: &Book) -> (Money, Money) {
    (book.cash(), book.account.wallet.held)
}

fn posted(entry: &Entry) -> Vec<(String, Money)> {
    entry.postings.iter().map(|it| (it.account.to_string(), it.amount)).collect()
}

#[test]
fn money_is_held_goes_to_the_provider_and_leaves_once() {
    let mut book = paid_in();
    let held = asked(&mut book, Some("10"), 1);
    assert!(matches!(held.fact, Fact::RefundRequested { refund: 1, approved: true, .. }));
    assert_eq!(posted(&held), [("player:cash".into(), eur("-10")), ("player:held".into(), eur("10"))]);
    assert_eq!(refund(&book).status(), RefundStatus::Approved);
    book.applied(&of_refund("submit", DepositEvent::RefundSubmitted));
    assert_eq!((refund(&book).status(), balances(&book)), (RefundStatus::Sent, (eur("15"), eur("10"))));
    let gone = book.applied(&of_refund("done", refunded("10")));
    assert!(matches!(gone.fact, Fact::DepositRefunded { refund: Some(1), .. }));
    assert_eq!(posted(&gone), [("player:held".into(), eur("-10")), ("psp:adyen".into(), eur("10"))]);
    assert_eq!((refund(&book).status(), balances(&book)), (RefundStatus::Completed, (eur("15"), eur("0"))));
    assert_eq!(
        (deposit(&book).status, deposit(&book).gone_back),
        (DepositStatus::Completed, Some(eur("10")))
    );
    assert!(matches!(book.execute(&of_refund("done", refunded("10"))), Outcome::Replayed(_)));
    let again = book.refusal(&of_refund("done-by-another-name", refunded("10")));
    assert_eq!(again, Refusal::WrongState { state: "paid" });
}

#[test]
fn all_that_is_left_goes_back_if_no_amount_is_told() {
    let mut book = paid_in();
    asked(&mut book, None, 1);
    assert_eq!(balances(&book), (eur("0"), eur("25")));
    book.applied(&of_refund("done", refunded("25")));
    assert_eq!((deposit(&book).status, balances(&book)), (DepositStatus::Refunded, (eur("0"), eur("0"))));
}

#[test]
fn no_more_goes_back_than_is_left_and_than_the_player_has() {
    let mut book = paid_in();
    let ask = |amount: Option<&str>, at_most: &str| {
        Command::RequestRefund(RequestRefund { at_most: eur(at_most), ..request("other", amount, 1) })
    };
    assert_eq!(book.refusal(&ask(Some("25.01"), "1000")), Refusal::MoreThanLeft { left: eur("25") });
    assert_eq!(book.refusal(&ask(Some("20.01"), "20")), Refusal::MoreThanLeft { left: eur("20") });
    assert_eq!(book.refusal(&ask(None, "0")), Refusal::MoreThanLeft { left: eur("0") });
    assert_eq!(book.refusal(&ask(Some("0"), "1000")), Refusal::NotPositive);
    asked(&mut book, Some("10"), 2);
    assert_eq!(book.refusal(&ask(Some("15.01"), "1000")), Refusal::MoreThanLeft { left: eur("15") });
    book.applied(&bet("b1", "5"));
    assert_eq!(
        book.refusal(&ask(Some("15"), "1000")),
        Refusal::InsufficientFunds { available: eur("10") },
        "what was played with is not there"
    );
    let planned = RequestRefund { planned_at: Some(1), ..request("planned", Some("1"), 1) };
    assert_eq!(book.refusal(&Command::RequestRefund(planned)), Refusal::Outdated);
}

#[test]
fn one_alone_sends_nothing_where_two_have_to_agree() {
    let mut book = paid_in();
    let held = asked(&mut book, Some("10"), 2);
    assert!(matches!(held.fact, Fact::RefundRequested { approved: false, .. }));
    let approve = |tx: &str, by| of_refund(tx, DepositEvent::RefundApproved { by });
    let waits = Refusal::WrongState { state: "requested" };
    assert_eq!(book.refusal(&approve("approve-1", staff(1))), waits, "who asked has agreed already");
    assert_eq!(book.refusal(&of_refund("submit", DepositEvent::RefundSubmitted)), waits);
    assert_eq!(book.refusal(&of_refund("done", refunded("10"))), waits, "nobody has sent it");
    let agreed = book.applied(&approve("approve-2", staff(2)));
    assert!(matches!(agreed.fact, Fact::RefundProgressed { status: RefundStatus::Approved, .. }));
    assert_eq!(refund(&book).approved_by, [staff(1), staff(2)]);
    assert_eq!(book.refusal(&approve("approve-3", staff(3))), Refusal::WrongState { state: "approved" });
}

#[test]
fn what_staff_or_the_provider_refuses_is_the_players_again() {
    let mut rejected = paid_in();
    asked(&mut rejected, Some("10"), 2);
    rejected.applied(&of_refund("reject", DepositEvent::RefundRejected { by: staff(2) }));
    let mut failed = paid_in();
    asked(&mut failed, Some("10"), 1);
    failed.applied(&of_refund("submit", DepositEvent::RefundFailed));
    for (book, status) in [(&mut rejected, RefundStatus::Rejected), (&mut failed, RefundStatus::Failed)] {
        assert_eq!((refund(book).status(), balances(book)), (status, (eur("25"), eur("0"))));
        assert!(matches!(
            book.entries.last().unwrap().fact,
            Fact::RefundReturned { after_payment: false, .. }
        ));
        assert_eq!(deposit(book).refundable().unwrap(), eur("25"));
        assert!(matches!(book.refusal(&of_refund("late", refunded("10"))), Refusal::WrongState { .. }));
    }
    let approve = of_refund("approve", DepositEvent::RefundApproved { by: staff(2) });
    assert_eq!(rejected.refusal(&approve), Refusal::WrongState { state: "rejected" });
}

#[test]
fn staff_refuses_only_what_waits_for_staff() {
    let reject = |tx| of_refund(tx, DepositEvent::RefundRejected { by: staff(2) });
    let mut book = paid_in();
    asked(&mut book, Some("10"), 1);
    // Held by another one: what is given back twice would be its money.
    book.applied(&Command::RequestRefund(request("refund:2", Some("15"), 2)));
    assert_eq!(book.refusal(&reject("approved")), Refusal::WrongState { state: "approved" });
    book.applied(&of_refund("submit", DepositEvent::RefundSubmitted));
    assert_eq!(book.refusal(&reject("sent")), Refusal::WrongState { state: "sent" });
    book.applied(&of_refund("fail", DepositEvent::RefundFailed));
    assert_eq!(book.refusal(&reject("failed")), Refusal::WrongState { state: "failed" });
    assert_eq!(balances(&book), (eur("10"), eur("15")));
}

#[test]
fn the_providers_word_may_overtake_our_note() {
    let mut book = paid_in();
    asked(&mut book, Some("10"), 1);
    book.applied(&of_refund("done", refunded("10")));
    let late = book.refusal(&of_refund("submit", DepositEvent::RefundSubmitted));
    assert_eq!((late, balances(&book)), (Refusal::WrongState { state: "paid" }, (eur("15"), eur("0"))));
}

#[test]
fn one_that_left_and_came_back_is_the_players_again_if_the_provider_says_so_later() {
    let mut book = paid_in();
    asked(&mut book, None, 1);
    let at = |tx: &str, event, order| {
        Command::DepositNotice(DepositNotice { refund: Some(1), order, ..notice(tx, event) })
    };
    book.applied(&at("done", refunded("25"), Some(1)));
    assert!(matches!(
        book.refusal(&at("fail", DepositEvent::RefundFailed, None)),
        Refusal::WrongState { .. }
    ));
    let back = book.applied(&at("fail", DepositEvent::RefundFailed, Some(2)));
    assert_eq!(posted(&back), [("psp:adyen".into(), eur("-25")), ("player:cash".into(), eur("25"))]);
    assert_eq!((deposit(&book).status, deposit(&book).gone_back), (DepositStatus::Completed, Some(eur("0"))));
    assert_eq!(book.refusal(&at("done-late", refunded("25"), Some(1))), Refusal::Outdated);
    assert_eq!(balances(&book), (eur("25"), eur("0")));
}

#[test]
fn a_credit_of_what_had_left_is_the_refund_sent_back() {
    let mut book = paid_in();
    asked(&mut book, Some("10"), 1);
    book.applied(&of_refund("done", refunded("10")));
    let credit = |tx: &str, amount: &str, payment: &str| {
        let event = DepositEvent::Captured { amount: eur(amount), psp_reference: payment.into() };
        Command::DepositNotice(notice(tx, event))
    };
    assert_eq!(book.refusal(&credit("c1", "10", "another")), Refusal::Outdated, "another payment");
    assert_eq!(book.refusal(&credit("c2", "9", "psp")), Refusal::Outdated, "other money");
    let back = book.applied(&credit("c3", "10", "psp"));
    assert!(matches!(back.fact, Fact::RefundReturned { refund: 1, after_payment: true, .. }));
    assert_eq!((refund(&book).status(), balances(&book)), (RefundStatus::Failed, (eur("25"), eur("0"))));
    assert_eq!(book.refusal(&credit("c4", "10", "psp")), Refusal::Outdated, "it comes back once");
}

#[test]
fn the_providers_own_desk_takes_from_the_balance_and_leaves_ours_alone() {
    let mut book = paid_in();
    asked(&mut book, Some("10"), 1);
    let desk = |tx: &str, amount: &str, name: Option<&str>| {
        let refund_psp_reference = name.map(str::to_owned);
        Command::DepositNotice(DepositNotice { refund_psp_reference, ..notice(tx, refunded(amount)) })
    };
    assert_eq!(
        book.refusal(&desk("d1", "10", Some("R9"))),
        Refusal::WrongState { state: "approved" },
        "it may be ours, whose id is not known yet: it has to come again"
    );
    book.applied(&desk("d2", "4", Some("R9")));
    assert_eq!(balances(&book), (eur("11"), eur("10")));
    let submit = DepositNotice {
        refund: Some(1),
        refund_psp_reference: Some("R1".into()),
        ..notice("submit", DepositEvent::RefundSubmitted)
    };
    book.applied(&Command::DepositNotice(submit));
    book.applied(&desk("d1", "10", Some("R9")));
    assert_eq!(balances(&book), (eur("1"), eur("10")), "it was not ours");
    book.applied(&desk("d3", "10", Some("R1")));
    assert_eq!((refund(&book).status(), balances(&book)), (RefundStatus::Completed, (eur("1"), eur("0"))));
    let debts = |it: &Entry| it.postings.iter().any(|it| it.account == LedgerAccount::Receivable);
    assert!(!book.entries.iter().any(debts));
}

#[test]
fn other_amounts_other_ids_and_other_numbers_are_not_it() {
    let mut book = paid_in();
    asked(&mut book, Some("10"), 1);
    let submit = DepositNotice {
        refund: Some(1),
        refund_psp_reference: Some("R1".into()),
        ..notice("submit", DepositEvent::RefundSubmitted)
    };
    book.applied(&Command::DepositNotice(submit));
    assert_eq!(book.refusal(&of_refund("n1", refunded("9"))), Refusal::Mismatch);
    let other = DepositNotice {
        refund: Some(1),
        refund_psp_reference: Some("R2".into()),
        ..notice("n2", refunded("10"))
    };
    assert_eq!(book.refusal(&Command::DepositNotice(other)), Refusal::Mismatch);
    for number in [0, 2, u8::MAX] {
        let other = DepositNotice { refund: Some(number), ..notice("n3", refunded("10")) };
        assert_eq!(book.refusal(&Command::DepositNotice(other)), Refusal::NotFound);
    }
    let failed = notice("n4", DepositEvent::RefundFailed);
    assert_eq!(book.refusal(&Command::DepositNotice(failed)), Refusal::NotFound, "whichever it is");
}

#[test]
fn a_chargeback_meanwhile_leaves_nothing_to_agree_to() {
    let mut book = paid_in();
    asked(&mut book, Some("10"), 2);
    book.applied(&Command::DepositNotice(notice("cb", DepositEvent::ChargedBack { amount: eur("20") })));
    let approve = of_refund("approve", DepositEvent::RefundApproved { by: staff(2) });
    assert_eq!(book.refusal(&approve), Refusal::MoreThanLeft { left: eur("5") });
    book.applied(&of_refund("reject", DepositEvent::RefundRejected { by: staff(2) }));
    assert_eq!(balances(&book), (eur("10"), eur("0")));
    assert_eq!(book.account.wallet.receivable, eur("5"), "the chargeback found only 15");
}

#[test]
fn a_refund_that_went_through_beside_a_chargeback_is_booked_all_the_same() {
    let mut book = paid_in();
    asked(&mut book, Some("10"), 1);
    book.applied(&Command::DepositNotice(notice("cb", DepositEvent::ChargedBack { amount: eur("25") })));
    book.applied(&of_refund("done", refunded("10")));
    assert_eq!((deposit(&book).status, balances(&book)), (DepositStatus::ChargedBack, (eur("0"), eur("0"))));
    assert_eq!(deposit(&book).gone_back, Some(eur("35")));
    assert_eq!(deposit(&book).refundable().unwrap(), eur("0"));
}

fn rule(from: &str) -> ApprovalRule {
    serde_json::from_value(serde_json::json!({
        "jurisdictions": ["MT"], "automatic_a_day": [], "four_eyes_from": [eur(from).to_string()], "account_days": 0,
        "instrument_players": 1,
    }))
    .unwrap()
}

#[test]
fn the_terms_count_the_day_and_what_goes_back_already() {
    let mut book = paid_in();
    let terms = |book: &Book, amount: Option<&str>, rule: Option<&ApprovalRule>| {
        let deposits = [deposit(book).clone()];
        RefundTerms::of(deposit(book), amount.map(eur), (&deposits, &[]), rule, book.now).unwrap()
    };
    let rule = rule("20");
    assert_eq!(terms(&book, Some("19.99"), Some(&rule)), RefundTerms { at_most: eur("25"), approvals: 1 });
    assert_eq!(terms(&book, None, Some(&rule)).approvals, 2);
    assert_eq!(terms(&book, Some("1"), None).approvals, 2, "where no rule is, two have to agree");
    asked(&mut book, Some("10"), 1);
    assert_eq!(terms(&book, Some("9.99"), Some(&rule)), RefundTerms { at_most: eur("15"), approvals: 1 });
    assert_eq!(terms(&book, Some("10"), Some(&rule)).approvals, 2, "many small ones are no way around");
    let left = sources(&[deposit(&book).clone()], &[], LoopOrder::OldestFirst).unwrap();
    assert_eq!(left[0].net, eur("15"), "withdrawals do not pay back what a refund holds");
    book.applied(&of_refund("fail", DepositEvent::RefundFailed));
    assert_eq!(terms(&book, Some("19.99"), Some(&rule)).approvals, 1, "what came to nothing does not count");
}

#[test]
fn refunds_go_by_their_references() {
    let mut book = paid_in();
    asked(&mut book, Some("10"), 1);
    book.applied(&Command::RequestRefund(request("refund:2", Some("5"), 2)));
    let numbers = |it: Vec<(RefundReference, &Refund)>| -> Vec<(u8, Money)> {
        assert!(it.iter().all(|(reference, _)| reference.deposit == id()));
        it.into_iter().map(|(reference, refund)| (reference.refund, refund.payout.amount)).collect()
    };
    assert_eq!(numbers(deposit(&book).refund_references().collect()), [(1, eur("10")), (2, eur("5"))]);
    assert_eq!(numbers(deposit(&book).refunds_waiting().collect()), [(2, eur("5"))]);
}

#[test]
fn each_reference_has_one_text() {
    let reference = RefundReference { deposit: id(), refund: 3 };
    let text = format!("{}-3", id());
    assert_eq!((reference.to_string(), text.parse()), (text.clone(), Ok(reference)));
    for other in [id().to_string(), format!("{}-0", id()), format!("{}-03", id()), format!("{}-256", id())] {
        assert!(other.parse::<RefundReference>().is_err(), "{other}");
    }
}
