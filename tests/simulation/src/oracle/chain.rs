//! The chain: each entry's hash, taken from the item as it stands, in the one form that is hashed (canonical JSON).

use std::fmt::Write;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ring::digest::{SHA256, digest};
use serde_json::{Map, Value, json};

use super::{Micros, attribute, number};

/// What stands before a player's first entry.
pub(super) const BEGINNING: [u8; 32] = [0; 32];

/// A hash that an item carries.
pub(super) fn carried(item: &Value, name: &str) -> Option<[u8; 32]> {
    let bytes = BASE64_STANDARD.decode(item.get(name)?.get("B")?.as_str()?).ok()?;
    bytes.try_into().ok()
}

/// The hash of an entry.
pub(super) fn hash(item: &Value) -> Option<[u8; 32]> {
    let mut text = String::new();
    write(&form(item)?, &mut text)?;
    digest(&SHA256, text.as_bytes()).as_ref().try_into().ok()
}

/// What an entry says, without what may change later.
fn form(item: &Value) -> Option<Value> {
    let (integration, tx) = attribute(item, "sk")?.strip_prefix("TX#")?.split_once('#')?;
    let currency = attribute(item, "cur")?;
    let at = jiff::Timestamp::from_millisecond(number(item, "at")?.try_into().ok()?).ok()?;
    let balance = |name| Some(format!("{} {currency}", decimal(number(item, name)?)));
    let seq: u64 = number(item, "seq")?.try_into().ok()?;
    Some(json!({
        "schema": 1,
        "player": attribute(item, "pk")?,
        "seq": seq,
        "prev": hex::encode(carried(item, "prev")?),
        "at": at.to_string(),
        "integration": integration,
        "tx": tx,
        "brand": attribute(item, "br")?,
        "jurisdiction": attribute(item, "ju")?,
        "fact": plain(item.get("fact")?)?,
        "postings": item.get("post").map_or(Some(json!({})), plain)?,
        "balances": {
            "cash": balance("cash")?,
            "bonus": balance("bon")?,
            "held": balance("held")?,
            "receivable": balance("rec")?,
        },
        "fingerprint": attribute(item, "fp")?,
    }))
}

/// An attribute without its type.
fn plain(attribute: &Value) -> Option<Value> {
    let (kind, value) = attribute.as_object()?.iter().next()?;
    Some(match kind.as_str() {
        "M" => {
            let fields = value.as_object()?.iter().map(|(name, it)| Some((name.clone(), plain(it)?)));
            Value::Object(fields.collect::<Option<Map<String, Value>>>()?)
        }
        "L" => Value::Array(value.as_array()?.iter().map(plain).collect::<Option<_>>()?),
        "N" => serde_json::from_str(value.as_str()?).ok()?,
        "NULL" => Value::Null,
        _ => value.clone(),
    })
}

/// Writes JSON as RFC 8785 has it; keys here are ASCII, and numbers whole.
fn write(value: &Value, out: &mut String) -> Option<()> {
    match value {
        Value::Object(fields) => {
            let mut names: Vec<&String> = fields.keys().collect();
            names.sort();
            out.push('{');
            for (nth, name) in names.into_iter().enumerate() {
                out.push_str(if nth == 0 { "" } else { "," });
                write!(out, "{}:", json!(name)).ok()?;
                write(fields.get(name)?, out)?;
            }
            out.push('}');
        }
        Value::Array(values) => {
            out.push('[');
            for (nth, it) in values.iter().enumerate() {
                out.push_str(if nth == 0 { "" } else { "," });
                write(it, out)?;
            }
            out.push(']');
        }
        other => write!(out, "{other}").ok()?,
    }
    Some(())
}

/// Millionths as money is written: two places at least, and no zeros beyond.
pub(crate) fn decimal(micros: Micros) -> String {
    let sign = if micros < 0 { "-" } else { "" };
    let micros = micros.abs();
    let text = format!("{sign}{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    let kept = text.trim_end_matches('0').len().max(text.len() - 4);
    text.get(..kept).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_as_short_as_it_may_be() {
        assert_eq!(decimal(12_500_000), "12.50");
        assert_eq!(decimal(10), "0.00001");
        assert_eq!(decimal(-1), "-0.000001");
        assert_eq!(decimal(0), "0.00");
    }
}
