//! What became of payment links and transfers, asked for.

use std::collections::BTreeMap;

use domain::deposit::DepositEvent;
use http::Method;
use serde::Deserialize;

use super::outbound::{LINKS_PATH, TRANSFERS_PATH, read, unsent};
use super::transfer::Transfer;
use super::{Adyen, Endpoint, INTEGRATION};
use crate::call::{CallFailure, InboundAnswer, OutboundCall, is_path_id, is_plain_id};
use crate::conversation::Step;
use crate::payments::{NoticeKind, PaymentNotice, Subject};

/// What the ids of payment links begin with. Of payments themselves Adyen tells in notifications alone.
const LINK_PREFIX: &str = "PL";

pub(super) fn look_up(
    adyen: &Adyen,
    subject: &Subject,
    answers: &[InboundAnswer],
) -> Result<Step<Vec<PaymentNotice>>, CallFailure> {
    let (endpoint, path, id) = match subject {
        Subject::Payment { psp_reference: Some(id), .. } if id.starts_with(LINK_PREFIX) => {
            (&adyen.checkout, LINKS_PATH, id)
        }
        Subject::Payout { psp_reference: Some(id), .. } => (&adyen.transfers, TRANSFERS_PATH, id),
        Subject::Payment { .. } | Subject::Payout { .. } | Subject::Refund { .. } => {
            return Err(unsent("Adyen is asked about payment links and transfers by its own ids"));
        }
    };
    if !is_path_id(id) {
        return Err(unsent("the id is none of Adyen's"));
    }
    let Some(answer) = answers.first() else {
        return Ok(Step::Call(get(endpoint, &format!("{path}/{id}"))?));
    };
    if answer.status == 404 {
        return Err(unsent("Adyen does not know it"));
    }
    let notice = match subject {
        Subject::Payout { .. } => transfer(answer, id)?,
        Subject::Payment { .. } | Subject::Refund { .. } => link(answer, id)?,
    };
    Ok(Step::Done(vec![notice]))
}

/// A link that was paid names neither the payment nor what came of it: crediting on its word would leave a payment
/// that nobody can refund, so that staff looks for it.
fn link(answer: &InboundAnswer, asked: &str) -> Result<PaymentNotice, CallFailure> {
    let Link { id, reference, status } = read(answer)?;
    if id != asked || !is_plain_id(&status) {
        return Err(CallFailure::Unclear("the answer is about something else".to_owned()));
    }
    let kind = match status.as_str() {
        "active" | "paymentPending" => NoticeKind::Noted,
        "expired" => NoticeKind::Deposit(DepositEvent::Expired),
        other => NoticeKind::Unhandled { event_code: format!("link.{other}") },
    };
    let reference = reference.unwrap_or_default();
    Ok(PaymentNotice::new(INTEGRATION, format!("link:{id}:{status}"), &reference, kind))
}

/// The same transfer, told in the same words and with the same place as in a notification.
fn transfer(answer: &InboundAnswer, asked: &str) -> Result<PaymentNotice, CallFailure> {
    let transfer: Transfer = read(answer)?;
    if transfer.id != asked {
        return Err(CallFailure::Unclear("the answer is about something else".to_owned()));
    }
    transfer.notice().map_err(|malformed| CallFailure::Unclear(malformed.to_string()))
}

#[derive(Deserialize)]
struct Link {
    id: String,
    reference: Option<String>,
    status: String,
}

fn get(endpoint: &Endpoint, path: &str) -> Result<OutboundCall, CallFailure> {
    let headers = BTreeMap::from([("x-api-key", endpoint.api_key.clone())]);
    Ok(OutboundCall { method: Method::GET, url: endpoint.url(path)?, headers, body: Vec::new() })
}
