//! The exported form of a ledger, which `pitboss verify` checks with nothing but the file at hand.
//!
//! JSON Lines: a header, then one line an entry, oldest first: the entry's canonical form with its hash beside it.

use serde::{Deserialize, Serialize};

use crate::account::{Account, Wallet};
use crate::chain::{Balances, Digest, Form, Unwritable};
use crate::entry::{Entry, Posting};
use crate::ids::PlayerId;
use crate::money::{Money, MoneyError};

/// The version of the exported form.
pub const FORM: u8 = 1;

/// What an export covers: a run of a player's entries, and what stood before and after them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The version of the form; also what tells a header from an entry.
    pub pitboss_statement: u8,
    /// Whose entries.
    pub player: PlayerId,
    /// The number of the first entry.
    pub from_seq: u64,
    /// The hash of the entry before it; zeros if there is none.
    pub prev: Digest,
    /// The balances before it.
    pub opening: Balances,
    /// The number of the last entry; one less than `from_seq` if there are none.
    pub to_seq: u64,
    /// The balances after it.
    pub closing: Balances,
    /// The hash of the last entry.
    pub head: Digest,
}

#[derive(Serialize)]
struct Exported<'a> {
    #[serde(flatten)]
    form: Form<'a>,
    hash: Digest,
}

impl Header {
    /// The header of entries that follow each other, oldest first; none if there are none.
    pub fn of(entries: &[Entry]) -> Result<Option<Self>, Unwritable> {
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return Ok(None) };
        Ok(Some(Self {
            pitboss_statement: FORM,
            player: first.player,
            from_seq: first.seq,
            prev: first.prev,
            opening: first.balances_before().map_err(|_| Unwritable)?.into(),
            to_seq: last.seq,
            closing: last.balances.into(),
            head: last.digest()?,
        }))
    }

    /// The header of an export without entries: nothing has happened since the account became what it is.
    #[must_use]
    pub fn of_nothing(account: &Account) -> Self {
        Self {
            pitboss_statement: FORM,
            player: account.player,
            from_seq: account.version.saturating_add(1),
            prev: account.head,
            opening: account.wallet.into(),
            to_seq: account.version,
            closing: account.wallet.into(),
            head: account.head,
        }
    }

    /// The first line of the export, without its end.
    pub fn line(&self) -> Result<String, Unwritable> {
        serde_json_canonicalizer::to_string(self).map_err(|_| Unwritable)
    }
}

impl Entry {
    /// The entry's line of the export, without its end: the canonical form, and the hash of just that.
    pub fn exported(&self) -> Result<String, Unwritable> {
        let exported = Exported { form: self.form(), hash: self.digest()? };
        serde_json_canonicalizer::to_string(&exported).map_err(|_| Unwritable)
    }

    /// The balances before the entry.
    pub fn balances_before(&self) -> Result<Wallet, MoneyError> {
        let undone = self.postings.iter().map(|it| {
            let amount = Money::zero(it.amount.currency()).minus(it.amount)?;
            Ok(Posting { account: it.account.clone(), amount })
        });
        self.balances.after(&undone.collect::<Result<Vec<_>, _>>()?)
    }
}

impl Wallet {
    /// The balances after postings.
    pub fn after(mut self, postings: &[Posting]) -> Result<Self, MoneyError> {
        for posting in postings {
            self.post(&posting.account, posting.amount)?;
        }
        Ok(self)
    }
}
