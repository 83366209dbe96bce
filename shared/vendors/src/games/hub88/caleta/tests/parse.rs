use domain::play::CreditReason;
use domain::{Command, EntryKey, Refusal};

use super::*;
use crate::games::samples::money;
use crate::games::{GameToken, RequestKind, token_hash};

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
fn a_check_changes_the_token_and_its_repeat_gets_the_same() {
    let changed = || match parse_json("/wallet/check", &call("/wallet/check")).unwrap().kind {
        RequestKind::RotateSession { key, token, next_token } => (key, token, next_token),
        other => panic!("{other:?}"),
    };
    let (key, old, next) = changed();
    assert_eq!((key.clone(), old.clone(), next.clone()), changed());
    assert_eq!((key.integration.as_str(), old.as_str()), ("caleta", token().as_str()));
    assert_ne!(next, old);
    assert_eq!(GameToken::parse(&next).unwrap().player.to_string(), PLAYER);
    for other in ["", "tok-0000000001"] {
        let body = with("/wallet/check", "token", json!(other));
        assert_eq!(rejected("/wallet/check", &body), Refusal::SessionUnknown.into());
    }
}

#[test]
fn a_bet_is_a_debit() {
    let request = parse_json("/wallet/bet", &call("/wallet/bet")).unwrap();
    assert_eq!((request.correlation_id.as_str(), request.game.as_deref()), (CALL_ID, Some("cg_bingo")));
    let Command::Debit(bet) = command("/wallet/bet", &call("/wallet/bet")) else { panic!() };
    assert_eq!((bet.key, bet.amount), (EntryKey::new("caleta", TX), money("1.50 EUR")));
    assert_eq!((bet.token_hash, bet.free), (Some(token_hash(&token())), false));
    assert_eq!((bet.play.round.as_deref(), bet.play.round_closed), (Some("CG-1"), false));
    let free = command("/wallet/bet", &with("/wallet/bet", "is_free", json!(true)));
    assert!(matches!(free, Command::Debit(bet) if bet.free));
}

#[test]
fn a_win_is_a_credit_for_its_bet() {
    let Command::Credit(win) = command("/wallet/win", &call("/wallet/win")) else { panic!() };
    assert_eq!((win.bet.as_deref(), win.reason), (Some(BET_TX), CreditReason::Win));
    assert!(win.policy.require_bet);
}

#[test]
fn a_jackpot_is_part_of_the_amount() {
    for (jackpot, reason) in [
        (json!(null), CreditReason::Win),
        (json!(0), CreditReason::Win),
        (json!(100_000), CreditReason::Win),
        (json!(150_000), CreditReason::Jackpot),
    ] {
        let Command::Credit(win) =
            command("/wallet/win", &with("/wallet/win", "jackpot_win", jackpot.clone()))
        else {
            panic!()
        };
        assert_eq!((win.reason, win.amount), (reason, money("1.50 EUR")), "{jackpot}");
    }
    for jackpot in [json!(-1), json!(150_001), json!("1"), json!(1.5)] {
        let body = with("/wallet/win", "jackpot_win", jackpot);
        assert_eq!(rejected("/wallet/win", &body), Rejection::WrongType);
    }
}

#[test]
fn a_rollback_needs_nobodys_name() {
    for body in [call("/wallet/rollback"), without("/wallet/rollback", "user")] {
        assert_eq!(parse_json("/wallet/rollback", &body).unwrap().player.to_string(), PLAYER);
        let Command::Rollback(rollback) = command("/wallet/rollback", &body) else { panic!() };
        assert_eq!(rollback.target_key(), EntryKey::new("caleta", BET_TX));
        assert!(rollback.play.round_closed);
    }
}

#[test]
fn the_token_tells_whose_wallet_it_is() {
    for (path, field) in
        [("/wallet/balance", "supplier_user"), ("/wallet/win", "supplier_user"), ("/wallet/rollback", "user")]
    {
        for name in [json!(null), json!("user_19098"), json!("")] {
            let request = parse_json(path, &with(path, field, name)).unwrap();
            assert_eq!(request.player.to_string(), PLAYER);
        }
        let other = with(path, field, json!("ply_01HZY4Q6T0J8K9M2N3P4R5S6T8"));
        assert_eq!(rejected(path, &other), Refusal::SessionUnknown.into(), "{path}");
        let named = parse_json(path, &with(path, "token", json!("tok-0000000001"))).unwrap();
        assert_eq!(named.player.to_string(), PLAYER, "a name alone, which the core must confirm");
        let mut nobody = with(path, "token", json!("tok-0000000001"));
        nobody[field] = json!("user_19098");
        assert_eq!(rejected(path, &nobody), Refusal::PlayerUnknown.into(), "{path}");
    }
}

#[test]
fn a_field_that_must_be_there() {
    let common = ["token", "request_uuid", "game_code"];
    let bet = ["supplier_user", "transaction_uuid", "round", "round_closed", "is_free", "currency", "amount"];
    let win = [&bet[..], &["reference_transaction_uuid"]].concat();
    let rollback = ["transaction_uuid", "reference_transaction_uuid", "round", "round_closed"];
    for (path, fields) in [
        ("/wallet/balance", &["supplier_user"][..]),
        ("/wallet/bet", &bet),
        ("/wallet/win", &win),
        ("/wallet/rollback", &rollback),
    ] {
        for field in fields.iter().chain(&common) {
            assert_eq!(rejected(path, &without(path, field)), Rejection::Malformed, "{path} {field}");
            for wrong in [json!({}), json!([]), json!(1.5)] {
                let body = with(path, field, wrong.clone());
                assert_eq!(rejected(path, &body), Rejection::WrongType, "{path} {field}: {wrong}");
            }
        }
        assert!(parse_json(path, &with(path, "later", json!([[1.5e300]]))).is_ok());
    }
    assert_eq!(rejected("/wallet/check", &json!({})), Rejection::Malformed);
    assert_eq!(rejected("/wallet/check", &json!({"token": 7})), Rejection::WrongType);
}

#[test]
fn calls_that_do_not_exist() {
    for path in ["", "/wallet", "/wallet/bet/", "/transaction/bet", "/user/info"] {
        assert_eq!(rejected(path, &call("/wallet/bet")), Rejection::UnknownCall, "{path}");
    }
    for body in ["", "[]", "null", "{"] {
        assert_eq!(parse("/wallet/bet", body.as_bytes()).unwrap_err(), Rejection::Malformed, "{body}");
    }
    for currency in ["FUN", "XXX", "eur", "uBTC"] {
        let body = with("/wallet/bet", "currency", json!(currency));
        assert_eq!(rejected("/wallet/bet", &body), Refusal::WrongCurrency.into(), "{currency}");
    }
}
