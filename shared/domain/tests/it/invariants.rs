//! What holds after any commands in any order, however often they come, alone or in batches, under every policy.

use std::collections::HashMap;

use domain::adjustment::{Adjust, Cause};
use domain::deposit::{DepositEvent, DepositNotice, RequestDeposit, RequestRefund};
use domain::entry::LedgerAccount;
use domain::ids::{DepositId, StaffId, WithdrawalId};
use domain::play::{
    BetStep, BetUpdate, Credit, CreditReason, Debit, EndRound, Rollback, StakeOrder, WalletPolicy,
};
use domain::withdrawal::{Withdrawal, WithdrawalEvent, WithdrawalStep};
use domain::{BatchOutcome, Command, Digest, Done, EntryKey, Outcome};
use proptest::prelude::*;
use ulid::Ulid;

use crate::book::{
    BY_REFERENCE, BY_ROUND, BY_TRANSACTION, Book, STANDALONE, VENDOR, bet, credit, debit, eur, play,
    rollback, to_bank, undo,
};

/// Few ids, so that commands meet; amounts that sometimes exceed the balance.
fn command(policy: WalletPolicy) -> impl Strategy<Value = Command> {
    let id = 0..4_u8;
    let amount = || (0..2_000_u32).prop_map(text);
    prop_oneof![
        6 => (id.clone(), amount()).prop_map(move |(id, amount)| {
            Command::Debit(Debit { policy, ..debit(&format!("b{id}"), &amount) })
        }),
        6 => (id.clone(), id.clone(), amount(), any::<bool>()).prop_map(move |(id, of, amount, named)| {
            let bet = named.then(|| format!("b{of}"));
            Command::Credit(Credit { bet, policy, ..credit(&format!("w{id}"), "", &amount) })
        }),
        4 => (id.clone(), id.clone(), any::<bool>()).prop_map(move |(id, of, stake)| {
            let target = format!("{}{of}", if stake { "b" } else { "w" });
            Command::Rollback(Rollback { policy, ..undo(&format!("r{id}"), &target) })
        }),
        1 => (id.clone(), amount()).prop_map(|(id, amount)| prize(id, &amount)),
        1 => id.clone().prop_map(|id| {
            Command::EndRound(EndRound { key: EntryKey::new(VENDOR, format!("e{id}")), play: play(), currency: None })
        }),
        2 => (id.clone(), 0..6_u32, 0..4_u8, amount()).prop_map(|(id, version, step, amount)| {
            update(id, version, step, &amount)
        }),
        2 => (id.clone(), 0..8_u8, amount()).prop_map(|(id, cause, amount)| adjust(id, cause, &amount)),
        2 => (id.clone(), amount()).prop_map(|(id, amount)| pay_in(id, &amount)),
        4 => (id.clone(), id.clone(), 0..8_u8, amount()).prop_map(|(id, of, event, amount)| {
            notice(id, of, event, &amount)
        }),
        2 => (id.clone(), amount()).prop_map(|(id, amount)| request(id, &amount)),
        4 => (id.clone(), 0..7_u8, proptest::option::of(0..6_u64)).prop_map(|(id, event, order)| step(id, event, order)),
        3 => (id.clone(), id.clone(), proptest::option::of(amount()), 1..3_u8).prop_map(|(id, of, amount, approvals)| {
            refund(id, of, amount.as_deref(), approvals)
        }),
        6 => (id, 0..4_u8, 0..6_u8, proptest::option::of(0..6_u64)).prop_map(|(of, number, event, order)| {
            refund_notice(of, number, event, order)
        }),
    ]
}

fn commands() -> impl Strategy<Value = Vec<Vec<Command>>> {
    let policy = prop_oneof![Just(BY_TRANSACTION), Just(BY_REFERENCE), Just(BY_ROUND), Just(STANDALONE)];
    policy.prop_flat_map(|policy| {
        let batch = prop_oneof![
            4 => proptest::collection::vec(command(policy), 1..2),
            1 => proptest::collection::vec(command(policy), 2..6),
        ];
        proptest::collection::vec(batch, 1..40)
    })
}

fn text(cents: u32) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

fn prize(id: u8, amount: &str) -> Command {
    let reason = CreditReason::Promotion;
    Command::Credit(Credit { bet: None, reason, ..credit(&format!("p{id}"), "", amount) })
}

fn update(id: u8, version: u32, step: u8, amount: &str) -> Command {
    let step = match step {
        0 => BetStep::Unsettle,
        1 => BetStep::Void,
        2 => BetStep::Unvoid,
        _ => BetStep::Settle { payout: eur(amount) },
    };
    let key = EntryKey::new(VENDOR, format!("u{id}:{version}"));
    Command::BetUpdate(BetUpdate { key, play: play(), bet: format!("b{id}"), version, step })
}

fn adjust(id: u8, cause: u8, amount: &str) -> Command {
    let (cause, sign) = match cause {
        0 => (Cause::Correction, "-"),
        1 => (Cause::Correction, ""),
        2 => (Cause::GameCorrection, "-"),
        3 => (Cause::Goodwill, ""),
        4 => (Cause::BonusForfeited, ""),
        5 => (Cause::DebtRepaid, ""),
        6 => (Cause::DebtWrittenOff, ""),
        _ => (Cause::BonusGranted, ""),
    };
    let amount = format!("{sign}{amount} EUR").parse().unwrap();
    Command::Adjust(Adjust { key: EntryKey::new("ops", format!("a{id}")), amount, cause, by: None })
}

fn deposit(id: u8) -> DepositId {
    DepositId::new(Ulid::from_parts(8, u128::from(id)))
}

fn pay_in(id: u8, amount: &str) -> Command {
    Command::RequestDeposit(RequestDeposit {
        key: EntryKey::new("api", format!("deposit:{id}")),
        deposit: deposit(id),
        amount: eur(amount),
        method: "card".into(),
        attested: false,
        vendor: "adyen".into(),
        return_url: "https://example.com".into(),
    })
}

fn notice(id: u8, of: u8, event: u8, amount: &str) -> Command {
    let (amount, by) = (eur(amount), StaffId::new(Ulid::from_parts(9, 9)));
    let (name, event) = match event {
        0 => ("expired", DepositEvent::Expired),
        1 => ("refund", DepositEvent::Refunded { amount }),
        2 => ("chargeback", DepositEvent::ChargedBack { amount }),
        3 => ("reversed", DepositEvent::ChargebackReversed { amount }),
        4 => ("accepted", DepositEvent::Accepted { by }),
        5 => ("returned", DepositEvent::Returned { by }),
        _ => ("capture", DepositEvent::Captured { amount, psp_reference: "p".into() }),
    };
    let key = EntryKey::new("adyen", format!("{name}:{id}:{of}"));
    Command::DepositNotice(DepositNotice::new(key, deposit(of), event))
}

fn refund(id: u8, of: u8, amount: Option<&str>, approvals: u8) -> Command {
    Command::RequestRefund(RequestRefund {
        key: EntryKey::new("ops", format!("refund:{id}:{of}")),
        deposit: deposit(of),
        amount: amount.map(eur),
        reason: "asked for".into(),
        by: StaffId::new(Ulid::from_parts(9, 9)),
        at_most: eur("15"),
        approvals,
        planned_at: None,
    })
}

/// Of a refund by its number, or by no name at all: made at the provider's own desk.
fn refund_notice(of: u8, number: u8, event: u8, order: Option<u64>) -> Command {
    let by = StaffId::new(Ulid::from_parts(9, 8));
    let (name, event) = match event {
        0 => ("refund-approve", DepositEvent::RefundApproved { by }),
        1 => ("refund-reject", DepositEvent::RefundRejected { by }),
        2 => ("refund-submit", DepositEvent::RefundSubmitted),
        3 => ("refund-fail", DepositEvent::RefundFailed),
        _ => ("refund-done", DepositEvent::Refunded { amount: eur("1") }),
    };
    let key = EntryKey::new("adyen", format!("{name}:{of}:{number}:{order:?}"));
    let notice = DepositNotice::new(key, deposit(of), event);
    Command::DepositNotice(DepositNotice { refund: (number > 0).then_some(number), order, ..notice })
}

fn withdrawal(id: u8) -> WithdrawalId {
    WithdrawalId::new(Ulid::from_parts(9, u128::from(id)))
}

fn request(id: u8, amount: &str) -> Command {
    Command::RequestWithdrawal(to_bank(&format!("withdrawal:{id}"), withdrawal(id), amount))
}

/// What the provider pays is what was asked for, as often as not.
fn step(id: u8, event: u8, order: Option<u64>) -> Command {
    let by = StaffId::new(Ulid::from_parts(9, 9));
    let (name, event) = match event {
        0 => ("approve", WithdrawalEvent::Approved { by }),
        1 => ("reject", WithdrawalEvent::Rejected { by }),
        2 => ("cancel", WithdrawalEvent::Cancelled),
        3 => ("submit", WithdrawalEvent::Submitted),
        4 => ("paid", WithdrawalEvent::Paid { amount: eur("1") }),
        _ => ("fail", WithdrawalEvent::Failed),
    };
    let key = EntryKey::new("adyen", format!("{name}:{id}:{order:?}"));
    Command::WithdrawalStep(WithdrawalStep { order, ..WithdrawalStep::new(key, withdrawal(id), event) })
}

/// A player with real and bonus money.
fn book(order: StakeOrder) -> Book {
    let mut book = Book::with("10");
    book.rules.stake_order = order;
    book.applied(&adjust(9, 7, "5"));
    book
}

/// What withdrawals hold: all of it until they are decided, then what is not yet paid or given back.
fn withdrawals_hold(book: &Book) -> i64 {
    let waits = |it: &Withdrawal| if it.status.is_waiting() { it.amount.units() } else { 0 };
    let sent = |it: &Withdrawal| {
        if it.status.is_in_payment() {
            it.payouts.iter().filter(|it| it.status.is_open()).map(|it| it.amount.units()).sum()
        } else {
            0
        }
    };
    book.withdrawals.values().map(|it| waits(it) + sent(it)).sum()
}

/// What refunds hold: all of them until they are refused, have left or have failed.
fn refunds_hold(book: &Book) -> i64 {
    let refunds = book.deposits.values().flat_map(|it| &it.refunds);
    refunds.filter(|it| it.status().is_open()).map(|it| it.payout.amount.units()).sum()
}

/// Double entry, balances from postings, numbers without gaps, and an unbroken chain.
fn assert_sound(book: &Book) -> Result<(), TestCaseError> {
    let mut sums: HashMap<LedgerAccount, i64> = HashMap::new();
    let mut prev = Digest::default();
    for (entry, number) in book.entries.iter().zip(1..) {
        prop_assert_eq!(entry.seq, number, "numbers have no gaps");
        prop_assert_eq!(entry.prev, prev, "the chain holds");
        prev = entry.digest().unwrap();
        prop_assert_eq!(entry.postings.iter().map(|it| it.amount.units()).sum::<i64>(), 0, "double entry");
        for posting in &entry.postings {
            *sums.entry(posting.account.clone()).or_default() += posting.amount.units();
        }
        let of = |account| sums.get(&account).copied().unwrap_or_default();
        prop_assert_eq!(entry.balances.cash.units(), of(LedgerAccount::Cash));
        prop_assert_eq!(entry.balances.bonus.units(), of(LedgerAccount::Bonus));
        prop_assert_eq!(entry.balances.held.units(), of(LedgerAccount::Held));
        prop_assert_eq!(entry.balances.receivable.units(), -of(LedgerAccount::Receivable));
        prop_assert!(entry.balances.is_sound(), "no balance below zero");
    }
    prop_assert_eq!(book.account.head, prev);
    let staked = sums.get(&LedgerAccount::Suspense).copied().unwrap_or_default();
    prop_assert!(staked >= 0, "more left quarantine than came");
    let held = book.account.wallet.held.units();
    prop_assert_eq!(held, withdrawals_hold(book) + refunds_hold(book), "held for nothing, or for too much");
    for bet in book.bets.values() {
        prop_assert!(!bet.stake.cash.is_negative() && !bet.stake.bonus.is_negative());
        prop_assert!(!bet.payout.cash.is_negative() && !bet.payout.bonus.is_negative());
    }
    for round in book.rounds.values() {
        prop_assert!(!round.stake.cash.is_negative() && !round.stake.bonus.is_negative(), "{round:?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn money_is_neither_made_nor_lost(batches in commands(), bonus_first: bool) {
        let order = if bonus_first { StakeOrder::BonusFirst } else { StakeOrder::CashFirst };
        let mut book = book(order);
        for batch in &batches {
            let before = book.account.clone();
            match book.batch(batch) {
                BatchOutcome::Done { done, balances } => {
                    let applied = done.iter().filter(|item| matches!(item, Done::Applied(_))).count();
                    prop_assert_eq!(book.account.version, before.version + u64::try_from(applied).unwrap());
                    prop_assert!(applied == 0 || balances == book.account.wallet);
                }
                BatchOutcome::Refused { .. } => prop_assert_eq!(&book.account, &before, "a refusal changes nothing"),
            }
        }
        assert_sound(&book)?;
    }

    #[test]
    fn sending_everything_twice_is_sending_it_once(batches in commands()) {
        let (mut once, mut twice) = (book(StakeOrder::CashFirst), book(StakeOrder::CashFirst));
        for batch in &batches {
            once.batch(batch);
            let first = twice.batch(batch);
            match (first, twice.batch(batch)) {
                (BatchOutcome::Done { done: first, .. }, BatchOutcome::Done { done: second, .. }) => {
                    prop_assert!(second.iter().all(|item| matches!(item, Done::Replayed(_))));
                    let bare = |item: &Done| (item.entry().seq, item.entry().balances);
                    prop_assert!(first.iter().map(bare).eq(second.iter().map(bare)), "the same answer");
                }
                (BatchOutcome::Refused { .. }, BatchOutcome::Refused { .. }) => {}
                (first, second) => prop_assert!(false, "{first:?}, then {second:?}"),
            }
        }
        prop_assert_eq!(once.account, twice.account);
    }

    #[test]
    fn a_batch_is_its_items_one_by_one(batches in commands()) {
        let (mut whole, mut single) = (book(StakeOrder::CashFirst), book(StakeOrder::CashFirst));
        for batch in batches {
            if matches!(whole.batch(&batch), BatchOutcome::Done { .. }) {
                for command in &batch {
                    let refused = matches!(single.execute(command), Outcome::Refused { .. });
                    prop_assert!(!refused, "refused alone: {:?}", command);
                }
            }
        }
        prop_assert_eq!(whole.account.wallet, single.account.wallet);
    }

    #[test]
    fn a_rollback_leaves_the_same_money_before_or_after_its_bet(cents in 0..1_500_u32) {
        let (mut early, mut late) = (book(StakeOrder::CashFirst), book(StakeOrder::CashFirst));
        early.execute(&rollback("r", "b"));
        early.execute(&bet("b", &text(cents)));
        late.execute(&bet("b", &text(cents)));
        late.execute(&rollback("r", "b"));
        prop_assert_eq!(early.account.wallet, late.account.wallet);
    }
}
