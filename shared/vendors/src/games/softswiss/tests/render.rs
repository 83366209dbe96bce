use domain::fact::{Play, Undone};
use domain::play::CreditReason;
use domain::{BatchOutcome, Done, Fact, Outcome, Refusal};

use super::*;
use crate::Unauthentic;
use crate::call::Reply;
use crate::games::GameAnswer;
use crate::games::samples::{account, bet, entry, holding, money, refusals, rolled_back};

fn said(path: &str, answer: &GameAnswer) -> (u16, String) {
    let request = parse_json(path, &call(path)).unwrap();
    text(&softswiss().render(&request, answer))
}

fn text(reply: &Reply) -> (u16, String) {
    assert_eq!(reply.content_type, "application/json");
    (reply.status, String::from_utf8(reply.body.clone()).unwrap())
}

/// The status, the code, the api code and the balance of an error.
fn failed(path: &str, answer: &GameAnswer) -> (u16, String, String, Option<String>) {
    let (status, body) = said(path, answer);
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["msg"], body["meta"]["api_message"]);
    let text = |pointer| body.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    (status, text("/code").unwrap(), text("/meta/api_code").unwrap(), text("/meta/balance"))
}

fn win(amount: &str, bonus: Option<&str>) -> Fact {
    let (play, bonus) = (Play::default(), bonus.map(money));
    Fact::BetWon { play, amount: money(amount), bonus, bet: None, reason: CreditReason::Win }
}

fn done(done: Vec<Done>, cash: &str) -> GameAnswer {
    GameAnswer::Batch(BatchOutcome::Done { done, balances: holding(cash) })
}

#[test]
fn balances_are_decimal_texts_in_main_units() {
    for (cash, shown) in [("98.50 EUR", "98.50"), ("0 EUR", "0.00"), ("0.00001 EUR", "0.00001")] {
        let expected = (200, format!(r#"{{"balance":"{shown}"}}"#));
        assert_eq!(said("/balance", &GameAnswer::Balance(holding(cash))), expected);
        let end = entry("#end/r-1", 3, Fact::RoundEnded { play: Play::default() }, cash);
        assert_eq!(said("/finish", &GameAnswer::Outcome(Outcome::Applied(end.clone()))), expected);
        assert_eq!(said("/finish", &GameAnswer::Outcome(Outcome::Replayed(end))), expected);
    }
}

#[test]
fn a_batch_lists_its_transactions_in_order() {
    let bet = entry("tx-1", 11, bet("1.50 EUR", Some("0.50 EUR")), "98.50 EUR");
    let win = entry("tx-2", 12, win("0.30 EUR", None), "98.80 EUR");
    let expected = format!(
        r#"{{"round_id":"r-1","transactions":[{{"id_provider":"tx-1","id":"{PLAYER}/11","bonus_amount":"0.50"}},{{"id_provider":"tx-2","id":"{PLAYER}/12","bonus_amount":"0.00"}}],"balance":"98.80"}}"#
    );
    for answer in [
        done(vec![Done::Applied(bet.clone()), Done::Applied(win.clone())], "98.80 EUR"),
        done(vec![Done::Replayed(bet.clone()), Done::Applied(win.clone())], "98.80 EUR"),
        done(vec![Done::Replayed(bet), Done::Replayed(win)], "98.80 EUR"),
    ] {
        assert_eq!(said("/betwin", &answer), (200, expected.clone()));
    }
}

#[test]
fn a_rollback_tells_what_it_reversed() {
    let undone = Undone::Bet { amount: money("1.50 EUR"), bonus: None };
    let first = entry("rb-1", 13, rolled_back("tx-1", Some(undone)), "100 EUR");
    let second = entry("rb-2", 14, rolled_back("tx-2", None), "100 EUR");
    let answer = done(vec![Done::Applied(first), Done::Replayed(second)], "100 EUR");
    let expected = format!(
        r#"{{"round_id":"r-1","transactions":[{{"id_provider":"rb-1","id":"{PLAYER}/13"}},{{"id_provider":"rb-2","id":""}}],"balance":"100.00"}}"#
    );
    assert_eq!(said("/rollback", &answer), (200, expected));
}

#[test]
fn a_refused_batch_shows_the_balance_before_it() {
    for refusal in refusals() {
        let refused = |account| {
            let refusal = refusal.clone();
            GameAnswer::Batch(BatchOutcome::Refused { index: 1, refusal, account })
        };
        let (status, code, api_code, balance) = failed("/betwin", &refused(Some(account("50 EUR"))));
        assert_eq!((status, code.as_str()), (400, "invalid_argument"), "{refusal:?}");
        assert_eq!(balance.as_deref(), Some("50.00"), "{refusal:?}");
        let expected = match refusal {
            Refusal::InsufficientFunds { .. } => "100",
            Refusal::StakeTooHigh { .. } => "106",
            Refusal::PlayerUnknown | Refusal::SessionUnknown | Refusal::SessionExpired => "101",
            Refusal::NotVerified | Refusal::AccountClosed | Refusal::UnderAge { .. } => "110",
            Refusal::NotAllowed => "153",
            Refusal::WrongCurrency => "154",
            Refusal::Tombstoned | Refusal::BetReversed => "409",
            Refusal::NotFound | Refusal::BetUnknown => "404",
            _ => "400",
        };
        assert_eq!(api_code, expected, "{refusal:?}");
        assert_eq!(failed("/betwin", &refused(None)).2, expected);
        assert_eq!(failed("/betwin", &GameAnswer::Refused(refusal)).2, expected);
    }
    let refusal = Refusal::InsufficientFunds { available: money("0.40 EUR") };
    let expected = r#"{"code":"invalid_argument","msg":"the balance does not cover the bet","meta":{"api_code":"100","api_message":"the balance does not cover the bet","balance":"0.40"}}"#;
    assert_eq!(said("/betwin", &GameAnswer::Refused(refusal)), (400, expected.to_owned()));
}

#[test]
fn what_we_cannot_tell_may_come_again() {
    let internal = |api_code: &str| (500, "internal".to_owned(), api_code.to_owned(), None);
    assert_eq!(failed("/betwin", &GameAnswer::TryAgain), internal("503"));
    assert_eq!(failed("/betwin", &GameAnswer::Round(None)), internal("500"));
    assert_eq!(failed("/betwin", &GameAnswer::UnknownGame).2, "404");
}

#[test]
fn calls_that_are_no_requests() {
    let headers = HeaderMap::new();
    for (rejection, api_code) in [
        (Rejection::Unauthentic(Unauthentic), "403"),
        (Rejection::UnknownCall, "404"),
        (Rejection::Malformed, "400"),
        (Rejection::WrongType, "400"),
        (Refusal::NotPositive.into(), "400"),
        (Refusal::PlayerUnknown.into(), "101"),
        (Refusal::WrongCurrency.into(), "154"),
    ] {
        let reply = softswiss().render_rejection(RawCall::post("/betwin", &headers, b""), &rejection);
        let (status, body) = text(&reply);
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((status, &body["code"]), (400, &json!("invalid_argument")), "{rejection:?}");
        assert_eq!(body["meta"]["api_code"], api_code, "{rejection:?}");
    }
}
