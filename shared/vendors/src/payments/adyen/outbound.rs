//! Our calls to Adyen that move money: payment links and refunds (Checkout API), bank transfers (Transfers API).

use std::collections::BTreeMap;

use deunicode::deunicode;
use domain::cashier::InstrumentKind;
use domain::{Money, Timestamp};
use http::Method;
use serde::{Deserialize, Serialize};

use super::{Adyen, Amount, Endpoint};
use crate::call::{CallFailure, InboundAnswer, OutboundCall, endpoint, is_path_id, is_plain_id, web_url};
use crate::conversation::Step;
use crate::payments::{
    Destination, PaymentPage, PaymentRequest, PayoutRequest, RefundRequest, TakenPayout, TakenRefund,
};

pub(super) const LINKS_PATH: &str = "/v71/paymentLinks";
const PAYMENTS_PATH: &str = "/v71/payments";
pub(super) const TRANSFERS_PATH: &str = "/btl/v4/transfers";

/// Adyen's word for cards of all schemes.
const CARDS: &str = "scheme";

/// Adyen's word for a request that is still at work under the same idempotency key.
const STILL_AT_WORK: &str = "704";

pub(super) fn open_payment(
    adyen: &Adyen,
    request: &PaymentRequest,
    answers: &[InboundAnswer],
) -> Result<Step<PaymentPage>, CallFailure> {
    if let Some(answer) = answers.first() {
        return Ok(Step::Done(payment_page(answer)?));
    }
    let link = PaymentLink {
        amount: amount(request.amount)?,
        merchant_account: &adyen.merchant_account,
        reference: request.deposit.to_string(),
        return_url: &request.return_url,
        shopper_reference: request.player.to_string(),
        expires_at: whole_seconds(request.expires_at),
        allowed_payment_methods: (request.kind == InstrumentKind::Card).then_some([CARDS]),
        // The card is kept at Adyen's side, so that money can go back to it.
        store_payment_method_mode: "enabled",
        recurring_processing_model: "CardOnFile",
    };
    post(&adyen.checkout, LINKS_PATH, &request.deposit.to_string(), &link)
}

fn payment_page(answer: &InboundAnswer) -> Result<PaymentPage, CallFailure> {
    let OpenedLink { id, url } = read(answer)?;
    if !is_plain_id(&id) || web_url(&url).is_none() {
        return Err(CallFailure::Unclear("the payment link is none".to_owned()));
    }
    Ok(PaymentPage { redirect_url: url, psp_reference: id })
}

pub(super) fn pay_out(
    adyen: &Adyen,
    request: &PayoutRequest,
    answers: &[InboundAnswer],
) -> Result<Step<TakenPayout>, CallFailure> {
    if let Some(answer) = answers.first() {
        return Ok(Step::Done(payout_taken(answer)?));
    }
    let (category, counterparty) = counterparty(request)?;
    let from = adyen.balance_account.as_deref().ok_or_else(|| unsent("no balance account is configured"))?;
    let transfer = Transfer {
        amount: amount(request.amount)?,
        balance_account_id: from,
        category,
        counterparty,
        priority: matches!(request.destination, Destination::BankAccount { .. }).then_some("regular"),
        reference: request.reference.to_string(),
    };
    post(&adyen.transfers, TRANSFERS_PATH, &request.reference.to_string(), &transfer)
}

/// A bank account by its number, a card by the token that Adyen keeps of it for the player.
fn counterparty(request: &PayoutRequest) -> Result<(&'static str, Counterparty<'_>), CallFailure> {
    match &request.destination {
        Destination::BankAccount { holder, iban } => {
            let account_holder = AccountHolder { full_name: plain(holder, is_of_account)? };
            let account_identification = AccountIdentification { r#type: "iban", iban };
            Ok(("bank", Counterparty::BankAccount(BankAccount { account_holder, account_identification })))
        }
        Destination::Instrument { token, holder: Some(holder) } if is_path_id(token) => {
            let card_holder = CardHolder {
                first_name: plain(&holder.first_name, is_of_card)?,
                last_name: plain(&holder.last_name, is_of_card)?,
                reference: request.player.to_string(),
                r#type: "individual",
            };
            let card_identification = CardIdentification { stored_payment_method_id: token };
            Ok(("card", Counterparty::Card(Card { card_holder, card_identification })))
        }
        Destination::Instrument { .. } => Err(unsent("Adyen must be told which card, and whose it is")),
    }
}

/// A name in the plain letters that Adyen takes, as banks write it.
fn plain(name: &str, is_taken: fn(char) -> bool) -> Result<String, CallFailure> {
    let name: String = deunicode(name).chars().filter(|it| is_taken(*it)).collect();
    let name = name.trim();
    if name.is_empty() {
        Err(unsent("the holder's name has no letters for Adyen"))
    } else {
        Ok(name.to_owned())
    }
}

const fn is_of_card(letter: char) -> bool {
    letter.is_ascii_alphabetic() || matches!(letter, '-' | '.' | '/' | ' ')
}

const fn is_of_account(letter: char) -> bool {
    is_of_card(letter) || letter.is_ascii_digit() || matches!(letter, ',' | '&' | '(' | ')' | '\'')
}

/// The refund has a reference of its own, which the notifications that follow repeat.
pub(super) fn refund(
    adyen: &Adyen,
    request: &RefundRequest,
    answers: &[InboundAnswer],
) -> Result<Step<TakenRefund>, CallFailure> {
    if let Some(answer) = answers.first() {
        let MadeRefund { psp_reference } = read(answer)?;
        let known = is_plain_id(&psp_reference);
        let taken = known.then_some(TakenRefund { psp_reference: Some(psp_reference), notice: None });
        return taken.map(Step::Done).ok_or_else(|| CallFailure::Unclear("the refund has no id".to_owned()));
    }
    if !is_path_id(&request.psp_reference) {
        return Err(unsent("the payment has no id of Adyen's form"));
    }
    let refund = Refund {
        amount: amount(request.amount)?,
        merchant_account: &adyen.merchant_account,
        reference: request.reference.to_string(),
    };
    let path = format!("{PAYMENTS_PATH}/{}/refunds", request.psp_reference);
    post(&adyen.checkout, &path, &request.reference.to_string(), &refund)
}

/// A transfer that Adyen made a record of and turned down at once is refused, whatever the HTTP status says.
fn payout_taken(answer: &InboundAnswer) -> Result<TakenPayout, CallFailure> {
    let MadeTransfer { id, status } = read(answer)?;
    match status.as_str() {
        "refused" | "failed" => Err(CallFailure::Refused(format!("the transfer was {status}"))),
        _ if is_plain_id(&id) => Ok(TakenPayout { psp_reference: Some(id) }),
        _ => Err(CallFailure::Unclear("the transfer has no id".to_owned())),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PaymentLink<'a> {
    amount: Amount,
    merchant_account: &'a str,
    reference: String,
    return_url: &'a str,
    shopper_reference: String,
    expires_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed_payment_methods: Option<[&'static str; 1]>,
    store_payment_method_mode: &'static str,
    recurring_processing_model: &'static str,
}

#[derive(Deserialize)]
struct OpenedLink {
    id: String,
    url: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Transfer<'a> {
    amount: Amount,
    balance_account_id: &'a str,
    category: &'static str,
    counterparty: Counterparty<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<&'static str>,
    reference: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Counterparty<'a> {
    BankAccount(BankAccount<'a>),
    Card(Card<'a>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Card<'a> {
    card_holder: CardHolder,
    card_identification: CardIdentification<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CardHolder {
    first_name: String,
    last_name: String,
    /// Who the token is kept for.
    reference: String,
    r#type: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CardIdentification<'a> {
    stored_payment_method_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BankAccount<'a> {
    account_holder: AccountHolder,
    account_identification: AccountIdentification<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AccountHolder {
    full_name: String,
}

#[derive(Serialize)]
struct AccountIdentification<'a> {
    r#type: &'static str,
    iban: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Refund<'a> {
    amount: Amount,
    merchant_account: &'a str,
    reference: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MadeRefund {
    psp_reference: String,
}

#[derive(Deserialize)]
struct MadeTransfer {
    id: String,
    status: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Problem {
    error_code: String,
}

/// The idempotency key is our own id, for ever: however often it is sent, Adyen acts once.
fn post<T>(endpoint: &Endpoint, path: &str, id: &str, body: &impl Serialize) -> Result<Step<T>, CallFailure> {
    let headers = BTreeMap::from([
        ("content-type", "application/json".to_owned()),
        ("idempotency-key", id.to_owned()),
        ("x-api-key", endpoint.api_key.clone()),
    ]);
    let body = serde_json::to_vec(body).map_err(|_| unsent("the call could not be written"))?;
    Ok(Step::Call(OutboundCall { method: Method::POST, url: endpoint.url(path)?, headers, body }))
}

/// Only what Adyen found wrong with the request itself is a refusal. A key it does not accept or a time-out is
/// our trouble or its own: the same call may go through later.
pub(super) fn read<'a, T: Deserialize<'a>>(answer: &'a InboundAnswer) -> Result<T, CallFailure> {
    if (200..300).contains(&answer.status) {
        return serde_json::from_slice(&answer.body)
            .map_err(|_| CallFailure::Unclear(format!("HTTP {} without the fields", answer.status)));
    }
    let Problem { error_code } = serde_json::from_slice(&answer.body).unwrap_or_default();
    let shown = if is_plain_id(&error_code) { error_code.as_str() } else { "none" };
    let reason = format!("HTTP {}, error code {shown}", answer.status);
    match answer.status {
        400 | 422 if error_code != STILL_AT_WORK => Err(CallFailure::Refused(reason)),
        _ => Err(CallFailure::Unclear(reason)),
    }
}

fn amount(money: Money) -> Result<Amount, CallFailure> {
    if !money.is_positive() {
        return Err(unsent("the amount is not above zero"));
    }
    Amount::of(money).map_err(|_| unsent("Adyen cannot express the amount"))
}

fn whole_seconds(time: Timestamp) -> String {
    Timestamp::from_second(time.as_second()).unwrap_or(time).to_string()
}

impl Endpoint {
    pub(super) fn url(&self, path: &str) -> Result<String, CallFailure> {
        let url = endpoint(self.base.as_str(), path).ok_or_else(|| unsent("the address is none"))?;
        Ok(url.to_string())
    }
}

pub(super) fn unsent(reason: &str) -> CallFailure {
    CallFailure::Refused(reason.to_owned())
}
