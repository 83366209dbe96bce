//! The bare store calls that a bet needs, with items like a bet's: what the handler's own time is held against.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, Put, TransactWriteItem};
use edge::{Context, Settings};

use crate::Error;
use crate::wallet::Bench;

type Item = HashMap<String, AttributeValue>;

/// The two round trips of a bet, without deciding anything.
pub struct Bare {
    db: Client,
    table: String,
    account: Item,
    session: Item,
    version: u64,
}

impl Bare {
    /// Prepares items of a player of its own.
    pub async fn start(bench: &Bench) -> Result<Self, Error> {
        let settings = Settings::new(bench.cloud.env().clone(), Context::default());
        let db = edge::aws::dynamodb(&settings)?;
        let text = |value: &str| AttributeValue::S(value.to_owned());
        let key = |sk: &str| HashMap::from([("pk".to_owned(), text("bare")), ("sk".to_owned(), text(sk))]);
        let mut account = key("ACCOUNT");
        account.insert("filler".to_owned(), text(&"x".repeat(220)));
        account.insert("v".to_owned(), AttributeValue::N("0".to_owned()));
        let session = key("SESSION#bare");
        let table = bench.table.clone();
        for item in [account.clone(), session.clone()] {
            db.put_item().table_name(&table).set_item(Some(item)).send().await?;
        }
        Ok(Self { db, table, account, session, version: 0 })
    }

    /// Reads two items in one batch and writes two in one transaction.
    pub async fn bet(&mut self) -> Result<(), Error> {
        let key = |item: &Item| -> Item {
            item.iter()
                .filter(|(name, _)| matches!(name.as_str(), "pk" | "sk"))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect()
        };
        let keys = KeysAndAttributes::builder().keys(key(&self.account)).keys(key(&self.session)).build()?;
        self.db.batch_get_item().request_items(&self.table, keys).send().await?;
        let read = self.version;
        self.version += 1;
        let number = |value: u64| AttributeValue::N(value.to_string());
        let mut account = self.account.clone();
        account.insert("v".to_owned(), number(self.version));
        let mut entry = key(&self.account);
        entry.insert("sk".to_owned(), AttributeValue::S(format!("TX#bare#{}", self.version)));
        entry.insert("posted".to_owned(), AttributeValue::S(format!("{:026}", self.version)));
        entry.insert("filler".to_owned(), AttributeValue::S("x".repeat(420)));
        let account = Put::builder()
            .table_name(&self.table)
            .set_item(Some(account))
            .condition_expression("v = :v")
            .expression_attribute_values(":v", number(read))
            .build()?;
        let entry = Put::builder()
            .table_name(&self.table)
            .set_item(Some(entry))
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
