//! What `TrueLayer`'s records say.

use domain::deposit::DepositEvent;
use domain::withdrawal::WithdrawalEvent;

use super::*;
use crate::payments::NoticeKind;

fn subjects() -> [Subject; 3] {
    [
        Subject::Payment { reference: DEPOSIT.into(), psp_reference: Some("x-1".into()) },
        Subject::Payout { reference: WITHDRAWAL.into(), psp_reference: Some("x-1".into()) },
        Subject::Refund { reference: String::new(), payment: "pay-1".into(), refund: Some("x-1".into()) },
    ]
}

fn record(status: &str) -> Value {
    json!({
        "id": "x-1", "status": status, "amount_in_minor": 2500, "currency": "GBP",
        "metadata": {"reference": DEPOSIT}, "user": {"id": "user-1"},
        "payment_source": {"id": "source-1", "account_holder_name": "Ada"},
    })
}

fn read(subject: &Subject, status: u16, body: &Value) -> Result<PaymentNotice, CallFailure> {
    match truelayer().look_up(subject, &[token(), answer(status, body)], now())? {
        Step::Done(mut told) => Ok(told.remove(0)),
        Step::Call(call) => panic!("{call:?}"),
    }
}

#[test]
fn records_are_asked_for() {
    let paths = ["/v3/payments/x-1", "/v3/payouts/x-1", "/v3/payments/pay-1/refunds/x-1"];
    for (subject, path) in subjects().iter().zip(paths) {
        let Ok(Step::Call(call)) = truelayer().look_up(subject, &[token()], now()) else { panic!("a call") };
        assert_eq!((call.method, call.url), (http::Method::GET, format!("https://api.truelayer.com{path}")));
        assert_eq!(call.headers["authorization"], "Bearer token-1");
    }
    for subject in [
        Subject::Payment { reference: DEPOSIT.into(), psp_reference: None },
        Subject::Payout { reference: WITHDRAWAL.into(), psp_reference: Some("../x".into()) },
        Subject::Refund { reference: DEPOSIT.into(), payment: "a/b".into(), refund: Some("x".into()) },
        Subject::Refund { reference: DEPOSIT.into(), payment: "pay-1".into(), refund: None },
    ] {
        assert!(matches!(truelayer().look_up(&subject, &[], now()), Err(CallFailure::Refused(_))));
    }
}

#[test]
fn statuses_mean_what_they_say() {
    let amount: domain::Money = "25 GBP".parse().unwrap();
    let psp_reference = || "x-1".to_owned();
    let [payment, payout, refund] = &subjects();
    let deposit = |event| NoticeKind::Deposit(event);
    for (subject, status, expected) in [
        (payment, "authorization_required", NoticeKind::Noted),
        (payment, "authorizing", NoticeKind::Noted),
        (payment, "executed", deposit(DepositEvent::Authorised { amount, psp_reference: psp_reference() })),
        (payment, "authorized", deposit(DepositEvent::Authorised { amount, psp_reference: psp_reference() })),
        (payment, "settled", deposit(DepositEvent::Captured { amount, psp_reference: psp_reference() })),
        (payment, "failed", deposit(DepositEvent::Declined)),
        (payment, "new", NoticeKind::Unhandled { event_code: "payment.new".into() }),
        (payout, "pending", NoticeKind::Noted),
        (payout, "authorized", NoticeKind::Noted),
        (payout, "executed", NoticeKind::Withdrawal(WithdrawalEvent::Paid { amount })),
        (payout, "failed", NoticeKind::Withdrawal(WithdrawalEvent::Failed)),
        (payout, "new", NoticeKind::Unhandled { event_code: "payout.new".into() }),
        (refund, "pending", NoticeKind::Noted),
        (refund, "executed", deposit(DepositEvent::Refunded { amount })),
        (refund, "failed", deposit(DepositEvent::RefundFailed)),
        (refund, "new", NoticeKind::Unhandled { event_code: "refund.new".into() }),
    ] {
        let told = read(subject, 200, &record(status)).unwrap();
        assert_eq!(told.kind, expected, "{status}");
        assert_eq!(
            (told.reference.as_str(), told.instrument.as_ref().and_then(|it| it.token.as_deref())),
            (DEPOSIT, Some("user-1/source-1"))
        );
        assert!(told.key.tx.ends_with(&format!(":x-1:{status}")));
    }
}

#[test]
fn the_account_that_paid_is_the_instrument() {
    let [payment, _, refund] = &subjects();
    let mut settled = record("settled");
    settled["payment_source"] = json!({
        "id": "source-1", "account_holder_name": "Ada Example",
        "account_identifiers": [{"type": "iban", "iban": "GB29NWBK60161331926819"}],
    });
    let told = read(payment, 200, &settled).unwrap();
    let paid_with = told.instrument.unwrap();
    assert_eq!(paid_with.token.as_deref(), Some("user-1/source-1"));
    assert_eq!(paid_with.last_digits.as_deref(), Some("6819"));
    assert_eq!(paid_with.holder.as_deref(), Some("Ada Example"));
    assert!(paid_with.proven && !format!("{paid_with:?}").contains("Ada"), "names are not logged");
    let by_iban = paid_with.identity;
    assert!(by_iban.is_some());
    settled["payment_source"]["account_identifiers"] = json!([
        {"type": "sort_code_account_number", "sort_code": "601613", "account_number": "31926819"},
    ]);
    let by_number = read(payment, 200, &settled).unwrap().instrument.unwrap();
    assert_eq!(by_number.identity, by_iban, "it is the same account by either number");
    settled["payment_source"]["id"] = json!("source/1");
    assert_eq!(read(payment, 200, &settled).unwrap().instrument.unwrap().token, None);
    let told = read(refund, 200, &record("executed")).unwrap();
    assert_eq!((told.psp_reference.as_deref(), told.refund.as_deref()), (Some("pay-1"), Some("x-1")));
}

#[test]
fn a_refund_without_our_reference_belongs_to_its_payment() {
    let refund = &subjects()[2];
    let mut made_there = record("executed");
    made_there["metadata"] = json!(null);
    let mut answers = vec![token(), answer(200, &made_there)];
    let Ok(Step::Call(call)) = truelayer().look_up(refund, &answers, now()) else { panic!("a call") };
    assert_eq!(call.url, "https://api.truelayer.com/v3/payments/pay-1");
    let mut paid = record("settled");
    paid["id"] = json!("pay-1");
    answers.push(answer(200, &paid));
    let Ok(Step::Done(told)) = truelayer().look_up(refund, &answers, now()) else { panic!("told") };
    assert_eq!((told[0].reference.as_str(), told[0].refund.as_deref()), (DEPOSIT, Some("x-1")));
    assert_eq!(told[0].psp_reference.as_deref(), Some("pay-1"));
    answers[2] = answer(200, &record("settled"));
    assert!(matches!(truelayer().look_up(refund, &answers, now()), Err(CallFailure::Unclear(_))));
}

#[test]
fn a_payout_that_fails_later_is_later() {
    let mut it = record("executed");
    it["executed_at"] = json!("2026-01-02T03:04:05Z");
    let executed = read(&subjects()[1], 200, &it).unwrap();
    it["status"] = json!("failed");
    it["failed_at"] = json!("2026-01-02T03:04:05.5Z");
    let failed = read(&subjects()[1], 200, &it).unwrap();
    assert!(executed.order.unwrap() < failed.order.unwrap());
    assert_ne!(executed.key, failed.key);
}

#[test]
fn answers_that_do_not_say_enough_are_unclear() {
    let [payment, ..] = &subjects();
    assert!(matches!(read(payment, 404, &json!({})), Err(CallFailure::Refused(_))));
    for status in [302, 401, 403, 429, 500] {
        assert!(
            matches!(read(payment, status, &record("settled")), Err(CallFailure::Unclear(_))),
            "{status}"
        );
    }
    for (field, value) in [
        ("id", json!("other")),
        ("id", json!(null)),
        ("status", json!("a b")),
        ("amount_in_minor", json!(0)),
        ("amount_in_minor", json!(-1)),
        ("amount_in_minor", json!(25.5)),
        ("amount_in_minor", json!("2500")),
        ("currency", json!("ZZZ")),
    ] {
        let mut it = record("settled");
        it[field] = value.clone();
        assert!(matches!(read(payment, 200, &it), Err(CallFailure::Unclear(_))), "{field} {value}");
    }
}
