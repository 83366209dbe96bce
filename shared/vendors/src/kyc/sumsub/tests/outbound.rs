//! Our calls to Sumsub, and what it answers.

use serde_json::{Value, json};

use super::*;

fn request(return_url: Option<&str>) -> VerificationRequest {
    VerificationRequest {
        player: "ply_01KDVAN5G00000000000000002".parse().unwrap(),
        return_url: return_url.map(str::to_owned),
    }
}

fn now() -> Timestamp {
    "2026-01-01T00:00:00.999Z".parse().unwrap()
}

fn answer(status: u16, body: &Value) -> InboundAnswer {
    InboundAnswer { status, body: serde_json::to_vec(body).unwrap() }
}

#[test]
fn the_known_signature_is_made() {
    let path = "/resources/applicants?levelName=basic-kyc-level";
    let body = br#"{"externalUserId":"player_42"}"#;
    let signature = sign_request(b"sumsub_app_secret", 1_767_225_600, "POST", path, body);
    assert_eq!(signature, "26f7b1abf0062a9d235b21b7d191e4f9f1342aa55bd5b6669253d10641eaf49e");
}

#[test]
fn a_link_is_asked_for() {
    let call = sumsub(|_| ()).start(&request(Some("https://casino.example/me")), now()).unwrap();
    assert_eq!(call.method, http::Method::POST);
    let path = "/sandbox/sumsub/resources/sdkIntegrations/levels/-/websdkLink";
    assert_eq!(call.url, format!("http://127.0.0.1:8080{path}"));
    assert_eq!(call.headers["x-app-token"], "sbx:demo");
    assert_eq!(call.headers["x-app-access-ts"], "1767225600");
    let signature = sign_request(b"sumsub_app_secret", 1_767_225_600, "POST", path, &call.body);
    assert_eq!(call.headers["x-app-access-sig"], signature);
    assert_eq!(
        serde_json::from_slice::<Value>(&call.body).unwrap(),
        json!({
            "levelName": "basic-kyc-level",
            "userId": "ply_01KDVAN5G00000000000000002",
            "ttlInSecs": 1800,
            "redirect": {
                "successUrl": "https://casino.example/me",
                "rejectUrl": "https://casino.example/me",
            },
        })
    );
}

#[test]
fn without_a_return_address_there_is_no_redirect() {
    let call = sumsub(|_| ()).start(&request(None), now()).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&call.body).unwrap().get("redirect"), None);
}

#[test]
fn the_way_in_is_read() {
    let sumsub = sumsub(|_| ());
    let entrance = sumsub.started(&answer(200, &json!({"url": "https://in.example/websdk/p/x"})));
    assert_eq!(entrance, Ok(Entrance::RedirectUrl("https://in.example/websdk/p/x".into())));
    for body in [
        json!(null),
        json!({}),
        json!({"url": null}),
        json!({"url": ""}),
        json!({"url": "javascript:alert(1)"}),
    ] {
        let entrance = sumsub.started(&answer(200, &body));
        assert!(matches!(entrance, Err(CallFailure::Unclear(_))), "{body}");
    }
}

#[test]
fn refusals_and_outages_are_told_apart() {
    let sumsub = sumsub(|_| ());
    for status in [400, 404, 409, 422] {
        let refused = sumsub.started(&answer(status, &json!({"description": "no"})));
        assert!(matches!(refused, Err(CallFailure::Refused(_))), "{status}");
    }
    for status in [100, 302, 401, 403, 408, 429, 500, 503] {
        let unclear = sumsub.started(&answer(status, &json!({"description": "later"})));
        assert!(matches!(unclear, Err(CallFailure::Unclear(_))), "{status}");
    }
}
