//! The day's figures, computed from what the ledger posted: another way to the same numbers than counting facts.

use std::collections::BTreeMap;

use domain::adjustment::Cause;
use domain::entry::{LedgerAccount, Posting};
use domain::fact::Undone;
use domain::play::BetState;
use domain::{Currency, Date, Entry, Fact, Money, MoneyError};
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};
use store::{Counter, Counters, Figures, Outage};

/// A brand's day in a currency.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Day {
    pub(crate) brand: String,
    pub(crate) currency: String,
    pub(crate) date: Date,
}

impl Day {
    pub(crate) fn of(entry: &Entry) -> Self {
        let currency = entry.balances.currency().code().to_owned();
        Self { brand: entry.brand.clone(), currency, date: Offset::UTC.to_datetime(entry.at).date() }
    }

    /// Where the counters of the day are.
    pub(crate) fn figures(&self) -> Result<Figures, Outage> {
        let currency: Currency =
            self.currency.parse().map_err(|_| Outage::new("read a bookmark", "an unknown currency"))?;
        Ok(Figures::new(self.brand.clone(), currency, self.date))
    }
}

/// The figures of days. Written as a list, for a day is no name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Row>", into = "Vec<Row>")]
pub(crate) struct Days(BTreeMap<Day, Counters>);

#[derive(Serialize, Deserialize)]
struct Row(Day, BTreeMap<String, String>);

impl Days {
    /// Adds what an entry counts for.
    pub(crate) fn add(&mut self, day: Day, counters: &Counters) -> Result<(), Outage> {
        self.0.entry(day).or_default().add_all(counters)
    }

    pub(crate) fn add_all(&mut self, other: &Self) -> Result<(), Outage> {
        other.0.iter().try_for_each(|(day, counters)| self.add(day.clone(), counters))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Day, &Counters)> {
        self.0.iter()
    }

    /// The figures of a day; all zero if nothing happened.
    pub(crate) fn of(&self, day: &Day) -> Counters {
        self.0.get(day).cloned().unwrap_or_default()
    }
}

/// What one entry adds to the figures of its day. Amounts are what was posted, in ledger units; only what moves no
/// money, and which of several figures it belongs to, is told by the fact.
pub(crate) fn of(entry: &Entry) -> Result<Counters, MoneyError> {
    let posted = |account: &LedgerAccount| posted(entry, |it| it == account);
    let at_psp = || self::posted(entry, |it| matches!(it, LedgerAccount::Psp(_)));
    let none = Counters::default()
        .with(Counter::Turnover, posted(&LedgerAccount::Stakes)?)
        .with(Counter::Payouts, minus(posted(&LedgerAccount::Payouts)?)?)
        .with(Counter::Payouts, minus(posted(&LedgerAccount::Jackpots)?)?)
        .with(Counter::Prizes, minus(posted(&LedgerAccount::Promotions)?)?)
        .with(Counter::AdjustmentAmount, minus(posted(&LedgerAccount::Adjustments)?)?);
    Ok(match &entry.fact {
        Fact::PlayerRegistered { .. } => none.with(Counter::Registrations, 1),
        Fact::BetPlaced { .. } => none.with(Counter::Bets, 1),
        Fact::RolledBack { undone: Some(Undone::Bet { .. }), .. } => none.with(Counter::Bets, -1),
        Fact::BetUpdated { from, to, .. } => match (is_staked(*from), is_staked(*to)) {
            (true, false) => none.with(Counter::Bets, -1),
            (false, true) => none.with(Counter::Bets, 1),
            (true, true) | (false, false) => none,
        },
        Fact::DepositCompleted { first, .. } => {
            let amount = posted(&LedgerAccount::Cash)?;
            let all = none.with(Counter::Deposits, 1).with(Counter::DepositAmount, amount);
            if *first {
                all.with(Counter::FirstDeposits, 1).with(Counter::FirstDepositAmount, amount)
            } else {
                all
            }
        }
        Fact::DepositRefunded { .. } | Fact::RefundReturned { after_payment: true, .. } => {
            none.with(Counter::RefundAmount, at_psp()?)
        }
        Fact::DepositChargedBack { .. } | Fact::ChargebackReversed { .. } => {
            none.with(Counter::ChargebackAmount, at_psp()?)
        }
        Fact::WithdrawalRequested { .. } => none
            .with(Counter::WithdrawalsRequested, 1)
            .with(Counter::WithdrawalRequestedAmount, posted(&LedgerAccount::Held)?),
        Fact::WithdrawalPaid { .. } => {
            none.with(Counter::WithdrawalsPaid, 1).with(Counter::WithdrawalPaidAmount, at_psp()?)
        }
        Fact::WithdrawalReturned { after_payment: true, .. } => {
            none.with(Counter::WithdrawalsPaid, -1).with(Counter::WithdrawalPaidAmount, at_psp()?)
        }
        Fact::Adjusted { cause: Cause::BonusGranted | Cause::BonusForfeited, .. } => {
            none.with(Counter::BonusAmount, posted(&LedgerAccount::Bonus)?)
        }
        _ => none,
    })
}

/// Whether the entry makes the player an active one of the day: a stake that took money.
pub(crate) fn is_activity(entry: &Entry) -> bool {
    let staked = || posted(entry, |it| *it == LedgerAccount::Stakes).is_ok_and(|units| units > 0);
    matches!(entry.fact, Fact::BetPlaced { .. }) && staked()
}

/// A bet's stake is with the house.
const fn is_staked(state: BetState) -> bool {
    matches!(state, BetState::Open | BetState::Settled)
}

/// What some accounts gained by an entry in the wallet's currency.
fn posted(entry: &Entry, wanted: impl Fn(&LedgerAccount) -> bool) -> Result<i64, MoneyError> {
    let zero = Money::zero(entry.balances.currency());
    let own = |it: &&Posting| wanted(&it.account) && it.amount.currency() == zero.currency();
    Ok(entry.postings.iter().filter(own).try_fold(zero, |sum, it| sum.plus(it.amount))?.units())
}

fn minus(units: i64) -> Result<i64, MoneyError> {
    units.checked_neg().ok_or(MoneyError::OutOfRange)
}

/// What is written is no figures.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("not the figures of days")]
pub(crate) struct NoFigures;

impl From<Days> for Vec<Row> {
    fn from(days: Days) -> Self {
        let row = |(day, counters): (Day, Counters)| {
            let standing = Counter::ALL.iter().filter(|it| counters.get(**it) != 0);
            Row(day, standing.map(|it| (it.name().to_owned(), counters.get(*it).to_string())).collect())
        };
        days.0.into_iter().map(row).collect()
    }
}

impl TryFrom<Vec<Row>> for Days {
    type Error = NoFigures;

    fn try_from(rows: Vec<Row>) -> Result<Self, NoFigures> {
        let mut days = Self::default();
        for Row(day, values) in rows {
            let mut counters = Counters::default();
            for (name, value) in values {
                let counter = Counter::ALL.iter().find(|it| it.name() == name).ok_or(NoFigures)?;
                let value = value.parse().map_err(|_| NoFigures)?;
                counters.add(*counter, value).map_err(|_| NoFigures)?;
            }
            days.0.insert(day, counters);
        }
        Ok(days)
    }
}
