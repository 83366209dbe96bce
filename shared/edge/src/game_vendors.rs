//! The game vendors, as far as their settings are given, and our calls to them.
//!
//! A vendor that fails again and again is left alone for a while: nobody waits for it, and it can recover.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::circuits::Rest;
use domain::ids::{FreeRoundsId, PlayerId};
use jiff::SignedDuration;
use store::Jitter;
use vendors::call::{CallFailure, InboundAnswer, OutboundCall};
use vendors::games::{
    self, DemoLaunch, DemoLauncher, FreeRounds, GameCatalogue, GameVendor, Launch, ListedGame, Revocation,
    Revoked, RoundDetails, RoundPage, Template, Templates,
};
use vendors::settings::Games;

use crate::{BoxError, Context, Fortunes, Outbound, Problem, Rotating, Settings};

/// After so many calls in a row without a clear answer a vendor is left alone.
const REST: Rest = Rest { failures: 3, rest_seconds: 30 };
/// The largest list of games that is read.
const LIST_MAX_BYTES: usize = 32 * 1024 * 1024;
/// The longest pause before a call is sent once more.
const PAUSE_MILLIS: u64 = 200;

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
    jitter: Jitter,
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

impl From<NotNow> for Problem {
    fn from(not_now: NotNow) -> Self {
        match not_now {
            NotNow::Unconfigured => Self::unavailable(),
            NotNow::Resting(rest) => Self::unavailable_for(rest.as_secs().saturating_add(1)),
        }
    }
}

impl WayToGames {
    /// A way on which nothing has happened yet.
    #[must_use]
    pub fn new(outbound: Outbound, context: Context) -> Self {
        let random = context.clone();
        let jitter = Jitter::new(move || u64::from_be_bytes(random.bytes()));
        Self { outbound, fortunes: Arc::default(), jitter, context }
    }
}

impl GameVendors {
    /// The vendors of a function's settings, as their secret says from time to time.
    pub async fn start(settings: &Settings) -> Result<Rotating<Self>, BoxError> {
        let way = WayToGames::new(Outbound::of(settings)?, settings.context().clone());
        Rotating::start(settings, move |all| Ok::<_, BoxError>(Self::new(&all.games, way.clone()))).await
    }

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

    /// A vendor, if it is configured.
    #[must_use]
    pub fn vendor(&self, integration: &str) -> Option<&dyn GameVendor> {
        self.ready.get(integration).map(AsRef::as_ref)
    }

    /// Leave to call a vendor now.
    pub fn admit(&self, integration: &str) -> Result<Leave<'_>, NotNow> {
        let vendor = self.vendor(integration).ok_or(NotNow::Unconfigured)?;
        let now = self.way.context.now();
        self.way.fortunes.admit(integration, REST, now).map_err(NotNow::Resting)?;
        Ok(Leave { vendor, way: &self.way })
    }
}

impl Leave<'_> {
    /// A game's address.
    pub async fn launch_url(self, launch: &Launch) -> Result<String, CallFailure> {
        self.noted(self.open(self.vendor.launch_call(launch)).await)
    }

    /// The address of a game to be tried out, at a vendor that offers it.
    pub async fn demo_url(self, demos: &dyn DemoLauncher, demo: &DemoLaunch) -> Result<String, CallFailure> {
        self.noted(self.open(demos.demo_call(demo)).await)
    }

    /// The games that the vendor lists. What does not list is not asked.
    pub async fn list(self) -> Result<Vec<ListedGame>, CallFailure> {
        self.noted(self.read_list().await)
    }

    /// What shows how a round went.
    pub async fn round_page(
        self,
        details: &dyn RoundDetails,
        player: PlayerId,
        round: &str,
    ) -> Result<RoundPage, CallFailure> {
        self.noted(match details.round_call(player, round) {
            Ok(call) => self.asked(call, |answer| details.round_page(answer)).await,
            Err(failure) => Err(failure),
        })
    }

    /// The templates that free rounds can follow.
    pub async fn templates(self, templates: &dyn Templates) -> Result<Vec<Template>, CallFailure> {
        self.noted(match templates.templates_call() {
            Ok(call) => self.sent(call).await.and_then(|answer| templates.templates(&answer)),
            Err(failure) => Err(failure),
        })
    }

    /// Gives free rounds, by the call that the vendor's module made of them: the vendor's id of what was given now.
    pub async fn give(
        self,
        free_rounds: &dyn FreeRounds,
        call: OutboundCall,
    ) -> Result<Option<String>, CallFailure> {
        self.noted(if free_rounds.gives_once() {
            self.asked(call, |answer| free_rounds.given(answer)).await
        } else {
            self.sent(call).await.and_then(|answer| free_rounds.given(&answer))
        })
    }

    /// Takes free rounds back, by our id of them or the vendor's.
    pub async fn revoke(
        self,
        revocation: &dyn Revocation,
        id: FreeRoundsId,
        reference: Option<&str>,
    ) -> Result<Revoked, CallFailure> {
        self.noted(match revocation.revoke_call(id, reference) {
            Ok(call) => self.asked(call, |answer| revocation.revoked(answer)).await,
            Err(failure) => Err(failure),
        })
    }

    async fn open(&self, call: Result<OutboundCall, CallFailure>) -> Result<String, CallFailure> {
        self.asked(call?, |answer| self.vendor.launch_url(answer)).await
    }

    async fn read_list(&self) -> Result<Vec<ListedGame>, CallFailure> {
        let listing =
            self.vendor.listing().ok_or_else(|| CallFailure::Refused("it lists no games".to_owned()))?;
        let outbound = self.way.outbound.clone().within(listing.patience(), LIST_MAX_BYTES);
        listing.catalogue(&outbound.send(listing.catalogue_call()?).await?)
    }

    async fn sent(&self, call: OutboundCall) -> Result<InboundAnswer, CallFailure> {
        self.way.outbound.send(call).await
    }

    /// Sends a call that may come twice, and sends it once more if the vendor did not get it or stumbled over it.
    async fn asked<T>(
        &self,
        call: OutboundCall,
        read: impl Fn(&InboundAnswer) -> Result<T, CallFailure>,
    ) -> Result<T, CallFailure> {
        match self.sent(call.clone()).await {
            Ok(answer) if answer.status < 500 => return read(&answer),
            _ => self.way.jitter.pause(PAUSE_MILLIS, 0).await,
        }
        read(&self.sent(call).await?)
    }

    fn noted<T>(&self, outcome: Result<T, CallFailure>) -> Result<T, CallFailure> {
        self.way.fortunes.note(self.vendor.integration(), &outcome, REST, self.way.context.now());
        outcome
    }
}
