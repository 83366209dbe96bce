//! A line of a statement, with the hash of what it says computed anew.

use std::collections::BTreeMap;
use std::fmt;

use domain::chain::Balances;
use domain::entry::{LedgerAccount, Posting};
use domain::export::Header;
use domain::ids::PlayerId;
use domain::{Digest, Money};
use serde::Deserialize;
use serde_json::Value;

/// A line.
pub(super) enum Line {
    Header(Box<Header>),
    Entry(Box<Row>),
}

/// An entry, as far as it is checked.
pub(super) struct Row {
    pub(super) player: PlayerId,
    pub(super) seq: u64,
    pub(super) prev: Digest,
    name: String,
    pub(super) postings: Vec<Posting>,
    pub(super) balances: Balances,
    /// The hash of what the line says.
    pub(super) hash: Digest,
    /// The hash that the line claims.
    claimed: Digest,
}

#[derive(Deserialize)]
struct Fields {
    player: PlayerId,
    seq: u64,
    prev: Digest,
    integration: String,
    tx: String,
    postings: BTreeMap<LedgerAccount, Money>,
    balances: Balances,
}

impl Line {
    pub(super) fn read(line: &str) -> Result<Self, String> {
        let mut value: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        if value.get("pitboss_statement").is_some() {
            let header = serde_json::from_value(value).map_err(|error| error.to_string())?;
            return Ok(Self::Header(Box::new(header)));
        }
        let claimed =
            value.as_object_mut().and_then(|line| line.remove("hash")).ok_or("an entry without hash")?;
        let claimed = serde_json::from_value(claimed).map_err(|error| format!("hash: {error}"))?;
        let form = serde_json_canonicalizer::to_vec(&value).map_err(|error| error.to_string())?;
        let fields: Fields = serde_json::from_value(value).map_err(|error| error.to_string())?;
        let posting = |(account, amount)| Posting { account, amount };
        Ok(Self::Entry(Box::new(Row {
            player: fields.player,
            seq: fields.seq,
            prev: fields.prev,
            name: format!("entry {} ({} {})", fields.seq, fields.integration, fields.tx),
            postings: fields.postings.into_iter().map(posting).collect(),
            balances: fields.balances,
            hash: Digest::of(&form),
            claimed,
        })))
    }
}

impl Row {
    /// What is to be said of an entry that is not what its hash says.
    pub(super) fn changed(&self) -> Option<String> {
        (self.hash != self.claimed)
            .then(|| format!("{self} was changed: it does not hash to {}", self.claimed))
    }
}

impl fmt::Display for Row {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.name)
    }
}
