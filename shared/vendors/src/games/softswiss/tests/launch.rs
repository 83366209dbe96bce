use ring::hmac;

use super::*;
use crate::call::{CallFailure, InboundAnswer, OutboundCall};
use crate::games::{DemoLaunch, DemoLauncher, Device, GameCatalogue, GameLauncher, Launch};

fn launch() -> Launch {
    Launch {
        player: PLAYER.parse().unwrap(),
        token: "gst-0123456789abcdef".to_owned(),
        game: "plinko".to_owned(),
        currency: "EUR".parse().unwrap(),
        country: "MT".to_owned(),
        language: "en".to_owned(),
        device: Device::Mobile,
        ip: "192.0.2.1".parse().unwrap(),
        lobby_url: "https://casino.test/lobby".to_owned(),
        deposit_url: Some("https://casino.test/cashier".to_owned()),
    }
}

fn body(call: &OutboundCall) -> Value {
    let tag = hex::decode(&call.headers["x-request-sign"]).unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    assert!(hmac::verify(&key, &call.body, &tag).is_ok(), "signed over exactly its body");
    serde_json::from_slice(&call.body).unwrap()
}

fn answer(status: u16, body: &str) -> InboundAnswer {
    InboundAnswer { status, body: body.as_bytes().to_vec() }
}

#[test]
fn a_launch_says_who_plays_what() {
    let call = softswiss().launch_call(&launch()).unwrap();
    assert_eq!(call.url, "https://softswiss.test/gateway/api/v1/softswiss/launcher/real");
    let expected = json!({
        "casino_id": "pitboss", "game": "plinko", "locale": "en", "ip": "192.0.2.1", "client_type": "mobile",
        "urls": {"return_url": "https://casino.test/lobby", "deposit_url": "https://casino.test/cashier"},
        "account": {"id": PLAYER, "currency": "EUR", "country": "MT"},
    });
    assert_eq!(body(&call), expected, "and no token: the protocol has none");
}

#[test]
fn a_demo_names_nobody() {
    let demo = DemoLaunch {
        game: "plinko".to_owned(),
        currency: "EUR".parse().unwrap(),
        country: "MT".to_owned(),
        language: "en".to_owned(),
        device: Device::Desktop,
        ip: "192.0.2.1".parse().unwrap(),
        lobby_url: "https://casino.test/lobby".to_owned(),
    };
    let call = softswiss().demo_call(&demo).unwrap();
    assert_eq!(call.url, "https://softswiss.test/gateway/api/v1/softswiss/launcher/demo");
    let expected = json!({
        "casino_id": "pitboss", "game": "plinko", "locale": "en", "ip": "192.0.2.1", "client_type": "desktop",
        "urls": {"return_url": "https://casino.test/lobby"}, "currency": "EUR",
    });
    assert_eq!(body(&call), expected);
}

#[test]
fn the_first_of_several_secrets_signs_our_calls() {
    let secret = Keys::Several(vec![SECRET.to_owned(), "old".to_owned()]);
    let softswiss = SoftSwiss::new(&Settings { secret, ..settings() }).unwrap();
    body(&softswiss.launch_call(&launch()).unwrap());
}

#[test]
fn an_address_opens_the_game_and_a_refusal_brings_its_code() {
    let opened = |status, body: &str| softswiss().launch_url(&answer(status, body));
    let url = "https://games.test/play?x=1";
    assert_eq!(opened(200, &format!(r#"{{"launch_url":"{url}"}}"#)), Ok(url.to_owned()));
    for body in ["", "{}", r#"{"launch_url":"javascript:1"}"#] {
        assert!(matches!(opened(200, body), Err(CallFailure::Unclear(_))), "{body}");
    }
    let refused =
        r#"{"code":"invalid_argument","msg":"x","meta":{"api_code":"405","api_message":"not here"}}"#;
    for status in [400, 403] {
        let reason = format!("HTTP {status}: 405 not here");
        assert_eq!(opened(status, refused), Err(CallFailure::Refused(reason)));
    }
    for status in [302, 408, 429, 500, 503] {
        assert!(matches!(opened(status, refused), Err(CallFailure::Unclear(_))), "{status}");
    }
}

#[test]
fn the_list_of_games_is_read_without_floating_point() {
    let call = softswiss().catalogue_call().unwrap();
    assert_eq!(call.method, http::Method::GET);
    assert_eq!(call.url, "https://softswiss.test/gateway/api/v1/operator/games?operator=pitboss");
    assert!(call.body.is_empty());
    let listed = r#"{"games":[
        {"title":"Plinko","identifier":"plinko","category":"plinko","payout":96.10,"volatility_rating":"high",
         "currencies":["EUR","USD"],"restrictions":{"default":{"blacklist":["US"]}},"later":1.5},
        {"title":"Bare","identifier":"bare"}]}"#;
    let games = softswiss().catalogue(&answer(200, listed)).unwrap();
    assert_eq!(
        (games[0].code.as_str(), games[0].name.as_str(), games[0].enabled),
        ("plinko", "Plinko", true)
    );
    assert_eq!(games[0].rtp.unwrap().to_string(), "96.10");
    assert_eq!(
        (games[0].currencies.len(), games[0].blocked_countries.as_slice()),
        (2, &["US".to_owned()][..])
    );
    assert_eq!((games[1].rtp, games[1].currencies.len()), (None, 0));
    assert!(matches!(softswiss().catalogue(&answer(200, "[]")), Err(CallFailure::Unclear(_))));
    assert!(matches!(softswiss().catalogue(&answer(404, "{}")), Err(CallFailure::Refused(_))));
}
