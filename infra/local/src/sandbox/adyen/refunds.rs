//! Refunds: taken on at once, told of a moment later. One to a card that takes no money back fails another moment
//! later.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::json;
use vendors::payments::adyen::Amount;
use vendors::payments::adyen::notification::Item;

use super::transfers::{A_MOMENT, Once};
use super::{Refusal, Sandbox, check_amount, check_api_key, idempotency_key, read};
use crate::sandbox::delivery::Webhook;

/// The refunds that were asked for, and the payments whose cards take no money back.
#[derive(Default)]
pub(super) struct Refunds {
    once: Once,
    closed: Mutex<HashSet<String>>,
}

/// What the platform asks for when money is to go back.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    amount: Amount,
    merchant_account: String,
    reference: String,
}

pub(super) async fn make(
    State(sandbox): State<Arc<Sandbox>>,
    Path(payment): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    check_api_key(&headers, &sandbox.config.settings.api_key)?;
    let asked: Asked = read(&body)?;
    check_amount(&asked.amount)?;
    if asked.merchant_account != sandbox.config.settings.merchant_account {
        return Err(Refusal(StatusCode::FORBIDDEN, "901", "invalid merchant account"));
    }
    let (id, is_new) = sandbox.refunds.once.take_on(idempotency_key(&headers));
    let answer = json!({
        "pspReference": id, "paymentPspReference": payment, "status": "received",
        "merchantAccount": asked.merchant_account, "amount": asked.amount, "reference": asked.reference,
    });
    if is_new {
        tokio::spawn(tell(sandbox.clone(), id, payment, asked));
    }
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

async fn tell(sandbox: Arc<Sandbox>, id: String, payment: String, asked: Asked) {
    let mut events = vec!["REFUND"];
    if sandbox.refunds.is_refused(&payment) {
        events.push("REFUND_FAILED");
    }
    for event_code in events {
        tokio::time::sleep(A_MOMENT).await;
        let webhook = told(&sandbox, event_code, (&id, &payment), asked.clone());
        sandbox.courier.deliver(webhook).await;
    }
}

fn told(sandbox: &Sandbox, event_code: &str, (id, payment): (&str, &str), asked: Asked) -> Webhook {
    sandbox.signed(Item {
        psp_reference: Some(id.to_owned()),
        original_reference: Some(payment.to_owned()),
        merchant_account_code: Some(asked.merchant_account),
        merchant_reference: Some(asked.reference),
        amount: Some(asked.amount),
        event_code: Some(event_code.to_owned()),
        event_date: Some(crate::clock::now().to_string()),
        success: Some("true".to_owned()),
        ..Item::default()
    })
}

impl Refunds {
    /// Notes that a payment's card takes no money back.
    pub(super) fn refuse(&self, payment: &str) {
        self.closed.lock().unwrap_or_else(PoisonError::into_inner).insert(payment.to_owned());
    }

    fn is_refused(&self, payment: &str) -> bool {
        self.closed.lock().unwrap_or_else(PoisonError::into_inner).contains(payment)
    }
}
