//! Compares the books of all players with each other: the ledger with the balances, with what the stream delivered,
//! and with the figures that were counted. One number per currency says how far they are apart; it must be zero.

mod books;
mod figures;
mod finding;
mod movements;
mod pass;
pub mod settlement;
mod trail;

use std::sync::Arc;
use std::time::Duration;

use edge::{BoxError, Context, Function, Settings, metrics};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

pub use books::Books;
pub use finding::Finding;
pub use pass::{Pass, Scope, Terms};

/// How many differences one call logs at most; all of them are counted.
const LOGGED_MOST: u64 = 200;

/// Starts the function.
#[expect(clippy::unused_async, reason = "every function starts the same way")]
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let seconds: u64 = settings.get("RECONCILE_BUDGET_SECONDS")?.parse()?;
    Ok(Arc::new(Reconcile {
        books: Books::open(&settings)?,
        recent: Terms::of(&settings, Scope::Recent)?,
        full: Terms::of(&settings, Scope::Full)?,
        budget: Duration::from_secs(seconds),
        name: settings.find("AWS_LAMBDA_FUNCTION_NAME").unwrap_or("reconcile").to_owned(),
        context: settings.context().clone(),
    }))
}

struct Reconcile {
    books: Books,
    recent: Terms,
    full: Terms,
    /// How long one call may go on before it leaves the rest to the next.
    budget: Duration,
    name: String,
    context: Context,
}

/// What the schedule says.
#[derive(Deserialize)]
struct Order {
    scope: Scope,
}

impl Function for Reconcile {
    fn invoke(&self, event: Value) -> BoxFuture<'_, Result<Value, BoxError>> {
        async move {
            let order: Order = serde_json::from_value(event)?;
            let pass = self.run(order.scope).await?;
            Ok(json!({
                "done": pass.done, "players": pass.players, "entries": pass.entries,
                "findings": pass.findings, "drift": pass.drift,
            }))
        }
        .boxed()
    }
}

impl Reconcile {
    /// Takes up the pass where the last call left it, or begins the next, and goes on as long as there is time.
    async fn run(&self, scope: Scope) -> Result<Pass, BoxError> {
        let deadline = Instant::now() + self.budget;
        let whose = scope.bookmark();
        let mut place = self.books.kpis().bookmark(whose).await?;
        let mut pass = self.take_up(scope, place.as_deref())?;
        let mut logged = 0;
        while !pass.done && Instant::now() < deadline {
            for finding in self.books.advance(&mut pass).await? {
                logged += 1;
                if logged <= LOGGED_MOST {
                    tracing::error!(%finding, currency = finding.currency, "the books differ");
                }
            }
            let next = serde_json::to_string(&pass)?;
            if !self.books.kpis().move_bookmark(whose, place.as_deref(), &next).await? {
                return Err("another call is on the same pass".into());
            }
            place = Some(next);
        }
        self.report(&pass);
        Ok(pass)
    }

    /// A pass that is not through goes on; an old one that no longer reads, as after an update, is given up.
    fn take_up(&self, scope: Scope, place: Option<&str>) -> Result<Pass, BoxError> {
        let kept = place.and_then(|place| serde_json::from_str::<Pass>(place).ok()).filter(|pass| !pass.done);
        let terms = match scope {
            Scope::Recent => self.recent,
            Scope::Full => self.full,
        };
        kept.map_or_else(|| Pass::begin(terms, self.context.now()), Ok)
    }

    fn report(&self, pass: &Pass) {
        let now = self.context.now();
        for (currency, drift) in &pass.drift {
            metrics::report(&self.name, Some(("Currency", currency)), &[("Drift", *drift)], now);
        }
        let completed = u64::from(pass.done);
        metrics::report(&self.name, None, &[("Completed", completed), ("Players", pass.players)], now);
        tracing::info!(
            scope = ?pass.scope, done = pass.done, players = pass.players, entries = pass.entries,
            findings = pass.findings, "reconciled"
        );
    }
}

#[cfg(test)]
mod tests;
