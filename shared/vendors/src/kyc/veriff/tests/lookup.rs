//! What is looked up at Veriff.

use domain::account::VerificationStatus;
use serde_json::{Value, json};

use super::*;
use crate::kyc::Watchlist;

/// The signature of a question about the known session.
const SIGNATURE: &str = "320643f4cd6e224ecf6ed12a5746983dbaba420c2dc3d056841e5ffda44d9cf7";

fn looked_up(screening: bool, answers: &[InboundAnswer]) -> Result<Step<Findings>, CallFailure> {
    let veriff = veriff(|it| it["watchlist_screening"] = json!(screening));
    veriff.look_up(&Reference { kind: "session", id: SESSION.to_owned() }, answers, now())
}

fn found(screening: bool, answers: &[InboundAnswer]) -> Findings {
    match looked_up(screening, answers).unwrap() {
        Step::Done(findings) => findings,
        Step::Call(call) => panic!("{call:?}"),
    }
}

fn decision(change: impl FnOnce(&mut Value)) -> InboundAnswer {
    let mut verification = json!({
        "id": SESSION, "attemptId": "a-1", "code": 9001, "status": "approved", "vendorData": PLAYER,
        "decisionTime": "2026-01-02T03:04:05.000Z", "reason": null, "reasonCode": null,
        "person": {"firstName": "Ada", "lastName": "Vella", "dateOfBirth": "1990-05-04"},
        "document": {"country": "MT", "validUntil": "2030-01-31"},
    });
    change(&mut verification);
    answer(200, &json!({"status": "success", "verification": verification}))
}

fn screening(status: &str, listings: &Value) -> InboundAnswer {
    let data = json!({
        "attemptId": "a-1", "sessionId": SESSION, "checkType": "initial_result", "matchStatus": status,
        "hits": [{"listingsRelatedToMatch": listings}],
    });
    answer(200, &json!({"status": "success", "data": data}))
}

#[test]
fn the_known_signature_is_made() {
    let first = call(looked_up(true, &[]));
    assert_eq!(first.url, format!("http://127.0.0.1:8080/sandbox/veriff/v1/sessions/{SESSION}/decision"));
    let second = call(looked_up(true, &[decision(|_| ())]));
    let url = format!("http://127.0.0.1:8080/sandbox/veriff/v1/sessions/{SESSION}/watchlist-screening");
    assert_eq!(second.url, url);
    for call in [first, second] {
        assert_eq!((call.method, call.body.len()), (http::Method::GET, 0));
        let headers = [("x-auth-client", KEY.to_owned()), ("x-hmac-signature", SIGNATURE.to_owned())];
        assert_eq!(call.headers, headers.into());
    }
}

#[test]
fn a_decision_is_read() {
    let findings = found(false, &[decision(|_| ())]);
    assert_eq!(findings.player, Some(PLAYER.parse().unwrap()));
    assert_eq!(findings.status, Some(VerificationStatus::Approved));
    assert_eq!(findings.as_of, Some("2026-01-02T03:04:05Z".parse().unwrap()));
    assert_eq!(findings.person.unwrap().first_name, "Ada");
    assert_eq!(findings.document.unwrap().expires_on, Some(domain::Date::constant(2030, 1, 31)));
    let declined = found(false, &[decision(|it| it["status"] = json!("declined"))]);
    assert_eq!(declined.status, Some(VerificationStatus::Rejected));
}

#[test]
fn an_approval_waits_for_the_screening() {
    let with = |screening| looked_up(true, &[decision(|_| ()), screening]);
    for not_yet in [answer(404, &json!({})), answer(200, &json!({"status": "success", "data": null}))] {
        assert!(matches!(with(not_yet), Err(CallFailure::Unclear(_))));
    }
    let hits = |screening| found(true, &[decision(|_| ()), screening]).hits;
    let listed = json!({"sanctions": [{}], "pep": [], "adverseMedia": [{}], "warnings": [{}]});
    let expected = [Watchlist::Sanctions, Watchlist::AdverseMedia, Watchlist::Other].into();
    assert_eq!(hits(screening("possible_match", &listed)), expected);
    assert_eq!(hits(screening("no_match", &json!({}))), [].into());
}

#[test]
fn no_decision_is_no_answer_yet() {
    let none = answer(200, &json!({"status": "success", "verification": null}));
    assert!(matches!(looked_up(false, &[none]), Err(CallFailure::Unclear(_))));
    let other = decision(|it| it["id"] = json!("another"));
    assert!(matches!(looked_up(false, &[other]), Err(CallFailure::Unclear(_))));
    let garbled = decision(|it| it["decisionTime"] = json!("soon"));
    assert!(matches!(looked_up(false, &[garbled]), Err(CallFailure::Unclear(_))));
    for (status, is_refusal) in [(404, true), (401, false), (429, false), (500, false)] {
        let failure = looked_up(false, &[answer(status, &json!({}))]).unwrap_err();
        assert_eq!(matches!(failure, CallFailure::Refused(_)), is_refusal, "{status}");
    }
}
