use domain::account::{VerificationStatus, Wallet};
use domain::entry::Fingerprint;
use domain::fact::Play;
use domain::{Entry, EntryKey, Fact, Money, MoneyError, Outcome, Refusal};
use serde_json::json;

use super::*;
use crate::Unauthentic;
use crate::games::{GameAnswer, PlayerFacts};

fn request() -> GameRequest {
    parse("/transaction/bet", BET.as_bytes()).unwrap()
}

fn said(answer: &GameAnswer) -> String {
    String::from_utf8(hub88().render(&request(), answer).body).unwrap()
}

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

fn entry(cash: &str, bonus: &str) -> Box<Entry> {
    let cash = money(cash);
    let balances = Wallet { cash, bonus: money(bonus), held: cash, receivable: cash };
    Box::new(Entry {
        player: PLAYER.parse().unwrap(),
        key: EntryKey::new("hub88", BET_TX),
        seq: 1,
        prev: domain::Digest::default(),
        at: "2026-01-01T00:00:00Z".parse().unwrap(),
        brand: "demo".to_owned(),
        jurisdiction: "MT".to_owned(),
        fact: Fact::BetPlaced { play: Play::default(), amount: money("1 EUR"), bonus: None, free: false },
        postings: Vec::new(),
        balances,
        fingerprint: Fingerprint::of([]),
        reversed_by: None,
    })
}

/// A wallet of real money.
fn holding(cash: &str) -> Wallet {
    let cash = money(cash);
    Wallet { cash, ..Wallet::empty(cash.currency()) }
}

#[test]
fn done_now_and_done_before_look_the_same() {
    let expected = r#"{"user":"ply_01HZY4Q6T0J8K9M2N3P4R5S6T7","status":"RS_OK","request_uuid":"5f0c7a3e-1111-4a4a-8b8b-0000000000a1","currency":"EUR","balance":9850000}"#;
    assert_eq!(said(&GameAnswer::Outcome(Outcome::Applied(entry("98.50 EUR", "0 EUR")))), expected);
    assert_eq!(said(&GameAnswer::Outcome(Outcome::Replayed(entry("90 EUR", "8.50 EUR")))), expected);
    assert_eq!(said(&GameAnswer::Balance(holding("98.50 EUR"))), expected);
}

#[test]
fn balances_finer_than_hub88s_unit_are_never_rounded_up() {
    for (balance, shown) in [
        ("0 EUR", 0_i64),
        ("0.00001 EUR", 1),
        ("0.000019 EUR", 1),
        ("1.999999 EUR", 199_999),
        ("0.00000999 BTC", 0),
        ("0.00001999 BTC", 1),
        ("150 JPY", 15_000_000),
        ("9223372036854.775807 EUR", 922_337_203_685_477_580),
    ] {
        let reply: Value = serde_json::from_str(&said(&GameAnswer::Balance(holding(balance)))).unwrap();
        assert_eq!(reply["balance"], json!(shown), "{balance}");
    }
}

#[test]
fn too_little_money_shows_what_there_is() {
    let refusal = Refusal::InsufficientFunds { available: money("0.99 EUR") };
    let expected = r#"{"status":"RS_ERROR_NOT_ENOUGH_MONEY","request_uuid":"5f0c7a3e-1111-4a4a-8b8b-0000000000a1","balance":99000}"#;
    assert_eq!(said(&GameAnswer::Refused(refusal.clone())), expected);
    assert_eq!(said(&GameAnswer::Outcome(Outcome::Refused { refusal, account: None })), expected);
}

#[test]
fn each_refusal_has_its_status_and_no_money() {
    for (refusal, status) in [
        (Refusal::PlayerUnknown, "RS_ERROR_INVALID_TOKEN"),
        (Refusal::SessionUnknown, "RS_ERROR_INVALID_TOKEN"),
        (Refusal::SessionExpired, "RS_ERROR_TOKEN_EXPIRED"),
        (Refusal::Mismatch, "RS_ERROR_DUPLICATE_TRANSACTION"),
        (Refusal::Tombstoned, "RS_ERROR_TRANSACTION_ROLLED_BACK"),
        (Refusal::BetUnknown, "RS_ERROR_TRANSACTION_DOES_NOT_EXIST"),
        (Refusal::BetReversed, "RS_ERROR_TRANSACTION_DOES_NOT_EXIST"),
        (Refusal::WrongCurrency, "RS_ERROR_WRONG_CURRENCY"),
        (Refusal::Amount(MoneyError::CurrencyMismatch), "RS_ERROR_WRONG_CURRENCY"),
        (Refusal::Amount(MoneyError::OutOfRange), "RS_ERROR_WRONG_TYPES"),
        (Refusal::NotPositive, "RS_ERROR_WRONG_TYPES"),
        (Refusal::StakeTooHigh { most: "1 EUR".parse().unwrap() }, "RS_ERROR_LIMIT_REACHED"),
        (Refusal::NotVerified, "RS_ERROR_USER_DISABLED"),
        (Refusal::AccountClosed, "RS_ERROR_USER_DISABLED"),
        (Refusal::UnderAge { min_age: 18 }, "RS_ERROR_USER_DISABLED"),
        (Refusal::NotFound, "RS_ERROR_UNKNOWN"),
        (Refusal::WrongState { state: "paid" }, "RS_ERROR_UNKNOWN"),
        (Refusal::VerificationSettled(VerificationStatus::Approved), "RS_ERROR_UNKNOWN"),
        (Refusal::Outdated, "RS_ERROR_UNKNOWN"),
        (Refusal::NotAllowed, "RS_ERROR_USER_DISABLED"),
        (Refusal::NotAStake, "RS_ERROR_UNKNOWN"),
        (Refusal::NotEmpty, "RS_ERROR_UNKNOWN"),
    ] {
        let expected = json!({"status": status, "request_uuid": "5f0c7a3e-1111-4a4a-8b8b-0000000000a1"});
        let reply = hub88().render(&request(), &GameAnswer::Refused(refusal.clone()));
        assert_eq!(json(&reply), expected, "{refusal:?}");
    }
}

#[test]
fn games_we_lack_and_answers_we_lack() {
    let status = |answer| json(&hub88().render(&request(), &answer))["status"].clone();
    assert_eq!(status(GameAnswer::UnknownGame), "RS_ERROR_INVALID_GAME");
    assert_eq!(status(GameAnswer::TryAgain), "RS_ERROR_UNKNOWN");
}

#[test]
fn a_profile_tells_what_we_have() {
    let request = parse("/user/info", INFO.as_bytes()).unwrap();
    let mut facts = PlayerFacts {
        country: "MT".to_owned(),
        jurisdiction: "MT".to_owned(),
        birth_date: "1990-02-03".parse().ok(),
        registration_date: "2026-07-10".parse().ok(),
    };
    let reply = hub88().render(&request, &GameAnswer::Profile(facts.clone()));
    let expected = r#"{"user":"ply_01HZY4Q6T0J8K9M2N3P4R5S6T7","status":"RS_OK","request_uuid":"5f0c7a3e-1111-4a4a-8b8b-0000000000a5","country":"MT","jurisdiction":"MGA","birth_date":"1990-02-03","registration_date":"2026-07-10"}"#;
    assert_eq!(reply.body, expected.as_bytes());
    (facts.birth_date, facts.registration_date, facts.jurisdiction) = (None, None, "SE".to_owned());
    let reply = json(&hub88().render(&request, &GameAnswer::Profile(facts)));
    assert_eq!(reply["jurisdiction"], "SE");
    assert!(reply.get("birth_date").is_none() && reply.get("registration_date").is_none());
}

#[test]
fn rejections_echo_what_can_be_read() {
    let headers = HeaderMap::new();
    let id = json!("5f0c7a3e-1111-4a4a-8b8b-0000000000a1");
    let long = with(BET, "request_uuid", Some(&format!("\"{}\"", "x".repeat(256))));
    for (body, rejection, status, echo) in [
        (BET, Rejection::Unauthentic(Unauthentic), "RS_ERROR_INVALID_SIGNATURE", Some(id.clone())),
        (BET, Rejection::UnknownCall, "RS_ERROR_UNKNOWN", Some(id.clone())),
        (BET, Rejection::WrongType, "RS_ERROR_WRONG_TYPES", Some(id.clone())),
        (BET, Refusal::PlayerUnknown.into(), "RS_ERROR_INVALID_TOKEN", Some(id.clone())),
        (BET, Refusal::WrongCurrency.into(), "RS_ERROR_WRONG_CURRENCY", Some(id)),
        (r#"{"request_uuid":"odd"}"#, Rejection::WrongType, "RS_ERROR_WRONG_TYPES", Some(json!("odd"))),
        (r#"{"request_uuid":7}"#, Rejection::WrongType, "RS_ERROR_WRONG_TYPES", None),
        (long.as_str(), Rejection::WrongType, "RS_ERROR_WRONG_TYPES", None),
        ("{}", Rejection::Malformed, "RS_ERROR_WRONG_SYNTAX", None),
        ("rubbish", Rejection::Malformed, "RS_ERROR_WRONG_SYNTAX", None),
    ] {
        let call = RawCall::post("/transaction/bet", &headers, body.as_bytes());
        let reply = json(&hub88().render_rejection(call, &rejection));
        assert_eq!(reply["status"], status, "{body:.40}");
        assert_eq!(reply.get("request_uuid"), echo.as_ref(), "{body:.40}");
        assert_eq!(reply.as_object().unwrap().len(), 1 + usize::from(echo.is_some()), "nothing else");
    }
}
