//! The audited checks of authenticity. Nothing else makes a call [`Authentic`].

use p521::ecdsa::signature::Verifier;
use ring::{digest, hmac, signature};

use crate::call::{Authentic, RawCall};

/// The call does not prove that it comes from the vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the call is not authentic")]
pub struct Unauthentic;

/// Accepts a call whose message carries an HMAC-SHA256 made with any of the keys. Constant time; empty keys fail.
pub(crate) fn hmac_sha256<'a>(
    call: RawCall<'a>,
    keys: &[Vec<u8>],
    message: &[u8],
    tag: &[u8],
) -> Result<Authentic<'a>, Unauthentic> {
    hmac(hmac::HMAC_SHA256, call, keys, message, tag)
}

/// The same with HMAC-SHA512.
pub(crate) fn hmac_sha512<'a>(
    call: RawCall<'a>,
    keys: &[Vec<u8>],
    message: &[u8],
    tag: &[u8],
) -> Result<Authentic<'a>, Unauthentic> {
    hmac(hmac::HMAC_SHA512, call, keys, message, tag)
}

fn hmac<'a>(
    algorithm: hmac::Algorithm,
    call: RawCall<'a>,
    keys: &[Vec<u8>],
    message: &[u8],
    tag: &[u8],
) -> Result<Authentic<'a>, Unauthentic> {
    let genuine = keys.iter().filter(|key| !key.is_empty()).any(|key| {
        let key = hmac::Key::new(algorithm, key);
        hmac::verify(&key, message, tag).is_ok()
    });
    if genuine { Ok(Authentic::new(call)) } else { Err(Unauthentic) }
}

/// Accepts a call that shows any of the tokens we share with the vendor. What is compared are digests of one
/// length, in constant time; empty tokens fail.
pub(crate) fn shared_token<'a>(
    call: RawCall<'a>,
    tokens: &[Vec<u8>],
    shown: &[u8],
) -> Result<Authentic<'a>, Unauthentic> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"a token shared with a vendor");
    let shown = hmac::sign(&key, shown);
    let genuine = tokens
        .iter()
        .filter(|token| !token.is_empty())
        .any(|token| hmac::verify(&key, token, shown.as_ref()).is_ok());
    if genuine { Ok(Authentic::new(call)) } else { Err(Unauthentic) }
}

/// Accepts a call whose raw body is signed with RSA PKCS#1 v1.5 and SHA-256 by any of the keys (PKCS#1 DER).
pub(crate) fn rsa_sha256<'a>(
    call: RawCall<'a>,
    keys: &[Vec<u8>],
    tag: &[u8],
) -> Result<Authentic<'a>, Unauthentic> {
    let genuine = keys.iter().any(|key| {
        signature::UnparsedPublicKey::new(&signature::RSA_PKCS1_2048_8192_SHA256, key)
            .verify(call.body, tag)
            .is_ok()
    });
    if genuine { Ok(Authentic::new(call)) } else { Err(Unauthentic) }
}

/// Accepts a call whose message is signed with RSA PKCS#1 v1.5 by any of the keys (PKCS#1 DER), where the vendor signs
/// fields instead of bytes and may choose the hash. The caller decides which hashes may be chosen.
pub(crate) fn rsa_over<'a>(
    call: RawCall<'a>,
    algorithm: &'static signature::RsaParameters,
    keys: &[Vec<u8>],
    message: &[u8],
    tag: &[u8],
) -> Result<Authentic<'a>, Unauthentic> {
    let genuine =
        keys.iter().any(|key| signature::UnparsedPublicKey::new(algorithm, key).verify(message, tag).is_ok());
    if genuine { Ok(Authentic::new(call)) } else { Err(Unauthentic) }
}

/// Accepts a call whose message is signed with ECDSA on P-521 and SHA-512; the signature is `r` and `s`, 66 bytes each.
pub(crate) fn es512<'a>(
    call: RawCall<'a>,
    key: &p521::ecdsa::VerifyingKey,
    message: &[u8],
    tag: &[u8],
) -> Result<Authentic<'a>, Unauthentic> {
    let tag = p521::ecdsa::Signature::from_slice(tag).map_err(|_| Unauthentic)?;
    match key.verify(message, &tag) {
        Ok(()) => Ok(Authentic::new(call)),
        Err(_) => Err(Unauthentic),
    }
}

/// Accepts a call that shows SHA-256 over any of the secrets followed by the message. Such a checksum can be prolonged
/// by who knows one: the caller must know each field's form. Constant time; empty secrets fail.
pub(crate) fn sha256_after_secret<'a>(
    call: RawCall<'a>,
    secrets: &[Vec<u8>],
    message: &[u8],
    shown: &[u8],
) -> Result<Authentic<'a>, Unauthentic> {
    let checksums: Vec<Vec<u8>> = secrets
        .iter()
        .filter(|secret| !secret.is_empty())
        .map(|secret| {
            digest::digest(&digest::SHA256, &[secret.as_slice(), message].concat()).as_ref().to_vec()
        })
        .collect();
    shared_token(call, &checksums, shown)
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    /// Settings refuse empty secrets before any call comes; should one slip through, it proves nothing.
    #[test]
    fn an_empty_secret_proves_nothing() {
        let headers = HeaderMap::new();
        let call = RawCall::post("", &headers, b"body");
        let tag = |algorithm| hmac::sign(&hmac::Key::new(algorithm, b""), b"message").as_ref().to_vec();
        let none = [Vec::new()];
        assert!(hmac_sha256(call, &none, b"message", &tag(hmac::HMAC_SHA256)).is_err());
        assert!(hmac_sha512(call, &none, b"message", &tag(hmac::HMAC_SHA512)).is_err());
        assert!(shared_token(call, &none, b"").is_err());
        let plain = digest::digest(&digest::SHA256, b"message");
        assert!(sha256_after_secret(call, &none, b"message", plain.as_ref()).is_err());
        let two = [Vec::new(), b"key".to_vec()];
        assert!(shared_token(call, &two, b"key").is_ok(), "and does not stand in the way of another");
    }
}
