//! Bets and rounds as records: for vendors whose bets or rounds have a life of their own.

use serde::{Deserialize, Serialize};

use super::split::Split;
use crate::Timestamp;
use crate::account::Account;
use crate::entry::EntryKey;
use crate::fact::Play;

/// A bet with a reference of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bet {
    /// The vendor, and its reference of the bet.
    pub key: EntryKey,
    /// The transaction that placed it; empty for a bet that was forbidden before it came.
    pub placed_by: String,
    /// When it was placed, or forbidden.
    pub placed_at: Timestamp,
    /// What it was placed on; empty where it is not known.
    pub play: Play,
    /// The transaction that last paid or cancelled it, if one did.
    pub last: Option<LastWord>,
    /// What was staked.
    pub stake: Split,
    /// What it has been paid so far.
    pub payout: Split,
    /// How far it is.
    pub state: BetState,
    /// The newest settlement that was acted upon: an older one is out of date.
    pub settlement: u32,
}

/// The newest transaction of a bet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastWord {
    /// The vendor's transaction.
    pub tx: String,
    /// When it came.
    pub at: Timestamp,
}

/// How far a bet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BetState {
    /// Placed, outcome unknown.
    Open,
    /// Won or lost.
    Settled,
    /// Rolled back: as if it had never been placed.
    Cancelled,
    /// Declared void: the stake went back. May be taken up again.
    Void,
    /// Rolled back before it came: it must never be placed.
    Forbidden,
}

/// A round of a game.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// The vendor, and its name of the round.
    pub key: EntryKey,
    /// The game that it was first played in; empty where it is not known.
    pub game: String,
    /// What was staked in it since it is remembered, less what was undone.
    pub stake: Split,
    /// The number of the first entry that was made while it is remembered: stakes of older ones are not in it.
    pub since: u64,
    /// When we first heard of it.
    pub began_at: Timestamp,
    /// When the vendor said that it is over.
    pub ended_at: Option<Timestamp>,
}

impl Round {
    /// A round that nobody has staked on yet.
    pub(crate) const fn beginning(key: EntryKey, game: String, account: &Account, now: Timestamp) -> Self {
        let stake = Split::zero(account.wallet.currency());
        Self { key, game, stake, since: account.version.saturating_add(1), began_at: now, ended_at: None }
    }

    /// The same, and over from now on at the latest if it is said to be.
    pub(crate) fn over_if(self, said: bool, now: Timestamp) -> Self {
        Self { ended_at: self.ended_at.or(said.then_some(now)), ..self }
    }

    /// Whether the vendor said that it is over.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.ended_at.is_some()
    }
}
