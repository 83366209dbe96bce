use domain::play::{Bets, CreditReason, Rounds};
use domain::{Command, EntryKey, MoneyError, Refusal};

use super::*;
use crate::games::{RequestKind, token_hash};

fn command(path: &str, body: impl AsRef<[u8]>) -> Command {
    match parse(path, body).unwrap().kind {
        RequestKind::Operation(command) => *command,
        other => panic!("{other:?}"),
    }
}

fn good(path: &str) -> Command {
    command(path, body(path))
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

const TRANSACTIONS: [&str; 3] = ["/debit", "/credit", "/cancel"];

#[test]
fn a_check_rotates_the_session() {
    let request = parse("/check", body("/check")).unwrap();
    assert_eq!((request.player.to_string().as_str(), request.correlation_id.as_str()), (PLAYER, "u-1"));
    let RequestKind::RotateSession { key, token, next_token } = request.kind else { panic!() };
    assert_eq!(token, sid_of(PLAYER));
    assert_eq!(key, EntryKey::new("evolution", format!("check:{}", token_hash(&token))));
    let next = GameToken::parse(&next_token).unwrap();
    assert_eq!((next.player.to_string().as_str(), next.currency.code()), (PLAYER, "EUR"));
    assert_ne!(next_token, token);
}

#[test]
fn a_repeated_check_gets_the_same_session() {
    let rotated = |body: String| match parse("/check", body).unwrap().kind {
        RequestKind::RotateSession { key, next_token, .. } => (key, next_token),
        other => panic!("{other:?}"),
    };
    let first = rotated(body("/check"));
    assert_eq!(rotated(with("/check", "/uuid", Some("\"u-2\""))), first);
    assert_eq!(rotated(with("/check", "/channel", Some(r#"{"type":"M"}"#))), first);
    let second = rotated(with("/check", "/sid", Some(&quoted(&first.1))));
    assert!(second.0 != first.0 && second.1 != first.1, "the new one rotates in its turn");
}

#[test]
fn a_balance_names_its_currency() {
    let request = parse("/balance", body("/balance")).unwrap();
    assert_eq!((request.currency, request.game), ("EUR".parse().ok(), None));
    let RequestKind::Balance { token_hash: hash, late: false } = request.kind else { panic!() };
    assert_eq!(hash, Some(token_hash(&sid_of(PLAYER))));
    let game = with("/balance", "/game", Some(r#"{"id":"round-9","type":"roulette"}"#));
    assert!(parse("/balance", game).is_ok());
}

#[test]
fn a_debit_places_the_bet_of_its_reference() {
    let request = parse("/debit", body("/debit")).unwrap();
    assert_eq!((request.game.as_deref(), request.currency), (Some("tbl-1"), "EUR".parse().ok()));
    let Command::Debit(debit) = good("/debit") else { panic!() };
    assert_eq!(debit.key, EntryKey::new("evolution", "debit:d-1"));
    assert_eq!(debit.bet.as_deref(), Some("ref-1"));
    assert_eq!(debit.amount.to_string(), "1.50 EUR");
    assert_eq!(debit.token_hash, Some(token_hash(&sid_of(PLAYER))));
    assert_eq!((debit.play.game.as_str(), debit.play.round.as_deref()), ("tbl-1", Some("round-9")));
    assert!(!debit.free && !debit.play.round_closed);
    let policy = debit.policy;
    assert_eq!((policy.bets, policy.rounds), (Bets::ByReference, Rounds::Named));
    assert!(policy.require_bet && policy.one_credit_per_bet);
}

#[test]
fn a_credit_settles_it() {
    let Command::Credit(credit) = good("/credit") else { panic!() };
    assert_eq!(credit.key, EntryKey::new("evolution", "credit:c-1"));
    assert_eq!((credit.bet.as_deref(), credit.reason), (Some("ref-1"), CreditReason::Win));
    assert_eq!(credit.amount.to_string(), "2.556179 EUR");
    let lost = with("/credit", "/transaction/amount", Some("0"));
    let Command::Credit(lost) = command("/credit", lost) else { panic!() };
    assert!(lost.amount.is_zero());
}

#[test]
fn a_cancel_carries_its_debits_id_and_is_another_transaction() {
    let Command::Rollback(cancel) = good("/cancel") else { panic!() };
    assert_eq!(cancel.key, EntryKey::new("evolution", "cancel:ref-1"));
    assert_ne!(cancel.key, good("/debit").key());
    let Command::Debit(debit) = good("/debit") else { panic!() };
    assert_eq!(cancel.target_key(), debit.bet_key());
}

#[test]
fn ids_may_meet_across_kinds() {
    let credit = with("/credit", "/transaction/id", Some("\"d-1\""));
    let promo = with("/promo_payout", "/promoTransaction/id", Some("\"d-1\""));
    let keys =
        [good("/debit").key(), command("/credit", credit).key(), command("/promo_payout", promo).key()];
    assert!(keys[0] != keys[1] && keys[1] != keys[2] && keys[0] != keys[2]);
}

#[test]
fn promotions_are_paid_without_a_bet_once_an_id() {
    let request = parse("/promo_payout", body("/promo_payout")).unwrap();
    assert_eq!(request.game, None);
    let Command::Credit(promo) = good("/promo_payout") else { panic!() };
    assert_eq!(promo.key, EntryKey::new("evolution", "promo:p-1"));
    assert!(promo.bet.is_none() && promo.play.round.is_none() && promo.play.game.is_empty());
    assert!(!promo.policy.require_bet);
    for (kind, reason) in [
        ("\"FreeRoundPlayableSpent\"", CreditReason::FreeRounds),
        ("\"JackpotWin\"", CreditReason::Jackpot),
        ("\"RewardGamePlayableSpent\"", CreditReason::Promotion),
        ("\"\"", CreditReason::Promotion),
        ("null", CreditReason::Promotion),
    ] {
        let body = with("/promo_payout", "/promoTransaction/type", Some(kind));
        let Command::Credit(promo) = command("/promo_payout", body) else { panic!() };
        assert_eq!(promo.reason, reason, "{kind}");
    }
    let game = r#"{"id":"round-9","type":"x","details":{"table":{"id":"tbl-1"}}}"#;
    let Command::Credit(promo) = command("/promo_payout", with("/promo_payout", "/game", Some(game))) else {
        panic!()
    };
    assert_eq!((promo.play.game.as_str(), promo.play.round.as_deref()), ("tbl-1", Some("round-9")));
}

#[test]
fn an_unknown_player_is_that_whatever_else_is_wrong() {
    for (path, _) in CALLS {
        for user in ["\"nobody\"", "\"\"", "\"ply_\""] {
            let body = with(path, "/userId", Some(user));
            assert_eq!(parse(path, &body).unwrap_err(), Refusal::PlayerUnknown.into(), "{path} {user}");
        }
        let nonsense = r#"{"sid":"x","userId":"nobody","transaction":7,"currency":{}}"#;
        let refused = parse(path, nonsense).unwrap_err();
        assert_eq!(refused, Refusal::PlayerUnknown.into(), "{path}");
    }
}

#[test]
fn another_players_session_is_unknown() {
    for (path, _) in CALLS {
        let body = with(path, "/sid", Some(&quoted(&sid_of(OTHER_PLAYER))));
        assert_eq!(parse(path, body).unwrap_err(), Refusal::SessionUnknown.into(), "{path}");
        let body = with(path, "/userId", Some(&quoted(OTHER_PLAYER)));
        assert_eq!(parse(path, body).unwrap_err(), Refusal::SessionUnknown.into(), "{path}");
    }
}

#[test]
fn a_session_that_cannot_be_read_is_for_the_ledger_to_judge() {
    let unreadable = Some("\"sess-2\"");
    assert_eq!(
        parse("/check", with("/check", "/sid", unreadable)).unwrap_err(),
        Refusal::SessionUnknown.into(),
        "but what is not there cannot be rotated"
    );
    for (path, _) in &CALLS[1..] {
        assert!(parse(path, with(path, "/sid", unreadable)).is_ok(), "{path}");
    }
}

#[test]
fn amounts_are_numbers_of_six_places_at_most() {
    let amount =
        |path: &str, amount: &str| parse(path, with(path, "/transaction/amount", Some(amount))).map(|_| ());
    for path in ["/debit", "/credit"] {
        for good in ["0", "1", "1.5", "0.000001", "63727092.34", "6.372709234E7", "1.5000000"] {
            assert_eq!(amount(path, good), Ok(()), "{good}");
        }
        for (bad, refusal) in [
            ("0.0000001", Refusal::Amount(MoneyError::TooPrecise)),
            ("1e300", Refusal::Amount(MoneyError::OutOfRange)),
            ("99999999999999", Refusal::Amount(MoneyError::OutOfRange)),
            ("-0.01", Refusal::NotPositive),
        ] {
            let refused = amount(path, bad).unwrap_err();
            assert!(refused == refusal.into() || refused == Rejection::Malformed, "{bad}: {refused}");
        }
        for bad in [r#""1.5""#, "null", "true", "{}", "[1]"] {
            assert_eq!(amount(path, bad), Err(Rejection::Malformed), "{bad}");
        }
    }
    assert_eq!(amount("/cancel", "-1"), Ok(()), "what is undone is what we have on record");
}

#[test]
fn fields_that_must_be_there_and_be_what_they_are() {
    for path in TRANSACTIONS {
        for field in [
            "/sid",
            "/userId",
            "/currency",
            "/game",
            "/game/id",
            "/game/details",
            "/game/details/table",
            "/game/details/table/id",
            "/transaction",
            "/transaction/id",
            "/transaction/refId",
            "/transaction/amount",
        ] {
            assert_eq!(
                parse(path, with(path, field, None)).unwrap_err(),
                Rejection::Malformed,
                "{path} {field}"
            );
            let odd = parse(path, with(path, field, Some("[7]"))).unwrap_err();
            assert_eq!(odd, Rejection::Malformed, "{path} {field}");
        }
        for field in ["/transaction/id", "/transaction/refId"] {
            for id in ["", "a b", "a:b", "a#b", "é", &"x".repeat(129)] {
                let refused = parse(path, with(path, field, Some(&quoted(id)))).unwrap_err();
                assert_eq!(refused, Rejection::WrongType, "{path} {field} {id}");
            }
        }
        for field in ["/uuid", "/game/id", "/game/details/table/id"] {
            let long = quoted(&"x".repeat(256));
            assert_eq!(
                parse(path, with(path, field, Some(&long))).unwrap_err(),
                Rejection::WrongType,
                "{field}"
            );
        }
    }
    for path in ["/balance", "/debit", "/credit", "/promo_payout"] {
        let refused = parse(path, with(path, "/currency", Some("\"EURO\""))).unwrap_err();
        assert_eq!(refused, Refusal::WrongCurrency.into(), "{path}");
    }
}

#[test]
fn what_we_do_not_know_or_need_is_let_pass() {
    for (path, _) in CALLS {
        let later = body(path).replacen('{', r#"{"later":{"deep":[[1e999]]},"#, 1);
        assert!(parse(path, later).is_ok(), "{path}");
        let unnamed = parse(path, with(path, "/uuid", None)).unwrap();
        assert_eq!(unnamed.correlation_id, "", "{path}");
        assert!(parse(path, with(path, "/uuid", Some("null"))).is_ok(), "{path}");
    }
}

#[test]
fn calls_that_the_protocol_does_not_have() {
    for path in ["", "/", "/debit/", "/Debit", "/refund", "check"] {
        assert_eq!(parse(path, body("/debit")).unwrap_err(), Rejection::UnknownCall, "{path}");
    }
    let (headers, good) = (HeaderMap::new(), body("/debit"));
    let call = RawCall { method: &http::Method::GET, ..RawCall::post("/debit", &headers, good.as_bytes()) };
    assert_eq!(evolution().parse(&Authentic::new(call)).unwrap_err(), Rejection::UnknownCall);
}
