//! Refunds: taken on at once, told of a moment later.

use std::sync::Arc;

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

use super::transfers::A_MOMENT;
use super::{Refusal, Sandbox, check_amount, check_api_key, idempotency_key, read};

/// What the platform asks for when money is to go back.
#[derive(Deserialize)]
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
    let (id, is_new) = sandbox.refunds.take_on(idempotency_key(&headers));
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
    tokio::time::sleep(A_MOMENT).await;
    let webhook = sandbox.signed(Item {
        psp_reference: Some(id),
        original_reference: Some(payment),
        merchant_account_code: Some(asked.merchant_account),
        merchant_reference: Some(asked.reference),
        amount: Some(asked.amount),
        event_code: Some("REFUND".to_owned()),
        event_date: Some(crate::clock::now().to_string()),
        success: Some("true".to_owned()),
        ..Item::default()
    });
    sandbox.courier.deliver(webhook).await;
}
