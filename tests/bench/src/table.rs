//! The table that `make bench` prints, and the same as JSON.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::meter::Reading;

/// Rows of text, and their figures under stable names.
#[derive(Default)]
pub struct Table {
    rows: Vec<[String; 2]>,
    figures: Map<String, Value>,
}

impl Table {
    /// What an operation cost the store.
    pub fn store(&mut self, name: &str, reading: &Reading) {
        self.row(&format!("{name}: store round trips"), &reading.calls.len().to_string());
        self.row(&format!("{name}: store calls"), &reading.calls.join(" → "));
        self.row(&format!("{name}: read units"), &units(reading.read_milliunits));
        self.row(&format!("{name}: write units"), &units(reading.write_milliunits));
        for (kind, bytes) in &reading.item_bytes {
            self.row(&format!("{name}: bytes of its {kind} item"), &bytes.to_string());
        }
        self.figure(&format!("{name}.round_trips"), json!(reading.calls.len()));
        self.figure(&format!("{name}.rcu"), json!(units(reading.read_milliunits)));
        self.figure(&format!("{name}.wcu"), json!(units(reading.write_milliunits)));
    }

    /// A time, at the median and near the worst.
    pub fn time(&mut self, name: &str, samples: &mut [Duration]) -> Duration {
        samples.sort_unstable();
        let at = |percent: usize| samples.get(samples.len() * percent / 100).copied().unwrap_or_default();
        self.row(
            &format!("{name}: p50 / p99"),
            &format!("{} / {} µs", at(50).as_micros(), at(99).as_micros()),
        );
        at(50)
    }

    /// A ratio of two times, in hundredths.
    pub fn ratio(&mut self, name: &str, figure: &str, of: Duration, to: Duration) {
        let hundredths = of.as_nanos() * 100 / to.as_nanos().max(1);
        let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
        self.row(name, &format!("{text} ×"));
        self.figure(figure, json!(text));
    }

    fn row(&mut self, name: &str, value: &str) {
        self.rows.push([name.to_owned(), value.to_owned()]);
    }

    fn figure(&mut self, name: &str, value: Value) {
        self.figures.insert(name.to_owned(), value);
    }

    /// The figures under their names.
    #[must_use]
    pub fn json(self) -> Value {
        Value::Object(self.figures)
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let width = self.rows.iter().map(|[name, _]| name.chars().count()).max().unwrap_or_default();
        for [name, value] in &self.rows {
            writeln!(out, "{name:width$}  {value}")?;
        }
        Ok(())
    }
}

fn units(milliunits: u64) -> String {
    let text = format!("{}.{:03}", milliunits / 1000, milliunits % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
