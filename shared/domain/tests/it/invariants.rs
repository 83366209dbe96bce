//! What holds after any commands in any order, however often they come.

use std::collections::HashMap;

use crate::book::{Book, bet, rollback, win};
use domain::entry::LedgerAccount;
use domain::ids::{StaffId, WithdrawalId};
use domain::withdrawal::{RequestWithdrawal, WithdrawalEvent, WithdrawalStep};
use domain::{Command, EntryKey, Money, Outcome};
use proptest::prelude::*;
use ulid::Ulid;

/// Few ids, so that commands meet; amounts that sometimes exceed the balance.
fn commands() -> impl Strategy<Value = Vec<Command>> {
    let id = 0..4_u8;
    let amount = (0..2_000_u32).prop_map(|cents| format!("{}.{:02}", cents / 100, cents % 100));
    let command = prop_oneof![
        3 => (id.clone(), amount.clone()).prop_map(|(id, amount)| bet(&format!("b{id}"), &amount)),
        2 => (id.clone(), id.clone(), amount.clone())
            .prop_map(|(id, of, amount)| win(&format!("w{id}"), &format!("b{of}"), &amount)),
        2 => (id.clone(), id.clone(), any::<bool>()).prop_map(|(id, of, stake)| {
            rollback(&format!("r{id}"), &format!("{}{of}", if stake { "b" } else { "w" }))
        }),
        1 => (id.clone(), amount).prop_map(|(id, amount)| request(id, &amount)),
        2 => (id, 0..5_u8).prop_map(|(id, event)| step(id, event)),
    ];
    proptest::collection::vec(command, 1..60)
}

fn withdrawal(id: u8) -> WithdrawalId {
    WithdrawalId::new(Ulid::from_parts(9, u128::from(id)))
}

fn request(id: u8, amount: &str) -> Command {
    Command::RequestWithdrawal(RequestWithdrawal {
        key: EntryKey::new("api", format!("withdrawal:{id}")),
        withdrawal: withdrawal(id),
        amount: crate::book::eur(amount),
        method: "bank".into(),
        vendor: "adyen".into(),
        destination: None,
        destination_fingerprint: String::new(),
    })
}

fn step(id: u8, event: u8) -> Command {
    let by = StaffId::new(Ulid::from_parts(9, 9));
    let (name, event) = match event {
        0 => ("approve", WithdrawalEvent::Approved { by }),
        1 => ("reject", WithdrawalEvent::Rejected { by }),
        2 => ("cancel", WithdrawalEvent::Cancelled),
        3 => ("submit", WithdrawalEvent::Submitted { psp_reference: "p".into() }),
        _ => ("fail", WithdrawalEvent::Failed),
    };
    Command::WithdrawalStep(WithdrawalStep {
        key: EntryKey::new("ops", format!("{name}:{id}")),
        withdrawal: withdrawal(id),
        event,
        order: None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn money_is_neither_made_nor_lost(commands in commands()) {
        let mut book = Book::with("10");
        for command in &commands {
            let before = book.account.clone();
            match book.execute(command) {
                Outcome::Applied(entry) => prop_assert_eq!(entry.seq, before.version + 1, "versions have no gaps"),
                Outcome::Replayed(_) | Outcome::Refused { .. } => {
                    prop_assert_eq!(&book.account, &before, "what is not applied changes nothing");
                }
            }
            prop_assert!(book.account.wallet.is_sound(), "no balance below zero");
        }
        let mut sums: HashMap<LedgerAccount, i64> = HashMap::new();
        for entry in &book.entries {
            prop_assert_eq!(entry.postings.iter().map(|it| it.amount.units()).sum::<i64>(), 0, "double entry");
            for posting in &entry.postings {
                *sums.entry(posting.account.clone()).or_default() += posting.amount.units();
            }
            let of = |account| sums.get(&account).copied().unwrap_or_default();
            prop_assert_eq!(entry.balances.cash.units(), of(LedgerAccount::Cash));
            prop_assert_eq!(entry.balances.held.units(), of(LedgerAccount::Held));
            prop_assert_eq!(entry.balances.receivable.units(), -of(LedgerAccount::Receivable));
        }
    }

    #[test]
    fn sending_everything_twice_is_sending_it_once(commands in commands()) {
        let (mut once, mut twice) = (Book::with("10"), Book::with("10"));
        for command in &commands {
            once.execute(command);
            twice.execute(command);
            prop_assert!(!matches!(twice.execute(command), Outcome::Applied(_)));
        }
        let held = |book: &Book| -> (Money, Money) { (book.cash(), book.account.wallet.held) };
        prop_assert_eq!(held(&once), held(&twice));
    }

    #[test]
    fn a_rollback_leaves_the_same_money_before_or_after_its_bet(cents in 0..1_000_u32) {
        let amount = format!("{}.{:02}", cents / 100, cents % 100);
        let (mut early, mut late) = (Book::with("10"), Book::with("10"));
        early.execute(&rollback("r", "b"));
        early.execute(&bet("b", &amount));
        late.execute(&bet("b", &amount));
        late.execute(&rollback("r", "b"));
        prop_assert_eq!(early.cash(), late.cash());
    }
}
