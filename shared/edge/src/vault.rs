//! The vault: personal data under one data key per person, itself wrapped by the key service.
//!
//! Whoever deletes a person's wrapped key has erased the person, in every copy there is.

use std::sync::OnceLock;

use aws_sdk_kms::Client;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::DataKeySpec;
use aws_types::SdkConfig;
use domain::ids::PlayerId;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use store::Outage;

use crate::{ConfigError, Context, Settings, aws};

/// Seals and opens personal data.
#[derive(Clone)]
pub struct Vault {
    config: SdkConfig,
    /// Made when first needed: a wallet seldom opens a profile, and a client takes its time to make.
    kms: OnceLock<Client>,
    key_id: String,
    context: Context,
}

/// Data sealed with a new data key.
pub struct Sealed {
    /// The data, encrypted; begins with its nonce.
    pub ciphertext: Vec<u8>,
    /// The data key, encrypted by the key service for this player only.
    pub wrapped_key: Vec<u8>,
}

impl Vault {
    /// The vault under the key that `DATA_KEY_ID` names.
    pub fn new(settings: &Settings) -> Result<Self, ConfigError> {
        Ok(Self {
            config: aws::config(settings)?,
            kms: OnceLock::new(),
            key_id: settings.get("DATA_KEY_ID")?.to_owned(),
            context: settings.context().clone(),
        })
    }

    fn kms(&self) -> &Client {
        self.kms.get_or_init(|| Client::new(&self.config))
    }

    /// Seals the first data of a player, with a new data key.
    pub async fn seal_new(&self, player: PlayerId, data: &[u8]) -> Result<Sealed, Outage> {
        let answer = self
            .kms()
            .generate_data_key()
            .key_id(&self.key_id)
            .key_spec(DataKeySpec::Aes256)
            .encryption_context("player", player.to_string())
            .send()
            .await
            .map_err(|error| outage("make a data key", &error.into_service_error()))?;
        let (Some(plain), Some(wrapped)) = (answer.plaintext, answer.ciphertext_blob) else {
            return Err(Outage::new("make a data key", "no key came back"));
        };
        let ciphertext = self.encrypt(player, plain.as_ref(), data)?;
        Ok(Sealed { ciphertext, wrapped_key: wrapped.into_inner() })
    }

    /// Seals data anew with the player's existing data key.
    pub async fn seal(&self, player: PlayerId, wrapped_key: &[u8], data: &[u8]) -> Result<Vec<u8>, Outage> {
        self.encrypt(player, &self.unwrap_key(player, wrapped_key).await?, data)
    }

    /// Opens sealed data of a player. Data or a key moved over from another player does not open.
    pub async fn open(
        &self,
        player: PlayerId,
        wrapped_key: &[u8],
        ciphertext: &[u8],
    ) -> Result<Vec<u8>, Outage> {
        let key = self.unwrap_key(player, wrapped_key).await?;
        let unreadable = || Outage::new("open a profile", "the ciphertext does not open");
        let (nonce, sealed) = ciphertext.split_at_checked(NONCE_LEN).ok_or_else(unreadable)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| unreadable())?;
        let mut data = sealed.to_vec();
        let length = aead(&key)?
            .open_in_place(nonce, Aad::from(player.to_string()), &mut data)
            .map_err(|_| unreadable())?
            .len();
        data.truncate(length);
        Ok(data)
    }

    fn encrypt(&self, player: PlayerId, key: &[u8], data: &[u8]) -> Result<Vec<u8>, Outage> {
        let nonce = self.context.bytes::<NONCE_LEN>();
        let mut sealed = data.to_vec();
        aead(key)?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(player.to_string()),
                &mut sealed,
            )
            .map_err(|_| Outage::new("seal a profile", "the cipher failed"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    async fn unwrap_key(&self, player: PlayerId, wrapped_key: &[u8]) -> Result<Vec<u8>, Outage> {
        let answer = self
            .kms()
            .decrypt()
            .key_id(&self.key_id)
            .ciphertext_blob(Blob::new(wrapped_key))
            .encryption_context("player", player.to_string())
            .send()
            .await
            .map_err(|error| outage("open a data key", &error.into_service_error()))?;
        answer
            .plaintext
            .map(Blob::into_inner)
            .ok_or_else(|| Outage::new("open a data key", "no key came back"))
    }
}

fn aead(key: &[u8]) -> Result<LessSafeKey, Outage> {
    UnboundKey::new(&AES_256_GCM, key)
        .map(LessSafeKey::new)
        .map_err(|_| Outage::new("use a data key", "it has the wrong length"))
}

fn outage(operation: &'static str, error: &impl aws_sdk_kms::error::ProvideErrorMetadata) -> Outage {
    Outage::new(operation, error.code().unwrap_or("no answer"))
}
