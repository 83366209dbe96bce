//! Trustly's signatures: RSA PKCS#1 v1.5 over method, id and data, put together without separators.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PKCS1_SHA256, RsaKeyPair, RsaParameters, UnparsedPublicKey,
};
use serde::Deserialize;

use super::Data;
use crate::call::{Authentic, RawCall};
use crate::proof::{self, Unauthentic};
use crate::rsa;

/// A hash that a signature is made over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Hash {
    /// What an unmarked signature has.
    #[serde(rename = "RS1")]
    Sha1,
    /// Marked `alg=RS256;`.
    #[serde(rename = "RS256")]
    Sha256,
    /// Marked `alg=RS384;`.
    #[serde(rename = "RS384")]
    Sha384,
    /// Marked `alg=RS512;`.
    #[serde(rename = "RS512")]
    Sha512,
}

/// Our key to sign with, and theirs to check with.
pub struct Seal {
    our_key: RsaKeyPair,
    their_keys: Vec<Vec<u8>>,
    accepted: Vec<Hash>,
}

impl Seal {
    pub(super) const fn new(our_key: RsaKeyPair, their_keys: Vec<Vec<u8>>, accepted: Vec<Hash>) -> Self {
        Self { our_key, their_keys, accepted }
    }

    /// A side of the conversation, by its private key and the other's public one, both PEM.
    #[must_use]
    pub fn of(our_private_pem: &str, their_public_pem: &str) -> Option<Self> {
        let keys = (rsa::private_key(our_private_pem)?, vec![rsa::public_key(their_public_pem)?]);
        Some(Self::new(keys.0, keys.1, vec![Hash::Sha1, Hash::Sha256]))
    }

    /// Signs a message. None if the key cannot.
    #[must_use]
    pub fn sign(&self, method: &str, uuid: &str, data: &Data) -> Option<String> {
        let mut signature = vec![0; self.our_key.public().modulus_len()];
        let random = SystemRandom::new();
        let message = message(method, uuid, data);
        self.our_key.sign(&RSA_PKCS1_SHA256, &random, message.as_bytes(), &mut signature).ok()?;
        Some(format!("alg=RS256;{}", STANDARD.encode(signature)))
    }

    /// Whether a message is signed by the other side.
    #[must_use]
    pub fn is_genuine(&self, signature: &str, method: &str, uuid: &str, data: &Data) -> bool {
        let Some((parameters, tag)) = self.read(signature) else { return false };
        let message = message(method, uuid, data);
        self.their_keys
            .iter()
            .any(|key| UnparsedPublicKey::new(parameters, key).verify(message.as_bytes(), &tag).is_ok())
    }

    /// Accepts a call whose message is signed.
    pub(super) fn verify<'a>(
        &self,
        call: RawCall<'a>,
        signature: &str,
        method: &str,
        uuid: &str,
        data: &Data,
    ) -> Result<Authentic<'a>, Unauthentic> {
        let (parameters, tag) = self.read(signature).ok_or(Unauthentic)?;
        proof::rsa_over(call, parameters, &self.their_keys, message(method, uuid, data).as_bytes(), &tag)
    }

    /// Which hash a signature claims, if it is one we accept, and its bytes.
    fn read(&self, signature: &str) -> Option<(&'static RsaParameters, Vec<u8>)> {
        let (hash, encoded) = match signature.strip_prefix("alg=") {
            None => (Hash::Sha1, signature),
            Some(marked) => {
                let (name, encoded) = marked.split_once(';')?;
                (Hash::named(name)?, encoded)
            }
        };
        let tag = STANDARD.decode(encoded).ok()?;
        self.accepted.contains(&hash).then(|| (hash.parameters(), tag))
    }
}

impl Hash {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "RS256" => Self::Sha256,
            "RS384" => Self::Sha384,
            "RS512" => Self::Sha512,
            _ => return None,
        })
    }

    fn parameters(self) -> &'static RsaParameters {
        match self {
            Self::Sha1 => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &RSA_PKCS1_2048_8192_SHA256,
            Self::Sha384 => &RSA_PKCS1_2048_8192_SHA384,
            Self::Sha512 => &RSA_PKCS1_2048_8192_SHA512,
        }
    }
}

fn message(method: &str, uuid: &str, data: &Data) -> String {
    format!("{method}{uuid}{}", data.serialised())
}
