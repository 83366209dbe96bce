//! How a withdrawal looks to staff: everything but where the money goes, which is sealed.

use domain::ids::PlayerId;
use domain::withdrawal::{PayTo, Payout, PayoutReference, Withdrawal};
use serde_json::{Value, json};

/// How a player stands now: what a withdrawal was looked at for when it was asked for may have changed.
#[derive(Clone, Copy)]
pub(crate) struct Standing {
    /// Whether the player is known to be who they say.
    pub(crate) is_verified: bool,
    /// Whether there is an alert about the player that compliance has not seen to.
    pub(crate) is_alert_open: bool,
}

pub(crate) fn withdrawal(player: PlayerId, withdrawal: &Withdrawal, now: Standing) -> Value {
    let payouts: Vec<Value> = withdrawal.references().map(|(reference, it)| payout(reference, it)).collect();
    json!({
        "withdrawal_id": withdrawal.id,
        "player_id": player,
        "status": withdrawal.status.as_str(),
        "amount": withdrawal.amount.to_text(),
        "currency": withdrawal.amount.currency().code(),
        "method": withdrawal.method,
        "payouts": payouts,
        "has_destination": withdrawal.payouts.iter().any(|it| matches!(it.to, PayTo::BankAccount { .. })),
        "approvals_needed": withdrawal.review.approvals,
        "review_reasons": withdrawal.review.reasons,
        "shared_with": withdrawal.review.shared_with,
        "verified": now.is_verified,
        "open_alert": now.is_alert_open,
        "approved_by": withdrawal.approved_by,
        "decided_by": withdrawal.decided_by,
        "requested_at": withdrawal.requested_at,
    })
}

fn payout(reference: PayoutReference, payout: &Payout) -> Value {
    let to = match &payout.to {
        PayTo::Source { returns: true, .. } | PayTo::Payment => "source",
        PayTo::Source { returns: false, .. } => "own_source",
        PayTo::BankAccount { .. } => "bank_account",
    };
    json!({
        "reference": reference.to_string(),
        "amount": payout.amount.to_text(),
        "provider": payout.vendor,
        "to": to,
        "status": payout.status.as_str(),
        "psp_reference": payout.psp_reference,
    })
}

#[cfg(test)]
mod tests {
    use domain::cashier::{InstrumentFingerprint, Review, ReviewReason};
    use domain::withdrawal::WithdrawalStatus;

    use super::*;

    #[test]
    fn the_destination_is_told_of_but_not_told() {
        let player = "ply_01HZX3M2T9QK4V7W8Y6N5R1ABC".parse().unwrap();
        let to = PayTo::BankAccount {
            sealed: "c2VhbGVk".to_owned(),
            fingerprint: Some(InstrumentFingerprint::of_mac(&[0xf1; 32])),
        };
        let seen = withdrawal(
            player,
            &Withdrawal {
                id: "wdr_01HZX3M2T9QK4V7W8Y6N5R1ABC".parse().unwrap(),
                amount: "20 EUR".parse().unwrap(),
                method: "bank".to_owned(),
                payouts: vec![Payout::new("20 EUR".parse().unwrap(), "adyen", to)],
                status: WithdrawalStatus::Requested,
                review: Review {
                    approvals: 2,
                    reasons: vec![ReviewReason::Amount],
                    shared_with: vec![player],
                },
                approved_by: Vec::new(),
                decided_by: None,
                requested_at: "2026-11-23T10:00:00Z".parse().unwrap(),
            },
            Standing { is_verified: true, is_alert_open: false },
        );
        assert_eq!((&seen["amount"], &seen["approvals_needed"]), (&json!("20.00"), &json!(2)));
        assert_eq!(
            (&seen["payouts"][0]["to"], &seen["review_reasons"][0]),
            (&json!("bank_account"), &json!("amount"))
        );
        assert_eq!(seen["shared_with"], json!([player]));
        assert_eq!((&seen["verified"], &seen["open_alert"]), (&json!(true), &json!(false)));
        let seen = seen.to_string();
        assert!(!seen.contains("c2VhbGVk") && !seen.contains("f1f1"), "{seen}");
    }
}
