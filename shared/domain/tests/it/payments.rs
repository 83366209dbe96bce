//! Deposits and withdrawals, whatever order the payment provider's messages come in.

use domain::account::AccountStatus;
use domain::cashier::Review;
use domain::deposit::{DepositEvent, DepositNotice, DepositStatus, RequestDeposit};
use domain::entry::LedgerAccount;
use domain::fact::Fact;
use domain::ids::{DepositId, StaffId, WithdrawalId};
use domain::withdrawal::{
    PayTo, Payout, PayoutReference, PayoutStatus, RequestWithdrawal, WithdrawalEvent, WithdrawalStatus,
    WithdrawalStep,
};
use domain::{Command, EntryKey, Refusal};
use ulid::Ulid;

use crate::book::{Book, eur, to_bank};

pub(crate) fn deposit_id() -> DepositId {
    DepositId::new(Ulid::from_parts(5, 5))
}

pub(crate) fn ask(amount: &str) -> Command {
    Command::RequestDeposit(RequestDeposit {
        key: EntryKey::new("api", "deposit:key-1"),
        deposit: deposit_id(),
        amount: eur(amount),
        method: "card".into(),
        attested: false,
        vendor: "adyen".into(),
        return_url: "https://example.com".into(),
    })
}

pub(crate) fn notice(id: &str, event: DepositEvent) -> Command {
    Command::DepositNotice(DepositNotice::new(EntryKey::new("adyen", id), deposit_id(), event))
}

pub(crate) fn captured(amount: &str) -> DepositEvent {
    DepositEvent::Captured { amount: amount.parse().unwrap(), psp_reference: "psp".into() }
}

pub(crate) fn status(book: &Book) -> DepositStatus {
    book.deposits[&deposit_id().to_string()].status
}

#[test]
fn a_capture_credits_once_whatever_else_comes() {
    let mut book = Book::with("0");
    book.applied(&ask("25"));
    let authorised = DepositEvent::Authorised { amount: eur("25"), psp_reference: "psp".into() };
    book.applied(&notice("capture", captured("25 EUR")));
    assert_eq!(book.cash(), eur("25"));
    assert_eq!(book.refusal(&notice("late-authorisation", authorised)), Refusal::Outdated);
    assert_eq!(book.refusal(&notice("capture-again", captured("25 EUR"))), Refusal::Outdated);
    assert_eq!(book.refusal(&notice("declined-late", DepositEvent::Declined)), Refusal::Outdated);
    assert_eq!((book.cash(), status(&book)), (eur("25"), DepositStatus::Completed));
}

#[test]
fn the_first_deposit_is_told_from_the_next() {
    let mut book = Book::with("10");
    book.applied(&ask("25"));
    let entry = book.applied(&notice("capture", captured("25 EUR")));
    assert!(matches!(entry.fact, Fact::DepositCompleted { first: false, .. }));
    assert!(matches!(book.entries[3].fact, Fact::DepositCompleted { first: true, .. }));
}

#[test]
fn money_that_comes_after_the_end_is_credited_all_the_same() {
    for end in [DepositEvent::Declined, DepositEvent::Cancelled, DepositEvent::Expired] {
        let mut book = Book::with("0");
        book.applied(&ask("25"));
        book.applied(&notice("end", end));
        book.applied(&notice("capture", captured("25 EUR")));
        assert_eq!(book.cash(), eur("25"));
    }
}

#[test]
fn other_money_than_asked_for_is_never_credited() {
    for arrived in ["25.01 EUR", "2500 EUR", "25 GBP"] {
        let mut book = Book::with("0");
        book.applied(&ask("25"));
        let entry = book.applied(&notice("capture", captured(arrived)));
        assert_eq!((book.cash(), status(&book)), (eur("0"), DepositStatus::Quarantined), "{arrived}");
        assert!(entry.postings.iter().any(|it| it.account == LedgerAccount::Suspense), "{arrived}");
        assert_eq!(book.refusal(&notice("capture-2", captured("25 EUR"))), Refusal::Outdated);
    }
}

#[test]
fn money_for_a_closed_account_waits_for_staff() {
    let mut book = Book::with("0");
    book.applied(&ask("25"));
    book.account.status = AccountStatus::Closed;
    book.applied(&notice("capture", captured("25 EUR")));
    assert_eq!(status(&book), DepositStatus::Quarantined);
}

#[test]
fn where_verification_comes_first_nothing_is_paid_in_before() {
    let mut book = Book::with("0");
    book.rules.verified_before_deposit = true;
    book.account.verification.status = domain::account::VerificationStatus::Pending;
    assert_eq!(book.refusal(&ask("25")), Refusal::NotVerified);
    book.rules.verified_before_deposit = false;
    book.applied(&ask("25"));
}

fn withdrawal_id() -> WithdrawalId {
    WithdrawalId::new(Ulid::from_parts(6, 6))
}

fn withdraw(amount: &str) -> Command {
    Command::RequestWithdrawal(to_bank("withdrawal:key-1", withdrawal_id(), amount))
}

fn step(id: &str, event: WithdrawalEvent) -> Command {
    let key = EntryKey::new("adyen", id);
    Command::WithdrawalStep(WithdrawalStep::new(key, withdrawal_id(), event))
}

fn by() -> StaffId {
    StaffId::new(Ulid::from_parts(7, 7))
}

#[test]
fn a_withdrawal_holds_the_money_and_pays_it_once() {
    let mut book = Book::with("10");
    book.applied(&withdraw("4"));
    assert_eq!((book.cash(), book.account.wallet.held), (eur("6"), eur("4")));
    book.applied(&step("approve", WithdrawalEvent::Approved { by: by() }));
    book.applied(&step("submit", WithdrawalEvent::Submitted));
    let paid = book.applied(&step("paid", WithdrawalEvent::Paid { amount: eur("4") }));
    // A withdrawal of one payout does not number it, and nothing is owed.
    let (withdrawal, amount) = (withdrawal_id(), eur("4"));
    assert_eq!(paid.fact, Fact::WithdrawalPaid { withdrawal, amount, shortfall: None, payout: None });
    assert_eq!((book.cash(), book.account.wallet.held), (eur("6"), eur("0")));
    for late in
        [WithdrawalEvent::Failed, WithdrawalEvent::Paid { amount: eur("4") }, WithdrawalEvent::Cancelled]
    {
        assert_eq!(book.refusal(&step("late", late)), Refusal::WrongState { state: "paid" });
    }
}

#[test]
fn what_is_not_paid_comes_back() {
    let rejected = WithdrawalEvent::Rejected { by: by() };
    for (event, end, decided_by) in [
        (rejected, WithdrawalStatus::Rejected, Some(by())),
        (WithdrawalEvent::Cancelled, WithdrawalStatus::Cancelled, None),
    ] {
        let mut book = Book::with("10");
        book.applied(&withdraw("4"));
        book.applied(&step("end", event));
        assert_eq!((book.cash(), book.account.wallet.held), (eur("10"), eur("0")));
        let withdrawal = &book.withdrawals[&withdrawal_id()];
        assert_eq!((withdrawal.status, withdrawal.decided_by), (end, decided_by));
        let approve = step("approve", WithdrawalEvent::Approved { by: by() });
        assert_eq!(book.refusal(&approve), Refusal::WrongState { state: end.as_str() });
    }
}

#[test]
fn what_came_back_once_does_not_come_back_out_of_another_withdrawals_money() {
    let mut book = Book::with("10");
    book.applied(&withdraw("4"));
    let Command::RequestWithdrawal(mut other) = withdraw("4") else { unreachable!() };
    other.key = EntryKey::new("api", "withdrawal:key-2");
    other.withdrawal = WithdrawalId::new(Ulid::from_parts(8, 8));
    book.applied(&Command::RequestWithdrawal(other));
    book.applied(&step("approve", WithdrawalEvent::Approved { by: by() }));
    let failed = book.applied(&step("failed", WithdrawalEvent::Failed));
    let back = Fact::WithdrawalReturned {
        withdrawal: withdrawal_id(),
        status: WithdrawalStatus::Failed,
        amount: eur("4"),
        after_payment: false,
        payout: None,
    };
    assert_eq!(failed.fact, back);
    for (id, event) in [
        ("failed again", WithdrawalEvent::Failed),
        ("rejected", WithdrawalEvent::Rejected { by: by() }),
        ("cancelled", WithdrawalEvent::Cancelled),
        ("paid", WithdrawalEvent::Paid { amount: eur("4") }),
    ] {
        assert_eq!(book.refusal(&step(id, event)), Refusal::WrongState { state: "failed" });
    }
    assert_eq!((book.cash(), book.account.wallet.held), (eur("6"), eur("4")));
}

#[test]
fn the_word_that_it_was_paid_may_overtake_the_word_that_it_was_sent() {
    let mut book = Book::with("10");
    book.applied(&withdraw("4"));
    book.applied(&step("approve", WithdrawalEvent::Approved { by: by() }));
    book.applied(&step("paid", WithdrawalEvent::Paid { amount: eur("4") }));
    let sent = step("submit", WithdrawalEvent::Submitted);
    assert_eq!(book.refusal(&sent), Refusal::WrongState { state: "paid" });
}

#[test]
fn nothing_is_called_back_where_the_law_forbids_it() {
    let mut book = Book::with("10");
    book.rules.withdrawal_reversal = false;
    book.applied(&withdraw("4"));
    assert_eq!(book.refusal(&step("cancel", WithdrawalEvent::Cancelled)), Refusal::NotAllowed);
}

#[test]
fn more_than_there_is_cannot_be_withdrawn() {
    let mut book = Book::with("10");
    assert_eq!(book.refusal(&withdraw("10.01")), Refusal::InsufficientFunds { available: eur("10") });
    assert_eq!(book.refusal(&withdraw("0")), Refusal::NotPositive);
}

#[test]
fn the_parts_of_one_payment_are_credited_up_to_what_was_asked_for() {
    let mut book = Book::with("0");
    book.applied(&ask("25"));
    book.applied(&notice("part-1", captured("10 EUR")));
    let second = book.applied(&notice("part-2", captured("15 EUR")));
    assert!(
        matches!(second.fact, Fact::DepositCompleted { first: false, amount, .. } if amount == eur("15"))
    );
    assert_eq!((book.cash(), book.account.deposits), (eur("25"), 1), "two parts are one deposit");
    assert_eq!(book.refusal(&notice("part-3", captured("0.01 EUR"))), Refusal::Outdated);
    let mut other = Book::with("0");
    other.applied(&ask("25"));
    other.applied(&notice("part-1", captured("10 EUR")));
    let foreign = DepositEvent::Captured { amount: eur("15"), psp_reference: "another".into() };
    assert_eq!(other.refusal(&notice("part-2", foreign)), Refusal::Outdated, "another payment");
    other.applied(&notice("refund", DepositEvent::Refunded { amount: eur("10") }));
    assert_eq!(other.refusal(&notice("part-2", captured("15 EUR"))), Refusal::Outdated, "it went back");
    assert_eq!(other.cash(), eur("0"));
}

#[test]
fn what_is_said_of_another_payment_takes_nothing_back() {
    let mut book = Book::with("0");
    book.applied(&ask("25"));
    book.applied(&notice("capture", captured("25 EUR")));
    let Command::DepositNotice(refund) = notice("refund", DepositEvent::Refunded { amount: eur("25") })
    else {
        unreachable!()
    };
    let of = |payment: &str| {
        Command::DepositNotice(DepositNotice { payment: Some(payment.into()), ..refund.clone() })
    };
    assert_eq!(book.refusal(&of("another")), Refusal::Mismatch);
    assert_eq!(book.cash(), eur("25"));
    book.applied(&of("psp"));
    assert_eq!(book.cash(), eur("0"));
}

/// A withdrawal of 4 and 2 by two providers.
fn in_two(approvals: u8) -> Command {
    let source = |token: &str| PayTo::Source { token: token.into(), returns: true };
    Command::RequestWithdrawal(RequestWithdrawal {
        payouts: vec![
            Payout::new(eur("4"), "trustly", source("one")),
            Payout::new(eur("2"), "nuvei", source("two")),
        ],
        review: Review { approvals, ..Review::default() },
        ..to_bank("withdrawal:key-1", withdrawal_id(), "6")
    })
}

/// What a provider says of one payout.
fn told(tx: &str, payout: u8, psp: &str, order: Option<u64>, event: WithdrawalEvent) -> Command {
    let vendor = if payout == 0 { "trustly" } else { "nuvei" };
    let step = WithdrawalStep::new(EntryKey::new(vendor, tx), withdrawal_id(), event).of(payout);
    Command::WithdrawalStep(WithdrawalStep { psp_reference: Some(psp.into()), order, ..step })
}

#[test]
fn a_withdrawal_is_as_far_as_its_payouts() {
    let mut book = Book::with("10");
    let asked = book.applied(&in_two(0));
    assert!(matches!(asked.fact, Fact::WithdrawalRequested { approved: true, .. }));
    let seen = |book: &Book| book.withdrawals[&withdrawal_id()].status;
    assert_eq!(seen(&book), WithdrawalStatus::Approved);
    book.applied(&told("s0", 0, "t", None, WithdrawalEvent::Submitted));
    book.applied(&told("p0", 0, "t", None, WithdrawalEvent::Paid { amount: eur("4") }));
    assert_eq!((seen(&book), book.account.wallet.held), (WithdrawalStatus::Paying, eur("2")));
    let failed = book.applied(&told("f1", 1, "n", None, WithdrawalEvent::Failed));
    assert!(
        matches!(failed.fact, Fact::WithdrawalReturned { payout: Some(1), amount, .. } if amount == eur("2"))
    );
    assert_eq!((seen(&book), book.cash()), (WithdrawalStatus::Paid, eur("6")));
    assert_eq!(book.account.wallet.held, eur("0"));
    assert_eq!(book.refusal(&told("x", 2, "n", None, WithdrawalEvent::Failed)), Refusal::NotFound);
}

#[test]
fn a_payout_listens_to_its_own_messages_only() {
    let mut book = Book::with("10");
    book.applied(&in_two(0));
    book.applied(&told("s0", 0, "t", None, WithdrawalEvent::Submitted));
    let paid = || WithdrawalEvent::Paid { amount: eur("4") };
    assert_eq!(book.refusal(&told("other", 0, "another", Some(99), paid())), Refusal::Mismatch);
    book.applied(&told("p0", 0, "t", Some(2), paid()));
    let other = told("other-2", 0, "another", Some(99), WithdrawalEvent::Failed);
    assert_eq!(book.refusal(&other), Refusal::Mismatch, "places are counted for each transfer");
    // The sibling's places are its own, too.
    book.applied(&told("p1", 1, "n", Some(1), WithdrawalEvent::Paid { amount: eur("2") }));
    let returned = book.applied(&told("r0", 0, "t", Some(3), WithdrawalEvent::Failed));
    assert!(matches!(returned.fact, Fact::WithdrawalReturned { after_payment: true, payout: Some(0), .. }));
    assert_eq!((book.cash(), book.account.wallet.held), (eur("8"), eur("0")));
    let withdrawal = &book.withdrawals[&withdrawal_id()];
    let states: Vec<PayoutStatus> = withdrawal.payouts.iter().map(|payout| payout.status).collect();
    assert_eq!(states, [PayoutStatus::Failed, PayoutStatus::Paid]);
}

#[test]
fn what_comes_back_is_all_of_it() {
    let mut book = Book::with("10");
    book.applied(&in_two(0));
    let back = |amount: &str| WithdrawalEvent::Returned { amount: amount.parse().unwrap() };
    assert_eq!(book.refusal(&told("r1", 0, "t", None, back("3 EUR"))), Refusal::Mismatch);
    assert_eq!(book.refusal(&told("r2", 0, "t", None, back("4 SEK"))), Refusal::Mismatch);
    book.applied(&told("r3", 0, "t", None, back("4 EUR")));
    assert_eq!((book.cash(), book.account.wallet.held), (eur("8"), eur("2")));
}

#[test]
fn of_two_messages_of_one_moment_the_second_undoes_nothing() {
    let mut book = Book::with("10");
    book.applied(&in_two(0));
    book.applied(&told("p0", 0, "t", Some(7), WithdrawalEvent::Paid { amount: eur("4") }));
    let failed = |tx, order| told(tx, 0, "t", Some(order), WithdrawalEvent::Failed);
    assert_eq!(book.refusal(&failed("f6", 6)), Refusal::Outdated);
    assert_eq!(book.refusal(&failed("f7", 7)), Refusal::WrongState { state: "paid" }, "not in silence");
    book.applied(&failed("f8", 8));
}

#[test]
fn where_two_have_to_agree_one_alone_pays_nothing() {
    let mut book = Book::with("10");
    let (one, two) = (by(), StaffId::new(Ulid::from_parts(7, 8)));
    book.applied(&in_two(2));
    book.applied(&step("approve-1", WithdrawalEvent::Approved { by: one }));
    assert_eq!(book.withdrawals[&withdrawal_id()].status, WithdrawalStatus::InReview);
    let again = step("approve-1-again", WithdrawalEvent::Approved { by: one });
    assert_eq!(book.refusal(&again), Refusal::WrongState { state: "in_review" });
    assert_eq!(
        book.refusal(&told("early", 0, "t", None, WithdrawalEvent::Submitted)),
        Refusal::WrongState { state: "in_review" }
    );
    book.applied(&step("approve-2", WithdrawalEvent::Approved { by: two }));
    let withdrawal = &book.withdrawals[&withdrawal_id()];
    assert_eq!(withdrawal.status, WithdrawalStatus::Approved);
    assert_eq!((&withdrawal.approved_by, withdrawal.decided_by), (&vec![one, two], Some(two)));
}

#[test]
fn nothing_is_approved_for_somebody_whose_identity_fell() {
    let mut book = Book::with("10");
    book.applied(&withdraw("4"));
    book.account.verification.status = domain::account::VerificationStatus::InReview;
    let approve = step("approve", WithdrawalEvent::Approved { by: by() });
    assert_eq!(book.refusal(&approve), Refusal::NotVerified);
    book.account.verification.status = domain::account::VerificationStatus::Approved;
    book.applied(&approve);
}

#[test]
fn payouts_are_the_amount_and_were_worked_out_for_this_account() {
    let mut book = Book::with("10");
    let Command::RequestWithdrawal(whole) = in_two(0) else { unreachable!() };
    let short = RequestWithdrawal { payouts: whole.payouts[..1].to_vec(), ..whole.clone() };
    assert_eq!(book.refusal(&Command::RequestWithdrawal(short)), Refusal::Mismatch);
    let stale = RequestWithdrawal { planned_at: Some(book.account.version - 1), ..whole.clone() };
    assert_eq!(book.refusal(&Command::RequestWithdrawal(stale)), Refusal::Outdated);
    let fresh = RequestWithdrawal { planned_at: Some(book.account.version), ..whole };
    book.applied(&Command::RequestWithdrawal(fresh));
}

#[test]
fn a_payouts_reference_reads_back_and_nothing_else_does() {
    for payout in [0, 1, 7, 255] {
        let reference = PayoutReference { withdrawal: withdrawal_id(), payout };
        assert_eq!(reference.to_string().parse(), Ok(reference));
    }
    let id = withdrawal_id().to_string();
    assert_eq!(PayoutReference { withdrawal: withdrawal_id(), payout: 0 }.to_string(), id);
    for wrong in ["-0", "-01", "-256", "--1", "-", "-x"] {
        assert!(format!("{id}{wrong}").parse::<PayoutReference>().is_err(), "{wrong}");
    }
}

#[test]
fn more_than_a_wallet_can_hold_is_not_credited() {
    let mut book = Book::with("0");
    book.applied(&ask("25"));
    book.account.wallet.cash = domain::Money::from_units(i64::MAX - 1, "EUR".parse().unwrap());
    let refused = book.refusal(&notice("capture", captured("25 EUR")));
    assert!(matches!(refused, Refusal::Amount(_)), "staff is told: {refused:?}");
}
