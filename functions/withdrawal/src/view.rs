//! How a withdrawal looks to its player. Where it goes stays sealed.

use domain::withdrawal::{PayTo, Payout, Withdrawal};
use serde_json::{Value, json};

pub(crate) fn withdrawal(withdrawal: &Withdrawal) -> Value {
    let payouts: Vec<Value> = withdrawal.payouts.iter().map(payout).collect();
    json!({
        "withdrawal_id": withdrawal.id,
        "status": withdrawal.status.as_str(),
        "amount": withdrawal.amount.to_text(),
        "currency": withdrawal.amount.currency().code(),
        "method": withdrawal.method,
        "payouts": payouts,
        "requested_at": withdrawal.requested_at,
    })
}

/// One way that a part of it goes.
fn payout(payout: &Payout) -> Value {
    let to = match &payout.to {
        PayTo::Source { .. } | PayTo::Payment => "source",
        PayTo::BankAccount { .. } => "bank_account",
    };
    json!({"amount": payout.amount.to_text(), "to": to, "status": payout.status.as_str()})
}
