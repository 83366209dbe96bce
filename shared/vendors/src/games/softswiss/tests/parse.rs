use domain::play::CreditReason;
use domain::{Command, EntryKey, Money, Refusal};
use http::Method;

use super::*;
use crate::games::RequestKind;
use crate::games::samples::money;

fn batch(path: &str, body: &Value) -> Vec<Command> {
    match parse_json(path, body).unwrap().kind {
        RequestKind::Batch(commands) => commands,
        other => panic!("{other:?}"),
    }
}

fn rejected(path: &str, body: &Value) -> Rejection {
    parse_json(path, body).unwrap_err()
}

#[test]
fn a_balance_names_player_currency_and_game() {
    let request = parse_json("/balance", &call("/balance")).unwrap();
    assert_eq!(request.player.to_string(), PLAYER);
    assert_eq!(request.game.as_deref(), Some("plinko"));
    assert_eq!(request.currency, "EUR".parse().ok());
    assert!(matches!(request.kind, RequestKind::Balance { token_hash: None, .. }));
}

#[test]
fn bets_and_wins_are_a_batch_in_their_order() {
    let commands = batch("/betwin", &call("/betwin"));
    let [Command::Debit(bet), Command::Credit(win)] = commands.as_slice() else { panic!("{commands:?}") };
    assert_eq!(
        (&bet.key, &win.key),
        (&EntryKey::new("softswiss", "tx-1"), &EntryKey::new("softswiss", "tx-2"))
    );
    assert_eq!((bet.amount, win.amount), (money("1.50 EUR"), money("0.30 EUR")));
    assert_eq!((&bet.token_hash, &win.token_hash, bet.free), (&None, &None, false));
    assert_eq!((bet.play.game.as_str(), bet.play.round.as_deref()), ("plinko", Some("r-1")));
    assert!(!bet.play.round_closed && win.play.round_closed, "the round ends with the last of them");
    assert!(!win.policy.require_bet && win.bet.is_none() && win.reason == CreditReason::Win);
    let open = batch("/betwin", &with("/betwin", "/finished", Value::Null));
    assert!(matches!(&open[1], Command::Credit(win) if !win.play.round_closed));
}

#[test]
fn a_rollback_names_each_of_its_targets() {
    let commands = batch("/rollback", &call("/rollback"));
    let [Command::Rollback(first), Command::Rollback(second)] = commands.as_slice() else { panic!() };
    assert_eq!(first.key, EntryKey::new("softswiss", "rb-1"));
    assert_eq!(first.target_key(), EntryKey::new("softswiss", "tx-1"));
    assert_eq!((second.key.tx.as_str(), second.target.as_str()), ("rb-2", "tx-2"));
    assert_eq!((first.play.round.as_deref(), first.play.round_closed), (Some("r-1"), true));
}

#[test]
fn a_round_is_finished_once_by_a_name_that_no_transaction_has() {
    let request = parse_json("/finish", &call("/finish")).unwrap();
    assert_eq!(request.game, None);
    let RequestKind::Operation(command) = request.kind else { panic!() };
    let Command::EndRound(end) = *command else { panic!() };
    assert_eq!(end.play.round.as_deref(), Some("r-1"));
    let body = with("/betwin", "/transactions/0/id_provider", json!(end.key.tx));
    assert_eq!(rejected("/betwin", &body), Rejection::WrongType);
}

#[test]
fn only_the_end_of_the_path_counts() {
    for path in ["/balance", "balance", "/any/prefix/balance", "//balance"] {
        assert!(parse_json(path, &call("/balance")).is_ok(), "{path}");
    }
    for path in ["", "/", "/balance/", "/Balance", "/bet", "/play", "/freespins"] {
        assert_eq!(rejected(path, &call("/balance")), Rejection::UnknownCall, "{path}");
    }
    let headers = HeaderMap::new();
    let get = RawCall { method: &Method::GET, ..RawCall::post("/balance", &headers, b"{}") };
    assert_eq!(softswiss().parse(&Authentic::new(get)).unwrap_err(), Rejection::UnknownCall);
}

#[test]
fn a_field_that_must_be_there() {
    for (path, pointers) in [
        ("/balance", &["/account_id", "/currency", "/game_id"][..]),
        (
            "/betwin",
            &[
                "/account_id",
                "/currency",
                "/game_id",
                "/round_id",
                "/transactions",
                "/transactions/0/id_provider",
                "/transactions/0/type",
                "/transactions/1/amount",
            ],
        ),
        (
            "/rollback",
            &[
                "/account_id",
                "/currency",
                "/round_id_provider",
                "/transactions",
                "/transactions/0/id_provider",
                "/transactions/0/type",
                "/transactions/1/original_id_provider",
            ],
        ),
        ("/finish", &["/account_id", "/currency", "/round_id"]),
    ] {
        for pointer in pointers {
            let without = rejected(path, &with(path, pointer, Value::Null));
            assert_eq!(without, Rejection::Malformed, "{path} {pointer}");
            for wrong in [json!(7), json!({}), json!([7]), json!(""), json!("x".repeat(256)), json!(1.5)] {
                let rejection = rejected(path, &with(path, pointer, wrong.clone()));
                let named = matches!(rejection, Rejection::WrongType)
                    || (*pointer == "/account_id" && rejection == Refusal::PlayerUnknown.into());
                assert!(named, "{path} {pointer}: {wrong}");
            }
        }
    }
}

#[test]
fn fields_we_do_not_know_are_let_pass() {
    for path in PATHS {
        assert!(parse_json(path, &with(path, "/later", json!({"deep": [[[1.5e300]]]}))).is_ok(), "{path}");
    }
}

#[test]
fn batches_hold_something_known() {
    assert_eq!(rejected("/betwin", &with("/betwin", "/transactions", json!([]))), Rejection::Malformed);
    for kind in ["rollback", "Bet", "jackpot"] {
        let body = with("/betwin", "/transactions/0/type", json!(kind));
        assert_eq!(rejected("/betwin", &body), Rejection::WrongType, "{kind}");
    }
    let body = with("/rollback", "/transactions/0/type", json!("bet"));
    assert_eq!(rejected("/rollback", &body), Rejection::WrongType);
    let array = json!([["tx-1", "bet", "1.50"]]);
    assert_eq!(rejected("/betwin", &with("/betwin", "/transactions", array)), Rejection::WrongType);
}

#[test]
fn amounts_are_plain_decimals_above_zero() {
    let read = |amount: &str| {
        parse_json("/betwin", &with("/betwin", "/transactions/0/amount", json!(amount))).map(|_| ())
    };
    let zeros = format!("{}1.5", "0".repeat(37));
    for amount in ["1", "0.90", "0.000001", "007.5", "1.5000000000000000", zeros.as_str()] {
        assert_eq!(read(amount), Ok(()), "{amount}");
    }
    let long = "9".repeat(41);
    for amount in [
        "-1",
        "+1",
        " 1",
        "1 ",
        "",
        ".",
        ".5",
        "5.",
        "1,5",
        "1e2",
        "1E2",
        "1e999999999",
        "0x10",
        "NaN",
        "١",
        "1.50000000000000000",
        long.as_str(),
    ] {
        assert_eq!(read(amount), Err(Rejection::WrongType), "{amount}");
    }
    for amount in ["0", "0.00", "0.0000000000000000"] {
        assert_eq!(read(amount), Err(Refusal::NotPositive.into()), "{amount}");
    }
    for amount in ["0.0000001", "9999999999999"] {
        assert!(matches!(read(amount), Err(Rejection::Refused(Refusal::Amount(_)))), "{amount}");
    }
    let number = with("/betwin", "/transactions/0/amount", json!(1.5));
    assert_eq!(rejected("/betwin", &number), Rejection::WrongType, "never through floating point");
}

#[test]
fn amounts_arrive_exactly() {
    for (text, units) in [("0.01", 10_000_i64), ("0.1", 100_000), ("1234567.654321", 1_234_567_654_321)] {
        let commands = batch("/betwin", &with("/betwin", "/transactions/0/amount", json!(text)));
        let Command::Debit(bet) = &commands[0] else { panic!() };
        assert_eq!(bet.amount, Money::from_units(units, "EUR".parse().unwrap()), "{text}");
    }
}

#[test]
fn currencies_have_a_form_and_are_never_made_to_fit() {
    for path in PATHS {
        for code in ["eur", "Eur", "EU", "", "1EU", "_EU", "EUR ", "E\u{20ac}UR", &"E".repeat(33)] {
            let body = with(path, "/currency", json!(code));
            assert_eq!(rejected(path, &body), Rejection::WrongType, "{code}");
        }
        for code in ["XXX", "CUSTOM_WIN", "ABC"] {
            let body = with(path, "/currency", json!(code));
            assert_eq!(rejected(path, &body), Refusal::WrongCurrency.into(), "{code}");
        }
    }
}

#[test]
fn strangers_are_no_players() {
    for path in PATHS {
        for id in ["player-1001", "игрок-1", &PLAYER.to_lowercase()] {
            assert_eq!(rejected(path, &with(path, "/account_id", json!(id))), Refusal::PlayerUnknown.into());
        }
    }
}

#[test]
fn bodies_are_objects_of_up_to_64_kib() {
    let nested = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    for body in ["", "{", "null", "7", "[]", nested.as_str()] {
        assert_eq!(parse("/betwin", body.as_bytes()).unwrap_err(), Rejection::Malformed, "{body:.20}");
    }
    assert_eq!(parse("/betwin", b"\xff").unwrap_err(), Rejection::Malformed);
    let mut body = call("/balance").to_string();
    body.extend(std::iter::repeat_n(' ', 64 * 1024 - body.len()));
    assert!(parse("/balance", body.as_bytes()).is_ok());
    body.push(' ');
    assert_eq!(parse("/balance", body.as_bytes()).unwrap_err(), Rejection::Malformed);
}
