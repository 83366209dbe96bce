//! The webhooks.

use domain::account::VerificationStatus;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::kyc::Watchlist;

const APPROVED: &[u8] = include_bytes!("../fixtures/decision-approved.json");
const SIGNATURE: &str = "1aa2ce4f0bf1930c6f68c0f4404b44cff187bb64fe9cbd23f225068703b1187f";

fn told(body: &[u8]) -> Result<VerificationReport, Receipt> {
    let signature = sign(body, SECRET.as_bytes());
    received(&veriff(|_| ()), &[(CLIENT_HEADER, KEY), (SIGNATURE_HEADER, &signature)], body)
}

fn told_json(body: &Value) -> Result<VerificationReport, Receipt> {
    told(&serde_json::to_vec(body).unwrap())
}

/// The fixture for one of our players, at a time, with something changed, signed anew.
fn changed(change: impl FnOnce(&mut Value)) -> Result<VerificationReport, Receipt> {
    let mut body: Value = serde_json::from_slice(APPROVED).unwrap();
    body["verification"]["vendorData"] = json!(PLAYER);
    body["verification"]["decisionTime"] = json!("2026-01-02T03:04:05.678901Z");
    change(&mut body["verification"]);
    told_json(&body)
}

fn screening(change: impl FnOnce(&mut Value)) -> Result<VerificationReport, Receipt> {
    let mut body = json!({
        "checkType": "initial_result", "attemptId": "a-1", "sessionId": SESSION, "vendorData": PLAYER,
        "endUserId": null, "matchStatus": "possible_match", "searchTerm": {"name": "Ada Vella", "year": "1990"},
        "totalHits": 1, "createdAt": "2026-01-02T03:04:06Z",
        "hits": [{"matchedName": "Ada Vella", "listingsRelatedToMatch": {
            "warnings": [], "sanctions": [{"sourceName": "A list"}], "fitnessProbity": null,
            "pep": [{"sourceName": "Another"}], "adverseMedia": [],
        }}],
    });
    change(&mut body);
    told_json(&body)
}

#[test]
fn the_known_call_is_accepted() {
    assert_eq!(sign(APPROVED, SECRET.as_bytes()), SIGNATURE);
    let with = |signature: &str| {
        received(&veriff(|_| ()), &[(CLIENT_HEADER, KEY), (SIGNATURE_HEADER, signature)], APPROVED)
    };
    let report = with(SIGNATURE).unwrap();
    assert_eq!(
        report,
        VerificationReport {
            key: domain::EntryKey::new("veriff", "66666666-7777-8888-9999-000000000000:9001:"),
            event: "approved 9001".into(),
            findings: Findings { status: Some(VerificationStatus::Approved), ..Findings::default() },
            reference: Some(Reference { kind: "session", id: SESSION.into() }),
            routine: false,
        }
    );
    assert_eq!(with(&SIGNATURE.to_uppercase()), Ok(report));
    let ours = changed(|_| ()).unwrap();
    assert_eq!(ours.findings.player, Some(PLAYER.parse().unwrap()));
    assert_eq!(ours.findings.as_of, Some("2026-01-02T03:04:05.678901Z".parse().unwrap()));
    assert_eq!(ours.key.tx, "66666666-7777-8888-9999-000000000000:9001:2026-01-02T03:04:05.678901Z");
}

#[test]
fn bad_signatures_other_clients_and_tampered_bodies_are_refused() {
    let with = |veriff: &Veriff, client: &str, signature: &str, body: &[u8]| {
        received(veriff, &[(CLIENT_HEADER, client), (SIGNATURE_HEADER, signature)], body)
    };
    let ours = veriff(|_| ());
    assert!(with(&ours, KEY, SIGNATURE, APPROVED).is_ok());
    for (client, signature) in [
        (KEY, ""),
        (KEY, "00"),
        (KEY, "not hexadecimal"),
        (KEY, &SIGNATURE[..62]),
        (KEY, &SIGNATURE[..63]),
        (KEY, &"0".repeat(64)),
        ("", SIGNATURE),
        ("another", SIGNATURE),
        (&KEY.to_uppercase(), SIGNATURE),
    ] {
        assert_eq!(
            with(&ours, client, signature, APPROVED),
            Err(Receipt::NotAuthentic),
            "{client} {signature}"
        );
    }
    for pairs in [&[][..], &[(CLIENT_HEADER, KEY)], &[(SIGNATURE_HEADER, SIGNATURE)]] {
        assert_eq!(received(&ours, pairs, APPROVED), Err(Receipt::NotAuthentic));
    }
    for body in [&APPROVED[1..], &[APPROVED, b"\n"].concat(), b""] {
        assert_eq!(with(&ours, KEY, SIGNATURE, body), Err(Receipt::NotAuthentic));
    }
    let other = veriff(|it| it["shared_secret"] = json!("another"));
    assert_eq!(with(&other, KEY, SIGNATURE, APPROVED), Err(Receipt::NotAuthentic));
    let changing_over = veriff(|it| it["shared_secret"] = json!(["new", SECRET]));
    assert!(with(&changing_over, KEY, SIGNATURE, APPROVED).is_ok());
    let long = [APPROVED, " ".repeat(256 * 1024).as_bytes()].concat();
    assert_eq!(told(&long), Err(Receipt::NotAuthentic));
}

#[test]
fn the_status_is_what_counts() {
    for (code, status, expected) in [
        (9001, "approved", Some(VerificationStatus::Approved)),
        (9102, "approved", None),
        (9102, "declined", Some(VerificationStatus::Rejected)),
        (9001, "declined", Some(VerificationStatus::Rejected)),
        (9103, "resubmission_requested", Some(VerificationStatus::Resubmit)),
        (9104, "expired", Some(VerificationStatus::Expired)),
        (9104, "abandoned", Some(VerificationStatus::Expired)),
        (9121, "abandoned", Some(VerificationStatus::Expired)),
        (9121, "review", Some(VerificationStatus::InReview)),
        (9999, "unheard_of", None),
    ] {
        let report = changed(|it| {
            it["code"] = json!(code);
            it["status"] = json!(status);
        })
        .unwrap();
        assert_eq!(report.findings.status, expected, "{code} {status}");
        assert_eq!(report.event, format!("{status} {code}"));
        let is_hint = expected == Some(VerificationStatus::Approved);
        assert_eq!((report.reference.is_some(), report.routine), (is_hint, false), "{code} {status}");
    }
}

#[test]
fn reasons_are_for_staff() {
    for reason in (101..=129).chain([201, 539]) {
        let declined = changed(|it| {
            it["code"] = json!(9102);
            it["status"] = json!("declined");
            it["reasonCode"] = json!(reason);
        });
        let declined = declined.unwrap();
        assert_eq!(declined.event, format!("declined 9102/{reason}"));
        assert_eq!(declined.findings.status, Some(VerificationStatus::Rejected));
    }
}

#[test]
fn a_decision_without_a_time_is_looked_up() {
    for time in [json!(null), json!("")] {
        let declined = changed(|it| {
            it["status"] = json!("declined");
            it["decisionTime"] = time.clone();
        });
        assert_eq!(declined.unwrap().reference.map(|it| it.id), Some(SESSION.to_owned()), "{time}");
    }
}

#[test]
fn what_the_webhook_tells_of_the_person_is_read() {
    let report = changed(|it| {
        it["person"] =
            json!({"firstName": "Ada", "lastName": "Vella", "dateOfBirth": "1990-05-04", "idNumber": null});
        it["document"] = json!({"type": "PASSPORT", "country": "MT", "validUntil": "2030-01-31"});
    });
    let findings = report.unwrap().findings;
    assert_eq!(findings.person.unwrap().birth_date, Some(domain::Date::constant(1990, 5, 4)));
    assert_eq!(findings.document.unwrap().country.as_deref(), Some("MT"));
}

#[test]
fn events_on_the_way_change_nothing() {
    let event = |code: u16, action: &str| {
        let body = json!({
            "id": SESSION, "attemptId": "a-1", "feature": "selfid", "code": code, "action": action,
            "vendorData": PLAYER, "endUserId": null,
        });
        told_json(&body).unwrap()
    };
    for (code, action) in [(7001, "started"), (7002, "submitted")] {
        let report = event(code, action);
        assert_eq!((report.routine, report.findings.status), (true, Some(VerificationStatus::Pending)));
        assert_eq!(report.key.tx, format!("a-1:{code}"));
        assert_eq!(report.findings.player, Some(PLAYER.parse().unwrap()));
    }
    for (code, action) in [(7001, "submitted"), (7003, "unheard_of")] {
        let report = event(code, action);
        assert_eq!((report.routine, report.findings.status), (false, None), "staff should know");
    }
}

#[test]
fn a_possible_match_is_a_hit() {
    let report = screening(|_| ()).unwrap();
    assert_eq!(report.key.tx, "a-1:watchlist.initial_result:2026-01-02T03:04:06Z");
    assert_eq!(report.event, "watchlist initial_result");
    assert_eq!(report.findings.status, Some(VerificationStatus::InReview));
    assert_eq!(report.findings.as_of, Some("2026-01-02T03:04:06Z".parse().unwrap()));
    assert_eq!(report.findings.hits, [Watchlist::Sanctions, Watchlist::Pep].into());
    assert!(!report.routine && report.reference.is_none());
    let shown = format!("{report:?}");
    assert!(!shown.contains("Ada") && !shown.contains("1990"), "{shown}");
    let updated = screening(|it| it["checkType"] = json!("updated_result")).unwrap();
    assert_eq!(updated.event, "watchlist updated_result");
}

#[test]
fn a_match_on_lists_that_nobody_named_is_a_hit_too() {
    for hits in [json!([]), json!([{}]), json!([{"listingsRelatedToMatch": {"pep": "yes"}}])] {
        let report = screening(|it| it["hits"] = hits.clone()).unwrap();
        assert_eq!(report.findings.hits, [Watchlist::Other].into(), "{hits}");
    }
    let unheard_of = screening(|it| it["matchStatus"] = json!("true_match")).unwrap();
    assert!(!unheard_of.routine && !unheard_of.findings.hits.is_empty());
}

#[test]
fn no_match_is_no_news() {
    let report = screening(|it| {
        it["matchStatus"] = json!("no_match");
        it["hits"] = json!([]);
    });
    let report = report.unwrap();
    assert_eq!((report.routine, report.findings.status), (true, None));
    assert!(report.findings.hits.is_empty());
}

#[test]
fn signed_nonsense_is_malformed() {
    for (field, value) in [
        ("id", json!(null)),
        ("id", json!("")),
        ("id", json!("../decision")),
        ("attemptId", json!(null)),
        ("attemptId", json!("a:b")),
        ("attemptId", json!("x".repeat(10_000))),
        ("code", json!("9001")),
        ("code", json!(-1)),
        ("status", json!("")),
        ("status", json!("a b")),
        ("decisionTime", json!("yesterday")),
        ("person", json!("Ada")),
    ] {
        let result = changed(|it| it[field] = value.clone());
        assert_eq!(result, Err(Receipt::Malformed), "{field} {value:.60}");
    }
    for (field, value) in [
        ("sessionId", json!("a/b")),
        ("checkType", json!("a b")),
        ("createdAt", json!("then")),
        ("hits", json!(1)),
    ] {
        let result = screening(|it| it[field] = value.clone());
        assert_eq!(result, Err(Receipt::Malformed), "{field} {value}");
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for body in ["", "null", "{}", "[]", "{\"verification\":null}", &deep] {
        assert_eq!(told(body.as_bytes()), Err(Receipt::Malformed), "{body:.40}");
    }
}

proptest! {
    #[test]
    fn no_bytes_panic_or_verify(body in proptest::collection::vec(any::<u8>(), 0..400), signature in "[ -~]*") {
        prop_assert!(told(&body).is_err());
        let headers = [(CLIENT_HEADER, KEY), (SIGNATURE_HEADER, signature.as_str())];
        prop_assert_eq!(received(&veriff(|_| ()), &headers, &body), Err(Receipt::NotAuthentic));
    }

    #[test]
    fn no_signed_report_panics(id in ".*", attempt in ".*", status in ".*", time in ".*", user in ".*", code: u16) {
        let _ = changed(|it| {
            it["id"] = json!(id);
            it["attemptId"] = json!(attempt);
            it["status"] = json!(status);
            it["code"] = json!(code);
            it["decisionTime"] = json!(time);
            it["vendorData"] = json!(user);
        });
        let _ = screening(|it| {
            it["sessionId"] = json!(id);
            it["checkType"] = json!(status);
            it["matchStatus"] = json!(attempt);
            it["createdAt"] = json!(time);
        });
    }
}
