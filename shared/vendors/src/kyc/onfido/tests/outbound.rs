//! The way into a workflow run.

use serde_json::{Value, json};

use super::*;

const BASE: &str = "http://127.0.0.1:8080/sandbox/onfido";

fn request(jurisdiction: &str, return_url: Option<&str>) -> VerificationRequest {
    VerificationRequest {
        player: PLAYER.parse().unwrap(),
        jurisdiction: jurisdiction.to_owned(),
        first_name: "Ada <3".to_owned(),
        last_name: "O'Neill".to_owned(),
        birth_date: domain::Date::constant(1990, 5, 4),
        anew: false,
        return_url: return_url.map(str::to_owned),
    }
}

fn entered(answers: &[InboundAnswer]) -> Result<Step<Entrance>, CallFailure> {
    onfido(|_| ()).enter(&request("MT", None), answers, now())
}

fn run(change: impl FnOnce(&mut Value)) -> Value {
    let mut run = json!({
        "id": "r", "workflow_id": WORKFLOW, "customer_user_id": PLAYER, "status": "awaiting_input",
        "link": {"url": "https://id.onfido.com/l/x", "expires_at": null}, "sdk_token": "token",
    });
    change(&mut run);
    run
}

#[test]
fn first_a_run_that_waits_is_looked_for() {
    let call = call(entered(&[]));
    assert_eq!(call.url, format!("{BASE}/workflow_runs?tags={PLAYER}&status=awaiting_input"));
    assert_eq!((call.method, call.body.len()), (http::Method::GET, 0));
    assert_eq!(call.headers, BTreeMap::from([("authorization", "Token token=api_sandbox.demo".to_owned())]));
}

#[test]
fn who_went_away_comes_back_to_the_same_run() {
    let waiting = |run: Value| entered(&[answer(200, &json!([run]))]);
    let url = "https://id.onfido.com/l/x";
    assert_eq!(waiting(run(|_| ())), Ok(Step::Done(Entrance::RedirectUrl(url.into()))));
    let good_for_now = run(|it| it["link"]["expires_at"] = json!("2026-01-01T00:00:01Z"));
    assert!(matches!(waiting(good_for_now), Ok(Step::Done(_))));
    let others: [fn(&mut Value); 6] = [
        |it| it["workflow_id"] = json!("another"),
        |it| it["customer_user_id"] = json!("ply_01KDVAN5G00000000000000003"),
        |it| it["status"] = json!("processing"),
        |it| it["link"]["expires_at"] = json!("2026-01-01T00:00:00Z"),
        |it| it["link"]["url"] = json!("javascript:alert(1)"),
        |it| it["link"] = json!(null),
    ];
    for change in others {
        let run = run(change);
        assert!(matches!(waiting(run.clone()), Ok(Step::Call(_))), "{run}");
    }
}

#[test]
fn then_the_applicant_is_made() {
    let call = call(entered(&[answer(200, &json!([]))]));
    assert_eq!((call.method, call.url), (http::Method::POST, format!("{BASE}/applicants")));
    assert_eq!(call.headers["content-type"], "application/json");
    let expected = r#"{"first_name":"Ada 3","last_name":"O'Neill","dob":"1990-05-04"}"#;
    assert_eq!(String::from_utf8(call.body).unwrap(), expected);
}

#[test]
fn then_the_run_is_started() {
    let answers = [answer(200, &json!([])), answer(201, &json!({"id": "app_1"}))];
    let onfido = onfido(|it| it["workflows"] = json!({"GB": "uk-workflow"}));
    let call = call(onfido.enter(&request("GB", Some("https://casino.example/me")), &answers, now()));
    assert_eq!((call.method, call.url), (http::Method::POST, format!("{BASE}/workflow_runs")));
    let expected = format!(
        r#"{{"workflow_id":"uk-workflow","applicant_id":"app_1","customer_user_id":"{PLAYER}","tags":["{PLAYER}"],"link":{{"completed_redirect_url":"https://casino.example/me","expired_redirect_url":"https://casino.example/me"}}}}"#
    );
    assert_eq!(String::from_utf8(call.body).unwrap(), expected);
    assert_eq!((onfido.level("GB"), onfido.level("MT")), (Some("uk-workflow"), Some(WORKFLOW)));
}

#[test]
fn the_way_in_is_read() {
    let made =
        |run: &Value| entered(&[answer(200, &json!([])), answer(201, &json!({"id": "a"})), answer(201, run)]);
    let url = Entrance::RedirectUrl("https://id.onfido.com/l/x".into());
    assert_eq!(made(&run(|_| ())), Ok(Step::Done(url)));
    let token = Entrance::SdkToken("token".into());
    assert_eq!(made(&run(|it| it["link"] = json!(null))), Ok(Step::Done(token)));
    for run in [
        json!({}),
        json!(null),
        run(|it| {
            it["link"]["url"] = json!("");
            it["sdk_token"] = json!("");
        }),
    ] {
        assert!(matches!(made(&run), Err(CallFailure::Unclear(_))), "{run}");
    }
}

#[test]
fn refusals_and_outages_are_told_apart_at_every_step() {
    let good = [answer(200, &json!([])), answer(201, &json!({"id": "a"}))];
    for step in 0..3 {
        for (status, is_refusal) in
            [(400, true), (404, true), (422, true), (401, false), (429, false), (500, false)]
        {
            let mut answers = good[..step.min(2)].to_vec();
            answers.push(answer(status, &json!({"error": {}})));
            let failure = entered(&answers).unwrap_err();
            assert_eq!(matches!(failure, CallFailure::Refused(_)), is_refusal, "{step} {status}");
        }
    }
}
