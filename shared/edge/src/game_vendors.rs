//! The game vendors, as far as their settings are given, and our calls to them.
//!
//! A vendor that fails again and again is left alone for a while: nobody waits for it, and it can recover.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::circuits::Rest;
use jiff::SignedDuration;
use vendors::call::CallFailure;
use vendors::games::{self, GameCatalogue, GameVendor, Launch, ListedGame};
use vendors::settings::Games;

use crate::{Context, Fortunes, Outbound};

/// After so many calls in a row without a clear answer a vendor is left alone.
const REST: Rest = Rest { failures: 3, rest_seconds: 30 };
/// The largest list of games that is read.
const LIST_MAX_BYTES: usize = 32 * 1024 * 1024;

/// The vendors, and the way to them.
pub struct GameVendors {
    ready: BTreeMap<&'static str, Box<dyn GameVendor>>,
    way: WayToGames,
}

/// How vendors are called. It outlives a change of their settings.
#[derive(Clone)]
pub struct WayToGames {
    outbound: Outbound,
    fortunes: Arc<Fortunes>,
    context: Context,
}

/// Leave to call a vendor once.
#[must_use]
pub struct Leave<'a> {
    vendor: &'a dyn GameVendor,
    way: &'a WayToGames,
}

/// Why a vendor is not called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotNow {
    /// It has no settings, or none that are of use.
    #[error("the vendor is not configured")]
    Unconfigured,
    /// It failed too often, and is left alone for so long.
    #[error("the vendor is left alone for {0:#}")]
    Resting(SignedDuration),
}

impl WayToGames {
    /// A way on which nothing has happened yet.
    #[must_use]
    pub fn new(outbound: Outbound, context: Context) -> Self {
        Self { outbound, fortunes: Arc::default(), context }
    }
}

impl GameVendors {
    /// All that are configured. One whose settings are of no use is left out: its trouble is its own.
    #[must_use]
    pub fn new(settings: &Games, way: WayToGames) -> Self {
        let (ready, broken) = games::configured(settings);
        for why in broken {
            tracing::error!(%why, "a game vendor is left out");
        }
        Self { ready, way }
    }

    /// The vendors that list their games, by name.
    pub fn that_list(&self) -> impl Iterator<Item = (&'static str, &dyn GameCatalogue)> {
        self.ready.iter().filter_map(|(name, vendor)| Some((*name, vendor.listing()?)))
    }

    /// Leave to call a vendor now.
    pub fn admit(&self, integration: &str) -> Result<Leave<'_>, NotNow> {
        let vendor = self.ready.get(integration).ok_or(NotNow::Unconfigured)?.as_ref();
        let now = self.way.context.now();
        self.way.fortunes.admit(integration, REST, now).map_err(NotNow::Resting)?;
        Ok(Leave { vendor, way: &self.way })
    }
}

impl Leave<'_> {
    /// A game's address.
    pub async fn launch_url(self, launch: &Launch) -> Result<String, CallFailure> {
        self.noted(self.open(launch).await)
    }

    /// The games that the vendor lists. What does not list is not asked.
    pub async fn list(self) -> Result<Vec<ListedGame>, CallFailure> {
        self.noted(self.read_list().await)
    }

    async fn open(&self, launch: &Launch) -> Result<String, CallFailure> {
        let answer = self.way.outbound.send(self.vendor.launch_call(launch)?).await?;
        self.vendor.launch_url(&answer)
    }

    async fn read_list(&self) -> Result<Vec<ListedGame>, CallFailure> {
        let listing =
            self.vendor.listing().ok_or_else(|| CallFailure::Refused("it lists no games".to_owned()))?;
        let outbound = self.way.outbound.clone().within(listing.patience(), LIST_MAX_BYTES);
        listing.catalogue(&outbound.send(listing.catalogue_call()?).await?)
    }

    fn noted<T>(&self, outcome: Result<T, CallFailure>) -> Result<T, CallFailure> {
        self.way.fortunes.note(self.vendor.integration(), &outcome, REST, self.way.context.now());
        outcome
    }
}
