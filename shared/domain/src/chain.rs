//! Tamper evidence: every entry carries the hash of the one before it, and the account carries the newest.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::entry::Entry;
use crate::fact::Fact;
use crate::ids::PlayerId;
use crate::money::Money;
use crate::{Timestamp, account::Wallet};

/// The version of the form that entries are hashed in.
const FORM: u8 = 1;

/// A SHA-256 hash; all zeros stands before a player's first entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 32]);

/// The text is not 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not 64 hexadecimal digits")]
pub struct NoDigest;

/// What an entry says, in the one form that is hashed: as RFC 8785 (JCS) writes this structure.
///
/// Left out is what may change later: the mark of a transaction that was undone.
#[derive(Serialize)]
pub(crate) struct Form<'a> {
    schema: u8,
    player: PlayerId,
    seq: u64,
    prev: Digest,
    at: Timestamp,
    integration: &'a str,
    tx: &'a str,
    brand: &'a str,
    jurisdiction: &'a str,
    fact: &'a Fact,
    postings: BTreeMap<String, Money>,
    balances: Balances,
    fingerprint: &'a str,
}

/// The balances of a wallet, as they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balances {
    /// Real money.
    pub cash: Money,
    /// Bonus money.
    pub bonus: Money,
    /// Real money set aside for withdrawals.
    pub held: Money,
    /// What the player owes.
    pub receivable: Money,
}

impl From<Wallet> for Balances {
    fn from(Wallet { cash, bonus, held, receivable }: Wallet) -> Self {
        Self { cash, bonus, held, receivable }
    }
}

impl Entry {
    /// The canonical form of the entry: UTF-8 JSON, the same bytes wherever it is written.
    ///
    /// # Errors
    /// Never for an entry that was decided; the form holds nothing that JSON cannot.
    pub fn canonical(&self) -> Result<Vec<u8>, Unwritable> {
        serde_json_canonicalizer::to_vec(&self.form()).map_err(|_| Unwritable)
    }

    /// The hash of the entry, which its successor carries.
    pub fn digest(&self) -> Result<Digest, Unwritable> {
        self.canonical().map(|form| Digest::of(&form))
    }

    pub(crate) fn form(&self) -> Form<'_> {
        Form {
            schema: FORM,
            player: self.player,
            seq: self.seq,
            prev: self.prev,
            at: self.at,
            integration: &self.key.integration,
            tx: &self.key.tx,
            brand: &self.brand,
            jurisdiction: &self.jurisdiction,
            fact: &self.fact,
            postings: self.postings.iter().map(|it| (it.account.to_string(), it.amount)).collect(),
            balances: self.balances.into(),
            fingerprint: self.fingerprint.as_str(),
        }
    }
}

/// Something cannot be written as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the entry has no canonical form")]
pub struct Unwritable;

impl Digest {
    /// The hash of some bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The hash's bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for Digest {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&hex::encode(self.0))
    }
}

impl FromStr for Digest {
    type Err = NoDigest;

    fn from_str(text: &str) -> Result<Self, NoDigest> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| NoDigest)?;
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for Digest {
    type Error = NoDigest;

    fn try_from(text: String) -> Result<Self, NoDigest> {
        text.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}
