//! Valkyrie's PAM API: an aggregator that calls our wallet on behalf of several providers. Bearer tokens, JSON.

mod found;
mod launch;
mod render;
mod transaction;
mod wire;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use http::header::AUTHORIZATION;
use serde::Deserialize;
use serde_json::Value;

use crate::call::{self, Authentic, CallFailure, InboundAnswer, OutboundCall, RawCall, Reply};
use crate::games::rotation::Rotation;
use crate::games::{CatalogueGame, GameAnswer, GameLauncher, GameRequest, GameWallet, Launch, Rejection};
use crate::keys::Keys;
use crate::proof::{self, Unauthentic};

/// The name of Valkyrie's transactions in the ledger.
pub const INTEGRATION: &str = "valkyrie";

/// Valkyrie's part of the vendors' settings.
#[derive(Clone, Deserialize)]
pub struct Settings {
    /// What Valkyrie shows us: one token, or several while a new one is phased in.
    pub api_token: Keys,
    /// The key that session tokens are rotated with, 32 bytes or more in hexadecimal. Known to nobody else.
    pub session_key_hex: String,
    /// The providers behind it that may call us, by the names that it calls them.
    pub providers: Vec<String>,
    /// What providers show in place of a player's token when they pay later what had failed, by their names: one
    /// token each, or several while a new one is phased in.
    #[serde(default)]
    pub recon_tokens: BTreeMap<String, Keys>,
    /// What providers are told at a launch beyond Valkyrie's own fields: an object each, by their names. In its texts
    /// `{game}`, `{lobby_url}` and `{device}` (`desktop` or `mobile`) stand for those of the launch.
    #[serde(default)]
    pub launch_config: BTreeMap<String, Value>,
    /// The language that sessions are said to be in, ISO 639-1: we do not remember the one that was chosen.
    #[serde(default = "english")]
    pub language: String,
    /// Where our calls go: Valkyrie's operator API.
    pub base_url: String,
    /// What we show there, if Valkyrie was told to ask for it.
    #[serde(default)]
    pub operator_api_key: Option<String>,
    /// The games to offer; their codes are `<provider>:<providerGameId>`.
    #[serde(default)]
    pub catalogue: Vec<CatalogueGame>,
}

/// Why Valkyrie's settings are of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// There is no token, or one is empty.
    #[error("games.valkyrie.api_token must hold one or more tokens")]
    ApiToken,
    /// The key is misspelt or short.
    #[error("games.valkyrie.session_key_hex must hold 32 bytes or more in hexadecimal")]
    SessionKey,
    /// No provider is named, or one by a name that no key can hold.
    #[error("games.valkyrie.providers must name one or more providers, in plain letters")]
    Providers,
    /// A token is empty, or that of a provider who is not named.
    #[error("games.valkyrie.recon_tokens must hold tokens of the providers that are named")]
    ReconTokens,
    /// What is told at a launch is no object, or that of a provider who is not named.
    #[error("games.valkyrie.launch_config must hold objects for the providers that are named")]
    LaunchConfig,
    /// The base URL is none.
    #[error("games.valkyrie.base_url must be an http or https URL")]
    BaseUrl,
    /// The key cannot stand in a header.
    #[error("games.valkyrie.operator_api_key must be a plain text, if it is there")]
    OperatorApiKey,
}

/// Valkyrie, as configured.
pub struct Valkyrie {
    api_tokens: Vec<Vec<u8>>,
    rotation: Rotation,
    providers: Vec<String>,
    recon_tokens: BTreeMap<String, Vec<Vec<u8>>>,
    launch_config: BTreeMap<String, Value>,
    language: String,
    base_url: String,
    operator_api_key: Option<String>,
}

impl Valkyrie {
    /// Reads the secrets, once.
    pub fn new(settings: &Settings) -> Result<Self, SettingsError> {
        let providers = settings.providers.clone();
        if providers.is_empty() || !providers.iter().all(|name| call::is_plain_id(name)) {
            return Err(SettingsError::Providers);
        }
        if !providers.iter().all(|name| launch::endpoint(&settings.base_url, name).is_some()) {
            return Err(SettingsError::BaseUrl);
        }
        if settings.operator_api_key.as_deref().is_some_and(|key| !call::is_header_text(key)) {
            return Err(SettingsError::OperatorApiKey);
        }
        let is_named = |provider: &String| providers.contains(provider);
        if !settings.launch_config.iter().all(|(name, config)| is_named(name) && config.is_object()) {
            return Err(SettingsError::LaunchConfig);
        }
        let tokens = |(provider, keys): (&String, &Keys)| {
            let tokens = keys.text().filter(|_| is_named(provider))?;
            Some((provider.clone(), tokens))
        };
        let recon_tokens = settings.recon_tokens.iter().map(tokens).collect::<Option<_>>();
        Ok(Self {
            recon_tokens: recon_tokens.ok_or(SettingsError::ReconTokens)?,
            launch_config: settings.launch_config.clone(),
            api_tokens: settings.api_token.text().ok_or(SettingsError::ApiToken)?,
            rotation: Rotation::new(&settings.session_key_hex).ok_or(SettingsError::SessionKey)?,
            providers,
            language: settings.language.clone(),
            base_url: settings.base_url.clone(),
            operator_api_key: settings.operator_api_key.clone(),
        })
    }
}

impl GameWallet for Valkyrie {
    fn integration(&self) -> &'static str {
        INTEGRATION
    }

    fn verify<'a>(&self, call: RawCall<'a>) -> Result<Authentic<'a>, Unauthentic> {
        let (scheme, token) =
            call.header(AUTHORIZATION.as_str()).and_then(|it| it.split_once(' ')).ok_or(Unauthentic)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Unauthentic);
        }
        proof::shared_token(call, &self.api_tokens, token.as_bytes())
    }

    fn parse(&self, call: &Authentic<'_>) -> Result<GameRequest, Rejection> {
        wire::request(self, call.call())
    }

    fn render(&self, request: &GameRequest, answer: &GameAnswer) -> Reply {
        render::answer(&self.language, request, answer)
    }

    fn render_rejection(&self, call: RawCall<'_>, rejection: &Rejection) -> Reply {
        render::rejection(&self.providers, call, rejection)
    }

    /// How long Valkyrie waits is its operator's to configure; this is less than any such time that was seen in use.
    fn deadline(&self) -> Duration {
        Duration::from_millis(1500)
    }
}

impl GameLauncher for Valkyrie {
    fn launch_call(&self, launch: &Launch) -> Result<OutboundCall, CallFailure> {
        launch::call(self, launch)
    }

    fn launch_url(&self, answer: &InboundAnswer) -> Result<String, CallFailure> {
        launch::url(answer)
    }
}

fn english() -> String {
    "en".to_owned()
}
