//! KMS keys that outlive the process. rustack's KMS keeps its keys in memory, out of reach; here its wire types,
//! ciphertext format and ciphers work on keys kept in the data folder, for personal data is encrypted under them.

use std::{
    collections::BTreeMap,
    sync::{PoisonError, RwLock},
};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use bytes::Bytes;
use futures::future::{BoxFuture, ready};
use http::Response;
use rustack_kms_core::{ciphertext::parse_symmetric_blob, crypto, key::KmsKey};
use rustack_kms_http::{KmsHandler, KmsResponseBody, response::json_response};
use rustack_kms_model::{
    error::{KmsError, KmsErrorCode},
    input::{DecryptInput, DescribeKeyInput, EncryptInput, GenerateDataKeyInput, GenerateMacInput},
    operations::KmsOperation,
    output::{
        DecryptResponse, DescribeKeyResponse, EncryptResponse, GenerateDataKeyResponse, GenerateMacResponse,
    },
    types::{DataKeySpec, EncryptionAlgorithmSpec, KeyMetadata, KeySpec, KeyState, KeyUsageType},
};
use serde::{Deserialize, Serialize};
use ulid::Ulid;
use uuid::Uuid;

use crate::{ACCOUNT, REGION, StartError, data::DataFolder};

const FILE: &str = "keys.json";

/// The keys by their logical ids, and the aliases they go by.
pub(super) struct Keyring {
    keys: RwLock<BTreeMap<String, Key>>,
    aliases: RwLock<BTreeMap<String, String>>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Key {
    key_id: String,
    material_b64: String,
}

impl Keyring {
    pub(super) fn load(folder: &DataFolder) -> Result<Self, StartError> {
        let keys = RwLock::new(folder.read(FILE)?.unwrap_or_default());
        Ok(Self { keys, aliases: RwLock::default() })
    }

    /// The id of the key of this name, which is made and kept if it is new.
    pub(super) fn ensure(&self, name: &str, folder: &DataFolder) -> Result<String, StartError> {
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = keys.get(name) {
            return Ok(key.key_id.clone());
        }
        let material = crypto::generate_random_bytes(32).map_err(|_| StartError::Randomness)?;
        let key = Key { key_id: Uuid::new_v4().to_string(), material_b64: BASE64.encode(material) };
        let id = key.key_id.clone();
        keys.insert(name.to_owned(), key);
        folder.write(FILE, &*keys)?;
        Ok(id)
    }

    /// Lets a key go by an alias.
    pub(super) fn alias(&self, alias: &str, key_id: &str) {
        let mut aliases = self.aliases.write().unwrap_or_else(PoisonError::into_inner);
        aliases.insert(alias.to_owned(), key_id.to_owned());
    }

    /// Finds a key by its id, its ARN or an alias.
    fn find(&self, reference: &str) -> Result<(String, Vec<u8>), KmsError> {
        let name = reference.rsplit_once(":alias/").map(|(_, name)| format!("alias/{name}"));
        let aliases = self.aliases.read().unwrap_or_else(PoisonError::into_inner);
        let id = match aliases.get(name.as_deref().unwrap_or(reference)) {
            Some(id) => id,
            None => reference.rsplit_once(":key/").map_or(reference, |(_, id)| id),
        };
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let found = keys.values().find(|key| key.key_id == id);
        let material = found.and_then(|key| BASE64.decode(&key.material_b64).ok());
        material.map(|material| (id.to_owned(), material)).ok_or_else(|| {
            KmsError::with_message(
                KmsErrorCode::NotFoundException,
                format!("Key '{reference}' does not exist"),
            )
        })
    }

    fn answer(&self, operation: KmsOperation, body: &[u8]) -> Result<Response<KmsResponseBody>, KmsError> {
        match operation {
            KmsOperation::GenerateDataKey => encode(&self.generate_data_key(&decode(body)?)?),
            KmsOperation::Encrypt => encode(&self.encrypt(&decode(body)?)?),
            KmsOperation::Decrypt => encode(&self.decrypt(&decode(body)?)?),
            KmsOperation::GenerateMac => encode(&self.generate_mac(&decode(body)?)?),
            KmsOperation::DescribeKey => encode(&self.describe(&decode(body)?)?),
            other => Err(KmsError::not_implemented(other.as_str())),
        }
    }

    fn generate_data_key(&self, input: &GenerateDataKeyInput) -> Result<GenerateDataKeyResponse, KmsError> {
        let (id, material) = self.find(&input.key_id)?;
        let spec = input.key_spec.clone().unwrap_or(DataKeySpec::Aes256);
        let data_key = crypto::generate_data_key(&spec, input.number_of_bytes)?;
        let wrapped = crypto::symmetric_encrypt(&id, &material, &data_key, &input.encryption_context)?;
        Ok(GenerateDataKeyResponse {
            plaintext: Some(data_key.into()),
            ciphertext_blob: Some(wrapped.into()),
            key_id: Some(arn(&id)),
            ..Default::default()
        })
    }

    fn generate_mac(&self, input: &GenerateMacInput) -> Result<GenerateMacResponse, KmsError> {
        let (id, material) = self.find(&input.key_id)?;
        let mac = crypto::hmac_generate(&material, &input.message, &input.mac_algorithm)?;
        Ok(GenerateMacResponse {
            mac: Some(mac.into()),
            key_id: Some(arn(&id)),
            mac_algorithm: Some(input.mac_algorithm.clone()),
        })
    }

    fn encrypt(&self, input: &EncryptInput) -> Result<EncryptResponse, KmsError> {
        let (id, material) = self.find(&input.key_id)?;
        let blob = crypto::symmetric_encrypt(&id, &material, &input.plaintext, &input.encryption_context)?;
        Ok(EncryptResponse {
            ciphertext_blob: Some(blob.into()),
            key_id: Some(arn(&id)),
            encryption_algorithm: Some(EncryptionAlgorithmSpec::SymmetricDefault),
        })
    }

    fn decrypt(&self, input: &DecryptInput) -> Result<DecryptResponse, KmsError> {
        let blob = input.ciphertext_blob.as_deref().unwrap_or_default();
        let (id, material) = self.find(parse_symmetric_blob(blob)?.0)?;
        if let Some(expected) = &input.key_id
            && self.find(expected)?.0 != id
        {
            return Err(KmsError::with_message(
                KmsErrorCode::IncorrectKeyException,
                "The ciphertext was made with another key.",
            ));
        }
        let (_, plaintext) = crypto::symmetric_decrypt(&material, blob, &input.encryption_context)?;
        Ok(DecryptResponse {
            plaintext: Some(plaintext.into()),
            key_id: Some(arn(&id)),
            encryption_algorithm: Some(EncryptionAlgorithmSpec::SymmetricDefault),
            ..Default::default()
        })
    }

    fn describe(&self, input: &DescribeKeyInput) -> Result<DescribeKeyResponse, KmsError> {
        let (id, _) = self.find(&input.key_id)?;
        Ok(DescribeKeyResponse {
            key_metadata: Some(KeyMetadata {
                arn: Some(arn(&id)),
                key_id: id,
                enabled: Some(true),
                key_usage: Some(KeyUsageType::EncryptDecrypt),
                key_state: Some(KeyState::Enabled),
                key_spec: Some(KeySpec::SymmetricDefault),
                ..Default::default()
            }),
        })
    }
}

/// The ARN of a key.
pub(super) fn arn(key_id: &str) -> String {
    KmsKey::build_arn(ACCOUNT, REGION, key_id)
}

impl KmsHandler for Keyring {
    fn handle_operation(
        &self,
        operation: KmsOperation,
        body: Bytes,
    ) -> BoxFuture<'static, Result<Response<KmsResponseBody>, KmsError>> {
        Box::pin(ready(self.answer(operation, &body)))
    }
}

fn decode<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, KmsError> {
    serde_json::from_slice(body)
        .map_err(|e| KmsError::with_message(KmsErrorCode::ValidationException, e.to_string()))
}

fn encode<T: Serialize>(answer: &T) -> Result<Response<KmsResponseBody>, KmsError> {
    let json = serde_json::to_vec(answer).map_err(|e| KmsError::internal_error(e.to_string()))?;
    Ok(json_response(json, &Ulid::generate().to_string()))
}
