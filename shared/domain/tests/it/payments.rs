//! Deposits and withdrawals, whatever order the payment provider's messages come in.

use domain::account::AccountStatus;
use domain::deposit::{DepositEvent, DepositNotice, DepositStatus, RequestDeposit};
use domain::entry::LedgerAccount;
use domain::fact::Fact;
use domain::ids::{DepositId, StaffId, WithdrawalId};
use domain::withdrawal::{RequestWithdrawal, WithdrawalEvent, WithdrawalStatus, WithdrawalStep};
use domain::{Command, EntryKey, Refusal};
use ulid::Ulid;

use crate::book::{Book, eur};

fn deposit_id() -> DepositId {
    DepositId::new(Ulid::from_parts(5, 5))
}

fn ask(amount: &str) -> Command {
    Command::RequestDeposit(RequestDeposit {
        key: EntryKey::new("api", "deposit:key-1"),
        deposit: deposit_id(),
        amount: eur(amount),
        method: "card".into(),
        vendor: "adyen".into(),
        return_url: "https://example.com".into(),
    })
}

fn notice(id: &str, event: DepositEvent) -> Command {
    Command::DepositNotice(DepositNotice { key: EntryKey::new("adyen", id), deposit: deposit_id(), event })
}

fn captured(amount: &str) -> DepositEvent {
    DepositEvent::Captured { amount: amount.parse().unwrap(), psp_reference: "psp".into() }
}

fn status(book: &Book) -> DepositStatus {
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
}

fn withdrawal_id() -> WithdrawalId {
    WithdrawalId::new(Ulid::from_parts(6, 6))
}

fn withdraw(amount: &str) -> Command {
    Command::RequestWithdrawal(RequestWithdrawal {
        key: EntryKey::new("api", "withdrawal:key-1"),
        withdrawal: withdrawal_id(),
        amount: eur(amount),
        method: "bank".into(),
        vendor: "adyen".into(),
        destination: None,
        destination_fingerprint: String::new(),
    })
}

fn step(id: &str, event: WithdrawalEvent) -> Command {
    let key = EntryKey::new("step", id);
    Command::WithdrawalStep(WithdrawalStep { key, withdrawal: withdrawal_id(), event, order: None })
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
    book.applied(&step("submit", WithdrawalEvent::Submitted { psp_reference: "p".into() }));
    book.applied(&step("paid", WithdrawalEvent::Paid { amount: eur("4") }));
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
    for (event, end) in
        [(rejected, WithdrawalStatus::Rejected), (WithdrawalEvent::Cancelled, WithdrawalStatus::Cancelled)]
    {
        let mut book = Book::with("10");
        book.applied(&withdraw("4"));
        book.applied(&step("end", event));
        assert_eq!((book.cash(), book.account.wallet.held), (eur("10"), eur("0")));
        assert_eq!(book.withdrawals[&withdrawal_id()].status, end);
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
    book.applied(&step("failed", WithdrawalEvent::Failed));
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
    let sent = step("submit", WithdrawalEvent::Submitted { psp_reference: "p".into() });
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
