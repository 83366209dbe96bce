use ring::hmac;

use super::*;
use crate::call::{CallFailure, InboundAnswer, OutboundCall};
use crate::games::swipe::{Campaign, Granted};
use crate::games::{DemoLaunch, DemoLauncher, Device, GameCatalogue, GameLauncher, Launch};

fn launch() -> Launch {
    Launch {
        player: PLAYER.parse().unwrap(),
        token: token(),
        game: "sg_catch_97".to_owned(),
        currency: "EUR".parse().unwrap(),
        country: "MT".to_owned(),
        language: "pt-BR".to_owned(),
        device: Device::Mobile,
        ip: "192.0.2.1".parse().unwrap(),
        lobby_url: "https://casino.test/lobby".to_owned(),
        deposit_url: None,
    }
}

fn campaign() -> Campaign {
    Campaign {
        id: "fr-1".to_owned(),
        players: vec![PLAYER.parse().unwrap()],
        games: Vec::new(),
        currency: "EUR".parse().unwrap(),
        quantity: 10,
        bet_line: 20,
        valid_from: "2026-01-01T00:00:00Z".parse().unwrap(),
        valid_until: "2026-01-31T00:00:00Z".parse().ok(),
    }
}

fn is_signed(call: &OutboundCall, message: &[u8]) -> bool {
    let tag = hex::decode(&call.headers["x-request-sign"]).unwrap();
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, b"api-key-1"), message, &tag).is_ok()
}

/// The body, which must be canonical and signed.
fn body(call: &OutboundCall) -> Value {
    assert!(is_signed(call, &call.body));
    let body: Value = serde_json::from_slice(&call.body).unwrap();
    assert_eq!(serde_json_canonicalizer::to_vec(&body).unwrap(), call.body);
    body
}

fn answer(status: u16, body: &str) -> InboundAnswer {
    InboundAnswer { status, body: body.as_bytes().to_vec() }
}

#[test]
fn a_launch_gives_our_token_as_the_session() {
    let call = swipe().launch_call(&launch()).unwrap();
    assert_eq!(
        (call.method.as_str(), call.url.as_str()),
        ("POST", "https://swipe.test/api/v1/create-new-game")
    );
    let expected = json!({
        "cID": CID, "extCID": "pitboss", "gameID": "sg_catch_97", "demo": false, "platform": "mobile",
        "currency": "EUR", "locale": "pt_br", "sessionID": token(), "user": {"id": PLAYER, "country": "MT"},
        "returnURL": "https://casino.test/lobby",
    });
    assert_eq!(body(&call), expected);
    assert!(!format!("{call:?}").contains(&token()), "tokens stay out of logs");
}

#[test]
fn a_demo_names_nobody() {
    let demo = DemoLaunch {
        game: "sg_catch_97".to_owned(),
        currency: "EUR".parse().unwrap(),
        country: "MT".to_owned(),
        language: "en".to_owned(),
        device: Device::Desktop,
        ip: "192.0.2.1".parse().unwrap(),
        lobby_url: "https://casino.test/lobby".to_owned(),
    };
    let expected = json!({
        "cID": CID, "extCID": "pitboss", "gameID": "sg_catch_97", "demo": true, "platform": "desktop",
        "currency": "EUR", "locale": "en", "returnURL": "https://casino.test/lobby",
    });
    assert_eq!(body(&swipe().demo_call(&demo).unwrap()), expected);
}

#[test]
fn an_address_opens_the_game_and_a_refusal_brings_its_code() {
    let opened = |status, body: &str| swipe().launch_url(&answer(status, body));
    let url = "https://launcher.test/?gsID=1";
    assert_eq!(opened(200, &format!(r#"{{"gameURL":"{url}","gsID":"{CID}"}}"#)), Ok(url.to_owned()));
    for body in ["", "{}", r#"{"gameURL":"javascript:1"}"#] {
        assert!(matches!(opened(200, body), Err(CallFailure::Unclear(_))), "{body}");
    }
    let refused = opened(400, r#"{"message":"no such game","code":"game_not_found"}"#);
    assert_eq!(refused, Err(CallFailure::Refused("HTTP 400: game_not_found no such game".to_owned())));
    assert!(matches!(opened(401, r#"{"message":"x"}"#), Err(CallFailure::Refused(_))));
    assert!(matches!(opened(500, r#"{"message":"x"}"#), Err(CallFailure::Unclear(_))));
}

#[test]
fn the_list_of_games_is_asked_for_with_a_signed_query() {
    let call = swipe().catalogue_call().unwrap();
    let url = format!("https://swipe.test/api/v1/games?cID={CID}&excludeBetLines=true&extCID=pitboss");
    assert_eq!((call.method.as_str(), call.url), ("GET", url));
    let call = swipe().catalogue_call().unwrap();
    let message = format!(r#"{{"cID":"{CID}","excludeBetLines":"true","extCID":"pitboss"}}"#);
    assert!(is_signed(&call, message.as_bytes()));
    let listed = r#"[{"id":"sg_catch_97","title":"Catch 97","rtp":97,"currencies":["EUR"],"platforms":["mobile"]},
                     {"id":"bare","title":"Bare"}]"#;
    let games = swipe().catalogue(&answer(200, listed)).unwrap();
    assert_eq!((games[0].code.as_str(), games[0].name.as_str()), ("sg_catch_97", "Catch 97"));
    assert_eq!((games[0].devices.as_slice(), games[1].devices.len()), (&[Device::Mobile][..], 0));
    assert!(swipe().listing().is_some_and(|it| it.patience() > std::time::Duration::from_secs(20)));
    assert_eq!((games[0].rtp.unwrap().to_string().as_str(), games[1].rtp), ("97", None));
    assert!(matches!(swipe().catalogue(&answer(404, r#"{"message":"x"}"#)), Err(CallFailure::Refused(_))));
}

#[test]
fn free_rounds_are_given_once() {
    let call = swipe().grant_call(&campaign()).unwrap();
    assert_eq!((call.method.as_str(), call.url.as_str()), ("POST", "https://swipe.test/api/v1/free-rounds"));
    let expected = json!({
        "cID": CID, "extCID": "pitboss", "extID": "fr-1", "userIDs": [PLAYER], "currency": "EUR", "quantity": 10,
        "betLine": 20, "validFrom": "2026-01-01T00:00:00Z", "validUntil": "2026-01-31T00:00:00Z",
    });
    assert_eq!(body(&call), expected);
    let made = format!(r#"{{"id":"{CID}","extID":"fr-1"}}"#);
    assert_eq!(swipe().granted(&answer(200, &made)), Ok(Granted::New(CID.to_owned())));
    assert_eq!(swipe().granted(&answer(409, r#"{"message":"exists"}"#)), Ok(Granted::Before));
    assert!(matches!(swipe().granted(&answer(401, "")), Err(CallFailure::Refused(_))));
    assert!(matches!(swipe().granted(&answer(500, "")), Err(CallFailure::Unclear(_))));
}

#[test]
fn campaigns_have_bounds() {
    let late = "2026-01-31T00:00:01Z".parse().ok();
    let backwards = "2025-12-31T00:00:00Z".parse().ok();
    for campaign in [
        Campaign { id: String::new(), ..campaign() },
        Campaign { quantity: 0, ..campaign() },
        Campaign { quantity: 100, ..campaign() },
        Campaign { bet_line: 0, ..campaign() },
        Campaign { bet_line: 100, ..campaign() },
        Campaign { valid_until: late, ..campaign() },
        Campaign { valid_until: backwards, ..campaign() },
    ] {
        assert!(matches!(swipe().grant_call(&campaign), Err(CallFailure::Refused(_))), "{campaign:?}");
    }
    assert!(swipe().grant_call(&Campaign { valid_until: None, ..campaign() }).is_ok());
}

#[test]
fn free_rounds_are_taken_back_by_our_id() {
    let call = swipe().cancel_call("fr-1").unwrap();
    assert_eq!(
        (call.method.as_str(), call.url.as_str()),
        ("DELETE", "https://swipe.test/api/v1/free-rounds")
    );
    assert_eq!(body(&call), json!({"cID": CID, "extCID": "pitboss", "extID": "fr-1"}));
    assert_eq!(swipe().cancelled(&answer(200, "")), Ok(()));
    assert!(matches!(swipe().cancelled(&answer(404, r#"{"message":"none"}"#)), Err(CallFailure::Refused(_))));
    assert!(matches!(swipe().cancelled(&answer(502, "")), Err(CallFailure::Unclear(_))));
}
