//! Free rounds that staff wanted given to players, and what came of them.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::operation::put_item::{PutItemError, PutItemOutput};
use domain::ids::{FreeRoundsId, PlayerId};
use domain::play::{GiftRecord, GiftState};
use serde::{Deserialize, Serialize};

use crate::ledger::rows::{from_item, place, to_item};
use crate::page::{Cursor, Page, PageRequest};
use crate::{Item, Outage, key, number, string};

/// The index that orders a player's by when they were asked for.
const HISTORY_INDEX: &str = "history";
/// The parts of a place in it.
const PLACE: [&str; 3] = ["pk", "asked", "sk"];

/// The table of free rounds.
#[derive(Clone)]
pub struct Gifts {
    db: Client,
    table: String,
}

/// A record as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredGift {
    /// The record.
    pub record: GiftRecord,
    version: u64,
}

#[derive(Serialize, Deserialize)]
struct Row {
    pk: PlayerId,
    sk: String,
    v: u64,
    asked: String,
    record: GiftRecord,
}

impl Gifts {
    /// The free rounds in a table.
    #[must_use]
    pub fn new(db: Client, table: impl Into<String>) -> Self {
        Self { db, table: table.into() }
    }

    /// Records that something is to be given, before the vendor hears of it. None if that was recorded before.
    pub async fn begin(&self, record: GiftRecord) -> Result<Option<StoredGift>, Outage> {
        let stored = StoredGift { record, version: 1 };
        let put = self.put(&stored.record, stored.version)?.condition_expression("attribute_not_exists(pk)");
        Ok(written(put.send().await)?.then_some(stored))
    }

    /// What was recorded of it.
    pub async fn find(&self, player: PlayerId, id: FreeRoundsId) -> Result<Option<StoredGift>, Outage> {
        let key = key(player.to_string(), sk(id));
        let get = self.db.get_item().table_name(&self.table).set_key(Some(key)).consistent_read(true);
        let answer = get.send().await.map_err(Outage::sdk("read free rounds"))?;
        answer.item.map(read).transpose()
    }

    /// Records what came of it. False if it is no longer as it was read.
    pub async fn settle(&self, stored: &StoredGift, state: GiftState) -> Result<bool, Outage> {
        let record = GiftRecord { state, ..stored.record.clone() };
        let put = self.put(&record, stored.version.saturating_add(1))?;
        let put =
            put.condition_expression("v = :v").expression_attribute_values(":v", number(stored.version));
        written(put.send().await)
    }

    /// A page of a player's, the last asked for first.
    pub async fn history(&self, player: PlayerId, page: &PageRequest) -> Result<Page<GiftRecord>, Outage> {
        let start = page.after.as_ref().map(|cursor| cursor.named(&PLACE)).transpose()?;
        // A cursor names its player: another player's leads nowhere.
        if start.as_ref().is_some_and(|it| it.get("pk") != Some(&string(player.to_string()))) {
            return Err(Outage::foreign_cursor());
        }
        let query = self
            .db
            .query()
            .table_name(&self.table)
            .index_name(HISTORY_INDEX)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", string(player.to_string()))
            .scan_index_forward(false)
            .set_exclusive_start_key(start)
            .limit(page.limit);
        let answer = query.send().await.map_err(Outage::sdk("read free rounds"))?;
        let stored = answer.items.unwrap_or_default().into_iter().map(read);
        let items = stored.map(|it| it.map(|it| it.record)).collect::<Result<_, _>>()?;
        Ok(Page { items, next: answer.last_evaluated_key.and_then(|last| Cursor::of(&last, &PLACE)) })
    }

    fn put(&self, record: &GiftRecord, version: u64) -> Result<PutItemFluentBuilder, Outage> {
        let row = Row {
            pk: record.gift.player,
            sk: sk(record.gift.id),
            v: version,
            asked: place(record.at, 0),
            record: record.clone(),
        };
        Ok(self.db.put_item().table_name(&self.table).set_item(Some(to_item(row)?)))
    }
}

fn sk(id: FreeRoundsId) -> String {
    format!("GIFT#{id}")
}

fn read(item: Item) -> Result<StoredGift, Outage> {
    from_item(item).map(|Row { record, v, .. }| StoredGift { record, version: v })
}

/// Whether a conditional write went through.
fn written(answer: Result<PutItemOutput, SdkError<PutItemError>>) -> Result<bool, Outage> {
    match answer {
        Ok(_) => Ok(true),
        Err(error) if is_behind(&error) => Ok(false),
        Err(error) => Err(Outage::sdk("record free rounds")(error)),
    }
}

fn is_behind(error: &SdkError<PutItemError>) -> bool {
    error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception)
}
