//! Findings: what is not as it should be, and how much they add up to.

use std::collections::BTreeMap;
use std::fmt;

use domain::ids::PlayerId;
use domain::{Currency, Money};

/// A difference between what should be and what is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whose books; none for figures of a whole day.
    pub player: Option<PlayerId>,
    /// The currency it counts in.
    pub currency: String,
    /// What was compared.
    pub what: String,
    /// What should be.
    pub expected: String,
    /// What is.
    pub found: String,
    /// How much it counts: units of the ledger for amounts, their number for things that are missing, else one.
    pub weight: u64,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(player) = self.player {
            write!(out, "{player}: ")?;
        }
        write!(out, "{}: expected {}, found {}", self.what, self.expected, self.found)
    }
}

/// The books of one player or brand, to which findings are noted.
#[derive(Clone, Debug)]
pub(crate) struct Notes {
    player: Option<PlayerId>,
    currency: String,
    findings: Vec<Finding>,
}

impl Notes {
    pub(crate) fn new(player: Option<PlayerId>, currency: impl fmt::Display) -> Self {
        Self { player, currency: currency.to_string(), findings: Vec::new() }
    }

    /// Notes values that must be the same and are not.
    pub(crate) fn compare<T: PartialEq + fmt::Display>(&mut self, what: &str, expected: T, found: T) {
        if expected != found {
            self.note(what, expected, found, 1);
        }
    }

    /// Notes numbers that must be the same and are not, by how far they are apart.
    pub(crate) fn compare_numbers(&mut self, what: &str, expected: u64, found: u64) {
        if expected != found {
            self.note(what, expected, found, expected.abs_diff(found));
        }
    }

    /// Notes amounts that must be the same and are not, by how far they are apart.
    pub(crate) fn compare_amounts(&mut self, what: &str, expected: Money, found: Money) {
        if expected != found {
            let apart = expected.units().abs_diff(found.units());
            self.note(what, expected, found, apart.max(1));
        }
    }

    pub(crate) fn note(
        &mut self,
        what: &str,
        expected: impl fmt::Display,
        found: impl fmt::Display,
        weight: u64,
    ) {
        self.findings.push(Finding {
            player: self.player,
            currency: self.currency.clone(),
            what: what.to_owned(),
            expected: expected.to_string(),
            found: found.to_string(),
            weight,
        });
    }

    pub(crate) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }
}

/// Where it counts that an account is missing or does not read back, which would tell the currency.
pub(crate) const NO_CURRENCY: &str = "XXX";

/// The one number of each currency that must be zero. Currencies without differences are in it too.
pub(crate) type Drift = BTreeMap<String, u64>;

/// Lets a currency be in the drift, whether anything is found or not.
pub(crate) fn seen(drift: &mut Drift, currency: Currency) {
    drift.entry(currency.code().to_owned()).or_default();
}

/// Adds a finding to the drift.
pub(crate) fn add(drift: &mut Drift, finding: &Finding) {
    let sum = drift.entry(finding.currency.clone()).or_default();
    *sum = sum.saturating_add(finding.weight);
}
