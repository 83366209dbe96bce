//! Where batches come from: how each source names its records and what is in them.

use aws_lambda_events::dynamodb::EventRecord;
use aws_lambda_events::kinesis::KinesisEventRecord;
use aws_lambda_events::sqs::SqsMessage;
use serde_json::Value;

use crate::BoxError;

/// A source of batches.
pub trait Source {
    /// What a record of it is.
    type Record: Send;

    /// The identifier by which the source wants to be told of a failed record.
    fn id(record: &Value) -> Option<&str>;

    /// Reads a record of the trigger.
    fn read(record: Value) -> Result<Self::Record, BoxError>;
}

/// A Kinesis stream: records are bytes.
pub struct Kinesis;

/// The stream of a DynamoDB table: records are changes of items.
pub struct TableStream;

/// An SQS queue: records are texts.
pub struct Queue;

impl Source for Kinesis {
    type Record = Vec<u8>;

    fn id(record: &Value) -> Option<&str> {
        text(record, "/kinesis/sequenceNumber")
    }

    fn read(record: Value) -> Result<Vec<u8>, BoxError> {
        let record: KinesisEventRecord = serde_json::from_value(record)?;
        Ok(record.kinesis.data.0)
    }
}

impl Source for TableStream {
    type Record = EventRecord;

    fn id(record: &Value) -> Option<&str> {
        text(record, "/dynamodb/SequenceNumber")
    }

    fn read(record: Value) -> Result<EventRecord, BoxError> {
        Ok(serde_json::from_value(record)?)
    }
}

impl Source for Queue {
    type Record = String;

    fn id(record: &Value) -> Option<&str> {
        text(record, "/messageId")
    }

    fn read(record: Value) -> Result<String, BoxError> {
        let message: SqsMessage = serde_json::from_value(record)?;
        message.body.ok_or_else(|| "a message without a body".into())
    }
}

fn text<'a>(record: &'a Value, pointer: &str) -> Option<&'a str> {
    record.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty())
}
