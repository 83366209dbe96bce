//! Hashes as binary attributes: half the size of their text.

use std::fmt;

use domain::Digest;
use serde::de::{Deserializer, Error, Visitor};
use serde::ser::Serializer;

pub(super) fn serialize<S: Serializer>(digest: &Digest, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_bytes(digest.bytes())
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Digest, D::Error> {
    input.deserialize_byte_buf(Bytes)
}

struct Bytes;

impl Visitor<'_> for Bytes {
    type Value = Digest;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("32 bytes")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Digest, E> {
        let hash: [u8; 32] = bytes.try_into().map_err(|_| E::invalid_length(bytes.len(), &self))?;
        Ok(Digest::from(hash))
    }
}
