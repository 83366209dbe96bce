//! Adjustments: movements that no game and no payment asked for, each with its cause.

use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::draft::Draft;
use crate::entry::{EntryKey, Fingerprint, LedgerAccount, Posting, transfer};
use crate::fact::Fact;
use crate::ids::StaffId;
use crate::money::Money;
use crate::play::Split;
use crate::refusal::Refusal;

/// Moves money for a stated cause.
#[derive(Clone, Debug)]
pub struct Adjust {
    /// What makes it happen once.
    pub key: EntryKey,
    /// How much the player gains; below zero, how much is taken. Only corrections may take.
    pub amount: Money,
    /// Why.
    pub cause: Cause,
    /// Who of the staff ordered it; none if a vendor or the platform did.
    pub by: Option<StaffId>,
}

/// Why money is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// An error of ours is put right, either way. What is no longer there is owed.
    Correction,
    /// A game vendor changes winnings it reported, either way. What is no longer there is owed.
    GameCorrection,
    /// A present to the player, in real money.
    Goodwill,
    /// A bonus is given.
    BonusGranted,
    /// A bonus is taken away; never more than there is.
    BonusForfeited,
    /// The player's real money pays for what the player owes; never more than either.
    DebtRepaid,
    /// What the player owes is given up; never more than that.
    DebtWrittenOff,
}

impl Cause {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Correction => "correction",
            Self::GameCorrection => "game_correction",
            Self::Goodwill => "goodwill",
            Self::BonusGranted => "bonus_granted",
            Self::BonusForfeited => "bonus_forfeited",
            Self::DebtRepaid => "debt_repaid",
            Self::DebtWrittenOff => "debt_written_off",
        }
    }
}

pub(crate) fn adjust(account: &Account, command: &Adjust) -> Result<Draft, Refusal> {
    let (amount, wallet) = (command.amount, &account.wallet);
    if amount.currency() != wallet.currency() {
        return Err(Refusal::WrongCurrency);
    }
    let corrects = matches!(command.cause, Cause::Correction | Cause::GameCorrection);
    if amount.is_zero() || (amount.is_negative() && !corrects) {
        return Err(Refusal::NotPositive);
    }
    let none = Money::zero(amount.currency());
    let (postings, shortfall) = match command.cause {
        Cause::Correction => correction(account, amount, &LedgerAccount::Adjustments)?,
        Cause::GameCorrection => correction(account, amount, &LedgerAccount::Payouts)?,
        Cause::Goodwill => (transfer(LedgerAccount::Adjustments, LedgerAccount::Cash, amount)?, none),
        Cause::BonusGranted => (transfer(LedgerAccount::Bonuses, LedgerAccount::Bonus, amount)?, none),
        Cause::BonusForfeited => {
            within(amount, wallet.bonus)?;
            (transfer(LedgerAccount::Bonus, LedgerAccount::Bonuses, amount)?, none)
        }
        Cause::DebtRepaid => {
            within(amount, wallet.receivable)?;
            within(amount, wallet.cash)?;
            (transfer(LedgerAccount::Cash, LedgerAccount::Receivable, amount)?, none)
        }
        Cause::DebtWrittenOff => {
            within(amount, wallet.receivable)?;
            (transfer(LedgerAccount::WriteOffs, LedgerAccount::Receivable, amount)?, none)
        }
    };
    let fact = Fact::Adjusted { amount, cause: command.cause, shortfall, by: command.by };
    Ok(Draft::moving(account, fact, postings))
}

/// Gives, or takes what is there and lets the rest be owed.
fn correction(
    account: &Account,
    amount: Money,
    house: &LedgerAccount,
) -> Result<(Vec<Posting>, Money), Refusal> {
    let zero = Money::zero(amount.currency());
    if amount.is_positive() {
        return Ok((transfer(house.clone(), LedgerAccount::Cash, amount)?, zero));
    }
    Ok(Split::cash(zero.minus(amount)?).taken_back(&account.wallet, house)?)
}

fn within(amount: Money, available: Money) -> Result<(), Refusal> {
    if available.minus(amount)?.is_negative() {
        return Err(Refusal::InsufficientFunds { available });
    }
    Ok(())
}

impl Adjust {
    /// What a repeat must match.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(["adjust", &self.amount.to_string(), self.cause.as_str()])
    }
}
