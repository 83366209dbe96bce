//! What tells an instrument from all others, whoever pays with it. The identity itself is hashed under a key and
//! forgotten; the hash says no more than that two players use the same one.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Split;
use crate::deposit::Deposit;
use crate::withdrawal::{PayTo, Withdrawal};

/// What an instrument is known by to everybody. Personal data: never kept, never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct InstrumentIdentity(String);

/// The hash of an identity under the platform's own key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InstrumentFingerprint(String);

impl InstrumentIdentity {
    /// What a provider calls it, if it calls it so whoever pays with it. Two providers' names have nothing in common.
    #[must_use]
    pub fn named(provider: &str, name: &str) -> Option<Self> {
        let name = name.trim();
        (!name.is_empty()).then(|| Self(format!("{provider}:{name}")))
    }

    /// A bank account by its IBAN, however that is written. A British one is its sort code and number: by these alone
    /// it is the same account.
    #[must_use]
    pub fn iban(text: &str) -> Option<Self> {
        const COUNTRY: usize = 2;
        const BEFORE_THE_SORT_CODE: usize = 8;
        let iban: String = text.chars().filter(|it| !it.is_whitespace()).collect();
        let iban = iban.to_ascii_uppercase();
        let is_plain = (15..=34).contains(&iban.len()) && iban.bytes().all(|it| it.is_ascii_alphanumeric());
        let country = iban.get(..COUNTRY).filter(|_| is_plain)?;
        match iban
            .get(BEFORE_THE_SORT_CODE..)
            .filter(|_| country == "GB")
            .and_then(|it| it.split_at_checked(6))
        {
            Some((sort_code, number)) => Self::sort_code(sort_code, number),
            None => Some(Self(format!("iban:{iban}"))),
        }
    }

    /// A British bank account by its sort code, with or without dashes, and its number.
    #[must_use]
    pub fn sort_code(sort_code: &str, number: &str) -> Option<Self> {
        let digits = |text: &str, count: usize| {
            let digits: String = text.chars().filter(|it| !matches!(it, '-' | ' ')).collect();
            (digits.len() == count && digits.bytes().all(|it| it.is_ascii_digit())).then_some(digits)
        };
        Some(Self(format!("account:GB:{}:{}", digits(sort_code, 6)?, digits(number, 8)?)))
    }

    /// What is hashed: one text for one instrument.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl InstrumentFingerprint {
    /// The fingerprint that a keyed hash makes.
    #[must_use]
    pub fn of_mac(mac: &[u8]) -> Self {
        Self(hex::encode(mac))
    }

    /// As it is kept.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for InstrumentIdentity {
    /// Without what it is.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("InstrumentIdentity")
    }
}

impl fmt::Debug for InstrumentFingerprint {
    /// Without the hash: logs must not link players.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("InstrumentFingerprint")
    }
}

/// The instruments that a player's money came from, or goes to by name, now and before.
#[must_use]
pub fn instruments(
    deposits: &[Deposit],
    withdrawals: &[Withdrawal],
    split: &Split,
) -> BTreeSet<InstrumentFingerprint> {
    let paid_in = deposits.iter().filter_map(Deposit::used_instrument);
    let payouts = withdrawals.iter().flat_map(|it| &it.payouts).chain(&split.payouts);
    paid_in.chain(payouts.filter_map(|payout| payout.to.fingerprint())).cloned().collect()
}

impl PayTo {
    /// The fingerprint of the account that the player named.
    #[must_use]
    pub const fn fingerprint(&self) -> Option<&InstrumentFingerprint> {
        match self {
            Self::BankAccount { fingerprint, .. } => fingerprint.as_ref(),
            Self::Source { .. } | Self::Payment => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_account_is_one_identity_however_it_is_written() {
        let iban = InstrumentIdentity::iban;
        assert_eq!(iban("DE89370400440532013000"), iban(" de89 3704 0044 0532 0130 00 "));
        assert_ne!(iban("DE89370400440532013000"), iban("DE02120300000000202051"));
        let british = iban("GB29 NWBK 6016 1331 9268 19");
        assert!(british.is_some());
        assert_eq!(british, InstrumentIdentity::sort_code("60-16-13", "31926819"));
        assert_ne!(british, InstrumentIdentity::sort_code("60-16-13", "31926818"));
    }

    #[test]
    fn what_is_no_account_has_no_identity() {
        for text in
            ["", "DE", "€€€€€€€€€€€€€€€", "DE89/370400440532013000", &"DE89370400440532013000".repeat(2)]
        {
            assert_eq!(InstrumentIdentity::iban(text), None, "{text}");
        }
        for (code, number) in [("601613", "3192681"), ("60161", "31926819"), ("6016a3", "31926819"), ("", "")]
        {
            assert_eq!(InstrumentIdentity::sort_code(code, number), None, "{code} {number}");
        }
        assert_eq!(InstrumentIdentity::named("adyen", "  "), None);
    }

    #[test]
    fn names_of_two_providers_are_two_instruments() {
        assert_ne!(InstrumentIdentity::named("adyen", "1"), InstrumentIdentity::named("nuvei", "1"));
    }

    #[test]
    fn neither_is_shown() {
        let identity = InstrumentIdentity::iban("DE89370400440532013000").unwrap();
        let fingerprint = InstrumentFingerprint::of_mac(&[0xab; 32]);
        let shown = format!("{identity:?} {fingerprint:?}");
        assert!(!shown.contains("DE89") && !shown.contains("abab"), "{shown}");
    }
}
