//! Our calls to Trustly, and what it answers.

use domain::cashier::InstrumentKind;
use domain::deposit::DepositEvent;

use super::*;
use crate::payments::{Destination, NoticeKind, Payer};

const DEPOSIT: &str = "dep_01KDVAN5G00000000000000001";
const PLAYER: &str = "ply_01KDVAN5G00000000000000002";
const WITHDRAWAL: &str = "wdr_01KDVAN5G00000000000000003";

fn payment(amount: &str) -> PaymentRequest {
    PaymentRequest {
        deposit: DEPOSIT.parse().unwrap(),
        player: PLAYER.parse().unwrap(),
        kind: InstrumentKind::Card,
        payer: Some(Payer {
            first_name: "Ada".into(),
            last_name: "Example".into(),
            email: "ada@example.com".into(),
            country: "FI".into(),
        }),
        amount: amount.parse().unwrap(),
        return_url: "https://casino.example/cashier".into(),
        expires_at: "2026-01-02T04:04:05Z".parse().unwrap(),
    }
}

fn payout(destination: Destination) -> PayoutRequest {
    PayoutRequest {
        reference: WITHDRAWAL.parse().unwrap(),
        player: PLAYER.parse().unwrap(),
        amount: "100.00 SEK".parse().unwrap(),
        destination,
    }
}

fn refund() -> RefundRequest {
    RefundRequest {
        reference: format!("{DEPOSIT}-1").parse().unwrap(),
        psp_reference: "90000001".into(),
        amount: "5 EUR".parse().unwrap(),
    }
}

fn now() -> domain::Timestamp {
    "2026-01-02T03:04:05Z".parse().unwrap()
}

/// The method, id and data of a call of ours, whose signature is checked.
fn sent<T: std::fmt::Debug>(step: Result<Step<T>, CallFailure>) -> (String, String, Value) {
    let Ok(Step::Call(call)) = step else { panic!("a call: {step:?}") };
    assert_eq!((call.method, call.url.as_str()), (http::Method::POST, "https://test.trustly.com/api/1"));
    let body: Value = serde_json::from_slice(&call.body).unwrap();
    assert_eq!(body["version"], "1.1");
    let (method, uuid) = (body["method"].as_str().unwrap(), body["params"]["UUID"].as_str().unwrap());
    let data = body["params"]["Data"].clone();
    assert!(is_ours(body["params"]["Signature"].as_str().unwrap(), method, uuid, &data));
    (method.to_owned(), uuid.to_owned(), data)
}

fn answer(method: &str, uuid: &str, data: &Value) -> InboundAnswer {
    let result =
        json!({"signature": signed(method, uuid, data), "uuid": uuid, "method": method, "data": data});
    InboundAnswer { status: 200, body: json!({"version": "1.1", "result": result}).to_string().into_bytes() }
}

fn error(method: &str, uuid: &str, name: &str) -> InboundAnswer {
    let data = json!({"code": 620, "message": name});
    let inner =
        json!({"signature": signed(method, uuid, &data), "uuid": uuid, "method": method, "data": data});
    let outer = json!({"name": "JSONRPCError", "code": 620, "message": name, "error": inner});
    InboundAnswer { status: 200, body: json!({"version": "1.1", "error": outer}).to_string().into_bytes() }
}

#[test]
fn a_deposit_is_asked_for_and_its_page_read() {
    let trustly = trustly(|_| ());
    let (method, uuid, data) = sent(trustly.open_payment(&payment("25 EUR"), &[], now()));
    assert_eq!(method, "Deposit");
    assert_eq!(
        data,
        json!({
            "Username": "merchant", "Password": "secret",
            "NotificationURL": "https://casino.example/webhooks/payments/trustly",
            "EndUserID": PLAYER, "MessageID": DEPOSIT,
            "Attributes": {
                "Amount": "25.00", "Currency": "EUR", "Country": "FI", "Locale": "en_GB",
                "Firstname": "Ada", "Lastname": "Example", "Email": "ada@example.com",
                "SuccessURL": "https://casino.example/cashier", "FailURL": "https://casino.example/cashier",
                "ShopperStatement": "Casino",
            },
        })
    );
    let again = sent(trustly.open_payment(&payment("25 EUR"), &[], now()));
    assert_eq!(again.1, uuid, "a repeat is the same call");
    let opened = answer("Deposit", &uuid, &json!({"orderid": "90000001", "url": "https://trustly.com/_/1"}));
    let page =
        PaymentPage { redirect_url: "https://trustly.com/_/1".into(), psp_reference: "90000001".into() };
    assert_eq!(trustly.open_payment(&payment("25 EUR"), &[opened], now()), Ok(Step::Done(page)));
    let nobody = PaymentRequest { payer: None, ..payment("25 EUR") };
    assert!(matches!(trustly.open_payment(&nobody, &[], now()), Err(CallFailure::Refused(_))));
    assert!(!format!("{:?}", payment("1 EUR")).contains("Ada"));
}

#[test]
fn amounts_have_the_places_of_their_currency() {
    let trustly = trustly(|_| ());
    for (amount, text) in [("500 JPY", "500"), ("5.12 KWD", "5.120"), ("11 SEK", "11.00")] {
        let (_, _, data) = sent(trustly.open_payment(&payment(amount), &[], now()));
        assert_eq!(data["Attributes"]["Amount"], text);
    }
    for amount in ["0 EUR", "-1 EUR", "0.001 EUR", "0.5 JPY"] {
        let refused = trustly.open_payment(&payment(amount), &[], now());
        assert!(matches!(refused, Err(CallFailure::Refused(_))), "{amount}");
    }
}

#[test]
fn a_payout_goes_to_the_account_that_paid() {
    let trustly = trustly(|_| ());
    let request = payout(Destination::Instrument { token: "7653385737".into(), holder: None });
    let (method, uuid, data) = sent(trustly.pay_out(&request, &[], now()));
    assert_eq!(method, "AccountPayout");
    assert_eq!(
        data,
        json!({
            "Username": "merchant", "Password": "secret",
            "NotificationURL": "https://casino.example/webhooks/payments/trustly",
            "AccountID": "7653385737", "EndUserID": PLAYER, "MessageID": WITHDRAWAL,
            "Amount": "100.00", "Currency": "SEK", "Attributes": {"ShopperStatement": "Casino"},
        })
    );
    let taken = answer("AccountPayout", &uuid, &json!({"orderid": "90000002", "result": "1"}));
    let expected = TakenPayout { psp_reference: Some("90000002".into()) };
    assert_eq!(trustly.pay_out(&request, &[taken], now()), Ok(Step::Done(expected)));
    let refused = answer("AccountPayout", &uuid, &json!({"orderid": "90000002", "result": "0"}));
    assert!(matches!(trustly.pay_out(&request, &[refused], now()), Err(CallFailure::Refused(_))));
    let account =
        Destination::BankAccount { holder: "Ada".into(), iban: "MT84MALT011000012345MTLCAST001S".into() };
    assert!(matches!(trustly.pay_out(&payout(account), &[], now()), Err(CallFailure::Refused(_))));
}

#[test]
fn only_signed_answers_to_this_call_count() {
    let trustly = trustly(|_| ());
    let request = payout(Destination::Instrument { token: "7653385737".into(), holder: None });
    let (_, uuid, _) = sent(trustly.pay_out(&request, &[], now()));
    let good = json!({"orderid": "90000002", "result": "1"});
    let mut forged: Value = serde_json::from_slice(&answer("AccountPayout", &uuid, &good).body).unwrap();
    forged["result"]["data"]["orderid"] = json!("90000003");
    for body in [
        forged.to_string().into_bytes(),
        answer("AccountPayout", UUID, &good).body,
        answer("Deposit", &uuid, &good).body,
        answer("AccountPayout", &uuid, &json!({"result": "1"})).body,
        answer("AccountPayout", &uuid, &json!({})).body,
        b"{}".to_vec(),
        b"<html>".to_vec(),
        br#"{"error":{"code":500,"message":"ERROR_INVALID_AMOUNT"}}"#.to_vec(),
        vec![0xff; 1000],
    ] {
        let unclear = trustly.pay_out(&request, &[InboundAnswer { status: 200, body }], now());
        assert!(matches!(unclear, Err(CallFailure::Unclear(_))), "{unclear:?}");
    }
}

#[test]
fn refusals_and_outages_are_told_apart() {
    let trustly = trustly(|_| ());
    let request = payout(Destination::Instrument { token: "7653385737".into(), holder: None });
    let (method, uuid, _) = sent(trustly.pay_out(&request, &[], now()));
    let said = |name: &str| trustly.pay_out(&request, &[error(&method, &uuid, name)], now());
    for name in ["ERROR_INVALID_AMOUNT", "ERROR_ACCOUNT_NOT_FOUND"] {
        assert_eq!(said(name), Err(CallFailure::Refused(format!("error {name}"))));
    }
    let before = said("ERROR_DUPLICATE_MESSAGE_ID");
    assert_eq!(said("ERROR_DUPLICATE_UUID"), before, "the same call was made before");
    assert_eq!(before, Ok(Step::Done(TakenPayout { psp_reference: None })), "the first answer was lost");
    for name in ["ERROR_INVALID_CREDENTIALS", "ERROR_UNKNOWN", "", "a b"] {
        assert!(matches!(said(name), Err(CallFailure::Unclear(_))), "{name}");
    }
}

#[test]
fn a_refund_counts_with_its_answer() {
    let trustly = trustly(|_| ());
    let (method, uuid, data) = sent(trustly.refund(&refund(), &[], now()));
    assert_eq!(method, "Refund");
    let asked = json!({"Username": "merchant", "Password": "secret", "OrderID": "90000001", "Amount": "5.00",
        "Currency": "EUR"});
    assert_eq!(data, asked);
    let done = answer("Refund", &uuid, &json!({"orderid": "90000001", "result": "1"}));
    let Ok(Step::Done(taken)) = trustly.refund(&refund(), &[done], now()) else { panic!("taken") };
    let notice = taken.notice.clone().unwrap();
    let reference = format!("{DEPOSIT}-1");
    assert_eq!((notice.key.tx, notice.reference), (format!("refund:{reference}"), reference));
    let amount = "5.00 EUR".parse().unwrap();
    assert_eq!(notice.kind, NoticeKind::Deposit(DepositEvent::Refunded { amount }));
    let said = |name: &str| trustly.refund(&refund(), &[error(&method, &uuid, name)], now());
    assert_eq!(said("ERROR_DUPLICATE_UUID"), Ok(Step::Done(taken)), "the first answer was lost");
    assert!(matches!(said("ERROR_INVALID_ORDER_ID"), Err(CallFailure::Refused(_))));
    assert!(matches!(said("ERROR_UNKNOWN"), Err(CallFailure::Unclear(_))));
}

#[test]
fn the_banks_progress_is_for_staff() {
    let trustly = trustly(|_| ());
    let payout = Subject::Payout { reference: WITHDRAWAL.into(), psp_reference: Some("90000002".into()) };
    let (method, uuid, data) = sent(trustly.look_up(&payout, &[], now()));
    assert_eq!((method.as_str(), &data["OrderID"]), ("GetWithdrawals", &json!("90000002")));
    let list =
        answer("GetWithdrawals", &uuid, &json!([{"orderid": "90000002", "transferState": "EXECUTED"}]));
    let Ok(Step::Done(told)) = trustly.look_up(&payout, &[list], now()) else { panic!("told") };
    assert_eq!(told[0].key.tx, "transfer:90000002:EXECUTED");
    assert_eq!(told[0].kind, NoticeKind::Unhandled { event_code: "transferState.EXECUTED".into() });
    let none = answer("GetWithdrawals", &uuid, &json!([]));
    assert_eq!(trustly.look_up(&payout, &[none], now()), Ok(Step::Done(Vec::new())));
    let deposit = Subject::Payment { reference: DEPOSIT.into(), psp_reference: Some("90000001".into()) };
    assert!(matches!(trustly.look_up(&deposit, &[], now()), Err(CallFailure::Refused(_))));
}
