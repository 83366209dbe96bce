//! A pass over the whole roster: what it looks at, how far it got, and what it found so far.

use std::collections::BTreeMap;

use domain::ids::PlayerId;
use domain::{Date, Timestamp};
use edge::{BoxError, Settings};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, ToSpan};
use serde::{Deserialize, Serialize};

use crate::figures::Days;
use crate::finding::Drift;

/// How much a pass looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The entries since the first of the compared days; what came before is taken on trust.
    Recent,
    /// Every entry from the first on.
    Full,
}

impl Scope {
    /// Its name among the metrics.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Recent => "recent",
            Self::Full => "full",
        }
    }

    /// Where its passes keep their place.
    pub(crate) const fn bookmark(self) -> &'static str {
        match self {
            Self::Recent => "reconcile#recent",
            Self::Full => "reconcile#full",
        }
    }
}

/// What a pass compares.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// How much.
    pub scope: Scope,
    /// How many days' figures: the newest that are over.
    pub days: u16,
    /// How long entries may be in flight before a consumer must have applied them.
    pub lag: SignedDuration,
}

impl Terms {
    /// The terms of a function: `RECONCILE_LAG_MINUTES`, and of each scope `RECONCILE_RECENT_DAYS` or
    /// `RECONCILE_FULL_DAYS`.
    pub fn of(settings: &Settings, scope: Scope) -> Result<Self, BoxError> {
        let days = match scope {
            Scope::Recent => settings.get("RECONCILE_RECENT_DAYS")?,
            Scope::Full => settings.get("RECONCILE_FULL_DAYS")?,
        };
        let lag = settings.get("RECONCILE_LAG_MINUTES")?.parse::<u32>()?;
        Ok(Self { scope, days: days.parse()?, lag: SignedDuration::from_mins(i64::from(lag)) })
    }
}

/// How far a pass is. It is kept between the function's calls.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pass {
    /// How much it looks at.
    pub scope: Scope,
    /// When it began.
    pub began: Timestamp,
    /// Entries up to here are no longer in flight.
    pub(crate) settled_at: Timestamp,
    /// The first day whose figures are compared, and the day after the last.
    pub(crate) days: (Date, Date),
    /// The last player who was looked at.
    pub(crate) after: Option<PlayerId>,
    /// Whether it is through.
    pub done: bool,
    /// How many players were looked at.
    pub players: u64,
    /// How many entries.
    pub entries: u64,
    /// How many differences were found.
    pub findings: u64,
    /// The sum of the differences of each currency: must be zero.
    pub drift: BTreeMap<String, u64>,
    /// The figures of the days, as far as the ledger was read.
    pub(crate) figures: Days,
}

impl Pass {
    /// A pass that begins now.
    pub fn begin(terms: Terms, now: Timestamp) -> Result<Self, BoxError> {
        let settled_at = now.checked_sub(terms.lag)?;
        // The day that the youngest settled entry belongs to may still get more.
        let end = Offset::UTC.to_datetime(settled_at).date();
        let first = end.checked_sub(i64::from(terms.days).days())?;
        Ok(Self {
            scope: terms.scope,
            began: now,
            settled_at,
            days: (first, end),
            after: None,
            done: false,
            players: 0,
            entries: 0,
            findings: 0,
            drift: Drift::new(),
            figures: Days::default(),
        })
    }

    /// The moment from which on entries are read; none for all of them.
    pub(crate) fn reads_from(&self) -> Result<Option<Timestamp>, BoxError> {
        match self.scope {
            Scope::Full => Ok(None),
            Scope::Recent => Ok(Some(self.days.0.to_zoned(TimeZone::UTC)?.timestamp())),
        }
    }

    /// Whether a day's figures are compared.
    pub(crate) fn compares(&self, day: Date) -> bool {
        self.days.0 <= day && day < self.days.1
    }
}
