//! Our calls to __Name__. What __Name__ tells is in `tests/contracts/payments/__name__.toml`.

use domain::cashier::InstrumentKind;
use serde_json::{Value, json};

use super::*;
use crate::call::OutboundCall;
use crate::payments::Destination;

const PLAYER: &str = "ply_01KDVAN5G00000000000000002";
const DEPOSIT: &str = "dep_01KDVAN5G00000000000000001";
const REFUND: &str = "dep_01KDVAN5G00000000000000001-1";
const PAYOUT: &str = "wdr_01KDVAN5G00000000000000003";

fn __name__(secret: &Value) -> Result<__Name__, SettingsError> {
    let settings = json!({"secret": secret, "base_url": "https://__name__.example/api"});
    __Name__::new(&serde_json::from_value(settings).unwrap())
}

fn changing() -> __Name__ {
    __name__(&json!({"current": "old", "next": "new"})).unwrap()
}

fn opened(amount: &str, answers: &[InboundAnswer]) -> Result<Step<PaymentPage>, CallFailure> {
    let request = PaymentRequest {
        deposit: DEPOSIT.parse().unwrap(),
        player: PLAYER.parse().unwrap(),
        kind: InstrumentKind::Card,
        payer: None,
        amount: amount.parse().unwrap(),
        return_url: "https://casino.example/".to_owned(),
        expires_at: "2026-11-23T13:00:00Z".parse().unwrap(),
    };
    changing().open_payment(&request, answers, Timestamp::UNIX_EPOCH)
}

fn paid_out(destination: Destination, answers: &[InboundAnswer]) -> Result<Step<TakenPayout>, CallFailure> {
    let (player, amount) = (PLAYER.parse().unwrap(), "25 EUR".parse().unwrap());
    let request = PayoutRequest { reference: PAYOUT.parse().unwrap(), player, amount, destination };
    changing().pay_out(&request, answers, Timestamp::UNIX_EPOCH)
}

fn refunded(answers: &[InboundAnswer]) -> Result<Step<TakenRefund>, CallFailure> {
    let (reference, amount) = (REFUND.parse().unwrap(), "20 EUR".parse().unwrap());
    let request = RefundRequest { reference, psp_reference: "pay-1".to_owned(), amount };
    changing().refund(&request, answers, Timestamp::UNIX_EPOCH)
}

fn answer(status: u16, body: &Value) -> InboundAnswer {
    InboundAnswer { status, body: serde_json::to_vec(body).unwrap() }
}

/// A call that moves money: signed whole, and the same at every repeat.
fn ordered<T: std::fmt::Debug>(path: &str, reference: &str, step: Result<Step<T>, CallFailure>) -> Value {
    let Ok(Step::Call(OutboundCall { method, url, headers, body })) = step else { panic!("a call: {step:?}") };
    assert_eq!((method, url), (http::Method::POST, format!("https://__name__.example/api{path}")));
    assert_eq!(headers["idempotency-key"], reference);
    let signed = [format!("POST {path} {reference}\n").as_bytes(), &body].concat();
    assert_eq!(headers[SIGNATURE_HEADER], sign(&signed, b"old"), "the secret in force is ours");
    serde_json::from_slice(&body).unwrap()
}

#[test]
fn our_reference_is_the_idempotency_key() {
    let payment = ordered("/payments", DEPOSIT, opened("25 EUR", &[]));
    assert_eq!((&payment["reference"], &payment["amount"]), (&json!(DEPOSIT), &json!("25.00")));
    let (token, holder) = ("acc-1".to_owned(), None);
    let payout = ordered("/payouts", PAYOUT, paid_out(Destination::Instrument { token, holder }, &[]));
    assert_eq!((&payout["amount"], &payout["to"]), (&json!("25.00"), &json!({"token": "acc-1"})));
    let (holder, iban) = ("Maria Borg".to_owned(), "MT84MALT011000012345MTLCAST001S".to_owned());
    let payout = ordered("/payouts", PAYOUT, paid_out(Destination::BankAccount { holder, iban }, &[]));
    assert_eq!(payout["to"], json!({"holder": "Maria Borg", "iban": "MT84MALT011000012345MTLCAST001S"}));
    let refund = ordered("/refunds", REFUND, refunded(&[]));
    assert_eq!((&refund["payment_id"], &refund["amount"]), (&json!("pay-1"), &json!("20.00")));
    assert!(matches!(opened("0.001 EUR", &[]), Err(CallFailure::Refused(_))), "no such money can be paid");
}

#[test]
fn what_was_taken_on_has_an_id() {
    let told = answer(201, &json!({"id": "pay-1", "url": "https://__name__.example/pay/1"}));
    let page = opened("25 EUR", &[told]);
    let redirect_url = "https://__name__.example/pay/1".to_owned();
    assert_eq!(page, Ok(Step::Done(PaymentPage { redirect_url, psp_reference: "pay-1".to_owned() })));
    let script = answer(201, &json!({"id": "pay-1", "url": "javascript:alert(1)"}));
    assert!(matches!(opened("25 EUR", &[script]), Err(CallFailure::Unclear(_))));
    let taken = refunded(&[answer(202, &json!({"id": "ref-1"}))]);
    let expected = TakenRefund { psp_reference: Some("ref-1".to_owned()), notice: None };
    assert_eq!(taken, Ok(Step::Done(expected)));
}

/// Who is told "refused" gives the money back: that must not happen to money that may be on its way.
#[test]
fn only_a_plain_no_is_a_refusal() {
    let paid_out = |status, body: &Value| {
        let (token, holder) = ("acc-1".to_owned(), None);
        paid_out(Destination::Instrument { token, holder }, &[answer(status, body)])
    };
    for status in [400, 422] {
        assert!(matches!(paid_out(status, &json!({})), Err(CallFailure::Refused(_))), "{status}");
    }
    for status in [302, 401, 404, 409, 429, 500, 503] {
        assert!(matches!(paid_out(status, &json!({})), Err(CallFailure::Unclear(_))), "{status}");
    }
    assert!(matches!(paid_out(200, &json!({})), Err(CallFailure::Unclear(_))));
    assert!(matches!(paid_out(200, &json!({"id": ""})), Err(CallFailure::Unclear(_))));
}

#[test]
fn what_happened_is_asked_for_by_our_reference() {
    let payout = Subject::Payout { reference: PAYOUT.to_owned(), psp_reference: None };
    let asked = |answers: &[InboundAnswer]| changing().look_up(&payout, answers, Timestamp::UNIX_EPOCH);
    let Ok(Step::Call(call)) = asked(&[]) else { panic!("a call") };
    assert_eq!(call.url, format!("https://__name__.example/api/payouts/{PAYOUT}"));
    assert_eq!(asked(&[answer(404, &json!({}))]), Ok(Step::Done(Vec::new())), "it was never sent");
    let event = |reference: &str| {
        json!({"event_id": "evt-1", "type": "payout.paid", "occurred_at": "2026-11-23T11:00:00Z",
            "reference": reference, "id": "pay-1", "amount": "25.00", "currency": "EUR"})
    };
    let told = answer(200, &event(PAYOUT));
    let Ok(Step::Done(notices)) = asked(std::slice::from_ref(&told)) else { panic!("an event") };
    assert_eq!(notices, [event::read(&told.body).unwrap()], "as if it had come unasked");
    for strange in [answer(200, &event(DEPOSIT)), answer(200, &json!({})), answer(500, &json!({}))] {
        assert!(matches!(asked(&[strange]), Err(CallFailure::Unclear(_))));
    }
}

#[test]
fn secrets_may_change_and_none_is_empty() {
    let headers = |secret: &[u8]| {
        let name: http::HeaderName = SIGNATURE_HEADER.parse().unwrap();
        http::HeaderMap::from_iter([(name, sign(b"{}", secret).parse().unwrap())])
    };
    for (secret, genuine) in [("old", true), ("new", true), ("other", false), ("", false)] {
        let headers = headers(secret.as_bytes());
        let call = RawCall::post("", &headers, b"{}");
        assert_eq!(changing().verify(call, Timestamp::UNIX_EPOCH).is_ok(), genuine, "{secret}");
    }
    for secret in [json!(""), json!([]), json!(["good", ""])] {
        assert_eq!(__name__(&secret).err(), Some(SettingsError::Secret));
    }
}
