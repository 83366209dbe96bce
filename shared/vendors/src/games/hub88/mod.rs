//! Hub88's seamless wallet for operators: JSON signed with RSA, every outcome in HTTP 200. Caleta speaks a dialect.

mod back_office;
pub mod caleta;
mod launch;
mod line;
mod reading;
mod render;
mod wire;

#[cfg(test)]
mod tests;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::call::{Authentic, CallFailure, InboundAnswer, OutboundCall, RawCall, Reply};
use crate::games::{
    CatalogueGame, DemoLaunch, DemoLauncher, FreeRounds, GameAnswer, GameCatalogue, GameLauncher,
    GameRequest, GameWallet, Launch, Rejection, RoundDetails,
};
use crate::keys::Keys;
use crate::proof::Unauthentic;
use crate::rsa;
use back_office::Operator;
use line::{Line, NoLine};
use render::Dialect;

/// The name of Hub88's transactions in the ledger.
pub const INTEGRATION: &str = "hub88";

const SIGNATURE_HEADER: &str = "x-hub88-signature";

/// Below the base URL, where all our calls go.
const CALLS_PATH: &str = "/operator/generic/v2";

/// Hub88 and its relatives wait for a second.
const DEADLINE: Duration = Duration::from_millis(700);

/// Hub88's part of the vendors' settings.
#[derive(Clone, Deserialize)]
pub struct Settings {
    /// Who we are to Hub88.
    pub operator_id: OperatorId,
    /// Hub88's public keys, PEM: one, or several while a new one is phased in.
    pub public_key_pem: Keys,
    /// Our private key, PEM.
    pub private_key_pem: String,
    /// Where our calls go.
    pub base_url: String,
    /// The games to offer.
    #[serde(default)]
    pub catalogue: Vec<CatalogueGame>,
}

/// Who an operator is: Hub88 gives out numbers, its relatives texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OperatorId {
    /// A number.
    Number(u64),
    /// A text.
    Text(String),
}

/// Why Hub88's settings are of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// There is no public key, or one is not an RSA key of at least 2048 bits in PEM.
    #[error("games.hub88.public_key_pem must hold PEM public keys for RSA, 2048 bits or more")]
    PublicKey,
    /// The private key is not an RSA key in PEM.
    #[error("games.hub88.private_key_pem must hold a PEM private key for RSA, 2048 to 4096 bits")]
    PrivateKey,
    /// The base URL is none.
    #[error("games.hub88.base_url must be an http or https URL")]
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

/// Hub88, as configured.
pub struct Hub88 {
    operator: Operator,
}

impl Hub88 {
    /// Reads the keys, once.
    pub fn new(settings: &Settings) -> Result<Self, SettingsError> {
        let Settings { public_key_pem, private_key_pem, base_url, .. } = settings;
        let line = Line::new(SIGNATURE_HEADER, public_key_pem, private_key_pem, base_url, CALLS_PATH)?;
        let (id, dialect) = (settings.operator_id.clone(), Dialect::Hub88);
        let operator = Operator { id, sub_partner_id: None, dialect, line };
        Ok(Self { operator })
    }
}

impl GameWallet for Hub88 {
    fn integration(&self) -> &'static str {
        INTEGRATION
    }

    fn verify<'a>(&self, call: RawCall<'a>) -> Result<Authentic<'a>, Unauthentic> {
        self.operator.line.verify(call)
    }

    fn parse(&self, call: &Authentic<'_>) -> Result<GameRequest, Rejection> {
        wire::request(call.call())
    }

    fn render(&self, request: &GameRequest, answer: &GameAnswer) -> Reply {
        render::answer(Dialect::Hub88, request, answer)
    }

    fn render_rejection(&self, call: RawCall<'_>, rejection: &Rejection) -> Reply {
        render::rejection(Dialect::Hub88, reading::correlation_id(call.body), rejection)
    }

    fn deadline(&self) -> Duration {
        DEADLINE
    }
}

impl GameLauncher for Hub88 {
    fn launch_call(&self, launch: &Launch) -> Result<OutboundCall, CallFailure> {
        launch::real(&self.operator.line, Dialect::Hub88, self.operator.casino(), launch)
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

impl DemoLauncher for Hub88 {
    fn demo_call(&self, demo: &DemoLaunch) -> Result<OutboundCall, CallFailure> {
        launch::demo(&self.operator.line, Dialect::Hub88, self.operator.casino(), demo)
    }
}
