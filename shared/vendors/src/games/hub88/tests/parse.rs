use domain::play::CreditReason;
use domain::{Command, EntryKey, Money, MoneyError, Refusal};

use super::*;
use crate::games::{RequestKind, token_hash};

fn command(path: &str, body: &str) -> Command {
    match parse(path, body.as_bytes()).unwrap().kind {
        RequestKind::Operation(command) => *command,
        other => panic!("{other:?}"),
    }
}

fn rejected(path: &str, body: impl AsRef<[u8]>) -> Rejection {
    parse(path, body.as_ref()).unwrap_err()
}

fn eur(minor: i64) -> Money {
    Money::from_minor(minor, 5, "EUR".parse().unwrap()).unwrap()
}

#[test]
fn token_hashes_are_plain_sha_256() {
    assert_eq!(token_hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

#[test]
fn the_calls_that_move_no_money() {
    let info = parse("/user/info", INFO.as_bytes()).unwrap();
    assert_eq!(info.player.to_string(), PLAYER);
    assert_eq!(info.correlation_id, "5f0c7a3e-1111-4a4a-8b8b-0000000000a5");
    assert!(matches!(info.kind, RequestKind::Profile));
    let balance = parse("/user/balance", BALANCE.as_bytes()).unwrap();
    assert_eq!(balance.game.as_deref(), Some("pit_dice"));
    let RequestKind::Balance { token_hash: hash, late: false } = balance.kind else { panic!() };
    assert_eq!(hash, Some(token_hash("gst-0123456789abcdef")));
}

#[test]
fn a_bet_is_a_debit() {
    let request = parse("/transaction/bet", BET.as_bytes()).unwrap();
    assert_eq!(request.currency, "EUR".parse().ok());
    let Command::Debit(bet) = command("/transaction/bet", BET) else { panic!() };
    assert_eq!(bet.key, EntryKey::new("hub88", BET_TX));
    assert_eq!(bet.token_hash, Some(token_hash("gst-0123456789abcdef")));
    assert_eq!((bet.amount.to_string().as_str(), bet.free), ("1.50 EUR", false));
    assert_eq!(
        (bet.play.game.as_str(), bet.play.round.as_deref(), bet.play.round_closed),
        ("pit_dice", Some("round-1"), false)
    );
}

#[test]
fn bets_that_cost_the_player_nothing() {
    for (field, value, free, promotion) in [
        ("is_free", "true", true, false),
        ("is_supplier_promo", "true", true, true),
        ("is_free", "false", false, false),
        ("is_aggregated", "true", false, false),
    ] {
        let Command::Debit(bet) = command("/transaction/bet", &with(BET, field, Some(value))) else {
            panic!()
        };
        assert_eq!((bet.free, bet.promotion), (free, promotion), "{field}: {value}");
    }
}

#[test]
fn a_round_of_no_name_is_none() {
    let Command::Debit(bet) = command("/transaction/bet", &with(BET, "round", Some("\"\""))) else {
        panic!()
    };
    assert_eq!(bet.play.round, None);
}

#[test]
fn a_win_is_a_credit_for_its_bet() {
    let Command::Credit(win) = command("/transaction/win", WIN) else { panic!() };
    assert_eq!(win.amount, eur(288_000));
    assert_eq!(win.bet.as_deref(), Some(BET_TX));
    assert!(win.policy.require_bet && win.reason == CreditReason::Win && win.play.round_closed);
    let lost = with(WIN, "amount", Some("0"));
    let Command::Credit(win) = command("/transaction/win", &lost) else { panic!() };
    assert!(win.amount.is_zero());
}

#[test]
fn only_a_suppliers_promotion_wins_without_a_bet() {
    let promo = with(WIN, "is_supplier_promo", Some("true"));
    for reference in [None, Some("null")] {
        let body = with(&promo, "reference_transaction_uuid", reference);
        let Command::Credit(win) = command("/transaction/win", &body) else { panic!() };
        assert!(win.reason == CreditReason::SupplierPromotion && win.bet.is_none());
        let body = with(WIN, "reference_transaction_uuid", reference);
        assert_eq!(rejected("/transaction/win", body), Rejection::Malformed);
    }
    let Command::Credit(win) = command("/transaction/win", &promo) else { panic!() };
    assert_eq!(win.bet.as_deref(), Some(BET_TX));
}

#[test]
fn a_rollback_names_its_target() {
    let Command::Rollback(rollback) = command("/transaction/rollback", ROLLBACK) else { panic!() };
    assert_eq!(rollback.target_key(), EntryKey::new("hub88", BET_TX));
    assert_eq!(rollback.key.tx, "5f0c7a3e-1111-4a4a-8b8b-0000000000b3");
    // An amount or a currency here says nothing: what is undone is what we have on record.
    let body = with(&with(ROLLBACK, "amount", Some("-1")), "currency", Some("7"));
    assert!(parse("/transaction/rollback", body.as_bytes()).is_ok());
}

#[test]
fn the_same_uuid_in_capitals_is_the_same_transaction() {
    let capitals = with(BET, "transaction_uuid", Some(&format!("\"{}\"", BET_TX.to_uppercase())));
    let capitals = with(&capitals, "request_uuid", Some("\"5F0C7A3E-1111-4A4A-8B8B-0000000000A1\""));
    assert_eq!(command("/transaction/bet", &capitals).key(), command("/transaction/bet", BET).key());
    let request = parse("/transaction/bet", capitals.as_bytes()).unwrap();
    assert_eq!(request.correlation_id, "5F0C7A3E-1111-4A4A-8B8B-0000000000A1", "echoed as it came");
}

#[test]
fn fields_we_do_not_know_and_nulls_that_may_be_are_let_pass() {
    for (path, body) in CALLS {
        assert!(parse(path, with(body, "later", Some("{\"deep\":[[[]]]}")).as_bytes()).is_ok(), "{path}");
    }
    for field in ["round", "round_closed", "is_free", "is_supplier_promo", "reward_uuid", "meta", "bet"] {
        assert!(parse("/transaction/bet", with(BET, field, Some("null")).as_bytes()).is_ok(), "{field}");
        assert!(parse("/transaction/bet", with(BET, field, None).as_bytes()).is_ok(), "{field}");
    }
}

#[test]
fn a_field_that_must_be_there() {
    for (path, body, fields) in [
        ("/user/info", INFO, &["user", "request_uuid"][..]),
        ("/user/balance", BALANCE, &["user", "request_uuid", "token", "game_code"]),
        (
            "/transaction/bet",
            BET,
            &["user", "token", "request_uuid", "transaction_uuid", "game_code", "currency", "amount"],
        ),
        (
            "/transaction/win",
            WIN,
            &["user", "token", "request_uuid", "transaction_uuid", "game_code", "currency", "amount"],
        ),
        (
            "/transaction/rollback",
            ROLLBACK,
            &["user", "token", "request_uuid", "transaction_uuid", "reference_transaction_uuid", "game_code"],
        ),
    ] {
        for field in fields {
            assert_eq!(rejected(path, with(body, field, None)), Rejection::Malformed, "{path} {field}");
            for wrong in ["null", "{}", "[]", "true", "1.5"] {
                let body = with(body, field, Some(wrong));
                assert_eq!(rejected(path, body), Rejection::WrongType, "{path} {field}: {wrong}");
            }
        }
    }
}

#[test]
fn amounts_are_integers_that_the_ledger_can_hold() {
    let digits = "9".repeat(10_000);
    for amount in [
        "-1",
        "1.5",
        "1.0",
        "1e3",
        "1E3",
        "0.00001",
        "\"150000\"",
        "\"\"",
        "9223372036854775808",
        "-9223372036854775809",
        "18446744073709551616",
        digits.as_str(),
    ] {
        for (path, body) in [("/transaction/bet", BET), ("/transaction/win", WIN)] {
            let body = with(body, "amount", Some(amount));
            assert_eq!(rejected(path, body), Rejection::WrongType, "{amount:.20}");
        }
    }
    let beyond = with(BET, "amount", Some("9223372036854775807"));
    assert_eq!(rejected("/transaction/bet", beyond), Refusal::Amount(MoneyError::OutOfRange).into());
    for amount in ["0", "1", "922337203685477580"] {
        let Command::Debit(bet) = command("/transaction/bet", &with(BET, "amount", Some(amount))) else {
            panic!()
        };
        assert_eq!(bet.amount.to_minor(5).unwrap().to_string(), amount);
    }
}

#[test]
fn ids_are_uuids_in_their_usual_form() {
    let braces = format!("\"{{{BET_TX}}}\"");
    let bare = format!("\"{}\"", BET_TX.replace('-', ""));
    let padded = format!("\" {BET_TX}\"");
    for id in [
        "\"\"",
        "\"tx-1\"",
        "\"tx#1\"",
        "7",
        &braces,
        &bare,
        &padded,
        "\"5f0c7a3e-1111-4a4a-8b8b-0000000000g1\"",
    ] {
        for field in ["request_uuid", "transaction_uuid", "reference_transaction_uuid"] {
            let body = with(WIN, field, Some(id));
            assert_eq!(rejected("/transaction/win", body), Rejection::WrongType, "{field}: {id}");
        }
    }
}

#[test]
fn texts_are_bounded_and_otherwise_free() {
    let long = format!("\"{}\"", "x".repeat(256));
    for field in ["game_code", "round"] {
        assert_eq!(
            rejected("/transaction/bet", with(BET, field, Some(&long))),
            Rejection::WrongType,
            "{field}"
        );
    }
    for field in ["bet", "supplier_user", "supplier_transaction_id", "meta"] {
        assert!(parse("/transaction/bet", with(BET, field, Some(&long)).as_bytes()).is_ok(), "{field}");
    }
    let Command::Debit(bet) =
        command("/transaction/bet", &with(BET, "round", Some("\"a#b\\u0000\\n\u{1f3b2}\"")))
    else {
        panic!()
    };
    assert_eq!(bet.play.round.as_deref(), Some("a#b\0\n\u{1f3b2}"));
}

#[test]
fn a_token_of_any_length_is_only_ever_looked_up() {
    for token in [String::new(), "short".to_owned(), "x".repeat(300)] {
        let body = with(BET, "token", Some(&format!("\"{token}\"")));
        let Command::Debit(bet) = command("/transaction/bet", &body) else { panic!() };
        assert_eq!(bet.token_hash, Some(token_hash(&token)));
    }
}

#[test]
fn flags_are_booleans() {
    for field in ["round_closed", "is_free", "is_supplier_promo"] {
        for wrong in ["1", "0", "\"true\"", "[]"] {
            let body = with(BET, field, Some(wrong));
            assert_eq!(rejected("/transaction/bet", body), Rejection::WrongType, "{field}: {wrong}");
        }
    }
}

#[test]
fn strangers_and_strange_currencies() {
    let lower = PLAYER.to_lowercase();
    for user in
        ["player-1001", "", "ply_", &lower, "ply_01HZY4Q6T0J8K9M2N3P4R5S6T", "dep_01HZY4Q6T0J8K9M2N3P4R5S6T7"]
    {
        for (path, body) in CALLS {
            let body = with(body, "user", Some(&format!("\"{user}\"")));
            assert_eq!(rejected(path, body), Refusal::PlayerUnknown.into(), "{user}");
        }
    }
    for code in ["XXX", "eur", "", "EURO", "FUN"] {
        let body = with(BET, "currency", Some(&format!("\"{code}\"")));
        assert_eq!(rejected("/transaction/bet", body), Refusal::WrongCurrency.into(), "{code}");
    }
    let both = with(&with(BET, "user", Some("\"player-1001\"")), "amount", Some("1.5"));
    assert_eq!(rejected("/transaction/bet", both), Rejection::WrongType, "types come first");
}

#[test]
fn bodies_that_are_no_objects() {
    let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let array = r#"["ply_01HZY4Q6T0J8K9M2N3P4R5S6T7","gst-0123456789abcdef"]"#;
    for body in [
        "",
        " ",
        "{",
        "{}x",
        "null",
        "7",
        "\"text\"",
        "[]",
        array,
        nested.as_str(),
        "{'user':1}",
        "{\"user\":\"\\ud800\"}x",
    ] {
        assert_eq!(rejected("/transaction/bet", body), Rejection::Malformed, "{body:.20}");
    }
    let mut broken = BET.as_bytes().to_vec();
    broken[15] = 0xff;
    assert_eq!(rejected("/transaction/bet", broken), Rejection::Malformed, "broken UTF-8");
    let deep = with(BET, "meta", Some(&nested));
    assert!(parse("/transaction/bet", deep.as_bytes()).is_ok(), "what we do not read costs nothing");
}

#[test]
fn calls_that_do_not_exist() {
    for path in [
        "",
        "/",
        "/transaction",
        "/transaction/bet/",
        "/transaction/BET",
        "/transaction/refund",
        "transaction/bet",
    ] {
        assert_eq!(rejected(path, BET), Rejection::UnknownCall, "{path}");
    }
}
