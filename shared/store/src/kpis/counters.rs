//! Counters: sums that facts add to, amounts among them in ledger units.

use std::collections::BTreeMap;

use crate::Outage;

macro_rules! counters {
    ($($(#[$doc:meta])* $counter:ident = $name:literal,)*) => {
        /// What is counted.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Counter { $($(#[$doc])* $counter,)* }

        impl Counter {
            /// All there are.
            pub const ALL: &[Self] = &[$(Self::$counter,)*];

            /// The attribute that holds it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$counter => $name,)* }
            }
        }
    };
}

counters! {
    /// Accounts opened.
    Registrations = "registrations",
    /// Players' first deposits.
    FirstDeposits = "first_deposits",
    /// Their amount.
    FirstDepositAmount = "first_deposit_amount",
    /// Deposits credited.
    Deposits = "deposits",
    /// Their amount.
    DepositAmount = "deposit_amount",
    /// Withdrawals asked for.
    WithdrawalsRequested = "withdrawals_requested",
    /// Their amount.
    WithdrawalRequestedAmount = "withdrawal_requested_amount",
    /// Withdrawals paid.
    WithdrawalsPaid = "withdrawals_paid",
    /// Their amount.
    WithdrawalPaidAmount = "withdrawal_paid_amount",
    /// Stakes less those undone.
    Turnover = "turnover",
    /// Winnings less those undone.
    Payouts = "payouts",
    /// Prizes of promotions less those undone.
    Prizes = "prizes",
    /// Bonus money given less that taken away.
    BonusAmount = "bonus_amount",
    /// Corrections and presents by staff, above or below zero.
    AdjustmentAmount = "adjustment_amount",
    /// Deposits refunded.
    RefundAmount = "refund_amount",
    /// Deposits charged back, less disputes won.
    ChargebackAmount = "chargeback_amount",
    /// Bets less those undone.
    Bets = "bets",
    /// Players with a real-money bet.
    ActivePlayers = "active_players",
}

/// Some counters and what they stand at, or what is to be added to them. What is not named is zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters(BTreeMap<Counter, i128>);

impl Counters {
    /// The same with something added to one counter.
    #[must_use]
    pub fn with(mut self, counter: Counter, value: i64) -> Self {
        *self.0.entry(counter).or_default() += i128::from(value);
        self
    }

    /// What a counter stands at.
    #[must_use]
    pub fn get(&self, counter: Counter) -> i128 {
        self.0.get(&counter).copied().unwrap_or_default()
    }

    /// Adds to one counter.
    pub fn add(&mut self, counter: Counter, value: i128) -> Result<(), Outage> {
        let sum = self.get(counter).checked_add(value);
        self.0.insert(counter, sum.ok_or_else(|| Outage::new("count", "a sum is out of range"))?);
        Ok(())
    }

    /// Adds counter by counter.
    pub fn add_all(&mut self, other: &Self) -> Result<(), Outage> {
        other.0.iter().try_for_each(|(counter, value)| self.add(*counter, *value))
    }

    /// The counters that are not zero.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Counter, i128)> {
        self.0.iter().map(|(counter, value)| (*counter, *value)).filter(|(_, value)| *value != 0)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Reads the counters of an item.
    pub(super) fn of_item(item: &crate::Item) -> Result<Self, Outage> {
        let mut counters = Self::default();
        for counter in Counter::ALL {
            if let Some(Ok(value)) = item.get(counter.name()).map(|value| value.as_n()) {
                counters.add(*counter, value.parse().map_err(Outage::unreadable)?)?;
            }
        }
        Ok(counters)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Item, number, string};

    #[test]
    fn sums_go_below_zero_and_beyond_64_bits() {
        let mut sum = Counters::default().with(Counter::Turnover, i64::MAX);
        sum.add_all(&sum.clone()).unwrap();
        assert_eq!(sum.get(Counter::Turnover), 2 * i128::from(i64::MAX));
        sum.add_all(&Counters::default().with(Counter::Bets, -1)).unwrap();
        assert_eq!(sum.get(Counter::Bets), -1);
        assert!(sum.clone().add(Counter::Turnover, i128::MAX).is_err());
    }

    #[test]
    fn what_cancels_out_is_not_written() {
        let none = Counters::default().with(Counter::Bets, 1).with(Counter::Bets, -1);
        assert!(none.is_empty());
    }

    #[test]
    fn an_item_reads_back() {
        let mut item = Item::new();
        item.insert("pk".to_owned(), string("KPI"));
        item.insert("bets".to_owned(), number(-3));
        item.insert("turnover".to_owned(), number("12345678901234567890123"));
        let read = Counters::of_item(&item).unwrap();
        assert_eq!(read.get(Counter::Bets), -3);
        assert_eq!(read.get(Counter::Turnover), 12_345_678_901_234_567_890_123);
        item.insert("bets".to_owned(), number("1.5"));
        assert!(Counters::of_item(&item).is_err());
    }
}
