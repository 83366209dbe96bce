use serde_json::json;

use super::*;
use crate::call::{CallFailure, InboundAnswer};
use crate::games::{Device, GameLauncher, Launch};

fn launch(game: &str) -> Launch {
    Launch {
        player: PLAYER.parse().unwrap(),
        token: token_of(PLAYER),
        game: game.to_owned(),
        currency: "EUR".parse().unwrap(),
        country: "MT".to_owned(),
        language: "en".to_owned(),
        device: Device::Desktop,
        ip: "192.0.2.1".parse().unwrap(),
        lobby_url: "https://casino.test/lobby".to_owned(),
        deposit_url: None,
    }
}

fn url(status: u16, body: &str) -> Result<String, CallFailure> {
    valkyrie().launch_url(&InboundAnswer { status, body: body.as_bytes().to_vec() })
}

#[test]
fn a_game_is_opened_at_its_provider_with_the_players_token() {
    let call = valkyrie().launch_call(&launch("evolution:tbl-1")).unwrap();
    assert_eq!(
        (call.method.as_str(), call.url.as_str()),
        ("POST", "https://valkyrie.test/evolution/gamelaunch")
    );
    assert_eq!(call.headers["x-player-token"], token_of(PLAYER));
    assert_eq!(call.headers["authorization"], "Bearer operator-key");
    let body: Value = serde_json::from_slice(&call.body).unwrap();
    let expected = json!({
        "playerId": PLAYER, "providerGameId": "tbl-1", "currency": "EUR", "country": "MT", "language": "en",
        "sessionIp": "192.0.2.1",
    });
    assert_eq!(body, expected);
}

#[test]
fn a_provider_is_told_what_the_settings_say() {
    let config = json!({
        "playMode": "real", "table": {"id": "{game}"}, "links": ["{lobby_url}?from={device}"], "volume": 7,
    });
    let launch_config = [("evolution".to_owned(), config)].into();
    let told = Valkyrie::new(&Settings { launch_config, ..settings() }).unwrap();
    let body =
        |game| -> Value { serde_json::from_slice(&told.launch_call(&launch(game)).unwrap().body).unwrap() };
    let expected = json!({
        "playMode": "real", "table": {"id": "tbl-1"}, "links": ["https://casino.test/lobby?from=desktop"],
        "volume": 7,
    });
    assert_eq!(body("evolution:tbl-1")["launchConfig"], expected);
    assert_eq!(body("caleta:bingo").get("launchConfig"), None, "each its own");
}

#[test]
fn a_key_is_shown_only_where_valkyrie_wants_one() {
    let open = Valkyrie::new(&Settings { operator_api_key: None, ..settings() }).unwrap();
    assert!(!open.launch_call(&launch("evolution:tbl-1")).unwrap().headers.contains_key("authorization"));
}

#[test]
fn a_game_without_a_provider_cannot_be_opened() {
    assert!(matches!(valkyrie().launch_call(&launch("tbl-1")), Err(CallFailure::Refused(_))));
}

#[test]
fn the_address_is_read_and_refusals_are_told_from_failures() {
    let address = "https://games.test/play?token=1";
    assert_eq!(url(200, &json!({"gameUrl": address}).to_string()).as_deref(), Ok(address));
    for nonsense in ["", "{}", r#"{"gameUrl":"javascript:alert(1)"}"#, r#"{"gameUrl":null}"#] {
        assert!(matches!(url(200, nonsense), Err(CallFailure::Unclear(_))), "{nonsense}");
    }
    assert!(
        matches!(url(400, "Bad game launch call"), Err(CallFailure::Refused(why)) if why.contains("Bad game"))
    );
    assert!(matches!(url(401, ""), Err(CallFailure::Refused(_))));
    assert!(matches!(url(500, ""), Err(CallFailure::Unclear(_))));
}
