//! __Name__: signed JSON over `POST`, one movement a call, outcomes in `status`.
//!
//! This is where every vendor begins: a plain protocol that works. Make it say what __Name__'s documents say.

mod launch;
mod render;
mod wire;

use std::time::Duration;

use serde::Deserialize;
use url::Url;

use crate::call::{self, Authentic, CallFailure, InboundAnswer, OutboundCall, RawCall, Reply};
use crate::games::{
    CatalogueGame, GameAnswer, GameLauncher, GameRequest, GameWallet, Launch, Rejection, request_sign,
};
use crate::keys::Keys;
use crate::proof::Unauthentic;

/// The name of __Name__'s transactions in the ledger.
pub const INTEGRATION: &str = "__name__";

/// __Name__'s part of the vendors' settings.
#[derive(Clone, Deserialize)]
pub struct Settings {
    /// The shared secret: one, or several while a new one is phased in. The first signs our calls.
    pub secret: Keys,
    /// Where our calls go.
    pub base_url: String,
    /// The games to offer.
    #[serde(default)]
    pub catalogue: Vec<CatalogueGame>,
}

/// Why __Name__'s settings are of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// There is no secret, or an empty one.
    #[error("games.__name__.secret must hold secrets, none of them empty")]
    Secret,
    /// The base URL is none.
    #[error("games.__name__.base_url must be an http or https URL")]
    BaseUrl,
}

/// __Name__, as configured.
pub struct __Name__ {
    secrets: Vec<Vec<u8>>,
    /// The secret that signs our calls.
    our_secret: Vec<u8>,
    launcher: Url,
}

impl __Name__ {
    /// Reads the settings, once.
    pub fn new(settings: &Settings) -> Result<Self, SettingsError> {
        let secrets = settings.secret.text().ok_or(SettingsError::Secret)?;
        Ok(Self {
            our_secret: secrets.first().cloned().ok_or(SettingsError::Secret)?,
            secrets,
            launcher: call::endpoint(&settings.base_url, launch::PATH).ok_or(SettingsError::BaseUrl)?,
        })
    }
}

impl GameWallet for __Name__ {
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

    /// How long __Name__ waits, less a second for the way.
    fn deadline(&self) -> Duration {
        Duration::from_secs(4)
    }
}

impl GameLauncher for __Name__ {
    fn launch_call(&self, launch: &Launch) -> Result<OutboundCall, CallFailure> {
        launch::call(self, launch)
    }

    fn launch_url(&self, answer: &InboundAnswer) -> Result<String, CallFailure> {
        launch::url(answer)
    }
}
