//! What Adyen says of links and transfers when it is asked.

use domain::deposit::DepositEvent;
use domain::withdrawal::WithdrawalEvent;

use super::*;
use crate::payments::NoticeKind;

fn link() -> Subject {
    Subject::Payment { reference: "dep_1".into(), psp_reference: Some("PL1".into()) }
}

fn transfer() -> Subject {
    Subject::Payout { reference: "wdr_1".into(), psp_reference: Some("T1".into()) }
}

fn asked(subject: &Subject, status: u16, body: &Value) -> Result<PaymentNotice, CallFailure> {
    let answer = InboundAnswer { status, body: serde_json::to_vec(body).unwrap() };
    match adyen(|_| ()).look_up(subject, &[answer], Timestamp::UNIX_EPOCH)? {
        Step::Done(mut told) => Ok(told.remove(0)),
        Step::Call(call) => panic!("{call:?}"),
    }
}

#[test]
fn records_are_asked_for() {
    let adyen = adyen(|it| it["transfer_api_key"] = json!("other-key"));
    for (subject, path, key) in
        [(link(), "v71/paymentLinks/PL1", "demo-api-key"), (transfer(), "btl/v4/transfers/T1", "other-key")]
    {
        let Ok(Step::Call(call)) = adyen.look_up(&subject, &[], Timestamp::UNIX_EPOCH) else {
            panic!("a call")
        };
        assert_eq!(
            (call.method, call.url),
            (http::Method::GET, format!("http://127.0.0.1:8080/sandbox/adyen/{path}"))
        );
        assert_eq!(call.headers["x-api-key"], key);
    }
    for subject in [
        Subject::Payment { reference: "dep_1".into(), psp_reference: Some("PSP1".into()) },
        Subject::Payment { reference: "dep_1".into(), psp_reference: None },
        Subject::Payout { reference: "wdr_1".into(), psp_reference: Some("../x".into()) },
        Subject::Refund { reference: "dep_1-1".into(), payment: "PSP1".into(), refund: Some("RFD1".into()) },
    ] {
        let refused = adyen.look_up(&subject, &[], Timestamp::UNIX_EPOCH);
        assert!(matches!(refused, Err(CallFailure::Refused(_))), "{subject:?}");
    }
}

#[test]
fn links_say_how_far_they_are() {
    for (status, kind) in [
        ("active", NoticeKind::Noted),
        ("paymentPending", NoticeKind::Noted),
        ("expired", NoticeKind::Deposit(DepositEvent::Expired)),
        ("completed", NoticeKind::Unhandled { event_code: "link.completed".into() }),
    ] {
        let told =
            asked(&link(), 200, &json!({"id": "PL1", "reference": "dep_1", "status": status})).unwrap();
        assert_eq!((told.kind, told.reference.as_str()), (kind, "dep_1"));
        assert_eq!(told.key.tx, format!("link:PL1:{status}"));
    }
    assert!(matches!(asked(&link(), 404, &json!({})), Err(CallFailure::Refused(_))));
    for body in [json!({}), json!({"id": "PL2", "status": "active"}), json!({"id": "PL1", "status": "a b"})] {
        assert!(matches!(asked(&link(), 200, &body), Err(CallFailure::Unclear(_))), "{body}");
    }
    assert!(matches!(asked(&link(), 500, &json!({})), Err(CallFailure::Unclear(_))));
}

#[test]
fn a_transfer_is_told_as_in_its_notification() {
    let body = json!({
        "id": "T1", "reference": "wdr_1", "status": "booked", "direction": "outgoing", "sequenceNumber": 3,
        "amount": {"value": 10_000, "currency": "EUR"},
    });
    let told = asked(&transfer(), 200, &body).unwrap();
    assert_eq!((told.key.tx.as_str(), told.order), ("transfer:T1:3", Some(3)));
    let amount = "100 EUR".parse().unwrap();
    assert_eq!(told.kind, NoticeKind::Withdrawal(WithdrawalEvent::Paid { amount }));
    assert!(matches!(
        asked(&transfer(), 200, &json!({"id": "T2", "status": "booked"})),
        Err(CallFailure::Unclear(_))
    ));
}
