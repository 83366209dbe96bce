//! Answers as services of AWS word them, failures above all.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};

use super::{Request, Service};
use crate::seed::Dice;

const ONGOING: &str = "Transaction is ongoing for the item";

/// A status and a body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Answer {
    pub(super) fn ok(body: &Value) -> Self {
        Self { status: 200, body: body.to_string() }
    }

    pub(super) fn error(status: u16, kind: &str, message: &str) -> Self {
        Self { status, body: json!({"__type": kind, "message": message}).to_string() }
    }

    pub(super) fn into_response(self) -> Result<HttpResponse, ConnectorError> {
        let status = self.status.try_into().map_err(|_| ConnectorError::user("no HTTP status".into()))?;
        let mut response = HttpResponse::new(status, SdkBody::from(self.body));
        response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
        Ok(response)
    }
}

/// The service failed, and does not say whether it did anything.
pub(super) fn internal_error() -> Answer {
    Answer::error(500, "com.amazonaws.dynamodb.v20120810#InternalServerError", "Internal server error")
}

/// The caller asks too often.
pub(super) fn throttled(service: Service) -> Answer {
    let kind = match service {
        Service::DynamoDb => "com.amazon.coral.availability#ThrottlingException",
        _ => "ThrottlingException",
    };
    Answer::error(400, kind, "Rate exceeded")
}

/// The table's throughput is used up. A transaction says so item by item.
pub(super) fn exhausted(request: &Request) -> Answer {
    match transaction_size(request) {
        Some(size) => {
            let message = "Throughput exceeds the current capacity of your table or index";
            cancelled((0..size).map(|_| ("ProvisionedThroughputExceeded", Some(message))))
        }
        None => Answer::error(
            400,
            "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
            "The level of configured provisioned throughput for the table was exceeded",
        ),
    }
}

/// Another transaction is at one of the items, at least; others may be held as well, or refused for their rate.
pub(super) fn conflict(request: &Request, dice: &mut Dice) -> Answer {
    let message = ONGOING;
    match transaction_size(request) {
        Some(size) => {
            let held = dice.below(u64::try_from(size).unwrap_or(1));
            let throttled = "Throughput exceeds the current capacity of your table or index";
            cancelled((0..size).map(|item| match dice.below(8) {
                _ if u64::try_from(item) == Ok(held) => ("TransactionConflict", Some(message)),
                0 => ("TransactionConflict", Some(message)),
                1 => ("ThrottlingError", Some(throttled)),
                2 => ("ProvisionedThroughputExceeded", Some(throttled)),
                _ => ("None", None),
            }))
        }
        None => Answer::error(400, "com.amazonaws.dynamodb.v20120810#TransactionConflictException", message),
    }
}

/// What a condition forbade, while other transactions are at other items.
pub(super) fn beside_conflicts(answer: Answer, dice: &mut Dice) -> Answer {
    let Ok(mut body) = serde_json::from_str::<Value>(&answer.body) else { return answer };
    for reason in body.get_mut("CancellationReasons").and_then(Value::as_array_mut).into_iter().flatten() {
        let is_free = reason.get("Code").and_then(Value::as_str) == Some("None");
        if is_free && dice.chance(500) {
            *reason = json!({"Code": "TransactionConflict", "Message": ONGOING});
        }
    }
    Answer { body: body.to_string(), ..answer }
}

/// The other end is gone.
pub(super) fn broken_connection() -> ConnectorError {
    ConnectorError::io("connection reset by peer".into())
}

/// How many items a transaction has; none if the request is no transaction.
fn transaction_size(request: &Request) -> Option<usize> {
    if !request.operation.starts_with("Transact") {
        return None;
    }
    request.json().get("TransactItems").and_then(Value::as_array).map(Vec::len)
}

fn cancelled<'a>(reasons: impl Iterator<Item = (&'a str, Option<&'a str>)>) -> Answer {
    let reasons: Vec<(&str, Option<&str>)> = reasons.collect();
    let codes: Vec<&str> = reasons.iter().map(|(code, _)| *code).collect();
    let message = format!(
        "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
        codes.join(", ")
    );
    let reasons: Vec<Value> = reasons
        .iter()
        .map(|(code, message)| match message {
            Some(message) => json!({"Code": code, "Message": message}),
            None => json!({"Code": code}),
        })
        .collect();
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": message,
        "CancellationReasons": reasons,
    });
    Answer { status: 400, body: body.to_string() }
}
