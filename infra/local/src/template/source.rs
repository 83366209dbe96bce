//! What invokes a function: an HTTP route, a stream, a queue or the clock.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{TemplateError, text};

/// One trigger of a function.
#[derive(Debug, Clone)]
pub(crate) enum Trigger {
    /// A route of the HTTP API; the method is upper case, or `ANY`. The path has `{parameters}`.
    Route { method: String, path: String },
    /// A table's stream, a Kinesis stream or a queue.
    Source(SourceMapping),
    /// `rate(…)` or `cron(…)`, and what the function receives instead of the scheduler's own event.
    Schedule { expression: String, input: Option<String> },
}

/// How a stream or queue is read for a function.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SourceMapping {
    /// The ARN of the stream or queue.
    #[serde(rename = "EventSourceArn", alias = "Stream", alias = "Queue")]
    pub(crate) arn: String,
    /// How many records one invocation takes at most; Lambda has defaults.
    pub(crate) batch_size: Option<usize>,
    /// Only records that match one of these are delivered.
    #[serde(default, rename = "FilterCriteria", deserialize_with = "patterns")]
    pub(crate) patterns: Vec<Value>,
    /// Whether the answer may name the records that failed.
    #[serde(default, rename = "FunctionResponseTypes", deserialize_with = "reports_failures")]
    pub(crate) report_failures: bool,
    /// How often a failed batch is tried again; for ever when not set.
    #[serde(default, rename = "MaximumRetryAttempts", deserialize_with = "attempts")]
    pub(crate) retries_max: Option<u32>,
    /// Whether a failed batch is split in two.
    #[serde(default, rename = "BisectBatchOnFunctionError")]
    pub(crate) bisect: bool,
    /// The ARN of the queue that hears of batches given up.
    #[serde(default, rename = "DestinationConfig", deserialize_with = "on_failure")]
    pub(crate) on_failure: Option<String>,
    /// Whether it is switched on.
    #[serde(default = "yes")]
    pub(crate) enabled: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Route {
    method: String,
    path: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Schedule {
    #[serde(rename = "Schedule", alias = "ScheduleExpression")]
    expression: String,
    input: Option<String>,
    #[serde(default = "yes")]
    enabled: bool,
}

impl Trigger {
    /// Reads one entry of a function's `Events`; `None` for a trigger that is switched off.
    pub(super) fn read(event: &Value) -> Result<Option<Self>, TemplateError> {
        let kind = event.get("Type").and_then(Value::as_str).unwrap_or_default();
        let properties = event.get("Properties").cloned().unwrap_or_default();
        match kind {
            "HttpApi" => {
                let Route { method, path } = typed(properties)?;
                Ok(Some(Self::Route { method: method.to_uppercase(), path }))
            }
            "DynamoDB" | "Kinesis" | "SQS" => SourceMapping::read(properties).map(|m| m.map(Self::Source)),
            "Schedule" | "ScheduleV2" => {
                let Schedule { expression, input, enabled } = typed(properties)?;
                Ok(enabled.then_some(Self::Schedule { expression, input }))
            }
            other => Err(TemplateError(format!("events of type {other} are not played locally"))),
        }
    }
}

impl SourceMapping {
    /// `None` for a mapping that is switched off.
    pub(super) fn read(properties: Value) -> Result<Option<Self>, TemplateError> {
        let mapping: Self = typed(properties)?;
        Ok(Some(mapping).filter(|mapping| mapping.enabled))
    }

    /// The service the ARN belongs to, such as `kinesis`.
    pub(crate) fn service(&self) -> &str {
        self.arn.split(':').nth(2).unwrap_or_default()
    }
}

fn typed<T: DeserializeOwned>(properties: Value) -> Result<T, TemplateError> {
    serde_json::from_value(properties).map_err(|e| TemplateError(e.to_string()))
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
