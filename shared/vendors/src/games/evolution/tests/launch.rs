use serde_json::json;

use super::*;
use crate::call::{CallFailure, InboundAnswer};
use crate::games::{Device, GameLauncher, Launch, RoundPage};

fn launch() -> Launch {
    Launch {
        player: PLAYER.parse().unwrap(),
        token: sid_of(PLAYER),
        game: "tbl-1".to_owned(),
        currency: "EUR".parse().unwrap(),
        country: "MT".to_owned(),
        language: "en".to_owned(),
        device: Device::Desktop,
        ip: "192.0.2.1".parse().unwrap(),
        lobby_url: "https://casino.test/lobby".to_owned(),
        deposit_url: None,
    }
}

fn answer(status: u16, body: &str) -> InboundAnswer {
    InboundAnswer { status, body: body.as_bytes().to_vec() }
}

fn sent(launch: &Launch) -> Value {
    serde_json::from_slice(&evolution().launch_call(launch).unwrap().body).unwrap()
}

#[test]
fn the_call_opens_a_session_at_a_table() {
    let call = evolution().launch_call(&launch()).unwrap();
    assert_eq!(call.url, "https://evolution.test/ua/v1/casino-1/casino-token");
    assert_eq!((call.method.as_str(), call.headers["content-type"].as_str()), ("POST", "application/json"));
    let mut body = sent(&launch());
    let uuid = body["uuid"].take();
    let expected = json!({
        "uuid": null,
        "player": {
            "id": PLAYER, "update": true, "country": "MT", "language": "en", "currency": "EUR",
            "session": {"id": sid_of(PLAYER), "ip": "192.0.2.1"},
        },
        "config": {
            "game": {"table": {"id": "tbl-1"}},
            "channel": {"wrapped": false, "mobile": false},
            "urls": {"lobby": "https://casino.test/lobby"},
        },
    });
    assert_eq!(body, expected);
    assert!(uuid::Uuid::try_parse(uuid.as_str().unwrap()).is_ok_and(|uuid| uuid.get_version_num() == 4));
}

#[test]
fn each_launch_has_an_id_of_its_own() {
    let other = Launch { token: sid_of(OTHER_PLAYER), device: Device::Mobile, ..launch() };
    let other = sent(&Launch { deposit_url: Some("https://casino.test/cashier".to_owned()), ..other });
    assert_ne!(other["uuid"], sent(&launch())["uuid"]);
    assert_eq!(sent(&launch())["uuid"], sent(&launch())["uuid"]);
    assert_eq!(other["config"]["channel"]["mobile"], true);
    assert_eq!(other["config"]["urls"]["cashier"], "https://casino.test/cashier");
}

#[test]
fn the_entry_is_below_evolutions_own_address() {
    let opened = |entry: &str| {
        let body = json!({"entry": entry, "entryEmbedded": "/entry?embedded"}).to_string();
        evolution().launch_url(&answer(200, &body))
    };
    assert_eq!(
        opened("/entry?params=abc%3D&JSESSIONID=1"),
        Ok("https://evolution.test/entry?params=abc%3D&JSESSIONID=1".to_owned())
    );
    assert_eq!(opened("//evil.test/x"), Ok("https://evolution.test//evil.test/x".to_owned()));
    for entry in ["", "entry", "@evil.test/", ".evil.test", "https://evil.test/", "javascript:alert(1)"] {
        assert!(matches!(opened(entry), Err(CallFailure::Unclear(_))), "{entry}");
    }
    for body in ["", "{}", "rubbish", r#"{"entry":7}"#, r#"{"errors":[]}"#] {
        assert!(matches!(evolution().launch_url(&answer(200, body)), Err(CallFailure::Unclear(_))), "{body}");
    }
}

#[test]
fn evolutions_own_failures_may_pass_and_others_do_not() {
    for (code, passes) in [
        ("G.0", true),
        ("G.1", false),
        ("G.2", false),
        ("G.3", false),
        ("G.4", true),
        ("G.5", true),
        ("G.6", true),
        ("G.7", true),
        ("G.8", false),
        ("G.9", false),
        ("G.10", false),
        ("G.11", false),
        ("X.1", false),
    ] {
        for status in [200, 400, 401, 403] {
            let body = json!({"errors": [{"code": code, "message": "not\nnow"}]}).to_string();
            let words = format!("{code} notnow");
            let failure = if passes { CallFailure::Unclear(words) } else { CallFailure::Refused(words) };
            assert_eq!(evolution().launch_url(&answer(status, &body)), Err(failure), "{code} {status}");
        }
    }
}

#[test]
fn failures_without_words_are_told_by_their_status() {
    for status in [400, 401, 403, 404] {
        let told = evolution().launch_url(&answer(status, "<html>"));
        assert_eq!(told, Err(CallFailure::Refused(format!("HTTP {status}"))));
    }
    for status in [302, 408, 429, 500, 503] {
        let told = evolution().launch_url(&answer(status, ""));
        assert_eq!(told, Err(CallFailure::Unclear(format!("HTTP {status}"))));
    }
    let long = json!({"errors": [{"code": "G.11", "message": "x".repeat(10_000)}]}).to_string();
    let Err(CallFailure::Refused(words)) = evolution().launch_url(&answer(400, &long)) else { panic!() };
    assert!(words.len() < 250);
}

#[test]
fn a_round_is_told_of_to_whom_evolution_knows() {
    let evolution = evolution();
    let details = evolution.round_details().unwrap();
    let call = details.round_call(PLAYER.parse().unwrap(), "round 9&x").unwrap();
    assert_eq!(call.url, "https://evolution.test/api/render/v1/details?gameId=round+9%26x");
    assert_eq!(call.method, "GET");
    // casino-1:casino-token
    assert_eq!(call.headers["authorization"], "Basic Y2FzaW5vLTE6Y2FzaW5vLXRva2Vu");
    assert!(call.body.is_empty());
    let shown = details.round_page(&answer(200, "<html>7</html>"));
    assert_eq!(shown, Ok(RoundPage::Html("<html>7</html>".to_owned())));
    assert!(matches!(details.round_page(&answer(404, "")), Err(CallFailure::Refused(_))));
    assert!(matches!(details.round_page(&answer(500, "")), Err(CallFailure::Unclear(_))));
    let bytes = InboundAnswer { status: 200, body: vec![0xff] };
    assert!(matches!(details.round_page(&bytes), Err(CallFailure::Unclear(_))));
}
