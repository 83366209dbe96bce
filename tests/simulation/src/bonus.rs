//! The operator's bonus engine, as far as the ledger sees it: bonus money is given and taken by the ordinary command,
//! under faults like any other. The platform has no route for it yet.

use std::sync::Arc;
use std::time::Duration;

use domain::adjustment::{Adjust, Cause};
use domain::{Command, EntryKey, Outcome};
use edge::{BoxError, Context, Function, Settings, Stores};
use serde::Deserialize;
use serde_json::{Value, json};
use store::Ledger;

const PATIENCE: Duration = Duration::from_secs(3);

/// Starts the engine.
pub(crate) fn start(settings: &Settings) -> Result<Arc<dyn Function>, BoxError> {
    let ledger = Stores::new(settings)?.ledger()?;
    Ok(Arc::new(Engine { ledger, context: settings.context().clone() }))
}

struct Engine {
    ledger: Ledger,
    context: Context,
}

#[derive(Deserialize)]
struct Order {
    player: String,
    tx: String,
    amount: String,
    given: bool,
}

impl Function for Engine {
    fn invoke(&self, event: Value) -> BoxFuture<'_> {
        Box::pin(async move {
            let order = event.get("body").and_then(Value::as_str).unwrap_or_default();
            let status = self.carry_out(&serde_json::from_str(order)?).await?;
            Ok(json!({"statusCode": status, "body": "{}"}))
        })
    }
}

type BoxFuture<'a> = std::pin::Pin<Box<dyn Future<Output = Result<Value, BoxError>> + Send + 'a>>;

impl Engine {
    async fn carry_out(&self, order: &Order) -> Result<u16, BoxError> {
        let command = Command::Adjust(Adjust {
            key: EntryKey::new("ops", order.tx.clone()),
            amount: order.amount.parse()?,
            cause: if order.given { Cause::BonusGranted } else { Cause::BonusForfeited },
            by: None,
        });
        let player = order.player.parse()?;
        Ok(match self.ledger.execute(player, &command, self.context.now(), PATIENCE).await {
            Ok(Outcome::Applied(_) | Outcome::Replayed(_)) => 200,
            Ok(Outcome::Refused { .. }) => 409,
            Err(_) => 503,
        })
    }
}
