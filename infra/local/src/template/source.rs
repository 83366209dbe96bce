//! What invokes a function: an HTTP route, a stream, a queue or the clock.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{TemplateError, yaml::text};

/// One trigger of a function.
#[derive(Debug, Clone)]
pub enum Trigger {
    /// A route of the HTTP API; the method is upper case, or `ANY`.
    Route {
        /// The method.
        method: String,
        /// The path, with `{parameters}`.
        path: String,
    },
    /// The stream of a DynamoDB table.
    Table(StreamMapping),
    /// A Kinesis stream.
    Kinesis(StreamMapping),
    /// An SQS queue.
    Queue {
        /// The queue's ARN.
        arn: String,
        /// How many messages one invocation takes at most.
        batch_size: u32,
        /// Whether the answer may name the messages that failed.
        report_failures: bool,
    },
    /// The clock.
    Schedule {
        /// `rate(…)` or `cron(…)`.
        expression: String,
        /// What the function receives instead of the scheduler's own event.
        input: Option<String>,
    },
}

/// How a stream is read for a function.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StreamMapping {
    /// The stream's ARN.
    #[serde(rename = "Stream")]
    pub arn: String,
    /// How many records one invocation takes at most.
    #[serde(default = "hundred")]
    pub batch_size: usize,
    /// Only records that match one of these are delivered.
    #[serde(default, rename = "FilterCriteria", deserialize_with = "patterns")]
    pub patterns: Vec<Value>,
    /// Whether the answer may name the records that failed.
    #[serde(default, rename = "FunctionResponseTypes", deserialize_with = "reports_failures")]
    pub report_failures: bool,
    /// How often a failed batch is tried again; for ever when not set.
    #[serde(default, rename = "MaximumRetryAttempts", deserialize_with = "attempts")]
    pub retries_max: Option<u32>,
    /// Whether a failed batch is split in two.
    #[serde(default, rename = "BisectBatchOnFunctionError")]
    pub bisect: bool,
    /// The ARN of the queue that hears of batches given up.
    #[serde(default, rename = "DestinationConfig", deserialize_with = "on_failure")]
    pub on_failure: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Route {
    method: String,
    path: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Queue {
    queue: String,
    #[serde(default = "ten")]
    batch_size: u32,
    #[serde(default, rename = "FunctionResponseTypes", deserialize_with = "reports_failures")]
    report_failures: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Schedule {
    #[serde(alias = "ScheduleExpression")]
    schedule: String,
    input: Option<String>,
    #[serde(default = "yes")]
    enabled: bool,
}

impl Trigger {
    /// Reads one entry of a function's `Events`; `None` for a trigger that is switched off.
    pub(super) fn read(event: &Value) -> Result<Option<Self>, TemplateError> {
        let kind = event.get("Type").and_then(Value::as_str).unwrap_or_default();
        let properties = event.get("Properties").cloned().unwrap_or_default();
        Ok(Some(match kind {
            "HttpApi" => {
                let Route { method, path } = typed(properties)?;
                Self::Route { method: method.to_uppercase(), path }
            }
            "DynamoDB" => Self::Table(typed(properties)?),
            "Kinesis" => Self::Kinesis(typed(properties)?),
            "SQS" => {
                let Queue { queue, batch_size, report_failures } = typed(properties)?;
                Self::Queue { arn: queue, batch_size, report_failures }
            }
            "Schedule" | "ScheduleV2" => match typed(properties)? {
                Schedule { enabled: false, .. } => return Ok(None),
                Schedule { schedule, input, .. } => Self::Schedule { expression: schedule, input },
            },
            other => return Err(TemplateError(format!("events of type {other} are not played locally"))),
        }))
    }
}

fn typed<T: DeserializeOwned>(properties: Value) -> Result<T, TemplateError> {
    serde_json::from_value(properties).map_err(|e| TemplateError(e.to_string()))
}

fn ten() -> u32 {
    10
}

fn hundred() -> usize {
    100
}

fn yes() -> bool {
    true
}

/// `FilterCriteria`: each pattern is JSON within a string.
fn patterns<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Value>, D::Error> {
    let criteria = Value::deserialize(deserializer)?;
    let filters = criteria.get("Filters").and_then(Value::as_array).cloned().unwrap_or_default();
    filters
        .iter()
        .map(|filter| serde_json::from_str(&text(filter.get("Pattern").unwrap_or(&Value::Null))))
        .collect::<Result<_, _>>()
        .map_err(serde::de::Error::custom)
}

fn reports_failures<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let types: Vec<String> = Vec::deserialize(deserializer)?;
    Ok(types.iter().any(|name| name == "ReportBatchItemFailures"))
}

/// A negative number of retries means no limit.
fn attempts<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    Ok(u32::try_from(i64::deserialize(deserializer)?).ok())
}

fn on_failure<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let destinations = Value::deserialize(deserializer)?;
    Ok(destinations.pointer("/OnFailure/Destination").map(text))
}
