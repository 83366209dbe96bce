//! Our calls to Sumsub, and what it answers.

use domain::account::VerificationStatus;
use serde_json::{Value, json};

use super::*;
use crate::call::OutboundCall;
use crate::kyc::bench::{PLAYER, answer, call};
use crate::kyc::{Document, Person, Watchlist};

fn request(jurisdiction: &str, return_url: Option<&str>) -> VerificationRequest {
    VerificationRequest {
        player: PLAYER.parse().unwrap(),
        jurisdiction: jurisdiction.to_owned(),
        first_name: "Zoë".to_owned(),
        last_name: "Müller".to_owned(),
        birth_date: domain::Date::constant(1990, 5, 4),
        anew: false,
        return_url: return_url.map(str::to_owned),
    }
}

fn now() -> Timestamp {
    "2026-01-01T00:00:00.999Z".parse().unwrap()
}

fn check_signed(call: &OutboundCall, path: &str) {
    assert_eq!(call.url, format!("http://127.0.0.1:8080{path}"));
    assert_eq!(call.headers["x-app-token"], "sbx:demo");
    assert_eq!(call.headers["x-app-access-ts"], "1767225600");
    let signature = sign_request(b"sumsub_app_secret", 1_767_225_600, call.method.as_str(), path, &call.body);
    assert_eq!(call.headers["x-app-access-sig"], signature);
    assert_eq!(call.headers.contains_key("content-type"), !call.body.is_empty());
}

#[test]
fn the_known_signature_is_made() {
    let path = "/resources/applicants?levelName=basic-kyc-level";
    let body = br#"{"externalUserId":"player_42"}"#;
    let signature = sign_request(b"sumsub_app_secret", 1_767_225_600, "POST", path, body);
    assert_eq!(signature, "26f7b1abf0062a9d235b21b7d191e4f9f1342aa55bd5b6669253d10641eaf49e");
}

#[test]
fn first_the_applicant_is_made() {
    let call = call(sumsub(|_| ()).enter(&request("MT", None), &[], now()));
    assert_eq!(call.method, http::Method::POST);
    check_signed(&call, "/sandbox/sumsub/resources/applicants?levelName=basic-kyc-level");
    let expected = r#"{"externalUserId":"ply_01KDVAN5G00000000000000002","fixedInfo":{"firstName":"Zoë","lastName":"Müller","dob":"1990-05-04"}}"#;
    assert_eq!(String::from_utf8(call.body).unwrap(), expected);
}

#[test]
fn then_a_link_is_asked_for() {
    let made = [answer(201, &json!({"id": "a"}))];
    let call = call(sumsub(|_| ()).enter(&request("MT", Some("https://casino.example/me")), &made, now()));
    assert_eq!(call.method, http::Method::POST);
    check_signed(&call, "/sandbox/sumsub/resources/sdkIntegrations/levels/-/websdkLink");
    let expected = r#"{"levelName":"basic-kyc-level","userId":"ply_01KDVAN5G00000000000000002","ttlInSecs":1800,"redirect":{"successUrl":"https://casino.example/me","rejectUrl":"https://casino.example/me"}}"#;
    assert_eq!(String::from_utf8(call.body).unwrap(), expected);
}

/// What is called, oldest first, for an applicant that Sumsub knows like this: the method and the end of the path.
fn calls(request: &VerificationRequest, applicant: &Value) -> Vec<(http::Method, String)> {
    let mut answers = vec![answer(409, &json!({"code": 409})), answer(200, applicant)];
    let mut made = Vec::new();
    while let Step::Call(call) = sumsub(|_| ()).enter(request, &answers, now()).unwrap() {
        let (end, body) = (call.url.rsplit('/').next().unwrap().to_owned(), call.body.clone());
        check_signed(&call, call.url.strip_prefix("http://127.0.0.1:8080").unwrap());
        if end == "fixedInfo" {
            let claimed = r#"{"firstName":"Zoë","lastName":"Müller","dob":"1990-05-04"}"#;
            assert_eq!(String::from_utf8(body).unwrap(), claimed);
        }
        made.push((call.method, end));
        answers.push(answer(200, &json!({"url": "https://in.example/websdk/p/x"})));
    }
    made
}

#[test]
fn a_known_applicant_is_looked_up_and_goes_on() {
    let known = [answer(409, &json!({"code": 409}))];
    let looked_up = call(sumsub(|_| ()).enter(&request("MT", None), &known, now()));
    check_signed(&looked_up, &format!("/sandbox/sumsub/resources/applicants/-;externalUserId={PLAYER}/one"));
    let answers =
        [answer(409, &json!({})), answer(200, &json!({"id": "a", "review": {"reviewStatus": "pending"}}))];
    let call = call(sumsub(|_| ()).enter(&request("MT", None), &answers, now()));
    assert!(call.url.ends_with("websdkLink"));
    let body: Value = serde_json::from_slice(&call.body).unwrap();
    assert_eq!(body.get("redirect"), None, "without a return address there is no redirect");
}

#[test]
fn who_is_known_is_brought_up_to_date_before() {
    let (same, other) = (
        json!({"firstName": "Zoë", "lastName": "Müller", "dob": "1990-05-04", "country": "MLT"}),
        json!({"firstName": "Zoë", "lastName": "Vella", "dob": "1990-05-04"}),
    );
    let review = |status: &str, answer: &str, kind: &str| json!({"reviewStatus": status, "reviewResult": {"reviewAnswer": answer, "reviewRejectType": kind}});
    let green = review("completed", "GREEN", "");
    let retry = review("completed", "RED", "RETRY");
    for (anew, claimed, review, expected) in [
        (true, &same, green.clone(), vec!["reset"]),
        (true, &other, green.clone(), vec!["reset", "fixedInfo"]),
        (false, &other, green, vec![]),
        (true, &same, retry.clone(), vec![]),
        (true, &other, retry, vec!["fixedInfo"]),
        (true, &other, review("completed", "RED", "FINAL"), vec![]),
        (false, &other, json!({"reviewStatus": "init"}), vec!["fixedInfo"]),
        (false, &json!(null), json!(null), vec!["fixedInfo"]),
        (true, &other, review("pending", "GREEN", ""), vec![]),
        (true, &other, json!({"reviewStatus": "onHold"}), vec![]),
    ] {
        let request = VerificationRequest { anew, ..request("MT", None) };
        let applicant = json!({"id": "app_demo_1", "fixedInfo": claimed, "review": review});
        let mut made = calls(&request, &applicant);
        assert_eq!(made.pop(), Some((http::Method::POST, "websdkLink".to_owned())));
        let method = |end: &str| if end == "reset" { http::Method::POST } else { http::Method::PATCH };
        let expected: Vec<_> = expected.into_iter().map(|end| (method(end), end.to_owned())).collect();
        assert_eq!(made, expected, "{anew} {applicant}");
    }
}

#[test]
fn an_applicant_that_cannot_be_brought_up_to_date_gives_no_way_in() {
    let applicant = json!({"id": "a", "review": {"reviewStatus": "completed", "reviewResult": {"reviewAnswer": "GREEN"}}});
    let request = VerificationRequest { anew: true, ..request("MT", None) };
    let entered = |applicant: &Value, status| {
        let answers = [answer(409, &json!({})), answer(200, applicant), answer(status, &json!({}))];
        sumsub(|_| ()).enter(&request, &answers, now())
    };
    assert!(matches!(entered(&applicant, 200), Ok(Step::Call(_))));
    assert!(matches!(entered(&applicant, 409), Err(CallFailure::Refused(_))));
    assert!(matches!(entered(&applicant, 503), Err(CallFailure::Unclear(_))));
    assert!(matches!(entered(&json!({"id": "../x"}), 200), Err(CallFailure::Unclear(_))));
}

#[test]
fn jurisdictions_have_levels_of_their_own() {
    let sumsub = sumsub(|it| it["levels"] = json!({"GB": "uk level & more"}));
    assert_eq!((sumsub.level("GB"), sumsub.level("MT")), (Some("uk level & more"), Some("basic-kyc-level")));
    let first = call(sumsub.enter(&request("GB", None), &[], now()));
    check_signed(&first, "/sandbox/sumsub/resources/applicants?levelName=uk+level+%26+more");
    let made = [answer(201, &json!({}))];
    let body: Value =
        serde_json::from_slice(&call(sumsub.enter(&request("GB", None), &made, now())).body).unwrap();
    assert_eq!(body["levelName"], "uk level & more");
}

#[test]
fn the_way_in_is_read() {
    let entered = |link: &Value| {
        sumsub(|_| ()).enter(&request("MT", None), &[answer(201, &json!({})), answer(200, link)], now())
    };
    let url = "https://in.example/websdk/p/x";
    assert_eq!(entered(&json!({"url": url})), Ok(Step::Done(Entrance::RedirectUrl(url.into()))));
    for link in [
        json!(null),
        json!({}),
        json!({"url": null}),
        json!({"url": ""}),
        json!({"url": "javascript:alert(1)"}),
    ] {
        assert!(matches!(entered(&link), Err(CallFailure::Unclear(_))), "{link}");
    }
}

#[test]
fn refusals_and_outages_are_told_apart() {
    let sumsub = sumsub(|_| ());
    let first = |status| sumsub.enter(&request("MT", None), &[answer(status, &json!({}))], now());
    assert!(matches!(first(400), Err(CallFailure::Refused(_))));
    assert!(matches!(first(503), Err(CallFailure::Unclear(_))));
    for (status, is_refusal) in [(404, true), (409, true), (401, false), (429, false), (500, false)] {
        let answers = [answer(201, &json!({})), answer(status, &json!({"description": "no"}))];
        let failure = sumsub.enter(&request("MT", None), &answers, now()).unwrap_err();
        assert_eq!(matches!(failure, CallFailure::Refused(_)), is_refusal, "{status}");
    }
}

fn looked_up(kind: &'static str, id: &str, answers: &[InboundAnswer]) -> Result<Step<Findings>, CallFailure> {
    sumsub(|_| ()).look_up(&Reference { kind, id: id.to_owned() }, answers, now())
}

fn found(kind: &'static str, id: &str, body: &Value) -> Findings {
    match looked_up(kind, id, &[answer(200, body)]).unwrap() {
        Step::Done(findings) => findings,
        Step::Call(call) => panic!("{call:?}"),
    }
}

#[test]
fn applicants_and_cases_are_asked_for() {
    let applicant = call(looked_up("applicant", PLAYER, &[]));
    check_signed(&applicant, &format!("/sandbox/sumsub/resources/applicants/-;externalUserId={PLAYER}/one"));
    let case = call(looked_up("aml_case", "app_demo_1", &[]));
    check_signed(&case, "/sandbox/sumsub/resources/api/applicants/app_demo_1/amlCase");
    assert_eq!((applicant.method, case.method), (http::Method::GET, http::Method::GET));
    assert!(matches!(looked_up("something", "x", &[]), Err(CallFailure::Refused(_))));
}

#[test]
fn an_applicant_is_read() {
    let applicant = json!({
        "id": "app_demo_1", "externalUserId": PLAYER,
        "info": {
            "firstName": "Зоя", "firstNameEn": "Zoya", "lastName": "Müller", "dob": "1990-05-04",
            "idDocs": [
                {"idDocType": "ID_CARD", "country": "DEU", "validUntil": "2027-01-31"},
                {"idDocType": "PASSPORT", "country": "MLT", "validUntil": "2030-01-31"},
                {"idDocType": "SELFIE"},
            ],
        },
        "review": {"levelName": "basic-kyc-level", "reviewStatus": "completed", "reviewResult": {"reviewAnswer": "GREEN"}},
        "riskLabels": {"attemptId": "x", "aml": ["pep", "adverseMedia", "sanctions"], "email": ["disposable"]},
    });
    let findings = found("applicant", PLAYER, &applicant);
    assert_eq!(
        findings,
        Findings {
            player: Some(PLAYER.parse().unwrap()),
            status: Some(VerificationStatus::Approved),
            as_of: None,
            person: Some(Person {
                first_name: "Zoya".into(),
                last_name: "Müller".into(),
                birth_date: Some(domain::Date::constant(1990, 5, 4)),
            }),
            document: Some(Document {
                country: Some("MLT".into()),
                expires_on: Some(domain::Date::constant(2030, 1, 31)),
            }),
            hits: [Watchlist::Pep, Watchlist::AdverseMedia, Watchlist::Sanctions].into(),
        }
    );
    assert_eq!(found("applicant", PLAYER, &json!({})), Findings::default());
}

#[test]
fn only_a_completed_review_overrides_its_webhook() {
    let status = |review: Value| found("applicant", PLAYER, &json!({"review": review})).status;
    let green = json!({"reviewAnswer": "GREEN"});
    for under_way in ["init", "pending", "prechecked", "queued", "onHold"] {
        assert_eq!(status(json!({"reviewStatus": under_way, "reviewResult": green})), None, "{under_way}");
    }
    let red = json!({"reviewAnswer": "RED", "reviewRejectType": "FINAL"});
    let rejected = status(json!({"reviewStatus": "completed", "reviewResult": red}));
    assert_eq!(rejected, Some(VerificationStatus::Rejected));
    let elsewhere =
        status(json!({"reviewStatus": "completed", "reviewResult": green, "levelName": "questionnaire"}));
    assert_eq!(elsewhere, None);
}

#[test]
fn whose_case_it_is_is_asked_first_and_matters_most() {
    let kind = "aml_case_of_somebody";
    let first = call(looked_up(kind, "app_demo_1", &[]));
    check_signed(&first, "/sandbox/sumsub/resources/applicants/app_demo_1/one");
    let green = json!({"reviewStatus": "completed", "reviewResult": {"reviewAnswer": "GREEN"}});
    let applicant = answer(200, &json!({"externalUserId": PLAYER, "review": green}));
    let second = call(looked_up(kind, "app_demo_1", std::slice::from_ref(&applicant)));
    check_signed(&second, "/sandbox/sumsub/resources/api/applicants/app_demo_1/amlCase");
    for (status, hits) in [(200, [Watchlist::Pep].into()), (403, [].into()), (404, [].into())] {
        let answers = [applicant.clone(), answer(status, &json!({"riskLabels": ["pep"]}))];
        let Step::Done(findings) = looked_up(kind, "app_demo_1", &answers).unwrap() else {
            panic!("{status}")
        };
        let player = Some(PLAYER.parse().unwrap());
        assert_eq!(
            findings,
            Findings { player, hits, ..Findings::default() },
            "an approval of old says nothing"
        );
    }
}

#[test]
fn a_case_names_the_lists() {
    let hits = |labels: Value| found("aml_case", "app_demo_1", &json!({"riskLabels": labels})).hits;
    assert_eq!(hits(json!(["sanctions"])), [Watchlist::Sanctions].into());
    assert_eq!(hits(json!(["criminality"])), [Watchlist::Other].into());
    assert_eq!(hits(json!([])), [].into());
}

#[test]
fn answers_that_cannot_be_read_are_unclear() {
    for kind in ["applicant", "aml_case", "aml_case_of_somebody"] {
        for (status, body) in [(200, "<html>"), (200, "[]x"), (401, "{}"), (429, "{}"), (500, "{}")] {
            let answer = InboundAnswer { status, body: body.as_bytes().to_vec() };
            assert!(matches!(looked_up(kind, PLAYER, &[answer]), Err(CallFailure::Unclear(_))), "{body}");
        }
        let gone = answer(404, &json!({}));
        assert!(matches!(looked_up(kind, PLAYER, &[gone]), Err(CallFailure::Refused(_))));
    }
}
