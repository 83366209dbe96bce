//! What vendors said to us and what we answered, for a month: to look into, never to decide on.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use domain::Timestamp;

use crate::{Item, Outage, key, number, string};

/// How long they are kept.
const KEPT_SECONDS: i64 = 30 * 86_400;
/// What the store takes at once.
const MOST_AT_ONCE: usize = 25;

/// The table of exchanges.
#[derive(Clone)]
pub struct Exchanges {
    db: Client,
    table: String,
}

/// An exchange as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredExchange {
    /// The vendor.
    pub vendor: String,
    /// Whom it is about: a player's id; else the UTC day it happened on.
    pub subject: String,
    /// When it happened, and something that tells it from others of the same moment.
    pub id: String,
    /// When it happened.
    pub at: Timestamp,
    /// What was said, as `edge` packs it.
    pub content: Vec<u8>,
}

impl StoredExchange {
    /// An exchange of a moment; `nonce` tells it from others of the same moment.
    #[must_use]
    pub fn new(vendor: &str, subject: String, at: Timestamp, nonce: &str, content: Vec<u8>) -> Self {
        let id = format!("{:013}#{nonce}", at.as_millisecond());
        Self { vendor: vendor.to_owned(), subject, id, at, content }
    }

    fn item(&self) -> Item {
        let mut item = key(partition(&self.vendor, &self.subject), &self.id);
        item.insert("at".to_owned(), string(self.at.to_string()));
        item.insert("x".to_owned(), AttributeValue::B(self.content.clone().into()));
        item.insert("ttl".to_owned(), number(self.at.as_second().saturating_add(KEPT_SECONDS)));
        item
    }
}

impl Exchanges {
    /// The exchanges in a table.
    #[must_use]
    pub fn new(db: Client, table: impl Into<String>) -> Self {
        Self { db, table: table.into() }
    }

    /// Keeps exchanges. What the store does not take at the first time it is given once more.
    pub async fn keep(&self, exchanges: &[StoredExchange]) -> Result<(), Outage> {
        for some in exchanges.chunks(MOST_AT_ONCE) {
            let mut requests: Vec<WriteRequest> = Vec::with_capacity(some.len());
            for exchange in some {
                let put = PutRequest::builder().set_item(Some(exchange.item())).build();
                let put = put.map_err(|error| Outage::new("keep exchanges", error.to_string()))?;
                requests.push(WriteRequest::builder().put_request(put).build());
            }
            let left = self.write(requests).await?;
            if !left.is_empty() && !self.write(left).await?.is_empty() {
                return Err(Outage::new("keep exchanges", "the store does not take them"));
            }
        }
        Ok(())
    }

    /// The exchanges about a subject, newest first.
    pub async fn list(&self, vendor: &str, subject: &str, limit: i32) -> Result<Vec<StoredExchange>, Outage> {
        let query = self.db.query().table_name(&self.table).key_condition_expression("pk = :pk");
        let query = query.expression_attribute_values(":pk", string(partition(vendor, subject)));
        let found = query.scan_index_forward(false).limit(limit).send().await;
        let found = found.map_err(Outage::sdk("read exchanges"))?;
        found.items().iter().map(|item| stored(item, vendor, subject)).collect()
    }

    async fn write(&self, requests: Vec<WriteRequest>) -> Result<Vec<WriteRequest>, Outage> {
        let write = self.db.batch_write_item().request_items(&self.table, requests);
        let written = write.send().await.map_err(Outage::sdk("keep exchanges"))?;
        Ok(written.unprocessed_items.and_then(|mut it| it.remove(&self.table)).unwrap_or_default())
    }
}

fn partition(vendor: &str, subject: &str) -> String {
    format!("EX#{vendor}#{subject}")
}

fn stored(item: &Item, vendor: &str, subject: &str) -> Result<StoredExchange, Outage> {
    let missing = || Outage::unreadable("an exchange");
    let text = |name: &str| item.get(name).and_then(|it| it.as_s().ok()).ok_or_else(missing);
    let content = item.get("x").and_then(|it| it.as_b().ok()).ok_or_else(missing)?;
    Ok(StoredExchange {
        vendor: vendor.to_owned(),
        subject: subject.to_owned(),
        id: text("sk")?.clone(),
        at: text("at")?.parse().map_err(Outage::unreadable)?,
        content: content.as_ref().to_vec(),
    })
}
