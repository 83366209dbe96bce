//! What a withdrawal request says: how much, by which method, and to which account.

use domain::cashier::InstrumentIdentity;
use domain::ids::PlayerId;
use edge::{Checks, Problem, Request};
use iban::IbanLike;
use serde::Deserialize;
use sha2::{Digest, Sha256};

pub(crate) struct Body {
    /// How much, as a decimal in the wallet's currency.
    pub(crate) amount: String,
    /// The cashier method.
    pub(crate) method: String,
    /// The account, if one is named.
    pub(crate) iban: Option<Iban>,
}

/// A valid IBAN in electronic form. Personal data: not to be shown.
pub(crate) struct Iban(String);

#[derive(Deserialize)]
struct Wire {
    amount: String,
    method: String,
    destination: Option<Destination>,
}

#[derive(Deserialize)]
#[serde(expecting = "an object with an iban")]
struct Destination {
    iban: String,
}

impl Body {
    pub(crate) fn read(request: &Request) -> Result<Self, Problem> {
        let Wire { amount, method, destination } = request.json()?;
        let iban = destination.as_ref().map(|destination| Iban::parse(&destination.iban));
        let mut checks = Checks::default();
        checks.require(!matches!(iban, Some(None)), "/destination/iban", "must be a valid IBAN");
        checks.done()?;
        Ok(Self { amount, method, iban: iban.flatten() })
    }
}

impl Iban {
    /// Blanks and letter case make no difference; country, length, form and check digits must be right.
    fn parse(text: &str) -> Option<Self> {
        const LONGEST_AS_TYPED: usize = 64;
        if text.len() > LONGEST_AS_TYPED {
            return None;
        }
        let compact: String =
            text.chars().filter(|it| *it != ' ').map(|it| it.to_ascii_uppercase()).collect();
        let iban: iban::Iban = compact.parse().ok()?;
        Some(Self(iban.electronic_str().to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// What the account is known by to everybody.
    pub(crate) fn identity(&self) -> Option<InstrumentIdentity> {
        InstrumentIdentity::iban(&self.0)
    }
}

/// What a repeat must match of the destination. Salted with the player, so that it does not link two of them.
pub(crate) fn fingerprint(player: PlayerId, iban: Option<&Iban>) -> String {
    let Some(iban) = iban else { return String::new() };
    hex::encode(Sha256::digest(format!("{player}#{}", iban.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<String> {
        Iban::parse(text).map(|iban| iban.0)
    }

    #[test]
    fn an_iban_is_read_however_it_is_typed() {
        let electronic = Some("DE89370400440532013000".to_owned());
        assert_eq!(parsed("DE89370400440532013000"), electronic);
        assert_eq!(parsed("de89 3704 0044 0532 0130 00"), electronic);
        assert!(parsed("MT84MALT011000012345MTLCAST001S").is_some());
        assert!(parsed("GB29 NWBK 6016 1331 9268 19").is_some());
    }

    #[test]
    fn what_is_no_iban_is_refused() {
        let long = "DE89370400440532013000".repeat(10);
        for text in [
            "",
            "DE",
            "DE88370400440532013000",
            "DE8937040044053201300",
            "XX89370400440532013000",
            "💶",
            &long,
        ] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }

    #[test]
    fn the_same_account_has_the_same_fingerprint_for_one_player_only() {
        let ann = "ply_01HZX3M2T9QK4V7W8Y6N5R1ABC".parse().unwrap();
        let bob = "ply_01HZX3M2T9QK4V7W8Y6N5R1ABD".parse().unwrap();
        let (one, same) = (Iban::parse("DE89370400440532013000"), Iban::parse("de89 3704 0044 0532 0130 00"));
        assert_eq!(fingerprint(ann, one.as_ref()), fingerprint(ann, same.as_ref()));
        assert_ne!(fingerprint(ann, one.as_ref()), fingerprint(bob, one.as_ref()));
        assert_ne!(fingerprint(ann, one.as_ref()), fingerprint(ann, None));
    }
}
