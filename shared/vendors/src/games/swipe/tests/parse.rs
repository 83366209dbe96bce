use domain::play::CreditReason;
use domain::{Command, EntryKey, Refusal};

use super::*;
use crate::games::samples::money;
use crate::games::{RequestKind, token_hash};

fn command(path: &str, body: &Value) -> Command {
    match parse_json(path, body).unwrap().kind {
        RequestKind::Operation(command) => *command,
        other => panic!("{other:?}"),
    }
}

fn rejected(path: &str, body: &Value) -> Rejection {
    parse_json(path, body).unwrap_err()
}

#[test]
fn the_session_tells_player_and_currency() {
    let query = format!("later=1&sessionID={}", token());
    let balance = parse_query(&query).unwrap();
    assert!(
        matches!(&balance.kind, RequestKind::Balance { token_hash: Some(it), late: false } if *it == token_hash(&token()))
    );
    for request in [balance, parse_json("/bet", &call("/bet")).unwrap()] {
        assert_eq!(request.player.to_string(), PLAYER);
        assert_eq!(request.currency, "EUR".parse().ok());
        assert_eq!(request.game, None);
    }
}

#[test]
fn a_regular_bet_is_a_debit() {
    let Command::Debit(bet) = command("/bet", &call("/bet")) else { panic!() };
    assert_eq!(bet.key, EntryKey::new("swipe", TX));
    assert_eq!((bet.amount, bet.free), (money("1.50 EUR"), false));
    assert_eq!(bet.token_hash, Some(token_hash(&token())));
    assert_eq!((bet.play.game.as_str(), bet.play.round.as_deref()), ("", Some(ROUND)));
}

#[test]
fn a_regular_win_is_a_credit_that_needs_no_bet() {
    let Command::Credit(win) = command("/win", &call("/win")) else { panic!() };
    assert!(win.reason == CreditReason::Win && win.bet.is_none() && !win.policy.require_bet);
    let Command::Credit(lost) = command("/win", &with("/win", "amount", json!("0"))) else { panic!() };
    assert!(lost.amount.is_zero());
}

#[test]
fn free_rounds_are_told_and_paid_at_the_end() {
    for (path, won) in [("/bet", false), ("/win", true)] {
        let mut body = with(path, "type", json!("free"));
        body["frID"] = json!("fr-1");
        let Command::FreeRound(free) = command(path, &body) else { panic!() };
        assert_eq!((free.won, free.reward.as_deref(), free.amount), (won, Some("fr-1"), money("1.50 EUR")));
        assert_eq!(free.key, EntryKey::new("swipe", TX));
    }
    let Command::Credit(total) = command("/win", &with("/win", "frID", json!("fr-1"))) else { panic!() };
    assert!(total.reason == CreditReason::FreeRounds && total.bet.is_none());
}

#[test]
fn a_refund_names_its_bet() {
    let Command::Rollback(refund) = command("/refund", &call("/refund")) else { panic!() };
    assert_eq!((refund.key, refund.target.as_str()), (EntryKey::new("swipe", TX), BET_TX));
    assert!(parse_json("/refund", &with("/refund", "roundID", Value::Null)).is_ok());
}

#[test]
fn the_same_uuid_in_capitals_is_the_same_transaction() {
    let capitals = with("/bet", "txID", json!(TX.to_uppercase()));
    assert_eq!(command("/bet", &capitals).key(), command("/bet", &call("/bet")).key());
}

#[test]
fn a_field_that_must_be_there() {
    for (path, fields) in [
        ("/bet", &["type", "sessionID", "txID", "amount", "roundID"][..]),
        ("/win", &["type", "sessionID", "txID", "amount", "roundID"]),
        ("/refund", &["sessionID", "txID", "origTxID", "amount"]),
    ] {
        for field in fields {
            assert_eq!(
                rejected(path, &with(path, field, Value::Null)),
                Rejection::Malformed,
                "{path} {field}"
            );
            for wrong in [json!(7), json!(1.5), json!({}), json!([]), json!(true)] {
                let rejection = rejected(path, &with(path, field, wrong.clone()));
                assert_eq!(rejection, Rejection::WrongType, "{path} {field}: {wrong}");
            }
        }
        for later in [json!({"deep": [[1.5e300]]}), json!("x")] {
            assert!(parse_json(path, &with(path, "later", later)).is_ok(), "{path}");
        }
    }
    for (field, wrong) in [("type", "bonus"), ("txID", "tx-1"), ("roundID", "r-1"), ("txID", "")] {
        assert_eq!(rejected("/bet", &with("/bet", field, json!(wrong))), Rejection::WrongType, "{field}");
    }
    assert_eq!(parse_query("").unwrap_err(), Rejection::Malformed);
    assert_eq!(parse_query("sessionID=a&sessionID=b").unwrap_err(), Rejection::Malformed);
}

#[test]
fn sessions_that_are_not_ours() {
    for session in ["", "sess-0001", &token()[1..]] {
        for path in PATHS {
            let rejection = rejected(path, &with(path, "sessionID", json!(session)));
            assert_eq!(rejection, Refusal::SessionUnknown.into(), "{session}");
        }
        assert_eq!(parse_query(&format!("sessionID={session}")).unwrap_err(), Refusal::SessionUnknown.into());
    }
}

#[test]
fn amounts_are_plain_decimals() {
    let read = |amount: &str| parse_json("/bet", &with("/bet", "amount", json!(amount))).map(|_| ());
    for amount in ["0", "0.5", "1", "10.50", "0.000001", "100.000000000"] {
        assert_eq!(read(amount), Ok(()), "{amount}");
    }
    let long = "9".repeat(1000);
    for amount in ["", "-1", "+1", "01", "00", "00.5", ".5", "5.", "1e2", "1,5", " 1", "NaN", long.as_str()] {
        assert_eq!(read(amount), Err(Rejection::WrongType), "{amount:.20}");
    }
    for amount in ["0.0000001", "9999999999999"] {
        assert!(matches!(read(amount), Err(Rejection::Refused(Refusal::Amount(_)))), "{amount}");
    }
}

#[test]
fn calls_that_do_not_exist() {
    let headers = HeaderMap::new();
    for (method, path) in [
        (Method::POST, "/balance"),
        (Method::GET, "/bet"),
        (Method::PUT, "/win"),
        (Method::POST, "/rollback"),
        (Method::POST, "/bet/"),
        (Method::POST, ""),
    ] {
        let raw = RawCall { method: &method, ..RawCall::post(path, &headers, b"{}") };
        assert_eq!(swipe().parse(&Authentic::new(raw)).unwrap_err(), Rejection::UnknownCall, "{path}");
    }
    for body in ["", "[]", "null", "{", "\u{fffd}"] {
        assert_eq!(parse("/bet", body.as_bytes()).unwrap_err(), Rejection::Malformed, "{body}");
    }
    assert_eq!(parse("/bet", b"\xff").unwrap_err(), Rejection::Malformed);
}
