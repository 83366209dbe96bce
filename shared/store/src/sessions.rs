//! Login sessions: one family of refresh tokens each, of which only the newest works.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure as Return;
use domain::Timestamp;
use domain::ids::SessionId;

use crate::{Outage, key, number, string};

/// The sessions table.
#[derive(Clone)]
pub struct Sessions {
    db: Client,
    table: String,
}

/// A session: who is signed in, and until when it may be refreshed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// The session.
    pub id: SessionId,
    /// A player's or staff member's id.
    pub subject: String,
    /// The end of the session, however often it is refreshed.
    pub ends_at: Timestamp,
}

/// What came of a refresh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refreshed {
    /// The token was the newest; now it is spent and its successor works.
    Rotated(Family),
    /// The token had been spent before: somebody has a copy, so the whole session is over.
    Reused(SessionId),
    /// There is no such session, or it is over.
    Unknown,
}

const FAMILY: &str = "FAMILY";

impl Sessions {
    /// Sessions in a table.
    #[must_use]
    pub fn new(db: Client, table: impl Into<String>) -> Self {
        Self { db, table: table.into() }
    }

    /// Begins a session whose refresh token hashes to `token_hash`.
    pub async fn begin(&self, family: &Family, token_hash: &str) -> Result<(), Outage> {
        let mut item = key(pk(family.id), FAMILY);
        item.insert("subject".to_owned(), string(&family.subject));
        item.insert("token".to_owned(), string(token_hash));
        item.insert("ttl".to_owned(), number(family.ends_at.as_second()));
        let put = self.db.put_item().table_name(&self.table).set_item(Some(item));
        put.send().await.map_err(Outage::sdk("begin a session"))?;
        Ok(())
    }

    /// Spends a refresh token and puts the next in its place: one conditional write, so that of two
    /// refreshes with one token at once only one succeeds.
    pub async fn refresh(
        &self,
        id: SessionId,
        spent_hash: &str,
        next_hash: &str,
        now: Timestamp,
    ) -> Result<Refreshed, Outage> {
        let answer = self
            .db
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(pk(id), FAMILY)))
            .update_expression("SET #token = :next")
            .condition_expression("#token = :spent AND #ttl > :now")
            .expression_attribute_names("#token", "token")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":next", string(next_hash))
            .expression_attribute_values(":spent", string(spent_hash))
            .expression_attribute_values(":now", number(now.as_second()))
            .return_values(aws_sdk_dynamodb::types::ReturnValue::AllNew)
            .return_values_on_condition_check_failure(Return::AllOld)
            .send()
            .await;
        match answer {
            Ok(updated) => {
                let family = updated.attributes.as_ref().and_then(|item| family(id, item));
                family.map(Refreshed::Rotated).ok_or_else(|| Outage::unreadable("a session"))
            }
            Err(error) => {
                use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
                match error.as_service_error() {
                    Some(UpdateItemError::ConditionalCheckFailedException(_)) => {
                        self.reused_or_unknown(id, now).await
                    }
                    _ => Err(Outage::sdk("refresh a session")(error)),
                }
            }
        }
    }

    async fn reused_or_unknown(&self, id: SessionId, now: Timestamp) -> Result<Refreshed, Outage> {
        if self.live(id, now).await?.is_none() {
            return Ok(Refreshed::Unknown);
        }
        self.end(id).await?;
        Ok(Refreshed::Reused(id))
    }

    /// The session, if it has neither ended nor been ended.
    pub async fn live(&self, id: SessionId, now: Timestamp) -> Result<Option<Family>, Outage> {
        let get = self.db.get_item().table_name(&self.table).set_key(Some(key(pk(id), FAMILY)));
        let answer = get.consistent_read(true).send().await.map_err(Outage::sdk("read a session"))?;
        Ok(answer.item.as_ref().and_then(|item| family(id, item)).filter(|it| it.ends_at > now))
    }

    /// Ends a session; ending it twice is no error.
    pub async fn end(&self, id: SessionId) -> Result<(), Outage> {
        let delete = self.db.delete_item().table_name(&self.table).set_key(Some(key(pk(id), FAMILY)));
        delete.send().await.map_err(Outage::sdk("end a session"))?;
        Ok(())
    }
}

fn pk(id: SessionId) -> String {
    format!("SESSION#{id}")
}

fn family(id: SessionId, item: &crate::Item) -> Option<Family> {
    let ends_at = item.get("ttl")?.as_n().ok()?.parse().ok()?;
    Some(Family {
        id,
        subject: item.get("subject")?.as_s().ok()?.clone(),
        ends_at: Timestamp::from_second(ends_at).ok()?,
    })
}
