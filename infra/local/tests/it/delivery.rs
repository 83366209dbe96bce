//! Facts on their way: table stream, Kinesis, queue, and what happens when a function fails.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use crate::support::{self, Seen, idle, started};
use aws_lambda_events::{dynamodb, kinesis::KinesisEvent, sqs::SqsEvent};
use aws_sdk_dynamodb::types::AttributeValue;
use edge::{BoxError, Function};
use futures::future::BoxFuture;
use pitboss_local::{Data, EmbeddedCloud, Env, Functions};
use serde_json::{Value, json};

/// An outbox as the real one: new ledger entries go to Kinesis under their player, with the real SDK.
struct Outbox {
    kinesis: aws_sdk_kinesis::Client,
    stream: String,
    seen: Seen,
}

impl Outbox {
    fn functions(seen: Seen, functions: Functions) -> Functions {
        functions.with("outbox", move |env: Env| {
            let (kinesis, stream) = (support::kinesis(&env), env["EVENTS_STREAM"].clone());
            let outbox: Arc<dyn Function> = Arc::new(Outbox { kinesis, stream, seen: seen.clone() });
            async move { Ok(outbox) }
        })
    }

    async fn publish(&self, event: Value) -> Result<Value, BoxError> {
        let batch: dynamodb::Event = serde_json::from_value(event.clone())?;
        for record in &batch.records {
            let text = |name: &str| record.change.keys.get::<str>(name).cloned();
            let (Some(serde_dynamo::AttributeValue::S(pk)), Some(serde_dynamo::AttributeValue::S(sk))) =
                (text("pk"), text("sk"))
            else {
                return Err("a record without keys".into());
            };
            self.seen.push(json!(sk));
            let data = json!({"type": "posted", "entry": sk}).to_string().into_bytes();
            let put = self.kinesis.put_record().stream_name(&self.stream).partition_key(pk).data(data.into());
            put.send().await?;
        }
        Ok(json!({"batchItemFailures": []}))
    }
}

impl Function for Outbox {
    fn invoke(&self, event: Value) -> BoxFuture<'_, Result<Value, BoxError>> {
        Box::pin(self.publish(event))
    }
}

async fn put(cloud: &EmbeddedCloud, pk: &str, sk: &str) {
    let text = |value: &str| AttributeValue::S(value.to_owned());
    let item = HashMap::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))]);
    let table = cloud.reference("LedgerTable").unwrap();
    support::dynamodb(cloud.env()).put_item().table_name(table).set_item(Some(item)).send().await.unwrap();
}

async fn send(cloud: &EmbeddedCloud, body: &str) {
    let url = cloud.reference("WorkQueue").unwrap();
    support::sqs(cloud.env()).send_message().queue_url(url).message_body(body).send().await.unwrap();
}

/// The entries in a Kinesis event, through the types real functions use.
fn entries(event: &Value) -> Vec<String> {
    let event: KinesisEvent = serde_json::from_value(event.clone()).unwrap();
    let entry =
        |data: &[u8]| serde_json::from_slice::<Value>(data).unwrap()["entry"].as_str().unwrap().to_owned();
    event.records.iter().map(|record| entry(record.kinesis.data.as_slice())).collect()
}

#[tokio::test]
async fn a_commit_reaches_the_consumer_in_order_through_the_one_door() {
    let (published, consumed) = (Seen::default(), Seen::default());
    let told = consumed.clone();
    let functions = Outbox::functions(published.clone(), idle()).with("consumer", move |_| {
        let told = told.clone();
        started(move |event| {
            for entry in entries(&event) {
                told.push(json!(entry));
            }
            Ok(Value::Null)
        })
    });
    let cloud = support::start(Data::Memory, functions).await.unwrap();
    put(&cloud, "ply_1", "ACCOUNT").await;
    for n in 0..25 {
        put(&cloud, "ply_1", &format!("TX#{n}")).await;
    }
    put(&cloud, "ply_1", "TX#0").await;
    let expected: Vec<Value> = (0..25).map(|n| json!(format!("TX#{n}"))).collect();
    assert_eq!(consumed.reach(25).await, expected);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(published.all(), expected, "neither the account nor a change of an entry passes the filter");
    cloud.stop().await;
}

#[tokio::test]
async fn after_a_restart_the_history_is_told_again() {
    let dir = tempfile::tempdir().unwrap();
    let data = Data::Dir(dir.path().into());
    let first = support::start(data.clone(), idle()).await.unwrap();
    put(&first, "ply_1", "TX#1").await;
    put(&first, "ply_2", "TX#2").await;
    first.stop().await;

    let seen = Seen::default();
    let again = support::start(data, Outbox::functions(seen.clone(), idle())).await.unwrap();
    put(&again, "ply_1", "TX#3").await;
    assert_eq!(seen.reach(3).await, [json!("TX#1"), json!("TX#2"), json!("TX#3")]);
    again.stop().await;
}

#[tokio::test]
async fn a_stream_starts_again_from_the_first_record_that_failed() {
    let batches = Seen::default();
    let seen = batches.clone();
    let functions = idle().with("outbox", move |_| {
        let (seen, failures) = (seen.clone(), AtomicUsize::new(0));
        started(move |event: Value| {
            let records = event["Records"].as_array().unwrap().clone();
            seen.push(records.iter().map(|r| r["dynamodb"]["Keys"]["sk"]["S"].clone()).collect());
            let bad = records.iter().find(|r| r["dynamodb"]["Keys"]["sk"]["S"] == "TX#2");
            match bad {
                Some(bad) if failures.fetch_add(1, Ordering::SeqCst) < 2 => {
                    Ok(json!({"batchItemFailures": [{"itemIdentifier": bad["dynamodb"]["SequenceNumber"]}]}))
                }
                _ => Ok(json!({"batchItemFailures": []})),
            }
        })
    });
    let dir = tempfile::tempdir().unwrap();
    let data = Data::Dir(dir.path().into());
    let before = support::start(data.clone(), idle()).await.unwrap();
    for n in 0..4 {
        put(&before, "p", &format!("TX#{n}")).await;
    }
    before.stop().await;
    // Started on four records that are there already, the whole batch is known.
    let cloud = support::start(data, functions).await.unwrap();
    let expected =
        [json!(["TX#0", "TX#1", "TX#2", "TX#3"]), json!(["TX#2", "TX#3"]), json!(["TX#2", "TX#3"])];
    assert_eq!(batches.reach(3).await, expected);
    cloud.stop().await;
}

#[tokio::test]
async fn a_poisonous_record_is_cornered_and_given_up_while_the_others_pass() {
    let passed = Seen::default();
    let seen = passed.clone();
    let functions = Outbox::functions(Seen::default(), idle()).with("consumer", move |_| {
        let seen = seen.clone();
        started(move |event| {
            let entries = entries(&event);
            if entries.iter().any(|entry| entry == "TX#3") {
                return Err("poison".into());
            }
            for entry in entries {
                seen.push(json!(entry));
            }
            Ok(Value::Null)
        })
    });
    let cloud = support::start(Data::Memory, functions).await.unwrap();
    for n in 0..8 {
        put(&cloud, "ply_1", &format!("TX#{n}")).await;
    }
    let mut expected: Vec<Value> = (0..8).map(|n| json!(format!("TX#{n}"))).collect();
    expected.remove(3);
    assert_eq!(passed.reach(7).await, expected);

    let failures = cloud.reference("ConsumerFailures").unwrap();
    let client = support::sqs(cloud.env());
    let received = client.receive_message().queue_url(failures).wait_time_seconds(5).send().await.unwrap();
    let note: Value = serde_json::from_str(received.messages()[0].body().unwrap()).unwrap();
    assert_eq!(note["requestContext"]["condition"], "RetryAttemptsExhausted");
    assert_eq!(note["KinesisBatchInfo"]["batchSize"], 1);
    assert_eq!(
        note["KinesisBatchInfo"]["startSequenceNumber"],
        note["KinesisBatchInfo"]["endSequenceNumber"]
    );
    cloud.stop().await;
}

#[tokio::test]
async fn a_message_that_keeps_failing_ends_in_the_dead_letter_queue() {
    let (done, attempts) = (Seen::default(), Seen::default());
    let (good, bad) = (done.clone(), attempts.clone());
    let functions = idle().with("worker", move |_| {
        let (good, bad) = (good.clone(), bad.clone());
        started(move |event| {
            let event: SqsEvent = serde_json::from_value(event)?;
            let mut failed = Vec::new();
            for message in &event.records {
                let body = message.body.clone().unwrap();
                if body == "bad" {
                    bad.push(json!(message.attributes["ApproximateReceiveCount"]));
                    failed.push(json!({"itemIdentifier": message.message_id}));
                } else {
                    good.push(json!(body));
                }
            }
            Ok(json!({"batchItemFailures": failed}))
        })
    });
    let cloud = support::start(Data::Memory, functions).await.unwrap();
    send(&cloud, "good").await;
    send(&cloud, "bad").await;
    send(&cloud, "fine").await;
    done.reach(2).await;
    let dead = cloud.reference("DeadLetters").unwrap();
    let client = support::sqs(cloud.env());
    let received = client.receive_message().queue_url(dead).wait_time_seconds(10).send().await.unwrap();
    assert_eq!(received.messages()[0].body(), Some("bad"));
    assert_eq!(attempts.all(), [json!("1"), json!("2")]);
    assert_eq!(done.all().len(), 2, "what succeeded is not delivered again");
    cloud.stop().await;
}
