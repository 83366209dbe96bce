//! What Nuvei's records say.

use domain::deposit::DepositEvent;
use domain::withdrawal::WithdrawalEvent;

use super::*;
use crate::payments::NoticeKind;

fn payment(psp_reference: Option<&str>) -> Subject {
    Subject::Payment { reference: DEPOSIT.into(), psp_reference: psp_reference.map(str::to_owned) }
}

fn payout() -> Subject {
    Subject::Payout { reference: WITHDRAWAL.into(), psp_reference: None }
}

fn refund_id() -> String {
    format!("{DEPOSIT}-1")
}

fn refund(known: Option<&str>) -> Subject {
    let refund = known.map(str::to_owned);
    Subject::Refund { reference: refund_id(), payment: "1".into(), refund }
}

fn transaction(kind: &str, status: &str) -> Value {
    json!({
        "status": "SUCCESS", "errCode": 0, "clientUniqueId": DEPOSIT,
        "paymentOption": {"userPaymentOptionId": "70123456"},
        "transactionDetails": {
            "transactionId": "7", "transactionType": kind, "transactionStatus": status,
            "processedAmount": "25.00", "processedCurrency": "EUR",
        },
    })
}

fn paid_out(status: &str) -> Value {
    json!({
        "status": "SUCCESS", "clientRequestId": WITHDRAWAL, "transactionId": "8", "transactionStatus": status,
        "amount": "100.00", "currency": "CAD",
    })
}

fn read(subject: &Subject, body: &Value) -> Result<PaymentNotice, CallFailure> {
    match nuvei().look_up(subject, &[answer(body)], now())? {
        Step::Done(mut told) => Ok(told.remove(0)),
        Step::Call(call) => panic!("{call:?}"),
    }
}

#[test]
fn records_are_asked_for() {
    for (subject, field, id) in [
        (payment(Some("711000000019876543")), "transactionId", "711000000019876543"),
        (payment(None), "clientUniqueId", DEPOSIT),
        (payment(Some(DEPOSIT)), "clientUniqueId", DEPOSIT),
    ] {
        let (url, body) = sent(nuvei().look_up(&subject, &[], now()));
        assert_eq!(url, "https://ppp-test.nuvei.com/ppp/api/v1/getTransactionDetails.do");
        let signed = format!("10012002{id}20260102030405nuvei_demo_secret");
        let checksum = checksum(&[signed.as_bytes()]);
        let asked = json!({"merchantId": "1001", "merchantSiteId": "2002", field: id,
            "timeStamp": "20260102030405", "checksum": checksum});
        assert_eq!(body, asked);
    }
    let (url, body) = sent(nuvei().look_up(&payout(), &[], now()));
    assert_eq!(url, "https://ppp-test.nuvei.com/ppp/api/v1/getPayoutStatus.do");
    let signed = format!("10012002{WITHDRAWAL}20260102030405nuvei_demo_secret");
    assert_eq!(
        (&body["clientRequestId"], &body["checksum"]),
        (&json!(WITHDRAWAL), &json!(checksum(&[signed.as_bytes()])))
    );
    for (known, field, id) in
        [(Some("7"), "transactionId", "7".to_owned()), (None, "clientUniqueId", refund_id())]
    {
        let (url, body) = sent(nuvei().look_up(&refund(known), &[], now()));
        assert_eq!(url, "https://ppp-test.nuvei.com/ppp/api/v1/getTransactionDetails.do");
        assert_eq!(body[field], json!(id));
    }
}

#[test]
fn refunds_are_found_by_our_ids_and_belong_to_their_deposits() {
    let amount = "25 EUR".parse().unwrap();
    let mut credit = transaction("Credit", "APPROVED");
    credit["clientUniqueId"] = json!(refund_id());
    for asked in [refund(None), refund(Some("7")), payment(Some("7"))] {
        let told = read(&asked, &credit).unwrap();
        assert_eq!(told.kind, NoticeKind::Deposit(DepositEvent::Refunded { amount }));
        assert_eq!((told.reference, told.refund.as_deref()), (refund_id(), Some("7")));
        assert_eq!(told.psp_reference, None, "the payment is not named");
    }
    let unknown = json!({"status": "ERROR", "errCode": 9146});
    for nobody_knows in [refund(None), payment(None), payment(Some(DEPOSIT)), payout()] {
        let told = nuvei().look_up(&nobody_knows, &[answer(&unknown)], now());
        assert_eq!(told, Ok(Step::Done(Vec::new())), "{nobody_knows:?}");
    }
    for other in [format!("{DEPOSIT}-x"), "dep_01KDVAN5G0000000000000000Z-1".to_owned()] {
        credit["clientUniqueId"] = json!(other);
        assert!(matches!(read(&payment(Some("7")), &credit), Err(CallFailure::Refused(_))), "{other}");
    }
}

#[test]
fn transactions_mean_what_they_say() {
    let amount: domain::Money = "25 EUR".parse().unwrap();
    let psp_reference = || "7".to_owned();
    let captured = || DepositEvent::Captured { amount, psp_reference: psp_reference() };
    for (kind, status, event) in [
        ("Sale", "APPROVED", captured()),
        ("Sale", "Approved", captured()),
        ("Settle", "APPROVED", captured()),
        ("Auth", "APPROVED", DepositEvent::Authorised { amount, psp_reference: psp_reference() }),
        ("Credit", "APPROVED", DepositEvent::Refunded { amount }),
        ("Credit", "DECLINED", DepositEvent::RefundFailed),
        ("Credit", "ERROR", DepositEvent::RefundFailed),
        ("Void", "APPROVED", DepositEvent::Cancelled),
        ("Sale", "CANCELED", DepositEvent::Cancelled),
        ("Sale", "DECLINED", DepositEvent::Declined),
        ("Auth", "ERROR", DepositEvent::Declined),
    ] {
        let told = read(&payment(Some("7")), &transaction(kind, status)).unwrap();
        assert_eq!(told.kind, NoticeKind::Deposit(event), "{kind} {status}");
        assert_eq!(told.key.tx, format!("transaction:7:{kind}.{}", status.to_uppercase()));
        assert_eq!(
            (told.reference.as_str(), told.instrument.as_ref().and_then(|it| it.token.as_deref())),
            (DEPOSIT, Some("70123456"))
        );
    }
    assert_eq!(read(&payment(None), &transaction("Sale", "PENDING")).unwrap().kind, NoticeKind::Noted);
    for (kind, status) in [("Chargeback", "APPROVED"), ("Settle", "DECLINED"), ("New", "NEW")] {
        let unhandled = NoticeKind::Unhandled { event_code: format!("{kind}.{status}") };
        assert_eq!(read(&payment(None), &transaction(kind, status)).unwrap().kind, unhandled);
    }
}

#[test]
fn payouts_mean_what_they_say() {
    let amount = "100 CAD".parse().unwrap();
    for (status, expected) in [
        ("APPROVED", NoticeKind::Withdrawal(WithdrawalEvent::Paid { amount })),
        ("DECLINED", NoticeKind::Withdrawal(WithdrawalEvent::Failed)),
        ("ERROR", NoticeKind::Withdrawal(WithdrawalEvent::Failed)),
        ("PENDING", NoticeKind::Noted),
        ("NEW", NoticeKind::Unhandled { event_code: "Payout.NEW".into() }),
    ] {
        let told = read(&payout(), &paid_out(status)).unwrap();
        assert_eq!((told.kind, told.key.tx), (expected, format!("payout:8:{status}")));
    }
}

#[test]
fn a_record_of_something_else_says_nothing() {
    let mut other = transaction("Sale", "APPROVED");
    other["clientUniqueId"] = json!("dep_01KDVAN5G00000000000000009");
    assert!(matches!(read(&payment(Some("7")), &other), Err(CallFailure::Refused(_))));
    let mut other = paid_out("APPROVED");
    other["clientRequestId"] = json!("wdr_01KDVAN5G00000000000000009");
    assert!(matches!(read(&payout(), &other), Err(CallFailure::Unclear(_))));
}

#[test]
fn answers_that_do_not_say_enough_are_unclear() {
    for (pointer, value) in [
        ("/status", json!("ERROR")),
        ("/transactionDetails", json!(null)),
        ("/transactionDetails/transactionId", json!(null)),
        ("/transactionDetails/transactionType", json!("a b")),
        ("/transactionDetails/processedAmount", json!(null)),
        ("/transactionDetails/processedAmount", json!("25.005")),
        ("/transactionDetails/processedCurrency", json!("ZZZ")),
    ] {
        let mut body = transaction("Sale", "APPROVED");
        *body.pointer_mut(pointer).unwrap() = value.clone();
        assert!(matches!(read(&payment(None), &body), Err(CallFailure::Unclear(_))), "{pointer} {value}");
    }
}

#[test]
fn a_card_is_known_by_its_number_s_stand_in_and_a_wallet_is_not() {
    let identity = |option: &Value| {
        let mut record = transaction("Sale", "APPROVED");
        record["paymentOption"] = option.clone();
        read(&payment(Some("7")), &record).unwrap().instrument.unwrap().identity
    };
    let card = |upo: &str, unique: &str| json!({"userPaymentOptionId": upo, "card": {"last4Digits": "1111", "uniqueCC": unique}});
    let known = identity(&card("70123456", "FqYx"));
    assert!(known.is_some());
    assert_eq!(known, identity(&card("70999999", "FqYx")), "another player's option of the same card");
    assert_ne!(known, identity(&card("70123456", "GqYx")));
    assert_eq!(
        identity(&json!({"userPaymentOptionId": "70123456"})),
        None,
        "an option is one player's alone"
    );
}
