//! What happened to a payment, a payout or a refund: __Name__ tells it unasked, and the newest of it when asked.

use domain::cashier::{InstrumentIdentity, InstrumentKind};
use domain::deposit::DepositEvent;
use domain::withdrawal::WithdrawalEvent;
use domain::{Money, Timestamp};
use serde::Deserialize;

use super::INTEGRATION;
use crate::call::{Malformed, is_plain_id};
use crate::payments::notice::last_digits;
use crate::payments::{NoticeKind, PaidWith, PaymentNotice, decimal};

#[derive(Deserialize)]
struct Told {
    event_id: String,
    #[serde(rename = "type")]
    name: String,
    /// What is older than the newest that we know changes nothing any more.
    occurred_at: Timestamp,
    /// Our own id of it.
    reference: String,
    /// __Name__'s id of the payment or the payout.
    id: String,
    refund_id: Option<String>,
    amount: String,
    currency: String,
    account: Option<Account>,
}

/// The account that a payment came from.
#[derive(Deserialize)]
struct Account {
    token: Option<String>,
    holder: Option<String>,
    number: Option<String>,
}

/// Reads an event. Its id is what makes it count once, whoever asked for it.
pub(super) fn read(body: &[u8]) -> Result<PaymentNotice, Malformed> {
    let told: Told = serde_json::from_slice(body).map_err(|_| Malformed("not an event"))?;
    let ids = [&told.event_id, &told.name, &told.id];
    if !ids.into_iter().chain(&told.refund_id).all(|id| is_plain_id(id)) {
        return Err(Malformed("event_id, type or id"));
    }
    let kind = told.kind()?;
    Ok(PaymentNotice {
        order: u64::try_from(told.occurred_at.as_microsecond()).ok(),
        psp_reference: Some(told.id),
        refund: told.refund_id,
        instrument: told.account.map(Account::paid_with),
        ..PaymentNotice::new(INTEGRATION, told.event_id, &told.reference, kind)
    })
}

impl Told {
    /// What it means. What nobody has heard of is kept for staff.
    fn kind(&self) -> Result<NoticeKind, Malformed> {
        let psp_reference = self.id.clone();
        Ok(match self.name.as_str() {
            "payment.authorised" => {
                NoticeKind::Deposit(DepositEvent::Authorised { amount: self.money()?, psp_reference })
            }
            "payment.captured" => {
                NoticeKind::Deposit(DepositEvent::Captured { amount: self.money()?, psp_reference })
            }
            "payment.declined" => NoticeKind::Deposit(DepositEvent::Declined),
            "payment.cancelled" => NoticeKind::Deposit(DepositEvent::Cancelled),
            "payment.charged_back" => {
                NoticeKind::Deposit(DepositEvent::ChargedBack { amount: self.money()? })
            }
            "refund.sent" => NoticeKind::Deposit(DepositEvent::Refunded { amount: self.money()? }),
            "refund.failed" => NoticeKind::Deposit(DepositEvent::RefundFailed),
            "payout.paid" => NoticeKind::Withdrawal(WithdrawalEvent::Paid { amount: self.money()? }),
            "payout.failed" => NoticeKind::Withdrawal(WithdrawalEvent::Failed),
            "payment.pending" | "refund.pending" | "payout.pending" => NoticeKind::Noted,
            other => NoticeKind::Unhandled { event_code: other.to_owned() },
        })
    }

    /// Decimal text, exactly, above zero, with no more places than the currency has.
    fn money(&self) -> Result<Money, Malformed> {
        decimal::read(&self.amount, &self.currency).map_err(|_| Malformed("amount"))
    }
}

impl Account {
    fn paid_with(self) -> PaidWith {
        PaidWith {
            token: self.token.filter(|token| is_plain_id(token)),
            last_digits: self.number.as_deref().and_then(last_digits),
            identity: self.number.as_deref().and_then(InstrumentIdentity::iban),
            holder: self.holder,
            ..PaidWith::new(InstrumentKind::BankAccount)
        }
    }
}
