//! The game catalogue: every game we know of, those on offer once more on a shelf of their own, and when each vendor
//! was last asked for its list.
//!
//! Vendors list thousands of games of which a few are offered: whoever looks for something to play reads the shelf.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::builders::PutBuilder;
use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use domain::Timestamp;
use domain::catalogue::{Audience, Game};
use serde::{Deserialize, Serialize};

use crate::ledger::commit::cancellation;
use crate::ledger::rows::{from_item, to_item};
use crate::page::{Cursor, Page, PageRequest};
use crate::{Item, Outage, key, number, string};

/// The catalogue table.
#[derive(Clone)]
pub struct Catalogue {
    db: Client,
    table: String,
}

/// All games.
const GAMES: &str = "GAMES";
/// A copy of each game that is offered to anybody.
const SHELF: &str = "SHELF";
/// When each vendor was asked for its list.
const ASKED: &str = "ASKED";
/// How often a change is tried again that somebody else overtook.
const ATTEMPTS: u32 = 5;
/// Names sort after the integration's and before the next integration's.
const LAST: char = '\u{10ffff}';

#[derive(Serialize, Deserialize)]
struct GameRow {
    pk: String,
    sk: String,
    #[serde(flatten)]
    game: Game,
}

impl Catalogue {
    /// The catalogue in a table.
    #[must_use]
    pub fn new(db: Client, table: impl Into<String>) -> Self {
        Self { db, table: table.into() }
    }

    /// A page of the games that somebody may be offered, by id.
    pub async fn offered(&self, audience: &Audience<'_>, page: &PageRequest) -> Result<Page<Game>, Outage> {
        self.page(SHELF, None, page, |game| game.open_to(audience).is_ok()).await
    }

    /// A page of the games of one integration or of all that somebody wants to see, by id.
    pub async fn known(
        &self,
        integration: Option<&str>,
        page: &PageRequest,
        wanted: impl Fn(&Game) -> bool,
    ) -> Result<Page<Game>, Outage> {
        self.page(GAMES, integration, page, wanted).await
    }

    /// Every game of an integration, by id.
    pub async fn games_of(&self, integration: &str) -> Result<Vec<Game>, Outage> {
        let mut games = Vec::new();
        let mut start = None;
        loop {
            let query = self.query(GAMES, Some(integration), start).consistent_read(true);
            let answer = query.send().await.map_err(Outage::sdk("read the catalogue"))?;
            for item in answer.items.unwrap_or_default() {
                games.push(from_item::<GameRow>(item)?.game);
            }
            match answer.last_evaluated_key {
                Some(key) => start = Some(key),
                None => return Ok(games),
            }
        }
    }

    /// One game.
    pub async fn game(&self, game_id: &str) -> Result<Option<Game>, Outage> {
        self.read(game_id, false).await
    }

    /// Changes a game, or makes one, however many others change it at the same time. None leaves it as it is; then
    /// nothing is written. The game as it is now, if there is one.
    pub async fn change(
        &self,
        game_id: &str,
        change: impl Fn(Option<&Game>) -> Option<Game>,
    ) -> Result<Option<Game>, Outage> {
        for _ in 0..ATTEMPTS {
            let known = self.read(game_id, true).await?;
            let Some(changed) = change(known.as_ref()).filter(|it| known.as_ref() != Some(it)) else {
                return Ok(known);
            };
            if let Some(written) = self.put(changed).await? {
                return Ok(Some(written));
            }
        }
        Err(Outage::new("change a game", "others were always faster"))
    }

    /// Writes a game as it was read and changed since. None if somebody else wrote it meanwhile, or first.
    pub async fn put(&self, game: Game) -> Result<Option<Game>, Outage> {
        let read = game.revision;
        let written = Game { revision: read.saturating_add(1), ..game };
        let mut items = vec![transact_put(self.as_read(&written, read)?)?];
        if written.is_offered() {
            items.push(transact_put(self.row(SHELF, &written)?)?);
        } else if read > 0 {
            items.push(self.off_the_shelf(&written.game_id)?);
        }
        let write = self.db.transact_write_items().set_transact_items(Some(items));
        let Err(error) = write.send().await else { return Ok(Some(written)) };
        let overtaken = cancellation(&error).is_some_and(|reasons| {
            reasons
                .iter()
                .any(|it| matches!(it.code(), Some("ConditionalCheckFailed" | "TransactionConflict")))
        });
        if overtaken { Ok(None) } else { Err(Outage::sdk("write a game")(error)) }
    }

    /// Notes that a vendor is asked for its list now. False if that was within so long: then it must not be asked.
    pub async fn may_ask(
        &self,
        integration: &str,
        interval: Duration,
        now: Timestamp,
    ) -> Result<bool, Outage> {
        let millis = i64::try_from(interval.as_millis()).unwrap_or(i64::MAX);
        let update = self
            .db
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(ASKED, integration)))
            .update_expression("SET asked_at = :now")
            .condition_expression("attribute_not_exists(asked_at) OR asked_at <= :latest")
            .expression_attribute_values(":now", number(now.as_millisecond()))
            .expression_attribute_values(":latest", number(now.as_millisecond().saturating_sub(millis)));
        let Err(error) = update.send().await else { return Ok(true) };
        let too_soon =
            error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception);
        if too_soon { Ok(false) } else { Err(Outage::sdk("note that a vendor is asked")(error)) }
    }

    async fn read(&self, game_id: &str, newest: bool) -> Result<Option<Game>, Outage> {
        let get = self.db.get_item().table_name(&self.table).set_key(Some(key(GAMES, game_id)));
        let answer = get.consistent_read(newest).send().await.map_err(Outage::sdk("read a game"))?;
        Ok(answer.item.map(from_item::<GameRow>).transpose()?.map(|row| row.game))
    }

    async fn page(
        &self,
        partition: &str,
        integration: Option<&str>,
        page: &PageRequest,
        wanted: impl Fn(&Game) -> bool,
    ) -> Result<Page<Game>, Outage> {
        let most = usize::try_from(page.limit).unwrap_or(1).max(1);
        let mut items: Vec<Game> = Vec::new();
        let after = page.after.as_ref().and_then(|Cursor(parts)| parts.first());
        let other = |id: &String| integration.is_some_and(|it| !id.starts_with(&Game::id_of(it, "")));
        if after.is_some_and(other) {
            return Err(Outage::foreign_cursor());
        }
        let mut start = after.map(|id| key(partition, id));
        loop {
            let query = self.query(partition, integration, start).limit(page.limit);
            let answer = query.send().await.map_err(Outage::sdk("read the catalogue"))?;
            for item in answer.items.unwrap_or_default() {
                let game = from_item::<GameRow>(item)?.game;
                if !wanted(&game) {
                    continue;
                }
                // One more than wanted: there is a next page.
                if items.len() == most {
                    let next = items.last().map(|last| Cursor(vec![last.game_id.clone()]));
                    return Ok(Page { items, next });
                }
                items.push(game);
            }
            match answer.last_evaluated_key {
                Some(key) => start = Some(key),
                None => return Ok(Page { items, next: None }),
            }
        }
    }

    fn query(&self, partition: &str, integration: Option<&str>, start: Option<Item>) -> QueryFluentBuilder {
        let query = self.db.query().table_name(&self.table).set_exclusive_start_key(start);
        let query = query.expression_attribute_values(":pk", string(partition));
        let Some(integration) = integration else { return query.key_condition_expression("pk = :pk") };
        query
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":first", string(Game::id_of(integration, "")))
            .expression_attribute_values(":last", string(Game::id_of(integration, &LAST.to_string())))
    }

    fn row(&self, partition: &str, game: &Game) -> Result<PutBuilder, Outage> {
        let row = GameRow { pk: partition.to_owned(), sk: game.game_id.clone(), game: game.clone() };
        Ok(Put::builder().table_name(&self.table).set_item(Some(to_item(row)?)))
    }

    /// The writing of a game that must still be as it was read.
    fn as_read(&self, game: &Game, read: u64) -> Result<PutBuilder, Outage> {
        let row = self.row(GAMES, game)?;
        Ok(match read {
            0 => row.condition_expression("attribute_not_exists(pk)"),
            _ => row
                .condition_expression("revision = :read")
                .expression_attribute_values(":read", number(read)),
        })
    }

    fn off_the_shelf(&self, game_id: &str) -> Result<TransactWriteItem, Outage> {
        let delete = Delete::builder().table_name(&self.table).set_key(Some(key(SHELF, game_id))).build();
        let delete = delete.map_err(|error| Outage::new("write a game", error.to_string()))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }
}

fn transact_put(row: PutBuilder) -> Result<TransactWriteItem, Outage> {
    let put = row.build().map_err(|error| Outage::new("write a game", error.to_string()))?;
    Ok(TransactWriteItem::builder().put(put).build())
}
