//! What became of payments, payouts and refunds: `TrueLayer`'s own records of them, asked for.

use domain::deposit::DepositEvent;
use domain::withdrawal::WithdrawalEvent;
use domain::{Money, Timestamp};
use serde::Deserialize;

use super::notification::{Metadata, PaymentSource};
use super::outbound::{access_token, exchange, get, unclear, unsent};
use super::{INTEGRATION, TrueLayer};
use crate::call::{CallFailure, InboundAnswer, is_path_id, is_plain_id};
use crate::conversation::Step;
use crate::payments::{NoticeKind, PaymentNotice, Subject};

/// Asks for the record, and reads it. A refund that was made at `TrueLayer`'s own desk carries nothing of ours: its
/// payment tells whose it is. What it tells has the record and its status for a key: however often, and on
/// whatever occasion it is read, it counts once.
pub(super) fn look_up(
    truelayer: &TrueLayer,
    subject: &Subject,
    answers: &[InboundAnswer],
) -> Result<Step<Vec<PaymentNotice>>, CallFailure> {
    let (path, id) = place(subject).ok_or_else(|| unsent("TrueLayer's id of it is not known"))?;
    let mut reference = None;
    if let (Subject::Refund { payment, .. }, [token, refund, rest @ ..]) = (subject, answers)
        && Record::read(refund)?.reference().is_none()
    {
        let Some(paid) = rest.first() else {
            let path = format!("/v3/payments/{payment}");
            return Ok(Step::Call(get(truelayer, &access_token(token)?, &path)?));
        };
        let paid = Record::read(paid)?;
        if paid.id != *payment {
            return Err(unclear("the answer is about something else"));
        }
        reference = paid.reference().map(str::to_owned);
    }
    exchange(
        truelayer,
        answers,
        |token| get(truelayer, token, &path),
        |answer| {
            let record = Record::read(answer)?;
            if record.id != id {
                return Err(unclear("the answer is about something else"));
            }
            Ok(vec![match subject {
                Subject::Payment { .. } => record.notice("payment", id, record.payment()?),
                Subject::Payout { .. } => record.notice("payout", id, record.payout()?),
                Subject::Refund { payment, .. } => {
                    let told = record.notice("refund", payment, record.refund()?);
                    let reference = reference.unwrap_or(told.reference);
                    PaymentNotice { refund: Some(record.id.clone()), reference, ..told }
                }
            }])
        },
    )
}

/// Where the record is, and its id.
fn place(subject: &Subject) -> Option<(String, &str)> {
    let (path, id) = match subject {
        Subject::Payment { psp_reference: Some(id), .. } => (format!("/v3/payments/{id}"), id),
        Subject::Payout { psp_reference: Some(id), .. } => (format!("/v3/payouts/{id}"), id),
        Subject::Refund { payment, refund: Some(refund), .. } if is_path_id(payment) => {
            (format!("/v3/payments/{payment}/refunds/{refund}"), refund)
        }
        Subject::Payment { .. } | Subject::Payout { .. } | Subject::Refund { .. } => return None,
    };
    is_path_id(id).then_some((path, id.as_str()))
}

#[derive(Deserialize)]
struct Record {
    id: String,
    status: String,
    amount_in_minor: i64,
    currency: String,
    metadata: Option<Metadata>,
    user: Option<User>,
    payment_source: Option<PaymentSource>,
    executed_at: Option<Timestamp>,
    failed_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct User {
    id: Option<String>,
}

impl Record {
    fn read(answer: &InboundAnswer) -> Result<Self, CallFailure> {
        let status = answer.status;
        if status == 404 {
            return Err(unsent("TrueLayer does not know it"));
        }
        let record: Option<Self> = serde_json::from_slice(&answer.body).ok();
        record
            .filter(|record| status == 200 && is_plain_id(&record.status))
            .ok_or_else(|| unclear(&format!("HTTP {status} without the fields")))
    }

    /// What we put with it, if anything.
    fn reference(&self) -> Option<&str> {
        self.metadata.as_ref()?.reference.as_deref()
    }

    fn notice(&self, what: &str, psp_reference: &str, kind: NoticeKind) -> PaymentNotice {
        let reference = self.reference().unwrap_or_default();
        let user = self.user.as_ref().and_then(|user| user.id.as_deref());
        PaymentNotice {
            order: self.order(),
            psp_reference: Some(psp_reference.to_owned()),
            instrument: self.payment_source.as_ref().map(|source| source.paid_with(user)),
            ..PaymentNotice::new(INTEGRATION, format!("{what}:{}:{}", self.id, self.status), reference, kind)
        }
    }

    fn payment(&self) -> Result<NoticeKind, CallFailure> {
        let psp_reference = self.id.clone();
        Ok(match self.status.as_str() {
            "authorization_required" | "authorizing" => NoticeKind::Noted,
            // The banks are at it: it is not ours yet, and no longer the player's to give up.
            "authorized" | "executed" => {
                NoticeKind::Deposit(DepositEvent::Authorised { amount: self.money()?, psp_reference })
            }
            "settled" => NoticeKind::Deposit(DepositEvent::Captured { amount: self.money()?, psp_reference }),
            "failed" => NoticeKind::Deposit(DepositEvent::Declined),
            other => NoticeKind::Unhandled { event_code: format!("payment.{other}") },
        })
    }

    fn payout(&self) -> Result<NoticeKind, CallFailure> {
        Ok(match self.status.as_str() {
            "pending" | "authorized" => NoticeKind::Noted,
            "executed" => NoticeKind::Withdrawal(WithdrawalEvent::Paid { amount: self.money()? }),
            "failed" => NoticeKind::Withdrawal(WithdrawalEvent::Failed),
            other => NoticeKind::Unhandled { event_code: format!("payout.{other}") },
        })
    }

    fn refund(&self) -> Result<NoticeKind, CallFailure> {
        Ok(match self.status.as_str() {
            "pending" | "authorized" => NoticeKind::Noted,
            "executed" => NoticeKind::Deposit(DepositEvent::Refunded { amount: self.money()? }),
            "failed" => NoticeKind::Deposit(DepositEvent::RefundFailed),
            other => NoticeKind::Unhandled { event_code: format!("refund.{other}") },
        })
    }

    /// A payout or refund that was executed may fail later: the times tell which was last.
    fn order(&self) -> Option<u64> {
        let time = self.failed_at.or(self.executed_at)?;
        u64::try_from(time.as_microsecond()).ok()
    }

    fn money(&self) -> Result<Money, CallFailure> {
        let strange = || unclear("the amount is none");
        let currency: domain::Currency = self.currency.parse().map_err(|_| strange())?;
        let money =
            Money::from_minor(self.amount_in_minor, currency.places(), currency).map_err(|_| strange())?;
        if money.is_positive() { Ok(money) } else { Err(strange()) }
    }
}
