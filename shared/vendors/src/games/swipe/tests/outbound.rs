use ring::hmac;

use super::*;
use crate::call::{CallFailure, InboundAnswer, OutboundCall};
use crate::games::{
    DemoLaunch, DemoLauncher, Device, FreeRounds, GameCatalogue, GameLauncher, Gift, Launch, NoGift, Revoked,
};

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

const GIFT: &str = "frg_01HZX3M2T9QK4V7W8Y6N5R1ABC";

fn gift() -> Gift {
    Gift {
        id: GIFT.parse().unwrap(),
        player: PLAYER.parse().unwrap(),
        integration: "swipe".to_owned(),
        game: "sg_catch_97".to_owned(),
        currency: "EUR".parse().unwrap(),
        template: None,
        rounds: Some(10),
        round_value: None,
        bet_line: Some(20),
        starts_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        ends_at: "2026-01-31T00:00:00Z".parse().unwrap(),
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
fn a_game_is_opened_in_a_locale_that_it_is_in() {
    for (language, locale) in [
        ("en", "en_us"),
        ("en-GB", "en_us"),
        ("pt", "pt_br"),
        ("zh", "zh_tw"),
        ("es", "es"),
        ("es-MX", "es_mx"),
        ("de-AT", "de"),
        ("uz", "uz"),
        ("mt", "en_us"),
        ("", "en_us"),
    ] {
        let launch = Launch { language: language.to_owned(), ..launch() };
        assert_eq!(body(&swipe().launch_call(&launch).unwrap())["locale"], locale, "{language}");
    }
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
        "currency": "EUR", "locale": "en_us", "returnURL": "https://casino.test/lobby",
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
    let swipe = swipe();
    let free_rounds = swipe.free_rounds().unwrap();
    let call = free_rounds.give_call(&gift()).unwrap();
    assert_eq!((call.method.as_str(), call.url.as_str()), ("POST", "https://swipe.test/api/v1/free-rounds"));
    let expected = json!({
        "cID": CID, "extCID": "pitboss", "extID": GIFT, "gameIDs": ["sg_catch_97"], "userIDs": [PLAYER],
        "currency": "EUR", "quantity": 10, "betLine": 20, "validFrom": "2026-01-01T00:00:00Z",
        "validUntil": "2026-01-31T00:00:00Z",
    });
    assert_eq!(body(&call), expected);
    let made = format!(r#"{{"id":"{CID}","extID":"{GIFT}"}}"#);
    assert_eq!(free_rounds.given(&answer(200, &made)), Ok(Some(CID.to_owned())));
    assert_eq!(free_rounds.given(&answer(409, r#"{"message":"exists"}"#)), Ok(None));
    assert!(matches!(free_rounds.given(&answer(401, "")), Err(CallFailure::Refused(_))));
    assert!(matches!(free_rounds.given(&answer(500, "")), Err(CallFailure::Unclear(_))));
    assert!(free_rounds.gives_once() && free_rounds.templates().is_none());
}

#[test]
fn free_rounds_have_bounds() {
    let at = |text: &str| text.parse().unwrap();
    for (unfit, part) in [
        (Gift { rounds: None, ..gift() }, "rounds"),
        (Gift { rounds: Some(0), ..gift() }, "rounds"),
        (Gift { rounds: Some(100), ..gift() }, "rounds"),
        (Gift { rounds: Some(256), ..gift() }, "rounds"),
        (Gift { bet_line: None, ..gift() }, "bet_line"),
        (Gift { bet_line: Some(0), ..gift() }, "bet_line"),
        (Gift { bet_line: Some(100), ..gift() }, "bet_line"),
        (Gift { template: Some("any".to_owned()), ..gift() }, "template"),
        (Gift { round_value: "1 EUR".parse().ok(), ..gift() }, "round_value"),
        (Gift { ends_at: at("2026-01-31T00:00:01Z"), ..gift() }, "ends_at"),
        (Gift { ends_at: at("2026-01-01T00:00:00Z"), ..gift() }, "ends_at"),
    ] {
        let why = swipe().free_rounds().unwrap().give_call(&unfit).unwrap_err();
        assert!(matches!(why, NoGift::Part { part: named, .. } if named == part), "{why}");
    }
}

#[test]
fn free_rounds_are_taken_back_by_our_id() {
    let swipe = swipe();
    let revocation = swipe.free_rounds().and_then(FreeRounds::revocation).unwrap();
    let call = revocation.revoke_call(GIFT.parse().unwrap(), Some("another")).unwrap();
    assert_eq!(
        (call.method.as_str(), call.url.as_str()),
        ("DELETE", "https://swipe.test/api/v1/free-rounds")
    );
    assert_eq!(body(&call), json!({"cID": CID, "extCID": "pitboss", "extID": GIFT}));
    assert_eq!(revocation.revoked(&answer(200, "")), Ok(Revoked::Now));
    assert_eq!(revocation.revoked(&answer(404, r#"{"message":"none"}"#)), Ok(Revoked::NotThere));
    assert!(matches!(revocation.revoked(&answer(400, "")), Err(CallFailure::Refused(_))));
    assert!(matches!(revocation.revoked(&answer(502, "")), Err(CallFailure::Unclear(_))));
}
