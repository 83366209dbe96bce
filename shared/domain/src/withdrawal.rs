//! Withdrawals: money is held at once, then paid out or given back; never both.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::account::{Account, VerificationStatus};
use crate::decide::Change;
use crate::draft::Draft;
use crate::entry::{EntryKey, Fingerprint, LedgerAccount, Posting, transfer};
use crate::fact::Fact;
use crate::ids::{StaffId, WithdrawalId};
use crate::money::Money;
use crate::play::Split;
use crate::refusal::Refusal;
use crate::rules::Rules;

/// One withdrawal of a player.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// Its id, and our reference at the payment provider.
    pub id: WithdrawalId,
    /// How much.
    pub amount: Money,
    /// The cashier method, such as `bank`.
    pub method: String,
    /// The payment provider that pays it.
    pub vendor: String,
    /// Where to, sealed with the player's data key: it is personal data.
    pub destination: Option<String>,
    /// How far it is.
    pub status: WithdrawalStatus,
    /// Who of the staff decided on it.
    pub decided_by: Option<StaffId>,
    /// The provider's id of the payout, once known.
    pub psp_reference: Option<String>,
    /// The provider's place of the newest message that was acted upon.
    pub told: Option<u64>,
    /// When it was asked for.
    pub requested_at: Timestamp,
}

/// How far a withdrawal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithdrawalStatus {
    /// Asked for; the money is held.
    Requested,
    /// Staff is looking at it.
    InReview,
    /// To be paid.
    Approved,
    /// In the provider's hands.
    Paying,
    /// Paid.
    Paid,
    /// The provider could not pay; the money is back.
    Failed,
    /// Staff refused; the money is back.
    Rejected,
    /// The player called it back; the money is back.
    Cancelled,
}

impl WithdrawalStatus {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::InReview => "in_review",
            Self::Approved => "approved",
            Self::Paying => "paying",
            Self::Paid => "paid",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether it waits for staff.
    #[must_use]
    pub const fn is_waiting(self) -> bool {
        matches!(self, Self::Requested | Self::InReview)
    }
}

/// A request to be paid out.
#[derive(Clone, Debug)]
pub struct RequestWithdrawal {
    /// The idempotency key's entry.
    pub key: EntryKey,
    /// The new withdrawal's id.
    pub withdrawal: WithdrawalId,
    /// How much.
    pub amount: Money,
    /// The cashier method.
    pub method: String,
    /// The payment provider that pays it.
    pub vendor: String,
    /// Where to, sealed.
    pub destination: Option<String>,
    /// What a repeat must match of the destination, without telling it.
    pub destination_fingerprint: String,
}

/// Something that happens to a withdrawal.
#[derive(Clone, Debug)]
pub struct WithdrawalStep {
    /// What makes it happen once.
    pub key: EntryKey,
    /// The withdrawal.
    pub withdrawal: WithdrawalId,
    /// What happens.
    pub event: WithdrawalEvent,
    /// The message's place among the provider's messages on this payout, if it tells one: later is higher.
    pub order: Option<u64>,
}

/// The canonical events of a withdrawal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WithdrawalEvent {
    /// Staff agrees.
    Approved {
        /// Who.
        by: StaffId,
    },
    /// Staff refuses.
    Rejected {
        /// Who.
        by: StaffId,
    },
    /// The player calls it back.
    Cancelled,
    /// The provider took the payout on.
    Submitted {
        /// The provider's id of the payout.
        psp_reference: String,
    },
    /// The provider paid.
    Paid {
        /// What it says it paid.
        amount: Money,
    },
    /// The provider could not pay, or the bank sent it back.
    Failed,
}

pub(crate) fn request(
    account: &Account,
    command: &RequestWithdrawal,
    now: Timestamp,
) -> Result<Draft, Refusal> {
    // Neither exclusions nor closed accounts stand between players and their own money; identity does.
    if account.verification.status != VerificationStatus::Approved {
        return Err(Refusal::NotVerified);
    }
    if command.amount.currency() != account.wallet.currency() {
        return Err(Refusal::WrongCurrency);
    }
    if !command.amount.is_positive() {
        return Err(Refusal::NotPositive);
    }
    let available = account.wallet.withdrawable()?;
    if available.minus(command.amount)?.is_negative() {
        return Err(Refusal::InsufficientFunds { available });
    }
    let withdrawal = Withdrawal {
        id: command.withdrawal,
        amount: command.amount,
        method: command.method.clone(),
        vendor: command.vendor.clone(),
        destination: command.destination.clone(),
        status: WithdrawalStatus::Requested,
        decided_by: None,
        psp_reference: None,
        told: None,
        requested_at: now,
    };
    let fact = Fact::WithdrawalRequested {
        withdrawal: withdrawal.id,
        amount: withdrawal.amount,
        method: withdrawal.method.clone(),
    };
    let postings = transfer(LedgerAccount::Cash, LedgerAccount::Held, command.amount)?;
    let reference = Change::Reference(withdrawal.id.to_string());
    Ok(Draft::moving(account, fact, postings).with(reference).with(Change::Withdrawal(withdrawal)))
}

pub(crate) fn step(
    account: &Account,
    step: &WithdrawalStep,
    found: Option<&Withdrawal>,
    rules: &Rules,
) -> Result<Draft, Refusal> {
    let withdrawal = found.ok_or(Refusal::NotFound)?;
    if step.order.is_some_and(|order| withdrawal.told.is_some_and(|told| order <= told)) {
        return Err(Refusal::Outdated);
    }
    let mut next = Withdrawal { told: step.order.or(withdrawal.told), ..withdrawal.clone() };
    let none = Money::zero(account.wallet.currency());
    let (status, postings, shortfall) = match &step.event {
        WithdrawalEvent::Approved { by } => {
            require(withdrawal.status.is_waiting(), withdrawal)?;
            next.decided_by = Some(*by);
            (WithdrawalStatus::Approved, Vec::new(), none)
        }
        WithdrawalEvent::Rejected { by } => {
            require(withdrawal.status.is_waiting(), withdrawal)?;
            next.decided_by = Some(*by);
            (WithdrawalStatus::Rejected, give_back(withdrawal)?, none)
        }
        WithdrawalEvent::Cancelled => {
            if !rules.withdrawal_reversal {
                return Err(Refusal::NotAllowed);
            }
            require(withdrawal.status.is_waiting(), withdrawal)?;
            (WithdrawalStatus::Cancelled, give_back(withdrawal)?, none)
        }
        WithdrawalEvent::Submitted { psp_reference } => {
            require(withdrawal.status == WithdrawalStatus::Approved, withdrawal)?;
            next.psp_reference = Some(psp_reference.clone());
            (WithdrawalStatus::Paying, Vec::new(), none)
        }
        WithdrawalEvent::Paid { amount } => {
            if *amount != withdrawal.amount {
                return Err(Refusal::Mismatch);
            }
            let (postings, shortfall) = paid(account, withdrawal, step)?;
            (WithdrawalStatus::Paid, postings, shortfall)
        }
        WithdrawalEvent::Failed => (WithdrawalStatus::Failed, failed(withdrawal, step)?, none),
    };
    next.status = status;
    Ok(Draft::moving(account, fact(withdrawal.status, &next, shortfall), postings)
        .with(Change::Withdrawal(next)))
}

/// The money left. The provider's message may overtake our own note that it took the payout on; and it may say,
/// in a later message, that a payout it gave up went through after all: then what was given back is taken again.
fn paid(
    account: &Account,
    withdrawal: &Withdrawal,
    step: &WithdrawalStep,
) -> Result<(Vec<Posting>, Money), Refusal> {
    let to = LedgerAccount::Psp(withdrawal.vendor.clone());
    match withdrawal.status {
        WithdrawalStatus::Approved | WithdrawalStatus::Paying => {
            let postings = transfer(LedgerAccount::Held, to, withdrawal.amount)?;
            Ok((postings, Money::zero(withdrawal.amount.currency())))
        }
        WithdrawalStatus::Failed if is_later(withdrawal, step) => {
            Ok(Split::cash(withdrawal.amount).taken_back(&account.wallet, &to)?)
        }
        _ => Err(Refusal::WrongState { state: withdrawal.status.as_str() }),
    }
}

/// The provider could not pay; or, in a later message, the player's bank sent the money back.
fn failed(withdrawal: &Withdrawal, step: &WithdrawalStep) -> Result<Vec<Posting>, Refusal> {
    match withdrawal.status {
        WithdrawalStatus::Approved | WithdrawalStatus::Paying => give_back(withdrawal),
        WithdrawalStatus::Paid if is_later(withdrawal, step) => {
            let from = LedgerAccount::Psp(withdrawal.vendor.clone());
            Ok(transfer(from, LedgerAccount::Cash, withdrawal.amount)?)
        }
        _ => Err(Refusal::WrongState { state: withdrawal.status.as_str() }),
    }
}

/// Whether the provider itself says that this message comes after the one that was acted upon. Without its word
/// nothing that is settled is undone.
fn is_later(withdrawal: &Withdrawal, step: &WithdrawalStep) -> bool {
    matches!((withdrawal.told, step.order), (Some(told), Some(order)) if order > told)
}

fn require(possible: bool, withdrawal: &Withdrawal) -> Result<(), Refusal> {
    if possible { Ok(()) } else { Err(Refusal::WrongState { state: withdrawal.status.as_str() }) }
}

fn give_back(withdrawal: &Withdrawal) -> Result<Vec<Posting>, Refusal> {
    Ok(transfer(LedgerAccount::Held, LedgerAccount::Cash, withdrawal.amount)?)
}

fn fact(before: WithdrawalStatus, withdrawal: &Withdrawal, shortfall: Money) -> Fact {
    let (id, status, amount) = (withdrawal.id, withdrawal.status, withdrawal.amount);
    match status {
        WithdrawalStatus::Paid => {
            let shortfall = (!shortfall.is_zero()).then_some(shortfall);
            Fact::WithdrawalPaid { withdrawal: id, amount, shortfall }
        }
        WithdrawalStatus::Rejected | WithdrawalStatus::Cancelled | WithdrawalStatus::Failed => {
            let after_payment = before == WithdrawalStatus::Paid;
            Fact::WithdrawalReturned { withdrawal: id, status, amount, after_payment }
        }
        WithdrawalStatus::Requested
        | WithdrawalStatus::InReview
        | WithdrawalStatus::Approved
        | WithdrawalStatus::Paying => Fact::WithdrawalProgressed { withdrawal: id, status },
    }
}

impl RequestWithdrawal {
    /// What a repeat with the same idempotency key must match.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let amount = self.amount.to_string();
        Fingerprint::of(["withdrawal", &amount, &self.method, &self.destination_fingerprint])
    }
}

impl WithdrawalStep {
    /// What a repeat must match.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let name = match &self.event {
            WithdrawalEvent::Approved { .. } => "approved",
            WithdrawalEvent::Rejected { .. } => "rejected",
            WithdrawalEvent::Cancelled => "cancelled",
            WithdrawalEvent::Submitted { .. } => "submitted",
            WithdrawalEvent::Paid { .. } => "paid",
            WithdrawalEvent::Failed => "failed",
        };
        Fingerprint::of([name, &self.withdrawal.to_string()])
    }
}
