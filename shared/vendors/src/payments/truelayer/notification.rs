//! What `TrueLayer` tells. Its notices name neither amounts nor, always, our ids: what moves money is a hint to ask.

use domain::Timestamp;
use domain::cashier::{InstrumentIdentity, InstrumentKind};
use http::Method;
use serde::Deserialize;

use super::jws::Detached;
use super::{INTEGRATION, TrueLayer};
use crate::call::{Authentic, Malformed, OutboundCall, RawCall, is_path_id, is_plain_id};
use crate::payments::notice::last_digits;
use crate::payments::{Ending, NoticeKind, PaidWith, PaymentNotice, Subject};
use crate::proof::{self, Unauthentic};

/// Carries the signature.
const SIGNATURE_HEADER: &str = "tl-signature";
/// Tells when the call was sent; has to be signed.
const TIMESTAMP_HEADER: &str = "x-tl-webhook-timestamp";

const MOST_BYTES: usize = 256 * 1024;
const MOST_AGE_SECONDS: u64 = 5 * 60;

/// The call for the keys, if the call names one that we do not know, and the place where we look them up.
pub(super) fn missing_keys(truelayer: &TrueLayer, call: RawCall<'_>) -> Option<OutboundCall> {
    let detached = Detached::read(call.header(SIGNATURE_HEADER)?)?;
    let known = truelayer.published.get(&detached.header.kid).is_some();
    if known || !detached.is_known_kind() || !is_their_place(truelayer, &detached) {
        return None;
    }
    Some(OutboundCall {
        method: Method::GET,
        url: truelayer.jwks_url.clone(),
        headers: std::collections::BTreeMap::new(),
        body: Vec::new(),
    })
}

/// Accepts a call that is signed by a published key, for our address, a moment ago.
pub(super) fn verify<'a>(
    truelayer: &TrueLayer,
    call: RawCall<'a>,
    now: Timestamp,
) -> Result<Authentic<'a>, Unauthentic> {
    let detached = Detached::read(call.header(SIGNATURE_HEADER).ok_or(Unauthentic)?).ok_or(Unauthentic)?;
    let is_timed = detached.header_names().any(|name| name.eq_ignore_ascii_case(TIMESTAMP_HEADER));
    let fits = call.body.len() <= MOST_BYTES && detached.is_known_kind() && is_timed;
    if !fits || !is_their_place(truelayer, &detached) || !is_recent(call, now) {
        return Err(Unauthentic);
    }
    let key = truelayer.published.get(&detached.header.kid).ok_or(Unauthentic)?;
    let path = truelayer.webhook_path.as_str();
    let other = path.strip_suffix('/').map_or_else(|| format!("{path}/"), str::to_owned);
    let signed_at = |path: &str| {
        let message = detached.message(call, path).ok_or(Unauthentic)?;
        proof::es512(call, &key, &message, &detached.tag)
    };
    signed_at(path).or_else(|_| signed_at(&other))
}

/// Reads what happened.
pub(super) fn parse(body: &[u8]) -> Result<PaymentNotice, Malformed> {
    let event: Told = serde_json::from_slice(body).map_err(|_| Malformed("not an event"))?;
    if !is_plain_id(&event.r#type) || !is_plain_id(&event.event_id) {
        return Err(Malformed("type or event_id"));
    }
    let reference = event.metadata.as_ref().and_then(|it| it.reference.clone()).unwrap_or_default();
    let kind = event.kind(&reference)?;
    Ok(PaymentNotice {
        ending: event.ending(),
        ..PaymentNotice::new(INTEGRATION, format!("event:{}", event.event_id), &reference, kind)
    })
}

#[derive(Deserialize)]
struct Told {
    r#type: String,
    event_id: String,
    payment_id: Option<String>,
    payout_id: Option<String>,
    refund_id: Option<String>,
    metadata: Option<Metadata>,
}

/// The account that a payment came from.
#[derive(Deserialize)]
pub(super) struct PaymentSource {
    id: Option<String>,
    account_holder_name: Option<String>,
    #[serde(default)]
    account_identifiers: Vec<AccountIdentifier>,
}

/// One of an account's numbers.
#[derive(Deserialize)]
struct AccountIdentifier {
    iban: Option<String>,
    sort_code: Option<String>,
    account_number: Option<String>,
}

/// What we put with a payment or payout, to find it again.
#[derive(Deserialize)]
pub(super) struct Metadata {
    pub(super) reference: Option<String>,
}

impl Told {
    fn ending(&self) -> Option<Ending> {
        match self.r#type.as_str() {
            "payment_settled" | "payout_executed" | "refund_executed" => Some(Ending::Done),
            "payment_failed" | "payout_failed" | "refund_failed" => Some(Ending::Failed),
            _ => None,
        }
    }

    fn kind(&self, reference: &str) -> Result<NoticeKind, Malformed> {
        Ok(match self.r#type.as_str() {
            "payment_authorized" | "payment_settled" | "payment_failed" => {
                NoticeKind::Hint(Subject::Payment {
                    reference: reference.to_owned(),
                    psp_reference: Some(id(self.payment_id.as_ref(), "payment_id")?),
                })
            }
            "payout_executed" | "payout_failed" => NoticeKind::Hint(Subject::Payout {
                reference: reference.to_owned(),
                psp_reference: Some(id(self.payout_id.as_ref(), "payout_id")?),
            }),
            "refund_executed" | "refund_failed" => NoticeKind::Hint(Subject::Refund {
                reference: reference.to_owned(),
                payment: id(self.payment_id.as_ref(), "payment_id")?,
                refund: Some(id(self.refund_id.as_ref(), "refund_id")?),
            }),
            // The banks are at it; the money is not ours yet.
            "payment_executed" | "payment_creditable" => NoticeKind::Noted,
            other => NoticeKind::Unhandled { event_code: other.to_owned() },
        })
    }
}

impl PaymentSource {
    /// The account as `TrueLayer` pays out to it: a source, and the user whose it is.
    pub(super) fn paid_with(&self, user: Option<&str>) -> PaidWith {
        let id = self.id.as_deref().filter(|id| is_path_id(id));
        let token = id.zip(user.filter(|user| is_path_id(user))).map(|(id, user)| format!("{user}/{id}"));
        let mut numbers = self.account_identifiers.iter();
        let number = numbers.find_map(|it| it.iban.as_deref().or(it.account_number.as_deref()));
        PaidWith {
            token,
            last_digits: number.and_then(last_digits),
            holder: self.account_holder_name.clone(),
            identity: self.account_identifiers.iter().find_map(AccountIdentifier::identity),
            ..PaidWith::new(InstrumentKind::BankAccount)
        }
    }
}

impl AccountIdentifier {
    fn identity(&self) -> Option<InstrumentIdentity> {
        let british = self.sort_code.as_deref().zip(self.account_number.as_deref());
        let by_number = || british.and_then(|(code, number)| InstrumentIdentity::sort_code(code, number));
        self.iban.as_deref().and_then(InstrumentIdentity::iban).or_else(by_number)
    }
}

/// Only the configured place is believed; a signature need not name it.
fn is_their_place(truelayer: &TrueLayer, detached: &Detached<'_>) -> bool {
    detached.header.jku.as_ref().is_none_or(|jku| *jku == truelayer.jwks_url)
}

fn is_recent(call: RawCall<'_>, now: Timestamp) -> bool {
    let sent: Option<Timestamp> = call.header(TIMESTAMP_HEADER).and_then(|text| text.parse().ok());
    sent.is_some_and(|sent| sent.as_second().abs_diff(now.as_second()) <= MOST_AGE_SECONDS)
}

/// An id that can stand in a path.
fn id(text: Option<&String>, field: &'static str) -> Result<String, Malformed> {
    text.filter(|text| is_path_id(text)).cloned().ok_or(Malformed(field))
}
