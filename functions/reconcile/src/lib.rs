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

use edge::metrics::Metrics;
use edge::{BoxError, Context, Function, Settings};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Deserialize;
use serde_json::{Value, json};
use store::Bookmark;
use tokio::time::Instant;

pub use books::Books;
pub use finding::Finding;
pub use pass::{Pass, Scope, Terms};

/// How many differences one call logs at most; all of them are counted.
const LOGGED_MOST: u64 = 200;
/// How much work may have to be done again: a pass carries the figures of all its days, too many to write them often.
const BETWEEN_BOOKMARKS: Duration = Duration::from_mins(1);

/// Starts the function.
#[expect(clippy::unused_async, reason = "every function starts the same way")]
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let seconds: u64 = settings.get("RECONCILE_BUDGET_SECONDS")?.parse()?;
    Ok(Arc::new(Reconcile {
        books: Books::open(&settings)?,
        recent: Terms::of(&settings, Scope::Recent)?,
        full: Terms::of(&settings, Scope::Full)?,
        budget: Duration::from_secs(seconds),
        metrics: Metrics::new(&settings),
        context: settings.context().clone(),
    }))
}

struct Reconcile {
    books: Books,
    recent: Terms,
    full: Terms,
    /// How long one call may go on before it leaves the rest to the next.
    budget: Duration,
    metrics: Metrics,
    context: Context,
}

/// What the schedule says.
#[derive(Deserialize)]
struct Order {
    scope: Scope,
    /// Whether a pass may begin. Else only one goes on that is not through.
    #[serde(default = "yes")]
    begins: bool,
}

fn yes() -> bool {
    true
}

impl Function for Reconcile {
    fn invoke(&self, event: Value) -> BoxFuture<'_, Result<Value, BoxError>> {
        async move {
            let order: Order = serde_json::from_value(event)?;
            let Some(pass) = self.run(&order).await? else { return Ok(json!({"done": true})) };
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
    /// None if there is nothing to do.
    async fn run(&self, order: &Order) -> Result<Option<Pass>, BoxError> {
        let deadline = Instant::now() + self.budget;
        let whose = order.scope.bookmark();
        let mut place = self.books.kpis().bookmark(whose).await?;
        let Some(mut pass) = self.take_up(order, place.as_ref())? else { return Ok(None) };
        let (mut logged, mut placed_at) = (0, Instant::now());
        loop {
            for finding in self.books.advance(&mut pass).await? {
                logged += 1;
                if logged <= LOGGED_MOST {
                    tracing::error!(%finding, currency = finding.currency, "the books differ");
                }
            }
            let is_over = pass.done || Instant::now() >= deadline;
            if is_over || placed_at.elapsed() >= BETWEEN_BOOKMARKS {
                let next = serde_json::to_string(&pass)?;
                let moved = self.books.kpis().move_bookmark(whose, place.as_ref(), next).await?;
                place = Some(moved.ok_or("another call is on the same pass")?);
                placed_at = Instant::now();
            }
            if is_over {
                self.report(&pass);
                return Ok(Some(pass));
            }
        }
    }

    /// A pass that is not through goes on; an old one that no longer reads, as after an update, is given up.
    fn take_up(&self, order: &Order, place: Option<&Bookmark>) -> Result<Option<Pass>, BoxError> {
        let read = place.and_then(|place| serde_json::from_str::<Pass>(&place.text).ok());
        let kept = read.filter(|pass| !pass.done);
        if kept.is_some() || !order.begins {
            return Ok(kept);
        }
        let terms = match order.scope {
            Scope::Recent => self.recent,
            Scope::Full => self.full,
        };
        Pass::begin(terms, self.context.now()).map(Some)
    }

    fn report(&self, pass: &Pass) {
        let now = self.context.now();
        for (currency, drift) in &pass.drift {
            self.metrics.report(Some(("Currency", currency)), &[("Drift", *drift)], now);
        }
        let measured = [("Completed", u64::from(pass.done)), ("Players", pass.players)];
        self.metrics.report(Some(("Scope", pass.scope.name())), &measured, now);
        tracing::info!(
            scope = ?pass.scope, done = pass.done, players = pass.players, entries = pass.entries,
            findings = pass.findings, "reconciled"
        );
    }
}

#[cfg(test)]
mod tests;
