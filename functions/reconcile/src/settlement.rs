//! A payment provider's settlement file beside the ledger. Pure: the file's text and the ledger's movements in, the
//! differences out. The columns are described in `docs/reconciliation.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::Read;
use std::ops::Range;

use domain::deposit::RefundReference;
use domain::ids::PlayerId;
use domain::{Currency, Decimal, Timestamp, parse_decimal};
use serde::Deserialize;

/// What moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A player's payment came in.
    Capture,
    /// A payment was sent back.
    Refund,
    /// A payment that was sent back came again.
    RefundReturned,
    /// The player's bank took a payment back.
    Chargeback,
    /// A chargeback was won.
    ChargebackReversed,
    /// A player was paid.
    Payout,
    /// The player's bank sent a payout back.
    PayoutReturned,
}

/// A line of a settlement file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number in the file; the header is line 1.
    pub number: u64,
    /// The provider's id of the movement.
    pub psp_reference: String,
    /// Our id of the deposit, its refund, or the withdrawal.
    pub merchant_reference: String,
    /// What moved.
    pub kind: Kind,
    /// How much, in main units; above zero.
    pub amount: Decimal,
    /// In which currency.
    pub currency: Currency,
    /// When the provider booked it.
    pub booked_at: Timestamp,
}

/// A movement at the provider, as the ledger has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// Whose.
    pub player: PlayerId,
    /// The number of the entry.
    pub seq: u64,
    /// The id of the deposit or withdrawal.
    pub merchant_reference: String,
    /// What moved.
    pub kind: Kind,
    /// How much, in main units; above zero.
    pub amount: Decimal,
    /// In which currency.
    pub currency: Currency,
    /// When it was posted.
    pub at: Timestamp,
}

/// A difference between file and ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The file has it, the ledger does not.
    NotInLedger(Line),
    /// The ledger has it, the file does not.
    NotInFile(Movement),
    /// The file has it more than once.
    Doubled(Line),
    /// Both have it, with different amounts.
    Amount(Line, Movement),
}

/// What came of a comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// How many lines have their movement.
    pub matched: u64,
    /// All that differs.
    pub differences: Vec<Difference>,
}

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct UnreadableFile {
    /// The number of the line.
    pub line: u64,
    /// What is wrong with it.
    pub reason: String,
}

#[derive(Deserialize)]
struct Row {
    psp_reference: String,
    merchant_reference: String,
    #[serde(rename = "type")]
    kind: Kind,
    amount: String,
    currency: Currency,
    booked_at: Timestamp,
}

/// Reads a settlement file. Further columns are passed over.
pub fn read(file: impl Read) -> Result<Vec<Line>, UnreadableFile> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
    let headers = reader.headers().map_err(|error| unreadable(1, &error))?.clone();
    let mut lines = Vec::new();
    for record in reader.records() {
        let after = lines.last().map_or(1, |line: &Line| line.number);
        let record = record.map_err(|error| {
            unreadable(error.position().map_or(after.saturating_add(1), csv::Position::line), &error)
        })?;
        let number = record.position().map_or(after.saturating_add(1), csv::Position::line);
        let row = record.deserialize(Some(&headers)).map_err(|error| unreadable(number, &error))?;
        lines.push(line(number, row)?);
    }
    Ok(lines)
}

fn line(number: u64, row: Row) -> Result<Line, UnreadableFile> {
    let Row { psp_reference, merchant_reference, kind, amount, currency, booked_at } = row;
    let amount = parse_decimal(&amount).map_err(|error| unreadable(number, &error))?;
    if amount <= Decimal::ZERO {
        return Err(unreadable(number, &"an amount must be above zero: its type says which way it went"));
    }
    if psp_reference.is_empty() || merchant_reference.is_empty() {
        return Err(unreadable(number, &"a reference is missing"));
    }
    Ok(Line { number, psp_reference, merchant_reference, kind, amount, currency, booked_at })
}

fn unreadable(line: u64, reason: &impl fmt::Display) -> UnreadableFile {
    UnreadableFile { line, reason: reason.to_string() }
}

/// What must be found on both sides under the same name.
type Key<'a> = (&'a str, Kind, &'static str);

/// Compares a file with the ledger's movements. What the ledger posted outside the period is looked at only to
/// explain lines of the file: the two may book it on different days.
#[must_use]
pub fn compare(lines: &[Line], movements: &[Movement], period: &Range<Timestamp>) -> Comparison {
    let mut comparison = Comparison::default();
    let mut groups: BTreeMap<Key<'_>, (Vec<&Line>, Vec<&Movement>)> = BTreeMap::new();
    let mut known = BTreeSet::new();
    for line in lines {
        if known.insert((&line.psp_reference, line.kind, &line.merchant_reference)) {
            let key = (bare(&line.merchant_reference), line.kind, line.currency.code());
            groups.entry(key).or_default().0.push(line);
        } else {
            comparison.differences.push(Difference::Doubled(line.clone()));
        }
    }
    for movement in movements {
        let key = (bare(&movement.merchant_reference), movement.kind, movement.currency.code());
        groups.entry(key).or_default().1.push(movement);
    }
    for (lines, movements) in groups.into_values() {
        comparison.pair(lines, movements, period);
    }
    comparison
}

/// The deposit of a refund; a provider may name either. Anything else names itself.
fn bare(reference: &str) -> &str {
    let refund = reference.parse::<RefundReference>().is_ok();
    reference.split_once('-').filter(|_| refund).map_or(reference, |(deposit, _)| deposit)
}

impl Comparison {
    /// Pairs what bears the same name: first equal amounts, then whatever is left on both sides.
    fn pair(&mut self, lines: Vec<&Line>, mut movements: Vec<&Movement>, period: &Range<Timestamp>) {
        let mut unpaired = Vec::new();
        for line in lines {
            match movements.iter().position(|movement| movement.amount == line.amount) {
                Some(equal) => {
                    movements.remove(equal);
                    self.matched = self.matched.saturating_add(1);
                }
                None => unpaired.push(line),
            }
        }
        let mut movements = movements.into_iter();
        for line in unpaired {
            self.differences.push(match movements.next() {
                Some(movement) => Difference::Amount(line.clone(), movement.clone()),
                None => Difference::NotInLedger(line.clone()),
            });
        }
        let missing = movements.filter(|movement| period.contains(&movement.at)).cloned();
        self.differences.extend(missing.map(Difference::NotInFile));
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Capture => "capture",
            Self::Refund => "refund",
            Self::RefundReturned => "refund_returned",
            Self::Chargeback => "chargeback",
            Self::ChargebackReversed => "chargeback_reversed",
            Self::Payout => "payout",
            Self::PayoutReturned => "payout_returned",
        })
    }
}

impl fmt::Display for Line {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, psp_reference, merchant_reference, kind, amount, currency, .. } = self;
        write!(out, "line {number}: {kind} of {merchant_reference} ({psp_reference}) of {amount} {currency}")
    }
}

impl fmt::Display for Movement {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { player, seq, merchant_reference, kind, amount, currency, .. } = self;
        write!(out, "entry {seq} of {player}: {kind} of {merchant_reference} of {amount} {currency}")
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotInLedger(line) => write!(out, "not in the ledger: {line}"),
            Self::NotInFile(movement) => write!(out, "not in the file: {movement}"),
            Self::Doubled(line) => write!(out, "more than once in the file: {line}"),
            Self::Amount(line, movement) => write!(out, "different amounts: {line}; {movement}"),
        }
    }
}

#[cfg(test)]
mod tests;
