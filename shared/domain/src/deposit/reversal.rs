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

/// A refund of the provider's own desk: never more than is left.
pub(super) fn refunded(account: &Account, deposit: &Deposit, amount: Money) -> Result<Draft, Refusal> {
    if let Ok(quarantined) = quarantined(deposit) {
        return sent_back(account, deposit, quarantined, amount);
    }
    if deposit.status != DepositStatus::Completed {
        return Err(deposit.wrong_state());
    }
    let left = deposit.left()?.minus(amount)?;
    let status = if left.is_zero() { DepositStatus::Refunded } else { DepositStatus::Completed };
    let next = Deposit { status, gone_back: Some(deposit.gone_back().plus(amount)?), ..deposit.clone() };
    let (postings, shortfall) = taken_back(account, deposit, amount, left)?;
    let fact = Fact::DepositRefunded { deposit: deposit.id, amount, shortfall, refund: None };
    Ok(Draft::moving(account, fact, postings).with(Change::Deposit(next)))
}

/// The player's bank takes what it paid, whatever was refunded of it: never more than came.
pub(super) fn charged_back(account: &Account, deposit: &Deposit, amount: Money) -> Result<Draft, Refusal> {
    if let Ok(quarantined) = quarantined(deposit) {
        let disputed = Deposit { charged_back: Some(amount), ..deposit.clone() };
        return sent_back(account, &disputed, quarantined, amount);
    }
    if !deposit.was_credited() {
        return Err(deposit.wrong_state());
    }
    let charged_back = deposit.charged_back().plus(amount)?;
    let (postings, shortfall) =
        taken_back(account, deposit, amount, deposit.received().minus(charged_back)?)?;
    let gone_back = Some(deposit.gone_back().plus(amount)?);
    let next =
        Deposit { gone_back, charged_back: Some(charged_back), ..deposit.clone() }.by_what_is_left()?;
    let fact = Fact::DepositChargedBack { deposit: deposit.id, amount, shortfall };
    Ok(Draft::moving(account, fact, postings).with(Change::Deposit(next)))
}

/// Takes credited money back as far as it is there; the rest is owed. Never so much that less than nothing remains.
fn taken_back(
    account: &Account,
    deposit: &Deposit,
    amount: Money,
    remaining: Money,
) -> Result<(Vec<Posting>, Money), Refusal> {
    if !amount.is_positive() {
        return Err(Refusal::NotPositive);
    }
    if remaining.is_negative() {
        return Err(Refusal::Mismatch);
    }
    let to = LedgerAccount::Psp(deposit.vendor.clone());
    Ok(Split::cash(amount).taken_back(&account.wallet, &to)?)
}

/// The money is ours again: first it pays what the player owes, the rest is the player's. What was not charged back, or
/// not yet, cannot be won.
pub(super) fn won_back(account: &Account, deposit: &Deposit, amount: Money) -> Result<Draft, Refusal> {
    if !deposit.was_credited() {
        return Err(deposit.wrong_state());
    }
    if !amount.is_positive() {
        return Err(Refusal::NotPositive);
    }
    let charged_back = deposit.charged_back().minus(amount)?;
    if charged_back.is_negative() {
        return Err(deposit.wrong_state());
    }
    let repaid = amount.at_most(account.wallet.receivable)?;
    let from = LedgerAccount::Psp(deposit.vendor.clone());
    let mut postings = transfer(from.clone(), LedgerAccount::Receivable, repaid)?;
    postings.extend(transfer(from, LedgerAccount::Cash, amount.minus(repaid)?)?);
    let fact = Fact::ChargebackReversed { deposit: deposit.id, amount, repaid };
    let gone_back = Some(deposit.gone_back().minus(amount)?);
    let next =
        Deposit { gone_back, charged_back: Some(charged_back), ..deposit.clone() }.by_what_is_left()?;
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
        self.received().minus(self.gone_back())
    }

    fn received(&self) -> Money {
        self.received.unwrap_or(Money::zero(self.amount.currency()))
    }

    pub(super) fn gone_back(&self) -> Money {
        self.gone_back.unwrap_or(Money::zero(self.amount.currency()))
    }

    /// What the player's bank took, and did not give again.
    pub(super) fn charged_back(&self) -> Money {
        self.charged_back.unwrap_or(Money::zero(self.amount.currency()))
    }

    /// The same deposit, as far as what is left of it says.
    fn by_what_is_left(self) -> Result<Self, MoneyError> {
        let status = match (self.left()?.is_positive(), self.charged_back().is_positive()) {
            (true, _) => DepositStatus::Completed,
            (false, true) => DepositStatus::ChargedBack,
            (false, false) => DepositStatus::Refunded,
        };
        Ok(Self { status, ..self })
    }
}
