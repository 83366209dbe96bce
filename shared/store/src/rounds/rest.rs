//! What further turns of a round come to: those that are kept beside it, because it has no room for them.

use std::collections::BTreeMap;

use domain::{Currency, Money, MoneyError, Timestamp};
use serde::{Deserialize, Serialize};

use super::round::{Turn, TurnKind};

/// The sum of turns. It follows from the set of them alone, whatever their order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rest {
    #[serde(rename = "k")]
    kinds: BTreeMap<TurnKind, Sum>,
    /// The lowest number.
    #[serde(rename = "n", skip_serializing_if = "Option::is_none")]
    pub(super) first: Option<u64>,
    /// When the first turn was.
    #[serde(rename = "b", skip_serializing_if = "Option::is_none")]
    pub(super) began_at: Option<Timestamp>,
    /// When the last turn was.
    #[serde(rename = "l", skip_serializing_if = "Option::is_none")]
    pub(super) last_at: Option<Timestamp>,
    /// When the vendor first said that the round is over.
    #[serde(rename = "c", skip_serializing_if = "Option::is_none")]
    pub(super) closed_at: Option<Timestamp>,
}

/// How many turns of a kind, and how much in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Sum {
    #[serde(rename = "n")]
    count: usize,
    #[serde(rename = "a")]
    amount: Money,
}

impl Rest {
    /// Whether there are no further turns.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// Adds a turn, which must not have been added before.
    pub(super) fn add(&mut self, sequence: u64, turn: &Turn) -> Result<(), MoneyError> {
        let nothing = Sum { count: 0, amount: Money::zero(turn.amount.currency()) };
        let sum = self.kinds.entry(turn.kind).or_insert(nothing);
        *sum = Sum { count: sum.count.saturating_add(1), amount: sum.amount.plus(turn.amount)? };
        self.first = self.first.into_iter().chain([sequence]).min();
        self.began_at = self.began_at.into_iter().chain([turn.at]).min();
        self.last_at = self.last_at.into_iter().chain([turn.at]).max();
        self.closed_at = self.closed_at.into_iter().chain(turn.closes.then_some(turn.at)).min();
        Ok(())
    }

    /// How many turns there are in all.
    pub(super) fn len(&self) -> usize {
        self.kinds.values().map(|sum| sum.count).sum()
    }

    /// How many turns of a kind.
    pub(super) fn count(&self, kind: TurnKind) -> usize {
        self.kinds.get(&kind).map_or(0, |sum| sum.count)
    }

    /// How much the turns of a kind come to.
    pub(super) fn amount(&self, kind: TurnKind, currency: Currency) -> Money {
        self.kinds.get(&kind).map_or(Money::zero(currency), |sum| sum.amount)
    }
}
