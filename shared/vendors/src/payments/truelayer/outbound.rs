//! Our calls to `TrueLayer`: first for an access token, then, signed, for what we want.

use std::collections::BTreeMap;

use domain::Money;
use http::Method;
use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;

use super::TrueLayer;
use crate::call::{CallFailure, InboundAnswer, OutboundCall, endpoint, is_path_id};
use crate::conversation::Step;
use crate::payments::{
    Destination, PaymentPage, PaymentRequest, PayoutRequest, RefundRequest, TakenPayout, TakenRefund,
};

/// What the banks let us write on a statement.
const LONGEST_STATEMENT: usize = 18;

pub(super) fn open_payment(
    truelayer: &TrueLayer,
    request: &PaymentRequest,
    answers: &[InboundAnswer],
) -> Result<Step<PaymentPage>, CallFailure> {
    let payer = request.payer.as_ref().ok_or_else(|| unsent("TrueLayer must be told who pays"))?;
    let reference = request.deposit.to_string();
    let merchant_account_id = truelayer.merchant_account(request.amount)?;
    let payment = NewPayment {
        amount_in_minor: minor(request.amount)?,
        currency: request.amount.currency().code(),
        payment_method: PaymentMethod {
            r#type: "bank_transfer",
            provider_selection: ProviderSelection { r#type: "user_selected" },
            beneficiary: PaidInto {
                r#type: "merchant_account",
                merchant_account_id,
                account_holder_name: &truelayer.merchant_name,
            },
        },
        user: User {
            // A player is one user for ever, whose accounts payouts can go to.
            id: Uuid::from_u128(request.player.ulid().0).hyphenated().to_string(),
            name: format!("{} {}", payer.first_name.trim(), payer.last_name.trim()),
            email: &payer.email,
        },
        metadata: Metadata { reference: &reference },
    };
    exchange(
        truelayer,
        answers,
        |token| post(truelayer, token, "/v3/payments", &reference, &payment),
        |answer| {
            let Opened { id, resource_token } = read(answer)?;
            let known = is_path_id(&id) && !resource_token.is_empty();
            let page = known.then(|| page(truelayer, &id, &resource_token, &request.return_url));
            let redirect_url = page.ok_or_else(|| unclear("the payment has no page"))?;
            Ok(PaymentPage { redirect_url, psp_reference: id })
        },
    )
}

pub(super) fn pay_out(
    truelayer: &TrueLayer,
    request: &PayoutRequest,
    answers: &[InboundAnswer],
) -> Result<Step<TakenPayout>, CallFailure> {
    let reference = request.reference.to_string();
    let statement: String =
        request.reference.withdrawal.ulid().to_string().chars().take(LONGEST_STATEMENT).collect();
    let payout = Payout {
        merchant_account_id: truelayer.merchant_account(request.amount)?,
        amount_in_minor: minor(request.amount)?,
        currency: request.amount.currency().code(),
        beneficiary: beneficiary(&request.destination, &statement)?,
        metadata: Metadata { reference: &reference },
    };
    exchange(
        truelayer,
        answers,
        |token| post(truelayer, token, "/v3/payouts", &reference, &payout),
        |answer| Ok(TakenPayout { psp_reference: Some(made(answer)?) }),
    )
}

pub(super) fn refund(
    truelayer: &TrueLayer,
    request: &RefundRequest,
    answers: &[InboundAnswer],
) -> Result<Step<TakenRefund>, CallFailure> {
    if !is_path_id(&request.psp_reference) {
        return Err(unsent("the payment has no id of TrueLayer's form"));
    }
    let reference = request.reference.to_string();
    let deposit = request.reference.deposit.ulid();
    let statement: String = deposit.to_string().chars().take(LONGEST_STATEMENT).collect();
    let refund = Refund {
        amount_in_minor: minor(request.amount)?,
        reference: &statement,
        metadata: Metadata { reference: &reference },
    };
    let path = format!("/v3/payments/{}/refunds", request.psp_reference);
    exchange(
        truelayer,
        answers,
        |token| post(truelayer, token, &path, &reference, &refund),
        |answer| Ok(TakenRefund { psp_reference: Some(made(answer)?), notice: None }),
    )
}

impl TrueLayer {
    /// Our account for an amount's currency. Where there is none the provider serves no such money.
    fn merchant_account(&self, amount: Money) -> Result<&str, CallFailure> {
        let account = self.merchant_accounts.of(amount.currency());
        account.ok_or_else(|| unsent("there is no merchant account of this currency"))
    }
}

/// A token first, then the call, then its answer.
pub(super) fn exchange<T>(
    truelayer: &TrueLayer,
    answers: &[InboundAnswer],
    call: impl FnOnce(&str) -> Result<OutboundCall, CallFailure>,
    result: impl FnOnce(&InboundAnswer) -> Result<T, CallFailure>,
) -> Result<Step<T>, CallFailure> {
    match answers {
        [] => Ok(Step::Call(token_call(truelayer))),
        [token] => Ok(Step::Call(call(&access_token(token)?)?)),
        [_, answer, ..] => Ok(Step::Done(result(answer)?)),
    }
}

/// A question. `TrueLayer` wants no signature on it.
pub(super) fn get(truelayer: &TrueLayer, token: &str, path: &str) -> Result<OutboundCall, CallFailure> {
    let url = url(truelayer, path)?;
    let headers = BTreeMap::from([("authorization", format!("Bearer {token}"))]);
    Ok(OutboundCall { method: Method::GET, url: url.to_string(), headers, body: Vec::new() })
}

/// The idempotency key is our own id, for ever, and is signed.
fn post(
    truelayer: &TrueLayer,
    token: &str,
    path: &str,
    id: &str,
    body: &impl Serialize,
) -> Result<OutboundCall, CallFailure> {
    let url = url(truelayer, path)?;
    let body = serde_json::to_vec(body).map_err(|_| unsent("the call could not be written"))?;
    let signature = truelayer.signer.sign("POST", url.path(), &[("Idempotency-Key", id)], &body, None);
    let headers = BTreeMap::from([
        ("authorization", format!("Bearer {token}")),
        ("content-type", "application/json; charset=utf-8".to_owned()),
        ("idempotency-key", id.to_owned()),
        ("tl-signature", signature.ok_or_else(|| unsent("the call could not be signed"))?),
    ]);
    Ok(OutboundCall { method: Method::POST, url: url.to_string(), headers, body })
}

fn token_call(truelayer: &TrueLayer) -> OutboundCall {
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "client_credentials")
        .append_pair("client_id", &truelayer.client_id)
        .append_pair("client_secret", &truelayer.client_secret)
        .append_pair("scope", "payments")
        .finish();
    OutboundCall {
        method: Method::POST,
        url: truelayer.token_url.to_string(),
        headers: BTreeMap::from([("content-type", "application/x-www-form-urlencoded".to_owned())]),
        body: body.into_bytes(),
    }
}

/// Without a token nothing was asked for yet: that is our trouble or theirs, never a refusal.
pub(super) fn access_token(answer: &InboundAnswer) -> Result<String, CallFailure> {
    let token = serde_json::from_slice(&answer.body).ok().map(|Token { access_token }| access_token);
    token
        .filter(|token| answer.status == 200 && crate::call::is_header_text(token))
        .ok_or_else(|| unclear(&format!("HTTP {} without an access token", answer.status)))
}

/// The page's address. What it needs stands behind the fragment mark, so that no server's log has it.
fn page(truelayer: &TrueLayer, id: &str, resource_token: &str, return_url: &str) -> String {
    let fragment = form_urlencoded::Serializer::new(String::new())
        .append_pair("payment_id", id)
        .append_pair("resource_token", resource_token)
        .append_pair("return_uri", return_url)
        .finish();
    let mut page = truelayer.pages_url.clone();
    page.set_fragment(Some(&fragment));
    page.to_string()
}

fn beneficiary<'a>(destination: &'a Destination, statement: &'a str) -> Result<Beneficiary<'a>, CallFailure> {
    match destination {
        Destination::Instrument { token, .. } => {
            let (user_id, payment_source_id) = token
                .split_once('/')
                .filter(|(user, source)| is_path_id(user) && is_path_id(source))
                .ok_or_else(|| unsent("the instrument is none of TrueLayer's"))?;
            Ok(Beneficiary::PaymentSource { payment_source_id, user_id, reference: statement })
        }
        Destination::BankAccount { holder, iban } => Ok(Beneficiary::ExternalAccount {
            account_holder_name: holder,
            account_identifier: AccountIdentifier { r#type: "iban", iban },
            reference: statement,
        }),
    }
}

#[derive(Serialize)]
struct NewPayment<'a> {
    amount_in_minor: i64,
    currency: &'a str,
    payment_method: PaymentMethod<'a>,
    user: User<'a>,
    metadata: Metadata<'a>,
}

#[derive(Serialize)]
struct PaymentMethod<'a> {
    r#type: &'static str,
    provider_selection: ProviderSelection,
    beneficiary: PaidInto<'a>,
}

#[derive(Serialize)]
struct ProviderSelection {
    r#type: &'static str,
}

#[derive(Serialize)]
struct PaidInto<'a> {
    r#type: &'static str,
    merchant_account_id: &'a str,
    account_holder_name: &'a str,
}

#[derive(Serialize)]
struct User<'a> {
    id: String,
    name: String,
    email: &'a str,
}

#[derive(Serialize)]
struct Metadata<'a> {
    reference: &'a str,
}

#[derive(Serialize)]
struct Payout<'a> {
    merchant_account_id: &'a str,
    amount_in_minor: i64,
    currency: &'a str,
    beneficiary: Beneficiary<'a>,
    metadata: Metadata<'a>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Beneficiary<'a> {
    PaymentSource {
        payment_source_id: &'a str,
        user_id: &'a str,
        reference: &'a str,
    },
    ExternalAccount {
        account_holder_name: &'a str,
        account_identifier: AccountIdentifier<'a>,
        reference: &'a str,
    },
}

#[derive(Serialize)]
struct AccountIdentifier<'a> {
    r#type: &'static str,
    iban: &'a str,
}

#[derive(Serialize)]
struct Refund<'a> {
    amount_in_minor: i64,
    reference: &'a str,
    metadata: Metadata<'a>,
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
}

#[derive(Deserialize)]
struct Opened {
    id: String,
    resource_token: String,
}

#[derive(Deserialize)]
struct Made {
    id: String,
}

fn made(answer: &InboundAnswer) -> Result<String, CallFailure> {
    let Made { id } = read(answer)?;
    if is_path_id(&id) { Ok(id) } else { Err(unclear("the answer has no id")) }
}

/// Only what `TrueLayer` found wrong with the request itself is a refusal.
fn read<'a, T: Deserialize<'a>>(answer: &'a InboundAnswer) -> Result<T, CallFailure> {
    match answer.status {
        200..=299 => serde_json::from_slice(&answer.body)
            .map_err(|_| unclear(&format!("HTTP {} without the fields", answer.status))),
        400 | 422 => Err(unsent(&format!("HTTP {}", answer.status))),
        status => Err(unclear(&format!("HTTP {status}"))),
    }
}

fn url(truelayer: &TrueLayer, path: &str) -> Result<Url, CallFailure> {
    endpoint(truelayer.base_url.as_str(), path).ok_or_else(|| unsent("the address is none"))
}

fn minor(money: Money) -> Result<i64, CallFailure> {
    let minor = money.to_minor(money.currency().places()).ok().filter(|minor| *minor > 0);
    minor.ok_or_else(|| unsent("the amount cannot be paid in its currency"))
}

pub(super) fn unsent(reason: &str) -> CallFailure {
    CallFailure::Refused(reason.to_owned())
}

pub(super) fn unclear(reason: &str) -> CallFailure {
    CallFailure::Unclear(reason.to_owned())
}
