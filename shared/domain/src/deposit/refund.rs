//! Refunds that staff orders: the money is held, goes to the provider once enough have agreed, and leaves when the
//! provider says so. Each is a payout to the payment that the money came by.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Deposit, DepositNotice, DepositStatus, reversal};
use crate::Timestamp;
use crate::account::Account;
use crate::decide::Change;
use crate::draft::Draft;
use crate::entry::{EntryKey, Fingerprint, LedgerAccount, transfer};
use crate::fact::Fact;
use crate::ids::{DepositId, StaffId};
use crate::money::{Money, MoneyError};
use crate::refusal::Refusal;
use crate::withdrawal::{InvalidReference, PayTo, Payout, PayoutStatus, Told, Word};

/// One refund of a deposit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// The money's way back.
    pub payout: Payout,
    /// Why, in the words of who asked for it.
    pub reason: String,
    /// How many members of staff have to agree, who asked for it included.
    pub approvals: u8,
    /// Who agreed so far; the first one asked for it.
    pub approved_by: Vec<StaffId>,
    /// Who refused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected_by: Option<StaffId>,
    /// When it was asked for.
    pub requested_at: Timestamp,
}

/// How far a refund is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    /// Asked for: the money is held, and another one of the staff has to agree.
    Requested,
    /// To be sent.
    Approved,
    /// In the provider's hands.
    Sent,
    /// The money went back.
    Completed,
    /// The provider could not send it; the player has the money again.
    Failed,
    /// Staff refused; the player has the money again.
    Rejected,
}

impl RefundStatus {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Approved => "approved",
            Self::Sent => "sent",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
        }
    }

    /// Whether the provider may still bring it forward in the ordinary way.
    #[must_use]
    pub const fn is_in_payment(self) -> bool {
        matches!(self, Self::Approved | Self::Sent)
    }

    /// Whether its money is held.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Requested | Self::Approved | Self::Sent)
    }
}

/// Our reference of a refund at its provider, for ever: the deposit, and which of its refunds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RefundReference {
    /// The deposit.
    pub deposit: DepositId,
    /// Which of its refunds, from one.
    pub refund: u8,
}

impl fmt::Display for RefundReference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}-{}", self.deposit, self.refund)
    }
}

impl FromStr for RefundReference {
    type Err = InvalidReference;

    fn from_str(text: &str) -> Result<Self, InvalidReference> {
        let (deposit, refund) = text.split_once('-').ok_or(InvalidReference)?;
        let deposit = deposit.parse().map_err(|_| InvalidReference)?;
        let reference = Self { deposit, refund: refund.parse().map_err(|_| InvalidReference)? };
        // One text for each.
        if reference.to_string() == text && reference.refund > 0 {
            Ok(reference)
        } else {
            Err(InvalidReference)
        }
    }
}

impl TryFrom<String> for RefundReference {
    type Error = InvalidReference;

    fn try_from(text: String) -> Result<Self, InvalidReference> {
        text.parse()
    }
}

impl From<RefundReference> for String {
    fn from(reference: RefundReference) -> Self {
        reference.to_string()
    }
}

/// A member of staff wants money of a deposit to go back.
#[derive(Clone, Debug)]
pub struct RequestRefund {
    /// The idempotency key's entry.
    pub key: EntryKey,
    /// The deposit.
    pub deposit: DepositId,
    /// How much; all that may go back, if not told.
    pub amount: Option<Money>,
    /// Why.
    pub reason: String,
    /// Who asks for it.
    pub by: StaffId,
    /// How much may go back to where the deposit came from, whatever the deposit alone would allow.
    pub at_most: Money,
    /// How many have to agree, who asks included.
    pub approvals: u8,
    /// The account's version that the last two were worked out for, if they hold for no other.
    pub planned_at: Option<u64>,
}

pub(crate) fn request(
    account: &Account,
    command: &RequestRefund,
    found: Option<&Deposit>,
    now: Timestamp,
) -> Result<Draft, Refusal> {
    let deposit = found.ok_or(Refusal::NotFound)?;
    if deposit.status != DepositStatus::Completed {
        return Err(deposit.wrong_state());
    }
    if command.planned_at.is_some_and(|version| account.version != version) {
        return Err(Refusal::Outdated);
    }
    let left = deposit.refundable()?.at_most(command.at_most)?;
    let amount = command.amount.unwrap_or(left);
    if command.amount.is_some() && !amount.is_positive() {
        return Err(Refusal::NotPositive);
    }
    if !amount.is_positive() || left.minus(amount)?.is_negative() {
        return Err(Refusal::MoreThanLeft { left });
    }
    let refund = u8::try_from(deposit.refunds.len() + 1).map_err(|_| Refusal::MoreThanLeft { left })?;
    let approved = command.approvals <= 1;
    let fact = Fact::RefundRequested { deposit: deposit.id, refund, amount, approved };
    let postings = transfer(LedgerAccount::Cash, LedgerAccount::Held, amount)?;
    let mut next = deposit.clone();
    next.refunds.push(Refund {
        payout: Payout::new(amount, &deposit.vendor, PayTo::Payment),
        reason: command.reason.clone(),
        approvals: command.approvals,
        approved_by: vec![command.by],
        rejected_by: None,
        requested_at: now,
    });
    Ok(Draft::moving(account, fact, postings).with(Change::Deposit(next)))
}

/// Another one of the staff agrees: nobody twice, and not to more than is left by now.
pub(super) fn approved(
    account: &Account,
    deposit: &Deposit,
    notice: &DepositNotice,
    by: StaffId,
) -> Result<Draft, Refusal> {
    let (number, refund) = deposit.refund_named(notice)?.ok_or(Refusal::NotFound)?;
    let waits = refund.status() == RefundStatus::Requested && !refund.approved_by.contains(&by);
    require(waits, refund)?;
    let left = deposit.left()?;
    if left.minus(refund.payout.amount)?.is_negative() {
        return Err(Refusal::MoreThanLeft { left });
    }
    let mut next = refund.clone();
    next.approved_by.push(by);
    let fact = Fact::RefundProgressed { deposit: deposit.id, refund: number, status: next.status() };
    Ok(Draft::of(account, fact).with(deposit.changed(number, next)))
}

/// Staff refuses: the player has the money again.
pub(super) fn rejected(
    account: &Account,
    deposit: &Deposit,
    notice: &DepositNotice,
    by: StaffId,
) -> Result<Draft, Refusal> {
    let (number, refund) = deposit.refund_named(notice)?.ok_or(Refusal::NotFound)?;
    require(refund.status() == RefundStatus::Requested, refund)?;
    let amount = refund.payout.amount;
    let postings = transfer(LedgerAccount::Held, LedgerAccount::Cash, amount)?;
    let next = Refund { rejected_by: Some(by), ..refund.clone() };
    let fact = Fact::RefundReturned {
        deposit: deposit.id,
        refund: number,
        status: next.status(),
        amount,
        after_payment: false,
    };
    Ok(Draft::moving(account, fact, postings).with(deposit.changed(number, next)))
}

/// Money of the deposit went back: by a refund of ours, or by one made at the provider's own desk.
pub(super) fn refunded(
    account: &Account,
    deposit: &Deposit,
    notice: &DepositNotice,
    amount: Money,
) -> Result<Draft, Refusal> {
    if deposit.refund_named(notice)?.is_some() {
        return told(account, deposit, notice, Word::Paid(amount));
    }
    // One of ours may be in the provider's hands under an id that is not noted yet: this may be it.
    let unnamed = |it: &&Refund| it.status() == RefundStatus::Approved && it.payout.amount == amount;
    if let Some(refund) = deposit.refunds.iter().find(unnamed) {
        return Err(Refusal::WrongState { state: refund.status().as_str() });
    }
    reversal::refunded(account, deposit, amount)
}

/// The provider's word on a refund of ours.
pub(super) fn told(
    account: &Account,
    deposit: &Deposit,
    notice: &DepositNotice,
    word: Word,
) -> Result<Draft, Refusal> {
    let (number, refund) = deposit.refund_named(notice)?.ok_or(Refusal::NotFound)?;
    require(refund.was_approved(), refund)?;
    let told = Told { word, psp_reference: notice.refund_psp_reference.as_ref(), order: notice.order };
    let (payout, postings, shortfall) = refund.payout.told(account, &told)?;
    let before = refund.payout.status;
    let next = Refund { payout, ..refund.clone() };
    let (amount, status) = (next.payout.amount, next.status());
    let after_payment = before == PayoutStatus::Paid;
    let (deposit_id, refund) = (deposit.id, Some(number));
    let (deposit, fact) = match next.payout.status {
        PayoutStatus::Paid => {
            (deposit.gone(amount)?, Fact::DepositRefunded { deposit: deposit_id, amount, shortfall, refund })
        }
        PayoutStatus::Failed => (
            if after_payment { deposit.come_again(amount)? } else { deposit.clone() },
            Fact::RefundReturned { deposit: deposit_id, refund: number, status, amount, after_payment },
        ),
        PayoutStatus::Waiting | PayoutStatus::Paying => {
            (deposit.clone(), Fact::RefundProgressed { deposit: deposit_id, refund: number, status })
        }
    };
    Ok(Draft::moving(account, fact, postings).with(deposit.changed(number, next)))
}

/// Money of a payment that was all there comes once more: a refund of just as much that had left is sent back. So tell
/// providers that have no other word for it.
pub(super) fn come_back(
    account: &Account,
    deposit: &Deposit,
    amount: Money,
) -> Option<Result<Draft, Refusal>> {
    let left = |it: &Refund| it.payout.status == PayoutStatus::Paid && it.payout.amount == amount;
    let (number, refund) = (1..=u8::MAX).zip(&deposit.refunds).find(|(_, it)| left(it))?;
    let came = || {
        let payout = Payout { status: PayoutStatus::Failed, ..refund.payout.clone() };
        let next = Refund { payout, ..refund.clone() };
        let status = next.status();
        let from = LedgerAccount::Psp(deposit.vendor.clone());
        let postings = transfer(from, LedgerAccount::Cash, amount)?;
        let fact =
            Fact::RefundReturned { deposit: deposit.id, refund: number, status, amount, after_payment: true };
        Ok(Draft::moving(account, fact, postings).with(deposit.come_again(amount)?.changed(number, next)))
    };
    Some(came())
}

fn require(possible: bool, refund: &Refund) -> Result<(), Refusal> {
    if possible { Ok(()) } else { Err(Refusal::WrongState { state: refund.status().as_str() }) }
}

impl RequestRefund {
    /// What a repeat with the same idempotency key must match.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let amount = self.amount.as_ref().map(Money::to_string).unwrap_or_default();
        Fingerprint::of(["refund", &self.deposit.to_string(), &amount, &self.reason])
    }
}

impl Refund {
    /// How far it is.
    #[must_use]
    pub fn status(&self) -> RefundStatus {
        match self.payout.status {
            _ if self.rejected_by.is_some() => RefundStatus::Rejected,
            _ if self.approved_by.len() < usize::from(self.approvals) => RefundStatus::Requested,
            PayoutStatus::Waiting => RefundStatus::Approved,
            PayoutStatus::Paying => RefundStatus::Sent,
            PayoutStatus::Paid => RefundStatus::Completed,
            PayoutStatus::Failed => RefundStatus::Failed,
        }
    }

    /// Whether its money is on the way back, or there.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        !matches!(self.status(), RefundStatus::Failed | RefundStatus::Rejected)
    }

    fn was_approved(&self) -> bool {
        !matches!(self.status(), RefundStatus::Requested | RefundStatus::Rejected)
    }
}

impl Deposit {
    /// The references of its refunds, each with the refund.
    pub fn refund_references(&self) -> impl Iterator<Item = (RefundReference, &Refund)> {
        let deposit = self.id;
        (1..=u8::MAX).zip(&self.refunds).map(move |(refund, it)| (RefundReference { deposit, refund }, it))
    }

    /// Those that wait for a colleague to agree.
    pub fn refunds_waiting(&self) -> impl Iterator<Item = (RefundReference, &Refund)> {
        self.refund_references().filter(|(_, it)| it.status() == RefundStatus::Requested)
    }

    /// One of its refunds.
    #[must_use]
    pub fn refund(&self, number: u8) -> Option<&Refund> {
        self.refunds.get(usize::from(number).checked_sub(1)?)
    }

    /// What of it may still be refunded: what was credited, has not gone back and is not about to.
    pub fn refundable(&self) -> Result<Money, MoneyError> {
        let left = self.credited()?.unwrap_or(Money::zero(self.amount.currency()));
        Ok(if left.is_negative() { Money::zero(left.currency()) } else { left })
    }

    /// What its refunds hold.
    pub(super) fn going_back(&self) -> Result<Money, MoneyError> {
        let open = self.refunds.iter().filter(|it| it.status().is_open());
        open.map(|it| it.payout.amount).try_fold(Money::zero(self.amount.currency()), Money::plus)
    }

    /// The refund of ours that a message is about: by our number, else by the provider's id; none if by neither.
    fn refund_named(&self, notice: &DepositNotice) -> Result<Option<(u8, &Refund)>, Refusal> {
        if let Some(number) = notice.refund {
            return Ok(Some((number, self.refund(number).ok_or(Refusal::NotFound)?)));
        }
        let Some(named) = &notice.refund_psp_reference else { return Ok(None) };
        let mut numbered = (1..=u8::MAX).zip(&self.refunds);
        Ok(numbered.find(|(_, it)| it.payout.psp_reference.as_ref() == Some(named)))
    }

    fn changed(&self, number: u8, refund: Refund) -> Change {
        let mut next = self.clone();
        let place = usize::from(number).checked_sub(1);
        if let Some(known) = place.and_then(|place| next.refunds.get_mut(place)) {
            *known = refund;
        }
        Change::Deposit(next)
    }

    /// A refund left. What a chargeback took meanwhile went back all the same.
    fn gone(&self, amount: Money) -> Result<Self, MoneyError> {
        let next = Self { gone_back: Some(self.gone_back().plus(amount)?), ..self.clone() };
        let all = self.status == DepositStatus::Completed && !next.left()?.is_positive();
        Ok(if all { Self { status: DepositStatus::Refunded, ..next } } else { next })
    }

    /// A refund that had left came back.
    fn come_again(&self, amount: Money) -> Result<Self, MoneyError> {
        let next = Self { gone_back: Some(self.gone_back().minus(amount)?), ..self.clone() };
        let some = next.left()?.is_positive();
        Ok(if some { Self { status: DepositStatus::Completed, ..next } } else { next })
    }
}
