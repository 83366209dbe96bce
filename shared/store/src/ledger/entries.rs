//! A player's entries in the order they were made, oldest or newest first: the journal says which, and they are read
//! by their keys.

use domain::ids::PlayerId;
use domain::{Entry, EntryKey, Fact, Timestamp};

use super::journal::{Leaf, Standing, place};
use super::{Ledger, rows};
use crate::page::{Cursor, Page, PageRequest};
use crate::{Item, Outage, string};

/// What sorts behind all places.
const END: &str = "~";
/// How many entries a page of the journal has at least, as a rule.
const A_LEAF: usize = 10;
/// The most pages of the journal, and so about a thousand entries, that are looked at in one go.
const LEAVES_MAX: usize = 64;

/// Which part of a player's entries is asked for.
#[derive(Clone, Debug)]
pub struct Statement {
    /// From this moment on.
    pub from: Timestamp,
    /// Before this moment.
    pub to: Timestamp,
    /// Which page of it.
    pub page: PageRequest,
}

impl Statement {
    /// All from a moment on.
    #[must_use]
    pub fn since(from: Timestamp, page: PageRequest) -> Self {
        Self { from, to: Timestamp::MAX, page }
    }

    /// Where reading goes on after an entry.
    #[must_use]
    pub fn after(entry: &Entry) -> Cursor {
        Cursor(vec![place(entry)])
    }

    /// The places of its entries, read oldest first.
    fn rest(&self) -> Result<Span, Outage> {
        let span = self.span();
        Ok(match self.seen(&span)? {
            // The mark makes it greater than the entry's own place, and smaller than any later one.
            Some(seen) => Span { low: format!("{seen}#"), ..span },
            None => span,
        })
    }

    /// The places of its entries, read newest first.
    fn earlier(&self) -> Result<Span, Outage> {
        let span = self.span();
        Ok(match self.seen(&span)? {
            Some(seen) => Span { high: seen.clone(), ..span },
            None => span,
        })
    }

    fn span(&self) -> Span {
        Span { low: bound(self.from), high: bound(self.to) }
    }

    /// The place of the last entry seen.
    fn seen(&self, span: &Span) -> Result<Option<&String>, Outage> {
        match self.page.after.as_ref().map(|cursor| cursor.0.as_slice()) {
            None => Ok(None),
            Some([seen]) if span.has(seen) => Ok(Some(seen)),
            Some(_) => Err(Outage::foreign_cursor()),
        }
    }

    fn limit(&self) -> usize {
        usize::try_from(self.page.limit).unwrap_or(1).max(1)
    }
}

/// A stretch of the journal: from a place on, and before another.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Span {
    low: String,
    high: String,
}

impl Span {
    fn has(&self, place: &str) -> bool {
        *self.low <= *place && *place < *self.high
    }
}

/// Pages of the journal, and behind which of them there are more.
type Leaves = (Vec<Leaf>, Option<Item>);

impl Ledger {
    /// Entries of a period as they were made, oldest first.
    pub async fn entries(&self, player: PlayerId, statement: &Statement) -> Result<Page<Entry>, Outage> {
        let span = statement.rest()?;
        // First the account, then the pages: what leaves the account meanwhile is found on a page, or in both.
        let Some(standing) = self.standing(player).await? else { return Ok(nothing()) };
        let (mut entries, mut seen, mut after) = (Vec::new(), 0, None);
        loop {
            let missing = statement.limit() + 1 - entries.len();
            let (mut leaves, more) = self.leaves(player, (&span.low, END), true, after, missing).await?;
            if more.is_none() {
                leaves.push(standing.clone().leaf());
            }
            let is_over = leaves.last().is_none_or(|leaf| leaf.since >= span.high);
            let mut keys: Vec<_> = leaves.into_iter().flat_map(Leaf::numbered).collect();
            keys.retain(|(number, _)| {
                let is_next = *number > seen;
                seen = seen.max(*number);
                is_next
            });
            let read = self.read_entries(player, keys).await?.into_iter();
            entries.extend(read.filter(|it| span.has(&place(it))));
            after = more;
            if after.is_none() || is_over || entries.len() > statement.limit() {
                return Ok(page(entries, statement.limit()));
            }
        }
    }

    /// Those entries of a period that are wanted, newest first.
    pub async fn newest_entries(
        &self,
        player: PlayerId,
        statement: &Statement,
        wanted: impl Fn(&Fact) -> bool,
    ) -> Result<Page<Entry>, Outage> {
        let span = statement.earlier()?;
        let Some(standing) = self.standing(player).await? else { return Ok(nothing()) };
        let (mut entries, mut seen, mut after) = (Vec::new(), u64::MAX, None);
        let mut leaves = self.leaf_at(player, standing, &span.high).await?;
        let mut is_over = false;
        loop {
            let mut keys: Vec<_> = leaves.into_iter().flat_map(|leaf| leaf.numbered().rev()).collect();
            keys.retain(|(number, _)| {
                let is_next = *number < seen;
                seen = seen.min(*number);
                is_next
            });
            let read = self.read_entries(player, keys).await?.into_iter();
            entries.extend(read.filter(|it| span.has(&place(it)) && wanted(&it.fact)));
            if is_over || entries.len() > statement.limit() {
                return Ok(page(entries, statement.limit()));
            }
            let missing = statement.limit() + 1 - entries.len();
            (leaves, after) = self.leaves(player, (&span.low, &span.high), false, after, missing).await?;
            is_over = after.is_none();
        }
    }

    /// The newest entry before those of [`Ledger::entries`]: its balances are what they begin with.
    pub async fn entry_before(
        &self,
        player: PlayerId,
        statement: &Statement,
    ) -> Result<Option<Entry>, Outage> {
        let high = statement.rest()?.low;
        let Some(standing) = self.standing(player).await? else { return Ok(None) };
        let mut leaves = self.leaf_at(player, standing, &high).await?;
        let (below, _) = self.leaves(player, ("", &high), false, None, 1).await?;
        leaves.extend(below);
        for leaf in leaves.into_iter().filter(|leaf| leaf.since < high) {
            let entries = self.read_entries(player, leaf.numbered().rev().collect()).await?;
            if let Some(entry) = entries.into_iter().find(|it| place(it) < high) {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }

    /// The part of the journal that reaches up to a place or beyond it: a page, or what is not on one yet.
    async fn leaf_at(&self, player: PlayerId, standing: Standing, high: &str) -> Result<Vec<Leaf>, Outage> {
        let (leaves, _) = self.leaves(player, (high, END), true, None, 1).await?;
        let leaf = leaves.into_iter().next().unwrap_or_else(|| standing.leaf());
        Ok(if leaf.since.as_str() < high { vec![leaf] } else { Vec::new() })
    }

    /// Pages of the journal that end between two places: as many as hold so many entries, as a rule.
    async fn leaves(
        &self,
        player: PlayerId,
        (low, high): (&str, &str),
        oldest_first: bool,
        after: Option<Item>,
        entries: usize,
    ) -> Result<Leaves, Outage> {
        if low >= high {
            return Ok((Vec::new(), None));
        }
        let answer = self
            .query("pk = :pk AND sk BETWEEN :low AND :high")
            .expression_attribute_values(":pk", string(player.to_string()))
            .expression_attribute_values(":low", string(rows::leaf_sk(low)))
            .expression_attribute_values(":high", string(rows::leaf_sk(high)))
            .set_exclusive_start_key(after)
            .scan_index_forward(oldest_first)
            .consistent_read(true)
            .limit(i32::try_from(entries.div_ceil(A_LEAF).min(LEAVES_MAX)).unwrap_or(1))
            .send()
            .await
            .map_err(Outage::sdk("read the journal"))?;
        let leaves =
            answer.items.unwrap_or_default().into_iter().map(rows::leaf).collect::<Result<_, _>>()?;
        Ok((leaves, answer.last_evaluated_key))
    }

    /// The entries of keys, in their order. Each must be there, and be the one that the journal says.
    async fn read_entries(&self, player: PlayerId, keys: Vec<(u64, EntryKey)>) -> Result<Vec<Entry>, Outage> {
        let wanted = keys.iter().map(|(_, it)| (player.to_string(), rows::entry_sk(it))).collect();
        let mut found = self.items(wanted).await?;
        keys.into_iter()
            .map(|(number, key)| {
                let item = found.remove(&(player.to_string(), rows::entry_sk(&key)));
                entry(number, item).map_err(|what| Outage::unreadable(format!("entry {number}: {what}")))
            })
            .collect()
    }
}

fn entry(number: u64, item: Option<Item>) -> Result<Entry, String> {
    let entry = rows::entry(item.ok_or("is missing")?).map_err(|outage| outage.to_string())?;
    if entry.seq == number { Ok(entry) } else { Err(format!("says that it is number {}", entry.seq)) }
}

/// As many entries as a page has; one more tells that there are more.
fn page(mut entries: Vec<Entry>, limit: usize) -> Page<Entry> {
    let more = entries.len() > limit;
    entries.truncate(limit);
    let next = entries.last().filter(|_| more).map(Statement::after);
    Page { items: entries, next }
}

fn nothing() -> Page<Entry> {
    Page { items: Vec::new(), next: None }
}

/// What sorts before every place at a moment or later. Thirteen digits, so that text sorts as numbers do.
fn bound(at: Timestamp) -> String {
    format!("{:013}#", at.as_millisecond().clamp(0, 9_999_999_999_999))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(millis).unwrap()
    }

    fn place(millis: i64, number: u64) -> String {
        rows::place(at(millis), number)
    }

    fn statement(after: Option<&str>) -> Statement {
        let after = after.map(|place| Cursor(vec![place.to_owned()]));
        Statement { from: at(1_000), to: at(2_000), page: PageRequest { limit: 10, after } }
    }

    #[test]
    fn a_period_begins_with_its_first_moment_and_ends_before_its_last() {
        let span = statement(None).rest().unwrap();
        assert_eq!(span, statement(None).earlier().unwrap());
        let has = |millis, number| span.has(&place(millis, number));
        assert!(!has(999, 9) && has(1_000, 1) && has(1_999, 2) && !has(2_000, 3));
    }

    #[test]
    fn the_rest_of_a_period_is_beyond_the_entry_seen() {
        let seen = place(1_500, 7);
        let rest = statement(Some(&seen)).rest().unwrap();
        let has = |millis, number| rest.has(&place(millis, number));
        assert!(!has(1_499, 6) && !has(1_500, 7) && has(1_500, 8) && has(1_501, 8));
        let earlier = statement(Some(&seen)).earlier().unwrap();
        let has = |millis, number| earlier.has(&place(millis, number));
        assert!(has(1_499, 6) && !has(1_500, 7) && !has(1_500, 8));
    }

    #[test]
    fn a_cursor_leads_nowhere_outside_its_period() {
        for seen in [place(999, 1), place(2_000, 1), "x".to_owned(), String::new()] {
            assert!(statement(Some(&seen)).rest().unwrap_err().is_foreign_cursor(), "{seen}");
            assert!(statement(Some(&seen)).earlier().unwrap_err().is_foreign_cursor(), "{seen}");
        }
    }
}
