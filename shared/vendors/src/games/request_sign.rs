//! The signature that `SoftSwiss` and Swipe Games share: HMAC-SHA256 in hexadecimal, in one header.

use ring::hmac;

use crate::call::{Authentic, RawCall};
use crate::proof::{self, Unauthentic};

/// The header it comes in.
pub(super) const HEADER: &str = "x-request-sign";

/// Accepts a call whose header signs a message with any of the keys.
pub(super) fn verify<'a>(
    call: RawCall<'a>,
    keys: &[Vec<u8>],
    message: &[u8],
) -> Result<Authentic<'a>, Unauthentic> {
    let signature = call.header(HEADER).ok_or(Unauthentic)?;
    let tag = hex::decode(signature).map_err(|_| Unauthentic)?;
    proof::hmac_sha256(call, keys, message, &tag)
}

/// The signature of a message of ours.
pub(super) fn sign(key: &[u8], message: &[u8]) -> String {
    hex::encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message))
}
