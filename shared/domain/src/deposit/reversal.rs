//! Money that goes back after it came: refunds, chargebacks, disputes won, and what staff decides on quarantine.

use super::notice::credited;
use super::{Deposit, DepositStatus};
use crate::account::Account;
use crate::decide::Change;
use crate::draft::Draft;
use crate::entry::{LedgerAccount, Posting, transfer};
use crate::fact::Fact;
use crate::money::{Money, MoneyError};
use crate::play::Split;
use crate::refusal::Refusal;
use crate::rules::Rules;

pub(super) fn refunded(account: &Account, deposit: &Deposit, amount: Money) -> Result<Draft, Refusal> {
    if let Ok(quarantined) = quarantined(deposit) {
        return sent_back(account, deposit, quarantined, amount);
    }
    let (next, postings, shortfall) = taken_back(account, deposit, amount, DepositStatus::Refunded)?;
    let fact = Fact::DepositRefunded { deposit: deposit.id, amount, shortfall, refund: None };
    Ok(Draft::moving(account, fact, postings).with(Change::Deposit(next)))
}

pub(super) fn charged_back(account: &Account, deposit: &Deposit, amount: Money) -> Result<Draft, Refusal> {
    if let Ok(quarantined) = quarantined(deposit) {
        return sent_back(account, deposit, quarantined, amount);
    }
    let (next, postings, shortfall) = taken_back(account, deposit, amount, DepositStatus::ChargedBack)?;
    let fact = Fact::DepositChargedBack { deposit: deposit.id, amount, shortfall };
    Ok(Draft::moving(account, fact, postings).with(Change::Deposit(next)))
}

/// Takes credited money back as far as it is there; the rest is owed. Never more than was credited.
fn taken_back(
    account: &Account,
    deposit: &Deposit,
    amount: Money,
    when_all: DepositStatus,
) -> Result<(Deposit, Vec<Posting>, Money), Refusal> {
    if deposit.status != DepositStatus::Completed {
        return Err(deposit.wrong_state());
    }
    if !amount.is_positive() {
        return Err(Refusal::NotPositive);
    }
    let left = deposit.left()?.minus(amount)?;
    if left.is_negative() {
        return Err(Refusal::Mismatch);
    }
    let status = if left.is_zero() { when_all } else { DepositStatus::Completed };
    let next = Deposit { status, gone_back: Some(deposit.gone_back().plus(amount)?), ..deposit.clone() };
    let to = LedgerAccount::Psp(deposit.vendor.clone());
    let (postings, owed) = Split::cash(amount).taken_back(&account.wallet, &to)?;
    Ok((next, postings, owed))
}

/// The money is ours again: first it pays what the player owes, the rest is the player's. What was not charged back, or
/// not yet, cannot be won.
pub(super) fn won_back(account: &Account, deposit: &Deposit, amount: Money) -> Result<Draft, Refusal> {
    if !matches!(deposit.status, DepositStatus::Completed | DepositStatus::ChargedBack) {
        return Err(deposit.wrong_state());
    }
    if !amount.is_positive() {
        return Err(Refusal::NotPositive);
    }
    let gone_back = deposit.gone_back().minus(amount)?;
    if gone_back.is_negative() {
        return Err(deposit.wrong_state());
    }
    let repaid = amount.at_most(account.wallet.receivable)?;
    let from = LedgerAccount::Psp(deposit.vendor.clone());
    let mut postings = transfer(from.clone(), LedgerAccount::Receivable, repaid)?;
    postings.extend(transfer(from, LedgerAccount::Cash, amount.minus(repaid)?)?);
    let fact = Fact::ChargebackReversed { deposit: deposit.id, amount, repaid };
    let next = Deposit { status: DepositStatus::Completed, gone_back: Some(gone_back), ..deposit.clone() };
    Ok(Draft::moving(account, fact, postings).with(Change::Deposit(next)))
}

/// Staff credits what is in quarantine. Another currency than the wallet's can only be sent back, and so can what the
/// law bans.
pub(super) fn accepted(account: &Account, deposit: &Deposit, rules: &Rules) -> Result<Draft, Refusal> {
    let amount = quarantined(deposit)?;
    if deposit.instrument.as_ref().is_some_and(|it| rules.payments.bans(it)) {
        return Err(Refusal::NotAllowed);
    }
    if amount.currency() != account.wallet.currency() {
        return Err(Refusal::WrongCurrency);
    }
    credited(account, deposit.clone(), amount, LedgerAccount::Suspense)
}

/// What is in quarantine goes back.
pub(super) fn returned(account: &Account, deposit: &Deposit) -> Result<Draft, Refusal> {
    let amount = quarantined(deposit)?;
    let to = LedgerAccount::Psp(deposit.vendor.clone());
    let postings = transfer(LedgerAccount::Suspense, to, amount)?;
    let fact = Fact::DepositReturned { deposit: deposit.id, amount };
    let next = Deposit { status: DepositStatus::Returned, gone_back: Some(amount), ..deposit.clone() };
    Ok(Draft::moving(account, fact, postings).with(Change::Deposit(next)))
}

/// The provider says that money in quarantine went back. It goes as a whole: of a part staff has to hear.
fn sent_back(
    account: &Account,
    deposit: &Deposit,
    quarantined: Money,
    amount: Money,
) -> Result<Draft, Refusal> {
    if amount == quarantined { returned(account, deposit) } else { Err(Refusal::Mismatch) }
}

fn quarantined(deposit: &Deposit) -> Result<Money, Refusal> {
    match (deposit.status, deposit.received) {
        (DepositStatus::Quarantined, Some(amount)) => Ok(amount),
        _ => Err(deposit.wrong_state()),
    }
}

impl Deposit {
    /// What was credited and has not gone back.
    pub(super) fn left(&self) -> Result<Money, MoneyError> {
        let received = self.received.unwrap_or(Money::zero(self.amount.currency()));
        received.minus(self.gone_back())
    }

    pub(super) fn gone_back(&self) -> Money {
        self.gone_back.unwrap_or(Money::zero(self.amount.currency()))
    }
}
