//! Refunds, as the staff's desk orders and sees them.

use serde_json::{Value, json};

use crate::{Answer, Call, Failure, Player, Staff, eventually};

/// Asks for a refund of a deposit: of an amount, or of all that may go back.
pub async fn ask_refund(
    staff: &Staff,
    deposit: &str,
    amount: Option<&str>,
    key: &str,
) -> Result<Answer, Failure> {
    let body = json!({"amount": amount, "reason": "the player asked for it"});
    staff.send(Call::post(format!("/v1/ops/deposits/{deposit}/refunds")).once(key).json(&body)).await
}

/// Says `approve` or `reject` to a refund.
pub async fn decide_refund(staff: &Staff, refund: &str, word: &str) -> Result<Answer, Failure> {
    let deposit = deposit_of(refund);
    let path = format!("/v1/ops/deposits/{deposit}/refunds/{refund}/{word}");
    staff.send(Call::post(path).json(&json!({}))).await
}

/// Says what becomes of money in quarantine: `credited` or `sent_back`.
pub async fn settle_quarantine(staff: &Staff, deposit: &str, outcome: &str) -> Result<Answer, Failure> {
    let body = json!({"outcome": outcome, "reason": "the player proved it"});
    staff.send(Call::post(format!("/v1/ops/deposits/{deposit}/quarantine")).json(&body)).await
}

/// A deposit as staff sees it.
pub async fn deposit_seen(staff: &Staff, deposit: &str) -> Result<Answer, Failure> {
    staff.get(&format!("/v1/ops/deposits/{deposit}")).await?.must(200)
}

/// Waits until a refund is in a state. Answers with the refund.
pub async fn refund_status(staff: &Staff, refund: &str, status: &str) -> Result<Value, Failure> {
    eventually(&format!("{refund} becomes {status}"), || async {
        let seen = deposit_seen(staff, deposit_of(refund)).await?;
        let refunds = seen.body.get("refunds").and_then(Value::as_array).into_iter().flatten();
        let is_it = |it: &&Value| it["refund_id"] == refund && it["status"] == status;
        Ok(refunds.clone().find(is_it).cloned())
    })
    .await
}

/// What a player's statement tells of a refund or a deposit, oldest first: each line's type and amount.
pub async fn told_of(player: &Player, reference: &str) -> Result<Vec<String>, Failure> {
    let text =
        |line: &Value, name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let statement = player.statement().await?;
    let about = statement.iter().rev().filter(|it| text(it, "reference") == reference);
    Ok(about.map(|it| format!("{} {}", text(it, "type"), text(it, "amount"))).collect())
}

fn deposit_of(refund: &str) -> &str {
    refund.split_once('-').map_or(refund, |(deposit, _)| deposit)
}
