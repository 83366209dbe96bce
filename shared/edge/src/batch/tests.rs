//! What the wrapper makes of good, failing and unreadable records of each source.

use std::marker::PhantomData;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::{Consumer, Failure, Kinesis, Queue, Record, Source, TableStream, batch};
use crate::BoxError;

/// Collects numbers; a zero fails.
struct Numbers<S> {
    seen: Arc<Mutex<Vec<u32>>>,
    source: PhantomData<fn() -> S>,
}

trait Text {
    fn text(self) -> Result<String, BoxError>;
}

impl Text for Vec<u8> {
    fn text(self) -> Result<String, BoxError> {
        Ok(String::from_utf8(self)?)
    }
}

impl Text for String {
    fn text(self) -> Result<String, BoxError> {
        Ok(self)
    }
}

impl<S: Source<Record: Text> + 'static> Consumer for Numbers<S> {
    type Source = S;
    type Content = u32;

    fn read(&self, record: S::Record) -> Result<u32, BoxError> {
        Ok(record.text()?.parse()?)
    }

    async fn handle(&self, records: Vec<Record<u32>>) -> Vec<Failure> {
        self.seen.lock().unwrap().extend(records.iter().map(|record| record.content));
        records.into_iter().filter(|it| it.content == 0).map(|it| Failure::new(it.id, "zero")).collect()
    }
}

async fn invoke<S: Source<Record: Text> + 'static>(records: &[Value]) -> (Result<Value, BoxError>, Vec<u32>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let function = batch(Numbers::<S> { seen: Arc::clone(&seen), source: PhantomData });
    let answer = function.invoke(json!({ "Records": records })).await;
    let seen = seen.lock().unwrap().clone();
    (answer, seen)
}

fn kinesis(id: &str, data: &str) -> Value {
    json!({
        "eventID": format!("shardId-000000000000:{id}"), "eventName": "aws:kinesis:record",
        "eventSource": "aws:kinesis", "eventVersion": "1.0", "awsRegion": "eu-west-1",
        "eventSourceARN": "arn:aws:kinesis:eu-west-1:000000000000:stream/events",
        "kinesis": {
            "approximateArrivalTimestamp": 1_767_225_600.5, "data": data, "kinesisSchemaVersion": "1.0",
            "partitionKey": "ply", "sequenceNumber": id,
        },
    })
}

fn message(id: &str, body: &str) -> Value {
    json!({"messageId": id, "body": body, "attributes": {}, "messageAttributes": {}, "eventSource": "aws:sqs"})
}

fn failures(ids: &[&str]) -> Value {
    let failures: Vec<Value> = ids.iter().map(|id| json!({ "itemIdentifier": id })).collect();
    json!({ "batchItemFailures": failures })
}

#[tokio::test]
async fn a_good_batch_fails_nothing() {
    let (answer, seen) = invoke::<Queue>(&[message("a", "1"), message("b", "2")]).await;
    assert_eq!((answer.unwrap(), seen), (failures(&[]), vec![1, 2]));
    let (answer, seen) = invoke::<Queue>(&[]).await;
    assert_eq!((answer.unwrap(), seen), (failures(&[]), vec![]));
}

#[tokio::test]
async fn only_what_failed_is_named() {
    let batch = [message("a", "1"), message("b", "0"), message("c", "3")];
    let (answer, seen) = invoke::<Queue>(&batch).await;
    assert_eq!((answer.unwrap(), seen), (failures(&["b"]), vec![1, 0, 3]));
}

#[tokio::test]
async fn what_cannot_be_read_stops_nobody() {
    // "Mw==" is 3; then no base64, no number, no data, no bytes of text.
    let mut without_data = kinesis("5", "");
    without_data["kinesis"].as_object_mut().unwrap().remove("data");
    let batch = [
        kinesis("1", "MQ=="),
        kinesis("2", "%%%"),
        kinesis("3", "Mw=="),
        kinesis("4", "bm8="),
        without_data,
        kinesis("6", "//8="),
        kinesis("7", "Nw=="),
    ];
    let (answer, seen) = invoke::<Kinesis>(&batch).await;
    assert_eq!((answer.unwrap(), seen), (failures(&["2", "4", "5", "6"]), vec![1, 3, 7]));
}

#[tokio::test]
async fn what_cannot_be_named_fails_the_batch() {
    let (answer, seen) = invoke::<Queue>(&[message("a", "1"), json!({"body": "2"})]).await;
    assert!(answer.is_err());
    assert!(seen.is_empty(), "nothing is half done");
    let seen = Arc::new(Mutex::new(Vec::new()));
    let function = batch(Numbers::<Queue> { seen, source: PhantomData });
    for event in [json!(null), json!({}), json!({"Records": 1})] {
        assert!(function.invoke(event).await.is_err());
    }
}

#[test]
fn a_table_stream_tells_the_new_item() {
    let record = json!({
        "eventID": "1", "eventName": "INSERT", "eventSource": "aws:dynamodb", "eventVersion": "1.1",
        "awsRegion": "eu-west-1", "eventSourceARN": "arn:aws:dynamodb:eu-west-1:000000000000:table/ledger/stream/1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_767_225_600.0, "SequenceNumber": "111", "SizeBytes": 26,
            "StreamViewType": "NEW_IMAGE", "Keys": {"pk": {"S": "a"}, "sk": {"S": "b"}},
            "NewImage": {"pk": {"S": "a"}, "sk": {"S": "b"}, "n": {"N": "1"}},
        },
    });
    assert_eq!(TableStream::id(&record), Some("111"));
    assert_eq!(TableStream::read(record).unwrap().change.new_image.len(), 3);
}
