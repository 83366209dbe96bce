//! The game catalogue: what can be played, and how vendors call it.

use aws_sdk_dynamodb::Client;
use serde::{Deserialize, Serialize};

use crate::ledger::rows::{from_item, to_item};
use crate::{Outage, key, string};

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
            let answer = self
                .db
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", string(CATALOGUE))
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(Outage::sdk("read the catalogue"))?;
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
        let get = self.db.get_item().table_name(&self.table).set_key(Some(key(CATALOGUE, sk(game_id))));
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
}

fn sk(game_id: &str) -> String {
    format!("GAME#{game_id}")
}
