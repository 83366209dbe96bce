//! Evolution's One Wallet for licensees: JSON with a shared token in the query, every outcome in HTTP 200.

mod launch;
mod render;
mod wire;

#[cfg(test)]
mod tests;

use std::time::Duration;

use domain::ids::PlayerId;
use serde::Deserialize;
use url::{Url, form_urlencoded};

use crate::call::{self, Authentic, CallFailure, InboundAnswer, OutboundCall, RawCall, Reply};
use crate::games::rotation::Rotation;
use crate::games::{
    CatalogueGame, GameAnswer, GameLauncher, GameRequest, GameWallet, Launch, Rejection, RoundDetails,
    RoundPage,
};
use crate::keys::Keys;
use crate::proof::{self, Unauthentic};

/// The name of Evolution's transactions in the ledger.
pub const INTEGRATION: &str = "evolution";

const TOKEN_PARAMETER: &str = "authToken";

/// Evolution's part of the vendors' settings.
#[derive(Clone, Deserialize)]
pub struct Settings {
    /// Who we are to Evolution.
    pub casino_key: String,
    /// What proves it.
    pub casino_token: String,
    /// What Evolution shows us: one token, or several while a new one is phased in.
    pub auth_token: Keys,
    /// The key that session tokens are rotated with, 32 bytes or more in hexadecimal. Known to nobody else.
    pub session_key_hex: String,
    /// Where our calls go.
    pub base_url: String,
    /// The tables to offer.
    #[serde(default)]
    pub catalogue: Vec<CatalogueGame>,
}

/// Why Evolution's settings are of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The casino's key or token is empty or cannot stand in an address or a header.
    #[error("games.evolution.casino_key and casino_token must be plain texts")]
    Casino,
    /// There is no token, or one is empty.
    #[error("games.evolution.auth_token must hold one or more tokens")]
    AuthToken,
    /// The key is misspelt or short.
    #[error("games.evolution.session_key_hex must hold 32 bytes or more in hexadecimal")]
    SessionKey,
    /// The base URL is none.
    #[error("games.evolution.base_url must be an http or https URL")]
    BaseUrl,
}

/// Evolution, as configured.
pub struct Evolution {
    casino_key: String,
    casino_token: String,
    auth_tokens: Vec<Vec<u8>>,
    rotation: Rotation,
    base_url: String,
    launch_endpoint: Url,
    details_endpoint: Url,
}

impl Evolution {
    /// Reads the secrets, once.
    pub fn new(settings: &Settings) -> Result<Self, SettingsError> {
        let Settings { casino_key, casino_token, base_url, .. } = settings;
        if !(call::is_plain_id(casino_key) && call::is_plain_id(casino_token)) {
            return Err(SettingsError::Casino);
        }
        Ok(Self {
            casino_key: casino_key.clone(),
            casino_token: casino_token.clone(),
            auth_tokens: settings.auth_token.text().ok_or(SettingsError::AuthToken)?,
            rotation: Rotation::new(&settings.session_key_hex).ok_or(SettingsError::SessionKey)?,
            base_url: base_url.clone(),
            launch_endpoint: launch::endpoint(base_url, casino_key, casino_token)
                .ok_or(SettingsError::BaseUrl)?,
            details_endpoint: launch::details_endpoint(base_url).ok_or(SettingsError::BaseUrl)?,
        })
    }
}

impl GameWallet for Evolution {
    fn integration(&self) -> &'static str {
        INTEGRATION
    }

    fn verify<'a>(&self, call: RawCall<'a>) -> Result<Authentic<'a>, Unauthentic> {
        let (_, shown) = form_urlencoded::parse(call.query.as_bytes())
            .find(|(name, _)| name == TOKEN_PARAMETER)
            .ok_or(Unauthentic)?;
        proof::shared_token(call, &self.auth_tokens, shown.as_bytes())
    }

    fn parse(&self, call: &Authentic<'_>) -> Result<GameRequest, Rejection> {
        wire::request(call.call(), &self.rotation)
    }

    fn render(&self, request: &GameRequest, answer: &GameAnswer) -> Reply {
        render::answer(request, answer)
    }

    fn render_rejection(&self, call: RawCall<'_>, rejection: &Rejection) -> Reply {
        render::rejection(call, rejection)
    }

    fn deadline(&self) -> Duration {
        Duration::from_millis(1500)
    }
}

impl GameLauncher for Evolution {
    fn launch_call(&self, launch: &Launch) -> Result<OutboundCall, CallFailure> {
        launch::call(self, launch)
    }

    fn launch_url(&self, answer: &InboundAnswer) -> Result<String, CallFailure> {
        launch::url(self, answer)
    }

    fn round_details(&self) -> Option<&dyn RoundDetails> {
        Some(self)
    }
}

impl RoundDetails for Evolution {
    fn round_call(&self, _player: PlayerId, round: &str) -> Result<OutboundCall, CallFailure> {
        Ok(launch::details_call(self, round))
    }

    fn round_page(&self, answer: &InboundAnswer) -> Result<RoundPage, CallFailure> {
        launch::details(answer).map(RoundPage::Html)
    }
}
