//! Withdrawals: money is held at once, then paid out or given back; never both.

mod payout;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::account::Account;
use crate::cashier::Review;
use crate::decide::Change;
use crate::draft::Draft;
use crate::entry::{EntryKey, Fingerprint, LedgerAccount, transfer};
use crate::fact::Fact;
use crate::ids::{StaffId, WithdrawalId};
use crate::money::{Money, MoneyError};
use crate::refusal::Refusal;
use crate::rules::Rules;

pub use payout::{InvalidReference, PayTo, Payout, PayoutReference, PayoutStatus};
pub(crate) use payout::{Told, Word};

/// One withdrawal of a player.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// Its id.
    pub id: WithdrawalId,
    /// How much.
    pub amount: Money,
    /// The cashier method, such as `bank`.
    pub method: String,
    /// How it is paid; the sum is the amount.
    pub payouts: Vec<Payout>,
    /// How far it is.
    pub status: WithdrawalStatus,
    /// What it needs before it is paid.
    pub review: Review,
    /// Who of the staff agreed so far.
    pub approved_by: Vec<StaffId>,
    /// Who of the staff decided on it.
    pub decided_by: Option<StaffId>,
    /// When it was asked for.
    pub requested_at: Timestamp,
}

/// How far a withdrawal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithdrawalStatus {
    /// Asked for; the money is held.
    Requested,
    /// Staff is looking at it: one has agreed, another one has to.
    InReview,
    /// To be paid.
    Approved,
    /// In the providers' hands.
    Paying,
    /// Paid: what could not be paid of it is back.
    Paid,
    /// Nothing of it could be paid; the money is back.
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

    /// Whether providers may still bring it forward in the ordinary way.
    #[must_use]
    pub const fn is_in_payment(self) -> bool {
        matches!(self, Self::Approved | Self::Paying)
    }

    /// Whether it was approved at some time.
    const fn was_approved(self) -> bool {
        matches!(self, Self::Approved | Self::Paying | Self::Paid | Self::Failed)
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
    /// How it is paid.
    pub payouts: Vec<Payout>,
    /// What it needs before it is paid.
    pub review: Review,
    /// The account's version that all of this was worked out for, if it holds for no other.
    pub planned_at: Option<u64>,
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
    /// Which of its payouts a provider speaks of, from zero.
    pub payout: u8,
    /// The provider's id of the payout, if it tells.
    pub psp_reference: Option<String>,
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
    /// The provider took a payout on.
    Submitted,
    /// The provider paid one.
    Paid {
        /// What it says it paid.
        amount: Money,
    },
    /// The provider could not pay one, or the bank sent it back.
    Failed,
    /// The same, and the provider names the money: it must be all of it.
    Returned {
        /// What came back.
        amount: Money,
    },
}

pub(crate) fn request(
    account: &Account,
    command: &RequestWithdrawal,
    now: Timestamp,
) -> Result<Draft, Refusal> {
    // Neither exclusions nor closed accounts stand between players and their own money; identity does. A document that
    // has run out since the player was approved does not make them another person.
    if !account.verification.stands() {
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
    if command.planned_at.is_some_and(|version| account.version != version) {
        return Err(Refusal::Outdated);
    }
    if !command.is_whole()? {
        return Err(Refusal::Mismatch);
    }
    let approved = command.review.approvals == 0;
    let withdrawal = Withdrawal {
        id: command.withdrawal,
        amount: command.amount,
        method: command.method.clone(),
        payouts: command.payouts.clone(),
        status: if approved { WithdrawalStatus::Approved } else { WithdrawalStatus::Requested },
        review: command.review.clone(),
        approved_by: Vec::new(),
        decided_by: None,
        requested_at: now,
    };
    let fact = Fact::WithdrawalRequested {
        withdrawal: withdrawal.id,
        amount: withdrawal.amount,
        method: withdrawal.method.clone(),
        approved,
    };
    let postings = transfer(LedgerAccount::Cash, LedgerAccount::Held, command.amount)?;
    let reference = Change::Reference(withdrawal.id.to_string());
    let accounts: BTreeSet<_> =
        command.payouts.iter().filter_map(|it| it.to.fingerprint()).cloned().collect();
    let draft = Draft::moving(account, fact, postings).with(reference).with(Change::Withdrawal(withdrawal));
    Ok(accounts.into_iter().map(Change::Instrument).fold(draft, Draft::with))
}

pub(crate) fn step(
    account: &Account,
    step: &WithdrawalStep,
    found: Option<&Withdrawal>,
    rules: &Rules,
) -> Result<Draft, Refusal> {
    let withdrawal = found.ok_or(Refusal::NotFound)?;
    match &step.event {
        WithdrawalEvent::Approved { by } => approved(account, withdrawal, *by),
        WithdrawalEvent::Rejected { by } => {
            given_back(account, withdrawal, WithdrawalStatus::Rejected, Some(*by))
        }
        WithdrawalEvent::Cancelled if !rules.withdrawal_reversal => Err(Refusal::NotAllowed),
        WithdrawalEvent::Cancelled => given_back(account, withdrawal, WithdrawalStatus::Cancelled, None),
        WithdrawalEvent::Submitted => moved(account, withdrawal, step, Word::Submitted),
        WithdrawalEvent::Paid { amount } => moved(account, withdrawal, step, Word::Paid(*amount)),
        WithdrawalEvent::Failed => moved(account, withdrawal, step, Word::Failed),
        WithdrawalEvent::Returned { amount } => moved(account, withdrawal, step, Word::Returned(*amount)),
    }
}

/// Staff agrees. Where two have to, the first one's word alone pays nothing, however often it is said. Nor does any
/// while the player is not who they said when they asked.
fn approved(account: &Account, withdrawal: &Withdrawal, by: StaffId) -> Result<Draft, Refusal> {
    require(withdrawal.status.is_waiting() && !withdrawal.approved_by.contains(&by), withdrawal)?;
    if !account.verification.stands() {
        return Err(Refusal::NotVerified);
    }
    let mut next = withdrawal.clone();
    next.approved_by.push(by);
    if next.approved_by.len() < usize::from(next.review.approvals) {
        next.status = WithdrawalStatus::InReview;
    } else {
        next.status = WithdrawalStatus::Approved;
        next.decided_by = Some(by);
    }
    let fact = Fact::WithdrawalProgressed { withdrawal: next.id, status: next.status };
    Ok(Draft::of(account, fact).with(Change::Withdrawal(next)))
}

fn given_back(
    account: &Account,
    withdrawal: &Withdrawal,
    status: WithdrawalStatus,
    decided_by: Option<StaffId>,
) -> Result<Draft, Refusal> {
    require(withdrawal.status.is_waiting(), withdrawal)?;
    let (id, amount) = (withdrawal.id, withdrawal.amount);
    let fact =
        Fact::WithdrawalReturned { withdrawal: id, status, amount, after_payment: false, payout: None };
    let postings = transfer(LedgerAccount::Held, LedgerAccount::Cash, amount)?;
    let next = Withdrawal { status, decided_by, ..withdrawal.clone() };
    Ok(Draft::moving(account, fact, postings).with(Change::Withdrawal(next)))
}

/// A provider's word moves one payout of its own; the withdrawal is as far as its payouts are.
fn moved(
    account: &Account,
    withdrawal: &Withdrawal,
    step: &WithdrawalStep,
    word: Word,
) -> Result<Draft, Refusal> {
    let place = usize::from(step.payout);
    let before = withdrawal.payouts.get(place).ok_or(Refusal::NotFound)?;
    if step.key.integration != before.vendor {
        return Err(Refusal::NotFound);
    }
    require(withdrawal.status.was_approved(), withdrawal)?;
    let told = Told { word, psp_reference: step.psp_reference.as_ref(), order: step.order };
    let (after, postings, shortfall) = before.told(account, &told)?;
    let fact = fact(withdrawal, step.payout, before, &after, shortfall);
    let mut next = withdrawal.clone();
    if let Some(payout) = next.payouts.get_mut(place) {
        *payout = after;
    }
    next.status = next.status_of_payouts();
    Ok(Draft::moving(account, fact, postings).with(Change::Withdrawal(next)))
}

fn fact(withdrawal: &Withdrawal, place: u8, before: &Payout, after: &Payout, shortfall: Money) -> Fact {
    let (id, amount) = (withdrawal.id, after.amount);
    let payout = (withdrawal.payouts.len() > 1).then_some(place);
    match after.status {
        PayoutStatus::Paid => {
            let shortfall = (!shortfall.is_zero()).then_some(shortfall);
            Fact::WithdrawalPaid { withdrawal: id, amount, shortfall, payout }
        }
        PayoutStatus::Failed => Fact::WithdrawalReturned {
            withdrawal: id,
            status: WithdrawalStatus::Failed,
            amount,
            after_payment: before.status == PayoutStatus::Paid,
            payout,
        },
        PayoutStatus::Waiting | PayoutStatus::Paying => {
            Fact::WithdrawalProgressed { withdrawal: id, status: WithdrawalStatus::Paying }
        }
    }
}

fn require(possible: bool, withdrawal: &Withdrawal) -> Result<(), Refusal> {
    if possible { Ok(()) } else { Err(Refusal::WrongState { state: withdrawal.status.as_str() }) }
}

impl Withdrawal {
    /// Whether its money is on the way to the player, or there.
    #[must_use]
    pub const fn is_alive(&self) -> bool {
        !matches!(
            self.status,
            WithdrawalStatus::Failed | WithdrawalStatus::Rejected | WithdrawalStatus::Cancelled
        )
    }

    /// What of it went back to where it came from, or is on its way.
    pub fn going_back(&self) -> impl Iterator<Item = &Payout> {
        let payouts = self.is_alive().then_some(&self.payouts).into_iter().flatten();
        payouts.filter(|it| it.status != PayoutStatus::Failed && it.to.returns())
    }

    /// The references of its payouts, each with the payout.
    pub fn references(&self) -> impl Iterator<Item = (PayoutReference, &Payout)> {
        let withdrawal = self.id;
        (0..=u8::MAX).zip(&self.payouts).map(move |(payout, it)| (PayoutReference { withdrawal, payout }, it))
    }

    fn status_of_payouts(&self) -> WithdrawalStatus {
        let any = |status| self.payouts.iter().any(|payout| payout.status == status);
        let open = any(PayoutStatus::Waiting) || any(PayoutStatus::Paying);
        if open {
            WithdrawalStatus::Paying
        } else if any(PayoutStatus::Paid) {
            WithdrawalStatus::Paid
        } else {
            WithdrawalStatus::Failed
        }
    }
}

impl PayTo {
    const fn returns(&self) -> bool {
        matches!(self, Self::Source { returns: true, .. })
    }
}

impl RequestWithdrawal {
    /// What a repeat with the same idempotency key must match.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Self::fingerprint_of(self.amount, &self.method, &self.destination_fingerprint)
    }

    /// The same of what was asked for, however it would be paid.
    #[must_use]
    pub fn fingerprint_of(amount: Money, method: &str, destination: &str) -> Fingerprint {
        Fingerprint::of(["withdrawal", &amount.to_string(), method, destination])
    }

    /// Whether the payouts are the amount, no more and no less.
    fn is_whole(&self) -> Result<bool, MoneyError> {
        let zero = Money::zero(self.amount.currency());
        let sum = self.payouts.iter().try_fold(zero, |sum, payout| sum.plus(payout.amount))?;
        Ok(sum == self.amount && self.payouts.iter().all(|payout| payout.amount.is_positive()))
    }
}

impl WithdrawalStep {
    /// A step of the whole withdrawal, or of its first payout by a provider that tells neither id nor order.
    #[must_use]
    pub const fn new(key: EntryKey, withdrawal: WithdrawalId, event: WithdrawalEvent) -> Self {
        Self { key, withdrawal, event, payout: 0, psp_reference: None, order: None }
    }

    /// The same for one of its payouts.
    #[must_use]
    pub fn of(self, payout: u8) -> Self {
        Self { payout, ..self }
    }

    /// What a repeat must match.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let name = match &self.event {
            WithdrawalEvent::Approved { .. } => "approved",
            WithdrawalEvent::Rejected { .. } => "rejected",
            WithdrawalEvent::Cancelled => "cancelled",
            WithdrawalEvent::Submitted => "submitted",
            WithdrawalEvent::Paid { .. } => "paid",
            WithdrawalEvent::Failed => "failed",
            WithdrawalEvent::Returned { .. } => "returned",
        };
        let reference = PayoutReference { withdrawal: self.withdrawal, payout: self.payout };
        Fingerprint::of([name, &reference.to_string()])
    }
}
