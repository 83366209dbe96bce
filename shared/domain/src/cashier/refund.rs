//! How much of a deposit may go back to where it came from, and how many have to agree.

use jiff::SignedDuration;

use super::{ApprovalRule, LoopOrder, sources};
use crate::Timestamp;
use crate::deposit::Deposit;
use crate::money::{Money, MoneyError};
use crate::withdrawal::Withdrawal;

/// What holds for a refund, worked out for an account as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefundTerms {
    /// What of the deposit may go back: no more than is left of it, and no more than is left of all that came from the
    /// same source. What withdrawals paid back there is not paid back again.
    pub at_most: Money,
    /// How many members of staff have to agree, who asks for it included.
    pub approvals: u8,
}

impl RefundTerms {
    /// The terms for a refund of an amount, or of all that may go back. Two have to agree from as much a day on as for
    /// withdrawals, so that many small ones are no way around; always, where no rule is.
    pub fn of(
        deposit: &Deposit,
        amount: Option<Money>,
        (deposits, withdrawals): (&[Deposit], &[Withdrawal]),
        rule: Option<&ApprovalRule>,
        now: Timestamp,
    ) -> Result<Self, MoneyError> {
        let token = deposit.instrument.as_ref().and_then(|it| it.token.as_ref());
        let known = sources(deposits, withdrawals, LoopOrder::OldestFirst)?;
        let source = known.iter().find(|it| it.vendor == deposit.vendor && it.token.as_ref() == token);
        let zero = Money::zero(deposit.amount.currency());
        let at_most = deposit.refundable()?.at_most(source.map_or(zero, |it| it.net))?;
        let yesterday = now.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MIN);
        let lately = deposits.iter().flat_map(|it| &it.refunds).filter(|it| it.requested_at > yesterday);
        let total = lately
            .filter(|it| it.is_alive())
            .map(|it| it.payout.amount)
            .try_fold(amount.unwrap_or(at_most), Money::plus)?;
        let two = rule.is_none_or(|rule| rule.wants_two(total));
        Ok(Self { at_most, approvals: if two { 2 } else { 1 } })
    }
}
