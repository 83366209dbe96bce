//! Sends money that may leave: pays approved withdrawals out, and approved refunds back. An order may come again, and
//! may come after the payout: the ledger knows what is still to be done, and a provider takes a payout's reference for
//! the same payout however often it is sent.

mod refund;
mod submit;
mod withdrawal;

use std::sync::Arc;

use edge::batch::{Consumer, Failure, Queue, Record, batch};
use edge::payments::{Bookkeeper, Providers};
use edge::{BoxError, Context, Destinations, Function, Outbound, Rotating, Settings, Stores};
use events::PayoutOrder;

/// Starts the function.
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let stores = Stores::new(&settings)?;
    let outbound = Outbound::of(&settings)?;
    Ok(batch(Payouts {
        bookkeeper: Bookkeeper::new(&stores, &settings)?,
        destinations: Destinations::new(&stores, &settings)?,
        providers: Rotating::start(&settings, move |all| Providers::all(&all.payments, outbound.clone()))
            .await?,
        context: settings.context().clone(),
    }))
}

struct Payouts {
    bookkeeper: Bookkeeper,
    destinations: Destinations,
    providers: Rotating<Providers>,
    context: Context,
}

impl Consumer for Payouts {
    type Source = Queue;
    type Content = PayoutOrder;

    fn read(&self, message: String) -> Result<PayoutOrder, BoxError> {
        order(&message)
    }

    async fn handle(&self, orders: Vec<Record<PayoutOrder>>) -> Vec<Failure> {
        let mut failures = Vec::new();
        for Record { id, content } in orders {
            if let Err(reason) = self.send(content).await {
                failures.push(Failure::new(id, reason));
            }
        }
        failures
    }
}

impl Payouts {
    /// Sends what is still to be sent of an order. An error means: unclear, the order must come again.
    async fn send(&self, order: PayoutOrder) -> Result<(), BoxError> {
        match order {
            PayoutOrder::Withdrawal { player_id, withdrawal_id } => self.pay(player_id, withdrawal_id).await,
            PayoutOrder::Refund { player_id, refund_id } => self.refund(player_id, refund_id).await,
        }
    }
}

fn order(message: &str) -> Result<PayoutOrder, BoxError> {
    Ok(serde_json::from_str(message)?)
}

#[cfg(test)]
mod tests {
    use edge::batch::Source;
    use serde_json::Value;

    use super::*;

    #[test]
    fn an_order_names_the_player_and_the_withdrawal() {
        let event: Value = serde_json::from_str(include_str!("../../../events/samples/payout.json")).unwrap();
        let message = Queue::read(event["Records"][0].clone()).unwrap();
        let order = order(&message).unwrap();
        let PayoutOrder::Withdrawal { player_id, withdrawal_id } = order else { panic!("{order:?}") };
        assert!(message.contains(&player_id.to_string()));
        assert!(message.contains(&withdrawal_id.to_string()));
    }

    #[test]
    fn an_order_names_the_player_and_the_refund() {
        let message = r#"{"player_id":"ply_01HZX3M2T9QK4V7W8Y6N5R1ABC","refund_id":"dep_01HZX3M2T9QK4V7W8Y6N5R1ABC-2"}"#;
        let order = order(message).unwrap();
        assert!(matches!(order, PayoutOrder::Refund { refund_id, .. } if refund_id.refund == 2));
        assert_eq!(serde_json::to_string(&order).unwrap(), message);
    }

    #[test]
    fn what_is_no_order_fails_alone() {
        for message in ["", "{}", "[]", r#"{"player_id":"ply_1","withdrawal_id":"wdr_1"}"#] {
            assert!(order(message).is_err(), "{message}");
        }
    }
}
