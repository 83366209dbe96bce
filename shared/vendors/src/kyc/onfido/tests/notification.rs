//! The webhook.

use domain::account::VerificationStatus;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::kyc::Watchlist;

const APPROVED: &[u8] = include_bytes!("../fixtures/run-approved.json");
const SIGNATURE: &str = "ea40b16bbef4933e9a1e0fb500f6f0bd649820379f9b118e87fa2ce5982915de";

fn told(body: &[u8]) -> Result<VerificationReport, Receipt> {
    let signature = sign_body(body, SECRET.as_bytes());
    received(&onfido(|_| ()), &[(SIGNATURE_HEADER, &signature)], body)
}

/// The fixture for one of our players with something changed, signed anew.
fn changed(change: impl FnOnce(&mut Value)) -> Result<VerificationReport, Receipt> {
    let mut body: Value = serde_json::from_slice(APPROVED).unwrap();
    body["payload"]["resource"] = json!({"customer_user_id": PLAYER, "workflow_id": WORKFLOW});
    change(&mut body["payload"]);
    told(&serde_json::to_vec(&body).unwrap())
}

#[test]
fn the_known_call_is_accepted() {
    assert_eq!(sign_body(APPROVED, SECRET.as_bytes()), SIGNATURE);
    let report = received(&onfido(|_| ()), &[(SIGNATURE_HEADER, SIGNATURE)], APPROVED).unwrap();
    assert_eq!(
        report,
        VerificationReport {
            key: domain::EntryKey::new("onfido", "wr_demo_1:workflow_run.completed:2026-01-02T03:04:05Z"),
            event: "workflow_run.completed".into(),
            findings: Findings {
                status: Some(VerificationStatus::Approved),
                as_of: Some("2026-01-02T03:04:05Z".parse().unwrap()),
                ..Findings::default()
            },
            reference: Some(Reference { kind: "workflow_run", id: "wr_demo_1".into() }),
            routine: false,
        }
    );
    let upper = SIGNATURE.to_uppercase();
    assert_eq!(received(&onfido(|_| ()), &[(SIGNATURE_HEADER, &upper)], APPROVED), Ok(report));
    assert_eq!(changed(|_| ()).unwrap().findings.player, Some(PLAYER.parse().unwrap()));
}

#[test]
fn bad_signatures_and_tampered_bodies_are_refused() {
    for signature in [
        "",
        "00",
        "not hexadecimal",
        &SIGNATURE[..62],
        &SIGNATURE[..63],
        &"0".repeat(64),
        &format!("{SIGNATURE}00"),
    ] {
        let with = received(&onfido(|_| ()), &[(SIGNATURE_HEADER, signature)], APPROVED);
        assert_eq!(with, Err(Receipt::NotAuthentic), "{signature}");
    }
    assert_eq!(received(&onfido(|_| ()), &[], APPROVED), Err(Receipt::NotAuthentic));
    let signed = [(SIGNATURE_HEADER, SIGNATURE)];
    for body in [&APPROVED[1..], &[APPROVED, b"\n"].concat(), b""] {
        assert_eq!(received(&onfido(|_| ()), &signed, body), Err(Receipt::NotAuthentic));
    }
    let other = onfido(|it| it["webhook_token"] = json!("another"));
    assert_eq!(received(&other, &signed, APPROVED), Err(Receipt::NotAuthentic));
    let changing_over = onfido(|it| it["webhook_token"] = json!(["new", SECRET]));
    assert!(received(&changing_over, &signed, APPROVED).is_ok());
    let long = [APPROVED, " ".repeat(256 * 1024).as_bytes()].concat();
    assert_eq!(told(&long), Err(Receipt::NotAuthentic));
}

#[test]
fn the_status_of_a_run_is_a_hint() {
    for (status, expected) in [
        ("processing", Some(VerificationStatus::Pending)),
        ("awaiting_input", Some(VerificationStatus::Pending)),
        ("awaiting_client_input", Some(VerificationStatus::Pending)),
        ("approved", Some(VerificationStatus::Approved)),
        ("declined", Some(VerificationStatus::Rejected)),
        ("review", Some(VerificationStatus::InReview)),
        ("abandoned", Some(VerificationStatus::Expired)),
        ("error", None),
        ("Approved", None),
        ("", None),
    ] {
        let report = changed(|it| it["object"]["status"] = json!(status)).unwrap();
        assert_eq!(report.findings.status, expected, "{status}");
        assert_eq!(report.reference.unwrap().kind, "workflow_run", "every one is looked up");
    }
}

#[test]
fn events_are_looked_up_passed_by_or_kept() {
    for (action, kind, routine) in [
        ("workflow_run.completed", Some("workflow_run"), false),
        ("check.completed", Some("check"), false),
        ("watchlist_monitor.matches_updated", Some("watchlist_monitor"), false),
        ("workflow_task.started", None, true),
        ("workflow_task.completed", None, true),
        ("check.started", None, true),
        ("check.form_completed", None, true),
        ("check.reopened", None, false),
        ("check.withdrawn", None, false),
        ("report.completed", None, true),
        ("report.awaiting_approval", None, true),
        ("report.resumed", None, true),
        ("report.cancelled", None, false),
        ("report.withdrawn", None, false),
        ("audit_log.created", None, true),
        ("workflow_timeline_file.created", None, true),
        ("workflow_run_evidence_folder.created", None, true),
        ("unheard.of", None, false),
    ] {
        let report = changed(|it| it["action"] = json!(action)).unwrap();
        assert_eq!(report.reference.map(|it| it.kind), kind, "{action}");
        assert_eq!((report.routine, report.event.as_str()), (routine, action));
        let is_match = action == "watchlist_monitor.matches_updated";
        assert_eq!(report.findings.hits.contains(&Watchlist::Other), is_match, "{action}");
        if action != "workflow_run.completed" {
            assert_eq!(report.findings.status.is_some(), is_match, "{action}");
        }
    }
}

#[test]
fn the_time_is_as_exact_as_told() {
    let as_of = |object: Value, resource: Value| {
        changed(|it| {
            it["object"] = object;
            it["resource"] = resource;
        })
        .unwrap()
        .findings
        .as_of
    };
    let time = |text: &str| Some(text.parse().unwrap());
    let both = json!({"id": "x", "started_at_iso8601": "2026-01-01T00:00:00Z", "completed_at_iso8601": "2026-01-02T00:00:00Z"});
    assert_eq!(as_of(both, json!({"updated_at": "2026-01-03T00:00:00Z"})), time("2026-01-02T00:00:00Z"));
    assert_eq!(
        as_of(json!({"id": "x"}), json!({"updated_at": "2026-01-03T00:00:00Z"})),
        time("2026-01-03T00:00:00Z")
    );
    let started = json!({"id": "x", "started_at_iso8601": "2026-01-01T00:00:00+01:00"});
    assert_eq!(as_of(started, json!(null)), time("2025-12-31T23:00:00Z"));
    assert_eq!(as_of(json!({"id": "x"}), json!(null)), None);
}

#[test]
fn every_match_has_its_own_time() {
    let told = |updated: &str| {
        let report = changed(|it| {
            it["action"] = json!("watchlist_monitor.matches_updated");
            it["object"] = json!({"id": "m", "started_at_iso8601": "2026-01-01T00:00:00Z"});
            it["resource"] = json!({"updated_at": updated});
        });
        let report = report.unwrap();
        (report.key.tx, report.findings.as_of.map(|time| time.to_string()))
    };
    let (first, second) = (told("2026-01-02T00:00:00Z"), told("2026-01-03T00:00:00Z"));
    assert_eq!(first.1.as_deref(), Some("2026-01-02T00:00:00Z"));
    assert_ne!(first.0, second.0);
    assert_eq!(told("").1, None, "when the monitor began says nothing");
}

#[test]
fn signed_nonsense_is_malformed() {
    for (pointer, value) in [
        ("/object", json!(null)),
        ("/object/id", json!(null)),
        ("/object/id", json!("")),
        ("/object/id", json!("../applicants")),
        ("/object/id", json!("a:b")),
        ("/object/id", json!("x".repeat(10_000))),
        ("/action", json!(null)),
        ("/action", json!("")),
        ("/action", json!("a b")),
        ("/object/status", json!(1)),
        ("/object/completed_at_iso8601", json!("yesterday")),
        ("/object/completed_at_iso8601", json!("2026-02-30T00:00:00Z")),
        ("/resource", json!("x")),
    ] {
        let result = changed(|it| *it.pointer_mut(pointer).unwrap() = value.clone());
        assert_eq!(result, Err(Receipt::Malformed), "{pointer} {value:.60}");
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for body in ["", "null", "{}", "[]", "{\"payload\":", &deep] {
        assert_eq!(told(body.as_bytes()), Err(Receipt::Malformed), "{body:.40}");
    }
}

proptest! {
    #[test]
    fn no_bytes_panic_or_verify(body in proptest::collection::vec(any::<u8>(), 0..400), signature in "[ -~]*") {
        prop_assert!(told(&body).is_err());
        let unsigned = received(&onfido(|_| ()), &[(SIGNATURE_HEADER, &signature)], &body);
        prop_assert_eq!(unsigned, Err(Receipt::NotAuthentic));
    }

    #[test]
    fn no_signed_report_panics(id in ".*", action in ".*", status in ".*", time in ".*", user in ".*") {
        let _ = changed(|it| {
            it["object"]["id"] = json!(id);
            it["object"]["status"] = json!(status);
            it["object"]["completed_at_iso8601"] = json!(time);
            it["action"] = json!(action);
            it["resource"]["customer_user_id"] = json!(user);
        });
    }
}
