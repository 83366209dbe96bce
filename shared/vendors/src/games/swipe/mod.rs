//! Swipe Games' public API: signed canonical JSON, one movement at a time, errors by HTTP status and `code`.

mod catalogue;
mod free_rounds;
mod launch;
mod render;
mod signing;
mod wire;

#[cfg(test)]
mod tests;

use std::time::Duration;

use domain::ids::FreeRoundsId;
use serde::Deserialize;
use url::Url;
use uuid::Uuid;

use crate::call::{self, Authentic, CallFailure, InboundAnswer, OutboundCall, RawCall, Reply};
use crate::games::{
    CatalogueGame, DemoLaunch, DemoLauncher, FreeRounds, GameAnswer, GameCatalogue, GameLauncher,
    GameRequest, GameWallet, Gift, Launch, ListedGame, NoGift, Rejection, Revocation, Revoked,
};
use crate::keys::Keys;
use crate::proof::Unauthentic;

/// The name of Swipe Games' transactions in the ledger.
pub const INTEGRATION: &str = "swipe";

/// Swipe Games' part of the vendors' settings.
#[derive(Clone, Deserialize)]
pub struct Settings {
    /// Who we are to Swipe Games: the id they gave us, a UUID.
    pub cid: String,
    /// Which of our casinos it is, by our own name for it.
    pub ext_cid: String,
    /// The key that signs our calls.
    pub api_key: String,
    /// The key that signs theirs: one, or several while a new one is phased in.
    pub integration_api_key: Keys,
    /// Where our calls go.
    pub base_url: String,
    /// The games to offer.
    #[serde(default)]
    pub catalogue: Vec<CatalogueGame>,
}

/// Why Swipe Games' settings are of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The client's id is none.
    #[error("games.swipe.cid must be a UUID")]
    Cid,
    /// The casino is not named.
    #[error("games.swipe.ext_cid must not be empty")]
    ExtCid,
    /// There is no key for our calls.
    #[error("games.swipe.api_key must not be empty")]
    ApiKey,
    /// There is no key for their calls, or an empty one.
    #[error("games.swipe.integration_api_key must hold keys, none of them empty")]
    IntegrationApiKey,
    /// The base URL is none.
    #[error("games.swipe.base_url must be an http or https URL")]
    BaseUrl,
}

/// Swipe Games, as configured.
pub struct Swipe {
    client: Client,
    api_key: Vec<u8>,
    their_keys: Vec<Vec<u8>>,
    endpoints: Endpoints,
}

/// Who we are to Swipe Games.
struct Client {
    cid: String,
    ext_cid: String,
}

struct Endpoints {
    new_game: Url,
    games: Url,
    free_rounds: Url,
}

impl Swipe {
    /// Reads the settings, once.
    pub fn new(settings: &Settings) -> Result<Self, SettingsError> {
        let endpoint = |path| call::endpoint(&settings.base_url, path).ok_or(SettingsError::BaseUrl);
        let cid = Uuid::try_parse(&settings.cid).map_err(|_| SettingsError::Cid)?.to_string();
        let named = |text: &String, error| if text.is_empty() { Err(error) } else { Ok(text.clone()) };
        Ok(Self {
            client: Client { cid, ext_cid: named(&settings.ext_cid, SettingsError::ExtCid)? },
            api_key: named(&settings.api_key, SettingsError::ApiKey)?.into_bytes(),
            their_keys: settings.integration_api_key.text().ok_or(SettingsError::IntegrationApiKey)?,
            endpoints: Endpoints {
                new_game: endpoint(launch::PATH)?,
                games: endpoint(catalogue::PATH)?,
                free_rounds: endpoint(free_rounds::PATH)?,
            },
        })
    }
}

impl GameWallet for Swipe {
    fn integration(&self) -> &'static str {
        INTEGRATION
    }

    fn verify<'a>(&self, call: RawCall<'a>) -> Result<Authentic<'a>, Unauthentic> {
        signing::verify(call, &self.their_keys)
    }

    fn parse(&self, call: &Authentic<'_>) -> Result<GameRequest, Rejection> {
        wire::request(call.call())
    }

    fn render(&self, _request: &GameRequest, answer: &GameAnswer) -> Reply {
        render::answer(answer)
    }

    fn render_rejection(&self, _call: RawCall<'_>, rejection: &Rejection) -> Reply {
        render::rejection(rejection)
    }

    /// Swipe Games waits for 5 seconds.
    fn deadline(&self) -> Duration {
        Duration::from_secs(4)
    }
}

impl GameLauncher for Swipe {
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

    fn free_rounds(&self) -> Option<&dyn FreeRounds> {
        Some(self)
    }
}

impl DemoLauncher for Swipe {
    fn demo_call(&self, demo: &DemoLaunch) -> Result<OutboundCall, CallFailure> {
        launch::demo(self, demo)
    }
}

impl GameCatalogue for Swipe {
    fn catalogue_call(&self) -> Result<OutboundCall, CallFailure> {
        catalogue::call(self)
    }

    fn catalogue(&self, answer: &InboundAnswer) -> Result<Vec<ListedGame>, CallFailure> {
        catalogue::games(answer)
    }

    /// The list is large, and takes Swipe Games up to 20 seconds.
    fn patience(&self) -> Duration {
        Duration::from_secs(30)
    }
}

impl FreeRounds for Swipe {
    /// Our id makes it happen once.
    fn gives_once(&self) -> bool {
        true
    }

    fn give_call(&self, gift: &Gift) -> Result<OutboundCall, NoGift> {
        free_rounds::give(self, gift)
    }

    fn given(&self, answer: &InboundAnswer) -> Result<Option<String>, CallFailure> {
        free_rounds::given(answer)
    }

    fn revocation(&self) -> Option<&dyn Revocation> {
        Some(self)
    }
}

impl Revocation for Swipe {
    fn revoke_call(&self, id: FreeRoundsId, _: Option<&str>) -> Result<OutboundCall, CallFailure> {
        free_rounds::cancel(self, &id.to_string())
    }

    fn revoked(&self, answer: &InboundAnswer) -> Result<Revoked, CallFailure> {
        free_rounds::cancelled(answer)
    }
}
