//! What Trustly tells, and our signed answer: the same call always gets the same one.

use domain::cashier::{InstrumentIdentity, InstrumentKind};
use domain::deposit::DepositEvent;
use domain::ids::{DepositId, WithdrawalId};
use domain::withdrawal::WithdrawalEvent;
use domain::{Money, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Data, INTEGRATION, Trustly};
use crate::call::{Authentic, Malformed, RawCall, Receipt, Reply, is_plain_id};
use crate::payments::notice::last_digits;
use crate::payments::{NoticeKind, PaidWith, PaymentNotice, decimal};
use crate::proof::Unauthentic;

const MOST_BYTES: usize = 256 * 1024;
const LONGEST_DIGITS: usize = 20;

/// Accepts a call that is signed.
pub(super) fn verify<'a>(trustly: &Trustly, call: RawCall<'a>) -> Result<Authentic<'a>, Unauthentic> {
    let Message { method, params } = read(call.body).ok_or(Unauthentic)?;
    trustly.seal.verify(call, &params.signature, &method, &params.uuid, &params.data)
}

/// Reads what happened. Values are put together without separators before they are signed, so that each one's form
/// has to be as expected before it means anything.
pub(super) fn parse(body: &[u8]) -> Result<PaymentNotice, Malformed> {
    let Message { method, params: Params { uuid, data, .. } } =
        read(body).ok_or(Malformed("not a notification"))?;
    if !is_word(&method) || !is_uuid(&uuid) {
        return Err(Malformed("method or uuid"));
    }
    let notification = digits(&data, "notificationid")?;
    let reference = data.text("messageid").unwrap_or_default();
    let told = Told { method: &method, data: &data, subject: Subject::of(reference) };
    Ok(PaymentNotice {
        order: data.text("timestamp").and_then(micros),
        psp_reference: data.text("orderid").filter(|id| is_digits(id)).map(str::to_owned),
        instrument: told.instrument(),
        ..PaymentNotice::new(INTEGRATION, notification, reference, told.kind()?)
    })
}

/// Writes the answer. Only a signed one ends Trustly's attempts; anything else brings the same call again.
pub(super) fn render(trustly: &Trustly, body: &[u8], receipt: Receipt) -> Reply {
    let plain = |text: &str| Reply {
        status: receipt.status(),
        content_type: "text/plain",
        body: text.as_bytes().to_vec(),
    };
    match receipt {
        Receipt::Accepted => {
            answer(trustly, body).unwrap_or(Reply { status: 500, ..plain("the answer could not be written") })
        }
        Receipt::NotAuthentic => plain("not authentic"),
        Receipt::Malformed => plain("malformed"),
        Receipt::Unavailable => plain("unavailable"),
    }
}

fn answer(trustly: &Trustly, body: &[u8]) -> Option<Reply> {
    let Message { method, params: Params { uuid, data, .. } } = read(body)?;
    let status = verdict(&method, data.text("messageid").unwrap_or_default());
    let said = Data::object([("status", status.into())]);
    let signature = trustly.seal.sign(&method, &uuid, &said)?;
    let result = Answer { version: "1.1", result: Answered { signature, uuid, method, data: said } };
    Some(Reply { status: 200, content_type: "application/json", body: serde_json::to_vec(&result).ok()? })
}

/// What we say to a call. It hangs on the call alone, so that a repeat hears the same. Money may be taken back from
/// our deposits, since what is not there is owed; any other debit wants a balance that we do not reduce. We never
/// ask for `kyc`, so nobody is let in by it.
fn verdict(method: &str, message: &str) -> &'static str {
    match (method, Subject::of(message)) {
        ("debit", Subject::Deposit) => "OK",
        ("debit", _) => "FAILED",
        ("kyc", _) => "FINISH",
        _ => "OK",
    }
}

#[derive(Deserialize)]
struct Message {
    method: String,
    params: Params,
}

#[derive(Deserialize)]
struct Params {
    signature: String,
    uuid: String,
    data: Data,
}

#[derive(Serialize)]
struct Answer {
    result: Answered,
    version: &'static str,
}

#[derive(Serialize)]
struct Answered {
    signature: String,
    uuid: String,
    method: String,
    data: Data,
}

/// What a message of ours was about.
#[derive(Clone, Copy)]
enum Subject {
    Deposit,
    Withdrawal,
    Unknown,
}

impl Subject {
    fn of(message: &str) -> Self {
        if message.starts_with(DepositId::PREFIX) {
            Self::Deposit
        } else if message.starts_with(WithdrawalId::PREFIX) {
            Self::Withdrawal
        } else {
            Self::Unknown
        }
    }
}

struct Told<'a> {
    method: &'a str,
    data: &'a Data,
    subject: Subject,
}

impl Told<'_> {
    fn kind(&self) -> Result<NoticeKind, Malformed> {
        Ok(match (self.method, self.subject) {
            ("credit", Subject::Deposit) => NoticeKind::Deposit(DepositEvent::Captured {
                amount: self.money()?,
                psp_reference: digits(self.data, "orderid")?.to_owned(),
            }),
            // A payout that comes back is told as money for the player.
            ("credit", Subject::Withdrawal) => {
                NoticeKind::Withdrawal(WithdrawalEvent::Returned { amount: self.money()? })
            }
            // The money behind an earlier credit never came.
            ("debit", Subject::Deposit) => {
                NoticeKind::Deposit(DepositEvent::ChargedBack { amount: self.money()? })
            }
            ("cancel", Subject::Deposit) => NoticeKind::Deposit(DepositEvent::Cancelled),
            ("cancel", Subject::Withdrawal) => NoticeKind::Withdrawal(WithdrawalEvent::Failed),
            ("payoutconfirmation", Subject::Withdrawal) => {
                NoticeKind::Withdrawal(WithdrawalEvent::Paid { amount: self.money()? })
            }
            ("account", Subject::Deposit) if self.instrument().is_some() => {
                NoticeKind::Deposit(DepositEvent::Identified)
            }
            // Why a payout failed; that it did comes as a credit.
            ("pending" | "account" | "payoutfailed", Subject::Deposit | Subject::Withdrawal) => {
                NoticeKind::Noted
            }
            _ => NoticeKind::Unhandled { event_code: self.method.to_owned() },
        })
    }

    fn money(&self) -> Result<Money, Malformed> {
        let amount = self.data.text("amount").ok_or(Malformed("data.amount"))?;
        let currency = self.data.text("currency").ok_or(Malformed("data.currency"))?;
        decimal::read(amount, currency).map_err(|_| Malformed("data.amount"))
    }

    /// Only an account that Trustly knows to be the player's may be paid out to.
    fn instrument(&self) -> Option<PaidWith> {
        let verified = self.method == "account" && self.data.text("verified") == Some("1");
        let account = self.data.text("accountid").filter(|id| verified && is_digits(id))?;
        let attributes = self.data.field("attributes");
        let attribute = |name| attributes.and_then(|it| it.text(name));
        Some(PaidWith {
            token: Some(account.to_owned()),
            last_digits: attribute("lastdigits").and_then(last_digits),
            holder: attribute("name").map(str::to_owned),
            identity: InstrumentIdentity::named(INTEGRATION, account),
            ..PaidWith::new(InstrumentKind::BankAccount)
        })
    }
}

fn read(body: &[u8]) -> Option<Message> {
    if body.len() > MOST_BYTES { None } else { serde_json::from_slice(body).ok() }
}

fn digits<'a>(data: &'a Data, key: &'static str) -> Result<&'a str, Malformed> {
    data.text(key).filter(|text| is_digits(text)).ok_or(Malformed(key))
}

fn is_digits(text: &str) -> bool {
    (1..=LONGEST_DIGITS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_word(text: &str) -> bool {
    is_plain_id(text) && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn is_uuid(text: &str) -> bool {
    uuid::Uuid::try_parse(text).is_ok_and(|uuid| uuid.hyphenated().to_string().eq_ignore_ascii_case(text))
}

/// Trustly's time, such as `2026-01-02 03:04:05.675645+01`, in microseconds.
fn micros(text: &str) -> Option<u64> {
    let (day, clock) = text.split_once(' ')?;
    let minutes = if clock.len() > 3 && matches!(clock.as_bytes().get(clock.len() - 3), Some(b'+' | b'-')) {
        ":00"
    } else {
        ""
    };
    let time: Timestamp = format!("{day}T{clock}{minutes}").parse().ok()?;
    u64::try_from(time.as_microsecond()).ok()
}
