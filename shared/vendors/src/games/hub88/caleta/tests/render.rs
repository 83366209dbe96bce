use domain::{Outcome, Refusal};

use super::*;
use crate::Unauthentic;
use crate::games::samples::{account, bet, entry, holding, refusals};
use crate::games::{GameAnswer, SessionFacts};

fn said(path: &str, answer: &GameAnswer) -> Value {
    let request = parse_json(path, &call(path)).unwrap();
    let reply = caleta().render(&request, answer);
    assert_eq!((reply.status, reply.content_type), (200, "application/json"));
    serde_json::from_slice(&reply.body).unwrap()
}

#[test]
fn a_check_is_answered_with_the_next_token() {
    let facts = SessionFacts {
        token: "next".to_owned(),
        game: "cg_bingo".to_owned(),
        country: "MT".to_owned(),
        language: "mt".to_owned(),
        wallet: holding("1 EUR"),
    };
    assert_eq!(said("/wallet/check", &GameAnswer::Session(facts)), json!({"token": "next"}));
    let expired = said("/wallet/check", &GameAnswer::Refused(Refusal::SessionExpired));
    assert_eq!(expired["status"], "RS_ERROR_TOKEN_EXPIRED");
}

#[test]
fn done_now_and_done_before_look_the_same() {
    let expected = json!({
        "user": PLAYER, "status": "RS_OK", "request_uuid": CALL_ID, "currency": "EUR", "balance": 9_850_000
    });
    let placed = entry(TX, 11, bet("1.50 EUR", None), "98.50 EUR");
    assert_eq!(said("/wallet/bet", &GameAnswer::Outcome(Outcome::Applied(placed.clone()))), expected);
    assert_eq!(said("/wallet/bet", &GameAnswer::Outcome(Outcome::Replayed(placed))), expected);
    assert_eq!(said("/wallet/balance", &GameAnswer::Balance(holding("98.50 EUR"))), expected);
}

#[test]
fn each_refusal_has_its_status() {
    for refusal in refusals() {
        let expected = match &refusal {
            Refusal::PlayerUnknown | Refusal::SessionUnknown => "RS_ERROR_INVALID_TOKEN",
            Refusal::SessionExpired => "RS_ERROR_TOKEN_EXPIRED",
            Refusal::WrongCurrency => "RS_ERROR_WRONG_CURRENCY",
            Refusal::InsufficientFunds { .. } => "RS_ERROR_NOT_ENOUGH_MONEY",
            Refusal::StakeTooHigh { .. } => "RS_ERROR_BET_LIMIT_EXCEEDED",
            Refusal::NotVerified
            | Refusal::AccountClosed
            | Refusal::UnderAge { .. }
            | Refusal::NotAllowed => "RS_ERROR_USER_DISABLED",
            Refusal::Mismatch | Refusal::BetExists => "RS_ERROR_DUPLICATE_TRANSACTION",
            Refusal::BetUnknown => "RS_ERROR_TRANSACTION_DOES_NOT_EXIST",
            Refusal::Tombstoned | Refusal::BetReversed => "RS_ERROR_TRANSACTION_ROLLED_BACK",
            Refusal::Amount(_) | Refusal::NotPositive => "RS_ERROR_WRONG_TYPES",
            _ => "RS_ERROR_UNKNOWN",
        };
        let account = Some(account("1 EUR"));
        let answer = GameAnswer::Outcome(Outcome::Refused { refusal: refusal.clone(), account });
        let said = said("/wallet/win", &answer);
        assert_eq!(said["status"], expected, "{refusal:?}");
        assert_eq!(said.get("balance").is_some(), expected == "RS_ERROR_NOT_ENOUGH_MONEY");
    }
    assert_eq!(said("/wallet/bet", &GameAnswer::UnknownGame)["status"], "RS_ERROR_INVALID_GAME");
    assert_eq!(said("/wallet/bet", &GameAnswer::TryAgain)["status"], "RS_ERROR_TIMEOUT");
    assert_eq!(said("/wallet/bet", &GameAnswer::Round(None))["status"], "RS_ERROR_UNKNOWN");
}

#[test]
fn calls_that_are_no_requests() {
    let headers = HeaderMap::new();
    let body = call("/wallet/bet").to_string();
    for (rejection, status) in [
        (Rejection::Unauthentic(Unauthentic), "RS_ERROR_INVALID_SIGNATURE"),
        (Rejection::UnknownCall, "RS_ERROR_UNKNOWN"),
        (Rejection::Malformed, "RS_ERROR_WRONG_SYNTAX"),
        (Rejection::WrongType, "RS_ERROR_WRONG_TYPES"),
        (Refusal::SessionUnknown.into(), "RS_ERROR_INVALID_TOKEN"),
    ] {
        let call = RawCall::post("/wallet/bet", &headers, body.as_bytes());
        let reply = caleta().render_rejection(call, &rejection);
        let said: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(said, json!({"status": status, "request_uuid": CALL_ID}), "{rejection:?}");
    }
}
