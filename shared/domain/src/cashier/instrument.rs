//! What players pay with: a card, a bank account, a wallet. As far as it can be kept here: by the provider's own token
//! and a few last digits, and with what became of the holder's name, never the name.

use serde::{Deserialize, Serialize};

/// What a deposit was paid with, as far as the provider told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instrument {
    /// What it is.
    pub kind: InstrumentKind,
    /// The provider's token for it: where money goes back to. Without one nothing can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The last digits, by which its owner knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_digits: Option<String>,
    /// Whose money it spends, if it is a card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub funding: Option<Funding>,
    /// How the holder's name goes with the player's.
    #[serde(default)]
    pub holder: HolderMatch,
    /// Whether the provider vouches for all of this: not all parts of a message are always signed.
    #[serde(default)]
    pub proven: bool,
}

/// The kinds of instruments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstrumentKind {
    /// A payment card.
    Card,
    /// A bank account.
    BankAccount,
    /// An electronic wallet, or whatever else a provider knows.
    Wallet,
}

/// Whose money a card spends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Funding {
    /// The issuer's, to be paid back.
    Credit,
    /// The holder's.
    Debit,
    /// The holder's, paid in before.
    Prepaid,
}

/// How the name of an instrument's holder goes with the player's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HolderMatch {
    /// No name is known.
    #[default]
    Unknown,
    /// It is the player's.
    Matches,
    /// It may be the player's: initials, or a letter astray.
    Similar,
    /// It is somebody else's.
    Differs,
}

impl Instrument {
    /// What is known after the provider told more: what was known before stays, so that a later message never turns
    /// one instrument into another.
    #[must_use]
    pub fn completed_by(self, told: &Self) -> Self {
        let same = self.token.is_none() || told.token.is_none() || self.token == told.token;
        if !same {
            return self;
        }
        Self {
            kind: self.kind,
            token: self.token.or_else(|| told.token.clone()),
            last_digits: self.last_digits.or_else(|| told.last_digits.clone()),
            funding: self.funding.or(told.funding),
            holder: if self.holder == HolderMatch::Unknown { told.holder } else { self.holder },
            proven: self.proven && told.proven,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(token: Option<&str>) -> Instrument {
        Instrument {
            kind: InstrumentKind::Card,
            token: token.map(str::to_owned),
            last_digits: None,
            funding: None,
            holder: HolderMatch::Unknown,
            proven: true,
        }
    }

    #[test]
    fn what_is_told_later_completes_and_never_replaces() {
        let told =
            Instrument { funding: Some(Funding::Debit), holder: HolderMatch::Matches, ..card(Some("T")) };
        let known = card(None).completed_by(&told);
        assert_eq!(known, told);
        let other = Instrument { funding: Some(Funding::Credit), ..card(Some("U")) };
        assert_eq!(known.clone().completed_by(&other), known, "another instrument");
        let again = Instrument { last_digits: Some("1234".to_owned()), ..card(Some("T")) };
        assert_eq!(known.clone().completed_by(&again).last_digits, again.last_digits);
        let unsigned = Instrument { proven: false, ..card(None) };
        assert!(!known.completed_by(&unsigned).proven, "a chain is as strong as its weakest link");
    }
}
