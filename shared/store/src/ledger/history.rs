//! A player's entries in the order they were made, and accounts by the batch: for those who check or export books.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::KeysAndAttributes;
use domain::ids::PlayerId;
use domain::{Account, Entry, Timestamp};

use super::statement::{STATEMENT_INDEX, cursor_of, posted_from, start_key};
use super::{Ledger, rows};
use crate::page::{Page, PageRequest};
use crate::{Item, Outage, key, string};

/// The parts of a place in the index.
const PLACE: [&str; 2] = ["posted", "sk"];

impl Ledger {
    /// A page of a player's entries from a moment on, in the order they were made.
    pub async fn entries(
        &self,
        player: PlayerId,
        from: Timestamp,
        page: &PageRequest,
    ) -> Result<Page<Entry>, Outage> {
        let mut query = self
            .query("pk = :pk AND posted >= :from")
            .index_name(STATEMENT_INDEX)
            .scan_index_forward(true)
            .expression_attribute_values(":pk", string(player.to_string()))
            .expression_attribute_values(":from", posted_from(from))
            .consistent_read(true)
            .limit(page.limit);
        if let Some(cursor) = &page.after {
            query = query.set_exclusive_start_key(Some(start_key(player, &PLACE, cursor, "TX#")?));
        }
        let answer = query.send().await.map_err(Outage::sdk("read entries"))?;
        let next = answer.last_evaluated_key.as_ref().and_then(|key| cursor_of(key, &PLACE));
        let items = answer.items.unwrap_or_default().into_iter().map(entry).collect::<Result<_, _>>()?;
        Ok(Page { items, next })
    }

    /// The player's newest entry before a moment.
    pub async fn entry_before(&self, player: PlayerId, moment: Timestamp) -> Result<Option<Entry>, Outage> {
        let query = self
            .query("pk = :pk AND posted < :moment")
            .index_name(STATEMENT_INDEX)
            .expression_attribute_values(":pk", string(player.to_string()))
            .expression_attribute_values(":moment", posted_from(moment))
            .consistent_read(true)
            .limit(1);
        let answer = query.send().await.map_err(Outage::sdk("read an entry"))?;
        answer.items.unwrap_or_default().into_iter().next().map(entry).transpose()
    }

    /// The accounts of up to a hundred players, in their order; left out are those that do not exist.
    pub async fn accounts(&self, players: &[PlayerId]) -> Result<Vec<Account>, Outage> {
        let mut found = BTreeMap::new();
        let mut wanted: Vec<Item> =
            players.iter().map(|player| key(player.to_string(), rows::ACCOUNT)).collect();
        // What is left over by one call is asked for by the next.
        while !wanted.is_empty() {
            let keys = KeysAndAttributes::builder().consistent_read(true).set_keys(Some(wanted)).build();
            let keys = keys.map_err(|error| Outage::new("read accounts", error.to_string()))?;
            let call = self.db.batch_get_item().request_items(&self.table, keys).send().await;
            let answer = call.map_err(Outage::sdk("read accounts"))?;
            let items = answer.responses.and_then(|mut tables| tables.remove(&self.table));
            let items = items.unwrap_or_default();
            let left = answer.unprocessed_keys.and_then(|mut tables| tables.remove(&self.table));
            wanted = left.map(|left| left.keys).unwrap_or_default();
            if items.is_empty() && !wanted.is_empty() {
                return Err(Outage::new("read accounts", "throttled"));
            }
            for item in items {
                let account = rows::account(item)?;
                found.insert(account.player, account);
            }
        }
        Ok(players.iter().filter_map(|player| found.remove(player)).collect())
    }
}

/// An entry; one that does not read back is named by its place, for its key may say anything.
fn entry(item: Item) -> Result<Entry, Outage> {
    let place = item.get("posted").and_then(|posted| posted.as_s().ok()).cloned().unwrap_or_default();
    rows::entry(item).map_err(|outage| Outage::unreadable(format!("the entry posted {place}: {outage}")))
}
