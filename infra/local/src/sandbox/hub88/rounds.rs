//! Rounds of the game, with what Hub88 does when a wallet refuses or stays silent.

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    dice::Pick,
    sessions::Session,
    wallet::{Call, Wallet, fresh_uuid},
};

/// How often a bet or a win is sent before Hub88 gives up.
const TRIES: u32 = 3;
/// Rollbacks go on for longer.
const ROLLBACK_TRIES: u32 = 5;

/// What happened, for the page.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) note: String,
    pub(super) face: Option<u8>,
    pub(super) won: Option<i64>,
    pub(super) balance: Option<i64>,
    pub(super) calls: Vec<Call>,
}

/// Asks for the balance, as Hub88 does when a game opens.
pub(super) async fn open(wallet: &Wallet, session: &Session) -> Report {
    let body = json!({
        "user": session.user,
        "token": session.token,
        "game_code": session.game.code,
    });
    let mut calls = Vec::new();
    wallet.call("/user/balance", &body, 1, &mut calls).await;
    match outcome(&calls) {
        "RS_OK" => Report::of("Place your stake.", calls),
        other => Report::of(format!("The wallet did not tell the balance: {other}."), calls),
    }
}

/// The body of a new bet. Each try to send it gets its own `request_uuid`.
pub(super) fn bet(session: &Session, stake: i64) -> Value {
    json!({
        "user": session.user,
        "token": session.token,
        "transaction_uuid": fresh_uuid(),
        "round": fresh_uuid(),
        "round_closed": false,
        "game_code": session.game.code,
        "currency": session.currency,
        "amount": stake,
        "is_free": false,
    })
}

/// A whole round: the stake is taken, the die falls, the win is paid (zero closes a lost round).
pub(super) async fn play(wallet: &Wallet, session: &Session, bet: &Value, pick: Pick, face: u8) -> Report {
    let mut calls = Vec::new();
    wallet.call("/transaction/bet", bet, TRIES, &mut calls).await;
    match outcome(&calls) {
        "RS_OK" => {}
        "RS_ERROR_NOT_ENOUGH_MONEY" => return Report::of("Your balance does not cover this stake.", calls),
        "RS_ERROR_LIMIT_REACHED" => return Report::of("A limit of yours does not allow this stake.", calls),
        other => {
            let note = format!("The bet was refused ({other}) and rolled back.");
            wallet.call("/transaction/rollback", &rollback(bet), ROLLBACK_TRIES, &mut calls).await;
            return Report::of(note, calls);
        }
    }
    let stake = bet.get("amount").and_then(Value::as_i64).unwrap_or_default();
    let won = pick.winnings(stake, face);
    wallet.call("/transaction/win", &win(session, bet, won), TRIES, &mut calls).await;
    let note = match outcome(&calls) {
        "RS_OK" if won > 0 => "You win!".to_owned(),
        "RS_OK" => "Not this time.".to_owned(),
        other => format!("The win was not accepted: {other}."),
    };
    Report { face: Some(face), won: Some(won), ..Report::of(note, calls) }
}

/// Sends a bet again, as a network would: the wallet must answer as before and move nothing.
pub(super) async fn repeat(wallet: &Wallet, bet: &Value) -> Report {
    let mut calls = Vec::new();
    wallet.call("/transaction/bet", bet, 1, &mut calls).await;
    let note = match outcome(&calls) {
        "RS_OK" => "The same bet, sent again: answered as the first time, and no money moved.".to_owned(),
        other => format!("The same bet, sent again: {other}."),
    };
    // A repeat is answered with the balance of its first time, so the present one is asked for.
    wallet.call("/user/balance", &balance(bet), 1, &mut calls).await;
    Report::of(note, calls)
}

/// Undoes a bet, as often as the button is pressed.
pub(super) async fn roll_back(wallet: &Wallet, bet: &Value) -> Report {
    let mut calls = Vec::new();
    wallet.call("/transaction/rollback", &rollback(bet), 1, &mut calls).await;
    let note = match outcome(&calls) {
        "RS_OK" => "The last bet is rolled back. Doing so again changes nothing.".to_owned(),
        other => format!("The rollback was not accepted: {other}."),
    };
    Report::of(note, calls)
}

fn win(session: &Session, bet: &Value, won: i64) -> Value {
    json!({
        "user": session.user,
        "token": session.token,
        "transaction_uuid": fresh_uuid(),
        "reference_transaction_uuid": bet.get("transaction_uuid"),
        "round": bet.get("round"),
        "round_closed": true,
        "game_code": session.game.code,
        "currency": session.currency,
        "amount": won,
        "is_free": false,
    })
}

fn balance(bet: &Value) -> Value {
    json!({
        "user": bet.get("user"),
        "token": bet.get("token"),
        "game_code": bet.get("game_code"),
    })
}

fn rollback(bet: &Value) -> Value {
    json!({
        "user": bet.get("user"),
        "token": bet.get("token"),
        "transaction_uuid": fresh_uuid(),
        "reference_transaction_uuid": bet.get("transaction_uuid"),
        "round": bet.get("round"),
        "round_closed": true,
        "game_code": bet.get("game_code"),
    })
}

/// How the newest call ended.
fn outcome(calls: &[Call]) -> &str {
    calls.last().and_then(Call::status).unwrap_or("no answer")
}

impl Report {
    fn of(note: impl Into<String>, calls: Vec<Call>) -> Self {
        let balance = calls.iter().rev().find_map(Call::balance);
        Self { note: note.into(), face: None, won: None, balance, calls }
    }
}
