//! Our calls to __Name__. What __Name__ tells is in `tests/contracts/identity/__name__.toml`.

use serde_json::{Value, json};

use super::*;

const PLAYER: &str = "ply_01KDVAN5G00000000000000002";

fn __name__(secret: &Value) -> Result<__Name__, SettingsError> {
    let settings = json!({"secret": secret, "base_url": "https://__name__.example/api"});
    __Name__::new(&serde_json::from_value(settings).unwrap())
}

fn entered(answers: &[InboundAnswer]) -> Result<Step<Entrance>, CallFailure> {
    let request = VerificationRequest {
        player: PLAYER.parse().unwrap(),
        jurisdiction: "MT".to_owned(),
        first_name: "Zoë".to_owned(),
        last_name: "Müller".to_owned(),
        birth_date: domain::Date::constant(1990, 5, 4),
        anew: false,
        return_url: None,
    };
    __name__(&json!(["new", "old"])).unwrap().enter(&request, answers, Timestamp::UNIX_EPOCH)
}

fn answer(status: u16, body: &Value) -> InboundAnswer {
    InboundAnswer { status, body: serde_json::to_vec(body).unwrap() }
}

#[test]
fn the_player_is_sent_to_a_page() {
    let Ok(Step::Call(call)) = entered(&[]) else { panic!("a call") };
    assert_eq!(call.url, "https://__name__.example/api/verifications");
    let body: Value = serde_json::from_slice(&call.body).unwrap();
    let expected = json!({"player_id": PLAYER, "jurisdiction": "MT", "first_name": "Zoë", "last_name": "Müller",
        "birth_date": "1990-05-04"});
    assert_eq!(body, expected);
    let signed = [b"POST /verifications\n", call.body.as_slice()].concat();
    assert_eq!(call.headers[SIGNATURE_HEADER], sign(&signed, b"new"), "the first secret is ours");
    let page = entered(&[answer(201, &json!({"url": "https://__name__.example/check/1"}))]);
    let expected = Entrance::RedirectUrl("https://__name__.example/check/1".to_owned());
    assert_eq!(page, Ok(Step::Done(expected)));
}

#[test]
fn what_is_no_page_is_none() {
    let script = answer(201, &json!({"url": "javascript:alert(1)"}));
    assert!(matches!(entered(&[script]), Err(CallFailure::Unclear(_))));
    assert!(matches!(entered(&[answer(500, &json!({}))]), Err(CallFailure::Unclear(_))));
    assert!(matches!(entered(&[answer(422, &json!({}))]), Err(CallFailure::Refused(_))));
}

#[test]
fn secrets_may_change_and_none_is_empty() {
    let headers = |secret: &[u8]| {
        let name: http::HeaderName = SIGNATURE_HEADER.parse().unwrap();
        http::HeaderMap::from_iter([(name, sign(b"{}", secret).parse().unwrap())])
    };
    let changing = __name__(&json!({"current": "old", "next": "new"})).unwrap();
    for (secret, genuine) in [("old", true), ("new", true), ("other", false), ("", false)] {
        let headers = headers(secret.as_bytes());
        assert_eq!(changing.verify(RawCall::post("", &headers, b"{}")).is_ok(), genuine, "{secret}");
    }
    for secret in [json!(""), json!([]), json!(["good", ""])] {
        assert_eq!(__name__(&secret).err(), Some(SettingsError::Secret));
    }
}
