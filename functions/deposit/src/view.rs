//! How a deposit looks to its player.

use domain::Timestamp;
use domain::deposit::{Deposit, DepositStatus};
use serde_json::{Value, json};

pub(crate) fn deposit(deposit: &Deposit, now: Timestamp) -> Value {
    let status = status(deposit, now);
    let mut view = json!({
        "deposit_id": deposit.id,
        "status": status.as_str(),
        "amount": deposit.amount.to_text(),
        "currency": deposit.amount.currency().code(),
        "method": deposit.method,
        "requested_at": deposit.requested_at,
        "expires_at": deposit.expires_at,
    });
    // Who came back without having paid may go on.
    if let (DepositStatus::Pending, Some(url), Some(view)) =
        (status, &deposit.redirect_url, view.as_object_mut())
    {
        view.insert("redirect_url".to_owned(), json!(url));
    }
    view
}

/// Nobody tells us that a page was never paid on: its time tells. Money that has arrived does not expire.
fn status(deposit: &Deposit, now: Timestamp) -> DepositStatus {
    let unpaid = matches!(deposit.status, DepositStatus::Created | DepositStatus::Pending);
    if unpaid && deposit.expires_at <= now { DepositStatus::Expired } else { deposit.status }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(status: DepositStatus, now: &str) -> Value {
        let it = Deposit {
            id: "dep_01HZX3M2T9QK4V7W8Y6N5R1ABC".parse().unwrap(),
            amount: "50 EUR".parse().unwrap(),
            method: "card".to_owned(),
            attested: false,
            vendor: "adyen".to_owned(),
            return_url: "https://casino.example/".to_owned(),
            status,
            redirect_url: Some("https://pay.example/1".to_owned()),
            psp_reference: Some("PL1".to_owned()),
            instrument: None,
            received: None,
            gone_back: None,
            charged_back: None,
            refunds: Vec::new(),
            requested_at: "2026-11-23T10:00:00Z".parse().unwrap(),
            expires_at: "2026-11-23T11:00:00Z".parse().unwrap(),
        };
        deposit(&it, now.parse().unwrap())
    }

    #[test]
    fn an_unpaid_page_runs_out() {
        let open = seen(DepositStatus::Pending, "2026-11-23T10:59:59Z");
        assert_eq!(open["status"], "pending");
        assert_eq!(open["amount"], "50.00");
        assert_eq!(open["redirect_url"], "https://pay.example/1");
        let late = seen(DepositStatus::Pending, "2026-11-23T11:00:00Z");
        assert_eq!(late["status"], "expired");
        assert_eq!(late.get("redirect_url"), None);
    }

    #[test]
    fn money_that_arrived_does_not_run_out() {
        let late = "2026-11-24T00:00:00Z";
        assert_eq!(seen(DepositStatus::Authorised, late)["status"], "authorised");
        assert_eq!(seen(DepositStatus::Completed, late)["status"], "completed");
        let quarantined = seen(DepositStatus::Quarantined, late);
        assert_eq!(quarantined["status"], "pending", "staff decides, the player waits");
        assert_eq!(quarantined.get("redirect_url"), None, "nobody should pay twice");
    }
}
