//! Our calls to Adyen, and what it answers.

use domain::cashier::InstrumentKind;
use serde_json::{Value, json};

use super::*;
use crate::call::OutboundCall;
use crate::payments::{Destination, Holder};

fn payment(amount: &str) -> PaymentRequest {
    PaymentRequest {
        deposit: "dep_01KDVAN5G00000000000000001".parse().unwrap(),
        player: "ply_01KDVAN5G00000000000000002".parse().unwrap(),
        kind: InstrumentKind::Card,
        payer: None,
        amount: amount.parse().unwrap(),
        return_url: "https://casino.example/cashier".into(),
        expires_at: "2026-01-02T04:04:05.678Z".parse().unwrap(),
    }
}

fn payout(amount: &str) -> PayoutRequest {
    PayoutRequest {
        reference: "wdr_01KDVAN5G00000000000000003".parse().unwrap(),
        player: "ply_01KDVAN5G00000000000000002".parse().unwrap(),
        amount: amount.parse().unwrap(),
        destination: Destination::BankAccount {
            holder: "Ada Example".into(),
            iban: "MT84MALT011000012345MTLCAST001S".into(),
        },
    }
}

fn call<T: std::fmt::Debug>(step: Result<Step<T>, CallFailure>) -> OutboundCall {
    match step {
        Ok(Step::Call(call)) => call,
        other => panic!("a call: {other:?}"),
    }
}

fn page(adyen: &Adyen, answer: InboundAnswer) -> Result<Step<PaymentPage>, CallFailure> {
    adyen.open_payment(&payment("1 EUR"), &[answer], Timestamp::UNIX_EPOCH)
}

fn taken(adyen: &Adyen, answer: InboundAnswer) -> Result<Step<TakenPayout>, CallFailure> {
    adyen.pay_out(&payout("1 EUR"), &[answer], Timestamp::UNIX_EPOCH)
}

fn answer(status: u16, body: &Value) -> InboundAnswer {
    InboundAnswer { status, body: serde_json::to_vec(body).unwrap() }
}

#[test]
fn a_payment_link_is_asked_for() {
    let call = call(adyen(|_| ()).open_payment(&payment("25.00 EUR"), &[], Timestamp::UNIX_EPOCH));
    assert_eq!(call.method, http::Method::POST);
    assert_eq!(call.url, "http://127.0.0.1:8080/sandbox/adyen/v71/paymentLinks");
    assert_eq!(call.headers["x-api-key"], "demo-api-key");
    assert_eq!(call.headers["idempotency-key"], "dep_01KDVAN5G00000000000000001");
    assert_eq!(
        serde_json::from_slice::<Value>(&call.body).unwrap(),
        json!({
            "amount": {"value": 2500, "currency": "EUR"},
            "merchantAccount": "DemoCasinoECOM",
            "reference": "dep_01KDVAN5G00000000000000001",
            "returnUrl": "https://casino.example/cashier",
            "shopperReference": "ply_01KDVAN5G00000000000000002",
            "expiresAt": "2026-01-02T04:04:05Z",
            "allowedPaymentMethods": ["scheme"],
            "storePaymentMethodMode": "enabled",
            "recurringProcessingModel": "CardOnFile",
        })
    );
    assert!(!format!("{call:?}").contains("demo-api-key"));
    let wallet = PaymentRequest { kind: InstrumentKind::Wallet, ..payment("25.00 EUR") };
    let call = self::call(adyen(|_| ()).open_payment(&wallet, &[], Timestamp::UNIX_EPOCH));
    let body: Value = serde_json::from_slice(&call.body).unwrap();
    assert_eq!(body.get("allowedPaymentMethods"), None, "only cards have one name");
}

#[test]
fn a_transfer_is_asked_for() {
    let adyen = adyen(|it| {
        it["transfer_base_url"] = json!("https://balance.example/");
        it["transfer_api_key"] = json!("other-key");
    });
    let call = call(adyen.pay_out(&payout("100 ISK"), &[], Timestamp::UNIX_EPOCH));
    assert_eq!(call.url, "https://balance.example/btl/v4/transfers");
    assert_eq!(call.headers["x-api-key"], "other-key");
    assert_eq!(call.headers["idempotency-key"], "wdr_01KDVAN5G00000000000000003");
    assert_eq!(
        serde_json::from_slice::<Value>(&call.body).unwrap(),
        json!({
            "amount": {"value": 10_000, "currency": "ISK"},
            "balanceAccountId": "BA0001",
            "category": "bank",
            "counterparty": {"bankAccount": {
                "accountHolder": {"fullName": "Ada Example"},
                "accountIdentification": {"type": "iban", "iban": "MT84MALT011000012345MTLCAST001S"},
            }},
            "priority": "regular",
            "reference": "wdr_01KDVAN5G00000000000000003",
        })
    );
    assert!(!format!("{:?}", payout("1 EUR")).contains("Ada"));
}

#[test]
fn what_cannot_be_asked_for_is_not_sent() {
    let adyen = adyen(|_| ());
    for amount in ["0 EUR", "-1 EUR", "0.001 EUR", "0.5 JPY", "100.50 IDR", "1 BTC"] {
        let refused = adyen.open_payment(&payment(amount), &[], Timestamp::UNIX_EPOCH);
        assert!(matches!(refused, Err(CallFailure::Refused(_))), "{amount}");
        assert!(
            matches!(
                adyen.pay_out(&payout(amount), &[], Timestamp::UNIX_EPOCH),
                Err(CallFailure::Refused(_))
            ),
            "{amount}"
        );
    }
    let no_source = super::adyen(|it| it["balance_account"] = json!(null));
    assert!(matches!(
        no_source.pay_out(&payout("1 EUR"), &[], Timestamp::UNIX_EPOCH),
        Err(CallFailure::Refused(_))
    ));
}

#[test]
fn a_payment_page_is_read() {
    let opened = answer(201, &json!({"id": "PL1", "url": "https://pay.example/PL1", "status": "active"}));
    let page = PaymentPage { redirect_url: "https://pay.example/PL1".into(), psp_reference: "PL1".into() };
    assert_eq!(self::page(&adyen(|_| ()), opened), Ok(Step::Done(page)));
}

#[test]
fn answers_that_do_not_say_enough_are_unclear() {
    let adyen = adyen(|_| ());
    for body in [
        json!(null),
        json!({}),
        json!({"id": "PL1"}),
        json!({"id": "", "url": "https://pay.example"}),
        json!({"id": "PL1", "url": "javascript:alert(1)"}),
        json!({"id": "PL1", "url": "data:text/html,x"}),
        json!({"id": "PL1", "url": "/relative"}),
        json!({"id": 1, "url": null}),
    ] {
        let page = page(&adyen, answer(200, &body));
        assert!(matches!(page, Err(CallFailure::Unclear(_))), "{body}");
    }
    for body in [json!({"id": "T1"}), json!({"status": "received"}), json!({"id": "", "status": "received"})]
    {
        let taken = taken(&adyen, answer(200, &body));
        assert!(matches!(taken, Err(CallFailure::Unclear(_))), "{body}");
    }
    let garbage = InboundAnswer { status: 200, body: vec![0xff; 1000] };
    assert!(matches!(taken(&adyen, garbage), Err(CallFailure::Unclear(_))));
}

#[test]
fn a_transfer_is_taken_on_or_turned_down() {
    let adyen = adyen(|_| ());
    for status in ["received", "authorised", "pending", "booked"] {
        let taken = self::taken(&adyen, answer(202, &json!({"id": "T1", "status": status})));
        assert_eq!(taken, Ok(Step::Done(TakenPayout { psp_reference: Some("T1".into()) })), "{status}");
    }
    for status in ["refused", "failed"] {
        let taken = self::taken(&adyen, answer(200, &json!({"id": "T1", "status": status})));
        assert!(matches!(taken, Err(CallFailure::Refused(_))), "{status}");
    }
}

#[test]
fn only_what_is_wrong_with_the_request_is_a_refusal() {
    let adyen = adyen(|_| ());
    let wrong = json!({"errorCode": "14_030", "message": "IBAN MT84 of Ada"});
    for status in [400, 422] {
        let Err(CallFailure::Refused(reason)) = taken(&adyen, answer(status, &wrong)) else {
            panic!("{status} refuses")
        };
        assert!(reason.contains("14_030") && !reason.contains("MT84"), "{reason}");
    }
    for status in [100, 301, 401, 403, 404, 408, 409, 429, 500, 502, 503, 504] {
        let unclear = taken(&adyen, answer(status, &wrong));
        assert!(matches!(unclear, Err(CallFailure::Unclear(_))), "{status}");
    }
    let at_work = taken(&adyen, answer(422, &json!({"errorCode": "704"})));
    assert!(matches!(at_work, Err(CallFailure::Unclear(_))), "the first attempt may still go through");
}

#[test]
fn a_card_is_paid_by_its_token() {
    let to = |token: &str, holder: Option<(&str, &str)>| {
        let holder = holder.map(|(first, last)| Holder { first_name: first.into(), last_name: last.into() });
        let destination = Destination::Instrument { token: token.into(), holder };
        let request = PayoutRequest { destination, ..payout("1 EUR") };
        adyen(|_| ()).pay_out(&request, &[], Timestamp::UNIX_EPOCH)
    };
    for (written, plain) in [
        (("Ada", "Example"), ("Ada", "Example")),
        ((" Jos\u{e9} ", "G\u{127}awdex"), ("Jose", "Ghawdex")),
        (("J\u{fc}rgen-Karl", "O\u{2019}Neill 2nd"), ("Jurgen-Karl", "ONeill nd")),
    ] {
        let body: Value = serde_json::from_slice(&call(to("TOKEN1", Some(written))).body).unwrap();
        assert_eq!(body["category"], "card");
        assert_eq!(
            body["counterparty"],
            json!({"card": {
                "cardHolder": {
                    "firstName": plain.0, "lastName": plain.1, "type": "individual",
                    "reference": "ply_01KDVAN5G00000000000000002",
                },
                "cardIdentification": {"storedPaymentMethodId": "TOKEN1"},
            }})
        );
    }
    let ada = Some(("Ada", "Example"));
    for (token, holder) in [("TOKEN1", None), ("../x", ada), ("", ada), ("TOKEN1", Some(("Ada", "123")))] {
        assert!(matches!(to(token, holder), Err(CallFailure::Refused(_))), "{token}");
    }
}

#[test]
fn a_refund_is_asked_for() {
    let mut request = RefundRequest {
        reference: "dep_01KDVAN5G00000000000000001-1".parse().unwrap(),
        psp_reference: "PSP1".into(),
        amount: "5 EUR".parse().unwrap(),
    };
    let adyen = adyen(|_| ());
    let call = call(adyen.refund(&request, &[], Timestamp::UNIX_EPOCH));
    assert_eq!(call.url, "http://127.0.0.1:8080/sandbox/adyen/v71/payments/PSP1/refunds");
    let key = "dep_01KDVAN5G00000000000000001-1";
    assert_eq!((call.headers["idempotency-key"].as_str(), call.method), (key, http::Method::POST));
    assert_eq!(
        serde_json::from_slice::<Value>(&call.body).unwrap(),
        json!({
            "amount": {"value": 500, "currency": "EUR"},
            "merchantAccount": "DemoCasinoECOM",
            "reference": key,
        })
    );
    let received = answer(201, &json!({"pspReference": "RFD1", "status": "received"}));
    let taken = adyen.refund(&request, &[received], Timestamp::UNIX_EPOCH);
    assert_eq!(taken, Ok(Step::Done(TakenRefund { psp_reference: Some("RFD1".into()), notice: None })));
    let refused = adyen.refund(&request, &[answer(422, &json!({"errorCode": "167"}))], Timestamp::UNIX_EPOCH);
    assert!(matches!(refused, Err(CallFailure::Refused(_))));
    let unclear = adyen.refund(&request, &[answer(201, &json!({"pspReference": ""}))], Timestamp::UNIX_EPOCH);
    assert!(matches!(unclear, Err(CallFailure::Unclear(_))));
    request.psp_reference = "../x".into();
    assert!(matches!(adyen.refund(&request, &[], Timestamp::UNIX_EPOCH), Err(CallFailure::Refused(_))));
}
