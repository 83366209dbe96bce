//! JSON as vendors send it, field by field, each still as written: numbers must not pass through floating point.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::Rejection;

/// Texts that end up in the ledger are bounded: a record has only so much room.
pub(super) const LONGEST_TEXT: usize = 255;

/// The fields of a JSON object.
pub(super) struct Fields<'a>(BTreeMap<String, &'a RawValue>);

impl<'a> Fields<'a> {
    /// Reads a body.
    pub(super) fn read(body: &'a [u8]) -> Result<Self, Rejection> {
        let text = std::str::from_utf8(body).map_err(|_| Rejection::Malformed)?;
        serde_json::from_str(text).map(Self).map_err(|_| Rejection::Malformed)
    }

    /// A field that must be there and hold objects.
    pub(super) fn objects(&self, name: &str) -> Result<Vec<Self>, Rejection> {
        let objects: Vec<BTreeMap<String, &'a RawValue>> =
            serde_json::from_str(self.written(name)?).map_err(|_| Rejection::WrongType)?;
        Ok(objects.into_iter().map(Self).collect())
    }

    /// A field that may be absent or null.
    pub(super) fn optional<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Rejection> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        serde_json::from_str(value.get()).map_err(|_| Rejection::WrongType)
    }

    /// A field that must be there.
    pub(super) fn required<T: DeserializeOwned>(&self, name: &str) -> Result<T, Rejection> {
        serde_json::from_str(self.written(name)?).map_err(|_| Rejection::WrongType)
    }

    /// A flag that is off unless it is there.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Rejection> {
        Ok(self.optional(name)?.unwrap_or(false))
    }

    /// A bounded text that may be absent or null.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Rejection> {
        self.optional(name)?.map(bounded).transpose()
    }

    /// A bounded text that must be there.
    pub(super) fn required_text(&self, name: &str) -> Result<String, Rejection> {
        bounded(self.required(name)?)
    }

    fn written(&self, name: &str) -> Result<&'a str, Rejection> {
        self.0.get(name).map(|value| value.get()).ok_or(Rejection::Malformed)
    }
}

fn bounded(text: String) -> Result<String, Rejection> {
    if text.len() <= LONGEST_TEXT { Ok(text) } else { Err(Rejection::WrongType) }
}
