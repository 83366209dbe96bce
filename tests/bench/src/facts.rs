//! What becomes of a bet once it is committed: the event it is on the stream, and what its followers pay for it.

use std::sync::Arc;

use edge::{Context, Function, Settings};
use pitboss_local::Data;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::Error;
use crate::meter::{Meter, Reading};
use crate::platform::{self, Relay};
use crate::table::Table;
use crate::wallet::{Bench, accepted};

/// How many players have a fact in the measured batch.
const PLAYERS: usize = 10;

/// A bet as others see it.
pub struct Facts {
    /// Bytes of its event.
    pub bytes: Decimal,
    /// What analytics pays for a fact.
    pub analytics: Reading,
    /// What CRM pays for a fact.
    pub crm: Reading,
    /// What the list of rounds pays for a fact.
    pub round_keeper: Reading,
}

/// Publishes a bet of each of several players twice, and measures the second batch: the first of a day costs more.
pub async fn measure(table: &mut Table) -> Result<Facts, Error> {
    let bench = Bench::on(platform::start(Data::Memory, Relay::Rests).await?).await?;
    let facts = of_batches(&bench).await?;
    bench.cloud.stop().await;
    table.section("what a bet becomes");
    table.row("event on the stream", &format!("{} bytes", facts.bytes));
    table.figure("event_bytes", facts.bytes);
    Ok(facts)
}

async fn of_batches(bench: &Bench) -> Result<Facts, Error> {
    let games = bench.games(PLAYERS).await?;
    let meter = Meter::start(bench.cloud.cloud().endpoint()).await?;
    let settings = || Settings::new(meter.before(bench.cloud.env().clone()), Context::default());
    let analytics = analytics::start(settings()).await?;
    let crm = crm::start(settings()).await?;
    let round_keeper = round_keeper::start(settings()).await?;
    let mut streams = Streams::open(bench).await?;

    let mut facts = None;
    for _ in 0..2 {
        streams.skip(bench).await?;
        for event in bench.bets(&games, PLAYERS)? {
            accepted(&bench.direct, event).await?;
        }
        let batch = streams.publish(bench).await?;
        let bytes = average_bytes(&batch);
        facts = Some(Facts {
            bytes,
            analytics: followed(&analytics, &batch, &meter).await?,
            crm: followed(&crm, &batch, &meter).await?,
            round_keeper: followed(&round_keeper, &batch, &meter).await?,
        });
    }
    facts.ok_or_else(|| "nothing was published".into())
}

/// What a function pays for each fact of a batch.
async fn followed(function: &Arc<dyn Function>, batch: &[Value], meter: &Meter) -> Result<Reading, Error> {
    let _ = meter.take();
    let answer = function.invoke(json!({"Records": batch})).await?;
    if answer.pointer("/batchItemFailures/0").is_some() {
        return Err(format!("facts were not taken: {answer}").into());
    }
    let mut reading = meter.take();
    let count = Decimal::from(batch.len());
    reading.read_units = (reading.read_units / count).round_dp(2).normalize();
    reading.write_units = (reading.write_units / count).round_dp(2).normalize();
    Ok(reading)
}

fn average_bytes(batch: &[Value]) -> Decimal {
    let bytes = |record: &Value| {
        // Base64 is a third longer than what it stands for.
        record.pointer("/kinesis/data").and_then(Value::as_str).map_or(0, |data| data.len() * 3 / 4)
    };
    let all: usize = batch.iter().map(bytes).sum();
    (Decimal::from(all) / Decimal::from(batch.len().max(1))).round()
}

/// Places in the table's stream and in the event stream.
struct Streams {
    table: String,
    table_arn: String,
    events: Vec<String>,
}

impl Streams {
    async fn open(bench: &Bench) -> Result<Self, Error> {
        let cloud = bench.cloud.cloud();
        let described =
            cloud.call("DynamoDB_20120810.DescribeTable", json!({"TableName": bench.table})).await?;
        let table_arn = text(&described, "/Table/LatestStreamArn")?;
        let shards =
            cloud.call("DynamoDBStreams_20120810.DescribeStream", json!({"StreamArn": table_arn})).await?;
        let latest = json!({
            "StreamArn": table_arn,
            "ShardId": text(&shards, "/StreamDescription/Shards/0/ShardId")?,
            "ShardIteratorType": "TRIM_HORIZON",
        });
        let iterator = cloud.call("DynamoDBStreams_20120810.GetShardIterator", latest).await?;
        let stream = bench.cloud.env().get("EVENTS_STREAM").cloned().unwrap_or_default();
        let listed = cloud.call("Kinesis_20131202.ListShards", json!({"StreamName": stream})).await?;
        let mut events = Vec::new();
        for shard in listed.get("Shards").and_then(Value::as_array).into_iter().flatten() {
            let latest = json!({
                "StreamName": stream,
                "ShardId": shard.get("ShardId"),
                "ShardIteratorType": "LATEST",
            });
            let iterator = cloud.call("Kinesis_20131202.GetShardIterator", latest).await?;
            events.push(text(&iterator, "/ShardIterator")?);
        }
        Ok(Self { table: text(&iterator, "/ShardIterator")?, table_arn, events })
    }

    /// Goes on to the end of the table's stream.
    async fn skip(&mut self, bench: &Bench) -> Result<(), Error> {
        while !self.changes(bench).await?.is_empty() {}
        Ok(())
    }

    /// Has the outbox publish what was committed since, and answers with it as Lambda hands it to consumers.
    async fn publish(&mut self, bench: &Bench) -> Result<Vec<Value>, Error> {
        let changes: Vec<Value> = self.changes(bench).await?.into_iter().filter(is_new_entry).collect();
        bench.cloud.invoke("OutboxFunction", json!({"Records": changes})).await?;
        let mut published = Vec::new();
        for iterator in &mut self.events {
            let input = json!({"ShardIterator": iterator, "Limit": 1_000});
            let page = bench.cloud.cloud().call("Kinesis_20131202.GetRecords", input).await?;
            *iterator = text(&page, "/NextShardIterator")?;
            for record in page.get("Records").and_then(Value::as_array).into_iter().flatten() {
                published.push(json!({
                    "eventID": "bench",
                    "eventName": "aws:kinesis:record",
                    "eventSource": "aws:kinesis",
                    "eventSourceARN": "arn:aws:kinesis:eu-west-1:000000000000:stream/events",
                    "eventVersion": "1.0",
                    "awsRegion": "eu-west-1",
                    "invokeIdentityArn": "arn:aws:iam::000000000000:role/bench",
                    "kinesis": {
                        "approximateArrivalTimestamp": record.get("ApproximateArrivalTimestamp"),
                        "data": record.get("Data"),
                        "kinesisSchemaVersion": "1.0",
                        "partitionKey": record.get("PartitionKey"),
                        "sequenceNumber": record.get("SequenceNumber"),
                    },
                }));
            }
        }
        if published.len() < PLAYERS {
            return Err(format!("only {} of {PLAYERS} facts were published", published.len()).into());
        }
        Ok(published)
    }

    async fn changes(&mut self, bench: &Bench) -> Result<Vec<Value>, Error> {
        let input = json!({"ShardIterator": self.table, "Limit": 1_000});
        let mut page = bench.cloud.cloud().call("DynamoDBStreams_20120810.GetRecords", input).await?;
        self.table = text(&page, "/NextShardIterator")?;
        let records = page.get_mut("Records").and_then(Value::as_array_mut).map(std::mem::take);
        let mut records = records.unwrap_or_default();
        for record in records.iter_mut().filter_map(Value::as_object_mut) {
            record.insert("awsRegion".to_owned(), json!("eu-west-1"));
            record.insert("eventSourceARN".to_owned(), json!(self.table_arn));
        }
        Ok(records)
    }
}

/// What the template's filter lets through to the outbox.
fn is_new_entry(record: &Value) -> bool {
    let sk = record.pointer("/dynamodb/Keys/sk/S").and_then(Value::as_str).unwrap_or_default();
    record.get("eventName").and_then(Value::as_str) == Some("INSERT") && sk.starts_with("TX#")
}

fn text(value: &Value, pointer: &str) -> Result<String, Error> {
    let text = value.pointer(pointer).and_then(Value::as_str);
    Ok(text.ok_or_else(|| format!("no {pointer} in {value}"))?.to_owned())
}
