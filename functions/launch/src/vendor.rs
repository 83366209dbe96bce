//! The game vendors that can be asked for a game's address, as far as their settings are given.

use std::collections::BTreeMap;

use edge::{BoxError, Outbound, Problem};
use vendors::call::CallFailure;
use vendors::games::hub88::{self, Hub88};
use vendors::games::{GameLauncher, Launch};
use vendors::settings::Games;

pub(crate) struct Vendors {
    launchers: BTreeMap<&'static str, Box<dyn GameLauncher>>,
    outbound: Outbound,
}

impl Vendors {
    pub(crate) fn new(settings: &Games, outbound: Outbound) -> Result<Self, BoxError> {
        let mut launchers: BTreeMap<&'static str, Box<dyn GameLauncher>> = BTreeMap::new();
        if let Some(settings) = &settings.hub88 {
            launchers.insert(hub88::INTEGRATION, Box::new(Hub88::new(settings)?));
        }
        Ok(Self { launchers, outbound })
    }

    /// Asks the vendor for the game's address. To the player every failure is the same: not now.
    pub(crate) async fn launch_url(&self, integration: &str, launch: &Launch) -> Result<String, Problem> {
        self.ask(integration, launch).await.map_err(|failure| {
            tracing::error!(integration, game = launch.game, error = %failure, "a game could not be opened");
            Problem::unavailable()
        })
    }

    async fn ask(&self, integration: &str, launch: &Launch) -> Result<String, CallFailure> {
        let launcher = self
            .launchers
            .get(integration)
            .ok_or_else(|| CallFailure::Refused("the vendor is not configured".to_owned()))?;
        let answer = self.outbound.send(launcher.launch_call(launch)?).await?;
        launcher.launch_url(&answer)
    }
}
