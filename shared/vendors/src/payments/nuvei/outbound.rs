//! Our calls to Nuvei that move money: refunds and payouts. The checksum covers chosen fields in a fixed order.

use std::collections::BTreeMap;

use domain::Timestamp;
use http::Method;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Nuvei;
use super::checksum::{call_time, checksum};
use crate::call::{CallFailure, InboundAnswer, OutboundCall, is_path_id, is_plain_id};
use crate::conversation::Step;
use crate::payments::{Destination, PayoutRequest, RefundRequest, TakenPayout, TakenRefund, decimal};

/// Nuvei's words for a request that it found wrong before it did anything: the payer's token or instrument, or the
/// amount. Whatever else it says, such as a general error or one of communication, the money may have moved.
const REFUSALS: &[i64] = &[1_010, 1_011, 1_019, 1_023, 1_040, 1_041, 1_055, 1_068, 1_070];

/// Nuvei's word for a transaction that it does not know, or does not know yet.
pub(super) const NOT_FOUND: i64 = 9_146;

/// The withdrawal is the request's id, by which Nuvei knows a repeat and we ask what became of it.
pub(super) fn pay_out(
    nuvei: &Nuvei,
    request: &PayoutRequest,
    answers: &[InboundAnswer],
    now: Timestamp,
) -> Result<Step<TakenPayout>, CallFailure> {
    let Destination::Instrument { token: instrument, .. } = &request.destination else {
        return Err(unsent("Nuvei pays to the instruments it knows"));
    };
    let (withdrawal, player) = (request.reference.to_string(), request.player.to_string());
    let (amount, currency) = (decimal::write(request.amount)?, request.amount.currency().code());
    let time = call_time(now);
    let payout = Payout {
        merchant_id: &nuvei.merchant_id,
        merchant_site_id: &nuvei.merchant_site_id,
        client_request_id: &withdrawal,
        client_unique_id: &withdrawal,
        user_token_id: &player,
        amount: &amount,
        currency,
        user_payment_option: UserPaymentOption { user_payment_option_id: instrument },
        url_details: UrlDetails { notification_url: &nuvei.webhook_url },
        time_stamp: &time,
        checksum: nuvei.signed(&[&withdrawal, &amount, currency, &time]),
    };
    answered(
        answers,
        || nuvei.post("payout", &payout),
        |answer| {
            let Moved { transaction_id, transaction_status } = read(answer)?;
            match transaction_status.to_ascii_uppercase().as_str() {
                "DECLINED" | "ERROR" => Err(unsent("the payout was declined")),
                _ => Ok(TakenPayout { psp_reference: Some(known(transaction_id)?) }),
            }
        },
    )
}

/// Whether the refund went through is told by a notification, too.
pub(super) fn refund(
    nuvei: &Nuvei,
    request: &RefundRequest,
    answers: &[InboundAnswer],
    now: Timestamp,
) -> Result<Step<TakenRefund>, CallFailure> {
    if !is_path_id(&request.psp_reference) {
        return Err(unsent("the payment has no id of Nuvei's form"));
    }
    let reference = request.reference.to_string();
    let (amount, currency) = (decimal::write(request.amount)?, request.amount.currency().code());
    let time = call_time(now);
    let refund = Refund {
        merchant_id: &nuvei.merchant_id,
        merchant_site_id: &nuvei.merchant_site_id,
        client_request_id: &reference,
        client_unique_id: &reference,
        amount: &amount,
        currency,
        related_transaction_id: &request.psp_reference,
        url_details: UrlDetails { notification_url: &nuvei.webhook_url },
        time_stamp: &time,
        checksum: nuvei.signed(&[
            &reference,
            &reference,
            &amount,
            currency,
            &request.psp_reference,
            &nuvei.webhook_url,
            &time,
        ]),
    };
    answered(
        answers,
        || nuvei.post("refundTransaction", &refund),
        |answer| {
            let Moved { transaction_id, transaction_status } = read(answer)?;
            match transaction_status.to_ascii_uppercase().as_str() {
                "DECLINED" | "ERROR" => Err(unsent("the refund was declined")),
                _ => Ok(TakenRefund { psp_reference: Some(known(transaction_id)?), notice: None }),
            }
        },
    )
}

/// The call; or, once it is answered, what the answer comes to.
pub(super) fn answered<T>(
    answers: &[InboundAnswer],
    call: impl FnOnce() -> Result<OutboundCall, CallFailure>,
    read: impl FnOnce(&InboundAnswer) -> Result<T, CallFailure>,
) -> Result<Step<T>, CallFailure> {
    match answers {
        [] => Ok(Step::Call(call()?)),
        [answer, ..] => Ok(Step::Done(read(answer)?)),
    }
}

impl Nuvei {
    /// The checksum of a call: who we are, the fields in Nuvei's order, the secret.
    pub(super) fn signed(&self, fields: &[&str]) -> String {
        let mut values: Vec<&[u8]> = vec![self.merchant_id.as_bytes(), self.merchant_site_id.as_bytes()];
        values.extend(fields.iter().map(|field| field.as_bytes()));
        values.push(&self.our_secret);
        checksum(&values)
    }

    pub(super) fn post(&self, method: &str, body: &impl Serialize) -> Result<OutboundCall, CallFailure> {
        let body = serde_json::to_vec(body).map_err(|_| unsent("the call could not be written"))?;
        Ok(OutboundCall {
            method: Method::POST,
            url: format!("{}/{method}.do", self.api_url),
            headers: BTreeMap::from([("content-type", "application/json".to_owned())]),
            body,
        })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Payout<'a> {
    merchant_id: &'a str,
    merchant_site_id: &'a str,
    client_request_id: &'a str,
    client_unique_id: &'a str,
    user_token_id: &'a str,
    amount: &'a str,
    currency: &'a str,
    user_payment_option: UserPaymentOption<'a>,
    url_details: UrlDetails<'a>,
    time_stamp: &'a str,
    checksum: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserPaymentOption<'a> {
    user_payment_option_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UrlDetails<'a> {
    notification_url: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Refund<'a> {
    merchant_id: &'a str,
    merchant_site_id: &'a str,
    client_request_id: &'a str,
    client_unique_id: &'a str,
    amount: &'a str,
    currency: &'a str,
    related_transaction_id: &'a str,
    url_details: UrlDetails<'a>,
    time_stamp: &'a str,
    checksum: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Moved {
    transaction_id: Option<String>,
    transaction_status: String,
}

/// Whether Nuvei says that it knows nothing of what it was asked about.
pub(super) fn is_unknown(answer: &InboundAnswer) -> bool {
    let envelope: Option<Envelope> = serde_json::from_slice(&answer.body).ok();
    answer.status == 200 && envelope.is_some_and(|it| it.status == "ERROR" && it.err_code == NOT_FOUND)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    status: String,
    #[serde(default)]
    err_code: i64,
}

/// Reads a good answer. Nuvei says in the body what went wrong: only what it found wrong with the request is a
/// refusal. A repeat is found wrong, too, so that whoever moves money asks what became of the first.
pub(super) fn read<T: DeserializeOwned>(answer: &InboundAnswer) -> Result<T, CallFailure> {
    let strange = || unclear(&format!("HTTP {} without the fields", answer.status));
    if answer.status != 200 {
        return Err(strange());
    }
    let Envelope { status, err_code } = serde_json::from_slice(&answer.body).map_err(|_| strange())?;
    match status.as_str() {
        "SUCCESS" => serde_json::from_slice(&answer.body).map_err(|_| strange()),
        "ERROR" if REFUSALS.contains(&err_code) => Err(unsent(&format!("error code {err_code}"))),
        _ => Err(unclear(&format!("error code {err_code}"))),
    }
}

pub(super) fn known(id: Option<String>) -> Result<String, CallFailure> {
    id.filter(|id| is_plain_id(id)).ok_or_else(|| unclear("the transaction has no id"))
}

pub(super) fn unsent(reason: &str) -> CallFailure {
    CallFailure::Refused(reason.to_owned())
}

pub(super) fn unclear(reason: &str) -> CallFailure {
    CallFailure::Unclear(reason.to_owned())
}
