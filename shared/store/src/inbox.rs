//! The inbox: what vendors told us that matched nothing. Kept for staff, so that nothing is lost.

use aws_sdk_dynamodb::Client;
use domain::Timestamp;

use crate::{Outage, key, number, string};

/// How long a notification waits for staff.
const KEPT_SECONDS: i64 = 400 * 86_400;

/// The inbox table.
#[derive(Clone)]
pub struct Inbox {
    db: Client,
    table: String,
}

/// A vendor's notification that could not be applied.
#[derive(Clone, Debug)]
pub struct InboxItem {
    /// The vendor.
    pub vendor: String,
    /// The notification's own id: the same notification twice is one item.
    pub id: String,
    /// Why it was not applied.
    pub why: String,
    /// What staff needs to find it at the vendor: ids and amounts, no personal data.
    pub summary: String,
}

impl Inbox {
    /// The inbox in a table.
    #[must_use]
    pub fn new(db: Client, table: impl Into<String>) -> Self {
        Self { db, table: table.into() }
    }

    /// Keeps a notification.
    pub async fn keep(&self, item: &InboxItem, now: Timestamp) -> Result<(), Outage> {
        let mut row = key(format!("INBOX#{}", item.vendor), format!("NOTICE#{}", item.id));
        row.insert("why".to_owned(), string(&item.why));
        row.insert("summary".to_owned(), string(&item.summary));
        row.insert("at".to_owned(), string(now.to_string()));
        row.insert("ttl".to_owned(), number(now.as_second().saturating_add(KEPT_SECONDS)));
        let put = self.db.put_item().table_name(&self.table).set_item(Some(row));
        put.send().await.map_err(Outage::sdk("keep a notification"))?;
        Ok(())
    }
}
