use domain::account::{Account, AccountStatus, Verification, VerificationStatus, Wallet};
use domain::entry::Fingerprint;
use domain::fact::{Play, Undone};
use domain::play::CreditReason;
use domain::{Entry, EntryKey, Fact, Money, MoneyError, Outcome, Refusal};
use serde_json::json;

use super::*;
use crate::Unauthentic;
use crate::games::{GameAnswer, SessionFacts};

fn said(path: &str, answer: &GameAnswer) -> String {
    let request = parse(path, body(path)).unwrap();
    text(&evolution().render(&request, answer)).to_owned()
}

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

fn wallet(cash: &str, bonus: &str) -> Wallet {
    let cash = money(cash);
    Wallet { cash, bonus: money(bonus), ..Wallet::empty(cash.currency()) }
}

fn entry(fact: Fact) -> Box<Entry> {
    Box::new(Entry {
        player: PLAYER.parse().unwrap(),
        key: EntryKey::new("evolution", "debit:d-1"),
        seq: 1,
        prev: domain::Digest::default(),
        at: "2026-01-01T00:00:00Z".parse().unwrap(),
        brand: "demo".to_owned(),
        jurisdiction: "MT".to_owned(),
        fact,
        postings: Vec::new(),
        balances: wallet("98.50 EUR", "1 EUR"),
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
        wallet: wallet("0.99 EUR", "0.01 EUR"),
        verification: Verification { status: VerificationStatus::Approved, ..Verification::none() },
        deposits: 0,
        version: 1,
        head: domain::Digest::default(),
        opened_at: now,
        updated_at: now,
    })
}

fn bet() -> Fact {
    Fact::BetPlaced { play: Play::default(), amount: money("1.50 EUR"), bonus: None, free: false }
}

fn won() -> Fact {
    let reason = CreditReason::Win;
    Fact::BetWon { play: Play::default(), amount: money("3 EUR"), bonus: None, bet: None, reason }
}

fn cancelled(undone: Option<Undone>) -> Fact {
    Fact::RolledBack { play: Play::default(), target: "ref-1".to_owned(), undone }
}

const DONE: &str = r#"{"status":"OK","balance":98.500000,"bonus":1.000000,"uuid":"u-1"}"#;

#[test]
fn done_now_and_done_before_look_the_same() {
    let undone = Undone::Bet { amount: money("1.50 EUR"), bonus: None };
    for (path, fact) in [
        ("/debit", bet()),
        ("/credit", won()),
        ("/cancel", cancelled(Some(undone))),
        ("/promo_payout", won()),
    ] {
        for outcome in [Outcome::Applied(entry(fact.clone())), Outcome::Replayed(entry(fact))] {
            assert_eq!(said(path, &GameAnswer::Outcome(outcome)), DONE, "{path}");
        }
    }
}

#[test]
fn a_cancel_that_found_no_bet_says_so_every_time() {
    let expected = r#"{"status":"BET_DOES_NOT_EXIST","balance":98.500000,"bonus":1.000000,"uuid":"u-1"}"#;
    for outcome in [Outcome::Applied(entry(cancelled(None))), Outcome::Replayed(entry(cancelled(None)))] {
        assert_eq!(said("/cancel", &GameAnswer::Outcome(outcome)), expected);
    }
}

#[test]
fn balances_show_real_and_bonus_money_apart() {
    assert_eq!(said("/balance", &GameAnswer::Balance(wallet("98.50 EUR", "1 EUR"))), DONE);
}

#[test]
fn a_check_answers_with_the_next_session() {
    let facts = SessionFacts {
        token: "next".to_owned(),
        game: "tbl-1".to_owned(),
        country: "MT".to_owned(),
        language: "mt".to_owned(),
        wallet: wallet("1 EUR", "0 EUR"),
    };
    assert_eq!(said("/check", &GameAnswer::Session(facts)), r#"{"status":"OK","sid":"next","uuid":"u-1"}"#);
    let refused = GameAnswer::Refused(Refusal::SessionExpired);
    assert_eq!(said("/check", &refused), r#"{"status":"INVALID_SID","uuid":"u-1"}"#);
    let later = r#"{"status":"TEMPORARY_ERROR","uuid":"u-1","retransmission":true}"#;
    assert_eq!(said("/check", &GameAnswer::TryAgain), later);
}

#[test]
fn an_unclear_outcome_is_to_be_sent_again() {
    let expected = r#"{"status":"TEMPORARY_ERROR","balance":0.000000,"bonus":0.000000,"uuid":"u-1","retransmission":true}"#;
    for path in ["/balance", "/debit", "/credit", "/cancel", "/promo_payout"] {
        assert_eq!(said(path, &GameAnswer::TryAgain), expected, "{path}");
    }
}

#[test]
fn each_refusal_has_its_status_and_what_the_player_has() {
    for (path, refusal, status) in [
        ("/debit", Refusal::BetExists, "BET_ALREADY_EXIST"),
        ("/credit", Refusal::BetSettled, "BET_ALREADY_SETTLED"),
        ("/cancel", Refusal::BetSettled, "BET_ALREADY_SETTLED"),
        ("/credit", Refusal::BetReversed, "BET_ALREADY_SETTLED"),
        ("/cancel", Refusal::BetReversed, "BET_ALREADY_SETTLED"),
        ("/credit", Refusal::BetUnknown, "BET_DOES_NOT_EXIST"),
        ("/cancel", Refusal::NotAStake, "BET_DOES_NOT_EXIST"),
        ("/debit", Refusal::InsufficientFunds { available: money("1 EUR") }, "INSUFFICIENT_FUNDS"),
        ("/debit", Refusal::Tombstoned, "FINAL_ERROR_ACTION_FAILED"),
        ("/debit", Refusal::RoundClosed, "FINAL_ERROR_ACTION_FAILED"),
        ("/debit", Refusal::Mismatch, "INVALID_PARAMETER"),
        ("/debit", Refusal::WrongCurrency, "INVALID_PARAMETER"),
        ("/debit", Refusal::Amount(MoneyError::OutOfRange), "INVALID_PARAMETER"),
        ("/debit", Refusal::NotPositive, "INVALID_PARAMETER"),
        ("/debit", Refusal::PlayerUnknown, "INVALID_SID"),
        ("/credit", Refusal::SessionUnknown, "INVALID_SID"),
        ("/debit", Refusal::SessionExpired, "INVALID_SID"),
        ("/debit", Refusal::AccountClosed, "ACCOUNT_LOCKED"),
        ("/debit", Refusal::NotVerified, "FATAL_ERROR_CLOSE_USER_SESSION"),
        ("/debit", Refusal::UnderAge { min_age: 18 }, "FATAL_ERROR_CLOSE_USER_SESSION"),
        ("/debit", Refusal::NotAllowed, "GEOLOCATION_FAIL"),
        ("/debit", Refusal::StakeTooHigh { most: money("1 EUR") }, "CASINO_LIMIT_EXCEEDED_STAKE"),
        ("/debit", Refusal::NotFound, "UNKNOWN_ERROR"),
        ("/debit", Refusal::TooMany { most: 1 }, "UNKNOWN_ERROR"),
        ("/debit", Refusal::WrongState { state: "paid" }, "UNKNOWN_ERROR"),
        ("/debit", Refusal::VerificationSettled(VerificationStatus::Approved), "UNKNOWN_ERROR"),
        ("/debit", Refusal::Outdated, "UNKNOWN_ERROR"),
        ("/debit", Refusal::NotEmpty, "UNKNOWN_ERROR"),
    ] {
        let refused = |account| GameAnswer::Outcome(Outcome::Refused { refusal: refusal.clone(), account });
        let expected = format!(r#"{{"status":"{status}","balance":0.990000,"bonus":0.010000,"uuid":"u-1"}}"#);
        assert_eq!(said(path, &refused(Some(account()))), expected, "{refusal:?}");
        let balance = if status == "INSUFFICIENT_FUNDS" { "1.000000" } else { "0.000000" };
        let expected =
            format!(r#"{{"status":"{status}","balance":{balance},"bonus":0.000000,"uuid":"u-1"}}"#);
        assert_eq!(said(path, &refused(None)), expected, "{refusal:?}");
        assert_eq!(said(path, &GameAnswer::Refused(refusal.clone())), expected, "{refusal:?}");
    }
    let unknown = r#"{"status":"INVALID_PARAMETER","balance":0.000000,"bonus":0.000000,"uuid":"u-1"}"#;
    assert_eq!(said("/debit", &GameAnswer::UnknownGame), unknown);
    let odd = r#"{"status":"UNKNOWN_ERROR","balance":0.000000,"bonus":0.000000,"uuid":"u-1"}"#;
    assert_eq!(said("/debit", &GameAnswer::Bet(None)), odd);
}

#[test]
fn an_answer_names_its_call_only_if_the_call_had_a_name() {
    let request = parse("/balance", with("/balance", "/uuid", None)).unwrap();
    let reply = evolution().render(&request, &GameAnswer::Balance(wallet("98.50 EUR", "1 EUR")));
    assert_eq!(text(&reply), r#"{"status":"OK","balance":98.500000,"bonus":1.000000}"#);
}

#[test]
fn rejections_echo_what_can_be_read() {
    let headers = HeaderMap::new();
    let rejected = |path: &str, body: &str, rejection: Rejection| {
        evolution().render_rejection(RawCall::post(path, &headers, body.as_bytes()), &rejection)
    };
    let reply = rejected("/debit", &body("/debit"), Unauthentic.into());
    assert_eq!(reply.status, 401);
    let expected = json!({"status": "INVALID_TOKEN_ID", "balance": 0.0, "bonus": 0.0, "uuid": "u-1"});
    assert_eq!(serde_json::from_slice::<Value>(&reply.body).unwrap(), expected);
    for (path, body, rejection, answer) in [
        (
            "/debit",
            body("/debit"),
            Rejection::UnknownCall,
            r#"{"status":"UNKNOWN_ERROR","balance":0.000000,"bonus":0.000000,"uuid":"u-1"}"#,
        ),
        (
            "/debit",
            body("/debit"),
            Rejection::WrongType,
            r#"{"status":"INVALID_PARAMETER","balance":0.000000,"bonus":0.000000,"uuid":"u-1"}"#,
        ),
        (
            "/debit",
            "rubbish".to_owned(),
            Rejection::Malformed,
            r#"{"status":"INVALID_PARAMETER","balance":0.000000,"bonus":0.000000}"#,
        ),
        (
            "/debit",
            r#"{"uuid":7}"#.to_owned(),
            Rejection::Malformed,
            r#"{"status":"INVALID_PARAMETER","balance":0.000000,"bonus":0.000000}"#,
        ),
        (
            "/debit",
            format!(r#"{{"uuid":"{}"}}"#, "x".repeat(256)),
            Rejection::WrongType,
            r#"{"status":"INVALID_PARAMETER","balance":0.000000,"bonus":0.000000}"#,
        ),
        ("/check", body("/check"), Refusal::PlayerUnknown.into(), r#"{"status":"INVALID_SID","uuid":"u-1"}"#),
    ] {
        assert_eq!(text(&rejected(path, &body, rejection)), answer, "{body:.40}");
    }
}
