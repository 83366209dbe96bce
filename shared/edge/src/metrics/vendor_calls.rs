//! The calls of one vendor: how many, how they ended, how long they took.

use std::time::Duration;

use domain::{Outcome, Refusal, Timestamp};
use serde_json::{Map, Value, json};
use vendors::call::Receipt;

use super::{NAMESPACE, print};
use crate::{ConfigError, Context, Settings};

/// `off` silences the metrics: where nobody reads them, they would only drown the log.
const SWITCH: &str = "METRICS";

/// Measures the calls of the vendor that a function is deployed for.
pub struct VendorCalls {
    function: String,
    vendor: String,
    context: Context,
    silent: bool,
}

/// How a vendor's call ended. Of several things told in one call the greatest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallOutcome {
    /// It had been done before, or says what is known.
    Repeated,
    /// It was answered, or what it asked for was done.
    Done,
    /// It was refused, and rightly so.
    Refused,
    /// It used an id again for something else.
    Conflict,
    /// It is not what the protocol says.
    Malformed,
    /// It does not prove where it comes from.
    NotAuthentic,
    /// We cannot say what came of it: the vendor has to come again.
    TryAgain,
}

impl VendorCalls {
    /// The calls of the vendor that the setting `VENDOR` names.
    pub fn new(settings: &Settings) -> Result<Self, ConfigError> {
        Ok(Self {
            function: settings.find("AWS_LAMBDA_FUNCTION_NAME").unwrap_or("local").to_owned(),
            vendor: settings.get("VENDOR")?.to_owned(),
            context: settings.context().clone(),
            silent: settings.find(SWITCH) == Some("off"),
        })
    }

    /// Reports a call.
    pub fn report(&self, operation: &str, outcome: CallOutcome, took: Duration) {
        if !self.silent {
            print(&self.line(operation, outcome, took, self.context.now()));
        }
    }

    fn line(&self, operation: &str, outcome: CallOutcome, took: Duration, now: Timestamp) -> Value {
        let took = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let mut metrics = vec![json!({"Name": "Calls", "Unit": "Count"})];
        metrics.push(json!({"Name": "Latency", "Unit": "Milliseconds"}));
        let mut line = Map::from_iter([
            ("level".to_owned(), json!("INFO")),
            ("message".to_owned(), json!("a vendor called")),
            ("FunctionName".to_owned(), json!(self.function)),
            ("Vendor".to_owned(), json!(self.vendor)),
            ("Operation".to_owned(), json!(operation)),
            ("Outcome".to_owned(), json!(outcome.name())),
            ("Calls".to_owned(), json!(1)),
            ("Latency".to_owned(), json!(took)),
        ]);
        // Zeros too: the average of a count is its share of all calls.
        for counted in CallOutcome::COUNTED {
            metrics.push(json!({"Name": counted.name(), "Unit": "Count"}));
            line.insert(counted.name().to_owned(), json!(u8::from(outcome == counted)));
        }
        let dimensions = json!([["FunctionName"], ["Vendor"]]);
        let directive = json!({"Namespace": NAMESPACE, "Dimensions": dimensions, "Metrics": metrics});
        let metadata = json!({"Timestamp": now.as_millisecond(), "CloudWatchMetrics": [directive]});
        line.insert("_aws".to_owned(), metadata);
        Value::Object(line)
    }
}

impl CallOutcome {
    /// The outcomes that have a metric of their own.
    const COUNTED: [Self; 6] =
        [Self::Repeated, Self::Refused, Self::Conflict, Self::Malformed, Self::NotAuthentic, Self::TryAgain];

    /// What came of a command.
    #[must_use]
    pub const fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Applied(_) => Self::Done,
            Outcome::Replayed(_) => Self::Repeated,
            Outcome::Refused { refusal, .. } => Self::of_refusal(refusal),
        }
    }

    /// What a refusal counts as.
    #[must_use]
    pub const fn of_refusal(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::Mismatch => Self::Conflict,
            Refusal::Outdated => Self::Repeated,
            _ => Self::Refused,
        }
    }

    /// What a receipt counts as, if what it is for came to `told`.
    #[must_use]
    pub const fn of_receipt(receipt: Receipt, told: Self) -> Self {
        match receipt {
            Receipt::Accepted => told,
            Receipt::NotAuthentic => Self::NotAuthentic,
            Receipt::Malformed => Self::Malformed,
            Receipt::Unavailable => Self::TryAgain,
        }
    }

    /// Its name among the metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Repeated => "Replays",
            Self::Done => "Done",
            Self::Refused => "Refusals",
            Self::Conflict => "Conflicts",
            Self::Malformed => "Malformed",
            Self::NotAuthentic => "SignatureFailures",
            Self::TryAgain => "TryAgain",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn calls() -> VendorCalls {
        let values = [("VENDOR", "hub88"), ("AWS_LAMBDA_FUNCTION_NAME", "wallet-of-hub88")];
        let values: BTreeMap<_, _> = values.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        VendorCalls::new(&Settings::new(values, Context::default())).unwrap()
    }

    #[test]
    fn a_call_counts_once_and_under_its_own_outcome_only() {
        let now = Timestamp::from_millisecond(1_700_000_000_000).unwrap();
        let took = Duration::from_micros(12_900);
        for outcome in CallOutcome::COUNTED {
            let line = calls().line("/transaction/bet", outcome, took, now);
            assert_eq!((&line["Calls"], &line["Latency"]), (&json!(1), &json!(12)));
            for counted in CallOutcome::COUNTED {
                assert_eq!(line[counted.name()], u8::from(counted == outcome), "{outcome:?}: {counted:?}");
            }
        }
    }

    /// `CloudWatch` makes metrics only of what the line also holds.
    #[test]
    fn every_metric_has_a_value_and_every_dimension_too() {
        let line = calls().line("/", CallOutcome::Done, Duration::ZERO, Timestamp::UNIX_EPOCH);
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        for metric in directive["Metrics"].as_array().unwrap() {
            assert!(line[metric["Name"].as_str().unwrap()].is_u64(), "{metric}");
        }
        for dimension in
            directive["Dimensions"].as_array().unwrap().iter().flat_map(|it| it.as_array().unwrap())
        {
            assert!(line[dimension.as_str().unwrap()].is_string(), "{dimension}");
        }
    }

    #[test]
    fn a_reused_id_is_a_conflict_and_old_news_is_none() {
        assert_eq!(CallOutcome::of_refusal(&Refusal::Mismatch), CallOutcome::Conflict);
        assert_eq!(CallOutcome::of_refusal(&Refusal::Outdated), CallOutcome::Repeated);
        assert_eq!(CallOutcome::of_refusal(&Refusal::BetUnknown), CallOutcome::Refused);
        assert!(CallOutcome::TryAgain > CallOutcome::Conflict && CallOutcome::Done > CallOutcome::Repeated);
    }
}
