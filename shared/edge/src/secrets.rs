//! Secrets: read from Secrets Manager, never logged.

use aws_sdk_secretsmanager::Client;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::{BoxError, ConfigError, Settings, aws};

/// Reads secrets by the names the settings give them.
#[derive(Clone)]
pub struct Secrets {
    client: Client,
    settings: Settings,
}

/// The vendors' settings, and the hash of the text that they were read from.
pub(crate) struct VendorsDocument {
    pub(crate) vendors: vendors::settings::Settings,
    pub(crate) digest: [u8; 32],
}

/// What proves who is who: the key of access tokens and the pepper of e-mail addresses.
#[derive(Clone)]
pub struct IdentitySecret {
    /// The Ed25519 private key of access tokens, PKCS#8.
    pub jwt_private_key: Vec<u8>,
    /// The key under which e-mail addresses are hashed.
    pub email_pepper: Vec<u8>,
}

#[derive(Deserialize)]
struct IdentityDocument {
    jwt_private_key_pkcs8_b64: String,
    email_pepper_hex: String,
}

impl Secrets {
    /// Secrets of a function.
    pub fn new(settings: &Settings) -> Result<Self, ConfigError> {
        Ok(Self { client: aws::secrets(settings)?, settings: settings.clone() })
    }

    /// The vendors' settings. A function that lives on takes them through [`crate::Rotating`].
    pub async fn vendors(&self) -> Result<vendors::settings::Settings, BoxError> {
        Ok(self.vendors_document().await?.vendors)
    }

    pub(crate) async fn vendors_document(&self) -> Result<VendorsDocument, BoxError> {
        const SETTING: &str = "VENDORS_SECRET";
        let text = self.text(SETTING).await?;
        let mut digest = [0; 32];
        digest.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, text.as_bytes()).as_ref());
        Ok(VendorsDocument { vendors: read(SETTING, &text)?, digest })
    }

    /// The identity keys.
    pub async fn identity(&self) -> Result<IdentitySecret, BoxError> {
        let document: IdentityDocument = self.document("IDENTITY_SECRET").await?;
        let broken = |name| move |_| ConfigError::new(name, "cannot be decoded");
        Ok(IdentitySecret {
            jwt_private_key: BASE64_STANDARD
                .decode(document.jwt_private_key_pkcs8_b64)
                .map_err(|_| ConfigError::new("jwt_private_key_pkcs8_b64", "cannot be decoded"))?,
            email_pepper: hex::decode(document.email_pepper_hex).map_err(broken("email_pepper_hex"))?,
        })
    }

    async fn document<T: DeserializeOwned>(&self, setting: &str) -> Result<T, BoxError> {
        Ok(read(setting, &self.text(setting).await?)?)
    }

    async fn text(&self, setting: &str) -> Result<String, BoxError> {
        let id = self.settings.get(setting)?;
        let answer = self.client.get_secret_value().secret_id(id).send().await.map_err(|error| {
            ConfigError::new(setting, format!("names a secret that cannot be read: {}", aws::reason(&error)))
        })?;
        Ok(answer.secret_string.unwrap_or_default())
    }
}

/// The parser's own message could quote the secret.
fn read<T: DeserializeOwned>(setting: &str, text: &str) -> Result<T, ConfigError> {
    serde_json::from_str(text)
        .map_err(|_| ConfigError::new(setting, "names a secret that is not the expected JSON"))
}
