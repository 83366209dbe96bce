//! Sports bets after they were placed: settled, settled otherwise, taken back, void, taken up again.

use domain::play::{BetState, BetStep, BetUpdate, Debit};
use domain::{Command, EntryKey, Outcome, Refusal};

use crate::book::{BY_REFERENCE, Book, VENDOR, bet, debit, eur, play};

fn placed(cash: &str, stake: &str) -> Book {
    let mut book = Book::with(cash);
    let bet = Debit { bet: Some("ticket".into()), policy: BY_REFERENCE, ..debit("t1", stake) };
    book.applied(&Command::Debit(bet));
    book
}

fn update(version: u32, step: BetStep) -> Command {
    let key = EntryKey::new(VENDOR, format!("u{version}"));
    Command::BetUpdate(BetUpdate { key, play: play(), bet: "ticket".into(), version, step })
}

fn settle(version: u32, payout: &str) -> Command {
    update(version, BetStep::Settle { payout: eur(payout) })
}

fn state(book: &Book) -> BetState {
    book.bets[&EntryKey::new(VENDOR, "ticket")].state
}

#[test]
fn case_26_a_bet_is_settled_anew_by_the_difference() {
    let mut book = placed("10", "10");
    book.applied(&settle(1, "25"));
    book.applied(&settle(2, "5"));
    assert_eq!(book.cash(), eur("5"));
    book.applied(&settle(3, "8"));
    assert_eq!((book.cash(), state(&book)), (eur("8"), BetState::Settled));
}

#[test]
fn case_26_an_older_settlement_is_out_of_date() {
    let mut book = placed("10", "10");
    book.applied(&settle(2, "5"));
    assert_eq!(book.refusal(&settle(1, "25")), Refusal::Outdated);
    assert!(matches!(book.execute(&settle(2, "5")), Outcome::Replayed(_)));
    assert_eq!(book.cash(), eur("5"));
}

#[test]
fn case_26_unsettling_takes_the_payout_back_and_opens_the_bet() {
    let mut book = placed("10", "10");
    book.applied(&settle(1, "25"));
    book.applied(&update(2, BetStep::Unsettle));
    assert_eq!((book.cash(), state(&book)), (eur("0"), BetState::Open));
    assert_eq!(book.refusal(&update(3, BetStep::Unsettle)), Refusal::WrongState { state: "open" });
    book.applied(&settle(3, "0"));
    assert_eq!((book.cash(), state(&book)), (eur("0"), BetState::Settled));
}

#[test]
fn case_26_a_payout_that_was_spent_is_owed() {
    let mut book = placed("10", "10");
    book.applied(&settle(1, "25"));
    book.applied(&bet("b2", "20"));
    book.applied(&settle(2, "0"));
    assert_eq!((book.cash(), book.account.wallet.receivable), (eur("0"), eur("20")));
}

#[test]
fn case_27_a_settled_bet_declared_void_returns_the_stake_for_the_payout() {
    let mut book = placed("10", "10");
    book.applied(&settle(1, "25"));
    let entry = book.applied(&update(2, BetStep::Void));
    assert_eq!((book.cash(), state(&book)), (eur("10"), BetState::Void));
    assert_eq!(entry.seq, book.account.version, "in one entry");
    let mut spent = placed("10", "10");
    spent.applied(&settle(1, "25"));
    spent.applied(&bet("b2", "25"));
    spent.applied(&update(2, BetStep::Void));
    assert_eq!(
        (spent.cash(), spent.account.wallet.receivable),
        (eur("0"), eur("15")),
        "the stake pays first"
    );
}

#[test]
fn an_open_bet_declared_void_may_be_taken_up_again() {
    let mut book = placed("10", "6");
    book.applied(&update(1, BetStep::Void));
    assert_eq!(book.cash(), eur("10"));
    assert_eq!(book.refusal(&settle(2, "9")), Refusal::WrongState { state: "void" });
    book.applied(&update(2, BetStep::Unvoid));
    assert_eq!((book.cash(), state(&book)), (eur("4"), BetState::Open));
    book.applied(&settle(3, "9"));
    assert_eq!(book.cash(), eur("13"));
}

#[test]
fn what_was_never_placed_or_was_cancelled_is_not_settled() {
    let mut book = Book::with("10");
    assert_eq!(book.refusal(&settle(1, "5")), Refusal::BetUnknown);
    let cancel = domain::play::Rollback { policy: BY_REFERENCE, ..crate::book::undo("c1", "ticket") };
    book.applied(&Command::Rollback(cancel));
    assert_eq!(book.refusal(&settle(1, "5")), Refusal::BetReversed);
}
