//! Takes messages from a queue to its function. What fails stays in the queue, which shows it again later and
//! moves it to its dead-letter queue in the end.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{Target, failures, name_of, text};
use crate::{REGION, StartError, template::SourceMapping};

/// How many messages SQS gives out at a time.
const RECEIVED_MAX: usize = 10;
const WAIT_SECONDS: u32 = 20;
const PAUSE_AFTER_ERROR: Duration = Duration::from_secs(1);

pub(super) struct Consumer {
    mapping: SourceMapping,
    url: String,
    target: Target,
}

impl Consumer {
    pub(super) async fn new(mapping: &SourceMapping, target: Target) -> Result<Self, StartError> {
        let input = json!({"QueueName": name_of(&mapping.arn)});
        let answer = target.cloud.call("AmazonSQS.GetQueueUrl", input).await?;
        Ok(Self { mapping: mapping.clone(), url: text(&answer, "/QueueUrl").to_owned(), target })
    }

    pub(super) async fn run(self) {
        loop {
            match self.receive().await {
                Ok(messages) if messages.is_empty() => {}
                Ok(messages) => self.deliver(&messages).await,
                Err(error) => {
                    tracing::warn!(queue = self.url, %error, "cannot receive");
                    tokio::time::sleep(PAUSE_AFTER_ERROR).await;
                }
            }
        }
    }

    async fn receive(&self) -> Result<Vec<Value>, crate::AwsError> {
        let input = json!({
            "QueueUrl": self.url,
            "MaxNumberOfMessages": self.mapping.batch_size.unwrap_or(RECEIVED_MAX).clamp(1, RECEIVED_MAX),
            "WaitTimeSeconds": WAIT_SECONDS,
            "AttributeNames": ["All"],
            "MessageAttributeNames": ["All"],
        });
        let mut answer = self.target.cloud.call("AmazonSQS.ReceiveMessage", input).await?;
        match answer.get_mut("Messages").map(Value::take) {
            Some(Value::Array(messages)) => Ok(messages),
            _ => Ok(Vec::new()),
        }
    }

    async fn deliver(&self, messages: &[Value]) {
        let records: Vec<Value> = messages.iter().map(|message| event(message, &self.mapping.arn)).collect();
        let invoked = self.target.fleet.invoke(&self.target.function, json!({"Records": records})).await;
        let Ok(answer) = invoked else { return };
        let failed = if self.mapping.report_failures { failures(&answer) } else { Some(Vec::new()) };
        let Some(failed) = failed else { return };
        // Failures that name no message of this batch fail it as a whole.
        if failed.iter().any(|id| messages.iter().all(|message| text(message, "/MessageId") != *id)) {
            return;
        }
        let done = messages.iter().filter(|message| !failed.contains(&text(message, "/MessageId")));
        let entries: Vec<Value> = done
            .enumerate()
            .map(|(id, message)| json!({"Id": id.to_string(), "ReceiptHandle": message.get("ReceiptHandle")}))
            .collect();
        if entries.is_empty() {
            return;
        }
        let input = json!({"QueueUrl": self.url, "Entries": entries});
        if let Err(error) = self.target.cloud.call("AmazonSQS.DeleteMessageBatch", input).await {
            tracing::warn!(queue = self.url, %error, "cannot delete");
        }
    }
}

/// A message as the function receives it: the API's fields under their event names.
fn event(message: &Value, arn: &str) -> Value {
    let attributes = message.get("MessageAttributes").and_then(Value::as_object);
    let attributes: Map<String, Value> =
        attributes.into_iter().flatten().map(|(name, value)| (name.clone(), attribute(value))).collect();
    json!({
        "messageId": message.get("MessageId"),
        "receiptHandle": message.get("ReceiptHandle"),
        "body": message.get("Body"),
        "attributes": message.get("Attributes").cloned().unwrap_or_else(|| json!({})),
        "messageAttributes": attributes,
        "md5OfBody": message.get("MD5OfBody"),
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": REGION,
    })
}

fn attribute(value: &Value) -> Value {
    let mut out = json!({"dataType": value.get("DataType"), "stringListValues": [], "binaryListValues": []});
    for (name, field) in [("StringValue", "stringValue"), ("BinaryValue", "binaryValue")] {
        if let (Some(found), Some(fields)) = (value.get(name), out.as_object_mut()) {
            fields.insert(field.to_owned(), found.clone());
        }
    }
    out
}
