//! Caleta's wallet: Hub88's in other words, and a token that changes when a game begins.

mod wire;

#[cfg(test)]
mod tests;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::back_office::Operator;
use super::line::{Line, NoLine};
use super::render::{self, Dialect};
use super::{DEADLINE, OperatorId, launch, reading};
use crate::call::{Authentic, CallFailure, InboundAnswer, OutboundCall, RawCall, Reply};
use crate::games::rotation::Rotation;
use crate::games::{
    CatalogueGame, DemoLaunch, DemoLauncher, FreeRounds, GameAnswer, GameCatalogue, GameLauncher,
    GameRequest, GameWallet, Launch, Rejection, RoundDetails,
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
    operator: Operator,
    rotation: Rotation,
}

impl Caleta {
    /// Reads the keys, once.
    pub fn new(settings: &Settings) -> Result<Self, SettingsError> {
        let Settings { public_key_pem, private_key_pem, base_url, .. } = settings;
        let rotation = Rotation::new(&settings.session_key_hex).ok_or(SettingsError::SessionKey)?;
        let operator = Operator {
            id: OperatorId::Text(settings.operator_id.clone()),
            sub_partner_id: Some(settings.sub_partner_id.clone()),
            dialect: Dialect::Caleta,
            line: Line::new(SIGNATURE_HEADER, public_key_pem, private_key_pem, base_url, CALLS_PATH)?,
        };
        Ok(Self { operator, rotation })
    }
}

impl GameWallet for Caleta {
    fn integration(&self) -> &'static str {
        INTEGRATION
    }

    fn verify<'a>(&self, call: RawCall<'a>) -> Result<Authentic<'a>, Unauthentic> {
        self.operator.line.verify(call)
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
        launch::real(&self.operator.line, Dialect::Caleta, self.operator.casino(), launch)
    }

    fn launch_url(&self, answer: &InboundAnswer) -> Result<String, CallFailure> {
        launch::url(answer)
    }

    fn demos(&self) -> Option<&dyn DemoLauncher> {
        Some(self)
    }

    fn listing(&self) -> Option<&dyn GameCatalogue> {
        Some(&self.operator)
    }

    fn round_details(&self) -> Option<&dyn RoundDetails> {
        Some(&self.operator)
    }

    fn free_rounds(&self) -> Option<&dyn FreeRounds> {
        Some(&self.operator)
    }
}

impl DemoLauncher for Caleta {
    fn demo_call(&self, demo: &DemoLaunch) -> Result<OutboundCall, CallFailure> {
        launch::demo(&self.operator.line, Dialect::Caleta, self.operator.casino(), demo)
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
