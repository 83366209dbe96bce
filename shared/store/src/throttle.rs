//! Throttles: so many attempts in a window of time, counted by the database.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::ReturnValue;
use domain::Timestamp;

use crate::{Outage, key, number};

/// Counts attempts by whatever they are counted by.
#[derive(Clone)]
pub struct Throttle {
    db: Client,
    table: String,
}

/// Too many attempts; try again after the given time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttled {
    /// Seconds until the window ends.
    pub retry_after_seconds: i64,
}

const COUNT: &str = "THROTTLE";

impl Throttle {
    /// Throttles in a table.
    #[must_use]
    pub fn new(db: Client, table: impl Into<String>) -> Self {
        Self { db, table: table.into() }
    }

    /// Counts an attempt before it is made, so that attempts at once are all counted.
    ///
    /// Windows are fixed and begin at multiples of their length.
    pub async fn attempt(
        &self,
        subject: &str,
        most: u32,
        window: Duration,
        now: Timestamp,
    ) -> Result<Result<(), Throttled>, Outage> {
        let (begun, ends) = bounds(window, now);
        let answer = self
            .db
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(pk(subject, begun), COUNT)))
            .update_expression("ADD attempts :one SET #ttl = :ends")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":ends", number(ends))
            .return_values(ReturnValue::UpdatedNew)
            .send()
            .await
            .map_err(Outage::sdk("count an attempt"))?;
        let attempts: u32 = answer
            .attributes
            .and_then(|item| item.get("attempts")?.as_n().ok()?.parse().ok())
            .ok_or_else(|| Outage::unreadable("a throttle"))?;
        Ok(within(attempts, most, ends, now))
    }

    /// Whether there were too many attempts already; counts nothing.
    pub async fn check(
        &self,
        subject: &str,
        most: u32,
        window: Duration,
        now: Timestamp,
    ) -> Result<Result<(), Throttled>, Outage> {
        let (begun, ends) = bounds(window, now);
        let get = self.db.get_item().table_name(&self.table).set_key(Some(key(pk(subject, begun), COUNT)));
        let answer = get.send().await.map_err(Outage::sdk("read attempts"))?;
        let attempts = answer.item.and_then(|item| item.get("attempts")?.as_n().ok()?.parse().ok());
        Ok(within(attempts.unwrap_or(0_u32), most.saturating_sub(1), ends, now))
    }

    /// Forgets the attempts: the last one succeeded.
    pub async fn forgive(&self, subject: &str, window: Duration, now: Timestamp) -> Result<(), Outage> {
        let (begun, _) = bounds(window, now);
        let delete =
            self.db.delete_item().table_name(&self.table).set_key(Some(key(pk(subject, begun), COUNT)));
        delete.send().await.map_err(Outage::sdk("forget attempts"))?;
        Ok(())
    }
}

/// When the window of a moment began and when it ends, in seconds.
fn bounds(window: Duration, now: Timestamp) -> (i64, i64) {
    let length = i64::try_from(window.as_secs()).unwrap_or(i64::MAX).max(1);
    let begun = now.as_second().saturating_sub(now.as_second().rem_euclid(length));
    (begun, begun.saturating_add(length))
}

fn within(attempts: u32, most: u32, ends: i64, now: Timestamp) -> Result<(), Throttled> {
    if attempts <= most {
        return Ok(());
    }
    Err(Throttled { retry_after_seconds: ends.saturating_sub(now.as_second()).max(1) })
}

fn pk(subject: &str, begun: i64) -> String {
    format!("THROTTLE#{subject}#{begun}")
}
