//! The standard webhook: payments and disputes. Adyen signs eight fields of each item, not the bytes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::EntryKey;
use domain::cashier::{Funding, InstrumentIdentity, InstrumentKind};
use domain::deposit::DepositEvent;
use ring::hmac;
use serde::{Deserialize, Serialize};

use super::{Adyen, Amount, Capture, INTEGRATION};
use crate::call::{Authentic, Malformed, RawCall, is_path_id, is_plain_id};
use crate::payments::notice::last_digits;
use crate::payments::{NoticeKind, PaidWith, PaymentNotice};
use crate::proof::{self, Unauthentic};

/// What Adyen calls payments by card begins with one of these.
const CARD_METHODS: &[&str] = &[
    "visa",
    "mc",
    "amex",
    "maestro",
    "electron",
    "diners",
    "discover",
    "jcb",
    "cup",
    "cartebancaire",
    "bcmc",
];

/// What Adyen's names of bank payments begin with.
const BANK_METHODS: &[&str] =
    &["ideal", "trustly", "sepadirectdebit", "directEbanking", "onlineBanking", "ach"];

/// Far more than Adyen ever sends at once.
const MOST_BYTES: usize = 256 * 1024;
const MOST_ITEMS: usize = 100;

/// The whole call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    /// `true` or `false`, as a text.
    pub live: String,
    /// What happened.
    pub notification_items: Vec<NotificationItem>,
}

/// One thing that happened, wrapped as Adyen does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationItem {
    /// The item itself.
    #[serde(rename = "NotificationRequestItem")]
    pub item: Item,
}

/// One thing that happened. A missing field and an empty one are the same to the signature, and here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Item {
    /// Adyen's id of what happened.
    pub psp_reference: Option<String>,
    /// Adyen's id of the payment it happened to, if it is not the payment itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_reference: Option<String>,
    /// The merchant account.
    pub merchant_account_code: Option<String>,
    /// Our id.
    pub merchant_reference: Option<String>,
    /// How much.
    pub amount: Option<Amount>,
    /// What happened.
    pub event_code: Option<String>,
    /// When; not signed.
    pub event_date: Option<String>,
    /// `true` or `false`, as a text.
    pub success: Option<String>,
    /// How it was paid, such as `visa`; not signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_method: Option<String>,
    /// The signature, and what is not signed.
    pub additional_data: Option<AdditionalData>,
}

/// What comes along unsigned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AdditionalData {
    /// Base64 of the HMAC-SHA256.
    pub hmac_signature: Option<String>,
    /// The card's last digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_summary: Option<String>,
    /// Whose card it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_holder_name: Option<String>,
    /// Whose money it spends, such as `DEBIT`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub funding_source: Option<String>,
    /// What stands for its number, whoever's token it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// The token that Adyen keeps of it for this shopper.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stored_payment_method_id: Option<String>,
    /// The same, by its older name.
    #[serde(rename = "recurring.recurringDetailReference", skip_serializing_if = "Option::is_none")]
    pub recurring_detail_reference: Option<String>,
}

/// Accepts the call if each of its items is signed, is for us, and comes from the right environment.
pub(super) fn verify<'a>(adyen: &Adyen, call: RawCall<'a>) -> Result<Authentic<'a>, Unauthentic> {
    let notification = read(call.body).ok_or(Unauthentic)?;
    if notification.live != adyen.live.to_string() {
        return Err(Unauthentic);
    }
    // A call without items proves nothing.
    let mut proof = Err(Unauthentic);
    for NotificationItem { item } in &notification.notification_items {
        if item.merchant_account_code.as_deref() != Some(adyen.merchant_account.as_str()) {
            return Err(Unauthentic);
        }
        let signature = item.additional_data.as_ref().and_then(|data| data.hmac_signature.as_ref());
        let tag = STANDARD.decode(signature.ok_or(Unauthentic)?).map_err(|_| Unauthentic)?;
        proof = Ok(proof::hmac_sha256(call, &adyen.notification_keys, item.signed_text().as_bytes(), &tag)?);
    }
    proof
}

/// Reads what happened.
pub(super) fn parse(adyen: &Adyen, body: &[u8]) -> Result<Vec<PaymentNotice>, Malformed> {
    let notification = read(body).ok_or(Malformed("not a notification"))?;
    notification.notification_items.iter().map(|wrapped| wrapped.item.notice(adyen.capture)).collect()
}

/// Signs an item as Adyen does.
#[must_use]
pub fn sign_item(item: &Item, key: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    STANDARD.encode(hmac::sign(&key, item.signed_text().as_bytes()))
}

/// A whole call as Adyen would send it, each item signed.
#[must_use]
pub fn signed_notification(items: Vec<Item>, live: bool, key: &[u8]) -> Notification {
    let signed = |mut item: Item| {
        let hmac_signature = Some(sign_item(&item, key));
        let more = item.additional_data.take().unwrap_or_default();
        item.additional_data = Some(AdditionalData { hmac_signature, ..more });
        NotificationItem { item }
    };
    Notification { live: live.to_string(), notification_items: items.into_iter().map(signed).collect() }
}

fn read(body: &[u8]) -> Option<Notification> {
    if body.len() > MOST_BYTES {
        return None;
    }
    let notification: Notification = serde_json::from_slice(body).ok()?;
    (notification.notification_items.len() <= MOST_ITEMS).then_some(notification)
}

impl Item {
    /// The signed fields in their order. Nothing is escaped: a field with a colon could pass for two.
    fn signed_text(&self) -> String {
        let (value, currency) = match &self.amount {
            Some(amount) => (amount.value.to_string(), amount.currency.as_str()),
            None => (String::new(), ""),
        };
        [
            text(self.psp_reference.as_ref()),
            text(self.original_reference.as_ref()),
            text(self.merchant_account_code.as_ref()),
            text(self.merchant_reference.as_ref()),
            &value,
            currency,
            text(self.event_code.as_ref()),
            text(self.success.as_ref()),
        ]
        .join(":")
    }

    fn notice(&self, capture: Capture) -> Result<PaymentNotice, Malformed> {
        let psp_reference = plain(self.psp_reference.as_ref()).ok_or(Malformed("pspReference"))?;
        let event_code = plain(self.event_code.as_ref()).ok_or(Malformed("eventCode"))?;
        let success = match text(self.success.as_ref()) {
            "true" => true,
            "false" => false,
            _ => return Err(Malformed("success")),
        };
        Ok(PaymentNotice {
            key: EntryKey::new(INTEGRATION, format!("{psp_reference}:{event_code}:{success}")),
            reference: text(self.merchant_reference.as_ref()).to_owned(),
            order: place_of_refund(event_code),
            psp_reference: self.payment().ok(),
            refund: (event_code == "REFUND").then(|| psp_reference.to_owned()),
            instrument: self.paid_with().filter(|_| event_code == "AUTHORISATION" && success),
            ending: None,
            kind: match self.deposit_event(event_code, success, capture)? {
                Some(event) => NoticeKind::Deposit(event),
                // Where money is taken at once this repeats the authorisation.
                None if event_code == "CAPTURE" && success => NoticeKind::Noted,
                None => NoticeKind::Unhandled { event_code: event_code.to_owned() },
            },
        })
    }

    /// What happened to a deposit. Reports, disputes that may still be won, and what Adyen invents later are for
    /// staff.
    fn deposit_event(
        &self,
        event_code: &str,
        success: bool,
        capture: Capture,
    ) -> Result<Option<DepositEvent>, Malformed> {
        Ok(Some(match (event_code, success) {
            ("AUTHORISATION", true) => match capture {
                Capture::Immediate => self.captured()?,
                Capture::Manual => self.authorised()?,
            },
            ("AUTHORISATION", false) => DepositEvent::Declined,
            ("CAPTURE", true) if capture == Capture::Manual => self.captured()?,
            ("REFUND", true) => DepositEvent::Refunded { amount: self.money()? },
            ("REFUND", false) | ("REFUND_FAILED" | "REFUNDED_REVERSED", true) => DepositEvent::RefundFailed,
            ("CHARGEBACK" | "SECOND_CHARGEBACK", true) => DepositEvent::ChargedBack { amount: self.money()? },
            ("CAPTURE_FAILED", true) => DepositEvent::CaptureFailed { amount: self.money()? },
            ("CHARGEBACK_REVERSED", true) => DepositEvent::ChargebackReversed { amount: self.money()? },
            ("CANCELLATION" | "TECHNICAL_CANCEL", true) => DepositEvent::Cancelled,
            ("EXPIRE" | "OFFER_CLOSED", true) => DepositEvent::Expired,
            _ => return Ok(None),
        }))
    }

    fn authorised(&self) -> Result<DepositEvent, Malformed> {
        Ok(DepositEvent::Authorised { amount: self.money()?, psp_reference: self.payment()? })
    }

    fn captured(&self) -> Result<DepositEvent, Malformed> {
        Ok(DepositEvent::Captured { amount: self.money()?, psp_reference: self.payment()? })
    }

    /// What was paid with. Adyen signs nothing of it: it may be a reason to look closer, never to trust.
    fn paid_with(&self) -> Option<PaidWith> {
        let method = text(self.payment_method.as_ref());
        let data = self.additional_data.as_ref()?;
        let digits = data.card_summary.as_deref();
        let token = data.stored_payment_method_id.as_ref().or(data.recurring_detail_reference.as_ref());
        let kind = match method {
            _ if digits.is_some() || CARD_METHODS.iter().any(|card| method.starts_with(card)) => {
                InstrumentKind::Card
            }
            _ if BANK_METHODS.iter().any(|bank| method.starts_with(bank)) => InstrumentKind::BankAccount,
            "" if token.is_none() => return None,
            _ => InstrumentKind::Wallet,
        };
        Some(PaidWith {
            // To cards alone money goes back by their tokens.
            token: token.filter(|token| kind == InstrumentKind::Card && is_path_id(token)).cloned(),
            last_digits: digits.and_then(last_digits),
            funding: data.funding_source.as_deref().and_then(funding),
            holder: data.card_holder_name.clone(),
            identity: data.alias.as_deref().and_then(|alias| InstrumentIdentity::named(INTEGRATION, alias)),
            proven: false,
            ..PaidWith::new(kind)
        })
    }

    fn money(&self) -> Result<domain::Money, Malformed> {
        let amount = self.amount.as_ref().ok_or(Malformed("amount"))?;
        amount.money().map_err(|_| Malformed("amount"))
    }

    /// Adyen's id of the payment: a capture has an id of its own and names the payment beside it.
    fn payment(&self) -> Result<String, Malformed> {
        let original = self.original_reference.as_ref().filter(|original| !original.is_empty());
        let payment = plain(original.or(self.psp_reference.as_ref()));
        payment.map(str::to_owned).ok_or(Malformed("originalReference"))
    }
}

/// A refund is taken on first, and may fail or come back later: never the other way round.
fn place_of_refund(event_code: &str) -> Option<u64> {
    match event_code {
        "REFUND" => Some(1),
        "REFUND_FAILED" | "REFUNDED_REVERSED" => Some(2),
        _ => None,
    }
}

/// Debits that are taken later are the holder's money all the same.
fn funding(source: &str) -> Option<Funding> {
    match source {
        "CREDIT" => Some(Funding::Credit),
        "DEBIT" | "DEFERRED_DEBIT" => Some(Funding::Debit),
        _ if source.starts_with("PREPAID") => Some(Funding::Prepaid),
        _ => None,
    }
}

fn text(field: Option<&String>) -> &str {
    field.map_or("", String::as_str)
}

fn plain(field: Option<&String>) -> Option<&str> {
    field.map(String::as_str).filter(|text| is_plain_id(text))
}
