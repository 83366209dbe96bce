//! The calls of one vendor: how many, how they ended, how long they took.
//!
//! What went as it should is told by the bunch: a line for each call would cost more than the call's own time. What
//! did not is told at once, and says what was asked for.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::{Outcome, Refusal, Timestamp};
use serde_json::{Map, Value, json};
use vendors::call::Receipt;

use super::{Metrics, NAMESPACE, print};
use crate::{ConfigError, Context, Settings};

/// How many calls one line tells of at most: the format takes a hundred values of a metric.
const MOST: usize = 50;
/// How long calls wait to be told with others. A call after a longer silence is told at once, so that what waits when
/// a process ends is the end of a rush, and not all that there was.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Measures the calls of the vendor that a function is deployed for.
pub struct VendorCalls {
    metrics: Metrics,
    vendor: String,
    context: Context,
    waiting: Mutex<Waiting>,
}

/// Calls that went as they should and are yet to be told.
#[derive(Default)]
struct Waiting {
    /// When some were told the last time.
    told_at: Timestamp,
    /// How long each took, in milliseconds.
    took: Vec<u64>,
    /// How many of them were repeats.
    repeated: usize,
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
            metrics: Metrics::new(settings),
            vendor: settings.get("VENDOR")?.to_owned(),
            context: settings.context().clone(),
            waiting: Mutex::default(),
        })
    }

    /// Reports a call, now or together with later ones.
    pub fn report(&self, operation: &str, outcome: CallOutcome, took: Duration) {
        if self.metrics.silent {
            return;
        }
        if let Some(line) = self.line(operation, outcome, took, self.context.now()) {
            print(&line);
        }
    }

    /// What is to be told now.
    fn line(&self, operation: &str, outcome: CallOutcome, took: Duration, now: Timestamp) -> Option<Value> {
        let took = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        if !outcome.is_ordinary() {
            return Some(self.one(operation, outcome, took, now));
        }
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.took.push(took);
        waiting.repeated += usize::from(outcome == CallOutcome::Repeated);
        let silence = now.duration_since(waiting.told_at);
        if waiting.took.len() < MOST && silence.unsigned_abs() < LONGEST_WAIT {
            return None;
        }
        let told = std::mem::replace(&mut *waiting, Waiting { told_at: now, ..Waiting::default() });
        Some(self.many(&told, now))
    }

    /// A call that did not go as it should.
    fn one(&self, operation: &str, outcome: CallOutcome, took: u64, now: Timestamp) -> Value {
        let values = [("Calls", json!(1)), (outcome.name(), json!(1)), ("Latency", json!(took))];
        let mut line = self.told("a vendor called", values, now);
        line.extend([
            ("Operation".to_owned(), json!(operation)),
            ("Outcome".to_owned(), json!(outcome.name())),
        ]);
        Value::Object(line)
    }

    fn many(&self, Waiting { took, repeated, .. }: &Waiting, now: Timestamp) -> Value {
        let repeats = CallOutcome::Repeated.name();
        let values = [("Calls", json!(took.len())), (repeats, json!(repeated)), ("Latency", json!(took))];
        Value::Object(self.told("a vendor's calls", values, now))
    }

    fn told<const N: usize>(
        &self,
        message: &str,
        values: [(&str, Value); N],
        now: Timestamp,
    ) -> Map<String, Value> {
        let unit = |name| if name == "Latency" { "Milliseconds" } else { "Count" };
        let metrics: Vec<Value> =
            values.iter().map(|(name, _)| json!({"Name": name, "Unit": unit(*name)})).collect();
        let dimensions = json!([["FunctionName"], ["Vendor"]]);
        let directive = json!({"Namespace": NAMESPACE, "Dimensions": dimensions, "Metrics": metrics});
        let mut line = Map::from_iter([
            ("level".to_owned(), json!("INFO")),
            ("message".to_owned(), json!(message)),
            ("FunctionName".to_owned(), json!(self.metrics.function)),
            ("Vendor".to_owned(), json!(self.vendor)),
            ("_aws".to_owned(), json!({"Timestamp": now.as_millisecond(), "CloudWatchMetrics": [directive]})),
        ]);
        line.extend(values.map(|(name, value)| (name.to_owned(), value)));
        line
    }
}

impl CallOutcome {
    /// Whether such a call went as it should.
    const fn is_ordinary(self) -> bool {
        matches!(self, Self::Done | Self::Repeated)
    }

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

    const SECOND: i64 = 1_700_000_000;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn what_went_wrong_is_told_at_once_and_says_what_was_asked_for() {
        let calls = calls();
        let took = Duration::from_micros(12_900);
        for outcome in [CallOutcome::Refused, CallOutcome::NotAuthentic, CallOutcome::TryAgain] {
            let line = calls.line("/transaction/bet", outcome, took, at(SECOND)).unwrap();
            assert_eq!((&line["Calls"], &line["Latency"]), (&json!(1), &json!(12)));
            assert_eq!(line[outcome.name()], 1);
            assert_eq!(line["Operation"], "/transaction/bet");
        }
    }

    #[test]
    fn what_went_well_is_told_by_the_bunch_and_nothing_is_told_twice() {
        let calls = calls();
        let mut lines = Vec::new();
        for number in 0..120 {
            let outcome = if number % 4 == 3 { CallOutcome::Repeated } else { CallOutcome::Done };
            lines.extend(calls.line("/", outcome, Duration::from_millis(number), at(SECOND)));
        }
        let counts: Vec<_> = lines.iter().map(|it| it["Calls"].as_u64().unwrap()).collect();
        assert_eq!(counts, [1, 50, 50], "the first after a silence alone, then as many as fit");
        assert_eq!((&lines[1]["Replays"], &lines[2]["Replays"]), (&json!(12), &json!(13)));
        assert_eq!(lines[1]["Latency"].as_array().unwrap().len(), 50);
        assert_eq!((&lines[1]["Latency"][0], &lines[2]["Latency"][49]), (&json!(1), &json!(100)));
        let rest = calls.line("/", CallOutcome::Done, Duration::ZERO, at(SECOND + 10)).unwrap();
        assert_eq!(rest["Calls"], 20, "what waits longer is told with the next call");
    }

    /// `CloudWatch` makes metrics only of what the line also holds.
    #[test]
    fn every_metric_has_a_value_and_every_dimension_too() {
        let outcomes = [CallOutcome::Done, CallOutcome::Conflict];
        for line in outcomes.map(|it| calls().line("/", it, Duration::ZERO, at(SECOND)).unwrap()) {
            let directive = &line["_aws"]["CloudWatchMetrics"][0];
            for metric in directive["Metrics"].as_array().unwrap() {
                let value = &line[metric["Name"].as_str().unwrap()];
                assert!(value.is_u64() || value[0].is_u64(), "{metric}");
            }
            let dimensions = directive["Dimensions"].as_array().unwrap();
            for dimension in dimensions.iter().flat_map(|it| it.as_array().unwrap()) {
                assert!(line[dimension.as_str().unwrap()].is_string(), "{dimension}");
            }
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
