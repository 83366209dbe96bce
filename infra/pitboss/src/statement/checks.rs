//! What must hold from one entry to the next, and between the header and the entries.

use domain::account::Wallet;
use domain::chain::Balances;
use domain::entry::Posting;
use domain::export::Header;
use domain::{Digest, Money};

use super::Verdict;
use super::row::Row;

/// What the entries come after: as the header says, or else as the first of them does.
pub(super) fn before(header: Option<&Header>, first: Option<&Row>) -> Option<(u64, Digest)> {
    let (seq, prev) = match (header, first) {
        (Some(header), _) => (header.from_seq, header.prev),
        (None, Some(first)) => (first.seq, first.prev),
        (None, None) => return None,
    };
    Some((seq.saturating_sub(1), prev))
}

/// Follows the entries, which are sorted by number.
pub(super) fn follow<'a>(
    header: Option<&Header>,
    rows: impl Iterator<Item = &'a Row>,
    verdict: &mut Verdict,
) {
    let (mut seq, mut prev) = verdict.before.unwrap_or_default();
    if seq == 0 && prev != Digest::default() {
        verdict.find("something stands before the first entry");
    }
    let mut balances = header.map(|header| wallet(&header.opening));
    for row in rows {
        let gap = row.seq.saturating_sub(seq);
        match gap {
            0 => verdict.find(format!("{row} is from before the statement begins")),
            1 => {}
            2 => verdict.find(format!("entry {} is missing", seq.saturating_add(1))),
            _ => verdict.find(format!("entries {} to {} are missing", seq + 1, row.seq - 1)),
        }
        if gap == 1 && row.prev != prev {
            verdict
                .find(format!("{row} does not follow entry {seq}: that hashes to {prev}, not {}", row.prev));
        }
        if verdict.player.is_some_and(|player| player != row.player) {
            verdict.find(format!("{row} is another player's"));
        }
        if !is_balanced(&row.postings) {
            verdict.find(format!("{row}: its postings do not sum to zero"));
        }
        // Without a header the very first entry still has a known past: nothing.
        let known = balances.or((row.seq == 1).then(|| Wallet::empty(row.balances.cash.currency())));
        let next = known.map(|known| known.after(&row.postings));
        let follows = next.is_none_or(|next| next.is_ok_and(|next| Balances::from(next) == row.balances));
        if gap == 1 && !follows {
            verdict.find(format!("{row}: its balances do not follow from its postings"));
        }
        (seq, prev, balances) = (row.seq, row.hash, Some(wallet(&row.balances)));
        verdict.hashes.insert(row.seq, row.hash);
        verdict.closing = Some(row.balances);
    }
    verdict.closing = verdict.closing.or(header.map(|header| header.opening));
}

/// Compares the header with what the entries came to.
pub(super) fn compare_header(header: &Header, verdict: &mut Verdict) {
    let last = verdict.hashes.last_key_value().map(|(seq, _)| *seq);
    let last = last.or(verdict.before.map(|(seq, _)| seq)).unwrap_or_default();
    if last != header.to_seq {
        verdict.find(format!("the statement ends with entry {last}, not with entry {}", header.to_seq));
    }
    if verdict.head() != Some(header.head) {
        verdict.find(format!("the last entry does not hash to the header's head {}", header.head));
    }
    if verdict.closing != Some(header.closing) {
        verdict.find("the header's closing balances are not those of the last entry");
    }
}

fn wallet(balances: &Balances) -> Wallet {
    let Balances { cash, bonus, held, receivable } = *balances;
    Wallet { cash, bonus, held, receivable }
}

/// Whether the postings of each currency sum to zero.
fn is_balanced(postings: &[Posting]) -> bool {
    postings.iter().all(|posting| {
        let currency = posting.amount.currency();
        let mut same = postings.iter().filter(|it| it.amount.currency() == currency);
        same.try_fold(Money::zero(currency), |sum, it| sum.plus(it.amount)).is_ok_and(Money::is_zero)
    })
}
