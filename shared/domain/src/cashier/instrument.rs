//! What players pay with: a card, a bank account, a wallet. As far as it can be kept here: by the provider's own token
//! and a few last digits, and with what became of the holder's name, never the name.

use serde::{Deserialize, Serialize};

use super::InstrumentFingerprint;

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
    /// What it has in common with the same instrument of somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<InstrumentFingerprint>,
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
        let same = may_be_same(self.token.as_ref(), told.token.as_ref())
            && may_be_same(self.fingerprint.as_ref(), told.fingerprint.as_ref());
        if !same {
            return self;
        }
        Self {
            kind: self.kind,
            token: self.token.or_else(|| told.token.clone()),
            last_digits: self.last_digits.or_else(|| told.last_digits.clone()),
            funding: self.funding.or(told.funding),
            holder: if self.holder == HolderMatch::Unknown { told.holder } else { self.holder },
            fingerprint: self.fingerprint.or_else(|| told.fingerprint.clone()),
            proven: self.proven && told.proven,
        }
    }
}

/// Whether two words for one thing do not contradict each other.
fn may_be_same<T: PartialEq>(known: Option<&T>, told: Option<&T>) -> bool {
    known.zip(told).is_none_or(|(known, told)| known == told)
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
            fingerprint: None,
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
        let print = |byte| Some(InstrumentFingerprint::of_mac(&[byte]));
        let printed = Instrument { fingerprint: print(1), ..card(Some("T")) };
        let completed = known.clone().completed_by(&printed);
        assert_eq!(completed.fingerprint, print(1));
        let other = Instrument { fingerprint: print(2), last_digits: Some("9".to_owned()), ..card(None) };
        assert_eq!(completed.clone().completed_by(&other), completed, "another one");
        let unsigned = Instrument { proven: false, ..card(None) };
        assert!(!known.completed_by(&unsigned).proven, "a chain is as strong as its weakest link");
    }
}
