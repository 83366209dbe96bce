//! What became of payments and payouts: Nuvei's own records of them, asked for. Here every word counts: the answer
//! comes from the address we called.

use domain::cashier::{Funding, InstrumentIdentity, InstrumentKind};
use domain::deposit::{DepositEvent, RefundReference};
use domain::withdrawal::WithdrawalEvent;
use domain::{Money, Timestamp};
use serde::{Deserialize, Serialize};

use super::checksum::call_time;
use super::outbound::{answered, is_unknown, known, read, unclear, unsent};
use super::{INTEGRATION, Nuvei};
use crate::call::{CallFailure, InboundAnswer, is_path_id, is_plain_id};
use crate::conversation::Step;
use crate::payments::notice::last_digits;
use crate::payments::{NoticeKind, PaidWith, PaymentNotice, Subject, decimal};

/// Asks for the record, and reads it.
pub(super) fn look_up(
    nuvei: &Nuvei,
    subject: &Subject,
    answers: &[InboundAnswer],
    now: Timestamp,
) -> Result<Step<Vec<PaymentNotice>>, CallFailure> {
    let time = call_time(now);
    match subject {
        Subject::Payment { reference, psp_reference } if is_path_id(reference) => {
            // What we called the payment ourselves before Nuvei had an id for it is none of Nuvei's.
            let transaction = psp_reference.as_deref().filter(|id| *id != reference && is_path_id(id));
            let question = TransactionQuestion::new(nuvei, transaction, reference, &time);
            answered(
                answers,
                || nuvei.post("getTransactionDetails", &question),
                |answer| known_transaction(answer, reference),
            )
        }
        Subject::Refund { reference, refund, .. } if is_path_id(reference) => {
            let transaction = refund.as_deref().filter(|id| is_path_id(id));
            let question = TransactionQuestion::new(nuvei, transaction, reference, &time);
            answered(
                answers,
                || nuvei.post("getTransactionDetails", &question),
                |answer| known_transaction(answer, reference),
            )
        }
        Subject::Payout { reference, .. } if is_path_id(reference) => {
            let question = PayoutQuestion {
                merchant_id: &nuvei.merchant_id,
                merchant_site_id: &nuvei.merchant_site_id,
                client_request_id: reference,
                time_stamp: &time,
                checksum: nuvei.signed(&[reference, &time]),
            };
            answered(answers, || nuvei.post("getPayoutStatus", &question), |answer| payout(answer, reference))
        }
        Subject::Payment { .. } | Subject::Payout { .. } | Subject::Refund { .. } => {
            Err(unsent("Nuvei is asked about payments, payouts and refunds by our ids"))
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TransactionQuestion<'a> {
    merchant_id: &'a str,
    merchant_site_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_unique_id: Option<&'a str>,
    time_stamp: &'a str,
    checksum: String,
}

impl<'a> TransactionQuestion<'a> {
    /// By Nuvei's own id of the transaction or, where that is not known, by ours.
    fn new(nuvei: &'a Nuvei, transaction: Option<&'a str>, reference: &'a str, time: &'a str) -> Self {
        let client_unique_id = transaction.is_none().then_some(reference);
        Self {
            merchant_id: &nuvei.merchant_id,
            merchant_site_id: &nuvei.merchant_site_id,
            transaction_id: transaction,
            client_unique_id,
            time_stamp: time,
            checksum: nuvei.signed(&[
                transaction.unwrap_or_default(),
                client_unique_id.unwrap_or_default(),
                time,
            ]),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PayoutQuestion<'a> {
    merchant_id: &'a str,
    merchant_site_id: &'a str,
    client_request_id: &'a str,
    time_stamp: &'a str,
    checksum: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TransactionAnswer {
    client_unique_id: String,
    transaction_details: Details,
    payment_option: Option<PaymentOption>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    transaction_id: Option<String>,
    transaction_type: String,
    transaction_status: String,
    processed_amount: Option<String>,
    processed_currency: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PaymentOption {
    user_payment_option_id: Option<String>,
    card: Option<Card>,
}

#[derive(Deserialize)]
struct Card {
    #[serde(rename = "last4Digits")]
    last_digits: Option<String>,
    #[serde(rename = "cardType")]
    kind: Option<String>,
    #[serde(rename = "cardHolderName")]
    holder: Option<String>,
    /// What stands for its number, whoever pays with it.
    #[serde(rename = "uniqueCC")]
    unique: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PayoutAnswer {
    client_request_id: String,
    transaction_id: Option<String>,
    transaction_status: String,
    amount: Option<String>,
    currency: Option<String>,
}

/// Of a page that nobody paid on, or a refund that never came there, Nuvei knows nothing.
fn known_transaction(answer: &InboundAnswer, reference: &str) -> Result<Vec<PaymentNotice>, CallFailure> {
    if is_unknown(answer) { Ok(Vec::new()) } else { transaction_told(answer, reference) }
}

/// The transaction may be any that a notification named, unsigned: it has to be the payment's, or one of its refunds'.
fn transaction_told(answer: &InboundAnswer, reference: &str) -> Result<Vec<PaymentNotice>, CallFailure> {
    let TransactionAnswer { client_unique_id, transaction_details: transaction, payment_option } =
        read(answer)?;
    if client_unique_id != reference && !is_refund_of(&client_unique_id, reference) {
        return Err(unsent("the transaction belongs to something else"));
    }
    let id = known(transaction.transaction_id.clone())?;
    let status = transaction.transaction_status.to_ascii_uppercase();
    let event_code = format!("{}.{status}", transaction.transaction_type);
    if !is_plain_id(&event_code) {
        return Err(unclear("the transaction is of no kind"));
    }
    let kind = transaction.kind(&status, &id, &event_code)?;
    // What goes back has an id of its own, and does not name the payment's.
    let (psp_reference, refund) = if transaction.transaction_type == "Credit" {
        (None, Some(id.clone()))
    } else {
        (Some(id.clone()), None)
    };
    let key = format!("transaction:{id}:{event_code}");
    Ok(vec![PaymentNotice {
        psp_reference,
        refund,
        instrument: payment_option.map(PaymentOption::paid_with),
        ..PaymentNotice::new(INTEGRATION, key, &client_unique_id, kind)
    }])
}

/// Whether an id is that of a refund of the deposit.
fn is_refund_of(id: &str, deposit: &str) -> bool {
    id.parse::<RefundReference>().is_ok_and(|it| it.deposit.to_string() == deposit)
}

fn payout(answer: &InboundAnswer, reference: &str) -> Result<Vec<PaymentNotice>, CallFailure> {
    if is_unknown(answer) {
        return Ok(Vec::new());
    }
    let payout: PayoutAnswer = read(answer)?;
    if payout.client_request_id != reference {
        return Err(unclear("the answer is about something else"));
    }
    let id = known(payout.transaction_id)?;
    let status = payout.transaction_status.to_ascii_uppercase();
    if !is_plain_id(&status) {
        return Err(unclear("the payout has no status"));
    }
    let kind = match status.as_str() {
        "PENDING" => NoticeKind::Noted,
        "APPROVED" => {
            let amount = money(payout.amount.as_ref(), payout.currency.as_ref())?;
            NoticeKind::Withdrawal(WithdrawalEvent::Paid { amount })
        }
        "DECLINED" | "ERROR" | "CANCELED" => NoticeKind::Withdrawal(WithdrawalEvent::Failed),
        _ => NoticeKind::Unhandled { event_code: format!("Payout.{status}") },
    };
    Ok(vec![PaymentNotice {
        psp_reference: Some(id.clone()),
        ..PaymentNotice::new(INTEGRATION, format!("payout:{id}:{status}"), reference, kind)
    }])
}

impl PaymentOption {
    fn paid_with(self) -> PaidWith {
        let token = self.user_payment_option_id.filter(|id| is_plain_id(id));
        let Some(card) = self.card else {
            return PaidWith { token, ..PaidWith::new(InstrumentKind::Wallet) };
        };
        PaidWith {
            token,
            last_digits: card.last_digits.as_deref().and_then(last_digits),
            funding: card.kind.as_deref().and_then(funding),
            holder: card.holder,
            identity: card.unique.as_deref().and_then(|name| InstrumentIdentity::named(INTEGRATION, name)),
            ..PaidWith::new(InstrumentKind::Card)
        }
    }
}

fn funding(card_type: &str) -> Option<Funding> {
    match card_type.to_ascii_lowercase().as_str() {
        "credit" => Some(Funding::Credit),
        "debit" => Some(Funding::Debit),
        "prepaid" => Some(Funding::Prepaid),
        _ => None,
    }
}

impl Details {
    fn kind(&self, status: &str, id: &str, event_code: &str) -> Result<NoticeKind, CallFailure> {
        let money = || money(self.processed_amount.as_ref(), self.processed_currency.as_ref());
        let psp_reference = id.to_owned();
        Ok(NoticeKind::Deposit(match (self.transaction_type.as_str(), status) {
            ("Sale" | "Settle", "APPROVED") => DepositEvent::Captured { amount: money()?, psp_reference },
            ("Auth", "APPROVED") => DepositEvent::Authorised { amount: money()?, psp_reference },
            ("Credit", "APPROVED") => DepositEvent::Refunded { amount: money()? },
            ("Credit", "DECLINED" | "ERROR" | "CANCELED") => DepositEvent::RefundFailed,
            ("Void", "APPROVED") | ("Sale" | "Auth", "CANCELED") => DepositEvent::Cancelled,
            ("Sale" | "Auth", "DECLINED" | "ERROR") => DepositEvent::Declined,
            (_, "PENDING") => return Ok(NoticeKind::Noted),
            _ => return Ok(NoticeKind::Unhandled { event_code: event_code.to_owned() }),
        }))
    }
}

fn money(amount: Option<&String>, currency: Option<&String>) -> Result<Money, CallFailure> {
    let (amount, currency) = amount.zip(currency).ok_or_else(|| unclear("the amount is missing"))?;
    decimal::read(amount, currency).map_err(|_| unclear("the amount is none"))
}
