//! Queues within the ledger, by a sparse index: withdrawals and refunds that wait for staff, and payments whose providers
//! have to be asked. Everything else, above all every bet, is not in the index and costs nothing there.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use domain::Timestamp;
use domain::deposit::Deposit;
use domain::ids::PlayerId;
use domain::withdrawal::Withdrawal;

use super::{Ledger, rows};
use crate::page::{Cursor, Page, PageRequest};
use crate::{Item, Outage, key, string};

/// The index.
const QUEUE_INDEX: &str = "queue";
/// The parts of a place in it.
const PLACE: [&str; 3] = ["queued_at", "pk", "sk"];

/// A payment whose provider has to be asked what became of it.
#[derive(Clone, Debug)]
pub enum Due {
    /// A deposit that is not settled.
    Deposit(Deposit),
    /// A withdrawal that is approved and not settled.
    Withdrawal(Withdrawal),
}

impl Ledger {
    /// How many parts the queue of what is due has.
    pub const DUE_SHARDS: u8 = rows::DUE_SHARDS;

    /// A page of the withdrawals that wait for staff, oldest first, with whose they are.
    pub async fn withdrawals_waiting(
        &self,
        page: &PageRequest,
    ) -> Result<Page<(PlayerId, Withdrawal)>, Outage> {
        self.queue_page(rows::WITHDRAWALS_WAITING, None, page, rows::withdrawal).await
    }

    /// A page of the deposits with a refund that waits for a colleague to agree, longest waiting first, with whose they
    /// are. One of which another refund is on its way is there again when that one is settled.
    pub async fn refunds_waiting(&self, page: &PageRequest) -> Result<Page<(PlayerId, Deposit)>, Outage> {
        let read = |item: Item| Ok((rows::owner(&item)?, rows::deposit(item)?));
        self.queue_page(rows::REFUNDS_WAITING, None, page, read).await
    }

    /// A page of one part of what is due at a time, longest due first, with whose it is.
    pub async fn due(
        &self,
        shard: u8,
        now: Timestamp,
        page: &PageRequest,
    ) -> Result<Page<(PlayerId, Due)>, Outage> {
        self.queue_page(&rows::due_queue(shard), Some(&rows::due_at(now, "")), page, due).await
    }

    /// Has something that is due looked at again at a later time, unless it moved on meanwhile.
    pub async fn look_again(&self, player: PlayerId, due: &Due, at: Timestamp) -> Result<(), Outage> {
        let sk = match due {
            Due::Deposit(deposit) => rows::deposit_sk(deposit.id),
            Due::Withdrawal(withdrawal) => rows::withdrawal_sk(withdrawal.id),
        };
        let answer = self
            .db
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(player.to_string(), &sk)))
            .update_expression("SET queued_at = :at")
            .condition_expression("begins_with(queue, :due) AND queued_at < :at")
            .expression_attribute_values(":at", string(rows::due_at(at, &sk)))
            .expression_attribute_values(":due", string("payments-due#"))
            .send()
            .await;
        match answer {
            Ok(_) => Ok(()),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(())
            }
            Err(error) => Err(Outage::sdk("look again")(error)),
        }
    }

    async fn queue_page<T>(
        &self,
        queue: &str,
        before: Option<&str>,
        page: &PageRequest,
        read: impl Fn(Item) -> Result<T, Outage>,
    ) -> Result<Page<T>, Outage> {
        let condition =
            if before.is_some() { "queue = :queue AND queued_at < :before" } else { "queue = :queue" };
        let mut query = self
            .query(condition)
            .index_name(QUEUE_INDEX)
            .scan_index_forward(true)
            .expression_attribute_values(":queue", string(queue))
            .limit(page.limit);
        if let Some(before) = before {
            query = query.expression_attribute_values(":before", string(before));
        }
        if let Some(cursor) = &page.after {
            let mut start = cursor.named(&PLACE)?;
            start.insert("queue".to_owned(), string(queue));
            query = query.set_exclusive_start_key(Some(start));
        }
        let answer = query.send().await.map_err(Outage::sdk("read a queue"))?;
        let next = answer.last_evaluated_key.as_ref().and_then(|key| Cursor::of(key, &PLACE));
        let items = answer.items.unwrap_or_default().into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(Page { items, next })
    }
}

fn due(item: Item) -> Result<(PlayerId, Due), Outage> {
    if rows::is_deposit(&item) {
        let owner = rows::owner(&item)?;
        Ok((owner, Due::Deposit(rows::deposit(item)?)))
    } else {
        let (owner, withdrawal) = rows::withdrawal(item)?;
        Ok((owner, Due::Withdrawal(withdrawal)))
    }
}
