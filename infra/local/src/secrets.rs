//! The two secrets functions read: the vendors' settings, from a file, and this installation's own identity.

use std::path::PathBuf;

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use ring::{
    rand::{SecureRandom, SystemRandom},
    signature::Ed25519KeyPair,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{StartError, data::DataFolder};

/// Where the platform answers unless it is told otherwise; the shipped settings point their sandboxes there.
const DEFAULT_URL: &str = "http://127.0.0.1:8080";
const IDENTITY_FILE: &str = "identity.json";

/// Where the vendors' settings come from.
#[derive(Debug, Clone)]
pub enum Vendors {
    /// A JSON file. What it says of the default URL is read as the URL this process answers on.
    File(PathBuf),
    /// The document itself.
    Document(Value),
}

impl Vendors {
    /// The settings, for a platform that answers on a URL.
    pub fn load(&self, public_url: &str) -> Result<Value, StartError> {
        let (text, named) = match self {
            Self::Document(document) => (document.to_string(), PathBuf::from("vendors")),
            Self::File(path) => {
                let failed = |e: std::io::Error| StartError::Vendors(path.clone(), e.to_string());
                (std::fs::read_to_string(path).map_err(failed)?, path.clone())
            }
        };
        serde_json::from_str(&text.replace(DEFAULT_URL, public_url))
            .map_err(|e| StartError::Vendors(named, e.to_string()))
    }
}

/// The signing key of player sessions and the pepper of e-mail fingerprints.
#[derive(Serialize, Deserialize)]
pub(crate) struct Identity {
    jwt_private_key_pkcs8_b64: String,
    email_pepper_hex: String,
}

impl Identity {
    /// The identity kept in the data folder, made on first use.
    pub(crate) fn load(folder: &DataFolder) -> Result<Self, StartError> {
        if let Some(identity) = folder.read(IDENTITY_FILE)? {
            return Ok(identity);
        }
        let identity = Self::generate().ok_or(StartError::Randomness)?;
        folder.write(IDENTITY_FILE, &identity)?;
        Ok(identity)
    }

    fn generate() -> Option<Self> {
        let random = SystemRandom::new();
        let key = Ed25519KeyPair::generate_pkcs8(&random).ok()?;
        let mut pepper = [0; 32];
        random.fill(&mut pepper).ok()?;
        Some(Self {
            jwt_private_key_pkcs8_b64: BASE64.encode(key.as_ref()),
            email_pepper_hex: hex::encode(pepper),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::data::Data;

    #[test]
    fn the_identity_is_made_once() {
        let dir = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(&Data::Dir(dir.path().into())).unwrap();
        let first = Identity::load(&folder).unwrap();
        let second = Identity::load(&folder).unwrap();
        assert_eq!(first.email_pepper_hex, second.email_pepper_hex);
        assert_eq!(first.email_pepper_hex.len(), 64);
        let key = BASE64.decode(second.jwt_private_key_pkcs8_b64).unwrap();
        Ed25519KeyPair::from_pkcs8(&key).unwrap();
    }

    #[test]
    fn vendors_learn_where_the_sandboxes_are() {
        let vendors = Vendors::Document(json!({"base_url": "http://127.0.0.1:8080/sandbox/hub88"}));
        let loaded = vendors.load("http://127.0.0.1:1").unwrap();
        assert_eq!(loaded, json!({"base_url": "http://127.0.0.1:1/sandbox/hub88"}));
    }
}
