//! The game vendors that can be asked for a game's address, as far as their settings are given.

use std::collections::BTreeMap;

use edge::{Outbound, Problem};
use vendors::call::CallFailure;
use vendors::games::{self, GameVendor, Launch};
use vendors::settings::Games;

pub(crate) struct Vendors {
    ready: BTreeMap<&'static str, Box<dyn GameVendor>>,
    outbound: Outbound,
}

impl Vendors {
    pub(crate) fn new(settings: &Games, outbound: Outbound) -> Self {
        let (ready, broken) = games::configured(settings);
        for why in broken {
            tracing::error!(%why, "a vendor's games cannot be opened");
        }
        Self { ready, outbound }
    }

    /// Asks the vendor for the game's address. To the player every failure is the same: not now.
    pub(crate) async fn launch_url(&self, integration: &str, launch: &Launch) -> Result<String, Problem> {
        self.ask(integration, launch).await.map_err(|failure| {
            tracing::error!(integration, game = launch.game, error = %failure, "a game could not be opened");
            Problem::unavailable()
        })
    }

    async fn ask(&self, integration: &str, launch: &Launch) -> Result<String, CallFailure> {
        let vendor = self
            .ready
            .get(integration)
            .ok_or_else(|| CallFailure::Refused("the vendor is not configured".to_owned()))?;
        let answer = self.outbound.send(vendor.launch_call(launch)?).await?;
        vendor.launch_url(&answer)
    }
}
