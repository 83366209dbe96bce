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
    /// What the vendor said it with; of no meaning before that.
    pub ended_by: EndedBy,
}

/// What a vendor says with that a round is over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    /// With its result: all that was staked in it is settled.
    #[default]
    Result,
    /// With its last stake, told by the reference of its bet.
    Stake(String),
    /// With the cancel of a stake.
    Cancel,
}

impl Bet {
    /// Where its stake stands.
    #[must_use]
    pub fn stake_key(&self) -> EntryKey {
        EntryKey::new(self.key.integration.clone(), self.placed_by.clone())
    }
}

impl Round {
    /// A round that nobody has staked on yet.
    pub(crate) const fn beginning(key: EntryKey, game: String, account: &Account, now: Timestamp) -> Self {
        let stake = Split::zero(account.wallet.currency());
        Self {
            key,
            game,
            stake,
            since: account.version.saturating_add(1),
            began_at: now,
            ended_at: None,
            ended_by: EndedBy::Result,
        }
    }

    /// The same, and over from now on if it was not before.
    pub(crate) fn over(self, by: EndedBy, now: Timestamp) -> Self {
        if self.is_over() { self } else { Self { ended_at: Some(now), ended_by: by, ..self } }
    }

    /// Whether its end settled a bet of it. A stake that is itself the last of its round is not settled by that.
    pub(crate) fn has_settled(&self, bet: &Bet) -> bool {
        self.is_over()
            && match &self.ended_by {
                EndedBy::Result => true,
                EndedBy::Stake(reference) => *reference != bet.key.tx,
                EndedBy::Cancel => false,
            }
    }

    /// Whether the vendor said that it is over.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.ended_at.is_some()
    }
}
