//! The bare store calls that a bet needs, with copies of a bet's own items: what the handler is held against.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, Put, TransactWriteItem};
use edge::Settings;
use uuid::Uuid;

use crate::Error;

type Item = HashMap<String, AttributeValue>;

/// The two round trips of a bet, without deciding anything.
pub struct Bare {
    db: Client,
    table: String,
    wallets: Vec<Rows>,
    bets: usize,
}

/// What one player has in the table.
struct Rows {
    account: Item,
    session: Item,
    entry: Item,
    version: u64,
}

impl Bare {
    /// Copies the rows of players who have placed a bet each, so that they can be written to without harm.
    pub async fn start(settings: &Settings, players: &[String]) -> Result<Self, Error> {
        let db = edge::aws::dynamodb(settings)?;
        let table = settings.get("LEDGER_TABLE")?.to_owned();
        let mut wallets = Vec::new();
        for player in players {
            let rows = Rows::copy(&db, &table, player).await?;
            for item in [rows.account.clone(), rows.session.clone()] {
                db.put_item().table_name(&table).set_item(Some(item)).send().await?;
            }
            wallets.push(rows);
        }
        Ok(Self { db, table, wallets, bets: 0 })
    }

    /// Reads two items in one batch and writes two in one transaction, on each wallet in turn.
    pub async fn bet(&mut self) -> Result<(), Error> {
        self.bets += 1;
        let turn = self.bets % self.wallets.len().max(1);
        let rows = self.wallets.get_mut(turn).ok_or("there is no wallet")?;
        let keys = KeysAndAttributes::builder().keys(key(&rows.account)).keys(key(&rows.session)).build()?;
        self.db.batch_get_item().request_items(&self.table, keys).send().await?;
        let read = rows.version;
        rows.version += 1;
        let account = Put::builder()
            .table_name(&self.table)
            .set_item(Some(with(&rows.account, "v", number(rows.version))))
            .condition_expression("v = :v")
            .expression_attribute_values(":v", number(read))
            .build()?;
        let entry = Put::builder()
            .table_name(&self.table)
            .set_item(Some(with(&rows.entry, "sk", text(format!("TX#plain#{}", Uuid::new_v4())))))
            .condition_expression("attribute_not_exists(pk)")
            .build()?;
        self.db
            .transact_write_items()
            .transact_items(TransactWriteItem::builder().put(entry).build())
            .transact_items(TransactWriteItem::builder().put(account).build())
            .send()
            .await?;
        Ok(())
    }
}

impl Rows {
    async fn copy(db: &Client, table: &str, player: &str) -> Result<Self, Error> {
        let found = db
            .query()
            .table_name(table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(player.to_owned()))
            .send()
            .await?;
        let of_kind = |kind: &str| {
            let is_kind = |item: &&Item| sk(item).starts_with(kind);
            let item = found.items().iter().find(is_kind).ok_or_else(|| format!("{player} has no {kind}"))?;
            Ok::<Item, Error>(with(item, "pk", text(format!("{player}-BARE"))))
        };
        let account = with(&of_kind("ACCOUNT")?, "v", number(0));
        Ok(Self { account, session: of_kind("SESSION#")?, entry: of_kind("TX#hub88#")?, version: 0 })
    }
}

fn sk(item: &Item) -> &str {
    item.get("sk").and_then(|sk| sk.as_s().ok()).map_or("", String::as_str)
}

fn key(item: &Item) -> Item {
    let is_key = |(name, _): &(&String, &AttributeValue)| matches!(name.as_str(), "pk" | "sk");
    item.iter().filter(is_key).map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn with(item: &Item, name: &str, value: AttributeValue) -> Item {
    let mut item = item.clone();
    item.insert(name.to_owned(), value);
    item
}

fn text(value: String) -> AttributeValue {
    AttributeValue::S(value)
}

fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
