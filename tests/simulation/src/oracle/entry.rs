//! Entries as they stand in the table, read without the platform's help.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Micros, attribute, chain, number};

/// One entry of a player's ledger.
pub(crate) struct Entry {
    /// Integration and transaction, as in its sort key.
    pub(crate) key: String,
    pub(crate) seq: u64,
    pub(crate) at_ms: i128,
    pub(crate) kind: String,
    pub(crate) brand: String,
    pub(crate) jurisdiction: String,
    pub(crate) currency: String,
    pub(crate) postings: BTreeMap<String, Micros>,
    pub(crate) after: Balances,
    /// The hash of the entry before, as it says, and its own.
    pub(crate) prev: [u8; 32],
    pub(crate) hash: [u8; 32],
    fact: Value,
}

/// What a player has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Balances {
    pub(crate) cash: Micros,
    pub(crate) bonus: Micros,
    pub(crate) held: Micros,
    pub(crate) receivable: Micros,
}

impl Entry {
    pub(crate) fn read(item: &Value) -> Result<Self, String> {
        Self::parse(item).ok_or_else(|| format!("an entry cannot be read: {item}"))
    }

    fn parse(item: &Value) -> Option<Self> {
        let fact = item.get("fact")?.get("M")?;
        let mut postings = BTreeMap::new();
        if let Some(post) = item.get("post").and_then(|it| it.get("M")).and_then(Value::as_object) {
            for (account, amount) in post {
                postings.insert(account.clone(), micros(amount.get("S")?.as_str()?)?);
            }
        }
        Some(Self {
            key: attribute(item, "sk")?.strip_prefix("TX#")?.to_owned(),
            seq: number(item, "seq")?.try_into().ok()?,
            at_ms: number(item, "at")?,
            kind: attribute(fact, "kind")?.to_owned(),
            brand: attribute(item, "br")?.to_owned(),
            jurisdiction: attribute(item, "ju")?.to_owned(),
            currency: attribute(item, "cur")?.to_owned(),
            postings,
            after: Balances::read(item)?,
            prev: chain::carried(item, "prev")?,
            hash: chain::hash(item)?,
            fact: fact.clone(),
        })
    }

    /// A text of the fact.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        attribute(&self.fact, name)
    }

    /// The refund of ours that the fact is about, by its reference.
    pub(crate) fn refund(&self) -> Option<String> {
        Some(format!("{}-{}", self.text("deposit")?, number(&self.fact, "refund")?))
    }

    /// The round that the fact belongs to, under the vendor's name.
    pub(crate) fn round(&self) -> Option<String> {
        let vendor = self.key.split_once('#')?.0;
        Some(format!("{vendor}#{}", attribute(self.fact.get("play")?.get("M")?, "round")?))
    }

    /// The key of what the fact undoes, or forbids.
    pub(crate) fn target(&self) -> Option<String> {
        Some(format!("{}#{}", self.key.split_once('#')?.0, self.text("target")?))
    }

    /// The reference of the bet that the fact pays, under the vendor's name.
    pub(crate) fn bet(&self) -> Option<String> {
        Some(format!("{}#{}", self.key.split_once('#')?.0, self.text("bet")?))
    }

    /// Whether something was undone.
    pub(crate) fn undid(&self) -> bool {
        self.fact.get("undone").is_some_and(|it| it.get("M").is_some())
    }

    /// An amount of the fact.
    pub(crate) fn amount(&self, name: &str) -> Option<Micros> {
        micros(self.text(name)?)
    }

    /// Whether the fact says so.
    pub(crate) fn says(&self, name: &str) -> bool {
        self.fact.get(name).and_then(|it| it.get("BOOL")).and_then(Value::as_bool).unwrap_or_default()
    }
}

impl Balances {
    /// Balances as an account or an entry shows them.
    pub(crate) fn read(item: &Value) -> Option<Self> {
        Some(Self {
            cash: number(item, "cash")?,
            bonus: number(item, "bon")?,
            held: number(item, "held")?,
            receivable: number(item, "rec")?,
        })
    }

    /// The same after postings. What a player owes is an asset of the house: it grows where others shrink.
    pub(crate) fn with(self, postings: &BTreeMap<String, Micros>) -> Self {
        let moved = |account: &str| postings.get(account).copied().unwrap_or_default();
        Self {
            cash: self.cash + moved("player:cash"),
            bonus: self.bonus + moved("player:bonus"),
            held: self.held + moved("player:held"),
            receivable: self.receivable - moved("receivable"),
        }
    }

    /// What may leave: what is owed may not.
    pub(crate) fn withdrawable(self) -> Micros {
        (self.cash - self.receivable).max(0)
    }

    /// What may be staked.
    pub(crate) fn playable(self) -> Micros {
        self.cash + self.bonus
    }

    pub(crate) fn is_sound(self) -> bool {
        self.cash >= 0 && self.bonus >= 0 && self.held >= 0 && self.receivable >= 0
    }
}

/// Reads an amount such as `-12.50 EUR`.
fn micros(text: &str) -> Option<Micros> {
    let decimal = text.split(' ').next()?;
    let (sign, digits) = decimal.strip_prefix('-').map_or((1, decimal), |rest| (-1, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = format!("{fraction:0<6}");
    let value: Micros =
        whole.parse::<Micros>().ok()? * 1_000_000 + fraction.get(..6)?.parse::<Micros>().ok()?;
    (fraction.len() == 6).then_some(sign * value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_exactly() {
        assert_eq!(micros("12.50 EUR"), Some(12_500_000));
        assert_eq!(micros("-0.00001 EUR"), Some(-10));
        assert_eq!(micros("3 EUR"), Some(3_000_000));
        assert_eq!(micros("0.0000001 EUR"), None);
    }
}
