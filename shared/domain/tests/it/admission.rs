//! What money is paid with, and whether it may be credited.

use domain::cashier::{Funding, HolderMatch, Instrument, InstrumentKind, NameMode};
use domain::deposit::{DepositEvent, DepositNotice, DepositStatus, RequestDeposit};
use domain::{Command, EntryKey, Refusal};

use crate::book::{Book, eur};
use crate::payments::{ask, captured, deposit_id, notice, status};

fn card(funding: Funding, holder: HolderMatch) -> Instrument {
    Instrument {
        kind: InstrumentKind::Card,
        token: Some("token".into()),
        last_digits: Some("1111".into()),
        funding: Some(funding),
        holder,
        fingerprint: None,
        proven: true,
    }
}

fn paid_with(id: &str, event: DepositEvent, instrument: Instrument) -> Command {
    let key = EntryKey::new("adyen", id);
    let notice = DepositNotice::new(key, deposit_id(), event);
    Command::DepositNotice(DepositNotice { instrument: Some(instrument), ..notice })
}

#[test]
fn a_deposit_knows_what_it_was_paid_with() {
    let mut book = Book::with("0");
    book.applied(&ask("25"));
    let debit = card(Funding::Debit, HolderMatch::Matches);
    book.applied(&paid_with("account", DepositEvent::Identified, debit.clone()));
    assert_eq!(book.cash(), eur("0"), "to know is not to have");
    let again = paid_with("account-2", DepositEvent::Identified, debit.clone());
    assert_eq!(book.refusal(&again), Refusal::Outdated);
    book.applied(&notice("capture", captured("25 EUR")));
    assert_eq!(book.deposits[&deposit_id().to_string()].instrument, Some(debit));
    assert_eq!((book.cash(), status(&book)), (eur("25"), DepositStatus::Completed));
}

#[test]
fn money_from_where_it_must_not_come_is_never_credited() {
    for (rules, instrument, credited) in [
        ((vec![Funding::Credit], None), card(Funding::Credit, HolderMatch::Matches), false),
        ((vec![Funding::Credit], None), card(Funding::Debit, HolderMatch::Matches), true),
        ((vec![], None), card(Funding::Credit, HolderMatch::Differs), true),
        ((vec![], Some(NameMode::Fuzzy)), card(Funding::Debit, HolderMatch::Differs), false),
        ((vec![], Some(NameMode::Fuzzy)), card(Funding::Debit, HolderMatch::Similar), true),
        ((vec![], Some(NameMode::Exact)), card(Funding::Debit, HolderMatch::Similar), false),
        ((vec![], Some(NameMode::Exact)), card(Funding::Debit, HolderMatch::Unknown), true),
    ] {
        // Whether the provider tells what was paid with before the money, or with it.
        for before in [true, false] {
            let mut book = Book::with("0");
            (book.rules.payments.banned_funding, book.rules.payments.own_name) = rules.clone();
            book.applied(&ask("25"));
            if before {
                book.applied(&paid_with("account", DepositEvent::Identified, instrument.clone()));
                book.applied(&notice("capture", captured("25 EUR")));
            } else {
                book.applied(&paid_with("capture", captured("25 EUR"), instrument.clone()));
            }
            let expected = if credited { DepositStatus::Completed } else { DepositStatus::Quarantined };
            assert_eq!(status(&book), expected, "{rules:?} {instrument:?}");
            assert_eq!(book.cash(), eur(if credited { "25" } else { "0" }));
        }
    }
}

#[test]
fn a_wallet_that_nobody_vouches_for_is_not_credited_where_the_law_wants_it() {
    let wallet = Instrument {
        kind: InstrumentKind::Wallet,
        funding: None,
        ..card(Funding::Debit, HolderMatch::Unknown)
    };
    for (wanted, attested, credited) in
        [(false, false, true), (true, true, true), (true, false, false), (false, true, true)]
    {
        let mut book = Book::with("0");
        book.rules.payments.wallet_must_attest = wanted;
        let Command::RequestDeposit(asked) = ask("25") else { unreachable!() };
        book.applied(&Command::RequestDeposit(RequestDeposit { attested, ..asked }));
        book.applied(&paid_with("capture", captured("25 EUR"), wallet.clone()));
        let expected = if credited { DepositStatus::Completed } else { DepositStatus::Quarantined };
        assert_eq!(status(&book), expected, "{wanted} {attested}");
    }
}
