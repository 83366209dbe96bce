//! Our calls to __Name__, each signed. Those that move money carry our own reference as their idempotency key: __Name__
//! takes a repeat for what it has already, and is asked about it by that reference.

use std::collections::BTreeMap;

use http::Method;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{__Name__, SIGNATURE_HEADER, event, sign};
use crate::call::{
    CallFailure, InboundAnswer, Malformed, OutboundCall, endpoint, is_path_id, is_plain_id, web_url,
};
use crate::conversation::{Step, refused, unclear};
use crate::payments::{
    Destination, PaymentNotice, PaymentPage, PaymentRequest, PayoutRequest, RefundRequest, Subject,
    TakenPayout, TakenRefund, decimal,
};

const IDEMPOTENCY_HEADER: &str = "idempotency-key";

/// A payment is opened, and the player sent to its page.
pub(super) fn open_payment(
    __name__: &__Name__,
    request: &PaymentRequest,
    answers: &[InboundAnswer],
) -> Result<Step<PaymentPage>, CallFailure> {
    let Some(answer) = answers.first() else {
        let reference = request.deposit.to_string();
        let payment = NewPayment {
            reference: &reference,
            player_id: request.player.to_string(),
            amount: decimal::write(request.amount)?,
            currency: request.amount.currency().code(),
            return_url: &request.return_url,
            expires_at: request.expires_at.to_string(),
        };
        return order(__name__, "/payments", &reference, &payment);
    };
    let Opened { id, url } = read(answer)?;
    web_url(&url).ok_or_else(|| unclear("the page has no address"))?;
    Ok(Step::Done(PaymentPage { redirect_url: url, psp_reference: known(id)? }))
}

/// Money goes to an account that __Name__ knows, or to one by its number.
pub(super) fn pay_out(
    __name__: &__Name__,
    request: &PayoutRequest,
    answers: &[InboundAnswer],
) -> Result<Step<TakenPayout>, CallFailure> {
    let Some(answer) = answers.first() else {
        let reference = request.reference.to_string();
        let payout = NewPayout {
            reference: &reference,
            amount: decimal::write(request.amount)?,
            currency: request.amount.currency().code(),
            to: match &request.destination {
                Destination::BankAccount { holder, iban } => Account::Iban { holder, iban },
                Destination::Instrument { token, .. } => Account::Known { token },
            },
        };
        return order(__name__, "/payouts", &reference, &payout);
    };
    let Taken { id } = read(answer)?;
    Ok(Step::Done(TakenPayout { psp_reference: Some(known(id)?) }))
}

/// Money of a payment goes back the way it came.
pub(super) fn refund(
    __name__: &__Name__,
    request: &RefundRequest,
    answers: &[InboundAnswer],
) -> Result<Step<TakenRefund>, CallFailure> {
    let Some(answer) = answers.first() else {
        let reference = request.reference.to_string();
        let refund = NewRefund {
            reference: &reference,
            payment_id: &request.psp_reference,
            amount: decimal::write(request.amount)?,
            currency: request.amount.currency().code(),
        };
        return order(__name__, "/refunds", &reference, &refund);
    };
    let Taken { id } = read(answer)?;
    Ok(Step::Done(TakenRefund { psp_reference: Some(known(id)?), notice: None }))
}

/// The newest event of something, by our own reference; none if __Name__ does not know it.
pub(super) fn look_up(
    __name__: &__Name__,
    subject: &Subject,
    answers: &[InboundAnswer],
) -> Result<Step<Vec<PaymentNotice>>, CallFailure> {
    let (what, reference) = match subject {
        Subject::Payment { reference, .. } => ("payments", reference),
        Subject::Payout { reference, .. } => ("payouts", reference),
        Subject::Refund { reference, .. } => ("refunds", reference),
    };
    if !is_path_id(reference) {
        return Err(refused("__Name__ is asked by our own references"));
    }
    let Some(answer) = answers.first() else {
        return signed(__name__, Method::GET, &format!("/{what}/{reference}"), "", Vec::new()).map(Step::Call);
    };
    match answer.status {
        404 => Ok(Step::Done(Vec::new())),
        200 => {
            let told = event::read(&answer.body).map_err(|Malformed(what)| unclear(what))?;
            let is_it = told.reference == *reference;
            if is_it { Ok(Step::Done(vec![told])) } else { Err(unclear("it is about something else")) }
        }
        status => Err(unclear(&format!("HTTP {status}"))),
    }
}

fn order<T>(
    __name__: &__Name__,
    path: &str,
    reference: &str,
    body: &impl Serialize,
) -> Result<Step<T>, CallFailure> {
    let body = serde_json::to_vec(body).map_err(|_| refused("the call could not be written"))?;
    let mut call = signed(__name__, Method::POST, path, reference, body)?;
    call.headers.insert(IDEMPOTENCY_HEADER, reference.to_owned());
    Ok(Step::Call(call))
}

/// Method, path, idempotency key and body are signed, so that no call can be put in another's place.
fn signed(
    __name__: &__Name__,
    method: Method,
    path: &str,
    reference: &str,
    body: Vec<u8>,
) -> Result<OutboundCall, CallFailure> {
    let url = endpoint(&__name__.base_url, path).ok_or_else(|| refused("the address is none"))?;
    let message = [format!("{method} {path} {reference}\n").as_bytes(), &body].concat();
    let headers = BTreeMap::from([
        ("content-type", "application/json".to_owned()),
        (SIGNATURE_HEADER, sign(&message, &__name__.our_secret)),
    ]);
    Ok(OutboundCall { method, url: url.into(), headers, body })
}

/// Only what __Name__ found wrong with the request itself is a refusal: after anything else it may have acted.
fn read<T: DeserializeOwned>(answer: &InboundAnswer) -> Result<T, CallFailure> {
    match answer.status {
        200..=299 => {
            serde_json::from_slice(&answer.body).map_err(|_| unclear("the answer is not as expected"))
        }
        400 | 422 => Err(refused(&format!("HTTP {}", answer.status))),
        status => Err(unclear(&format!("HTTP {status}"))),
    }
}

fn known(id: String) -> Result<String, CallFailure> {
    if is_plain_id(&id) { Ok(id) } else { Err(unclear("the answer has no id")) }
}

#[derive(Serialize)]
struct NewPayment<'a> {
    reference: &'a str,
    player_id: String,
    amount: String,
    currency: &'static str,
    return_url: &'a str,
    expires_at: String,
}

#[derive(Serialize)]
struct NewPayout<'a> {
    reference: &'a str,
    amount: String,
    currency: &'static str,
    to: Account<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Account<'a> {
    Iban { holder: &'a str, iban: &'a str },
    Known { token: &'a str },
}

#[derive(Serialize)]
struct NewRefund<'a> {
    reference: &'a str,
    payment_id: &'a str,
    amount: String,
    currency: &'static str,
}

#[derive(Deserialize)]
struct Opened {
    id: String,
    url: String,
}

#[derive(Deserialize)]
struct Taken {
    id: String,
}
