//! Our calls to Nuvei, and what it answers.

use domain::cashier::InstrumentKind;

use super::*;
use crate::payments::Destination;

fn payment(amount: &str) -> PaymentRequest {
    PaymentRequest {
        deposit: DEPOSIT.parse().unwrap(),
        player: PLAYER.parse().unwrap(),
        kind: InstrumentKind::Card,
        payer: None,
        amount: amount.parse().unwrap(),
        return_url: "https://casino.example/cashier?a=b".into(),
        expires_at: "2026-01-02T04:04:05Z".parse().unwrap(),
    }
}

fn payout(destination: Destination) -> PayoutRequest {
    PayoutRequest {
        reference: WITHDRAWAL.parse().unwrap(),
        player: PLAYER.parse().unwrap(),
        amount: "100 CAD".parse().unwrap(),
        destination,
    }
}

fn by_instrument() -> PayoutRequest {
    payout(Destination::Instrument { token: "70123456".into(), holder: None })
}

fn refund() -> RefundRequest {
    RefundRequest {
        reference: format!("{DEPOSIT}-1").parse().unwrap(),
        psp_reference: "711000000019876543".into(),
        amount: "5 EUR".parse().unwrap(),
    }
}

fn page(amount: &str) -> Vec<(String, String)> {
    page_of(&payment(amount))
}

fn page_of(payment: &PaymentRequest) -> Vec<(String, String)> {
    let Ok(Step::Done(page)) = nuvei().open_payment(payment, &[], now()) else { panic!("a page") };
    assert_eq!(page.psp_reference, DEPOSIT);
    let url: Url = page.redirect_url.parse().unwrap();
    assert_eq!(url.origin().ascii_serialization() + url.path(), "https://ppp-test.nuvei.com/ppp/purchase.do");
    url.query_pairs().into_owned().collect()
}

#[test]
fn a_page_is_a_signed_link() {
    let mut pairs = page("25 EUR");
    let (name, shown) = pairs.pop().unwrap();
    assert_eq!(name, "checksum");
    let text = |name: &str| pairs.iter().find(|(known, _)| known == name).unwrap().1.as_str();
    for (name, value) in [
        ("merchant_id", "1001"),
        ("merchant_site_id", "2002"),
        ("time_stamp", "2026-01-02.03:04:05"),
        ("version", "4.0.0"),
        ("total_amount", "25.00"),
        ("currency", "EUR"),
        ("user_token_id", PLAYER),
        ("merchant_unique_id", DEPOSIT),
        ("productId", DEPOSIT),
        ("item_amount_1", "25.00"),
        ("success_url", "https://casino.example/cashier?a=b"),
        ("notify_url", "https://casino.example/webhooks/payments/nuvei"),
        ("payment_method", "cc_card"),
        ("payment_method_mode", "filter"),
    ] {
        assert_eq!(text(name), value, "{name}");
    }
    let values: String = pairs.iter().map(|(_, value)| value.as_str()).collect();
    assert_eq!(shown, checksum(&[SECRET, values.as_bytes()]), "the secret, then all values in their order");
    let open = page_of(&PaymentRequest { kind: InstrumentKind::Wallet, ..payment("25 EUR") });
    assert!(open.iter().all(|(name, _)| !name.starts_with("payment_method")), "{open:?}");
}

#[test]
fn amounts_have_the_places_of_their_currency() {
    for (amount, text) in [("500 JPY", "500"), ("5.12 KWD", "5.120"), ("25 EUR", "25.00")] {
        assert!(page(amount).contains(&("total_amount".to_owned(), text.to_owned())), "{amount}");
    }
    for amount in ["0 EUR", "-1 EUR", "0.001 EUR", "0.5 JPY"] {
        let refused = nuvei().open_payment(&payment(amount), &[], now());
        assert!(matches!(refused, Err(CallFailure::Refused(_))), "{amount}");
    }
}

#[test]
fn a_payout_goes_to_the_instrument_that_paid() {
    let (url, body) = sent(nuvei().pay_out(&by_instrument(), &[], now()));
    assert_eq!(url, "https://ppp-test.nuvei.com/ppp/api/v1/payout.do");
    let signed = format!("10012002{WITHDRAWAL}100.00CAD20260102030405nuvei_demo_secret");
    assert_eq!(
        body,
        json!({
            "merchantId": "1001", "merchantSiteId": "2002",
            "clientRequestId": WITHDRAWAL, "clientUniqueId": WITHDRAWAL, "userTokenId": PLAYER,
            "amount": "100.00", "currency": "CAD",
            "userPaymentOption": {"userPaymentOptionId": "70123456"},
            "urlDetails": {"notificationUrl": "https://casino.example/webhooks/payments/nuvei"},
            "timeStamp": "20260102030405", "checksum": checksum(&[signed.as_bytes()]),
        })
    );
    let account =
        Destination::BankAccount { holder: "Ada".into(), iban: "MT84MALT011000012345MTLCAST001S".into() };
    assert!(matches!(nuvei().pay_out(&payout(account), &[], now()), Err(CallFailure::Refused(_))));
}

#[test]
fn a_key_that_is_to_come_signs_nothing_of_ours() {
    let keys = json!({"current": "nuvei_demo_secret", "next": "tomorrow", "previous": "yesterday"});
    let changing = Nuvei::new(&settings(|it| it["secret_key"] = keys)).unwrap();
    let (_, with_one) = sent(nuvei().pay_out(&by_instrument(), &[], now()));
    let (_, meanwhile) = sent(changing.pay_out(&by_instrument(), &[], now()));
    assert_eq!(meanwhile["checksum"], with_one["checksum"]);
}

#[test]
fn a_refund_is_asked_for() {
    let (url, body) = sent(nuvei().refund(&refund(), &[], now()));
    assert_eq!(url, "https://ppp-test.nuvei.com/ppp/api/v1/refundTransaction.do");
    let notify = "https://casino.example/webhooks/payments/nuvei";
    let reference = format!("{DEPOSIT}-1");
    let signed = format!(
        "10012002{reference}{reference}5.00EUR711000000019876543{notify}20260102030405nuvei_demo_secret"
    );
    assert_eq!(
        body,
        json!({
            "merchantId": "1001", "merchantSiteId": "2002", "clientRequestId": reference, "clientUniqueId": reference,
            "amount": "5.00", "currency": "EUR", "relatedTransactionId": "711000000019876543",
            "urlDetails": {"notificationUrl": notify},
            "timeStamp": "20260102030405", "checksum": checksum(&[signed.as_bytes()]),
        })
    );
    let done = answer(
        &json!({"status": "SUCCESS", "errCode": 0, "transactionId": "7", "transactionStatus": "APPROVED"}),
    );
    let taken = TakenRefund { psp_reference: Some("7".into()), notice: None };
    assert_eq!(nuvei().refund(&refund(), &[done], now()), Ok(Step::Done(taken)));
}

#[test]
fn payouts_are_taken_on_or_turned_down() {
    let said = |body: Value| nuvei().pay_out(&by_instrument(), &[answer(&body)], now());
    let moved = |status: &str| {
        said(json!({"status": "SUCCESS", "errCode": 0, "transactionId": "7", "transactionStatus": status}))
    };
    for status in ["APPROVED", "PENDING", "Approved"] {
        assert_eq!(
            moved(status),
            Ok(Step::Done(TakenPayout { psp_reference: Some("7".into()) })),
            "{status}"
        );
    }
    for status in ["DECLINED", "ERROR", "Declined"] {
        assert!(matches!(moved(status), Err(CallFailure::Refused(_))), "{status}");
    }
    assert!(matches!(said(json!({"status": "ERROR", "errCode": 1011})), Err(CallFailure::Refused(_))));
    for body in [
        json!({"status": "ERROR", "errCode": 1000}),
        json!({"status": "ERROR", "errCode": 1038}),
        json!({"status": "ERROR", "errCode": 4242}),
        json!({"status": "ERROR", "errCode": 1001}),
        json!({"status": "ERROR", "errCode": 9146}),
        json!({"status": "ERROR", "errCode": -1}),
        json!({"status": "ERROR"}),
        json!({"status": "SUCCESS"}),
        json!({"status": "SUCCESS", "transactionStatus": "APPROVED"}),
        json!({"status": "SUCCESS", "transactionStatus": "APPROVED", "transactionId": ""}),
        json!({}),
        json!(null),
    ] {
        assert!(matches!(said(body.clone()), Err(CallFailure::Unclear(_))), "{body}");
    }
    let outage = InboundAnswer { status: 503, body: br#"{"status":"ERROR","errCode":1011}"#.to_vec() };
    assert!(matches!(nuvei().pay_out(&by_instrument(), &[outage], now()), Err(CallFailure::Unclear(_))));
}
