//! The period of a statement: from one moment, before another; or a month of the jurisdiction's calendar.

use domain::{Account, Date, Timestamp};
use edge::{Problem, Request};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};

/// A stretch of time; its end is not part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

impl Period {
    /// The period asked for by `month`, or by `from` and `to`; what is left open goes from the account's opening
    /// to now.
    pub(super) fn asked_by(
        request: &Request,
        account: &Account,
        zone: &TimeZone,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let (from, to) = (request.query_time("from")?, request.query_time("to")?);
        match request.query("month") {
            Some(_) if from.is_some() || to.is_some() => {
                Err(Problem::invalid_field("/month", "stands alone, without from and to"))
            }
            Some(month) => Self::month(&month, zone)
                .ok_or_else(|| Problem::invalid_field("/month", "must be a month, such as 2026-02")),
            None => Self::between(from, to, account, now),
        }
    }

    fn between(
        from: Option<Timestamp>,
        to: Option<Timestamp>,
        account: &Account,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        // The newest entry belongs to it even if the clock that dated it ran ahead.
        let just_now = now.max(account.updated_at).saturating_add(SignedDuration::from_millis(1));
        let to = to.or(just_now.ok()).unwrap_or(Timestamp::MAX);
        let from = from.unwrap_or(account.opened_at.min(to));
        if from > to {
            return Err(Problem::invalid_field("/from", "must not be after the end"));
        }
        Ok(Self { from, to })
    }

    /// A calendar month: from its first midnight to the next month's, however long that is.
    fn month(text: &str, zone: &TimeZone) -> Option<Self> {
        let (year, month) =
            text.split_once('-').filter(|(year, month)| year.len() == 4 && month.len() == 2)?;
        let first = Date::new(number(year)?, number(month)?, 1).ok()?;
        let start = |day: Date| day.to_zoned(zone.clone()).ok().map(|midnight| midnight.timestamp());
        Some(Self { from: start(first)?, to: start(first.checked_add(1.month()).ok()?)? })
    }
}

fn number<T: std::str::FromStr>(digits: &str) -> Option<T> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str, zone: &str) -> Option<(String, String)> {
        let period = Period::month(text, &TimeZone::get(zone).unwrap())?;
        Some((period.from.to_string(), period.to.to_string()))
    }

    #[test]
    fn a_month_is_as_long_as_the_jurisdictions_calendar_makes_it() {
        let cases = [
            ("2026-02", "Europe/Malta", "2026-01-31T23:00:00Z", "2026-02-28T23:00:00Z"),
            ("2028-02", "Europe/London", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"),
            ("2026-03", "Europe/Malta", "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z"),
            ("2026-10", "Europe/London", "2026-09-30T23:00:00Z", "2026-11-01T00:00:00Z"),
            ("2026-12", "America/New_York", "2026-12-01T05:00:00Z", "2027-01-01T05:00:00Z"),
            // Midnight of 1 October 2000 did not exist in Paraguay: the month began at one o'clock.
            ("2000-10", "America/Asuncion", "2000-10-01T04:00:00Z", "2000-11-01T03:00:00Z"),
        ];
        for (text, zone, from, to) in cases {
            assert_eq!(month(text, zone), Some((from.to_owned(), to.to_owned())), "{text} in {zone}");
        }
    }

    #[test]
    fn months_follow_each_other_without_a_gap() {
        for zone in ["Europe/Malta", "Europe/London", "America/Asuncion", "Pacific/Apia"] {
            let months: Vec<_> = (1990..2040)
                .flat_map(|year| (1..=12).map(move |month| format!("{year}-{month:02}")))
                .filter_map(|text| month(&text, zone))
                .collect();
            assert_eq!(months.len(), 600);
            assert!(months.windows(2).all(|pair| pair[0].1 == pair[1].0), "{zone}");
        }
    }

    #[test]
    fn what_is_no_month_is_none() {
        for text in ["", "2026", "2026-2", "2026-13", "2026-00", "26-02", "2026-02-01", "+026-02", "2026-é"]
        {
            assert_eq!(month(text, "UTC"), None, "{text}");
        }
        assert_eq!(month("9999-12", "UTC"), None, "there is no time after it");
    }
}
