//! What is looked up at Onfido.

use domain::account::VerificationStatus;
use serde_json::{Value, json};

use super::*;
use crate::kyc::Watchlist;

const BASE: &str = "http://127.0.0.1:8080/sandbox/onfido";

fn looked_up(onfido: &Onfido, kind: &'static str, answers: &[Value]) -> Result<Step<Findings>, CallFailure> {
    let answers: Vec<_> = answers.iter().map(|body| answer(200, body)).collect();
    onfido.look_up(&Reference { kind, id: "x1".to_owned() }, &answers, now())
}

fn found(onfido: &Onfido, kind: &'static str, answers: &[Value]) -> Findings {
    match looked_up(onfido, kind, answers).unwrap() {
        Step::Done(findings) => findings,
        Step::Call(call) => panic!("{call:?}"),
    }
}

fn run(status: &str, output: &Value) -> Value {
    json!({
        "id": "x1", "workflow_id": WORKFLOW, "customer_user_id": PLAYER, "status": status,
        "updated_at": "2026-01-02T03:04:05Z", "output": output,
    })
}

fn report(name: &str, result: &str, sub_result: Option<&str>) -> Value {
    json!({
        "name": name, "status": "complete", "result": result, "sub_result": sub_result,
        "breakdown": {}, "properties": {"first_name": "Ada", "last_name": "Vella", "date_of_birth": "1990-05-04"},
    })
}

/// A check with these reports, of an applicant of ours.
fn checked(onfido: &Onfido, check: &Value, reports: &[Value]) -> Findings {
    let runs = json!([{"id": "r", "customer_user_id": PLAYER}]);
    found(onfido, "check", &[check.clone(), json!({"reports": reports}), runs])
}

fn complete() -> Value {
    json!({"applicant_id": "app_1", "status": "complete", "sandbox": false})
}

#[test]
fn every_kind_is_asked_for_where_it_is() {
    let onfido = onfido(|_| ());
    let url = |kind, answers: &[Value]| call(looked_up(&onfido, kind, answers)).url;
    let of_applicant = format!("{BASE}/workflow_runs?applicant_id=app_1");
    assert_eq!(url("workflow_run", &[]), format!("{BASE}/workflow_runs/x1"));
    assert_eq!(url("check", &[]), format!("{BASE}/checks/x1"));
    assert_eq!(url("check", &[complete()]), format!("{BASE}/reports?check_id=x1"));
    assert_eq!(url("check", &[complete(), json!({"reports": []})]), of_applicant);
    assert_eq!(url("watchlist_monitor", &[]), format!("{BASE}/watchlist_monitors/x1"));
    assert_eq!(url("watchlist_monitor", &[json!({"applicant_id": "app_1"})]), of_applicant);
    assert!(matches!(looked_up(&onfido, "else", &[]), Err(CallFailure::Refused(_))));
    let astray = looked_up(&onfido, "watchlist_monitor", &[json!({"applicant_id": "../x"})]);
    assert!(matches!(astray, Err(CallFailure::Unclear(_))));
}

#[test]
fn a_run_is_read() {
    let output = json!({
        "document": {"sub_result": "clear", "properties": {
            "first_name": "Ada", "last_name": "Vella", "date_of_birth": "1990-05-04",
            "issuing_country": "MLT", "date_of_expiry": "2030-01-31",
        }},
        "aml": {"breakdown": {"sanction": {"result": "consider"}, "adverse_media": {"result": "clear"}}},
    });
    let findings = found(&onfido(|_| ()), "workflow_run", &[run("approved", &output)]);
    assert_eq!(findings.player, Some(PLAYER.parse().unwrap()));
    assert_eq!(findings.status, Some(VerificationStatus::Approved));
    assert_eq!(findings.as_of, Some("2026-01-02T03:04:05Z".parse().unwrap()));
    assert_eq!(findings.person.unwrap().last_name, "Vella");
    assert_eq!(findings.document.unwrap().expires_on, Some(domain::Date::constant(2030, 1, 31)));
    assert_eq!(findings.hits, [Watchlist::Sanctions].into());
}

#[test]
fn the_status_of_a_run_counts_as_looked_up() {
    let onfido = onfido(|_| ());
    let declined = |sub_result: &str| json!({"document": {"sub_result": sub_result}});
    for (status, output, expected) in [
        ("processing", json!(null), Some(VerificationStatus::Pending)),
        ("awaiting_input", json!(null), Some(VerificationStatus::Pending)),
        ("awaiting_client_input", json!(null), Some(VerificationStatus::Pending)),
        ("approved", json!({}), Some(VerificationStatus::Approved)),
        ("declined", json!({}), Some(VerificationStatus::Rejected)),
        ("declined", declined("clear"), Some(VerificationStatus::Rejected)),
        ("declined", declined("rejected"), Some(VerificationStatus::Resubmit)),
        ("declined", declined("suspected"), Some(VerificationStatus::Rejected)),
        ("declined", declined("caution"), Some(VerificationStatus::Rejected)),
        ("review", json!({}), Some(VerificationStatus::InReview)),
        ("abandoned", json!(null), Some(VerificationStatus::Expired)),
        ("error", json!(null), None),
        ("unheard_of", json!(null), None),
    ] {
        let findings = found(&onfido, "workflow_run", &[run(status, &output)]);
        assert_eq!(findings.status, expected, "{status} {output}");
    }
    let strict = super::onfido(|it| it["resubmit_rejected_documents"] = json!(false));
    let findings = found(&strict, "workflow_run", &[run("declined", &declined("rejected"))]);
    assert_eq!(findings.status, Some(VerificationStatus::Rejected));
}

#[test]
fn an_approval_counts_of_our_own_workflows_only() {
    let mut elsewhere = run("approved", &json!({}));
    elsewhere["workflow_id"] = json!("age-estimation");
    let status = |onfido: &Onfido| found(onfido, "workflow_run", &[elsewhere.clone()]).status;
    assert_eq!(status(&onfido(|_| ())), Some(VerificationStatus::InReview));
    let several = onfido(|it| it["workflows"] = json!({"GB": "age-estimation"}));
    assert_eq!(status(&several), Some(VerificationStatus::Approved));
}

#[test]
fn an_answer_about_another_run_is_no_answer() {
    let mut other = run("approved", &json!({}));
    other["id"] = json!("x2");
    let answer = looked_up(&onfido(|_| ()), "workflow_run", &[other]);
    assert!(matches!(answer, Err(CallFailure::Unclear(_))));
}

#[test]
fn reports_come_to_one_verdict() {
    let clear = || report("document", "clear", Some("clear"));
    let with = |other: Value| vec![clear(), other];
    for (reports, expected) in [
        (vec![clear()], Some(VerificationStatus::Approved)),
        (with(report("facial_similarity_photo", "clear", None)), Some(VerificationStatus::Approved)),
        (with(report("facial_similarity_photo", "consider", None)), Some(VerificationStatus::InReview)),
        (with(report("identity_enhanced", "unidentified", None)), Some(VerificationStatus::InReview)),
        (vec![report("document", "consider", Some("rejected"))], Some(VerificationStatus::Resubmit)),
        (vec![report("document", "consider", Some("suspected"))], Some(VerificationStatus::Rejected)),
        (vec![report("document", "consider", Some("caution"))], Some(VerificationStatus::InReview)),
        (vec![report("document", "consider", None)], Some(VerificationStatus::InReview)),
        (
            vec![
                report("document", "consider", Some("rejected")),
                report("document_video", "consider", Some("suspected")),
            ],
            Some(VerificationStatus::Rejected),
        ),
        (vec![report("watchlist_aml", "clear", None)], None),
        (vec![], None),
    ] {
        let findings = checked(&onfido(|_| ()), &complete(), &reports);
        assert_eq!(findings.status, expected, "{reports:?}");
        assert_eq!(findings.player, Some(PLAYER.parse().unwrap()));
    }
    let mut under_way = clear();
    under_way["status"] = json!("awaiting_data");
    let findings = checked(&onfido(|_| ()), &complete(), &[under_way]);
    assert_eq!(findings.status, Some(VerificationStatus::Pending));
}

#[test]
fn a_report_that_was_given_up_hides_nothing() {
    let given_up =
        |status: &str| json!({"name": "facial_similarity_photo", "status": status, "result": null});
    for status in ["cancelled", "withdrawn", "unheard_of"] {
        let with = |sub_result: &str, result: &str| {
            let reports = [report("document", result, Some(sub_result)), given_up(status)];
            checked(&onfido(|_| ()), &complete(), &reports).status
        };
        assert_eq!(with("suspected", "consider"), Some(VerificationStatus::Rejected), "{status}");
        assert_eq!(with("clear", "clear"), Some(VerificationStatus::InReview), "{status}");
    }
}

#[test]
fn the_status_of_a_check_comes_first() {
    for (status, expected) in [
        ("complete", Some(VerificationStatus::Approved)),
        ("in_progress", Some(VerificationStatus::Pending)),
        ("awaiting_applicant", Some(VerificationStatus::Pending)),
        ("paused", Some(VerificationStatus::Pending)),
        ("reopened", Some(VerificationStatus::Pending)),
        ("withdrawn", None),
    ] {
        let mut check = complete();
        check["status"] = json!(status);
        let findings = checked(&onfido(|_| ()), &check, &[report("document", "clear", Some("clear"))]);
        assert_eq!(findings.status, expected, "{status}");
    }
}

#[test]
fn nobody_becomes_real_in_a_sandbox() {
    let live = onfido(|it| {
        it["live"] = json!(true);
        it["api_token"] = json!("api_live.x");
    });
    let clear = [report("document", "clear", Some("clear"))];
    let status = |sandbox: Value| {
        let mut check = complete();
        check["sandbox"] = sandbox;
        checked(&live, &check, &clear).status
    };
    assert_eq!(status(json!(false)), Some(VerificationStatus::Approved));
    assert_eq!((status(json!(true)), status(json!(null))), (None, None));
}

#[test]
fn watchlist_reports_name_the_lists() {
    let watchlist = |name: &str, result: &str, breakdown: Value| {
        let mut report = report(name, result, None);
        report["breakdown"] = breakdown;
        checked(&onfido(|_| ()), &complete(), &[report]).hits
    };
    let breakdown =
        json!({"sanction": {"result": "consider"}, "politically_exposed_person": {"result": "consider"}});
    for name in ["watchlist_enhanced", "watchlist_standard", "watchlist_aml"] {
        let hits = watchlist(name, "consider", breakdown.clone());
        assert_eq!(hits, [Watchlist::Sanctions, Watchlist::Pep].into(), "{name}");
        assert_eq!(watchlist(name, "consider", json!({})), [Watchlist::Other].into());
        assert_eq!(watchlist(name, "clear", json!({})), [].into());
    }
    assert_eq!(watchlist("watchlist_peps_only", "consider", json!({})), [Watchlist::Pep].into());
    assert_eq!(watchlist("watchlist_sanctions_only", "consider", json!({})), [Watchlist::Sanctions].into());
}

#[test]
fn a_monitor_leads_to_the_player() {
    let player = |runs: Value| {
        found(&onfido(|_| ()), "watchlist_monitor", &[json!({"applicant_id": "app_1"}), runs]).player
    };
    let run = |user: &str| json!({"id": "r", "customer_user_id": user});
    assert_eq!(player(json!([run("someone"), run(PLAYER), run(PLAYER)])), Some(PLAYER.parse().unwrap()));
    assert_eq!(player(json!([])), None);
    assert_eq!(player(json!([run(PLAYER), run("ply_01KDVAN5G00000000000000003")])), None);
}

#[test]
fn answers_that_cannot_be_read_are_unclear() {
    let onfido = onfido(|_| ());
    for kind in ["workflow_run", "check", "watchlist_monitor"] {
        let reference = Reference { kind, id: "x1".to_owned() };
        let failure = |status, body: &str| {
            let answer = InboundAnswer { status, body: body.as_bytes().to_vec() };
            onfido.look_up(&reference, &[answer], now()).unwrap_err()
        };
        assert!(matches!(failure(200, "<html>"), CallFailure::Unclear(_)), "{kind}");
        assert!(matches!(failure(500, "{}"), CallFailure::Unclear(_)), "{kind}");
        assert!(matches!(failure(404, "{}"), CallFailure::Refused(_)), "{kind}");
    }
}
