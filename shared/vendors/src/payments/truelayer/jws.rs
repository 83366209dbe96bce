//! `Tl-Signature`: a detached JWS over method, path, chosen headers and body, ES512 in both directions.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p521::SecretKey;
use p521::ecdsa::signature::{Signer as _, Verifier};
use p521::ecdsa::{Signature, SigningKey, VerifyingKey};
use p521::pkcs8::DecodePrivateKey;
use serde::{Deserialize, Serialize};

use crate::call::RawCall;

const LONGEST_HEADER: usize = 4_096;

/// What a signature says of itself.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Header {
    pub(super) alg: String,
    pub(super) kid: String,
    pub(super) tl_version: String,
    #[serde(default)]
    pub(super) tl_headers: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) jku: Option<String>,
}

/// A signature taken apart.
pub(super) struct Detached<'a> {
    pub(super) header: Header,
    encoded_header: &'a str,
    pub(super) tag: Vec<u8>,
}

impl<'a> Detached<'a> {
    /// Reads `header..signature`.
    pub(super) fn read(signature: &'a str) -> Option<Self> {
        let (encoded_header, tag) = signature.split_once("..")?;
        if encoded_header.len() > LONGEST_HEADER {
            return None;
        }
        let header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(encoded_header).ok()?).ok()?;
        Some(Self { header, encoded_header, tag: URL_SAFE_NO_PAD.decode(tag).ok()? })
    }

    /// Whether it is of the only kind there is.
    pub(super) fn is_known_kind(&self) -> bool {
        self.header.alg == "ES512" && self.header.tl_version == "2"
    }

    /// The names of the signed headers, as the signer wrote them.
    pub(super) fn header_names(&self) -> impl Iterator<Item = &str> {
        self.header.tl_headers.split(',').map(str::trim).filter(|name| !name.is_empty())
    }

    /// What was signed, if the call came to this path. None if a signed header is missing.
    pub(super) fn message(&self, call: RawCall<'_>, path: &str) -> Option<Vec<u8>> {
        let headers = self
            .header_names()
            .map(|name| call.header(name).map(|value| (name, value)))
            .collect::<Option<Vec<_>>>()?;
        Some(signing_input(self.encoded_header, call.method.as_str(), path, &headers, call.body))
    }
}

/// Signs as either side does.
pub struct Signer {
    kid: String,
    key: SigningKey,
}

impl Signer {
    /// Reads a private key on P-521 out of PEM, in SEC1 or PKCS#8.
    #[must_use]
    pub fn new(kid: &str, pem: &str) -> Option<Self> {
        let pem = pem.trim();
        let key = SecretKey::from_pkcs8_pem(pem).or_else(|_| SecretKey::from_sec1_pem(pem)).ok()?;
        Some(Self { kid: kid.to_owned(), key: SigningKey::from(&key) })
    }

    /// The signature of a call. The path is as it is called, without the host; `jku` tells where the key is published.
    #[must_use]
    pub fn sign(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
        jku: Option<&str>,
    ) -> Option<String> {
        let header = Header {
            alg: "ES512".to_owned(),
            kid: self.kid.clone(),
            tl_version: "2".to_owned(),
            tl_headers: headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(","),
            jku: jku.map(str::to_owned),
        };
        let encoded_header = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&header).ok()?);
        let signature: Signature =
            self.key.try_sign(&signing_input(&encoded_header, method, path, headers, body)).ok()?;
        Some(format!("{encoded_header}..{}", URL_SAFE_NO_PAD.encode(signature.to_bytes())))
    }

    /// Whether a call was signed with this very key.
    #[must_use]
    pub fn is_genuine(&self, call: RawCall<'_>, path: &str, signature: &str) -> bool {
        let Some(detached) = Detached::read(signature).filter(Detached::is_known_kind) else { return false };
        let tag = Signature::from_slice(&detached.tag);
        let message = detached.message(call, path);
        tag.ok()
            .zip(message)
            .is_some_and(|(tag, message)| self.verifying_key().verify(&message, &tag).is_ok())
    }

    /// The public half.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        *self.key.verifying_key()
    }

    /// The key's id.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }
}

/// A key as a JWKS publishes it.
#[must_use]
pub fn public_jwk(signer: &Signer) -> serde_json::Value {
    let point = signer.verifying_key().to_sec1_point(false);
    let coordinate = |bytes: Option<&p521::FieldBytes>| bytes.map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
    serde_json::json!({
        "kty": "EC", "crv": "P-521", "alg": "EC", "kid": signer.kid,
        "x": coordinate(point.x()), "y": coordinate(point.y()),
    })
}

fn signing_input(
    encoded_header: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Vec<u8> {
    let mut payload = format!("{} {path}\n", method.to_ascii_uppercase());
    for (name, value) in headers {
        payload.push_str(name);
        payload.push_str(": ");
        payload.push_str(value);
        payload.push('\n');
    }
    let mut payload = payload.into_bytes();
    payload.extend_from_slice(body);
    format!("{encoded_header}.{}", URL_SAFE_NO_PAD.encode(payload)).into_bytes()
}
