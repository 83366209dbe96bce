//! Money that goes back after it came, and payouts whose fate changes.

use domain::cashier::{Funding, HolderMatch, Instrument, InstrumentKind, LoopOrder, sources};
use domain::deposit::{DepositEvent, DepositNotice, DepositStatus, RequestDeposit};
use domain::entry::LedgerAccount;
use domain::fact::Fact;
use domain::ids::{DepositId, StaffId, WithdrawalId};
use domain::withdrawal::{WithdrawalEvent, WithdrawalStatus, WithdrawalStep};
use domain::{Command, EntryKey, Outcome, Refusal};
use ulid::Ulid;

use crate::book::{Book, bet, eur, to_bank};

fn id() -> DepositId {
    DepositId::new(Ulid::from_parts(5, 5))
}

fn by() -> StaffId {
    StaffId::new(Ulid::from_parts(7, 7))
}

fn notice(tx: &str, event: DepositEvent) -> Command {
    Command::DepositNotice(DepositNotice::new(EntryKey::new("adyen", tx), id(), event))
}

fn captured(amount: &str) -> DepositEvent {
    DepositEvent::Captured { amount: amount.parse().unwrap(), psp_reference: "psp".into() }
}

fn refunded(amount: &str) -> DepositEvent {
    DepositEvent::Refunded { amount: eur(amount) }
}

fn charged_back(amount: &str) -> DepositEvent {
    DepositEvent::ChargedBack { amount: eur(amount) }
}

fn asked() -> Command {
    Command::RequestDeposit(RequestDeposit {
        key: EntryKey::new("api", "deposit:key-1"),
        deposit: id(),
        amount: eur("25"),
        method: "card".into(),
        attested: false,
        vendor: "adyen".into(),
        return_url: "https://example.com".into(),
    })
}

fn paid_in(captured_amount: &str) -> Book {
    let mut book = Book::with("0");
    book.applied(&asked());
    book.applied(&notice("capture", captured(captured_amount)));
    book
}

fn status(book: &Book) -> DepositStatus {
    book.deposits[&id().to_string()].status
}

#[test]
fn a_part_that_was_captured_is_credited() {
    let book = paid_in("24.99 EUR");
    assert_eq!((book.cash(), status(&book)), (eur("24.99"), DepositStatus::Completed));
}

#[test]
fn refunds_take_back_part_by_part_and_never_more_than_came() {
    let mut book = paid_in("25 EUR");
    book.applied(&notice("refund-1", refunded("10")));
    assert_eq!((book.cash(), status(&book)), (eur("15"), DepositStatus::Completed));
    assert!(matches!(book.execute(&notice("refund-1", refunded("10"))), Outcome::Replayed(_)));
    assert_eq!(book.refusal(&notice("refund-2", refunded("15.01"))), Refusal::Mismatch);
    book.applied(&notice("refund-3", refunded("15")));
    assert_eq!((book.cash(), status(&book)), (eur("0"), DepositStatus::Refunded));
    assert_eq!(book.refusal(&notice("refund-4", refunded("1"))), Refusal::WrongState { state: "refunded" });
}

#[test]
fn a_bank_takes_what_it_paid_whatever_was_refunded_and_gives_it_again() {
    let mut book = paid_in("25 EUR");
    book.applied(&notice("refund", refunded("25")));
    let won = |tx, amount| notice(tx, DepositEvent::ChargebackReversed { amount: eur(amount) });
    assert_eq!(book.refusal(&won("early", "25")), Refusal::WrongState { state: "refunded" });
    book.applied(&notice("chargeback", charged_back("20")));
    assert_eq!((status(&book), book.account.wallet.receivable), (DepositStatus::ChargedBack, eur("20")));
    assert_eq!(
        book.refusal(&notice("chargeback-2", charged_back("5.01"))),
        Refusal::Mismatch,
        "more than came"
    );
    book.applied(&notice("chargeback-3", charged_back("5")));
    let deposit = &book.deposits[&id().to_string()];
    assert_eq!((deposit.gone_back, deposit.charged_back), (Some(eur("50")), Some(eur("25"))));
    book.applied(&won("won", "20"));
    assert_eq!((status(&book), book.account.wallet.receivable), (DepositStatus::ChargedBack, eur("5")));
    assert_eq!(book.refusal(&won("won-2", "5.01")), Refusal::WrongState { state: "charged_back" });
    book.applied(&won("won-3", "5"));
    assert_eq!((status(&book), book.account.wallet.receivable), (DepositStatus::Refunded, eur("0")));
    assert_eq!(book.cash(), eur("0"));
}

#[test]
fn money_that_was_taken_back_and_comes_after_all_is_won_back() {
    let mut book = paid_in("25 EUR");
    book.applied(&bet("b1", "20"));
    book.applied(&notice("debit", charged_back("25")));
    let other = DepositEvent::Captured { amount: eur("25"), psp_reference: "another".into() };
    assert_eq!(book.refusal(&notice("other", other)), Refusal::Outdated);
    let again = book.applied(&notice("credit-2", captured("25 EUR")));
    assert!(matches!(again.fact, Fact::ChargebackReversed { repaid, .. } if repaid == eur("20")));
    assert_eq!((book.cash(), status(&book)), (eur("5"), DepositStatus::Completed));
    assert_eq!(book.refusal(&notice("credit-3", captured("25 EUR"))), Refusal::Outdated);
}

#[test]
fn a_capture_that_fails_takes_back_what_was_credited_and_nothing_else() {
    let failed = |tx| notice(tx, DepositEvent::CaptureFailed { amount: eur("25") });
    let mut book = paid_in("25 EUR");
    book.applied(&failed("failed"));
    assert_eq!((book.cash(), status(&book)), (eur("0"), DepositStatus::ChargedBack));
    let mut reserved = Book::with("0");
    reserved.applied(&asked());
    reserved.applied(&notice(
        "auth",
        DepositEvent::Authorised { amount: eur("25"), psp_reference: "psp".into() },
    ));
    assert_eq!(reserved.refusal(&failed("failed")), Refusal::WrongState { state: "authorised" });
}

#[test]
fn a_refund_that_overtakes_its_capture_has_to_come_again() {
    let mut book = Book::with("0");
    book.applied(&asked());
    assert_eq!(book.refusal(&notice("refund", refunded("25"))), Refusal::WrongState { state: "pending" });
    book.applied(&notice("capture", captured("25 EUR")));
    book.applied(&notice("refund", refunded("25")));
    assert_eq!(book.cash(), eur("0"));
}

#[test]
fn a_chargeback_of_spent_money_is_owed_and_a_won_dispute_pays_the_debt_first() {
    let mut book = paid_in("25 EUR");
    book.applied(&bet("b1", "20"));
    book.applied(&notice("chargeback", charged_back("25")));
    assert_eq!((book.cash(), book.account.wallet.receivable), (eur("0"), eur("20")));
    assert_eq!(status(&book), DepositStatus::ChargedBack);
    let won = book.applied(&notice("won", DepositEvent::ChargebackReversed { amount: eur("25") }));
    assert!(matches!(won.fact, Fact::ChargebackReversed { repaid, .. } if repaid == eur("20")));
    assert_eq!((book.cash(), book.account.wallet.receivable), (eur("5"), eur("0")));
    assert_eq!(status(&book), DepositStatus::Completed);
    let again = notice("won-2", DepositEvent::ChargebackReversed { amount: eur("25") });
    assert_eq!(book.refusal(&again), Refusal::WrongState { state: "completed" });
}

#[test]
fn staff_credits_what_is_in_quarantine_or_sends_it_back() {
    let mut accepted = paid_in("26 EUR");
    assert_eq!(status(&accepted), DepositStatus::Quarantined);
    accepted.applied(&notice("staff", DepositEvent::Accepted { by: by() }));
    assert_eq!((accepted.cash(), status(&accepted)), (eur("26"), DepositStatus::Completed));
    assert!(matches!(
        accepted.refusal(&notice("staff-2", DepositEvent::Returned { by: by() })),
        Refusal::WrongState { .. }
    ));
    let mut returned = paid_in("25 GBP");
    assert_eq!(
        returned.refusal(&notice("staff", DepositEvent::Accepted { by: by() })),
        Refusal::WrongCurrency
    );
    returned.applied(&notice("staff", DepositEvent::Returned { by: by() }));
    assert_eq!((returned.cash(), status(&returned)), (eur("0"), DepositStatus::Returned));
    let deposit = &returned.deposits[&id().to_string()];
    assert_eq!(deposit.gone_back, "25 GBP".parse().ok());
    // Nothing of it stands in the way of the player's other money.
    let known = sources(std::slice::from_ref(deposit), &[], LoopOrder::OldestFirst);
    assert_eq!((known, deposit.refundable()), (Ok(vec![]), Ok(eur("0"))));
}

#[test]
fn the_law_is_not_staffs_to_waive() {
    let mut book = paid_in("26 EUR");
    book.rules.payments.banned_funding = vec![Funding::Credit];
    let deposit = book.deposits.get_mut(&id().to_string()).unwrap();
    deposit.instrument = Some(Instrument {
        kind: InstrumentKind::Card,
        token: None,
        last_digits: None,
        funding: Some(Funding::Credit),
        holder: HolderMatch::Matches,
        fingerprint: None,
        proven: true,
    });
    assert_eq!(book.refusal(&notice("staff", DepositEvent::Accepted { by: by() })), Refusal::NotAllowed);
    book.applied(&notice("staff", DepositEvent::Returned { by: by() }));
}

#[test]
fn money_in_quarantine_goes_back_at_the_providers_word() {
    let suspense = |book: &Book| book.entries.last().unwrap().postings[0].account.clone();
    for (came, event) in [
        ("26 EUR", refunded("26")),
        ("26 EUR", charged_back("26")),
        ("25 GBP", DepositEvent::Refunded { amount: "25 GBP".parse().unwrap() }),
    ] {
        let mut book = paid_in(came);
        assert_eq!(book.refusal(&notice("part", refunded("1"))), Refusal::Mismatch, "{came}: only a part");
        let back = book.applied(&notice("back", event.clone()));
        assert!(matches!(back.fact, Fact::DepositReturned { .. }), "{event:?}");
        assert_eq!((book.cash(), suspense(&book)), (eur("0"), LedgerAccount::Suspense));
        assert_eq!((status(&book), book.account.wallet.receivable), (DepositStatus::Returned, eur("0")));
        // None of it was the player's: nothing more is taken from there, nor won for it.
        for more in [charged_back("26"), DepositEvent::ChargebackReversed { amount: eur("26") }] {
            assert_eq!(book.refusal(&notice("more", more)), Refusal::WrongState { state: "returned" });
        }
    }
    assert_eq!(
        paid_in("26 EUR").refusal(&notice("won", DepositEvent::ChargebackReversed { amount: eur("26") })),
        Refusal::WrongState { state: "quarantined" },
        "that is no money on its way"
    );
}

#[test]
fn another_provider_has_no_say() {
    let mut book = paid_in("25 EUR");
    let foreign = DepositNotice::new(EntryKey::new("trustly", "1"), id(), refunded("25"));
    assert_eq!(book.refusal(&Command::DepositNotice(foreign)), Refusal::NotFound);
}

fn payout() -> Book {
    let mut book = Book::with("10");
    book.applied(&Command::RequestWithdrawal(to_bank("withdrawal:key-1", withdrawal(), "4")));
    book.applied(&step("approve", WithdrawalEvent::Approved { by: by() }, None));
    book
}

fn withdrawal() -> WithdrawalId {
    WithdrawalId::new(Ulid::from_parts(6, 6))
}

fn step(tx: &str, event: WithdrawalEvent, order: Option<u64>) -> Command {
    let key = EntryKey::new("adyen", tx);
    Command::WithdrawalStep(WithdrawalStep { order, ..WithdrawalStep::new(key, withdrawal(), event) })
}

fn paid() -> WithdrawalEvent {
    WithdrawalEvent::Paid { amount: eur("4") }
}

#[test]
fn a_payout_that_the_bank_sent_back_returns_to_the_player() {
    let mut book = payout();
    book.applied(&step("paid", paid(), Some(3)));
    let references = book.withdrawals[&withdrawal()].references();
    let paid: Vec<_> = references.map(|(reference, it)| (reference.to_string(), it.amount)).collect();
    assert_eq!(paid, [(withdrawal().to_string(), eur("4"))]);
    book.applied(&step("returned", WithdrawalEvent::Failed, Some(4)));
    assert_eq!((book.cash(), book.account.wallet.held), (eur("10"), eur("0")));
    assert_eq!(book.withdrawals[&withdrawal()].status, WithdrawalStatus::Failed);
}

#[test]
fn an_older_message_that_comes_later_changes_nothing() {
    let mut book = payout();
    book.applied(&step("returned", WithdrawalEvent::Failed, Some(4)));
    assert_eq!(book.refusal(&step("paid", paid(), Some(3))), Refusal::Outdated);
    assert_eq!(book.cash(), eur("10"));
}

#[test]
fn a_payout_that_went_through_after_all_is_taken_again() {
    let mut book = payout();
    book.applied(&step("failed", WithdrawalEvent::Failed, Some(2)));
    book.applied(&bet("b1", "9"));
    book.applied(&step("paid", paid(), Some(3)));
    assert_eq!((book.cash(), book.account.wallet.receivable), (eur("0"), eur("3")));
    assert_eq!(book.withdrawals[&withdrawal()].status, WithdrawalStatus::Paid);
}

#[test]
fn a_provider_that_paid_before_it_refused_another_attempt_is_believed() {
    let mut book = payout();
    book.applied(&step("refused", WithdrawalEvent::Failed, None));
    assert_eq!(book.cash(), eur("10"), "as far as we know");
    book.applied(&step("paid", paid(), Some(1)));
    assert_eq!((book.cash(), book.account.wallet.held), (eur("6"), eur("0")));
    assert_eq!(book.withdrawals[&withdrawal()].status, WithdrawalStatus::Paid);
}

#[test]
fn a_provider_speaks_of_its_own_payouts_alone() {
    let mut book = payout();
    for event in [WithdrawalEvent::Submitted, paid(), WithdrawalEvent::Failed] {
        let foreign = WithdrawalStep::new(EntryKey::new("trustly", "1"), withdrawal(), event);
        assert_eq!(book.refusal(&Command::WithdrawalStep(foreign)), Refusal::NotFound);
    }
    book.applied(&step("paid", paid(), None));
}

#[test]
fn without_the_providers_word_on_the_order_nothing_settled_is_undone() {
    let mut book = payout();
    book.applied(&step("failed", WithdrawalEvent::Failed, None));
    assert_eq!(book.refusal(&step("paid", paid(), None)), Refusal::WrongState { state: "failed" });
}
