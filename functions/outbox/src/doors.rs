//! The doors to the outside: the event stream and the payout queue.

use std::future::Future;

use aws_sdk_kinesis::primitives::Blob;
use aws_sdk_kinesis::types::PutRecordsRequestEntry;
use edge::{BoxError, aws};
use events::PayoutOrder;

use crate::Outgoing;

/// Where events go.
pub(crate) trait EventStream: Send + Sync + 'static {
    /// Puts events on the stream; tells of each, in order, whether it was taken.
    fn put(&self, facts: &[&Outgoing]) -> impl Future<Output = Result<Vec<bool>, BoxError>> + Send;
}

/// Where payout orders go.
pub(crate) trait PayoutOrders: Send + Sync + 'static {
    /// Sends an order.
    fn send(&self, order: &PayoutOrder) -> impl Future<Output = Result<(), BoxError>> + Send;
}

pub(crate) struct KinesisStream {
    client: aws_sdk_kinesis::Client,
    name: String,
}

impl KinesisStream {
    pub(crate) fn new(client: aws_sdk_kinesis::Client, name: impl Into<String>) -> Self {
        Self { client, name: name.into() }
    }
}

impl EventStream for KinesisStream {
    async fn put(&self, facts: &[&Outgoing]) -> Result<Vec<bool>, BoxError> {
        let mut put = self.client.put_records().stream_name(&self.name);
        for fact in facts {
            let record = PutRecordsRequestEntry::builder()
                .partition_key(fact.player.to_string())
                .data(Blob::new(fact.event.as_bytes()));
            put = put.records(record.build()?);
        }
        let answer = put.send().await.map_err(|error| aws::reason(&error))?;
        Ok(answer.records.iter().map(|record| record.error_code.is_none()).collect())
    }
}

pub(crate) struct SqsOrders {
    client: aws_sdk_sqs::Client,
    queue_url: String,
}

impl SqsOrders {
    pub(crate) fn new(client: aws_sdk_sqs::Client, queue_url: impl Into<String>) -> Self {
        Self { client, queue_url: queue_url.into() }
    }
}

impl PayoutOrders for SqsOrders {
    async fn send(&self, order: &PayoutOrder) -> Result<(), BoxError> {
        let body = serde_json::to_string(order)?;
        let send = self.client.send_message().queue_url(&self.queue_url).message_body(body).send();
        send.await.map_err(|error| aws::reason(&error))?;
        Ok(())
    }
}
