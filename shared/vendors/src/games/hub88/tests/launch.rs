use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::json;

use super::*;
use crate::call::{CallFailure, InboundAnswer};
use crate::games::hub88::rsa;
use crate::games::{DemoLaunch, DemoLauncher, Device, FreeRounds, GameLauncher, Gift, Launch};

fn launch() -> Launch {
    Launch {
        player: PLAYER.parse().unwrap(),
        token: "gst-0123456789abcdef".to_owned(),
        game: "pit_dice".to_owned(),
        currency: "EUR".parse().unwrap(),
        country: "MT".to_owned(),
        language: "en".to_owned(),
        device: Device::Desktop,
        ip: "192.0.2.1".parse().unwrap(),
        lobby_url: "https://casino.test/lobby".to_owned(),
        deposit_url: None,
    }
}

fn opened(status: u16, body: &str) -> Result<String, CallFailure> {
    hub88().launch_url(&InboundAnswer { status, body: body.as_bytes().to_vec() })
}

#[test]
fn the_call_is_signed_over_exactly_its_body() {
    let call = hub88().launch_call(&launch()).unwrap();
    assert_eq!(call.url, "https://hub88.test/api/operator/generic/v2/game/url");
    assert_eq!((call.method.as_str(), call.headers["content-type"].as_str()), ("POST", "application/json"));
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, rsa::public_key(OPERATOR_PUBLIC).unwrap());
    let signature = STANDARD.decode(&call.headers["x-hub88-signature"]).unwrap();
    assert!(key.verify(&call.body, &signature).is_ok());
    assert!(key.verify(b"{}", &signature).is_err());
    assert!(!format!("{call:?}").contains("gst-"), "tokens stay out of logs");
}

#[test]
fn the_body_says_who_plays_what() {
    let body = |launch: &Launch| -> Value {
        serde_json::from_slice(&hub88().launch_call(launch).unwrap().body).unwrap()
    };
    let expected = json!({
        "operator_id": 7, "user": PLAYER, "token": "gst-0123456789abcdef", "game_code": "pit_dice",
        "currency": "EUR", "country": "MT", "lang": "en", "platform": "GPL_DESKTOP",
        "lobby_url": "https://casino.test/lobby",
    });
    assert_eq!(body(&launch()), expected);
    let deposit_url = Some("https://casino.test/cashier".to_owned());
    let mobile = body(&Launch { device: Device::Mobile, deposit_url, ..launch() });
    assert_eq!(mobile["platform"], "GPL_MOBILE");
    assert_eq!(mobile["deposit_url"], "https://casino.test/cashier");
}

#[test]
fn an_answer_with_an_address_opens_the_game() {
    let body = r#"{"url":"https://games.test/play?x=1","later":true}"#;
    assert_eq!(opened(200, body), Ok("https://games.test/play?x=1".to_owned()));
}

#[test]
fn an_answer_without_one_is_unclear() {
    for body in [
        "",
        "{}",
        r#"{"url":7}"#,
        r#"{"url":""}"#,
        r#"{"url":"/play"}"#,
        r#"{"url":"javascript:alert(1)"}"#,
        "rubbish",
    ] {
        assert!(matches!(opened(200, body), Err(CallFailure::Unclear(_))), "{body}");
    }
    for status in [302, 429, 500, 503] {
        let body = r#"{"url":"https://games.test/play"}"#;
        assert!(matches!(opened(status, body), Err(CallFailure::Unclear(_))), "{status}");
    }
}

#[test]
fn a_refusal_brings_its_reason_in_short() {
    for status in [400, 401, 403, 404] {
        let answer = opened(status, r#"{"error":"country\nnot enabled"}"#);
        assert_eq!(answer, Err(CallFailure::Refused(format!("HTTP {status}: countrynot enabled"))));
    }
    let long = format!(r#"{{"error":"{}"}}"#, "x".repeat(10_000));
    let Err(CallFailure::Refused(reason)) = opened(403, &long) else { panic!() };
    assert!(reason.len() < 250);
    assert_eq!(opened(404, "<html>"), Err(CallFailure::Refused("HTTP 404: ".to_owned())));
}

#[test]
fn a_demo_names_nobody_and_has_no_currency() {
    let demo = DemoLaunch {
        game: "pit_dice".to_owned(),
        currency: "EUR".parse().unwrap(),
        country: "MT".to_owned(),
        language: "en".to_owned(),
        device: Device::Desktop,
        ip: "192.0.2.1".parse().unwrap(),
        lobby_url: "https://casino.test/lobby".to_owned(),
    };
    let body: Value = serde_json::from_slice(&hub88().demo_call(&demo).unwrap().body).unwrap();
    let expected = json!({
        "operator_id": 7, "game_code": "pit_dice", "currency": "XXX", "country": "MT", "lang": "en",
        "platform": "GPL_DESKTOP", "lobby_url": "https://casino.test/lobby",
    });
    assert_eq!(body, expected);
}

#[test]
fn the_calls_that_no_player_waits_for() {
    let hub88 = hub88();
    for (call, path, body) in [
        (hub88.listing().unwrap().catalogue_call(), "game/list", json!({"operator_id": 7})),
        (
            hub88.free_rounds().and_then(FreeRounds::templates).unwrap().templates_call(),
            "freebet/prepaids/list",
            json!({"operator_id": 7}),
        ),
        (
            hub88.round_details().unwrap().round_call(PLAYER.parse().unwrap(), "round-1"),
            "game/round",
            json!({"operator_id": 7, "user": PLAYER, "round": "round-1"}),
        ),
    ] {
        let call = call.unwrap();
        assert_eq!(call.url, format!("https://hub88.test/api/operator/generic/v2/{path}"));
        assert_eq!(serde_json::from_slice::<Value>(&call.body).unwrap(), body);
    }
}

#[test]
fn free_bets_are_of_the_game_that_staff_named() {
    let gift = Gift {
        id: "frg_01HZX3M2T9QK4V7W8Y6N5R1ABC".parse().unwrap(),
        player: PLAYER.parse().unwrap(),
        integration: "hub88".to_owned(),
        game: "pit_dice".to_owned(),
        currency: "EUR".parse().unwrap(),
        template: Some("template-1".to_owned()),
        rounds: None,
        round_value: None,
        bet_line: None,
        starts_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        ends_at: "2026-01-08T00:00:00Z".parse().unwrap(),
    };
    let hub88 = hub88();
    let free_rounds = hub88.free_rounds().unwrap();
    let expected = json!({
        "operator_id": 7, "user": PLAYER, "prepaid_uuid": "template-1", "game_code": "pit_dice",
        "start_time": "2026-01-01T00:00:00", "end_time": "2026-01-08T00:00:00",
    });
    let call = free_rounds.give_call(&gift).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&call.body).unwrap(), expected);
    assert!(free_rounds.revocation().is_none(), "what is given stays given");
}
