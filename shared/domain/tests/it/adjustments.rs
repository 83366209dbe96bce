//! Adjustments: every cause moves money between its own accounts, and only corrections leave a debt.

use domain::adjustment::{Adjust, Cause};
use domain::entry::LedgerAccount;
use domain::{Command, EntryKey, Refusal};

use crate::book::{Book, bet, eur};

fn adjust(id: &str, amount: &str, cause: Cause) -> Command {
    let amount = format!("{amount} EUR").parse().unwrap();
    Command::Adjust(Adjust { key: EntryKey::new("ops", id), amount, cause, by: None })
}

#[test]
fn a_correction_goes_either_way_and_leaves_a_debt() {
    for (cause, house) in
        [(Cause::Correction, LedgerAccount::Adjustments), (Cause::GameCorrection, LedgerAccount::Payouts)]
    {
        let mut book = Book::with("10");
        book.applied(&adjust("a1", "5", cause));
        assert_eq!(book.cash(), eur("15"));
        let entry = book.applied(&adjust("a2", "-20", cause));
        assert_eq!((book.cash(), book.account.wallet.receivable), (eur("0"), eur("5")));
        assert!(entry.postings.iter().any(|it| it.account == house && it.amount == eur("20")));
    }
}

#[test]
fn a_debt_is_repaid_or_given_up_but_never_more_than_it_is() {
    let mut book = Book::with("10");
    book.applied(&adjust("a1", "-12", Cause::Correction));
    assert_eq!(
        book.refusal(&adjust("a2", "1", Cause::DebtRepaid)),
        Refusal::InsufficientFunds { available: eur("0") }
    );
    book.applied(&adjust("a3", "5", Cause::Goodwill));
    assert_eq!(book.account.wallet.withdrawable(), Ok(eur("3")), "who owes cannot take it all away");
    assert_eq!(
        book.refusal(&adjust("a4", "3", Cause::DebtRepaid)),
        Refusal::InsufficientFunds { available: eur("2") }
    );
    book.applied(&adjust("a5", "1.50", Cause::DebtRepaid));
    book.applied(&adjust("a6", "0.50", Cause::DebtWrittenOff));
    assert_eq!((book.cash(), book.account.wallet.receivable), (eur("3.50"), eur("0")));
    assert_eq!(
        book.refusal(&adjust("a7", "0.01", Cause::DebtWrittenOff)),
        Refusal::InsufficientFunds { available: eur("0") }
    );
}

#[test]
fn a_bonus_is_taken_away_only_as_far_as_it_is_there() {
    let mut book = Book::with("0");
    book.applied(&adjust("a1", "5", Cause::BonusGranted));
    book.applied(&bet("b1", "2"));
    assert_eq!(
        book.refusal(&adjust("a2", "4", Cause::BonusForfeited)),
        Refusal::InsufficientFunds { available: eur("3") }
    );
    book.applied(&adjust("a3", "3", Cause::BonusForfeited));
    assert!(book.account.wallet.bonus.is_zero());
}

#[test]
fn only_corrections_take_and_none_is_of_nothing() {
    let mut book = Book::with("10");
    for cause in [
        Cause::Goodwill,
        Cause::BonusGranted,
        Cause::BonusForfeited,
        Cause::DebtRepaid,
        Cause::DebtWrittenOff,
    ] {
        assert_eq!(book.refusal(&adjust("a1", "-1", cause)), Refusal::NotPositive, "{cause:?}");
    }
    assert_eq!(book.refusal(&adjust("a1", "0", Cause::Correction)), Refusal::NotPositive);
}
