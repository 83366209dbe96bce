//! Transfers to bank accounts and cards: taken on at once, booked a moment later. An IBAN or a card's token that ends in
//! 0000 is one that the bank refuses.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use vendors::payments::adyen::Amount;
use vendors::payments::adyen::transfer::{PROTOCOL, PROTOCOL_HEADER, SIGNATURE_HEADER, sign_body};

use super::{Refusal, Sandbox, check_amount, check_api_key, fresh_reference, idempotency_key, read};
use crate::sandbox::delivery::Webhook;

/// How long a bank takes here.
pub(super) const A_MOMENT: Duration = Duration::from_millis(1_500);
const REFUSED_ENDS: &str = "0000";

/// The ids of what was asked for, by idempotency key.
#[derive(Default)]
pub(super) struct Once(Mutex<HashMap<String, String>>);

/// The transfers that were asked for, and how far each is.
#[derive(Default)]
pub(super) struct Transfers {
    once: Once,
    newest: Mutex<HashMap<String, Value>>,
}

/// What the platform asks for when a player is to be paid.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    amount: Amount,
    balance_account_id: String,
    category: String,
    counterparty: Counterparty,
    reference: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Counterparty {
    BankAccount(BankAccount),
    Card(Card),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Card {
    card_holder: CardHolder,
    card_identification: CardIdentification,
}

/// Adyen must be told whose card it is, in plain letters.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CardHolder {
    first_name: String,
    last_name: String,
    reference: String,
    r#type: String,
}

impl CardHolder {
    fn is_somebody(&self) -> bool {
        let is_plain = |name: &String| {
            let is_taken = |it: char| it.is_ascii_alphabetic() || matches!(it, '-' | '.' | '/' | ' ');
            !name.is_empty() && name.chars().all(is_taken)
        };
        is_plain(&self.first_name)
            && is_plain(&self.last_name)
            && !self.reference.is_empty()
            && self.r#type == "individual"
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CardIdentification {
    stored_payment_method_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BankAccount {
    account_identification: AccountIdentification,
}

#[derive(Deserialize)]
struct AccountIdentification {
    iban: String,
}

pub(super) async fn make(
    State(sandbox): State<Arc<Sandbox>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let settings = &sandbox.config.settings;
    check_api_key(&headers, settings.transfer_api_key.as_ref().unwrap_or(&settings.api_key))?;
    let asked: Asked = read(&body)?;
    check_amount(&asked.amount)?;
    let known = settings.balance_account.as_ref() == Some(&asked.balance_account_id);
    if !known || asked.category != asked.counterparty.category() {
        return Err(Refusal(StatusCode::UNPROCESSABLE_ENTITY, "30_081", "there is no such balance account"));
    }
    if !asked.counterparty.is_known() {
        return Err(Refusal(StatusCode::UNPROCESSABLE_ENTITY, "30_080", "the holder is nobody"));
    }
    let (id, is_new) = sandbox.transfers.once.take_on(idempotency_key(&headers));
    let taken = data(&id, &asked, "received", 1);
    if is_new {
        sandbox.transfers.keep(&id, &taken);
        tokio::spawn(book(sandbox.clone(), id, asked));
    }
    Ok((StatusCode::ACCEPTED, Json(taken)).into_response())
}

pub(super) async fn tell(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let settings = &sandbox.config.settings;
    check_api_key(&headers, settings.transfer_api_key.as_ref().unwrap_or(&settings.api_key))?;
    let known = sandbox.transfers.newest.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
    known.map(Json).ok_or(Refusal(StatusCode::NOT_FOUND, "30_112", "there is no such transfer"))
}

async fn book(sandbox: Arc<Sandbox>, id: String, asked: Asked) {
    tokio::time::sleep(A_MOMENT).await;
    let refused = asked.counterparty.number().trim_end().ends_with(REFUSED_ENDS);
    let status = if refused { "failed" } else { "booked" };
    let data = data(&id, &asked, status, 2);
    sandbox.transfers.keep(&id, &data);
    let told = json!({
        "data": data,
        "environment": if sandbox.config.settings.live { "live" } else { "test" },
        "timestamp": crate::clock::now().to_string(),
        "type": "balancePlatform.transfer.updated",
    });
    let body = told.to_string().into_bytes();
    let signature = sign_body(&body, &sandbox.config.transfer_key);
    let headers = vec![(SIGNATURE_HEADER, signature), (PROTOCOL_HEADER, PROTOCOL.to_owned())];
    sandbox.courier.deliver(Webhook { headers, body }).await;
}

fn data(id: &str, asked: &Asked, status: &str, sequence_number: u64) -> Value {
    json!({
        "id": id,
        "reference": asked.reference,
        "status": status,
        "category": asked.category,
        "direction": "outgoing",
        "amount": asked.amount,
        "sequenceNumber": sequence_number,
    })
}

impl Counterparty {
    const fn category(&self) -> &'static str {
        match self {
            Self::BankAccount(_) => "bank",
            Self::Card(_) => "card",
        }
    }

    fn is_known(&self) -> bool {
        match self {
            Self::BankAccount(_) => true,
            Self::Card(card) => card.card_holder.is_somebody(),
        }
    }

    fn number(&self) -> &str {
        match self {
            Self::BankAccount(account) => &account.account_identification.iban,
            Self::Card(card) => &card.card_identification.stored_payment_method_id,
        }
    }
}

impl Transfers {
    fn keep(&self, id: &str, data: &Value) {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), data.clone());
    }
}

impl Once {
    /// A fresh id, or the one that the idempotency key had before. Tells whether it is new.
    pub(super) fn take_on(&self, key: Option<String>) -> (String, bool) {
        let fresh = fresh_reference();
        let Some(key) = key else { return (fresh, true) };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let id = known.entry(key).or_insert_with(|| fresh.clone()).clone();
        let is_new = id == fresh;
        (id, is_new)
    }
}
