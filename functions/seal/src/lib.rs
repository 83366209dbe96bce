//! Seals the day: a Merkle root over the newest entries of all accounts, kept where nobody can change it. Whoever
//! holds an older root can prove what the ledger said then.

mod archive;
pub mod document;
pub mod tree;

use std::sync::Arc;

use domain::ids::PlayerId;
use edge::metrics::Metrics;
use edge::{BoxError, Context, Function, Settings, Stores};
use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::tz::Offset;
use serde_json::{Value, json};
use store::{Kpis, Ledger};

use archive::Archive;
use document::{leaves_key, root_key, seal};
use tree::Leaf;

/// How many accounts are read at once: what the store takes in a batch.
const ACCOUNTS_AT_ONCE: i32 = 100;

/// Starts the function.
#[expect(clippy::unused_async, reason = "every function starts the same way")]
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let stores = Stores::new(&settings)?;
    Ok(Arc::new(Seal {
        ledger: stores.ledger()?,
        roster: stores.kpis()?,
        archive: Archive::open(&settings)?,
        metrics: Metrics::new(&settings),
        context: settings.context().clone(),
    }))
}

struct Seal {
    ledger: Ledger,
    roster: Kpis,
    archive: Archive,
    metrics: Metrics,
    context: Context,
}

impl Function for Seal {
    /// The event says nothing: what is sealed is today, once.
    fn invoke(&self, _event: Value) -> BoxFuture<'_, Result<Value, BoxError>> {
        self.seal().boxed()
    }
}

impl Seal {
    async fn seal(&self) -> Result<Value, BoxError> {
        let today = Offset::UTC.to_datetime(self.context.now()).date();
        let previous = self.archive.newest().await?;
        if let Some(newest) = previous.filter(|newest| newest.date >= today) {
            tracing::info!(date = %newest.date, "sealed before");
            return Ok(json!({"date": newest.date, "sealed": false}));
        }
        let leaves = self.leaves().await?;
        let now = self.context.now();
        let files = seal(today, now, &leaves, previous)?;
        // The leaves first: a root that is there has all that it speaks of.
        self.archive.put(&leaves_key(today), files.leaves, false, now).await?;
        self.archive.put(&root_key(today), files.document, true, now).await?;
        self.metrics.report(None, &[("Sealed", files.root.count)], now);
        tracing::info!(date = %today, accounts = files.root.count, root = %files.root.root, "sealed");
        Ok(json!({"date": today, "sealed": true, "root": files.root.root, "count": files.root.count}))
    }

    /// Every account on the roster, by slice and player.
    async fn leaves(&self) -> Result<Vec<Leaf>, BoxError> {
        let mut leaves = Vec::new();
        let mut after: Option<PlayerId> = None;
        loop {
            let players = self.roster.roster(after, ACCOUNTS_AT_ONCE).await?;
            after = players.last().copied();
            if after.is_none() {
                return Ok(leaves);
            }
            leaves.extend(self.ledger.accounts(&players).await?.iter().map(Leaf::of));
        }
    }
}
