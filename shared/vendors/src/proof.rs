//! The audited checks of authenticity. Nothing else makes a call [`Authentic`].

use ring::{hmac, signature};

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
    let genuine = keys.iter().filter(|key| !key.is_empty()).any(|key| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        hmac::verify(&key, message, tag).is_ok()
    });
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
