//! The catalogue's sync: asks each vendor that lists its games for the list, and writes down what it says of them.
//!
//! What we decided on a game is never touched. A new game is known and not offered, one that the vendor takes away is
//! offered to nobody until it comes back.

mod take_over;

use std::sync::Arc;
use std::time::Duration;

use domain::catalogue::{Implausible, VendorList};
use edge::metrics::Metrics;
use edge::{BoxError, Context, Function, GameVendors, NotNow, Rotating, Settings, Stores};
use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Catalogue, Outage};
use vendors::call::CallFailure;
use vendors::games::ListedGame;

/// Starts the function.
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let stores = Stores::new(&settings)?;
    Ok(Arc::new(CatalogueSync {
        catalogue: stores.catalogue()?,
        vendors: GameVendors::start(&settings).await?,
        metrics: Metrics::new(&settings),
        context: settings.context().clone(),
    }))
}

struct CatalogueSync {
    catalogue: Catalogue,
    vendors: Rotating<GameVendors>,
    metrics: Metrics,
    context: Context,
}

/// What whoever starts it may say. The clock says nothing.
#[derive(Default, Deserialize)]
struct Order {
    /// The vendors whose lists are meant, however small they have become.
    #[serde(default)]
    accept: Vec<String>,
}

/// What came of one vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
enum Outcome {
    /// Its list was taken over.
    Synced(Tally),
    /// It was asked a moment ago and wants to be left alone.
    TooSoon,
    /// Its list can hardly be meant. Nothing was changed.
    Implausible,
    /// It gave no list, or the list could not be taken over to its end.
    Failed,
}

/// What taking over a list came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
struct Tally {
    /// The games it names.
    listed: usize,
    /// The games written, of which so many are new.
    changed: usize,
    added: usize,
    /// Its lines that are of no use.
    skipped: usize,
}

/// Why a list was not taken over.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    NotNow(#[from] NotNow),
    #[error(transparent)]
    Vendor(#[from] CallFailure),
    #[error(transparent)]
    Implausible(#[from] Implausible),
    #[error(transparent)]
    Store(#[from] Outage),
}

impl Function for CatalogueSync {
    fn invoke(&self, event: Value) -> BoxFuture<'_, Result<Value, BoxError>> {
        self.sync(event).boxed()
    }
}

impl CatalogueSync {
    /// All vendors side by side: one's trouble does not keep back the others.
    async fn sync(&self, event: Value) -> Result<Value, BoxError> {
        let Order { accept } = serde_json::from_value(event)?;
        let vendors = self.vendors.current().await;
        let runs = vendors.that_list().map(|(integration, listing)| {
            let (vendors, interval) = (&vendors, listing.interval());
            let meant = accept.iter().any(|it| it == integration);
            async move { (integration, self.outcome(vendors, integration, interval, meant).await) }
        });
        let outcomes = join_all(runs.collect::<Vec<_>>()).await;
        if outcomes.is_empty() {
            self.metrics.report(None, &[("Failed", 0)], self.context.now());
        }
        for (integration, outcome) in &outcomes {
            self.report(integration, outcome);
        }
        Ok(outcomes.into_iter().map(|(integration, it)| (integration.to_owned(), json!(it))).collect())
    }

    async fn outcome(
        &self,
        vendors: &GameVendors,
        integration: &str,
        interval: Duration,
        meant: bool,
    ) -> Outcome {
        match self.one(vendors, integration, interval, meant).await {
            Ok(Some(tally)) => Outcome::Synced(tally),
            Ok(None) => Outcome::TooSoon,
            Err(trouble) => {
                tracing::error!(integration, %trouble, "a vendor's list of games was not taken over");
                match trouble {
                    Trouble::Implausible(_) => Outcome::Implausible,
                    Trouble::NotNow(_) | Trouble::Vendor(_) | Trouble::Store(_) => Outcome::Failed,
                }
            }
        }
    }

    /// Asks one vendor and takes its list over; none if the vendor was asked too short a while ago, by whomever.
    async fn one(
        &self,
        vendors: &GameVendors,
        integration: &str,
        interval: Duration,
        meant: bool,
    ) -> Result<Option<Tally>, Trouble> {
        if !self.catalogue.may_ask(integration, interval, self.context.now()).await? {
            return Ok(None);
        }
        let listed = vendors.admit(integration)?.list().await?;
        let list = VendorList::new(integration, listed.into_iter().map(ListedGame::into_listing));
        let known = self.catalogue.games_of(integration).await?;
        if list.is_empty() || !meant {
            list.check(&known)?;
        }
        Ok(Some(self.take_over(&list, &known).await?))
    }

    fn report(&self, integration: &str, outcome: &Outcome) {
        let tally = if let Outcome::Synced(tally) = outcome { *tally } else { Tally::default() };
        let count = |number: usize| u64::try_from(number).unwrap_or_default();
        let is = |holds: bool| u64::from(holds);
        let measured = [
            ("Listed", count(tally.listed)),
            ("Changed", count(tally.changed)),
            ("Added", count(tally.added)),
            ("Skipped", count(tally.skipped)),
            ("Implausible", is(*outcome == Outcome::Implausible)),
            ("Failed", is(*outcome == Outcome::Failed)),
        ];
        self.metrics.report(Some(("Integration", integration)), &measured, self.context.now());
        tracing::info!(integration, ?outcome, "synced");
    }
}
