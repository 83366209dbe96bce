use domain::account::{Account, AccountStatus, Verification, VerificationStatus, Wallet};
use domain::entry::Fingerprint;
use domain::fact::{Play, Undone};
use domain::play::{Bet, BetState, CreditReason, EndedBy, LastWord, Round, Slot, Split};
use domain::{Entry, EntryKey, Fact, Money, MoneyError, Outcome, Refusal};

use super::*;
use crate::Unauthentic;
use crate::games::{GameAnswer, KnownBet, SessionFacts};

fn answered(request: &GameRequest, answer: &GameAnswer) -> (u16, String) {
    let reply = valkyrie().render(request, answer);
    let (status, text) = text(&reply);
    (status, text.to_owned())
}

fn said(answer: &GameAnswer) -> (u16, String) {
    answered(&added(WITHDRAW).unwrap(), answer)
}

fn ok(content: &str) -> (u16, String) {
    (200, format!(r#"{{"status":"OK",{content}}}"#))
}

/// The code of an error, and what comes with it.
fn error((http, text): &(u16, String)) -> (u16, String, String) {
    let mut document: Value = serde_json::from_str(text).unwrap();
    assert_eq!(document["status"], "ERROR");
    assert!(document["error"]["message"].as_str().is_some_and(|message| !message.is_empty()));
    let code = document["error"]["code"].as_str().unwrap().to_owned();
    let rest = document.as_object_mut().unwrap();
    rest.remove("status");
    rest.remove("error");
    (*http, code, document.to_string())
}

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

fn wallet() -> Wallet {
    Wallet { cash: money("98.50 EUR"), bonus: money("1 EUR"), ..Wallet::empty("EUR".parse().unwrap()) }
}

fn play() -> Play {
    Play {
        game: "evolution:tbl-1".to_owned(),
        round: Some("evolution:round-9".to_owned()),
        round_closed: false,
    }
}

fn entry(tx: &str, fact: Fact) -> Box<Entry> {
    Box::new(Entry {
        player: PLAYER.parse().unwrap(),
        key: EntryKey::new("valkyrie", tx),
        seq: 42,
        prev: domain::Digest::default(),
        at: "2026-01-01T00:00:00.5Z".parse().unwrap(),
        brand: "demo".to_owned(),
        jurisdiction: "MT".to_owned(),
        fact,
        postings: Vec::new(),
        balances: wallet(),
        fingerprint: Fingerprint::of([]),
        reversed_by: None,
    })
}

fn account() -> Box<Account> {
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    Box::new(Account {
        player: PLAYER.parse().unwrap(),
        brand: "demo".to_owned(),
        jurisdiction: "MT".to_owned(),
        country: Some("MT".into()),
        status: AccountStatus::Active,
        wallet: wallet(),
        verification: Verification { status: VerificationStatus::Approved, ..Verification::none() },
        deposits: 0,
        version: 1,
        head: domain::Digest::default(),
        opened_at: now,
        updated_at: now,
    })
}

fn placed(bonus: Option<Money>, free: bool) -> Fact {
    Fact::BetPlaced { play: play(), amount: money("1.50 EUR"), bonus, free }
}

fn won(reason: CreditReason, bet: Option<&str>) -> Fact {
    let play = Play { round_closed: true, ..play() };
    Fact::BetWon { play, amount: money("3 EUR"), bonus: None, bet: bet.map(str::to_owned), reason }
}

fn cancelled(undone: Option<Undone>) -> Fact {
    Fact::RolledBack { play: play(), target: "evolution:ref-1".to_owned(), undone }
}

const BALANCE: &str = r#""balance":{"cashAmount":98.500000,"bonusAmount":1.000000,"promoAmount":0.000000}"#;

#[test]
fn a_session_says_who_plays_what() {
    let facts = |game: &str| SessionFacts {
        token: "next".to_owned(),
        game: game.to_owned(),
        country: "MT".to_owned(),
        language: "mt".to_owned(),
        wallet: wallet(),
    };
    let request = get("/players/session", QUERY).unwrap();
    let session = |game: &str| {
        ok(&format!(
            r#""session":{{"playerId":"{PLAYER}","token":"next","currency":"EUR","country":"MT","language":"mt"{game}}}"#
        ))
    };
    let answer = GameAnswer::Session(facts("evolution:tbl-1"));
    assert_eq!(answered(&request, &answer), session(r#","gameId":"tbl-1""#));
    assert_eq!(answered(&request, &GameAnswer::Session(facts(""))), session(""));
    let unknown = SessionFacts { language: String::new(), ..facts("") };
    let (_, text) = answered(&request, &GameAnswer::Session(unknown));
    assert!(text.contains(r#""language":"en""#), "an older session is in the house's language: {text}");
}

#[test]
fn balances_show_real_and_bonus_money_apart() {
    assert_eq!(said(&GameAnswer::Balance(wallet())), ok(BALANCE));
}

#[test]
fn done_now_and_done_before_look_the_same() {
    let undone = Undone::Bet { amount: money("1.50 EUR"), bonus: None };
    let expected = ok(&format!(r#""transactionResult":{{"transactionId":"{PLAYER}/42",{BALANCE}}}"#));
    for fact in [placed(None, false), won(CreditReason::Win, None), cancelled(Some(undone))] {
        for outcome in [
            Outcome::Applied(entry("evolution:x", fact.clone())),
            Outcome::Replayed(entry("evolution:x", fact)),
        ] {
            assert_eq!(said(&GameAnswer::Outcome(outcome)), expected);
        }
    }
}

#[test]
fn a_transactions_id_is_no_longer_than_the_protocol_lets_it_be() {
    let longest = Entry { seq: 999_999_999, ..*entry("evolution:x", placed(None, false)) };
    assert_eq!(crate::games::entry_id(&longest).len(), 40);
}

#[test]
fn a_cancel_that_found_no_bet_says_so_every_time() {
    let expected = format!(r#"{{"transactionResult":{{{BALANCE}}}}}"#);
    for outcome in [
        Outcome::Applied(entry("evolution:cancel:d-1", cancelled(None))),
        Outcome::Replayed(entry("evolution:cancel:d-1", cancelled(None))),
    ] {
        let reply = said(&GameAnswer::Outcome(outcome));
        assert!(reply.1.contains(&expected[1..]), "{}", reply.1);
        assert_eq!(error(&reply).1, "PAM_ERR_CANCEL_NOT_FOUND");
    }
}

#[test]
fn each_refusal_has_its_code_and_what_the_player_has() {
    for (refusal, http, code) in [
        (Refusal::PlayerUnknown, 200, "PAM_ERR_ACC_NOT_FOUND"),
        (Refusal::SessionUnknown, 401, "PAM_ERR_SESSION_NOT_FOUND"),
        (Refusal::SessionExpired, 401, "PAM_ERR_SESSION_EXPIRED"),
        (Refusal::Mismatch, 200, "PAM_ERR_DUPLICATE_TRANS"),
        (Refusal::BetUnknown, 200, "PAM_ERR_TRANS_NOT_FOUND"),
        (Refusal::BetReversed, 200, "PAM_ERR_TRANS_ALREADY_CANCELLED"),
        (Refusal::BetSettled, 200, "PAM_ERR_TRANS_ALREADY_SETTLED"),
        (Refusal::RoundClosed, 200, "PAM_ERR_TRANS_ALREADY_SETTLED"),
        (Refusal::InsufficientFunds { available: money("1 EUR") }, 200, "PAM_ERR_CASH_OVERDRAFT"),
        (Refusal::WrongCurrency, 200, "PAM_ERR_TRANS_CURRENCY"),
        (Refusal::Amount(MoneyError::CurrencyMismatch), 200, "PAM_ERR_TRANS_CURRENCY"),
        (Refusal::NotPositive, 200, "PAM_ERR_NEGATIVE_STAKE"),
        (Refusal::Tombstoned, 200, "PAM_ERR_BET_NOT_ALLOWED"),
        (Refusal::BetExists, 200, "PAM_ERR_BET_NOT_ALLOWED"),
        (Refusal::StakeTooHigh { most: money("1 EUR") }, 200, "PAM_ERR_BET_NOT_ALLOWED"),
        (Refusal::NotVerified, 200, "PAM_ERR_BET_NOT_ALLOWED"),
        (Refusal::AccountClosed, 200, "PAM_ERR_BET_NOT_ALLOWED"),
        (Refusal::UnderAge { min_age: 18 }, 200, "PAM_ERR_BET_NOT_ALLOWED"),
        (Refusal::NotAllowed, 200, "PAM_ERR_BET_NOT_ALLOWED"),
        (Refusal::Amount(MoneyError::OutOfRange), 200, "PAM_ERR_UNDEFINED"),
        (Refusal::NotFound, 200, "PAM_ERR_UNDEFINED"),
        (Refusal::TooMany { most: 1 }, 200, "PAM_ERR_UNDEFINED"),
        (Refusal::WrongState { state: "paid" }, 200, "PAM_ERR_UNDEFINED"),
        (Refusal::VerificationSettled(VerificationStatus::Approved), 200, "PAM_ERR_UNDEFINED"),
        (Refusal::Outdated, 200, "PAM_ERR_UNDEFINED"),
        (Refusal::NotEmpty, 200, "PAM_ERR_UNDEFINED"),
    ] {
        let known = Outcome::Refused { refusal: refusal.clone(), account: Some(account()) };
        let reply = said(&GameAnswer::Outcome(known));
        assert!(reply.1.ends_with(&format!(r#","transactionResult":{{{BALANCE}}}}}"#)), "{}", reply.1);
        let told = error(&reply);
        assert_eq!((told.0, told.1.as_str()), (http, code), "{refusal:?}");
        let unknown = Outcome::Refused { refusal: refusal.clone(), account: None };
        for answer in [GameAnswer::Outcome(unknown), GameAnswer::Refused(refusal.clone())] {
            assert_eq!(error(&said(&answer)), (http, code.to_owned(), "{}".to_owned()), "{refusal:?}");
        }
    }
}

#[test]
fn answers_that_hold_nothing() {
    for (answer, code) in [
        (GameAnswer::UnknownGame, "PAM_ERR_GAME_NOT_FOUND"),
        (GameAnswer::TryAgain, "PAM_ERR_TIMEOUT"),
        (GameAnswer::Round(None), "PAM_ERR_ROUND_NOT_FOUND"),
        (GameAnswer::Bet(None), "PAM_ERR_TRANS_NOT_FOUND"),
        (GameAnswer::Transaction(Slot::Free), "PAM_ERR_TRANS_NOT_FOUND"),
        (GameAnswer::Transaction(Slot::Tombstone), "PAM_ERR_TRANS_NOT_FOUND"),
        (GameAnswer::Transaction(Slot::Taken(entry("x", cancelled(None)))), "PAM_ERR_TRANS_NOT_FOUND"),
    ] {
        assert_eq!(error(&said(&answer)), (200, code.to_owned(), "{}".to_owned()), "{answer:?}");
    }
}

#[test]
fn transactions_are_found_by_their_ids() {
    let found = |tx: &str, fact: Fact| said(&GameAnswer::Transaction(Slot::Taken(entry(tx, fact))));
    let listed = |kind: &str, amounts: &str, rest: &str| {
        ok(&format!(
            r#""transactions":[{{"currency":"EUR","provider":"evolution","transactionType":"{kind}",{amounts},"transactionDateTime":"2026-01-01T00:00:00.5Z",{rest},"providerGameId":"tbl-1","providerRoundId":"round-9"{}}}]"#,
            if kind.ends_with("DEPOSIT") { r#","isGameOver":true"# } else { "" }
        ))
    };
    assert_eq!(
        found("evolution:d-1", placed(Some(money("0.50 EUR")), false)),
        listed(
            "WITHDRAW",
            r#""cashAmount":1.000000,"bonusAmount":0.500000,"promoAmount":0.000000"#,
            r#""providerTransactionId":"d-1""#
        )
    );
    assert_eq!(
        found("evolution:d-1", placed(None, true)),
        listed(
            "PROMOWITHDRAW",
            r#""cashAmount":0.000000,"bonusAmount":0.000000,"promoAmount":1.500000"#,
            r#""providerTransactionId":"d-1""#
        )
    );
    let paid = r#""cashAmount":3.000000,"bonusAmount":0.000000,"promoAmount":0.000000"#;
    assert_eq!(
        found("evolution:c-1", won(CreditReason::Win, Some("evolution:ref-1"))),
        listed("DEPOSIT", paid, r#""providerTransactionId":"c-1","providerBetRef":"ref-1""#)
    );
    assert_eq!(
        found("evolution:p-1", won(CreditReason::FreeRounds, None)),
        listed("PROMODEPOSIT", paid, r#""providerTransactionId":"p-1""#)
    );
}

#[test]
fn a_bets_transactions_are_found_by_its_reference() {
    let zero = Split::zero("EUR".parse().unwrap());
    let at = |text: &str| text.parse::<domain::Timestamp>().unwrap();
    let found = |state: BetState, payout: Split, last: Option<&str>| {
        let bet = Bet {
            key: EntryKey::new("valkyrie", "evolution:ref-1"),
            placed_by: "evolution:d-1".to_owned(),
            placed_at: at("2026-01-01T00:00:00Z"),
            play: play(),
            last: last.map(|tx| LastWord { tx: tx.to_owned(), at: at("2026-01-01T00:01:00Z") }),
            stake: Split::cash(money("1.50 EUR")),
            payout,
            state,
            settlement: 0,
        };
        let (_, text) = said(&GameAnswer::Bet(Some(KnownBet { bet, stake: Slot::Free })));
        let document: Value = serde_json::from_str(&text).unwrap();
        let found = document["transactions"].as_array().cloned().unwrap_or_default();
        for it in &found {
            assert_eq!((&it["providerBetRef"], &it["provider"]), (&"ref-1".into(), &"evolution".into()));
            assert_eq!((&it["providerGameId"], &it["providerRoundId"]), (&"tbl-1".into(), &"round-9".into()));
        }
        let text = |it: &Value, name: &str| it[name].as_str().unwrap().to_owned();
        let told = |it: &Value| {
            ["transactionType", "providerTransactionId", "transactionDateTime"].map(|name| text(it, name))
        };
        found.iter().map(told).collect::<Vec<_>>()
    };
    let placed = ["WITHDRAW", "d-1", "2026-01-01T00:00:00Z"];
    assert_eq!(found(BetState::Open, zero, None), [placed]);
    let paid = found(BetState::Settled, Split::cash(money("3 EUR")), Some("evolution:c-1"));
    assert_eq!(paid, [placed, ["DEPOSIT", "c-1", "2026-01-01T00:01:00Z"]]);
    assert_eq!(found(BetState::Settled, zero, Some("evolution:c-1")).len(), 2, "a lost bet is settled");
    let undone = found(BetState::Cancelled, zero, Some("evolution:cancel:x-1"));
    assert_eq!(undone, [placed, ["CANCEL", "x-1", "2026-01-01T00:01:00Z"]]);
    assert!(found(BetState::Forbidden, zero, None).is_empty());
}

#[test]
fn rounds_tell_when_they_began_and_ended() {
    let began_at = "2026-01-01T00:00:00Z".parse().unwrap();
    let round = |ended_at| {
        let stake = Split::cash(money("1.50 EUR"));
        GameAnswer::Round(Some(Round {
            key: EntryKey::new("valkyrie", "evolution:round-9"),
            game: "evolution:tbl-1".to_owned(),
            stake,
            since: 1,
            began_at,
            ended_at,
            ended_by: EndedBy::Result,
        }))
    };
    assert_eq!(
        said(&round(None)),
        ok(
            r#""gameround":{"providerGameId":"tbl-1","providerRoundId":"round-9","startTime":"2026-01-01T00:00:00Z"}"#
        )
    );
    assert_eq!(
        said(&round(Some("2026-01-01T00:01:00Z".parse().unwrap()))),
        ok(
            r#""gameround":{"providerGameId":"tbl-1","providerRoundId":"round-9","startTime":"2026-01-01T00:00:00Z","endTime":"2026-01-01T00:01:00Z"}"#
        )
    );
}

#[test]
fn rejections_have_their_codes() {
    let zero = Money::zero("EUR".parse().unwrap());
    let overdraft = || Rejection::from(Refusal::InsufficientFunds { available: zero });
    let promo = with(WITHDRAW, "promoAmount", Some("1"));
    let session = "/players/session";
    for (path, query, body, rejection, http, code) in [
        (session, QUERY, "", Unauthentic.into(), 401, "PAM_ERR_API_TOKEN"),
        (session, QUERY, "", Refusal::SessionUnknown.into(), 401, "PAM_ERR_SESSION_NOT_FOUND"),
        (session, "", "", Rejection::Malformed, 200, "PAM_ERR_MISSING_PROVIDER"),
        (session, "provider=acme", "", Rejection::Malformed, 200, "PAM_ERR_MISSING_PROVIDER"),
        (session, QUERY, "", Rejection::UnknownCall, 400, "PAM_ERR_UNDEFINED"),
        (TRANSACTIONS, "", "", Rejection::Malformed, 400, "PAM_ERR_MISSING_PROVIDER"),
        (TRANSACTIONS, QUERY, "", Rejection::Malformed, 400, "PAM_ERR_UNDEFINED"),
        (TRANSACTIONS, QUERY, "{}", Rejection::WrongType, 400, "PAM_ERR_UNDEFINED"),
        (TRANSACTIONS, QUERY, WITHDRAW, Refusal::PlayerUnknown.into(), 200, "PAM_ERR_PLAYER_NOT_FOUND"),
        (TRANSACTIONS, QUERY, WITHDRAW, Refusal::WrongCurrency.into(), 200, "PAM_ERR_TRANS_CURRENCY"),
        (TRANSACTIONS, QUERY, WITHDRAW, Refusal::NotPositive.into(), 200, "PAM_ERR_NEGATIVE_STAKE"),
        (TRANSACTIONS, QUERY, WITHDRAW, overdraft(), 200, "PAM_ERR_BONUS_OVERDRAFT"),
        (TRANSACTIONS, QUERY, promo.as_str(), overdraft(), 200, "PAM_ERR_PROMO_OVERDRAFT"),
    ] {
        let headers = HeaderMap::new();
        let call = RawCall { query, ..RawCall::post(path, &headers, body.as_bytes()) };
        let reply = valkyrie().render_rejection(call, &rejection);
        let (status, text) = text(&reply);
        assert_eq!(
            error(&(status, text.to_owned())),
            (http, code.to_owned(), "{}".to_owned()),
            "{rejection:?}"
        );
    }
}
