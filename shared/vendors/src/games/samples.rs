//! Players, accounts and entries for the tests of game vendors.

use domain::account::{Account, AccountStatus, Verification, VerificationStatus, Wallet};
use domain::entry::Fingerprint;
use domain::fact::{Play, Undone};
use domain::{Digest, Entry, EntryKey, Fact, Money, MoneyError, Refusal};

use super::{GameToken, SECRET_BYTES};

pub(super) const PLAYER: &str = "ply_01HZY4Q6T0J8K9M2N3P4R5S6T7";

pub(super) fn money(text: &str) -> Money {
    text.parse().unwrap()
}

/// A session token of the player, in euros.
pub(super) fn token() -> String {
    GameToken::new(PLAYER.parse().unwrap(), "EUR".parse().unwrap(), [7; SECRET_BYTES]).to_text()
}

/// A wallet of real money.
pub(super) fn holding(cash: &str) -> Wallet {
    let cash = money(cash);
    Wallet { cash, ..Wallet::empty(cash.currency()) }
}

pub(super) fn account(cash: &str) -> Box<Account> {
    Box::new(Account {
        player: PLAYER.parse().unwrap(),
        brand: "demo".to_owned(),
        jurisdiction: "MT".to_owned(),
        country: Some("MT".into()),
        status: AccountStatus::Active,
        wallet: holding(cash),
        verification: Verification { status: VerificationStatus::Approved, ..Verification::none() },
        deposits: 0,
        version: 1,
        head: Digest::default(),
        opened_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        updated_at: "2026-01-01T00:00:00Z".parse().unwrap(),
    })
}

/// An entry of the ledger, with its balances after it.
pub(super) fn entry(tx: &str, seq: u64, fact: Fact, cash: &str) -> Box<Entry> {
    Box::new(Entry {
        player: PLAYER.parse().unwrap(),
        key: EntryKey::new("vendor", tx),
        seq,
        prev: Digest::default(),
        at: "2026-01-01T00:00:00Z".parse().unwrap(),
        brand: "demo".to_owned(),
        jurisdiction: "MT".to_owned(),
        fact,
        postings: Vec::new(),
        balances: holding(cash),
        fingerprint: Fingerprint::of([]),
        reversed_by: None,
    })
}

pub(super) fn bet(amount: &str, bonus: Option<&str>) -> Fact {
    Fact::BetPlaced { play: Play::default(), amount: money(amount), bonus: bonus.map(money), free: false }
}

pub(super) fn rolled_back(target: &str, undone: Option<Undone>) -> Fact {
    Fact::RolledBack { play: Play::default(), target: target.to_owned(), undone }
}

/// Every refusal there is.
pub(super) fn refusals() -> Vec<Refusal> {
    vec![
        Refusal::PlayerUnknown,
        Refusal::Mismatch,
        Refusal::Tombstoned,
        Refusal::BetUnknown,
        Refusal::BetReversed,
        Refusal::BetExists,
        Refusal::BetSettled,
        Refusal::NotAStake,
        Refusal::RoundClosed,
        Refusal::TooMany { most: 30 },
        Refusal::SessionUnknown,
        Refusal::SessionExpired,
        Refusal::WrongCurrency,
        Refusal::Amount(MoneyError::TooPrecise),
        Refusal::NotPositive,
        Refusal::InsufficientFunds { available: money("1 EUR") },
        Refusal::StakeTooHigh { most: money("1 EUR") },
        Refusal::MoreThanLeft { left: money("1 EUR") },
        Refusal::NotVerified,
        Refusal::AccountClosed,
        Refusal::UnderAge { min_age: 18 },
        Refusal::NotFound,
        Refusal::WrongState { state: "paid" },
        Refusal::VerificationSettled(VerificationStatus::Approved),
        Refusal::Outdated,
        Refusal::NotAllowed,
        Refusal::NotEmpty,
    ]
}
