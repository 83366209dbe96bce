use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

use super::*;
use crate::call::{CallFailure, InboundAnswer, OutboundCall};
use crate::games::samples::money;
use crate::games::{
    DemoLaunch, DemoLauncher, Device, FreeRounds, GameLauncher, Gift, Launch, NoGift, Revoked, RoundPage,
    Template,
};

fn body(call: &OutboundCall, path: &str) -> Value {
    assert_eq!(call.url, format!("https://caleta.test/api{path}"));
    let key =
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, crate::rsa::public_key(OPERATOR_PUBLIC).unwrap());
    let signature = STANDARD.decode(&call.headers["x-auth-signature"]).unwrap();
    assert!(key.verify(&call.body, &signature).is_ok(), "signed over exactly its body");
    serde_json::from_slice(&call.body).unwrap()
}

fn answer(status: u16, body: &str) -> InboundAnswer {
    InboundAnswer { status, body: body.as_bytes().to_vec() }
}

#[test]
fn a_launch_says_who_plays_what() {
    let launch = Launch {
        player: PLAYER.parse().unwrap(),
        token: token(),
        game: "cg_bingo".to_owned(),
        currency: "EUR".parse().unwrap(),
        country: "MT".to_owned(),
        language: "en".to_owned(),
        device: Device::Mobile,
        ip: "192.0.2.1".parse().unwrap(),
        lobby_url: "https://casino.test/lobby".to_owned(),
        deposit_url: Some("https://casino.test/cashier".to_owned()),
    };
    let expected = json!({
        "operator_id": "pitboss", "sub_partner_id": "demo", "user": PLAYER, "token": token(),
        "game_code": "cg_bingo", "currency": "EUR", "country": "MT", "lang": "en",
        "lobby_url": "https://casino.test/lobby", "deposit_url": "https://casino.test/cashier",
    });
    assert_eq!(body(&caleta().launch_call(&launch).unwrap(), "/game/url"), expected);
    for (language, lang) in [("zh", "zh"), ("mt", "en")] {
        let launch = Launch { language: language.to_owned(), ..launch.clone() };
        assert_eq!(body(&caleta().launch_call(&launch).unwrap(), "/game/url")["lang"], lang);
    }
    let refused = caleta().launch_url(&answer(404, r#"{"error":"no such operator"}"#));
    assert_eq!(refused, Err(CallFailure::Refused("HTTP 404: no such operator".to_owned())));
}

#[test]
fn a_demo_is_played_for_fun() {
    let demo = DemoLaunch {
        game: "cg_bingo".to_owned(),
        currency: "EUR".parse().unwrap(),
        country: "MT".to_owned(),
        language: "en".to_owned(),
        device: Device::Desktop,
        ip: "192.0.2.1".parse().unwrap(),
        lobby_url: "https://casino.test/lobby".to_owned(),
    };
    let expected = json!({
        "operator_id": "pitboss", "sub_partner_id": "demo", "game_code": "cg_bingo", "currency": "FUN",
        "country": "MT", "lang": "en", "lobby_url": "https://casino.test/lobby",
    });
    assert_eq!(body(&caleta().demo_call(&demo).unwrap(), "/game/url"), expected);
}

#[test]
fn the_list_of_games() {
    let caleta = caleta();
    let listing = caleta.listing().unwrap();
    let call = listing.catalogue_call().unwrap();
    assert_eq!(body(&call, "/game/list"), json!({"operator_id": "pitboss"}));
    let listed = r#"[{"name":"Bingo","game_id":1,"game_code":"cg_bingo","enabled":true,"category":"Bingo",
                      "blocked_countries":["PL"],"platforms":["GPL_MOBILE"]},
                     {"name":"Nameless","game_id":2,"enabled":true}]"#;
    let games = listing.catalogue(&answer(200, listed)).unwrap();
    assert_eq!((games.len(), games[0].code.as_str(), games[0].enabled), (1, "cg_bingo", true));
    assert_eq!(games[0].blocked_countries, ["PL"]);
    assert_eq!(games[0].devices, [Device::Mobile]);
    assert_eq!(listing.interval(), std::time::Duration::from_mins(1));
    assert!(matches!(listing.catalogue(&answer(429, "")), Err(CallFailure::Unclear(_))), "asked too often");
}

#[test]
fn a_rounds_page() {
    let caleta = caleta();
    let details = caleta.round_details().unwrap();
    let call = details.round_call(PLAYER.parse().unwrap(), "CG-1").unwrap();
    let expected =
        json!({"operator_id": "pitboss", "sub_partner_id": "demo", "user": PLAYER, "round": "CG-1"});
    assert_eq!(body(&call, "/game/round"), expected);
    let url = "https://caleta.test/round/1";
    let shown = details.round_page(&answer(200, &format!(r#"{{"url":"{url}"}}"#)));
    assert_eq!(shown, Ok(RoundPage::Address(url.to_owned())));
    let refused = details.round_page(&answer(405, r#"{"code":"100,","message":"Invalid Round"}"#));
    assert_eq!(refused, Err(CallFailure::Refused("HTTP 405: Invalid Round".to_owned())));
}

#[test]
fn templates_of_free_bets() {
    let caleta = caleta();
    let templates = caleta.free_rounds().and_then(FreeRounds::templates).unwrap();
    let call = templates.templates_call().unwrap();
    assert_eq!(body(&call, "/freebet/prepaids/list"), json!({"operator_id": "pitboss"}));
    let listed = format!(
        r#"[{{"prepaid_uuid":"{TX}","game_code":"cg_bingo","currency":"EUR","bet_value":100000,"bet_count":null}},
            {{"prepaid_uuid":"{BET_TX}","currency":"mBTC","bet_value":1}}]"#
    );
    let templates = templates.templates(&answer(200, &listed)).unwrap();
    let expected = Template {
        id: TX.to_owned(),
        game: Some("cg_bingo".to_owned()),
        currency: Some("EUR".to_owned()),
        rounds: None,
        round_value: Some(money("1 EUR")),
    };
    assert_eq!((&templates[0], templates[1].round_value), (&expected, None));
}

#[test]
fn free_bets_follow_a_template() {
    let caleta = caleta();
    let free_rounds = caleta.free_rounds().unwrap();
    let gift = Gift {
        id: "frg_01HZX3M2T9QK4V7W8Y6N5R1ABC".parse().unwrap(),
        player: PLAYER.parse().unwrap(),
        integration: "caleta".to_owned(),
        game: "cg_bingo".to_owned(),
        currency: "EUR".parse().unwrap(),
        template: Some(TX.to_owned()),
        rounds: Some(5),
        round_value: Some(money("1 EUR")),
        bet_line: None,
        starts_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        ends_at: "2026-01-08T00:00:00.5Z".parse().unwrap(),
    };
    let expected = json!({
        "operator_id": "pitboss", "sub_partner_id": "demo", "user": PLAYER, "prepaid_uuid": TX, "bet_count": 5,
        "bet_value": 100_000, "currency": "EUR", "start_time": "2026-01-01T00:00:00",
        "end_time": "2026-01-08T00:00:00",
    });
    assert_eq!(body(&free_rounds.give_call(&gift).unwrap(), "/freebet/rewards/create"), expected);
    for (unfit, part) in [
        (Gift { round_value: Some(money("0.000001 EUR")), ..gift.clone() }, "round_value"),
        (Gift { template: None, ..gift.clone() }, "template"),
        (Gift { template: Some(String::new()), ..gift.clone() }, "template"),
        (Gift { bet_line: Some(1), ..gift }, "bet_line"),
    ] {
        let why = free_rounds.give_call(&unfit).unwrap_err();
        assert!(matches!(why, NoGift::Part { part: named, .. } if named == part), "{why}");
    }
    let given = format!(r#"{{"reward_uuid":"{TX}","user":"{PLAYER}"}}"#);
    assert_eq!(free_rounds.given(&answer(200, &given)), Ok(Some(TX.to_owned())));
    assert!(!free_rounds.gives_once());
}

#[test]
fn free_bets_are_taken_back_by_the_id_that_was_told() {
    let caleta = caleta();
    let revocation = caleta.free_rounds().and_then(FreeRounds::revocation).unwrap();
    let id = "frg_01HZX3M2T9QK4V7W8Y6N5R1ABC".parse().unwrap();
    let call = revocation.revoke_call(id, Some(TX)).unwrap();
    let expected = json!({"operator_id": "pitboss", "reward_uuid": TX});
    assert_eq!(body(&call, "/freebet/rewards/cancel"), expected);
    assert!(matches!(revocation.revoke_call(id, None), Err(CallFailure::Refused(_))), "which ones?");
    assert_eq!(revocation.revoked(&answer(200, "{}")), Ok(Revoked::Now));
    assert_eq!(revocation.revoked(&answer(404, "")), Ok(Revoked::NotThere));
}
