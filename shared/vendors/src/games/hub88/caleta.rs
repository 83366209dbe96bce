//! Caleta's wallet: Hub88's in other words, and a token that changes when a game begins.

mod wire;

#[cfg(test)]
mod tests;

use std::time::Duration;

use domain::ids::PlayerId;
use serde::{Deserialize, Serialize};

pub use super::back_office::{Prepaid, Reward};

use super::back_office::{self, Asker};
use super::line::{Line, NoLine};
use super::render::{self, Dialect};
use super::{DEADLINE, OperatorId, launch, reading};
use crate::call::{Authentic, CallFailure, InboundAnswer, OutboundCall, RawCall, Reply};
use crate::games::rotation::Rotation;
use crate::games::{
    CatalogueGame, DemoLaunch, DemoLauncher, GameAnswer, GameCatalogue, GameLauncher, GameRequest,
    GameWallet, Launch, ListedGame, Rejection,
};
use crate::keys::Keys;
use crate::proof::Unauthentic;

/// The name of Caleta's transactions in the ledger.
pub const INTEGRATION: &str = "caleta";

const SIGNATURE_HEADER: &str = "x-auth-signature";

/// Below the base URL, where all our calls go.
const CALLS_PATH: &str = "/api";

/// Caleta's part of the vendors' settings.
#[derive(Clone, Deserialize)]
pub struct Settings {
    /// Who we are to Caleta.
    pub operator_id: String,
    /// Which of our casinos it is.
    pub sub_partner_id: String,
    /// Caleta's public keys, PEM: one, or several while a new one is phased in.
    pub public_key_pem: Keys,
    /// Our private key, PEM.
    pub private_key_pem: String,
    /// What the tokens that take the place of others are made with: 32 bytes or more, in hexadecimal.
    pub session_key_hex: String,
    /// Where our calls go.
    pub base_url: String,
    /// The games to offer.
    #[serde(default)]
    pub catalogue: Vec<CatalogueGame>,
}

/// Why Caleta's settings are of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// There is no public key, or one is not an RSA key of at least 2048 bits in PEM.
    #[error("games.caleta.public_key_pem must hold PEM public keys for RSA, 2048 bits or more")]
    PublicKey,
    /// The private key is not an RSA key in PEM.
    #[error("games.caleta.private_key_pem must hold a PEM private key for RSA, 2048 to 4096 bits")]
    PrivateKey,
    /// The key for tokens is misspelt or short.
    #[error("games.caleta.session_key_hex must hold 32 bytes or more, in hexadecimal")]
    SessionKey,
    /// The base URL is none.
    #[error("games.caleta.base_url must be an http or https URL")]
    BaseUrl,
}

impl From<NoLine> for SettingsError {
    fn from(why: NoLine) -> Self {
        match why {
            NoLine::PublicKey => Self::PublicKey,
            NoLine::PrivateKey => Self::PrivateKey,
            NoLine::BaseUrl => Self::BaseUrl,
        }
    }
}

/// Caleta, as configured.
pub struct Caleta {
    operator_id: OperatorId,
    sub_partner_id: String,
    rotation: Rotation,
    line: Line,
}

impl Caleta {
    /// Reads the keys, once.
    pub fn new(settings: &Settings) -> Result<Self, SettingsError> {
        let Settings { public_key_pem, private_key_pem, base_url, .. } = settings;
        Ok(Self {
            operator_id: OperatorId::Text(settings.operator_id.clone()),
            sub_partner_id: settings.sub_partner_id.clone(),
            rotation: Rotation::new(&settings.session_key_hex).ok_or(SettingsError::SessionKey)?,
            line: Line::new(SIGNATURE_HEADER, public_key_pem, private_key_pem, base_url, CALLS_PATH)?,
        })
    }

    /// The call that asks for the page that shows a round.
    pub fn round_call(&self, player: PlayerId, round: &str) -> Result<OutboundCall, CallFailure> {
        back_office::round_call(&self.line, self.asker(), player, round)
    }

    /// The page's address.
    pub fn round_url(&self, answer: &InboundAnswer) -> Result<String, CallFailure> {
        launch::url(answer)
    }

    /// The call that asks for the templates of free bets.
    pub fn prepaids_call(&self) -> Result<OutboundCall, CallFailure> {
        back_office::prepaids_call(&self.line, self.asker())
    }

    /// The templates.
    pub fn prepaids(&self, answer: &InboundAnswer) -> Result<Vec<Prepaid>, CallFailure> {
        back_office::prepaids(answer)
    }

    /// The call that gives free bets to a player. Nothing makes it happen once: it must not be repeated blindly.
    pub fn reward_call(&self, reward: &Reward) -> Result<OutboundCall, CallFailure> {
        back_office::reward_call(&self.line, self.asker(), reward)
    }

    /// Caleta's id of what was given.
    pub fn reward(&self, answer: &InboundAnswer) -> Result<String, CallFailure> {
        back_office::reward(answer)
    }

    fn asker(&self) -> Asker<'_> {
        Asker { operator_id: &self.operator_id, sub_partner_id: Some(&self.sub_partner_id) }
    }
}

impl GameWallet for Caleta {
    fn integration(&self) -> &'static str {
        INTEGRATION
    }

    fn verify<'a>(&self, call: RawCall<'a>) -> Result<Authentic<'a>, Unauthentic> {
        self.line.verify(call)
    }

    fn parse(&self, call: &Authentic<'_>) -> Result<GameRequest, Rejection> {
        wire::request(call.call(), &self.rotation)
    }

    /// A token that was changed is all there is to tell of a session.
    fn render(&self, request: &GameRequest, answer: &GameAnswer) -> Reply {
        match answer {
            GameAnswer::Session(facts) => changed(&facts.token),
            _ => render::answer(Dialect::Caleta, request, answer),
        }
    }

    fn render_rejection(&self, call: RawCall<'_>, rejection: &Rejection) -> Reply {
        render::rejection(Dialect::Caleta, reading::correlation_id(call.body), rejection)
    }

    fn deadline(&self) -> Duration {
        DEADLINE
    }
}

impl GameLauncher for Caleta {
    fn launch_call(&self, launch: &Launch) -> Result<OutboundCall, CallFailure> {
        launch::real(&self.line, Dialect::Caleta, self.asker(), launch)
    }

    fn launch_url(&self, answer: &InboundAnswer) -> Result<String, CallFailure> {
        launch::url(answer)
    }

    fn listing(&self) -> Option<&dyn GameCatalogue> {
        Some(self)
    }
}

impl DemoLauncher for Caleta {
    fn demo_call(&self, demo: &DemoLaunch) -> Result<OutboundCall, CallFailure> {
        launch::demo(&self.line, Dialect::Caleta, self.asker(), demo)
    }
}

impl GameCatalogue for Caleta {
    fn catalogue_call(&self) -> Result<OutboundCall, CallFailure> {
        back_office::games_call(&self.line, self.asker())
    }

    fn catalogue(&self, answer: &InboundAnswer) -> Result<Vec<ListedGame>, CallFailure> {
        back_office::games(answer)
    }

    /// More than one call a minute is turned away.
    fn interval(&self) -> Duration {
        back_office::LIST_INTERVAL
    }
}

#[derive(Serialize)]
struct Changed<'a> {
    token: &'a str,
}

fn changed(token: &str) -> Reply {
    let body = serde_json::to_vec(&Changed { token }).unwrap_or_default();
    Reply { status: 200, content_type: "application/json", body }
}
