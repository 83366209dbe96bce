//! Fingerprints of instruments: keyed hashes, made by the key service under a key that nobody can read. Whoever gets at
//! the tables learns no card or account from them, not even by trying all there are.

use std::sync::OnceLock;

use aws_sdk_kms::Client;
use aws_sdk_kms::error::ProvideErrorMetadata;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::MacAlgorithmSpec;
use aws_types::SdkConfig;
use domain::cashier::{InstrumentFingerprint, InstrumentIdentity};
use store::Outage;

use crate::{ConfigError, Settings, aws};

/// Makes fingerprints of instruments.
#[derive(Clone)]
pub struct Fingerprints {
    config: SdkConfig,
    /// Made when first needed: most of what providers tell names no instrument.
    kms: OnceLock<Client>,
    key_id: String,
}

impl Fingerprints {
    /// Fingerprints under the key that `INSTRUMENT_KEY_ID` names. With another key, nothing that is known matches.
    pub fn new(settings: &Settings) -> Result<Self, ConfigError> {
        Ok(Self {
            config: aws::config(settings)?,
            kms: OnceLock::new(),
            key_id: settings.get("INSTRUMENT_KEY_ID")?.to_owned(),
        })
    }

    /// The fingerprint of an instrument: the same for everybody who uses it.
    pub async fn of(&self, identity: &InstrumentIdentity) -> Result<InstrumentFingerprint, Outage> {
        const OPERATION: &str = "make a fingerprint";
        let answer = self
            .kms
            .get_or_init(|| Client::new(&self.config))
            .generate_mac()
            .key_id(&self.key_id)
            .mac_algorithm(MacAlgorithmSpec::HmacSha256)
            .message(Blob::new(identity.as_bytes()))
            .send()
            .await
            .map_err(|error| Outage::new(OPERATION, error.code().unwrap_or("no answer")))?;
        let mac = answer.mac.ok_or_else(|| Outage::new(OPERATION, "none came back"))?;
        Ok(InstrumentFingerprint::of_mac(mac.as_ref()))
    }
}
