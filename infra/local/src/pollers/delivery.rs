//! Delivers the records of one shard, as Lambda's event source mappings do: in order, and a failed batch again,
//! from its first failure on or in halves, until it succeeds or is given up to the failure queue.

use std::{collections::VecDeque, time::Duration};

use serde_json::{Value, json};
use ulid::Ulid;

use super::{Target, failures, name_of, stream::Service};
use crate::{clock, template::SourceMapping};

/// What Lambda takes from a stream at a time unless told otherwise.
const BATCH_SIZE_DEFAULT: usize = 100;

const PAUSE_FIRST: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(10);

pub(super) struct Delivery {
    service: Service,
    mapping: SourceMapping,
    shard: String,
    target: Target,
}

struct Batch {
    records: Vec<Value>,
    failed_times: u32,
}

enum Outcome {
    Done,
    /// Everything before this index is done.
    FailedFrom(usize),
}

impl Delivery {
    pub(super) fn new(service: Service, mapping: SourceMapping, shard: String, target: Target) -> Self {
        Self { service, mapping, shard, target }
    }

    pub(super) fn batch_size(&self) -> usize {
        self.mapping.batch_size.unwrap_or(BATCH_SIZE_DEFAULT)
    }

    pub(super) fn arn(&self) -> &str {
        &self.mapping.arn
    }

    /// Returns when every record was either taken by the function or given up.
    pub(super) async fn deliver(&self, records: Vec<Value>) {
        let mut waiting = VecDeque::from([Batch { records, failed_times: 0 }]);
        while let Some(mut batch) = waiting.pop_front() {
            if batch.records.is_empty() {
                continue;
            }
            let Outcome::FailedFrom(done) = self.attempt(&batch.records).await else { continue };
            batch.records.drain(..done);
            if done > 0 {
                batch.failed_times = 0;
            }
            if self.mapping.bisect && batch.records.len() > 1 {
                let second = batch.records.split_off(batch.records.len().div_ceil(2));
                waiting.push_front(Batch { records: second, failed_times: batch.failed_times });
                waiting.push_front(batch);
                continue;
            }
            batch.failed_times += 1;
            if self.mapping.retries_max.is_some_and(|max| batch.failed_times > max) {
                self.give_up(&batch).await;
                continue;
            }
            tokio::time::sleep(pause(batch.failed_times)).await;
            waiting.push_front(batch);
        }
    }

    async fn attempt(&self, records: &[Value]) -> Outcome {
        let event = json!({"Records": records});
        let Ok(answer) = self.target.fleet.invoke(&self.target.function, event).await else {
            return Outcome::FailedFrom(0);
        };
        if !self.mapping.report_failures {
            return Outcome::Done;
        }
        let Some(failed) = failures(&answer) else { return Outcome::FailedFrom(0) };
        let position = |id: &&str| records.iter().position(|record| self.service.sequence(record) == *id);
        // An identifier that is not of this batch means that none of it can be trusted.
        match failed.iter().map(position).collect::<Option<Vec<_>>>() {
            Some(positions) => positions.into_iter().min().map_or(Outcome::Done, Outcome::FailedFrom),
            None => Outcome::FailedFrom(0),
        }
    }

    async fn give_up(&self, batch: &Batch) {
        let function = &self.target.function;
        let Some(queue) = &self.mapping.on_failure else {
            tracing::error!(
                function,
                shard = self.shard,
                records = batch.records.len(),
                "records are dropped"
            );
            return;
        };
        tracing::error!(function, shard = self.shard, records = batch.records.len(), "records are given up");
        let message = self.failure_message(batch);
        let sent = match self.queue_url(queue).await {
            Ok(url) => {
                let input = json!({"QueueUrl": url, "MessageBody": message.to_string()});
                self.target.cloud.call("AmazonSQS.SendMessage", input).await
            }
            Err(error) => Err(error),
        };
        if let Err(error) = sent {
            tracing::error!(function, %error, "the failure queue cannot be reached");
        }
    }

    async fn queue_url(&self, arn: &str) -> Result<Value, crate::AwsError> {
        let input = json!({"QueueName": name_of(arn)});
        let answer = self.target.cloud.call("AmazonSQS.GetQueueUrl", input).await?;
        Ok(answer.get("QueueUrl").cloned().unwrap_or_default())
    }

    /// What Lambda sends to a failure destination: where the records are, not the records.
    fn failure_message(&self, batch: &Batch) -> Value {
        let sequence = |record: Option<&Value>| record.map(|record| self.service.sequence(record).to_owned());
        let info = json!({
            "shardId": self.shard,
            "startSequenceNumber": sequence(batch.records.first()),
            "endSequenceNumber": sequence(batch.records.last()),
            "batchSize": batch.records.len(),
            "streamArn": self.mapping.arn,
        });
        let info_name = match self.service {
            Service::Table => "DDBStreamBatchInfo",
            Service::Kinesis => "KinesisBatchInfo",
        };
        json!({
            "version": "1.0",
            "timestamp": clock::now().to_string(),
            "requestContext": {
                "requestId": Ulid::generate().to_string(),
                "functionArn": self.target.function,
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": batch.failed_times,
            },
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            info_name: info,
        })
    }
}

/// Doubles from one failure to the next.
fn pause(failed_times: u32) -> Duration {
    PAUSE_FIRST.saturating_mul(1 << failed_times.saturating_sub(1).min(10)).min(PAUSE_MAX)
}
