//! The check of an exported statement: nothing in it is believed that can be computed.

mod checks;
mod row;

use std::collections::BTreeMap;

use domain::Digest;
use domain::export::{FORM, Header};
use domain::ids::PlayerId;

use row::{Line, Row};

/// What a check came to.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// Whose statement it is.
    pub(crate) player: Option<PlayerId>,
    /// The entries that could be read, by number, with the hashes that were computed of them.
    pub(crate) hashes: BTreeMap<u64, Digest>,
    /// What the statement begins after: the number and hash of the entry before it.
    pub(crate) before: Option<(u64, Digest)>,
    /// The balances after the last entry.
    pub(crate) closing: Option<domain::chain::Balances>,
    /// Everything that is not as it should be.
    pub(crate) findings: Vec<String>,
}

impl Verdict {
    pub(crate) fn find(&mut self, finding: impl Into<String>) {
        self.findings.push(finding.into());
    }

    /// The hash that was computed of the newest entry, or what the statement begins after if it has none.
    pub(crate) fn head(&self) -> Option<Digest> {
        self.hashes.last_key_value().map(|(_, hash)| *hash).or(self.before.map(|(_, hash)| hash))
    }
}

/// Checks a statement's text. `head` is what its newest entry must hash to, from wherever that is known.
pub(crate) fn verify(text: &str, head: Option<Digest>) -> Verdict {
    let mut verdict = Verdict::default();
    let (header, rows) = read(text, &mut verdict);
    verdict.player = header.as_ref().map(|header| header.player).or(rows.first().map(|row| row.player));
    let rows = in_order(rows, &mut verdict);
    verdict.before = checks::before(header.as_ref(), rows.values().next());
    checks::follow(header.as_ref(), rows.values(), &mut verdict);
    if let Some(header) = &header {
        checks::compare_header(header, &mut verdict);
    }
    if let Some(expected) = head
        && verdict.head() != Some(expected)
    {
        let found = verdict.head().map_or_else(|| "nothing".to_owned(), |head| head.to_string());
        verdict.find(format!("the statement does not lead to the head {expected}, but to {found}"));
    }
    verdict
}

/// Reads the lines. What cannot be read is named by its line.
fn read(text: &str, verdict: &mut Verdict) -> (Option<Header>, Vec<Row>) {
    let (mut header, mut rows) = (None, Vec::new());
    for (nth, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let number = nth.saturating_add(1);
        match Line::read(line) {
            Ok(Line::Header(_)) if number > 1 => {
                verdict.find(format!("line {number}: a header where an entry should be"));
            }
            Ok(Line::Header(found)) if found.pitboss_statement != FORM => {
                verdict.find(format!("line {number}: a form this program does not know"));
            }
            Ok(Line::Header(found)) => header = Some(*found),
            Ok(Line::Entry(row)) => {
                if let Some(changed) = row.changed() {
                    verdict.find(changed);
                }
                rows.push(*row);
            }
            Err(reason) => verdict.find(format!("line {number}: {reason}")),
        }
    }
    (header, rows)
}

/// The entries by number. Those that stand twice, or after a later one, are named.
fn in_order(rows: Vec<Row>, verdict: &mut Verdict) -> BTreeMap<u64, Row> {
    let mut ordered: BTreeMap<u64, Row> = BTreeMap::new();
    for row in rows {
        let newest = ordered.last_key_value().map_or(0, |(seq, _)| *seq);
        match ordered.get(&row.seq) {
            Some(same) if same.hash == row.hash => verdict.find(format!("{row} is there twice")),
            Some(other) => verdict.find(format!("{row} and {other} have the same number")),
            None => {
                if row.seq < newest {
                    verdict.find(format!("{row} stands after entry {newest}"));
                }
                ordered.insert(row.seq, row);
            }
        }
    }
    ordered
}

#[cfg(test)]
mod tests;
