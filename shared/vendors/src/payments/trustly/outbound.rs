//! Our calls to Trustly. Each is signed, and so must be each answer.

use std::collections::BTreeMap;

use domain::Timestamp;
use domain::deposit::DepositEvent;
use http::Method;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use uuid::Builder;

use super::{Data, INTEGRATION, Trustly};
use crate::call::{CallFailure, InboundAnswer, OutboundCall, is_plain_id, web_url};
use crate::conversation::Step;
use crate::payments::{
    Destination, NoticeKind, PaymentNotice, PaymentPage, PaymentRequest, PayoutRequest, RefundRequest,
    Subject, TakenPayout, TakenRefund, decimal,
};

/// What may be said of a call that was taken on before, or that was no fault of the call's: no refusals.
const NO_REFUSALS: &[&str] = &[
    "ERROR_DUPLICATE_MESSAGE_ID",
    "ERROR_DUPLICATE_UUID",
    "ERROR_INVALID_CREDENTIALS",
    "ERROR_INVALID_SIGNATURE",
    "ERROR_UNKNOWN",
];

/// How it is told here that a message's id was used before: by nobody but ourselves, for the same payout.
const TAKEN_BEFORE: &str = "error ERROR_DUPLICATE_MESSAGE_ID";

/// How it is told here that a call was made before: its id is made of the payout's or the refund's reference.
const SENT_BEFORE: &str = "error ERROR_DUPLICATE_UUID";

pub(super) fn open_payment(
    trustly: &Trustly,
    request: &PaymentRequest,
    answers: &[InboundAnswer],
) -> Result<Step<PaymentPage>, CallFailure> {
    let payer = request.payer.as_ref().ok_or_else(|| unsent("Trustly must be told who pays"))?;
    let attributes = Data::object([
        ("Amount", decimal::write(request.amount)?.into()),
        ("Country", payer.country.as_str().into()),
        ("Currency", request.amount.currency().code().into()),
        ("Email", payer.email.as_str().into()),
        ("FailURL", request.return_url.as_str().into()),
        ("Firstname", payer.first_name.as_str().into()),
        ("Lastname", payer.last_name.as_str().into()),
        ("Locale", trustly.locale.as_str().into()),
        ("ShopperStatement", trustly.shopper_statement.as_str().into()),
        ("SuccessURL", request.return_url.as_str().into()),
    ]);
    let call = Call::new(trustly, "Deposit", &request.deposit.to_string()).with([
        ("Attributes", attributes),
        ("EndUserID", request.player.to_string().into()),
        ("MessageID", request.deposit.to_string().into()),
        ("NotificationURL", trustly.webhook_url.as_str().into()),
    ]);
    call.answered(answers, |data| {
        let url = data.text("url").filter(|url| web_url(url).is_some());
        let order = data.text("orderid").filter(|id| is_plain_id(id));
        let (url, order) = url.zip(order).ok_or_else(|| unclear("the payment page is none"))?;
        Ok(PaymentPage { redirect_url: url.to_owned(), psp_reference: order.to_owned() })
    })
}

/// The money has left the player's balance before; Trustly asks for that.
pub(super) fn pay_out(
    trustly: &Trustly,
    request: &PayoutRequest,
    answers: &[InboundAnswer],
) -> Result<Step<TakenPayout>, CallFailure> {
    let account = match &request.destination {
        Destination::Instrument { token, .. } if is_plain_id(token) => token.as_str(),
        Destination::Instrument { .. } | Destination::BankAccount { .. } => {
            return Err(unsent("Trustly pays to the accounts it knows"));
        }
    };
    let statement = Data::object([("ShopperStatement", trustly.shopper_statement.as_str().into())]);
    let call = Call::new(trustly, "AccountPayout", &request.reference.to_string()).with([
        ("AccountID", account.into()),
        ("Amount", decimal::write(request.amount)?.into()),
        ("Attributes", statement),
        ("Currency", request.amount.currency().code().into()),
        ("EndUserID", request.player.to_string().into()),
        ("MessageID", request.reference.to_string().into()),
        ("NotificationURL", trustly.webhook_url.as_str().into()),
    ]);
    match call.answered(answers, |data| Ok(TakenPayout { psp_reference: Some(taken_on(data)?) })) {
        // The answer to an earlier attempt was lost: Trustly has the payout, and tells by notifications what becomes
        // of it.
        Err(CallFailure::Unclear(reason)) if reason == TAKEN_BEFORE || reason == SENT_BEFORE => {
            Ok(Step::Done(TakenPayout { psp_reference: None }))
        }
        other => other,
    }
}

/// Trustly sends no notification of a refund that works: its answer is its word. One that fails later comes back as
/// a credit of the deposit's order.
pub(super) fn refund(
    trustly: &Trustly,
    request: &RefundRequest,
    answers: &[InboundAnswer],
) -> Result<Step<TakenRefund>, CallFailure> {
    let reference = request.reference.to_string();
    let call = Call::new(trustly, "Refund", &reference).with([
        ("Amount", decimal::write(request.amount)?.into()),
        ("Currency", request.amount.currency().code().into()),
        ("OrderID", request.psp_reference.as_str().into()),
    ]);
    let event = DepositEvent::Refunded { amount: request.amount };
    let notice = PaymentNotice {
        psp_reference: Some(request.psp_reference.clone()),
        ..PaymentNotice::new(
            INTEGRATION,
            format!("refund:{reference}"),
            &reference,
            NoticeKind::Deposit(event),
        )
    };
    // It has the deposit's order and none of its own.
    let taken = TakenRefund { psp_reference: None, notice: Some(notice) };
    match call.answered(answers, |data| taken_on(data).map(|_| taken.clone())) {
        // The answer to an earlier attempt was lost.
        Err(CallFailure::Unclear(reason)) if reason == SENT_BEFORE => Ok(Step::Done(taken)),
        other => other,
    }
}

/// How far the bank is with a payout. Trustly changes the names of the states, so that they are for staff to read. It
/// has no answer on payments: it repeats its notifications until they are taken. To be asked every 15 minutes at most.
pub(super) fn look_up(
    trustly: &Trustly,
    subject: &Subject,
    answers: &[InboundAnswer],
    now: Timestamp,
) -> Result<Step<Vec<PaymentNotice>>, CallFailure> {
    let Subject::Payout { reference, psp_reference: Some(order) } = subject else {
        return Err(unsent("Trustly tells nothing of it when asked"));
    };
    // Each question is another call.
    let call = Call::new(trustly, "GetWithdrawals", &format!("{order}:{now}"))
        .with([("OrderID", order.as_str().into())]);
    call.answered(answers, |data| {
        let Data::List(withdrawals) = data else { return Err(unclear("no list of withdrawals")) };
        let states =
            withdrawals.iter().filter_map(|it| it.text("transferState")).filter(|it| is_plain_id(it));
        Ok(states.map(|state| state_told(order, reference, state)).collect())
    })
}

fn state_told(order: &str, reference: &str, state: &str) -> PaymentNotice {
    let kind = NoticeKind::Unhandled { event_code: format!("transferState.{state}") };
    PaymentNotice {
        psp_reference: Some(order.to_owned()),
        ..PaymentNotice::new(INTEGRATION, format!("transfer:{order}:{state}"), reference, kind)
    }
}

/// One call of ours: its id is made of what it is about, so that a repeat is the same call.
struct Call<'a> {
    trustly: &'a Trustly,
    method: &'static str,
    uuid: String,
    data: BTreeMap<String, Data>,
}

impl<'a> Call<'a> {
    fn new(trustly: &'a Trustly, method: &'static str, about: &str) -> Self {
        let mut bytes = [0; 16];
        let hash = digest(&SHA256, format!("{method}:{about}").as_bytes());
        bytes.iter_mut().zip(hash.as_ref()).for_each(|(byte, hash)| *byte = *hash);
        let uuid = Builder::from_custom_bytes(bytes).into_uuid().hyphenated().to_string();
        let credentials = [("Password", &trustly.password), ("Username", &trustly.username)];
        let data = credentials.map(|(key, text)| (key.to_owned(), Data::from(text.as_str())));
        Self { trustly, method, uuid, data: data.into() }
    }

    fn with<const N: usize>(mut self, fields: [(&str, Data); N]) -> Self {
        self.data.extend(fields.map(|(key, value)| (key.to_owned(), value)));
        self
    }

    /// The call itself; or, once it is answered, what its answer comes to.
    fn answered<T>(
        self,
        answers: &[InboundAnswer],
        read: impl FnOnce(&Data) -> Result<T, CallFailure>,
    ) -> Result<Step<T>, CallFailure> {
        match answers {
            [] => Ok(Step::Call(self.write()?)),
            [answer, ..] => Ok(Step::Done(read(&self.result(answer)?)?)),
        }
    }

    fn write(self) -> Result<OutboundCall, CallFailure> {
        let data = Data::Object(self.data);
        let signature = self.trustly.seal.sign(self.method, &self.uuid, &data);
        let signature = signature.ok_or_else(|| unsent("the call could not be signed"))?;
        let params = Params { data, signature, uuid: self.uuid };
        let body = serde_json::to_vec(&Request { method: self.method, params, version: "1.1" });
        Ok(OutboundCall {
            method: Method::POST,
            url: self.trustly.endpoint.to_string(),
            headers: BTreeMap::from([("content-type", "application/json; charset=utf-8".to_owned())]),
            body: body.map_err(|_| unsent("the call could not be written"))?,
        })
    }

    /// What Trustly answers to this call, and to no other; only a signed answer counts, be it a refusal.
    fn result(&self, answer: &InboundAnswer) -> Result<Data, CallFailure> {
        let strange = || unclear(&format!("HTTP {} without a signed answer", answer.status));
        let Response { result, error } = serde_json::from_slice(&answer.body).map_err(|_| strange())?;
        let refused = result.is_none();
        let signed = result.or(error.and_then(|outer| outer.error)).ok_or_else(strange)?;
        let Signed { signature, uuid, method, data } = signed;
        let ours = method == self.method && uuid.eq_ignore_ascii_case(&self.uuid);
        if !ours || !self.trustly.seal.is_genuine(&signature, &method, &uuid, &data) {
            return Err(strange());
        }
        if refused { Err(refusal(&data)) } else { Ok(data) }
    }
}

#[derive(Serialize)]
struct Request {
    method: &'static str,
    params: Params,
    version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Params {
    data: Data,
    signature: String,
    #[serde(rename = "UUID")]
    uuid: String,
}

#[derive(Deserialize)]
struct Response {
    result: Option<Signed>,
    error: Option<OuterError>,
}

#[derive(Deserialize)]
struct OuterError {
    error: Option<Signed>,
}

#[derive(Deserialize)]
struct Signed {
    signature: String,
    uuid: String,
    method: String,
    data: Data,
}

/// Trustly's id of an order that it took on.
fn taken_on(data: &Data) -> Result<String, CallFailure> {
    match (data.text("result"), data.text("orderid").filter(|id| is_plain_id(id))) {
        (Some("0"), _) => Err(unsent("Trustly did not take it on")),
        (Some("1"), Some(order)) => Ok(order.to_owned()),
        _ => Err(unclear("the answer has no order")),
    }
}

fn refusal(data: &Data) -> CallFailure {
    let name = data.text("message").filter(|name| is_plain_id(name)).unwrap_or("none");
    let reason = format!("error {name}");
    if name == "none" || NO_REFUSALS.contains(&name) {
        CallFailure::Unclear(reason)
    } else {
        CallFailure::Refused(reason)
    }
}

fn unsent(reason: &str) -> CallFailure {
    CallFailure::Refused(reason.to_owned())
}

fn unclear(reason: &str) -> CallFailure {
    CallFailure::Unclear(reason.to_owned())
}
