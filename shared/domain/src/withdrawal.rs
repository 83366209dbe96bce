//! Withdrawals: money is held at once, then paid out or given back; never both.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::account::{Account, VerificationStatus};
use crate::decide::{Change, Draft};
use crate::entry::{EntryKey, Fingerprint, LedgerAccount, Posting, transfer};
use crate::fact::Fact;
use crate::ids::{StaffId, WithdrawalId};
use crate::money::Money;
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
    if account.wallet.cash.minus(command.amount)?.is_negative() {
        return Err(Refusal::InsufficientFunds { available: account.wallet.cash });
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
    let mut next = withdrawal.clone();
    let (status, postings) = match &step.event {
        WithdrawalEvent::Approved { by } => {
            require(withdrawal.status.is_waiting(), withdrawal)?;
            next.decided_by = Some(*by);
            (WithdrawalStatus::Approved, Vec::new())
        }
        WithdrawalEvent::Rejected { by } => {
            require(withdrawal.status.is_waiting(), withdrawal)?;
            next.decided_by = Some(*by);
            (WithdrawalStatus::Rejected, give_back(withdrawal)?)
        }
        WithdrawalEvent::Cancelled => {
            if !rules.withdrawal_reversal {
                return Err(Refusal::NotAllowed);
            }
            require(withdrawal.status.is_waiting(), withdrawal)?;
            (WithdrawalStatus::Cancelled, give_back(withdrawal)?)
        }
        WithdrawalEvent::Submitted { psp_reference } => {
            require(withdrawal.status == WithdrawalStatus::Approved, withdrawal)?;
            next.psp_reference = Some(psp_reference.clone());
            (WithdrawalStatus::Paying, Vec::new())
        }
        WithdrawalEvent::Paid { amount } => {
            // The provider's message may overtake our own note that it took the payout on.
            require(
                matches!(withdrawal.status, WithdrawalStatus::Approved | WithdrawalStatus::Paying),
                withdrawal,
            )?;
            if *amount != withdrawal.amount {
                return Err(Refusal::Mismatch);
            }
            let to = LedgerAccount::Psp(withdrawal.vendor.clone());
            (WithdrawalStatus::Paid, transfer(LedgerAccount::Held, to, withdrawal.amount)?)
        }
        WithdrawalEvent::Failed => {
            require(
                matches!(withdrawal.status, WithdrawalStatus::Approved | WithdrawalStatus::Paying),
                withdrawal,
            )?;
            (WithdrawalStatus::Failed, give_back(withdrawal)?)
        }
    };
    next.status = status;
    Ok(Draft::moving(account, fact(&next), postings).with(Change::Withdrawal(next)))
}

fn require(possible: bool, withdrawal: &Withdrawal) -> Result<(), Refusal> {
    if possible { Ok(()) } else { Err(Refusal::WrongState { state: withdrawal.status.as_str() }) }
}

fn give_back(withdrawal: &Withdrawal) -> Result<Vec<Posting>, Refusal> {
    Ok(transfer(LedgerAccount::Held, LedgerAccount::Cash, withdrawal.amount)?)
}

fn fact(withdrawal: &Withdrawal) -> Fact {
    let (id, status, amount) = (withdrawal.id, withdrawal.status, withdrawal.amount);
    match status {
        WithdrawalStatus::Paid => Fact::WithdrawalPaid { withdrawal: id, amount },
        WithdrawalStatus::Rejected | WithdrawalStatus::Cancelled | WithdrawalStatus::Failed => {
            Fact::WithdrawalReturned { withdrawal: id, status, amount }
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
