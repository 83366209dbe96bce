//! Hub88's seamless wallet for operators: JSON signed with RSA, every outcome in HTTP 200.

mod launch;
mod render;
mod rsa;
mod wire;

#[cfg(test)]
mod tests;

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::signature::RsaKeyPair;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::call::{Authentic, CallFailure, InboundAnswer, OutboundCall, RawCall, Reply};
use crate::games::{CatalogueGame, GameAnswer, GameLauncher, GameRequest, GameWallet, Launch, Rejection};
use crate::keys::Keys;
use crate::proof::{self, Unauthentic};

/// The name of Hub88's transactions in the ledger.
pub const INTEGRATION: &str = "hub88";

const SIGNATURE_HEADER: &str = "x-hub88-signature";

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

/// Hub88, as configured.
pub struct Hub88 {
    operator_id: OperatorId,
    their_keys: Vec<Vec<u8>>,
    our_key: RsaKeyPair,
    launch_endpoint: Url,
}

impl Hub88 {
    /// Reads the keys, once.
    pub fn new(settings: &Settings) -> Result<Self, SettingsError> {
        Ok(Self {
            operator_id: settings.operator_id.clone(),
            their_keys: settings.public_key_pem.read(rsa::public_key).ok_or(SettingsError::PublicKey)?,
            our_key: rsa::private_key(&settings.private_key_pem).ok_or(SettingsError::PrivateKey)?,
            launch_endpoint: launch::endpoint(&settings.base_url).ok_or(SettingsError::BaseUrl)?,
        })
    }
}

impl GameWallet for Hub88 {
    fn integration(&self) -> &'static str {
        INTEGRATION
    }

    fn verify<'a>(&self, call: RawCall<'a>) -> Result<Authentic<'a>, Unauthentic> {
        let signature = call.header(SIGNATURE_HEADER).ok_or(Unauthentic)?;
        let signature = STANDARD.decode(signature).map_err(|_| Unauthentic)?;
        proof::rsa_sha256(call, &self.their_keys, &signature)
    }

    fn parse(&self, call: &Authentic<'_>) -> Result<GameRequest, Rejection> {
        wire::request(call.call())
    }

    fn render(&self, request: &GameRequest, answer: &GameAnswer) -> Reply {
        render::answer(request, answer)
    }

    fn render_rejection(&self, call: RawCall<'_>, rejection: &Rejection) -> Reply {
        render::rejection(wire::correlation_id(call.body), rejection)
    }

    fn deadline(&self) -> Duration {
        Duration::from_secs(3)
    }
}

impl GameLauncher for Hub88 {
    fn launch_call(&self, launch: &Launch) -> Result<OutboundCall, CallFailure> {
        launch::call(self, launch)
    }

    fn launch_url(&self, answer: &InboundAnswer) -> Result<String, CallFailure> {
        launch::url(answer)
    }
}
