//! Pays approved withdrawals out. An order may come again, and may come after the payout: the ledger knows what is
//! still to be done, and a provider takes a payout's reference for the same payout however often it is sent.

mod submit;

use std::sync::Arc;

use edge::batch::{Consumer, Failure, Queue, Record, batch};
use edge::payments::{Bookkeeper, Providers};
use edge::{BoxError, Context, Destinations, Function, Outbound, Rotating, Settings, Stores};
use events::PayoutOrder;

/// Starts the function.
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let stores = Stores::new(&settings)?;
    let outbound = Outbound::new()?;
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
            if let Err(reason) = self.pay(content).await {
                failures.push(Failure::new(id, reason));
            }
        }
        failures
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
        assert!(message.contains(&order.player_id.to_string()));
        assert!(message.contains(&order.withdrawal_id.to_string()));
    }

    #[test]
    fn what_is_no_order_fails_alone() {
        for message in ["", "{}", "[]", r#"{"player_id":"ply_1","withdrawal_id":"wdr_1"}"#] {
            assert!(order(message).is_err(), "{message}");
        }
    }
}
