//! Real and bonus money side by side: what a stake was paid with decides what its winnings are paid in.

use serde::{Deserialize, Serialize};

use crate::account::Wallet;
use crate::currency::Currency;
use crate::entry::{LedgerAccount, Posting, transfer};
use crate::money::{Money, MoneyError};

/// An amount, part real money, part bonus money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
    /// The real money.
    pub cash: Money,
    /// The bonus money.
    pub bonus: Money,
}

/// Which money a stake takes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StakeOrder {
    /// Real money, then bonus money: what most regulators of bonus terms ask for.
    #[default]
    CashFirst,
    /// Bonus money, then real money.
    BonusFirst,
}

impl Split {
    /// Nothing.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self { cash: Money::zero(currency), bonus: Money::zero(currency) }
    }

    /// Real money only.
    #[must_use]
    pub const fn cash(cash: Money) -> Self {
        Self { cash, bonus: Money::zero(cash.currency()) }
    }

    /// An amount of which a part is bonus money.
    pub fn of(total: Money, bonus: Option<Money>) -> Result<Self, MoneyError> {
        let bonus = bonus.unwrap_or(Money::zero(total.currency()));
        Ok(Self { cash: total.minus(bonus)?, bonus })
    }

    /// How a wallet pays a stake; none if it cannot.
    pub(crate) fn of_stake(
        wallet: &Wallet,
        stake: Money,
        order: StakeOrder,
    ) -> Result<Option<Self>, MoneyError> {
        let split = match order {
            StakeOrder::CashFirst => {
                let cash = stake.at_most(wallet.cash)?;
                Self { cash, bonus: stake.minus(cash)? }
            }
            StakeOrder::BonusFirst => {
                let bonus = stake.at_most(wallet.bonus)?;
                Self { cash: stake.minus(bonus)?, bonus }
            }
        };
        let covered =
            !wallet.cash.minus(split.cash)?.is_negative() && !wallet.bonus.minus(split.bonus)?.is_negative();
        Ok(covered.then_some(split))
    }

    /// An amount divided as this one is. The bonus part is rounded down to the ledger's unit, so that rounding
    /// is never to the player's cost. Real money only, if this is nothing.
    pub fn in_proportion(&self, amount: Money) -> Result<Self, MoneyError> {
        let bonus = amount.share(self.bonus, self.total()?)?;
        Ok(Self { cash: amount.minus(bonus)?, bonus })
    }

    /// All of it.
    pub fn total(&self) -> Result<Money, MoneyError> {
        self.cash.plus(self.bonus)
    }

    /// The bonus part, as facts tell it: only where there is one.
    #[must_use]
    pub fn bonus_part(&self) -> Option<Money> {
        (!self.bonus.is_zero()).then_some(self.bonus)
    }

    /// Both parts added.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        Ok(Self { cash: self.cash.plus(other.cash)?, bonus: self.bonus.plus(other.bonus)? })
    }

    /// Both parts taken away, as far as they are there.
    pub(crate) fn without(self, other: Self) -> Result<Self, MoneyError> {
        let cash = self.cash.minus(other.cash.at_most(self.cash)?)?;
        let bonus = self.bonus.minus(other.bonus.at_most(self.bonus)?)?;
        Ok(Self { cash, bonus })
    }

    /// Moves it from the player to the house. The wallet must cover it.
    pub(crate) fn taken(&self, to: &LedgerAccount) -> Result<Vec<Posting>, MoneyError> {
        let mut postings = transfer(LedgerAccount::Cash, to.clone(), self.cash)?;
        postings.extend(transfer(LedgerAccount::Bonus, to.clone(), self.bonus)?);
        Ok(postings)
    }

    /// Moves it from the house to the player.
    pub(crate) fn given(&self, from: &LedgerAccount) -> Result<Vec<Posting>, MoneyError> {
        let mut postings = transfer(from.clone(), LedgerAccount::Cash, self.cash)?;
        postings.extend(transfer(from.clone(), LedgerAccount::Bonus, self.bonus)?);
        Ok(postings)
    }

    /// Takes back what was paid, as far as it is there. Real money that is gone is owed from now on; bonus money
    /// that is gone never was the player's, and is the house's loss. Tells the part that is owed.
    pub(crate) fn taken_back(
        &self,
        wallet: &Wallet,
        to: &LedgerAccount,
    ) -> Result<(Vec<Posting>, Money), MoneyError> {
        let cash = self.cash.at_most(wallet.cash)?;
        let bonus = self.bonus.at_most(wallet.bonus)?;
        let (owed, lost) = (self.cash.minus(cash)?, self.bonus.minus(bonus)?);
        let mut postings = Self { cash, bonus }.taken(to)?;
        postings.extend(transfer(LedgerAccount::Receivable, to.clone(), owed)?);
        postings.extend(transfer(LedgerAccount::Bonuses, to.clone(), lost)?);
        Ok((postings, owed))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn eur(units: i64) -> Money {
        Money::from_units(units, "EUR".parse().unwrap())
    }

    proptest! {
        #[test]
        fn a_share_is_whole_and_within_its_amount(cash in 0..1_000_000_i64, bonus in 0..1_000_000_i64, amount in 0..i64::MAX / 4) {
            let paid = Split { cash: eur(cash), bonus: eur(bonus) }.in_proportion(eur(amount)).unwrap();
            prop_assert_eq!(paid.total(), Ok(eur(amount)));
            prop_assert!(!paid.cash.is_negative() && !paid.bonus.is_negative());
            prop_assert!(bonus > 0 || paid.bonus.is_zero());
            prop_assert!(cash > 0 || bonus == 0 || paid.cash.is_zero());
        }

        #[test]
        fn a_stake_is_paid_whole_or_not_at_all(cash in 0..100_i64, bonus in 0..100_i64, stake in 0..250_i64, bonus_first: bool) {
            let wallet = Wallet { cash: eur(cash), bonus: eur(bonus), ..Wallet::empty("EUR".parse().unwrap()) };
            let order = if bonus_first { StakeOrder::BonusFirst } else { StakeOrder::CashFirst };
            match Split::of_stake(&wallet, eur(stake), order).unwrap() {
                Some(split) => {
                    prop_assert_eq!(split.total(), Ok(eur(stake)));
                    prop_assert!(split.cash.units() <= cash && split.bonus.units() <= bonus);
                    let (first, second) = if bonus_first { (bonus - split.bonus.units(), split.cash) } else { (cash - split.cash.units(), split.bonus) };
                    prop_assert!(second.is_zero() || first == 0, "the second money only when the first is gone");
                }
                None => prop_assert!(stake > cash + bonus),
            }
        }
    }
}
