use domain::play::{Bets, CreditReason, Rounds};
use domain::{Command, EntryKey, Money, MoneyError, Refusal};

use super::*;
use crate::games::{RequestKind, token_hash};

fn command(body: &str) -> Command {
    match added(body).unwrap().kind {
        RequestKind::Operation(command) => *command,
        other => panic!("{other:?}"),
    }
}

fn key(tx: &str) -> EntryKey {
    EntryKey::new("valkyrie", tx)
}

fn amounts(kind: &str, cash: &str, bonus: &str, promo: &str) -> String {
    let body = with(&of_type(kind, "x-1"), "cashAmount", Some(cash));
    with(&with(&body, "bonusAmount", Some(bonus)), "promoAmount", Some(promo))
}

#[test]
fn a_session_is_asked_for_and_rotated() {
    let request = get("/players/session", QUERY).unwrap();
    assert_eq!((request.player.to_string().as_str(), request.correlation_id.as_str()), (PLAYER, "corr-1"));
    assert!(matches!(request.kind, RequestKind::Session { token } if token == token_of(PLAYER)));
    let rotated = || match called(&Method::PUT, "/players/session", QUERY, "").unwrap().kind {
        RequestKind::RotateSession { key, token, next_token } => (key, token, next_token),
        other => panic!("{other:?}"),
    };
    let (at, token, next) = rotated();
    assert_eq!(at, key(&format!("evolution:session:{}", token_hash(&token))));
    assert!(token == token_of(PLAYER) && next != token && GameToken::parse(&next).is_some());
    assert_eq!(rotated(), (at, token, next), "a repeat gets the same session");
}

#[test]
fn the_calls_that_move_no_money() {
    let request = get(&format!("/players/{PLAYER}/balance"), QUERY).unwrap();
    assert!(
        matches!(request.kind, RequestKind::Balance { token_hash: Some(hash), late: false } if hash == token_hash(&token_of(PLAYER)))
    );
    let request = get(&format!("/players/{PLAYER}/gamerounds/round-9"), QUERY).unwrap();
    assert!(matches!(request.kind, RequestKind::Round { key: it } if it == key("evolution:round-9")));
    let found = |query: &str| get(TRANSACTIONS, &format!("{QUERY}&{query}")).unwrap().kind;
    assert!(
        matches!(found("providerTransactionId=d-1"), RequestKind::Transaction { key: it } if it == key("evolution:d-1"))
    );
    for query in ["providerBetRef=ref-1", "providerTransactionId=d-1&providerBetRef=ref-1"] {
        assert!(
            matches!(found(query), RequestKind::Bet { key: it } if it == key("evolution:ref-1")),
            "{query}"
        );
    }
    for query in ["provider=evolution", "provider=evolution&providerBetRef=&providerTransactionId="] {
        assert_eq!(get(TRANSACTIONS, query).unwrap_err(), Rejection::Malformed, "{query}");
    }
}

#[test]
fn a_withdraw_is_a_stake() {
    let request = added(WITHDRAW).unwrap();
    assert_eq!((request.game.as_deref(), request.currency), (Some("evolution:tbl-1"), "EUR".parse().ok()));
    let Command::Debit(debit) = command(WITHDRAW) else { panic!() };
    assert_eq!((debit.key.clone(), debit.bet_key()), (key("evolution:d-1"), key("evolution:ref-1")));
    assert_eq!((debit.amount.to_string().as_str(), debit.free), ("1.50 EUR", false));
    assert_eq!(debit.token_hash, Some(token_hash(&token_of(PLAYER))));
    assert_eq!(debit.play.game, "evolution:tbl-1");
    assert_eq!((debit.play.round.as_deref(), debit.play.round_closed), (Some("evolution:round-9"), false));
    let policy = debit.policy;
    assert_eq!((policy.bets, policy.rounds), (Bets::ByReference, Rounds::Kept));
    assert!(policy.require_bet && !policy.one_credit_per_bet);
}

#[test]
fn a_bet_without_a_reference_is_its_stake() {
    let Command::Debit(debit) = command(&with(WITHDRAW, "providerBetRef", None)) else { panic!() };
    let cancel = with(&of_type("CANCEL", "d-1"), "providerBetRef", Some("null"));
    let Command::Rollback(cancel) = command(&cancel) else { panic!() };
    assert_eq!(debit.bet_key(), key("evolution:d-1"));
    assert_eq!(cancel.target_key(), debit.bet_key());
    assert_ne!(cancel.key, debit.key, "though it carries the same id");
    assert_eq!(cancel.key, key("evolution:cancel:d-1"));
}

#[test]
fn a_deposit_names_its_bet_or_belongs_to_its_round() {
    let closing = with(&of_type("DEPOSIT", "c-1"), "isGameOver", Some("true"));
    let Command::Credit(credit) = command(&closing) else { panic!() };
    assert_eq!((credit.key.clone(), credit.bet_key()), (key("evolution:c-1"), Some(key("evolution:ref-1"))));
    assert!(credit.reason == CreditReason::Win && credit.play.round_closed && credit.policy.require_bet);
    let Command::Credit(credit) = command(&with(&closing, "providerBetRef", None)) else { panic!() };
    assert!(credit.bet.is_none() && credit.play.round.as_deref() == Some("evolution:round-9"));
}

#[test]
fn winnings_are_owed_whatever_they_are_called() {
    for kind in ["DEPOSIT", "PROMODEPOSIT"] {
        let Command::Credit(credit) = command(&amounts(kind, "1", "0.5", "0.25")) else { panic!() };
        assert_eq!(credit.amount.to_string(), "1.75 EUR", "{kind}");
    }
}

#[test]
fn a_promotion_needs_no_bet() {
    let bare = with(&with(&of_type("PROMODEPOSIT", "p-1"), "providerBetRef", None), "providerRoundId", None);
    for (promos, reason) in [
        (None, CreditReason::Promotion),
        (Some(r#"[{"promoType":"PROMOTOURNAMENT"},{}]"#), CreditReason::Promotion),
        (Some(r#"[{"promoType":"LATER"}]"#), CreditReason::Promotion),
        (Some(r#"[{"promoType":"FREEROUNDS"}]"#), CreditReason::FreeRounds),
        (Some(r#"[{"promoType":"FREESPINS"}]"#), CreditReason::FreeRounds),
    ] {
        let Command::Credit(credit) = command(&with(&bare, "promos", promos.or(Some("null")))) else {
            panic!()
        };
        assert_eq!(credit.reason, reason, "{promos:?}");
        assert!(!credit.policy.require_bet && credit.bet.is_none());
    }
}

#[test]
fn a_provider_that_reconciles_pays_without_a_players_token() {
    let of = |token: &str, kind: &str| {
        let body = with(&of_type(kind, "p-1"), "provider", Some("\"caleta\""));
        let (headers, query) = (headers_of(token), "provider=caleta");
        let call = RawCall {
            method: &Method::POST,
            path: TRANSACTIONS,
            query,
            headers: &headers,
            body: body.as_bytes(),
        };
        match parse(call).unwrap().kind {
            RequestKind::Operation(command) => match *command {
                Command::Debit(it) => it.token_hash,
                Command::Credit(it) => it.token_hash,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    };
    for kind in ["DEPOSIT", "PROMODEPOSIT"] {
        assert_eq!((of("recon-1", kind), of("recon-2", kind)), (None, None), "{kind}");
        assert!(of("recon-3", kind).is_some() && of("", kind).is_some(), "{kind}");
    }
    assert!(of("recon-1", "WITHDRAW").is_some(), "no stake without a session");
    let headers = headers_of("recon-1");
    let elsewhere = with(&of_type("DEPOSIT", "p-1"), "providerGameId", None);
    let call = RawCall {
        method: &Method::POST,
        path: TRANSACTIONS,
        query: QUERY,
        headers: &headers,
        body: elsewhere.as_bytes(),
    };
    let RequestKind::Operation(command) = parse(call).unwrap().kind else { panic!() };
    assert!(matches!(*command, Command::Credit(it) if it.token_hash.is_some()), "another provider's token");
}

#[test]
fn which_money_pays_a_stake() {
    let staked = |body: &str| match added(body).map(|request| request.kind) {
        Ok(RequestKind::Operation(command)) => match *command {
            Command::Debit(debit) => Ok((debit.amount.to_string(), debit.free)),
            other => panic!("{other:?}"),
        },
        Ok(other) => panic!("{other:?}"),
        Err(rejection) => Err(rejection),
    };
    for (kind, cash, promo, amount, free) in [
        ("WITHDRAW", "1.5", "0", "1.50 EUR", false),
        ("PROMOWITHDRAW", "1.5", "0", "1.50 EUR", false),
        ("PROMOWITHDRAW", "0", "0.2", "0.20 EUR", true),
        ("PROMOWITHDRAW", "0", "0", "0.00 EUR", false),
    ] {
        assert_eq!(
            staked(&amounts(kind, cash, "0", promo)),
            Ok((amount.to_owned(), free)),
            "{kind} {cash} {promo}"
        );
    }
    let available = Money::zero("EUR".parse().unwrap());
    for (kind, cash, bonus, promo) in [
        ("WITHDRAW", "0", "1", "0"),
        ("WITHDRAW", "1", "1", "0"),
        ("WITHDRAW", "0", "0", "1"),
        ("PROMOWITHDRAW", "1", "0", "1"),
        ("PROMOWITHDRAW", "0", "1", "1"),
    ] {
        let refused = staked(&amounts(kind, cash, bonus, promo));
        assert_eq!(
            refused,
            Err(Refusal::InsufficientFunds { available }.into()),
            "{kind} {cash} {bonus} {promo}"
        );
    }
}

#[test]
fn amounts_are_numbers_of_six_places_at_most() {
    for (cash, expected) in [
        ("-0.01", Rejection::Refused(Refusal::NotPositive)),
        ("0.0000001", Refusal::Amount(MoneyError::TooPrecise).into()),
        ("99999999999999", Refusal::Amount(MoneyError::OutOfRange).into()),
        (r#""1.5""#, Rejection::Malformed),
        ("null", Rejection::Malformed),
    ] {
        for kind in ["WITHDRAW", "DEPOSIT", "PROMODEPOSIT", "PROMOWITHDRAW"] {
            assert_eq!(added(&amounts(kind, cash, "0", "0")).unwrap_err(), expected, "{kind} {cash}");
        }
    }
    assert_eq!(added(&amounts("DEPOSIT", "0", "0", "-1")).unwrap_err(), Refusal::NotPositive.into());
    assert!(added(&amounts("CANCEL", "-1", "0", "0")).is_ok(), "what is undone is what we have on record");
}

#[test]
fn providers_do_not_share_ids() {
    let caleta = |body: &str| {
        let body = with(body, "provider", Some("\"caleta\""));
        match called(&Method::POST, TRANSACTIONS, "provider=caleta", &body).unwrap().kind {
            RequestKind::Operation(command) => *command,
            other => panic!("{other:?}"),
        }
    };
    let (Command::Debit(ours), Command::Debit(theirs)) = (command(WITHDRAW), caleta(WITHDRAW)) else {
        panic!()
    };
    assert!(ours.key != theirs.key && ours.bet_key() != theirs.bet_key());
    assert!(ours.play.game != theirs.play.game && ours.play.round != theirs.play.round);
    let mixed = called(&Method::POST, TRANSACTIONS, "provider=caleta", WITHDRAW).unwrap_err();
    assert_eq!(mixed, Rejection::WrongType, "the query and the body name different ones");
}

#[test]
fn every_call_names_a_provider_that_we_know() {
    for query in ["", "provider", "provider=", "provider=acme", "Provider=evolution", "provider=Evolution"] {
        assert_eq!(get("/players/session", query).unwrap_err(), Rejection::Malformed, "{query}");
        let added = called(&Method::POST, TRANSACTIONS, query, WITHDRAW).unwrap_err();
        assert_eq!(added, Rejection::Malformed, "{query}");
    }
}

#[test]
fn who_a_call_is_about() {
    let read = |path: &str, token: Option<&str>| {
        let headers = token.map(headers_of).unwrap_or_default();
        parse(RawCall { method: &Method::GET, path, query: QUERY, headers: &headers, body: b"" }).map(|_| ())
    };
    let balance = |player: &str| format!("/players/{player}/balance");
    let token = token_of(PLAYER);
    assert_eq!(read(&balance(PLAYER), Some(&token)), Ok(()));
    for player in ["nobody", "", "PLY_01HZY4Q6T0J8K9M2N3P4R5S6T7"] {
        assert_eq!(read(&balance(player), Some(&token)), Err(Refusal::PlayerUnknown.into()), "{player}");
    }
    for (path, token) in [
        (balance(PLAYER), None),
        (balance(PLAYER), Some(token_of(OTHER_PLAYER))),
        (balance(OTHER_PLAYER), Some(token.clone())),
        ("/players/session".to_owned(), None),
        ("/players/session".to_owned(), Some("7ca10daf12f2cac9fecf559b11f0f0c8bd21ae43".to_owned())),
    ] {
        assert_eq!(read(&path, token.as_deref()), Err(Refusal::SessionUnknown.into()), "{path}");
    }
    assert_eq!(read(&balance(PLAYER), Some("unreadable")), Ok(()), "the ledger judges it");
}

#[test]
fn fields_that_must_be_there_and_be_what_they_are() {
    for field in [
        "currency",
        "provider",
        "transactionType",
        "cashAmount",
        "bonusAmount",
        "promoAmount",
        "providerTransactionId",
    ] {
        assert_eq!(added(&with(WITHDRAW, field, None)).unwrap_err(), Rejection::Malformed, "{field}");
        assert_eq!(added(&with(WITHDRAW, field, Some("[7]"))).unwrap_err(), Rejection::Malformed, "{field}");
    }
    for field in ["providerTransactionId", "providerBetRef", "providerGameId", "providerRoundId"] {
        for id in ["a b", "a:b", "a#b", &"x".repeat(129)] {
            let refused = added(&with(WITHDRAW, field, Some(&format!("\"{id}\"")))).unwrap_err();
            assert_eq!(refused, Rejection::WrongType, "{field} {id}");
        }
    }
    assert_eq!(
        added(&with(WITHDRAW, "providerTransactionId", Some("\"\""))).unwrap_err(),
        Rejection::WrongType
    );
    for field in
        ["providerBetRef", "providerGameId", "providerRoundId", "isGameOver", "betCode", "promos", "tip"]
    {
        assert!(added(&with(WITHDRAW, field, None)).is_ok() || field == "promos", "{field}");
        assert!(added(&with(WITHDRAW, field, Some("null"))).is_ok(), "{field}");
    }
    assert_eq!(
        added(&with(WITHDRAW, "currency", Some("\"EURO\""))).unwrap_err(),
        Refusal::WrongCurrency.into()
    );
    assert_eq!(added(&of_type("REFUND", "x")).unwrap_err(), Rejection::Malformed);
    assert_eq!(added("rubbish").unwrap_err(), Rejection::Malformed);
}

#[test]
fn an_empty_id_that_need_not_be_there_is_none() {
    let empty = ["providerBetRef", "providerGameId", "providerRoundId"]
        .iter()
        .fold(of_type("PROMODEPOSIT", "p-1"), |body, field| with(&body, field, Some("\"\"")));
    assert_eq!(added(&empty).unwrap().game, None);
    let Command::Credit(credit) = command(&empty) else { panic!() };
    assert_eq!((credit.bet, credit.play.game.as_str(), credit.play.round), (None, "", None));
    let Command::Debit(debit) = command(&with(WITHDRAW, "providerBetRef", Some("\"\""))) else { panic!() };
    assert_eq!(debit.bet_key(), key("evolution:d-1"), "a bet without a reference is its stake");
}

#[test]
fn calls_that_the_protocol_does_not_have() {
    let player = |rest: &str| format!("/players/{PLAYER}{rest}");
    for (method, path) in [
        (Method::POST, "/players/session".to_owned()),
        (Method::DELETE, "/players/session".to_owned()),
        (Method::GET, "/players".to_owned()),
        (Method::GET, "/players/".to_owned()),
        (Method::GET, player("")),
        (Method::GET, player("/")),
        (Method::POST, player("/balance")),
        (Method::PUT, player("/transactions")),
        (Method::POST, player("/gamerounds/round-9")),
        (Method::GET, player("/gamerounds")),
        (Method::GET, player("/history")),
        (Method::GET, String::new()),
    ] {
        assert_eq!(
            called(&method, &path, QUERY, WITHDRAW).unwrap_err(),
            Rejection::UnknownCall,
            "{method} {path}"
        );
    }
}
