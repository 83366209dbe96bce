//! The way into a session.

use serde_json::{Value, json};

use super::*;

fn request(return_url: Option<&str>) -> VerificationRequest {
    VerificationRequest {
        player: PLAYER.parse().unwrap(),
        jurisdiction: "MT".to_owned(),
        first_name: "Zoë".to_owned(),
        last_name: "Müller".to_owned(),
        birth_date: domain::Date::constant(1990, 5, 4),
        anew: false,
        return_url: return_url.map(str::to_owned),
    }
}

fn entered(answers: &[InboundAnswer]) -> Result<Step<Entrance>, CallFailure> {
    veriff(|_| ()).enter(&request(None), answers, now())
}

#[test]
fn a_session_is_asked_for() {
    let call = call(veriff(|_| ()).enter(&request(Some("https://casino.example/me")), &[], now()));
    assert_eq!(call.method, http::Method::POST);
    assert_eq!(call.url, "http://127.0.0.1:8080/sandbox/veriff/v1/sessions");
    assert_eq!(call.headers["content-type"], "application/json");
    assert_eq!(call.headers["x-auth-client"], KEY);
    assert_eq!(call.headers["x-hmac-signature"], sign(&call.body, SECRET.as_bytes()));
    let expected = format!(
        r#"{{"verification":{{"callback":"https://casino.example/me","person":{{"firstName":"Zoë","lastName":"Müller","dateOfBirth":"1990-05-04"}},"vendorData":"{PLAYER}"}}}}"#
    );
    assert_eq!(String::from_utf8(call.body).unwrap(), expected);
    assert_eq!(veriff(|_| ()).level("MT"), None);
}

#[test]
fn while_secrets_change_over_the_first_signs() {
    let veriff = veriff(|it| it["shared_secret"] = json!(["new", SECRET]));
    let call = call(veriff.enter(&request(None), &[], now()));
    assert_eq!(call.headers["x-hmac-signature"], sign(&call.body, b"new"));
    let body: Value = serde_json::from_slice(&call.body).unwrap();
    assert_eq!(body["verification"].get("callback"), None);
}

#[test]
fn the_way_in_is_read() {
    let made = |verification: &Value| {
        entered(&[answer(201, &json!({"status": "success", "verification": verification}))])
    };
    let url = "https://magic.veriff.me/v/x";
    let session = json!({"id": SESSION, "url": url, "sessionToken": "x"});
    assert_eq!(made(&session), Ok(Step::Done(Entrance::RedirectUrl(url.into()))));
    for verification in [json!(null), json!({}), json!({"url": ""}), json!({"url": "javascript:alert(1)"})] {
        assert!(matches!(made(&verification), Err(CallFailure::Unclear(_))), "{verification}");
    }
}

#[test]
fn refusals_and_outages_are_told_apart() {
    for (status, is_refusal) in
        [(400, true), (404, true), (401, false), (403, false), (429, false), (500, false)]
    {
        let failure = entered(&[answer(status, &json!({"status": "fail"}))]).unwrap_err();
        assert_eq!(matches!(failure, CallFailure::Refused(_)), is_refusal, "{status}");
    }
}
