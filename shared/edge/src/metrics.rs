//! Metrics: a line of the embedded metric format to standard output, beside the log. The log's service makes metrics
//! of it; whoever reads the log reads it too.

mod vendor_calls;

use std::io::Write;

use domain::Timestamp;
use serde_json::{Map, Value, json};

use crate::Settings;

pub use vendor_calls::{CallOutcome, VendorCalls};

/// Where all metrics of ours are.
const NAMESPACE: &str = "Pitboss";

/// Something measured: its name and how many there are of it.
pub type Measured<'a> = (&'a str, u64);

/// `off` silences the metrics: where nobody reads them, they would only drown the log.
const SWITCH: &str = "METRICS";

/// What a function measures of itself.
pub struct Metrics {
    function: String,
    silent: bool,
}

impl Metrics {
    /// Those of the function that is being started.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let function = settings.find("AWS_LAMBDA_FUNCTION_NAME").unwrap_or("local").to_owned();
        Self { function, silent: settings.find(SWITCH) == Some("off") }
    }

    /// Reports what was measured, for the function as a whole and for each value of one more dimension.
    pub fn report(&self, dimension: Option<(&str, &str)>, measured: &[Measured<'_>], now: Timestamp) {
        if !self.silent {
            print(&line(&self.function, dimension, measured, now));
        }
    }
}

fn print(line: &Value) {
    // Nobody is left to be told that standard output is gone.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

fn line(function: &str, dimension: Option<(&str, &str)>, measured: &[Measured<'_>], now: Timestamp) -> Value {
    const FUNCTION: &str = "FunctionName";
    let mut dimensions = vec![json!([FUNCTION])];
    let mut line = Map::from_iter([
        ("level".to_owned(), json!("INFO")),
        ("message".to_owned(), json!("measured")),
        (FUNCTION.to_owned(), json!(function)),
    ]);
    if let Some((name, value)) = dimension {
        dimensions.push(json!([FUNCTION, name]));
        line.insert(name.to_owned(), json!(value));
    }
    let metrics: Vec<Value> =
        measured.iter().map(|(name, _)| json!({"Name": name, "Unit": "Count"})).collect();
    line.extend(measured.iter().map(|(name, value)| ((*name).to_owned(), json!(value))));
    let directive = json!({"Namespace": NAMESPACE, "Dimensions": dimensions, "Metrics": metrics});
    let metadata = json!({"Timestamp": now.as_millisecond(), "CloudWatchMetrics": [directive]});
    line.insert("_aws".to_owned(), metadata);
    Value::Object(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_what_cloudwatch_makes_metrics_of() {
        let now = "2026-11-23T10:00:00Z".parse().unwrap();
        assert_eq!(
            line("reconcile", Some(("Currency", "EUR")), &[("Drift", 3)], now),
            json!({
                "_aws": {
                    "Timestamp": 1_795_428_000_000_i64,
                    "CloudWatchMetrics": [{
                        "Namespace": "Pitboss",
                        "Dimensions": [["FunctionName"], ["FunctionName", "Currency"]],
                        "Metrics": [{"Name": "Drift", "Unit": "Count"}],
                    }],
                },
                "level": "INFO", "message": "measured",
                "FunctionName": "reconcile", "Currency": "EUR", "Drift": 3,
            })
        );
    }

    #[test]
    fn without_a_dimension_there_is_the_function_only() {
        let line = line("seal", None, &[("Sealed", 7)], Timestamp::UNIX_EPOCH);
        assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Dimensions"], json!([["FunctionName"]]));
        assert_eq!(line["Sealed"], 7);
    }
}
