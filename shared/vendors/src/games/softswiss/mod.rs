//! `SoftSwiss`' game aggregator, provider API v2: signed JSON, several movements at once, outcomes in `api_code`.

mod catalogue;
mod launch;
mod render;
mod wire;

#[cfg(test)]
mod tests;

use std::time::Duration;

use serde::Deserialize;
use url::Url;

use crate::call::{self, Authentic, CallFailure, InboundAnswer, OutboundCall, RawCall, Reply};
use crate::games::{
    CatalogueGame, DemoLaunch, DemoLauncher, GameAnswer, GameCatalogue, GameLauncher, GameRequest,
    GameWallet, Launch, ListedGame, Rejection, request_sign,
};
use crate::keys::Keys;
use crate::proof::Unauthentic;

/// The name of `SoftSwiss`' transactions in the ledger.
pub const INTEGRATION: &str = "softswiss";

/// `SoftSwiss`' part of the vendors' settings.
#[derive(Clone, Deserialize)]
pub struct Settings {
    /// Who we are to `SoftSwiss`.
    pub casino_id: String,
    /// The shared secret: one, or several while a new one is phased in. The first signs our calls.
    pub secret: Keys,
    /// Where our calls go.
    pub base_url: String,
    /// The games to offer.
    #[serde(default)]
    pub catalogue: Vec<CatalogueGame>,
}

/// Why `SoftSwiss`' settings are of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Nobody is named.
    #[error("games.softswiss.casino_id must not be empty")]
    CasinoId,
    /// There is no secret, or an empty one.
    #[error("games.softswiss.secret must hold secrets, none of them empty")]
    Secret,
    /// The base URL is none.
    #[error("games.softswiss.base_url must be an http or https URL")]
    BaseUrl,
}

/// `SoftSwiss`, as configured.
pub struct SoftSwiss {
    casino_id: String,
    secrets: Vec<Vec<u8>>,
    /// The secret that signs our calls.
    our_secret: Vec<u8>,
    endpoints: Endpoints,
}

struct Endpoints {
    real: Url,
    demo: Url,
    games: Url,
}

impl SoftSwiss {
    /// Reads the settings, once.
    pub fn new(settings: &Settings) -> Result<Self, SettingsError> {
        let secrets = settings.secret.text().ok_or(SettingsError::Secret)?;
        let endpoint = |path| call::endpoint(&settings.base_url, path).ok_or(SettingsError::BaseUrl);
        Ok(Self {
            casino_id: Some(settings.casino_id.clone())
                .filter(|id| !id.is_empty())
                .ok_or(SettingsError::CasinoId)?,
            our_secret: secrets.first().cloned().ok_or(SettingsError::Secret)?,
            secrets,
            endpoints: Endpoints {
                real: endpoint(launch::REAL_PATH)?,
                demo: endpoint(launch::DEMO_PATH)?,
                games: endpoint(catalogue::PATH)?,
            },
        })
    }
}

impl GameWallet for SoftSwiss {
    fn integration(&self) -> &'static str {
        INTEGRATION
    }

    fn verify<'a>(&self, call: RawCall<'a>) -> Result<Authentic<'a>, Unauthentic> {
        request_sign::verify(call, &self.secrets, call.body)
    }

    fn parse(&self, call: &Authentic<'_>) -> Result<GameRequest, Rejection> {
        wire::request(call.call())
    }

    fn render(&self, request: &GameRequest, answer: &GameAnswer) -> Reply {
        render::answer(request, answer)
    }

    fn render_rejection(&self, _call: RawCall<'_>, rejection: &Rejection) -> Reply {
        render::rejection(rejection)
    }

    /// `SoftSwiss` waits for 15 seconds.
    fn deadline(&self) -> Duration {
        Duration::from_secs(12)
    }
}

impl GameLauncher for SoftSwiss {
    fn launch_call(&self, launch: &Launch) -> Result<OutboundCall, CallFailure> {
        launch::real(self, launch)
    }

    fn launch_url(&self, answer: &InboundAnswer) -> Result<String, CallFailure> {
        launch::url(answer)
    }

    fn demos(&self) -> Option<&dyn DemoLauncher> {
        Some(self)
    }

    fn listing(&self) -> Option<&dyn GameCatalogue> {
        Some(self)
    }
}

impl DemoLauncher for SoftSwiss {
    fn demo_call(&self, demo: &DemoLaunch) -> Result<OutboundCall, CallFailure> {
        launch::demo(self, demo)
    }
}

impl GameCatalogue for SoftSwiss {
    fn catalogue_call(&self) -> Result<OutboundCall, CallFailure> {
        Ok(catalogue::call(self))
    }

    fn catalogue(&self, answer: &InboundAnswer) -> Result<Vec<ListedGame>, CallFailure> {
        catalogue::games(answer)
    }
}
