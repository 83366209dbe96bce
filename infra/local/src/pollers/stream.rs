//! Reads the shards of table streams and Kinesis streams, from the oldest record on, each in order.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;

use super::{Target, delivery::Delivery, filter::Filter, name_of, text};
use crate::{ACCOUNT, REGION, StartError, cloud::AwsError, tasks::Tasks, template::SourceMapping};

/// How long a poller sleeps when nothing says that something was written.
const IDLE: Duration = Duration::from_secs(1);

/// Which kind of stream is read. Both speak of shards, iterators and records.
#[derive(Clone, Copy)]
pub(super) enum Service {
    Table,
    Kinesis,
}

/// Starts one reader for each shard of the stream.
pub(super) async fn start(
    service: Service,
    mapping: &SourceMapping,
    target: &Target,
    tasks: &Tasks,
) -> Result<(), StartError> {
    let filter = Filter::parse(&mapping.patterns).map_err(|e| target.misconfigured(e))?;
    for shard in service.shards(target, &mapping.arn).await? {
        let iterator = service.oldest(target, &mapping.arn, &shard).await?;
        let delivery = Delivery::new(service, mapping.clone(), shard.clone(), target.clone());
        let written = target.cloud.records_written();
        let reader = Reader { service, shard, filter: filter.clone(), delivery, written };
        tasks.spawn(reader.run(target.clone(), iterator));
    }
    Ok(())
}

struct Reader {
    service: Service,
    shard: String,
    filter: Filter,
    delivery: Delivery,
    written: watch::Receiver<()>,
}

impl Reader {
    async fn run(mut self, target: Target, mut iterator: String) {
        loop {
            self.written.mark_unchanged();
            let input = json!({"ShardIterator": iterator, "Limit": self.delivery.batch_size()});
            let page = match target.cloud.call(self.service.get_records(), input).await {
                Ok(page) => page,
                Err(error) => {
                    tracing::warn!(function = target.function, shard = self.shard, %error, "cannot read");
                    tokio::time::sleep(IDLE).await;
                    continue;
                }
            };
            let records = page.get("Records").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            if records.is_empty() {
                let _ = tokio::time::timeout(IDLE, self.written.changed()).await;
            }
            let events =
                records.iter().map(|record| self.service.event(record, &self.shard, self.delivery.arn()));
            let wanted: Vec<Value> = events.filter(|event| self.filter.accepts(event)).collect();
            self.delivery.deliver(wanted).await;
            match page.get("NextShardIterator").and_then(Value::as_str) {
                Some(next) => next.clone_into(&mut iterator),
                None => return,
            }
        }
    }
}

impl Service {
    async fn shards(self, target: &Target, arn: &str) -> Result<Vec<String>, AwsError> {
        let (operation, input, pointer) = match self {
            Self::Table => (
                "DynamoDBStreams_20120810.DescribeStream",
                json!({"StreamArn": arn}),
                "/StreamDescription/Shards",
            ),
            Self::Kinesis => ("Kinesis_20131202.ListShards", json!({"StreamName": name_of(arn)}), "/Shards"),
        };
        let answer = target.cloud.call(operation, input).await?;
        let shards = answer.pointer(pointer).and_then(Value::as_array);
        Ok(shards.into_iter().flatten().map(|shard| text(shard, "/ShardId").to_owned()).collect())
    }

    /// The place before the oldest record. After a restart that is where the history begins, which consumers
    /// allow since they are idempotent.
    async fn oldest(self, target: &Target, arn: &str, shard: &str) -> Result<String, AwsError> {
        let (operation, name, stream) = match self {
            Self::Table => ("DynamoDBStreams_20120810.GetShardIterator", "StreamArn", arn),
            Self::Kinesis => ("Kinesis_20131202.GetShardIterator", "StreamName", name_of(arn)),
        };
        let input = json!({name: stream, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"});
        Ok(text(&target.cloud.call(operation, input).await?, "/ShardIterator").to_owned())
    }

    fn get_records(self) -> &'static str {
        match self {
            Self::Table => "DynamoDBStreams_20120810.GetRecords",
            Self::Kinesis => "Kinesis_20131202.GetRecords",
        }
    }

    /// A record as the function receives it.
    fn event(self, record: &Value, shard: &str, arn: &str) -> Value {
        match self {
            // A table stream's records have the same shape in the API and in the event, but for where they are from.
            Self::Table => {
                let mut event = record.clone();
                if let Some(fields) = event.as_object_mut() {
                    fields.insert("awsRegion".to_owned(), json!(REGION));
                    fields.insert("eventSourceARN".to_owned(), json!(arn));
                }
                event
            }
            Self::Kinesis => json!({
                "eventID": format!("{shard}:{}", text(record, "/SequenceNumber")),
                "eventName": "aws:kinesis:record",
                "eventSource": "aws:kinesis",
                "eventSourceARN": arn,
                "eventVersion": "1.0",
                "awsRegion": REGION,
                "invokeIdentityArn": format!("arn:aws:iam::{ACCOUNT}:role/local"),
                "kinesis": {
                    "approximateArrivalTimestamp": record.get("ApproximateArrivalTimestamp"),
                    "data": record.get("Data"),
                    "kinesisSchemaVersion": "1.0",
                    "partitionKey": record.get("PartitionKey"),
                    "sequenceNumber": record.get("SequenceNumber"),
                },
            }),
        }
    }

    /// The identifier by which a function names a record that failed.
    pub(super) fn sequence(self, event: &Value) -> &str {
        match self {
            Self::Table => text(event, "/dynamodb/SequenceNumber"),
            Self::Kinesis => text(event, "/kinesis/sequenceNumber"),
        }
    }
}
