use domain::{Outcome, Refusal};

use super::*;
use crate::Unauthentic;
use crate::games::GameAnswer;
use crate::games::samples::{account, bet, entry, holding, money, refusals, rolled_back};

fn said(answer: &GameAnswer) -> (u16, Value) {
    let request = parse_json("/bet", &call("/bet")).unwrap();
    let reply = swipe().render(&request, answer);
    assert_eq!(reply.content_type, "application/json");
    (reply.status, serde_json::from_slice(&reply.body).unwrap())
}

#[test]
fn balances_are_decimal_texts_never_rounded_up() {
    for (cash, shown) in [("98.50 EUR", "98.50"), ("0 EUR", "0.00"), ("1.999999 EUR", "1.99")] {
        assert_eq!(said(&GameAnswer::Balance(holding(cash))), (200, json!({"balance": shown})), "{cash}");
    }
}

#[test]
fn done_now_and_done_before_look_the_same() {
    let placed = entry(TX, 11, bet("1.50 EUR", None), "98.50 EUR");
    let expected = (200, json!({"balance": "98.50", "txID": format!("{PLAYER}/11")}));
    assert_eq!(said(&GameAnswer::Outcome(Outcome::Applied(placed.clone()))), expected);
    assert_eq!(said(&GameAnswer::Outcome(Outcome::Replayed(placed))), expected);
}

#[test]
fn a_refund_of_what_we_never_had_is_done() {
    let refund = entry(TX, 12, rolled_back(BET_TX, None), "0 EUR");
    let expected = (200, json!({"balance": "0.00", "txID": format!("{PLAYER}/12")}));
    assert_eq!(said(&GameAnswer::Outcome(Outcome::Applied(refund))), expected);
}

#[test]
fn each_refusal_has_its_status_and_code() {
    for refusal in refusals() {
        let expected = match refusal {
            Refusal::InsufficientFunds { .. } => (400, json!("insufficient_funds")),
            Refusal::StakeTooHigh { .. } => (400, json!("bet_limit")),
            Refusal::PlayerUnknown | Refusal::SessionUnknown => (404, json!("session_not_found")),
            Refusal::SessionExpired => (400, json!("session_expired")),
            Refusal::NotVerified
            | Refusal::AccountClosed
            | Refusal::UnderAge { .. }
            | Refusal::NotAllowed => (400, json!("account_blocked")),
            Refusal::WrongCurrency => (400, json!("currency_not_supported")),
            _ => (400, Value::Null),
        };
        let account = Some(account("1 EUR"));
        for answer in [
            GameAnswer::Outcome(Outcome::Refused { refusal: refusal.clone(), account }),
            GameAnswer::Refused(refusal.clone()),
        ] {
            let (status, body) = said(&answer);
            assert_eq!((status, body["code"].clone()), expected, "{refusal:?}");
            assert!(body["message"].is_string());
            assert_eq!(body.get("action").is_some(), refusal == Refusal::SessionExpired);
        }
    }
    let refusal = Refusal::InsufficientFunds { available: money("1 EUR") };
    let expected = json!({"message": "Your balance does not cover this.", "code": "insufficient_funds"});
    assert_eq!(said(&GameAnswer::Refused(refusal)), (400, expected));
}

#[test]
fn games_we_lack_and_outcomes_we_cannot_tell() {
    let (status, body) = said(&GameAnswer::UnknownGame);
    assert_eq!((status, &body["code"]), (400, &json!("game_not_found")));
    assert_eq!(said(&GameAnswer::TryAgain).0, 500, "so that a refund follows");
    assert_eq!(said(&GameAnswer::Round(None)).0, 500);
}

#[test]
fn calls_that_are_no_requests() {
    let headers = HeaderMap::new();
    for (rejection, status) in [
        (Rejection::Unauthentic(Unauthentic), 401),
        (Rejection::UnknownCall, 404),
        (Rejection::Malformed, 400),
        (Rejection::WrongType, 400),
        (Refusal::SessionUnknown.into(), 404),
    ] {
        let reply = swipe().render_rejection(RawCall::post("/bet", &headers, b""), &rejection);
        assert_eq!(reply.status, status, "{rejection:?}");
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        assert!(body["message"].is_string());
    }
}
