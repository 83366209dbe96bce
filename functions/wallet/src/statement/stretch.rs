//! A stretch of a player's ledger that adds up: the balances before, what each entry moved, the balances after.

use std::collections::BTreeMap;

use domain::account::Wallet as Balances;
use domain::{Entry, Money, MoneyError};
use store::Outage;

use super::moves_money;
use crate::transaction::Transaction;

/// Entries between two balances.
#[derive(Debug)]
pub(super) struct Stretch {
    pub(super) before: Balances,
    pub(super) lines: Vec<Line>,
    pub(super) after: Balances,
}

/// An entry that moved money.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) entry: Entry,
    pub(super) moved: Moved,
}

/// What was moved: by one entry, or by many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moved {
    /// What cash and bonus gained together.
    pub(super) gain: Money,
    /// What each balance gained.
    pub(super) change: Balances,
}

/// What the entries of one type moved together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subtotal {
    pub(super) entries: usize,
    pub(super) moved: Moved,
}

impl Stretch {
    /// Adds entries up, in order.
    ///
    /// # Errors
    /// What does not add up is never shown: an entry's balances must be those before it and what it moved.
    pub(super) fn of(before: Balances, entries: Vec<Entry>) -> Result<Self, Outage> {
        let broken = |reason: String| Outage::new("add up a statement", reason);
        let (mut after, mut lines) = (before, Vec::new());
        for entry in entries {
            after = after.after(&entry.postings).map_err(|error| broken(error.to_string()))?;
            if after != entry.balances {
                return Err(broken(format!("entry {} of {} does not fit", entry.seq, entry.player)));
            }
            if moves_money(&entry) {
                let moved = Moved::by(&entry).map_err(|error| broken(error.to_string()))?;
                lines.push(Line { entry, moved });
            }
        }
        Ok(Self { before, lines, after })
    }

    /// What the entries of each type moved, and all of them.
    pub(super) fn subtotals(&self) -> Result<(BTreeMap<&'static str, Subtotal>, Subtotal), Outage> {
        let sum = || {
            let nothing = Subtotal { entries: 0, moved: Moved::nothing(&self.before) };
            let (mut by_type, mut all) = (BTreeMap::new(), nothing);
            for line in &self.lines {
                let subtotal = by_type.entry(line.transaction().r#type).or_insert(nothing);
                *subtotal = subtotal.with(&line.moved)?;
                all = all.with(&line.moved)?;
            }
            Ok((by_type, all))
        };
        sum().map_err(|error: MoneyError| Outage::new("add up a statement", error.to_string()))
    }
}

impl Line {
    /// The line as lists show it.
    pub(super) fn transaction(&self) -> Transaction<'_> {
        Transaction::of_any(&self.entry, self.moved.gain)
    }
}

impl Moved {
    fn nothing(balances: &Balances) -> Self {
        let change = Balances::empty(balances.currency());
        Self { gain: change.cash, change }
    }

    fn by(entry: &Entry) -> Result<Self, MoneyError> {
        let change = Balances::empty(entry.balances.currency()).after(&entry.postings)?;
        Ok(Self { gain: entry.gain()?, change })
    }

    fn plus(&self, other: &Self) -> Result<Self, MoneyError> {
        let (a, b) = (&self.change, &other.change);
        let change = Balances {
            cash: a.cash.plus(b.cash)?,
            bonus: a.bonus.plus(b.bonus)?,
            held: a.held.plus(b.held)?,
            receivable: a.receivable.plus(b.receivable)?,
        };
        Ok(Self { gain: self.gain.plus(other.gain)?, change })
    }
}

impl Subtotal {
    fn with(&self, moved: &Moved) -> Result<Self, MoneyError> {
        Ok(Self { entries: self.entries + 1, moved: self.moved.plus(moved)? })
    }
}
