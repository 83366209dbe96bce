//! The ledger entry: one fact about one player, its double-entry postings, and the record that makes it happen once.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::Timestamp;
use crate::account::Wallet;
use crate::chain::Digest;
use crate::fact::Fact;
use crate::ids::PlayerId;
use crate::money::{Money, MoneyError};

/// What makes an entry unique for its player: who asked for it, and by which transaction id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EntryKey {
    /// The vendor or door it came through, such as `hub88` or `api`. Never contains `#`.
    pub integration: String,
    /// The asker's own transaction id.
    pub tx: String,
}

impl EntryKey {
    /// A key of an integration's transaction.
    pub fn new(integration: impl Into<String>, tx: impl Into<String>) -> Self {
        Self { integration: integration.into(), tx: tx.into() }
    }
}

/// One entry of a player's ledger. Only `reversed_by` ever changes after it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Whose ledger.
    pub player: PlayerId,
    /// Its identity.
    pub key: EntryKey,
    /// The account's version that it made: 1, 2, 3 … without gaps.
    pub seq: u64,
    /// The hash of the entry before it; zeros for the first.
    pub prev: Digest,
    /// When it was made.
    pub at: Timestamp,
    /// The player's brand.
    pub brand: String,
    /// The player's jurisdiction.
    pub jurisdiction: String,
    /// What happened.
    pub fact: Fact,
    /// Where money went: sums to zero in each currency.
    pub postings: Vec<Posting>,
    /// The balances after it.
    pub balances: Wallet,
    /// What was asked, hashed: a repeat must match it.
    pub fingerprint: Fingerprint,
    /// The transaction that undid it, if one did.
    pub reversed_by: Option<String>,
}

impl Entry {
    /// What the player's playable money, real and bonus, gained by it; below zero, what it lost.
    pub fn gain(&self) -> Result<Money, MoneyError> {
        let playable = |it: &&Posting| matches!(it.account, LedgerAccount::Cash | LedgerAccount::Bonus);
        let zero = Money::zero(self.balances.currency());
        self.postings.iter().filter(playable).try_fold(zero, |sum, it| sum.plus(it.amount))
    }
}

/// One side of a movement: what an account gains (or, below zero, gives).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// The account.
    pub account: LedgerAccount,
    /// The change of its balance.
    pub amount: Money,
}

/// The accounts that money moves between.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum LedgerAccount {
    /// The player's real money.
    Cash,
    /// The player's bonus money.
    Bonus,
    /// The player's money set aside for withdrawals.
    Held,
    /// What the player owes the house.
    Receivable,
    /// Stakes the house took.
    Stakes,
    /// Winnings the house paid.
    Payouts,
    /// Jackpots the house paid out of what was set aside for them.
    Jackpots,
    /// Prizes of promotions, paid in real money.
    Promotions,
    /// Bonus money given, taken away again or lost.
    Bonuses,
    /// Corrections by staff.
    Adjustments,
    /// Debts given up.
    WriteOffs,
    /// Money that arrived but belongs to nobody yet.
    Suspense,
    /// Money in the hands of a payment provider.
    Psp(String),
}

impl fmt::Display for LedgerAccount {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cash => out.write_str("player:cash"),
            Self::Bonus => out.write_str("player:bonus"),
            Self::Held => out.write_str("player:held"),
            Self::Receivable => out.write_str("receivable"),
            Self::Stakes => out.write_str("house:stakes"),
            Self::Payouts => out.write_str("house:payouts"),
            Self::Jackpots => out.write_str("house:jackpots"),
            Self::Promotions => out.write_str("house:promotions"),
            Self::Bonuses => out.write_str("house:bonuses"),
            Self::Adjustments => out.write_str("house:adjustments"),
            Self::WriteOffs => out.write_str("house:write_offs"),
            Self::Suspense => out.write_str("suspense"),
            Self::Psp(vendor) => write!(out, "psp:{vendor}"),
        }
    }
}

/// The text names no ledger account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown ledger account")]
pub struct UnknownLedgerAccount;

impl FromStr for LedgerAccount {
    type Err = UnknownLedgerAccount;

    fn from_str(text: &str) -> Result<Self, UnknownLedgerAccount> {
        Ok(match text {
            "player:cash" => Self::Cash,
            "player:bonus" => Self::Bonus,
            "player:held" => Self::Held,
            "receivable" => Self::Receivable,
            "house:stakes" => Self::Stakes,
            "house:payouts" => Self::Payouts,
            "house:jackpots" => Self::Jackpots,
            "house:promotions" => Self::Promotions,
            "house:bonuses" => Self::Bonuses,
            "house:adjustments" => Self::Adjustments,
            "house:write_offs" => Self::WriteOffs,
            "suspense" => Self::Suspense,
            _ => Self::Psp(text.strip_prefix("psp:").ok_or(UnknownLedgerAccount)?.to_owned()),
        })
    }
}

impl TryFrom<String> for LedgerAccount {
    type Error = UnknownLedgerAccount;

    fn try_from(text: String) -> Result<Self, UnknownLedgerAccount> {
        text.parse()
    }
}

impl From<LedgerAccount> for String {
    fn from(account: LedgerAccount) -> Self {
        account.to_string()
    }
}

/// A movement from one account to another: two postings that cancel out.
pub(crate) fn transfer(
    from: LedgerAccount,
    to: LedgerAccount,
    amount: Money,
) -> Result<Vec<Posting>, MoneyError> {
    if amount.is_zero() {
        return Ok(Vec::new());
    }
    let given = Money::zero(amount.currency()).minus(amount)?;
    Ok(vec![Posting { account: from, amount: given }, Posting { account: to, amount }])
}

/// The same movements with one posting an account, as a ledger page shows them.
pub(crate) fn merged(postings: Vec<Posting>) -> Result<Vec<Posting>, MoneyError> {
    let mut merged: Vec<Posting> = Vec::with_capacity(postings.len());
    for posting in postings {
        match merged.iter_mut().find(|it| it.account == posting.account) {
            Some(same) => same.amount = same.amount.plus(posting.amount)?,
            None => merged.push(posting),
        }
    }
    Ok(merged)
}

/// A hash of everything a request asks for, so that a repeat can be told from a reuse of its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Hashes the parts in order; lengths go in too, so that no two lists of parts look alike.
    pub fn of<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part.as_bytes());
        }
        // 128 bits are plenty against accidents, and the item stays small.
        let mut text = hex::encode(hash.finalize());
        text.truncate(32);
        Self(text)
    }

    /// As stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Fingerprint {
    fn from(stored: String) -> Self {
        Self(stored)
    }
}
