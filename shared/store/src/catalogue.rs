//! The game catalogue: what can be played, and how vendors call it.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use serde::{Deserialize, Serialize};

use crate::ledger::rows::{from_item, to_item};
use crate::page::{Cursor, Page, PageRequest};
use crate::{Item, Outage, key, string};

/// The catalogue table.
#[derive(Clone)]
pub struct Catalogue {
    db: Client,
    table: String,
}

/// A game.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Game {
    /// Our id: the integration and the vendor's code.
    pub game_id: String,
    /// What players see.
    pub name: String,
    /// The vendor that runs it.
    pub integration: String,
    /// The vendor's code of it.
    pub code: String,
    /// Such as `slots` or `live`.
    pub category: String,
    /// Return to player in percent, a decimal text.
    pub rtp: String,
    /// The smallest stake in main units, a decimal text.
    pub min_stake: String,
    /// The largest stake in main units, a decimal text.
    pub max_stake: String,
    /// The jurisdictions it may be offered in, such as `MT`; none named means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub jurisdictions: Vec<String>,
}

const CATALOGUE: &str = "CATALOGUE";

#[derive(Serialize, Deserialize)]
struct GameRow {
    pk: String,
    sk: String,
    #[serde(flatten)]
    game: Game,
}

impl Game {
    /// Our id of a vendor's game.
    #[must_use]
    pub fn id_of(integration: &str, code: &str) -> String {
        format!("{integration}-{code}")
    }

    /// Whether players of a jurisdiction may be offered it.
    #[must_use]
    pub fn offered_in(&self, jurisdiction: &str) -> bool {
        self.jurisdictions.is_empty() || self.jurisdictions.iter().any(|it| it == jurisdiction)
    }
}

impl Catalogue {
    /// The catalogue in a table.
    #[must_use]
    pub fn new(db: Client, table: impl Into<String>) -> Self {
        Self { db, table: table.into() }
    }

    /// Every game, by id.
    pub async fn games(&self) -> Result<Vec<Game>, Outage> {
        let mut games = Vec::new();
        let mut start = None;
        loop {
            let answer = self.query(start).send().await.map_err(Outage::sdk("read the catalogue"))?;
            for item in answer.items.unwrap_or_default() {
                games.push(from_item::<GameRow>(item)?.game);
            }
            match answer.last_evaluated_key {
                Some(key) => start = Some(key),
                None => return Ok(games),
            }
        }
    }

    /// A page of the games that players of a jurisdiction may be offered, by id.
    pub async fn offered(&self, jurisdiction: &str, page: &PageRequest) -> Result<Page<Game>, Outage> {
        let wanted = usize::try_from(page.limit).unwrap_or(1).max(1);
        let mut items: Vec<Game> = Vec::new();
        let mut start = page.after.as_ref().and_then(|Cursor(parts)| parts.first()).map(|id| game_key(id));
        loop {
            let query = self.query(start).limit(page.limit);
            let answer = query.send().await.map_err(Outage::sdk("read the catalogue"))?;
            for item in answer.items.unwrap_or_default() {
                let game = from_item::<GameRow>(item)?.game;
                if !game.offered_in(jurisdiction) {
                    continue;
                }
                // One more than wanted: there is a next page.
                if items.len() == wanted {
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

    /// One game.
    pub async fn game(&self, game_id: &str) -> Result<Option<Game>, Outage> {
        let get = self.db.get_item().table_name(&self.table).set_key(Some(game_key(game_id)));
        let answer = get.send().await.map_err(Outage::sdk("read a game"))?;
        Ok(answer.item.map(from_item::<GameRow>).transpose()?.map(|row| row.game))
    }

    /// Writes a game, replacing what stood under its id.
    pub async fn put(&self, game: &Game) -> Result<(), Outage> {
        let row = GameRow { pk: CATALOGUE.to_owned(), sk: sk(&game.game_id), game: game.clone() };
        let put = self.db.put_item().table_name(&self.table).set_item(Some(to_item(row)?));
        put.send().await.map_err(Outage::sdk("write a game"))?;
        Ok(())
    }

    fn query(&self, start: Option<Item>) -> QueryFluentBuilder {
        self.db
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", string(CATALOGUE))
            .set_exclusive_start_key(start)
    }
}

fn game_key(game_id: &str) -> Item {
    key(CATALOGUE, sk(game_id))
}

fn sk(game_id: &str) -> String {
    format!("GAME#{game_id}")
}
