//! The transfer webhook: what became of payouts. Here Adyen signs the whole body.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::EntryKey;
use domain::withdrawal::WithdrawalEvent;
use ring::digest::{SHA256, digest};
use ring::hmac;
use serde::Deserialize;

use super::{Adyen, Amount, INTEGRATION};
use crate::call::{Authentic, Malformed, RawCall, is_plain_id};
use crate::payments::{NoticeKind, PaymentNotice};
use crate::proof::{self, Unauthentic};

/// Carries the signature; only calls of this kind have it.
pub const SIGNATURE_HEADER: &str = "hmacsignature";
/// Names how the signature was made.
pub const PROTOCOL_HEADER: &str = "protocol";
/// The only way we accept.
pub const PROTOCOL: &str = "HmacSHA256";

const MOST_BYTES: usize = 256 * 1024;
const TRANSFER_TYPES: &str = "balancePlatform.transfer.";

/// Whether the call is of this kind.
pub(super) fn is_one(call: RawCall<'_>) -> bool {
    call.headers.contains_key(SIGNATURE_HEADER)
}

/// Accepts a body that is signed and comes from the right environment.
pub(super) fn verify<'a>(adyen: &Adyen, call: RawCall<'a>) -> Result<Authentic<'a>, Unauthentic> {
    let expected_protocol =
        call.headers.get(PROTOCOL_HEADER).is_none_or(|name| name.as_bytes() == PROTOCOL.as_bytes());
    if call.body.len() > MOST_BYTES || !expected_protocol {
        return Err(Unauthentic);
    }
    let signature = call.header(SIGNATURE_HEADER).ok_or(Unauthentic)?;
    let tag = STANDARD.decode(signature).map_err(|_| Unauthentic)?;
    let authentic = proof::hmac_sha256(call, &adyen.transfer_keys, call.body, &tag)?;
    let Ok(Origin { environment }) = serde_json::from_slice(call.body) else {
        // Signed, so Adyen's; that it makes no sense is for `parse` to say.
        return Ok(authentic);
    };
    let expected = if adyen.live { "live" } else { "test" };
    if environment == expected { Ok(authentic) } else { Err(Unauthentic) }
}

/// Reads what happened.
pub(super) fn parse(body: &[u8]) -> Result<PaymentNotice, Malformed> {
    let Envelope { kind } = serde_json::from_slice(body).map_err(|_| Malformed("not a webhook"))?;
    if !is_plain_id(&kind) {
        return Err(Malformed("type"));
    }
    if !kind.starts_with(TRANSFER_TYPES) {
        return Ok(other(kind, body));
    }
    let Told { data } = serde_json::from_slice(body).map_err(|_| Malformed("not a transfer"))?;
    data.notice()
}

/// Signs a body as Adyen does.
#[must_use]
pub fn sign_body(body: &[u8], key: &[u8]) -> String {
    STANDARD.encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), body))
}

#[derive(Deserialize)]
struct Origin {
    environment: String,
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct Told {
    data: Transfer,
}

/// A transfer as Adyen tells of it, unasked or asked.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Transfer {
    pub(super) id: String,
    reference: Option<String>,
    status: String,
    amount: Option<Amount>,
    direction: Option<String>,
    sequence_number: Option<u64>,
}

impl Transfer {
    pub(super) fn notice(self) -> Result<PaymentNotice, Malformed> {
        if !is_plain_id(&self.id) {
            return Err(Malformed("data.id"));
        }
        if !is_plain_id(&self.status) {
            return Err(Malformed("data.status"));
        }
        let place = self.sequence_number.map_or_else(|| self.status.clone(), |number| number.to_string());
        Ok(PaymentNotice {
            key: EntryKey::new(INTEGRATION, format!("transfer:{}:{place}", self.id)),
            kind: self.kind()?,
            order: self.sequence_number,
            psp_reference: Some(self.id.clone()),
            refund: None,
            instrument: None,
            ending: None,
            reference: self.reference.unwrap_or_default(),
        })
    }

    fn kind(&self) -> Result<NoticeKind, Malformed> {
        let incoming = self.direction.as_ref().is_some_and(|direction| direction != "outgoing");
        Ok(match self.status.as_str() {
            _ if incoming => self.unhandled(),
            "received" | "authorised" | "pending" | "pendingApproval" => NoticeKind::Noted,
            "booked" => NoticeKind::Withdrawal(WithdrawalEvent::Paid { amount: self.money()? }),
            "refused" | "failed" | "returned" => NoticeKind::Withdrawal(WithdrawalEvent::Failed),
            _ => self.unhandled(),
        })
    }

    fn unhandled(&self) -> NoticeKind {
        NoticeKind::Unhandled { event_code: format!("transfer.{}", self.status) }
    }

    fn money(&self) -> Result<domain::Money, Malformed> {
        let amount = self.amount.as_ref().ok_or(Malformed("data.amount"))?;
        amount.money().map_err(|_| Malformed("data.amount"))
    }
}

/// Something else of Adyen's platform. It has no id of its own that is always there, so its bytes are its identity.
fn other(kind: String, body: &[u8]) -> PaymentNotice {
    let id = hex::encode(digest(&SHA256, body));
    PaymentNotice {
        key: EntryKey::new(INTEGRATION, format!("platform:{id}")),
        reference: String::new(),
        kind: NoticeKind::Unhandled { event_code: kind },
        order: None,
        psp_reference: None,
        refund: None,
        instrument: None,
        ending: None,
    }
}
