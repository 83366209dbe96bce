//! The table that `make bench` prints, and the same figures as JSON.

use std::fmt;
use std::time::Duration;

use rust_decimal::Decimal;
use serde_json::{Map, Number, Value};

use crate::meter::Reading;

/// Rows of text in sections, and their figures under stable names.
#[derive(Default)]
pub struct Table {
    lines: Vec<Line>,
    figures: Map<String, Value>,
}

enum Line {
    Section(String),
    Row([String; 4]),
}

/// What a measure is held against, and how many of it the measure is.
struct Against {
    /// The goal or the peer.
    what: String,
    /// Measure by goal or peer.
    ratio: String,
}

impl Table {
    /// Starts a section.
    pub fn section(&mut self, title: &str) {
        self.lines.push(Line::Section(title.to_owned()));
    }

    /// A measure that is held against nothing.
    pub fn row(&mut self, name: &str, value: &str) {
        self.push(name, value, Against { what: String::new(), ratio: String::new() });
    }

    /// A measure that should be no more than a goal.
    pub fn at_most(&mut self, name: &str, value: Decimal, unit: &str, goal: Decimal) {
        let verdict = if value <= goal { "" } else { "  MISSED" };
        let against =
            Against { what: format!("≤ {goal} {unit}"), ratio: format!("{}{verdict}", times(value, goal)) };
        self.push(name, &format!("{value} {unit}"), against);
    }

    /// A measure that should be no less than a goal.
    pub fn at_least(&mut self, name: &str, value: Decimal, unit: &str, goal: Decimal) {
        let verdict = if value >= goal { "" } else { "  MISSED" };
        let against =
            Against { what: format!("≥ {goal} {unit}"), ratio: format!("{}{verdict}", times(value, goal)) };
        self.push(name, &format!("{value} {unit}"), against);
    }

    /// A measure beside somebody else's.
    pub fn beside(&mut self, name: &str, value: Decimal, unit: &str, peer: &str, theirs: Decimal) {
        let against = Against { what: format!("{peer}: {theirs} {unit}"), ratio: times(value, theirs) };
        self.push(name, &format!("{value} {unit}"), against);
    }

    /// What an operation cost the store.
    pub fn store(&mut self, name: &str, reading: &Reading) {
        self.row(&format!("{name}: store round trips"), &reading.trips());
        let units = format!("{} / {}", reading.read_units, reading.write_units);
        self.row(&format!("{name}: read / write units"), &units);
        let items: Vec<String> =
            reading.item_bytes.iter().map(|(kind, bytes)| format!("{kind} {bytes}")).collect();
        if !items.is_empty() {
            self.row(&format!("{name}: bytes of its items"), &items.join(", "));
        }
        self.figure(&format!("{name}.round_trips"), Decimal::from(reading.calls.len()));
        self.figure(&format!("{name}.rcu"), reading.read_units);
        self.figure(&format!("{name}.wcu"), reading.write_units);
    }

    /// A time, at the median and near the worst. Answers with both.
    pub fn time(&mut self, name: &str, samples: &mut [Duration]) -> (Duration, Duration) {
        samples.sort_unstable();
        let (middle, worst) = (percentile(samples, 500), percentile(samples, 990));
        let value = format!("{} / {} µs", middle.as_micros(), worst.as_micros());
        self.row(&format!("{name}: p50 / p99"), &value);
        (middle, worst)
    }

    /// A ratio of two times that should be no more than a goal, kept as a figure.
    pub fn ratio(&mut self, name: &str, figure: &str, of: Duration, to: Duration, goal: Decimal) {
        let value = hundredths(nanos(of), nanos(to));
        self.at_most(name, value, "×", goal);
        self.figure(figure, value);
    }

    /// A figure under a stable name.
    pub fn figure(&mut self, name: &str, value: Decimal) {
        self.figures.insert(name.to_owned(), Value::Number(number(value)));
    }

    /// The figures under their names.
    #[must_use]
    pub fn json(self) -> Value {
        Value::Object(self.figures)
    }

    fn push(&mut self, name: &str, value: &str, against: Against) {
        self.lines.push(Line::Row([name.to_owned(), value.to_owned(), against.what, against.ratio]));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |column: usize| {
            let cells = self.lines.iter().filter_map(|line| match line {
                Line::Row(cells) => cells.get(column),
                Line::Section(_) => None,
            });
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
        };
        let (first, second, third) = (width(0), width(1), width(2));
        writeln!(
            out,
            "{:first$}  {:second$}  {:third$}  measure / goal",
            "measure", "measured", "goal or peer"
        )?;
        for line in &self.lines {
            let text = match line {
                Line::Section(title) => format!("\n— {title}"),
                Line::Row([name, value, what, ratio]) => {
                    format!("{name:first$}  {value:second$}  {what:third$}  {ratio}")
                }
            };
            writeln!(out, "{}", text.trim_end())?;
        }
        Ok(())
    }
}

/// The sample below which so many thousandths of the sorted samples lie.
#[must_use]
pub fn percentile(sorted: &[Duration], thousandths: usize) -> Duration {
    let last = sorted.len().saturating_sub(1);
    sorted.get((sorted.len() * thousandths / 1000).min(last)).copied().unwrap_or_default()
}

/// A quotient to two places; nothing by nothing is nothing.
#[must_use]
pub fn hundredths(of: Decimal, to: Decimal) -> Decimal {
    of.checked_div(to).unwrap_or_default().round_dp(2)
}

/// A time in nanoseconds.
#[must_use]
pub fn nanos(time: Duration) -> Decimal {
    Decimal::from(time.as_nanos())
}

/// A time in milliseconds, to the microsecond.
#[must_use]
pub fn millis(time: Duration) -> Decimal {
    (nanos(time) / Decimal::from(1_000_000)).round_dp(3)
}

fn times(of: Decimal, to: Decimal) -> String {
    format!("{:.2} ×", hundredths(of, to))
}

/// A decimal as JSON's number, by its text.
fn number(value: Decimal) -> Number {
    serde_json::from_str(&value.normalize().to_string()).unwrap_or_else(|_| Number::from(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_numbers() {
        let mut table = Table::default();
        table.figure("whole", Decimal::from(5));
        table.figure("part", Decimal::new(131, 2));
        assert_eq!(table.json().to_string(), r#"{"part":1.31,"whole":5}"#);
    }

    #[test]
    fn a_missed_goal_is_told() {
        let mut table = Table::default();
        table.at_most("made", Decimal::from(4), "WCU", Decimal::from(5));
        table.at_most("not made", Decimal::from(6), "WCU", Decimal::from(5));
        let text = table.to_string();
        assert!(text.contains("0.80 ×\n") && text.contains("1.20 ×  MISSED"), "{text}");
    }

    #[test]
    fn percentiles_stay_within_the_samples() {
        let samples: Vec<Duration> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!(percentile(&samples, 500), Duration::from_millis(51));
        assert_eq!(percentile(&samples, 1000), Duration::from_millis(100));
        assert_eq!(percentile(&[], 500), Duration::ZERO);
    }
}
