//! What is asked: which brand, which currency, which days.

use domain::{Currency, Date, Timestamp};
use edge::{Brands, Problem, Request, is_brand};

/// Days in one answer at most: a quarter, give or take.
const DAYS_MAX: i32 = 92;

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) brand: String,
    /// All that have figures, if none is named.
    pub(crate) currency: Option<Currency>,
    pub(crate) from: Date,
    /// The last day, included.
    pub(crate) to: Date,
}

impl Question {
    pub(crate) fn read(request: &Request, brands: &Brands, now: Timestamp) -> Result<Self, Problem> {
        let currency = request.query("currency").map(|code| code.parse()).transpose();
        let (from, to) = period(day(request, "from")?, day(request, "to")?, now)?;
        Ok(Self {
            brand: brand(request, brands)?,
            currency: currency
                .map_err(|_| Problem::invalid_field("/currency", "must be an ISO 4217 code"))?,
            from,
            to,
        })
    }
}

/// The brand named, or the one whose front end is calling.
fn brand(request: &Request, brands: &Brands) -> Result<String, Problem> {
    let Some(brand) = request.query("brand") else { return brands.called(request) };
    let named = Some(brand).filter(|brand| is_brand(brand));
    named.ok_or_else(|| Problem::invalid_field("/brand", "must be a brand's short name"))
}

fn day(request: &Request, name: &str) -> Result<Option<Date>, Problem> {
    let day = request.query(name).map(|text| text.parse()).transpose();
    day.map_err(|_| Problem::invalid_field(format!("/{name}"), "must be a day such as 2026-11-23"))
}

/// The days asked for: up to today if no end is named, one day if no beginning is.
fn period(from: Option<Date>, to: Option<Date>, now: Timestamp) -> Result<(Date, Date), Problem> {
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let to = to.unwrap_or(today);
    let from = from.unwrap_or(to);
    if from > to {
        return Err(Problem::invalid_field("/from", "must not be after the last day"));
    }
    if (to - from).get_days() >= DAYS_MAX {
        return Err(Problem::invalid_field("/from", format!("at most {DAYS_MAX} days are answered at once")));
    }
    Ok((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_period_is_today_unless_days_are_named() {
        let now = "2026-11-23T23:59:59Z".parse().unwrap();
        let day = |text: &str| Some(text.parse::<Date>().unwrap());
        let asked = |from, to| period(from, to, now).ok().map(|(from, to)| format!("{from}/{to}"));
        assert_eq!(asked(None, None).as_deref(), Some("2026-11-23/2026-11-23"));
        assert_eq!(asked(day("2026-11-01"), None).as_deref(), Some("2026-11-01/2026-11-23"));
        assert_eq!(asked(None, day("2026-01-31")).as_deref(), Some("2026-01-31/2026-01-31"));
        assert_eq!(asked(day("2026-11-24"), None), None);
        assert!(asked(day("2026-08-24"), None).is_some(), "92 days");
        assert_eq!(asked(day("2026-08-23"), None), None, "93 days");
    }
}
