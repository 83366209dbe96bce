//! The lists of a player's ledger: the statement, deposits, withdrawals; and what waits for staff.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::deposit::Deposit;
use domain::ids::PlayerId;
use domain::withdrawal::Withdrawal;
use domain::{Entry, Fact, Timestamp};

use super::{Ledger, rows};
use crate::page::{Cursor, Page, PageRequest};
use crate::{Item, Outage, string};

/// The index that orders a player's entries by time.
pub(super) const STATEMENT_INDEX: &str = "statement";
/// The index of what waits for staff.
/// How many payments are read at once, where all are.
const PAYMENTS_AT_ONCE: i32 = 500;
pub(super) const QUEUE_INDEX: &str = "queue";

/// Which part of a statement is asked for.
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
    /// Where reading oldest first goes on after an entry.
    #[must_use]
    pub fn after(entry: &Entry) -> Cursor {
        Cursor(vec![rows::posted(entry.at, entry.seq)])
    }

    /// Between which values of `posted` its entries stand, oldest first.
    fn stretch(&self) -> Result<(String, String), Outage> {
        let (from, to) = (bound(self.from), bound(self.to));
        let Some(Cursor(parts)) = &self.page.after else { return Ok((from, to)) };
        match parts.as_slice() {
            // The mark makes it greater than the entry's own place, and smaller than any later one.
            [posted] if from < *posted && *posted < to => Ok((format!("{posted}#"), to)),
            _ => Err(Outage::foreign_cursor()),
        }
    }
}

impl Ledger {
    /// A page of the entries that moved the player's money (or tried to), newest first.
    pub async fn statement(
        &self,
        player: PlayerId,
        statement: &Statement,
        wanted: impl Fn(&Fact) -> bool,
    ) -> Result<Page<Entry>, Outage> {
        let wanted_count = usize::try_from(statement.page.limit).unwrap_or(1).max(1);
        let mut items = Vec::new();
        let mut after = statement.page.after.clone();
        loop {
            let (entries, next) = self.statement_slice(player, statement, after.as_ref()).await?;
            for (cursor, entry) in entries {
                if wanted(&entry.fact) {
                    items.push(entry);
                }
                if items.len() == wanted_count {
                    return Ok(Page { items, next: Some(cursor) });
                }
            }
            match next {
                Some(cursor) => after = Some(cursor),
                None => return Ok(Page { items, next: None }),
            }
        }
    }

    /// The entries of a period as they were made, oldest first, also those that moved no money: as many as
    /// the page has room for, or as one query reads.
    pub async fn period(&self, player: PlayerId, statement: &Statement) -> Result<Page<Entry>, Outage> {
        let (start, end) = statement.stretch()?;
        let answer = self
            .query("pk = :pk AND posted BETWEEN :start AND :end")
            .index_name(STATEMENT_INDEX)
            .expression_attribute_values(":pk", string(player.to_string()))
            .expression_attribute_values(":start", string(start))
            .expression_attribute_values(":end", string(end))
            .scan_index_forward(true)
            .consistent_read(true)
            .limit(statement.page.limit)
            .send()
            .await
            .map_err(Outage::sdk("read a period"))?;
        let more = answer.last_evaluated_key.is_some();
        let items = answer.items.unwrap_or_default().into_iter().map(rows::entry);
        let items = items.collect::<Result<Vec<_>, _>>()?;
        let next = items.last().filter(|_| more).map(Statement::after);
        Ok(Page { items, next })
    }

    /// The newest entry before those of [`Ledger::period`]: its balances are what they begin with.
    pub async fn entry_before_period(
        &self,
        player: PlayerId,
        statement: &Statement,
    ) -> Result<Option<Entry>, Outage> {
        let (start, _) = statement.stretch()?;
        let answer = self
            .query("pk = :pk AND posted < :start")
            .index_name(STATEMENT_INDEX)
            .expression_attribute_values(":pk", string(player.to_string()))
            .expression_attribute_values(":start", string(start))
            .consistent_read(true)
            .limit(1)
            .send()
            .await
            .map_err(Outage::sdk("read the entry before a period"))?;
        answer.items.unwrap_or_default().into_iter().next().map(rows::entry).transpose()
    }

    async fn statement_slice(
        &self,
        player: PlayerId,
        statement: &Statement,
        after: Option<&Cursor>,
    ) -> Result<(Vec<(Cursor, Entry)>, Option<Cursor>), Outage> {
        let mut query = self
            .query("pk = :pk AND posted BETWEEN :from AND :to")
            .index_name(STATEMENT_INDEX)
            .expression_attribute_values(":pk", string(player.to_string()))
            .expression_attribute_values(":from", posted_from(statement.from))
            .expression_attribute_values(":to", posted_from(statement.to))
            .consistent_read(true);
        if let Some(cursor) = after {
            let start = start_key(player, &["posted", "sk"], cursor, "TX#")?;
            query = query.set_exclusive_start_key(Some(start));
        }
        let answer = query.send().await.map_err(Outage::sdk("read a statement"))?;
        let next = answer.last_evaluated_key.as_ref().and_then(|key| cursor_of(key, &["posted", "sk"]));
        let mut entries = Vec::new();
        for item in answer.items.unwrap_or_default() {
            let cursor = cursor_of(&item, &["posted", "sk"]).ok_or_else(|| Outage::unreadable("a key"))?;
            entries.push((cursor, rows::entry(item)?));
        }
        Ok((entries, next))
    }

    /// A page of the player's deposits, newest first.
    pub async fn deposits(&self, player: PlayerId, page: &PageRequest) -> Result<Page<Deposit>, Outage> {
        self.records(player, "DEPOSIT#", page, rows::deposit).await
    }

    /// A page of the player's withdrawals, newest first.
    pub async fn withdrawals(
        &self,
        player: PlayerId,
        page: &PageRequest,
    ) -> Result<Page<Withdrawal>, Outage> {
        self.records(player, "WITHDRAWAL#", page, |item| Ok(rows::withdrawal(item)?.1)).await
    }

    /// All of a player's deposits and withdrawals: what the closed loop is worked out from.
    pub async fn payments(&self, player: PlayerId) -> Result<(Vec<Deposit>, Vec<Withdrawal>), Outage> {
        let (mut deposits, mut withdrawals) = (Vec::new(), Vec::new());
        let mut page = PageRequest { limit: PAYMENTS_AT_ONCE, after: None };
        loop {
            let read = self.deposits(player, &page).await?;
            deposits.extend(read.items);
            page.after = read.next;
            if page.after.is_none() {
                break;
            }
        }
        loop {
            let read = self.withdrawals(player, &page).await?;
            withdrawals.extend(read.items);
            page.after = read.next;
            if page.after.is_none() {
                return Ok((deposits, withdrawals));
            }
        }
    }

    /// Records of one kind; their ids sort by time.
    async fn records<T>(
        &self,
        player: PlayerId,
        prefix: &str,
        page: &PageRequest,
        read: impl Fn(Item) -> Result<T, Outage>,
    ) -> Result<Page<T>, Outage> {
        let mut query = self
            .query("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", string(player.to_string()))
            .expression_attribute_values(":prefix", string(prefix))
            .consistent_read(true)
            .limit(page.limit);
        if let Some(cursor) = &page.after {
            query = query.set_exclusive_start_key(Some(start_key(player, &["sk"], cursor, prefix)?));
        }
        let answer = query.send().await.map_err(Outage::sdk("read a list"))?;
        let next = answer.last_evaluated_key.as_ref().and_then(|key| cursor_of(key, &["sk"]));
        let items = answer.items.unwrap_or_default().into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(Page { items, next })
    }

    pub(super) fn query(&self, condition: &str) -> QueryFluentBuilder {
        self.db.query().table_name(&self.table).key_condition_expression(condition).scan_index_forward(false)
    }
}

/// What sorts before everything posted at a moment or later.
pub(super) fn posted_from(at: Timestamp) -> AttributeValue {
    string(bound(at))
}

/// The same as text. Thirteen digits, so that text sorts as numbers do.
fn bound(at: Timestamp) -> String {
    format!("{:013}#", at.as_millisecond().clamp(0, 9_999_999_999_999))
}

/// Where a list of one player goes on: only the sort keys come from the cursor, never whose items they are.
pub(super) fn start_key(
    player: PlayerId,
    names: &[&str],
    cursor: &Cursor,
    prefix: &str,
) -> Result<Item, Outage> {
    let mut start = named(names, cursor)?;
    let is_own = start.get("sk").and_then(|sk| sk.as_s().ok()).is_some_and(|sk| sk.starts_with(prefix));
    if !is_own {
        return Err(Outage::foreign_cursor());
    }
    start.insert("pk".to_owned(), string(player.to_string()));
    Ok(start)
}

/// The cursor's parts under their names.
pub(super) fn named(names: &[&str], Cursor(parts): &Cursor) -> Result<Item, Outage> {
    if parts.len() != names.len() {
        return Err(Outage::foreign_cursor());
    }
    Ok(names.iter().zip(parts).map(|(name, part)| ((*name).to_owned(), string(part))).collect())
}

pub(super) fn cursor_of(item: &Item, names: &[&str]) -> Option<Cursor> {
    let part = |name: &&str| item.get(*name).and_then(|value| value.as_s().ok()).cloned();
    names.iter().map(part).collect::<Option<Vec<_>>>().map(Cursor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(millis).unwrap()
    }

    fn statement(after: Option<&str>) -> Statement {
        let after = after.map(|posted| Cursor(vec![posted.to_owned()]));
        Statement { from: at(1_000), to: at(2_000), page: PageRequest { limit: 10, after } }
    }

    #[test]
    fn a_period_begins_with_its_first_moment_and_ends_before_its_last() {
        let (start, end) = statement(None).stretch().unwrap();
        let holds = |millis, seq| (&start..=&end).contains(&&rows::posted(at(millis), seq));
        assert!(!holds(999, 9) && holds(1_000, 1) && holds(1_999, 2) && !holds(2_000, 3));
    }

    #[test]
    fn the_rest_of_a_period_begins_after_the_entry_seen() {
        let (start, end) = statement(Some(&rows::posted(at(1_500), 7))).stretch().unwrap();
        let holds = |millis, seq| (&start..=&end).contains(&&rows::posted(at(millis), seq));
        assert!(!holds(1_499, 6) && !holds(1_500, 7) && holds(1_500, 8) && holds(1_501, 8));
    }

    #[test]
    fn a_cursor_leads_nowhere_outside_its_period() {
        for posted in [rows::posted(at(999), 1), rows::posted(at(2_000), 1), "x".to_owned(), String::new()] {
            assert!(statement(Some(&posted)).stretch().unwrap_err().is_foreign_cursor(), "{posted}");
        }
    }
}
