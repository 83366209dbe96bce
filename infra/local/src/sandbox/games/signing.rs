//! How vendors and the platform sign: RSA over a body, HMAC over a message.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use http::HeaderMap;
use ring::{
    hmac,
    rand::SystemRandom,
    signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey},
};
use rustls_pki_types::{PrivateKeyDer, pem::PemObject};

use super::{SandboxError, protocol::Refused};

/// RSA, PKCS #1 v1.5 with SHA-256, in base64: the vendor's key signs, the platform's proves.
pub(super) struct Rsa {
    header: &'static str,
    ours: RsaKeyPair,
    /// The platform's public key, PKCS #1 DER.
    theirs: Vec<u8>,
}

impl Rsa {
    pub(super) fn new(header: &'static str, ours: &str, theirs: &str) -> Result<Self, SandboxError> {
        let theirs = read_key("the platform's private_key_pem", theirs)?.public_key().as_ref().to_vec();
        Ok(Self { header, ours: read_key("the sandbox's private_key_pem", ours)?, theirs })
    }

    pub(super) const fn header(&self) -> &'static str {
        self.header
    }

    pub(super) fn sign(&self, body: &[u8]) -> String {
        let mut signature = vec![0; self.ours.public().modulus_len()];
        // It fails only if the machine has no randomness; then the signature proves nothing.
        if let Err(error) = self.ours.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), body, &mut signature) {
            tracing::error!(%error, "a call could not be signed");
        }
        BASE64.encode(signature)
    }

    pub(super) fn check(&self, headers: &HeaderMap, body: &[u8]) -> Result<(), Refused> {
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.theirs);
        let signature = headers.get(self.header).and_then(|value| BASE64.decode(value).ok());
        match signature {
            Some(signature) if key.verify(body, &signature).is_ok() => Ok(()),
            _ => Err(unsigned()),
        }
    }
}

/// The HMAC-SHA256 of a message, in hexadecimal.
pub(super) fn mac(key: &str, message: &[u8]) -> String {
    hex::encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()), message))
}

/// Checks that a call was signed so.
pub(super) fn check_mac(key: &str, header: &str, headers: &HeaderMap, message: &[u8]) -> Result<(), Refused> {
    let told = headers.get(header).and_then(|value| hex::decode(value).ok()).ok_or_else(unsigned)?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    hmac::verify(&key, message, &told).map_err(|_| unsigned())
}

/// Checks a secret that is shown as it is.
pub(super) fn check_shown(shown: Option<&str>, secret: &str) -> Result<(), Refused> {
    if shown == Some(secret) { Ok(()) } else { Err(unsigned()) }
}

const fn unsigned() -> Refused {
    Refused(401, "the signature is missing or wrong")
}

fn read_key(name: &str, pem: &str) -> Result<RsaKeyPair, SandboxError> {
    let unusable = || SandboxError(format!("{name} must hold a PEM private key for RSA"));
    match PrivateKeyDer::from_pem_slice(pem.as_bytes()) {
        Ok(PrivateKeyDer::Pkcs1(der)) => RsaKeyPair::from_der(der.secret_pkcs1_der()).map_err(|_| unusable()),
        Ok(PrivateKeyDer::Pkcs8(der)) => {
            RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).map_err(|_| unusable())
        }
        _ => Err(unusable()),
    }
}
