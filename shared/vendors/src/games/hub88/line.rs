//! How calls between us and Hub88 or a relative are signed: RSA over the body, in a header of each one's own.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde::{Deserialize, Serialize};
use url::Url;

use super::rsa;
use crate::call::{self, Authentic, CallFailure, OutboundCall, RawCall};
use crate::games::answers::unsent;
use crate::keys::Keys;
use crate::proof::{self, Unauthentic};

/// The keys of both sides, and where our calls go.
pub(super) struct Line {
    header: &'static str,
    their_keys: Vec<Vec<u8>>,
    our_key: RsaKeyPair,
    base: Url,
}

/// Why there can be no line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoLine {
    PublicKey,
    PrivateKey,
    BaseUrl,
}

impl Line {
    /// Reads the keys, once. All calls go below one path.
    pub(super) fn new(
        header: &'static str,
        public_keys: &Keys,
        private_key: &str,
        base_url: &str,
        path: &str,
    ) -> Result<Self, NoLine> {
        Ok(Self {
            header,
            their_keys: public_keys.read(rsa::public_key).ok_or(NoLine::PublicKey)?,
            our_key: rsa::private_key(private_key).ok_or(NoLine::PrivateKey)?,
            base: call::endpoint(base_url, path).ok_or(NoLine::BaseUrl)?,
        })
    }

    /// Accepts a call that any of their keys has signed.
    pub(super) fn verify<'a>(&self, call: RawCall<'a>) -> Result<Authentic<'a>, Unauthentic> {
        let signature = call.header(self.header).ok_or(Unauthentic)?;
        let signature = STANDARD.decode(signature).map_err(|_| Unauthentic)?;
        proof::rsa_sha256(call, &self.their_keys, &signature)
    }

    /// A signed call of ours.
    pub(super) fn call(&self, path: &str, body: &impl Serialize) -> Result<OutboundCall, CallFailure> {
        let body = serde_json::to_vec(body).map_err(|_| unsent())?;
        let headers = BTreeMap::from([
            ("content-type", "application/json".to_owned()),
            (self.header, self.sign(&body)?),
        ]);
        Ok(OutboundCall { method: Method::POST, url: format!("{}{path}", self.base), headers, body })
    }

    fn sign(&self, body: &[u8]) -> Result<String, CallFailure> {
        let mut signature = vec![0; self.our_key.public().modulus_len()];
        self.our_key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), body, &mut signature)
            .map_err(|_| unsent())?;
        Ok(STANDARD.encode(signature))
    }
}

/// Why a call of ours was refused, in their words.
pub(super) fn words(body: &[u8]) -> Option<String> {
    let Failed { error, message } = serde_json::from_slice(body).ok()?;
    error.or(message)
}

#[derive(Deserialize)]
struct Failed {
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    message: Option<String>,
}
