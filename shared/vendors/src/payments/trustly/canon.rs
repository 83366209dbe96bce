//! Trustly's data: what of it is signed does not depend on how the JSON was written, only on keys and values.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// Far deeper than Trustly ever goes.
const DEEPEST: usize = 16;

/// A JSON value, each scalar as the text that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// Nothing; its key is signed all the same.
    Null,
    /// A string, or the source text of a number or a truth value.
    Text(String),
    /// Values in their order.
    List(Vec<Data>),
    /// Fields in the order of their keys' bytes.
    Object(BTreeMap<String, Data>),
}

impl Data {
    /// Reads JSON. None if it is none, too deep, or names a key twice.
    pub(super) fn read(json: &str) -> Option<Self> {
        Self::read_within(json, DEEPEST)
    }

    /// An object of texts.
    #[must_use]
    pub fn object<const N: usize>(fields: [(&str, Data); N]) -> Self {
        Self::Object(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    /// A field's text.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.field(key)? {
            Self::Text(text) => Some(text),
            Self::Null | Self::List(_) | Self::Object(_) => None,
        }
    }

    /// A field.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(fields) => fields.get(key),
            Self::Null | Self::Text(_) | Self::List(_) => None,
        }
    }

    /// What is signed of it.
    #[must_use]
    pub fn serialised(&self) -> String {
        let mut out = String::new();
        self.serialise(&mut out);
        out
    }

    fn serialise(&self, out: &mut String) {
        match self {
            Self::Null => {}
            Self::Text(text) => out.push_str(text),
            Self::List(values) => values.iter().for_each(|value| value.serialise(out)),
            Self::Object(fields) => fields.iter().for_each(|(key, value)| {
                out.push_str(key);
                value.serialise(out);
            }),
        }
    }

    fn read_within(json: &str, depth: usize) -> Option<Self> {
        let deeper = depth.checked_sub(1)?;
        let read = |raw: &RawValue| Self::read_within(raw.get(), deeper);
        Some(match json.trim_start().bytes().next()? {
            b'{' => {
                let Fields(fields) = serde_json::from_str(json).ok()?;
                let read = |(key, raw): (String, Box<RawValue>)| Some((key, read(&raw)?));
                Self::Object(fields.into_iter().map(read).collect::<Option<_>>()?)
            }
            b'[' => {
                let values: Vec<Box<RawValue>> = serde_json::from_str(json).ok()?;
                Self::List(values.iter().map(|raw| read(raw)).collect::<Option<_>>()?)
            }
            b'"' => Self::Text(serde_json::from_str(json).ok()?),
            b'n' => serde_json::from_str(json).ok().map(|()| Self::Null)?,
            _ => Self::Text(serde_json::from_str::<&RawValue>(json).ok()?.get().to_owned()),
        })
    }
}

impl From<&str> for Data {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Data {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => out.serialize_unit(),
            Self::Text(text) => out.serialize_str(text),
            Self::List(values) => out.collect_seq(values),
            Self::Object(fields) => out.collect_map(fields),
        }
    }
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(input)?;
        Self::read(raw.get()).ok_or_else(|| D::Error::custom("a key twice, or too deep"))
    }
}

/// The fields of an object. A key that comes twice could mean either: it is refused.
struct Fields(BTreeMap<String, Box<RawValue>>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Fields;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut input: A) -> Result<Fields, A::Error> {
                let mut fields = BTreeMap::new();
                while let Some((key, value)) = input.next_entry::<String, Box<RawValue>>()? {
                    if fields.insert(key, value).is_some() {
                        return Err(A::Error::custom("a key twice"));
                    }
                }
                Ok(Fields(fields))
            }
        }
        input.deserialize_map(Collect)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn serialised(json: &str) -> Option<String> {
        Data::read(json).map(|data| data.serialised())
    }

    #[test]
    fn known_data_is_serialised() {
        let json =
            r#"{"b":null,"URLScheme":"x","UnchangeableNationalIdentificationNumber":"1","arr":["b","a"]}"#;
        let text = "URLSchemexUnchangeableNationalIdentificationNumber1arrbab";
        assert_eq!(serialised(json).as_deref(), Some(text));
    }

    #[test]
    fn scalars_count_as_they_are_written() {
        for (json, text) in [
            (r#"{"a":1.50}"#, "a1.50"),
            (r#"{"a":1e2}"#, "a1e2"),
            (r#"{"a":12345678901234567890123}"#, "a12345678901234567890123"),
            (r#"{"a":true,"b":false}"#, "atruebfalse"),
            (r#"{"b":{"d":"1","c":"2"},"a":{}}"#, "abc2d1"),
            (r#" { "ä" : "\u00e4\n" } "#, "ää\n"),
            ("[]", ""),
            ("null", ""),
        ] {
            assert_eq!(serialised(json).as_deref(), Some(text), "{json}");
        }
    }

    #[test]
    fn what_could_mean_two_things_is_refused() {
        let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
        let twice = r#"{"a":{"b":1,"b":2}}"#;
        for json in
            ["", "{", "{]", "nul", "tru", r#"{"a":1}x"#, r#"{"a":01}"#, twice, r#"{"a":1,"\u0061":2}"#, &deep]
        {
            assert_eq!(serialised(json), None, "{json:.40}");
        }
    }
}
