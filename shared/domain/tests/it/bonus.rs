//! Real and bonus money: which a stake takes first, and in which its winnings and rollbacks return.

use domain::adjustment::{Adjust, Cause};
use domain::entry::LedgerAccount;
use domain::play::{Credit, Debit, Rollback, StakeOrder};
use domain::{Command, EntryKey, Refusal};

use crate::book::{BY_REFERENCE, Book, STANDALONE, bet, credit, debit, eur, rollback, undo, win};

fn book(cash: &str, bonus: &str) -> Book {
    let mut book = Book::with(cash);
    let key = EntryKey::new("ops", "bonus");
    book.applied(&Command::Adjust(Adjust { key, amount: eur(bonus), cause: Cause::BonusGranted, by: None }));
    book
}

fn money(book: &Book) -> (String, String) {
    let wallet = &book.account.wallet;
    (wallet.cash.to_text(), wallet.bonus.to_text())
}

fn is(cash: &str, bonus: &str) -> (String, String) {
    (cash.to_owned(), bonus.to_owned())
}

#[test]
fn a_stake_takes_its_money_in_the_order_of_the_rules() {
    let mut cash_first = book("10", "5");
    cash_first.applied(&bet("b1", "12"));
    assert_eq!(money(&cash_first), is("0.00", "3.00"));
    let mut bonus_first = book("10", "5");
    bonus_first.rules.stake_order = StakeOrder::BonusFirst;
    bonus_first.applied(&bet("b1", "12"));
    assert_eq!(money(&bonus_first), is("3.00", "0.00"));
    let available = eur("3");
    assert_eq!(bonus_first.refusal(&bet("b2", "3.01")), Refusal::InsufficientFunds { available });
}

#[test]
fn winnings_return_in_the_proportion_of_the_stake() {
    let mut book = book("9", "3");
    book.applied(&bet("b1", "12"));
    book.applied(&win("w1", "b1", "100"));
    assert_eq!(money(&book), is("75.00", "25.00"));
    book.applied(&win("w2", "b1", "0.000003"));
    assert_eq!(money(&book), is("75.000003", "25.00"), "the unit that cannot be divided is real money");
}

#[test]
fn a_rollback_returns_exactly_what_the_stake_took() {
    let mut book = book("9", "3");
    book.applied(&bet("b1", "11"));
    book.applied(&rollback("r1", "b1"));
    assert_eq!(money(&book), is("9.00", "3.00"));
}

#[test]
fn winnings_taken_back_come_from_where_they_went() {
    let mut book = book("9", "3");
    book.applied(&bet("b1", "12"));
    book.applied(&win("w1", "b1", "40"));
    assert_eq!(money(&book), is("30.00", "10.00"));
    book.applied(&bet("b2", "35"));
    assert_eq!(money(&book), is("0.00", "5.00"));
    let entry = book.applied(&rollback("r1", "w1"));
    assert_eq!(money(&book), is("0.00", "0.00"));
    assert_eq!(book.account.wallet.receivable, eur("30"), "only real money is owed");
    let lost = entry.postings.iter().find(|it| it.account == LedgerAccount::Bonuses).unwrap();
    assert_eq!(lost.amount.to_text(), "-5.00", "bonus money that is gone is the house's loss");
}

#[test]
fn winnings_that_name_no_bet_follow_their_rounds_stakes() {
    let mut book = book("6", "2");
    let stake = |tx, amount| Command::Debit(Debit { policy: STANDALONE, ..debit(tx, amount) });
    let payout =
        |tx, amount| Command::Credit(Credit { bet: None, policy: STANDALONE, ..credit(tx, "", amount) });
    book.applied(&stake("b1", "4"));
    book.applied(&stake("b2", "4"));
    book.applied(&payout("w1", "8"));
    assert_eq!(money(&book), is("6.00", "2.00"));
    let undo = Rollback { policy: STANDALONE, ..undo("r1", "b2") };
    book.applied(&Command::Rollback(undo));
    assert_eq!(money(&book), is("8.00", "4.00"));
    book.applied(&payout("w2", "5"));
    assert_eq!(money(&book), is("13.00", "4.00"), "no bonus stake is left in the round");
}

#[test]
fn a_stake_from_before_its_round_is_remembered_takes_no_other_stake_along() {
    let mut book = Book::with("14");
    let stake = |tx, amount| Command::Debit(Debit { policy: STANDALONE, ..debit(tx, amount) });
    book.applied(&stake("b1", "10"));
    let (key, amount) = (EntryKey::new("ops", "bonus"), eur("6"));
    book.applied(&Command::Adjust(Adjust { key, amount, cause: Cause::BonusGranted, by: None }));
    book.applied(&stake("b2", "10"));
    assert_eq!(money(&book), is("0.00", "0.00"));
    book.applied(&Command::Rollback(Rollback { policy: STANDALONE, ..undo("r1", "b1") }));
    let won = Credit { bet: None, policy: STANDALONE, ..credit("w1", "", "20") };
    book.applied(&Command::Credit(won));
    assert_eq!(money(&book), is("18.00", "12.00"), "as the stake that stands was paid");
}

#[test]
fn a_referenced_bet_remembers_what_it_was_paid_with() {
    let mut book = book("1", "3");
    let bet = Debit { bet: Some("ref".into()), policy: BY_REFERENCE, ..debit("t1", "4") };
    book.applied(&Command::Debit(bet));
    book.applied(&Command::Credit(Credit { policy: BY_REFERENCE, ..credit("t2", "ref", "40") }));
    assert_eq!(money(&book), is("10.00", "30.00"));
}

#[test]
fn bonus_money_cannot_be_withdrawn() {
    let book = book("1", "3");
    assert_eq!(book.account.wallet.withdrawable(), Ok(eur("1")));
}
