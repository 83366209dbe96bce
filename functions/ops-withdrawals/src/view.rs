//! How a withdrawal looks to staff: everything but where the money goes, which is sealed.

use domain::ids::PlayerId;
use domain::withdrawal::Withdrawal;
use serde_json::{Value, json};

pub(crate) fn withdrawal(player: PlayerId, withdrawal: &Withdrawal) -> Value {
    json!({
        "withdrawal_id": withdrawal.id,
        "player_id": player,
        "status": withdrawal.status.as_str(),
        "amount": withdrawal.amount.to_text(),
        "currency": withdrawal.amount.currency().code(),
        "method": withdrawal.method,
        "provider": withdrawal.vendor,
        "has_destination": withdrawal.destination.is_some(),
        "decided_by": withdrawal.decided_by,
        "psp_reference": withdrawal.psp_reference,
        "requested_at": withdrawal.requested_at,
    })
}

#[cfg(test)]
mod tests {
    use domain::withdrawal::WithdrawalStatus;

    use super::*;

    #[test]
    fn the_destination_is_told_of_but_not_told() {
        let player = "ply_01HZX3M2T9QK4V7W8Y6N5R1ABC".parse().unwrap();
        let seen = withdrawal(
            player,
            &Withdrawal {
                id: "wdr_01HZX3M2T9QK4V7W8Y6N5R1ABC".parse().unwrap(),
                amount: "20 EUR".parse().unwrap(),
                method: "bank".to_owned(),
                vendor: "adyen".to_owned(),
                destination: Some("c2VhbGVk".to_owned()),
                status: WithdrawalStatus::Requested,
                decided_by: None,
                psp_reference: None,
                told: None,
                requested_at: "2026-11-23T10:00:00Z".parse().unwrap(),
            },
        );
        assert_eq!(seen["amount"], "20.00");
        assert_eq!(seen["has_destination"], true);
        assert!(!seen.to_string().contains("c2VhbGVk"));
    }
}
