//! Event filters: as much of the pattern language as event source mappings here use.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use serde_json::{Map, Value};

/// Accepts an event if any of its patterns does; without patterns, every event.
#[derive(Clone, Debug)]
pub(super) struct Filter(Vec<Map<String, Value>>);

impl Filter {
    /// Refuses a pattern that could not be judged.
    pub(super) fn parse(patterns: &[Value]) -> Result<Self, String> {
        for pattern in patterns {
            check(pattern)?;
        }
        Ok(Self(patterns.iter().filter_map(|pattern| pattern.as_object().cloned()).collect()))
    }

    pub(super) fn accepts(&self, event: &Value) -> bool {
        if self.0.is_empty() {
            return true;
        }
        let readable = readable(event);
        self.0.iter().any(|pattern| matches_all(pattern, &readable))
    }
}

/// The event with a Kinesis record's data in the clear, which is what patterns speak of.
fn readable(event: &Value) -> Value {
    let data = event.pointer("/kinesis/data").and_then(Value::as_str);
    let parsed = data.and_then(|data| BASE64.decode(data).ok()).and_then(|b| serde_json::from_slice(&b).ok());
    let Some(data) = parsed else { return event.clone() };
    let mut fields = event.get("kinesis").and_then(Value::as_object).cloned().unwrap_or_default();
    fields.insert("data".to_owned(), data);
    Value::Object(fields)
}

fn matches_all(pattern: &Map<String, Value>, event: &Value) -> bool {
    pattern.iter().all(|(name, expected)| {
        let actual = event.get(name);
        match expected {
            Value::Object(inner) => matches_all(inner, actual.unwrap_or(&Value::Null)),
            Value::Array(rules) => rules.iter().any(|rule| accepts(rule, actual)),
            _ => false,
        }
    })
}

/// One rule: a plain value, or an operator such as `{"prefix": "TX#"}`.
fn accepts(rule: &Value, actual: Option<&Value>) -> bool {
    let Some((operator, operand)) = rule.as_object().and_then(|rule| rule.iter().next()) else {
        return actual == Some(rule);
    };
    let (text, wanted) = (actual.and_then(Value::as_str), operand.as_str().unwrap_or_default());
    match operator.as_str() {
        "prefix" => text.is_some_and(|text| text.starts_with(wanted)),
        "suffix" => text.is_some_and(|text| text.ends_with(wanted)),
        "exists" => operand.as_bool() == Some(actual.is_some()),
        "anything-but" => match operand {
            Value::Array(values) => actual.is_some_and(|actual| !values.contains(actual)),
            value => actual.is_some_and(|actual| actual != value),
        },
        _ => false,
    }
}

fn check(pattern: &Value) -> Result<(), String> {
    let fields = pattern.as_object().ok_or_else(|| format!("the filter {pattern} is not an object"))?;
    for expected in fields.values() {
        match expected {
            Value::Object(_) => check(expected)?,
            Value::Array(rules) => {
                let operators = rules.iter().filter_map(Value::as_object).flat_map(Map::keys);
                for operator in operators {
                    if !["prefix", "suffix", "exists", "anything-but"].contains(&operator.as_str()) {
                        return Err(format!("filters with {operator} are not played locally"));
                    }
                }
            }
            other => return Err(format!("the filter has {other} where a list is wanted")),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record(name: &str, sk: &str) -> Value {
        json!({"eventName": name, "dynamodb": {"Keys": {"sk": {"S": sk}}}})
    }

    #[test]
    fn the_ledgers_filter_takes_new_entries_only() {
        let pattern =
            json!({"eventName": ["INSERT"], "dynamodb": {"Keys": {"sk": {"S": [{"prefix": "TX#"}]}}}});
        let filter = Filter::parse(&[pattern]).unwrap();
        assert!(filter.accepts(&record("INSERT", "TX#hub88#1")));
        assert!(!filter.accepts(&record("MODIFY", "TX#hub88#1")));
        assert!(!filter.accepts(&record("INSERT", "ACCOUNT")));
        assert!(!filter.accepts(&json!({"eventName": "INSERT"})));
        assert!(Filter::parse(&[]).unwrap().accepts(&record("REMOVE", "x")));
    }

    #[test]
    fn operators_and_kinesis_data() {
        let filter =
            Filter::parse(&[json!({"data": {"type": [{"suffix": ".settled"}, "bet.placed"]}})]).unwrap();
        let event = |data: Value| json!({"kinesis": {"data": BASE64.encode(data.to_string())}});
        assert!(filter.accepts(&event(json!({"type": "bet.placed"}))));
        assert!(filter.accepts(&event(json!({"type": "bet.settled"}))));
        assert!(!filter.accepts(&event(json!({"type": "deposit.completed"}))));
        let filter =
            Filter::parse(&[json!({"a": [{"exists": false}], "b": [{"anything-but": ["x"]}]})]).unwrap();
        assert!(filter.accepts(&json!({"b": "y"})));
        assert!(!filter.accepts(&json!({"a": 1, "b": "y"})));
        assert!(!filter.accepts(&json!({"b": "x"})));
    }

    #[test]
    fn a_filter_that_cannot_be_judged_is_refused() {
        assert!(Filter::parse(&[json!({"a": [{"numeric": [">", 1]}]})]).is_err());
        assert!(Filter::parse(&[json!({"a": "b"})]).is_err());
        assert!(Filter::parse(&[json!("a")]).is_err());
    }
}
