//! How a withdrawal looks to its player. Where it goes stays sealed.

use domain::withdrawal::Withdrawal;
use serde_json::{Value, json};

pub(crate) fn withdrawal(withdrawal: &Withdrawal) -> Value {
    json!({
        "withdrawal_id": withdrawal.id,
        "status": withdrawal.status.as_str(),
        "amount": withdrawal.amount.to_text(),
        "currency": withdrawal.amount.currency().code(),
        "method": withdrawal.method,
        "requested_at": withdrawal.requested_at,
    })
}
