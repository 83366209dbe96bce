//! Our calls to `TrueLayer`, and what it answers.

use domain::cashier::InstrumentKind;
use p521::ecdsa::signature::Verifier;

use super::super::jws::Detached;
use super::*;
use crate::payments::{Destination, Payer};

fn payment(amount: &str) -> PaymentRequest {
    PaymentRequest {
        deposit: DEPOSIT.parse().unwrap(),
        player: PLAYER.parse().unwrap(),
        kind: InstrumentKind::Card,
        payer: Some(Payer {
            first_name: "Ada".into(),
            last_name: "Example".into(),
            email: "ada@example.com".into(),
            country: "GB".into(),
        }),
        amount: amount.parse().unwrap(),
        return_url: "https://casino.example/cashier?a=b".into(),
        expires_at: "2026-01-02T04:04:05Z".parse().unwrap(),
    }
}

fn payout(destination: Destination) -> PayoutRequest {
    PayoutRequest {
        reference: WITHDRAWAL.parse().unwrap(),
        player: PLAYER.parse().unwrap(),
        amount: "100.50 GBP".parse().unwrap(),
        destination,
    }
}

/// A signed call of ours: its path, its idempotency key and its body.
fn signed<T: std::fmt::Debug>(step: Result<Step<T>, CallFailure>) -> (String, String, Value) {
    let Ok(Step::Call(call)) = step else { panic!("a call: {step:?}") };
    assert_eq!((call.method, call.headers["authorization"].as_str()), (http::Method::POST, "Bearer token-1"));
    let detached = Detached::read(&call.headers["tl-signature"]).unwrap();
    assert!(detached.is_known_kind() && detached.header.kid == "our-kid" && detached.header.jku.is_none());
    assert_eq!(detached.header.tl_headers, "Idempotency-Key");
    let mut headers = HeaderMap::new();
    headers.insert("idempotency-key", call.headers["idempotency-key"].parse().unwrap());
    let path = call.url.strip_prefix("https://api.truelayer.com").unwrap();
    let message = detached.message(RawCall::post("", &headers, &call.body), path).unwrap();
    let tag = p521::ecdsa::Signature::from_slice(&detached.tag).unwrap();
    Signer::new("our-kid", MERCHANT_SEC1).unwrap().verifying_key().verify(&message, &tag).unwrap();
    let body = serde_json::from_slice(&call.body).unwrap();
    (path.to_owned(), call.headers["idempotency-key"].clone(), body)
}

#[test]
fn a_token_comes_first() {
    let Ok(Step::Call(call)) = truelayer().open_payment(&payment("25 GBP"), &[], now()) else {
        panic!("a call")
    };
    assert_eq!(call.url, "https://auth.truelayer.com/connect/token");
    let form = "grant_type=client_credentials&client_id=casino&client_secret=secret&scope=payments";
    assert_eq!(String::from_utf8(call.body).unwrap(), form);
    for refused in [
        answer(400, &json!({"error": "invalid_client"})),
        answer(401, &json!({"access_token": "x"})),
        answer(200, &json!({})),
        answer(200, &json!({"access_token": "a\nb"})),
        answer(500, &json!(null)),
    ] {
        let unclear = truelayer().open_payment(&payment("25 GBP"), &[refused], now());
        assert!(matches!(unclear, Err(CallFailure::Unclear(_))));
    }
}

#[test]
fn a_payment_is_asked_for_and_its_page_read() {
    let (path, key, body) = signed(truelayer().open_payment(&payment("25 GBP"), &[token()], now()));
    assert_eq!((path.as_str(), key.as_str()), ("/v3/payments", DEPOSIT));
    assert_eq!(
        body,
        json!({
            "amount_in_minor": 2500, "currency": "GBP",
            "payment_method": {
                "type": "bank_transfer",
                "provider_selection": {"type": "user_selected"},
                "beneficiary": {
                    "type": "merchant_account", "merchant_account_id": "ma_1", "account_holder_name": "Casino Ltd",
                },
            },
            "user": {"id": "019b76aa-9600-0000-0000-000000000002", "name": "Ada Example", "email": "ada@example.com"},
            "metadata": {"reference": DEPOSIT},
        })
    );
    let opened =
        answer(201, &json!({"id": "pay-1", "resource_token": "r.t", "status": "authorization_required"}));
    let page = PaymentPage {
        redirect_url: "https://payment.truelayer.com/payments#payment_id=pay-1&resource_token=r.t\
            &return_uri=https%3A%2F%2Fcasino.example%2Fcashier%3Fa%3Db"
            .into(),
        psp_reference: "pay-1".into(),
    };
    let read = truelayer().open_payment(&payment("25 GBP"), &[token(), opened], now());
    assert_eq!(read, Ok(Step::Done(page)));
    let nobody = PaymentRequest { payer: None, ..payment("25 GBP") };
    assert!(matches!(truelayer().open_payment(&nobody, &[], now()), Err(CallFailure::Refused(_))));
}

#[test]
fn each_currency_has_its_account() {
    let accounts = json!({"GBP": "ma_gbp", "EUR": "ma_eur"});
    let truelayer = TrueLayer::new(&settings(|it| it["merchant_account_id"] = accounts)).unwrap();
    let source = || Destination::Instrument { token: "user-1/source-1".into(), holder: None };
    for (currency, account) in [("GBP", "ma_gbp"), ("EUR", "ma_eur")] {
        let amount = format!("25 {currency}");
        let (_, _, body) = signed(truelayer.open_payment(&payment(&amount), &[token()], now()));
        assert_eq!(body["payment_method"]["beneficiary"]["merchant_account_id"], account);
        let request = PayoutRequest { amount: amount.parse().unwrap(), ..payout(source()) };
        let (_, _, body) = signed(truelayer.pay_out(&request, &[token()], now()));
        assert_eq!(body["merchant_account_id"], account);
    }
    let refused = truelayer.open_payment(&payment("25 SEK"), &[], now());
    assert!(matches!(refused, Err(CallFailure::Refused(_))));
    let request = PayoutRequest { amount: "25 SEK".parse().unwrap(), ..payout(source()) };
    assert!(matches!(truelayer.pay_out(&request, &[], now()), Err(CallFailure::Refused(_))));
}

#[test]
fn payouts_go_back_to_the_source_or_to_an_account() {
    let source = payout(Destination::Instrument { token: "user-1/source-1".into(), holder: None });
    let (path, key, body) = signed(truelayer().pay_out(&source, &[token()], now()));
    assert_eq!((path.as_str(), key.as_str()), ("/v3/payouts", WITHDRAWAL));
    assert_eq!(
        body,
        json!({
            "merchant_account_id": "ma_1", "amount_in_minor": 10_050, "currency": "GBP",
            "beneficiary": {
                "type": "payment_source", "payment_source_id": "source-1", "user_id": "user-1",
                "reference": "01KDVAN5G000000000",
            },
            "metadata": {"reference": WITHDRAWAL},
        })
    );
    let iban = "MT84MALT011000012345MTLCAST001S";
    let account = payout(Destination::BankAccount { holder: "Ada Example".into(), iban: iban.into() });
    let (_, _, body) = signed(truelayer().pay_out(&account, &[token()], now()));
    assert_eq!(
        body["beneficiary"],
        json!({
            "type": "external_account", "account_holder_name": "Ada Example",
            "account_identifier": {"type": "iban", "iban": iban}, "reference": "01KDVAN5G000000000",
        })
    );
    let taken = truelayer().pay_out(&source, &[token(), answer(202, &json!({"id": "out-1"}))], now());
    assert_eq!(taken, Ok(Step::Done(TakenPayout { psp_reference: Some("out-1".into()) })));
    for token in ["", "source-1", "user/a/b", "a /b"] {
        let refused = truelayer().pay_out(
            &payout(Destination::Instrument { token: token.into(), holder: None }),
            &[],
            now(),
        );
        assert!(matches!(refused, Err(CallFailure::Refused(_))), "{token}");
    }
}

#[test]
fn a_refund_is_asked_for() {
    let mut request = RefundRequest {
        reference: format!("{DEPOSIT}-1").parse().unwrap(),
        psp_reference: "pay-1".into(),
        amount: "5 GBP".parse().unwrap(),
    };
    let (path, key, body) = signed(truelayer().refund(&request, &[token()], now()));
    assert_eq!((path.as_str(), key), ("/v3/payments/pay-1/refunds", format!("{DEPOSIT}-1")));
    let metadata = json!({"reference": format!("{DEPOSIT}-1")});
    assert_eq!(
        body,
        json!({"amount_in_minor": 500, "reference": "01KDVAN5G000000000", "metadata": metadata})
    );
    let taken = truelayer().refund(&request, &[token(), answer(202, &json!({"id": "ref-1"}))], now());
    assert_eq!(taken, Ok(Step::Done(TakenRefund { psp_reference: Some("ref-1".into()), notice: None })));
    request.psp_reference = "../payouts".into();
    assert!(matches!(truelayer().refund(&request, &[token()], now()), Err(CallFailure::Refused(_))));
}

#[test]
fn amounts_are_minor_units() {
    for (amount, minor) in [("500 JPY", 500), ("5.12 KWD", 5_120), ("0.01 EUR", 1)] {
        let (_, _, body) = signed(truelayer().open_payment(&payment(amount), &[token()], now()));
        assert_eq!(body["amount_in_minor"], minor);
    }
    for amount in ["0 EUR", "-1 EUR", "0.001 EUR", "0.5 JPY"] {
        let refused = truelayer().open_payment(&payment(amount), &[], now());
        assert!(matches!(refused, Err(CallFailure::Refused(_))), "{amount}");
    }
}

#[test]
fn refusals_and_outages_are_told_apart() {
    let request = payout(Destination::Instrument { token: "user-1/source-1".into(), holder: None });
    let said = |status, body| truelayer().pay_out(&request, &[token(), answer(status, &body)], now());
    for status in [400, 422] {
        assert!(matches!(said(status, json!({"id": "x"})), Err(CallFailure::Refused(_))), "{status}");
    }
    for status in [100, 302, 401, 403, 404, 409, 429, 500, 503] {
        assert!(matches!(said(status, json!({"id": "x"})), Err(CallFailure::Unclear(_))), "{status}");
    }
    for body in [json!({}), json!({"id": ""}), json!({"id": "a/b"}), json!(null)] {
        assert!(matches!(said(202, body.clone()), Err(CallFailure::Unclear(_))), "{body}");
    }
}
