//! The inbox: what vendors told us that matched nothing. Kept for staff, so that nothing is lost; what staff has seen to
//! is kept for the audit.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use domain::Timestamp;
use domain::ids::{PlayerId, StaffId};
use serde::{Deserialize, Serialize};

use crate::page::{Cursor, Page, PageRequest};
use crate::{Item, Outage, key, number, string};

/// How long a notification waits for staff.
const KEPT_SECONDS: i64 = 400 * 86_400;
/// How long it is known who saw to it.
const RESOLVED_KEPT_SECONDS: i64 = 5 * 366 * 86_400;

/// The index by what is still to be seen to and what is not. There is little of either, so that each is one partition.
const STATE_INDEX: &str = "state";
/// The index of open alerts by the player that they are about.
const ALERTS_INDEX: &str = "alerts";
const OPEN: &str = "open";
const RESOLVED: &str = "resolved";
/// The parts of a place in it.
const PLACE: [&str; 3] = ["noted", "pk", "sk"];

/// The inbox table.
#[derive(Clone)]
pub struct Inbox {
    db: Client,
    table: String,
}

/// A vendor's notification that could not be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxItem {
    /// The vendor.
    pub vendor: String,
    /// What the vendor is for.
    pub kind: InboxKind,
    /// The notification's own id: the same notification twice is one item.
    pub id: String,
    /// Why it was not applied.
    pub why: String,
    /// What staff needs to find it at the vendor: ids and amounts, no personal data.
    pub summary: String,
    /// The player whom compliance has to look into, if it is an alert about one.
    pub alert_about: Option<PlayerId>,
}

/// What a vendor is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InboxKind {
    /// Money in and out.
    Payments,
    /// Who players are.
    Identity,
    /// Games and their wallet calls.
    Games,
}

/// An item as it was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The item.
    pub item: InboxItem,
    /// When it was kept.
    pub at: Timestamp,
    /// What came of it, if anything has.
    pub resolution: Option<Resolution>,
}

/// That an item is seen to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// Who of the staff saw to it; none if it settled itself.
    pub by: Option<StaffId>,
    /// When.
    pub at: Timestamp,
    /// What is said of it.
    pub note: String,
}

#[derive(Serialize, Deserialize)]
struct Row {
    pk: String,
    sk: String,
    kind: InboxKind,
    why: String,
    summary: String,
    at: Timestamp,
    /// Where the index has it, with the place in it.
    state: String,
    noted: String,
    /// Where another index has it while it is an open alert.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    alert_about: Option<PlayerId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resolution: Option<Resolution>,
    ttl: i64,
}

impl Inbox {
    /// The inbox in a table.
    #[must_use]
    pub fn new(db: Client, table: impl Into<String>) -> Self {
        Self { db, table: table.into() }
    }

    /// Keeps a notification. One that is kept stays as it is: what is seen to does not come back.
    pub async fn keep(&self, item: &InboxItem, now: Timestamp) -> Result<(), Outage> {
        let row = Row {
            pk: vendor_pk(&item.vendor),
            sk: item_sk(&item.id),
            kind: item.kind,
            why: item.why.clone(),
            summary: item.summary.clone(),
            at: now,
            state: OPEN.to_owned(),
            noted: place(now),
            alert_about: item.alert_about,
            resolution: None,
            ttl: now.as_second().saturating_add(KEPT_SECONDS),
        };
        let row = serde_dynamo::aws_sdk_dynamodb_1::to_item(row).map_err(Outage::unreadable)?;
        let put = self.db.put_item().table_name(&self.table).set_item(Some(row));
        match put.condition_expression("attribute_not_exists(pk)").send().await {
            Ok(_) => Ok(()),
            Err(error) if is_there(&error) => Ok(()),
            Err(error) => Err(Outage::sdk("keep a notification")(error)),
        }
    }

    /// A page of what is to be seen to, or of what was, longest there first. Of one vendor a page may hold less than
    /// was asked for although more follows.
    pub async fn page(
        &self,
        resolved: bool,
        vendor: Option<&str>,
        page: &PageRequest,
    ) -> Result<Page<Kept>, Outage> {
        let mut query = self
            .db
            .query()
            .table_name(&self.table)
            .index_name(STATE_INDEX)
            .key_condition_expression("#state = :state")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":state", string(if resolved { RESOLVED } else { OPEN }))
            .scan_index_forward(true)
            .limit(page.limit);
        if let Some(vendor) = vendor {
            query = query
                .filter_expression("pk = :vendor")
                .expression_attribute_values(":vendor", string(vendor_pk(vendor)));
        }
        if let Some(cursor) = &page.after {
            let mut start = cursor.named(&PLACE)?;
            start.insert("state".to_owned(), string(if resolved { RESOLVED } else { OPEN }));
            query = query.set_exclusive_start_key(Some(start));
        }
        let answer = query.send().await.map_err(Outage::sdk("read the inbox"))?;
        let next = answer.last_evaluated_key.as_ref().and_then(|key| Cursor::of(key, &PLACE));
        let items = answer.items.unwrap_or_default().into_iter().map(kept).collect::<Result<_, _>>()?;
        Ok(Page { items, next })
    }

    /// Whether there is an alert about a player that nobody has seen to. The index may lag a moment behind.
    pub async fn is_alert_open(&self, player: PlayerId) -> Result<bool, Outage> {
        let query = self
            .db
            .query()
            .table_name(&self.table)
            .index_name(ALERTS_INDEX)
            .key_condition_expression("alert_about = :player")
            .expression_attribute_values(":player", string(player.to_string()))
            .limit(1);
        let answer = query.send().await.map_err(Outage::sdk("look for alerts"))?;
        Ok(answer.items.is_some_and(|items| !items.is_empty()))
    }

    /// Notes that an item is seen to, and reads it: the first word stands. None if there is no such item.
    pub async fn resolve(
        &self,
        vendor: &str,
        id: &str,
        resolution: &Resolution,
    ) -> Result<Option<Kept>, Outage> {
        self.settle(vendor, id, resolution).await?;
        self.find(vendor, id).await
    }

    /// An item as it was kept; none if there is no such item.
    pub async fn find(&self, vendor: &str, id: &str) -> Result<Option<Kept>, Outage> {
        let get = self.db.get_item().table_name(&self.table).set_key(Some(place_of(vendor, id)));
        let answer = get.consistent_read(true).send().await.map_err(Outage::sdk("read the inbox"))?;
        answer.item.map(kept).transpose()
    }

    /// Notes that an item is seen to, if there is one and it is still open.
    pub async fn settle(&self, vendor: &str, id: &str, resolution: &Resolution) -> Result<(), Outage> {
        let said = serde_dynamo::aws_sdk_dynamodb_1::to_attribute_value(resolution);
        let ttl = resolution.at.as_second().saturating_add(RESOLVED_KEPT_SECONDS);
        let update = self
            .db
            .update_item()
            .table_name(&self.table)
            .set_key(Some(place_of(vendor, id)))
            .update_expression(
                "SET #state = :resolved, noted = :noted, resolution = :said, #ttl = :ttl REMOVE alert_about",
            )
            .condition_expression("#state = :open")
            .expression_attribute_names("#state", "state")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":open", string(OPEN))
            .expression_attribute_values(":resolved", string(RESOLVED))
            .expression_attribute_values(":noted", string(place(resolution.at)))
            .expression_attribute_values(":said", said.map_err(Outage::unreadable)?)
            .expression_attribute_values(":ttl", number(ttl));
        match update.send().await {
            Ok(_) => Ok(()),
            Err(error) if is_not_open(&error) => Ok(()),
            Err(error) => Err(Outage::sdk("resolve an item")(error)),
        }
    }
}

fn is_there<R>(error: &SdkError<PutItemError, R>) -> bool {
    error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception)
}

fn is_not_open<R>(error: &SdkError<UpdateItemError, R>) -> bool {
    error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception)
}

const VENDOR_PREFIX: &str = "INBOX#";
const ITEM_PREFIX: &str = "NOTICE#";

fn vendor_pk(vendor: &str) -> String {
    format!("{VENDOR_PREFIX}{vendor}")
}

fn item_sk(id: &str) -> String {
    format!("{ITEM_PREFIX}{id}")
}

fn place_of(vendor: &str, id: &str) -> Item {
    key(vendor_pk(vendor), item_sk(id))
}

fn place(at: Timestamp) -> String {
    format!("{:013}", at.as_millisecond())
}

fn kept(item: Item) -> Result<Kept, Outage> {
    let row: Row = serde_dynamo::aws_sdk_dynamodb_1::from_item(item).map_err(Outage::unreadable)?;
    let part = |text: &str, prefix: &str| {
        text.strip_prefix(prefix).map(str::to_owned).ok_or_else(|| Outage::unreadable("an inbox item"))
    };
    let (vendor, id) = (part(&row.pk, VENDOR_PREFIX)?, part(&row.sk, ITEM_PREFIX)?);
    let Row { kind, why, summary, at, alert_about, resolution, .. } = row;
    Ok(Kept { item: InboxItem { vendor, kind, id, why, summary, alert_about }, at, resolution })
}
