//! Functions that run by the clock.

use std::{str::FromStr, time::Duration};

use chrono::{DateTime, Utc};
use jiff::Timestamp;
use serde_json::{Value, json};
use ulid::Ulid;

use super::Target;
use crate::{ACCOUNT, REGION, clock};

/// When a function runs.
pub(super) enum Schedule {
    Every(Duration),
    Cron(Box<cron::Schedule>),
}

impl Schedule {
    /// Reads `rate(5 minutes)` or `cron(0 3 * * ? *)`.
    pub(super) fn parse(expression: &str) -> Result<Self, String> {
        let bad = || format!("{expression} is not a schedule");
        let inner = |kind: &str| expression.trim().strip_prefix(kind)?.strip_suffix(')');
        if let Some(rate) = inner("rate(") {
            let (number, unit) = rate.trim().split_once(' ').ok_or_else(bad)?;
            let seconds = match unit.trim().trim_end_matches('s') {
                "minute" => 60,
                "hour" => 60 * 60,
                "day" => 24 * 60 * 60,
                _ => return Err(bad()),
            };
            let number: u64 = number.parse().ok().filter(|n| *n > 0).ok_or_else(bad)?;
            return Ok(Self::Every(Duration::from_secs(number.saturating_mul(seconds))));
        }
        let fields = inner("cron(").ok_or_else(bad)?;
        // AWS schedules have no seconds.
        cron::Schedule::from_str(&format!("0 {fields}")).map(|c| Self::Cron(Box::new(c))).map_err(|_| bad())
    }

    fn wait(&self, now: Timestamp) -> Option<Duration> {
        match self {
            Self::Every(period) => Some(*period),
            Self::Cron(schedule) => {
                let now = DateTime::<Utc>::from_timestamp_millis(now.as_millisecond())?;
                (schedule.after(&now).next()? - now).to_std().ok()
            }
        }
    }
}

pub(super) async fn run(schedule: Schedule, input: Option<String>, target: Target) {
    while let Some(wait) = schedule.wait(clock::now()) {
        tokio::time::sleep(wait).await;
        let event = match &input {
            Some(text) => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
            None => event(),
        };
        // A failure is logged by the invocation; the next run comes by the clock.
        let _ = target.fleet.invoke(&target.function, event).await;
    }
}

fn event() -> Value {
    json!({
        "version": "0",
        "id": Ulid::generate().to_string(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": clock::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "region": REGION,
        "resources": [],
        "detail": {},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(expression: &str, now: &str) -> Option<u64> {
        Schedule::parse(expression).unwrap().wait(now.parse().unwrap()).map(|wait| wait.as_secs())
    }

    #[test]
    fn schedules_say_when_they_are_next_due() {
        assert_eq!(wait("rate(1 minute)", "2026-01-01T00:00:00Z"), Some(60));
        assert_eq!(wait("rate(2 hours)", "2026-01-01T00:00:00Z"), Some(7200));
        assert_eq!(wait("cron(0 3 * * ? *)", "2026-01-01T00:00:00Z"), Some(3 * 3600));
        // 2026-01-01 is a Thursday; the next Monday is four days on.
        assert_eq!(wait("cron(0 0 ? * MON *)", "2026-01-01T00:00:00Z"), Some(4 * 86400));
        assert_eq!(wait("cron(0 0 ? * 2 *)", "2026-01-01T00:00:00Z"), Some(4 * 86400));
        assert_eq!(wait("cron(0/15 * * * ? *)", "2026-01-01T00:01:00Z"), Some(14 * 60));
    }

    #[test]
    fn what_is_not_a_schedule_is_refused() {
        for expression in
            ["", "rate(0 minutes)", "rate(1 fortnight)", "cron(what)", "at(2026-01-01T00:00:00)"]
        {
            assert!(Schedule::parse(expression).is_err(), "{expression}");
        }
    }

    #[test]
    fn the_event_is_what_lambda_functions_expect() {
        let event = event();
        assert_eq!(event["detail-type"], "Scheduled Event");
        assert_eq!(event["time"].as_str().unwrap().len(), "2026-01-01T00:00:00Z".len());
    }
}
