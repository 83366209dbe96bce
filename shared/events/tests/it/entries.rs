//! Ledger entries of every fact there is.

use domain::account::{VerificationStatus, Wallet};
use domain::adjustment::Cause;
use domain::cashier::{Funding, HolderMatch, InstrumentKind};
use domain::deposit::{DepositStatus, RefundStatus};
use domain::entry::Fingerprint;
use domain::fact::{Play, Undone};
use domain::ids::{DepositId, GameSessionId, PlayerId, SessionId, VerificationId, WithdrawalId};
use domain::play::{BetState, CreditReason};
use domain::withdrawal::WithdrawalStatus;
use domain::{Entry, EntryKey, Fact, Money};
use ulid::Ulid;

const AT_MILLIS: i64 = 1_767_225_600_123;

pub(crate) fn ulid(random: u128) -> Ulid {
    Ulid::from_parts(1_767_225_600_000, random)
}

pub(crate) fn eur(text: &str) -> Money {
    format!("{text} EUR").parse().unwrap()
}

pub(crate) fn entry(seq: u64, fact: Fact) -> Entry {
    Entry {
        player: PlayerId::new(ulid(1)),
        key: EntryKey::new("hub88", format!("tx-{seq}")),
        seq,
        prev: domain::Digest::default(),
        at: domain::Timestamp::from_millisecond(AT_MILLIS).unwrap(),
        brand: "demo".to_owned(),
        jurisdiction: "MT".to_owned(),
        fact,
        postings: Vec::new(),
        balances: Wallet { cash: eur("12.5"), ..Wallet::empty("EUR".parse().unwrap()) },
        fingerprint: Fingerprint::of(["test"]),
        reversed_by: None,
    }
}

/// One entry of each kind; a kind that becomes several event types comes once for each.
pub(crate) fn of_every_kind() -> Vec<Entry> {
    let facts = [person(), play(), deposits(), withdrawals()].concat();
    (1..).zip(facts).map(|(seq, fact)| entry(seq, fact)).collect()
}

fn person() -> Vec<Fact> {
    let status = VerificationStatus::Approved;
    vec![
        Fact::PlayerRegistered { country: "MT".to_owned() },
        Fact::SignedIn { session: SessionId::new(ulid(2)) },
        Fact::ProfileChanged { fields: vec!["phone".to_owned()], verification: None },
        Fact::VerificationChanged {
            verification: None,
            status,
            vendor: "sumsub".to_owned(),
            expires_on: Some("2030-01-31".parse().unwrap()),
            by: None,
        },
        Fact::VerificationChanged {
            expires_on: None,
            by: None,
            verification: Some(VerificationId::new(ulid(3))),
            status,
            vendor: "sumsub".to_owned(),
        },
        Fact::AccountClosed { reason: "erasure".to_owned() },
    ]
}

fn play() -> Vec<Fact> {
    let play = Play { game: "dice".to_owned(), round: Some("r-1".to_owned()), round_closed: true };
    let rolled_back = |undone| Fact::RolledBack { play: Play::default(), target: "tx-0".to_owned(), undone };
    vec![
        Fact::GameLaunched {
            session: GameSessionId::new(ulid(4)),
            game: "hub88-dice".to_owned(),
            integration: "hub88".to_owned(),
        },
        Fact::BetPlaced {
            play: play.clone(),
            amount: eur("0.00001"),
            bonus: Some(eur("0.00001")),
            free: false,
        },
        won(&play, "20", Some("tx-7"), CreditReason::Win),
        won(&play, "0", None, CreditReason::SupplierPromotion),
        rolled_back(Some(Undone::Bet { amount: eur("1"), bonus: None })),
        rolled_back(Some(Undone::Win {
            amount: eur("20"),
            bonus: Some(eur("1")),
            shortfall: eur("7.5"),
            reason: CreditReason::Jackpot,
        })),
        rolled_back(None),
        Fact::RoundEnded { play: play.clone() },
        Fact::FreeRoundPlayed {
            play: play.clone(),
            amount: eur("2"),
            won: true,
            reward: Some("r".to_owned()),
        },
        Fact::BetUpdated {
            play,
            bet: "ticket".to_owned(),
            from: BetState::Settled,
            to: BetState::Void,
            stake: eur("2"),
            payout: eur("0"),
            payout_before: eur("5"),
            shortfall: eur("1"),
        },
        Fact::GameSessionRotated { session: GameSessionId::new(ulid(4)) },
    ]
}

fn won(play: &Play, amount: &str, bet: Option<&str>, reason: CreditReason) -> Fact {
    let (play, bet) = (play.clone(), bet.map(str::to_owned));
    Fact::BetWon { play, amount: eur(amount), bonus: None, bet, reason }
}

fn deposits() -> Vec<Fact> {
    let deposit = DepositId::new(ulid(5));
    let method = "card".to_owned();
    vec![
        Fact::DepositRequested { deposit, amount: eur("50"), method: method.clone() },
        Fact::DepositProgressed { deposit, status: DepositStatus::Failed },
        Fact::DepositIdentified {
            deposit,
            instrument: Some(InstrumentKind::Card),
            funding: Some(Funding::Debit),
            holder: HolderMatch::Matches,
        },
        Fact::DepositCompleted { deposit, amount: eur("50"), method, first: true },
        Fact::DepositQuarantined { deposit, received: "50 GBP".parse().unwrap() },
        Fact::DepositReturned { deposit, amount: "50 GBP".parse().unwrap() },
        Fact::DepositRefunded { deposit, amount: eur("5"), shortfall: eur("0"), refund: None },
        Fact::DepositRefunded { deposit, amount: eur("5"), shortfall: eur("0"), refund: Some(1) },
        Fact::RefundRequested { deposit, refund: 1, amount: eur("5"), approved: false },
        Fact::RefundProgressed { deposit, refund: 1, status: RefundStatus::Approved },
        Fact::RefundReturned {
            deposit,
            refund: 1,
            status: RefundStatus::Rejected,
            amount: eur("5"),
            after_payment: false,
        },
        Fact::RefundReturned {
            deposit,
            refund: 2,
            status: RefundStatus::Failed,
            amount: eur("5"),
            after_payment: true,
        },
        Fact::DepositChargedBack { deposit, amount: eur("45"), shortfall: eur("3") },
        Fact::ChargebackReversed { deposit, amount: eur("45"), repaid: eur("3") },
    ]
}

fn withdrawals() -> Vec<Fact> {
    let withdrawal = WithdrawalId::new(ulid(6));
    let amount = eur("30");
    vec![
        Fact::WithdrawalRequested { withdrawal, amount, method: "bank".to_owned(), approved: true },
        Fact::WithdrawalProgressed { withdrawal, status: WithdrawalStatus::Approved },
        Fact::WithdrawalReturned {
            withdrawal,
            status: WithdrawalStatus::Rejected,
            amount,
            after_payment: false,
            payout: None,
        },
        Fact::WithdrawalReturned {
            withdrawal,
            status: WithdrawalStatus::Failed,
            amount,
            after_payment: true,
            payout: Some(1),
        },
        Fact::WithdrawalPaid { withdrawal, amount, shortfall: None, payout: Some(0) },
        Fact::Adjusted { amount: eur("-3"), cause: Cause::Correction, shortfall: eur("1"), by: None },
    ]
}
