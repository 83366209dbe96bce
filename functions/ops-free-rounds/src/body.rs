//! What staff says of the free rounds it gives.

use std::time::Duration;

use domain::entry::Fingerprint;
use domain::{Currency, Money, Timestamp};
use edge::http::decimal_field;
use edge::{Checks, Problem, Request};
use serde::{Deserialize, Serialize};

/// More than so many are a slip of the keyboard.
const MOST_ROUNDS: u32 = 500;
/// The longest time in which they can be played.
const LONGEST_DAYS: i64 = 90;
/// What has begun when the vendor hears of it may be refused.
const LEAD: Duration = Duration::from_mins(1);
/// The longest reason.
const LONGEST_REASON: usize = 500;
/// The longest id of a game.
const LONGEST_GAME: usize = 512;
/// The longest id of a template.
const LONGEST_TEMPLATE: usize = 100;

/// Free rounds to give.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GiftBody {
    /// In which game of ours.
    pub(crate) game_id: String,
    /// By which template of the vendor's.
    pub(crate) template_id: Option<String>,
    /// How many.
    pub(crate) rounds: Option<u32>,
    /// The stake of a round, as a decimal in the player's currency.
    round_value: Option<String>,
    /// The stake of a round, by the number that the vendor gives it.
    pub(crate) bet_line: Option<u8>,
    /// From when on; as soon as can be, if not told.
    starts_at: Option<Timestamp>,
    /// Until when.
    pub(crate) ends_at: Timestamp,
    /// Why.
    pub(crate) reason: String,
}

impl GiftBody {
    pub(crate) fn read(request: &Request) -> Result<Self, Problem> {
        let body: Self = request.json()?;
        let mut checks = Checks::default();
        let rounds_fit = body.rounds.is_none_or(|it| (1..=MOST_ROUNDS).contains(&it));
        checks.require(rounds_fit, "/rounds", &format!("must be from 1 to {MOST_ROUNDS}"));
        if let Some(template) = &body.template_id {
            checks.line(template, LONGEST_TEMPLATE, "/template_id");
        }
        checks.line(&body.game_id, LONGEST_GAME, "/game_id");
        checks.line(&body.reason, LONGEST_REASON, "/reason");
        checks.done()?;
        Ok(body)
    }

    pub(crate) fn round_value(&self, currency: Currency) -> Result<Option<Money>, Problem> {
        self.round_value.as_ref().map(|text| decimal_field(text, currency, "/round_value")).transpose()
    }

    /// From when until when, if that is ahead and not endless.
    pub(crate) fn period(&self, now: Timestamp) -> Result<(Timestamp, Timestamp), Problem> {
        let soonest = now.saturating_add(LEAD).unwrap_or(now);
        let starts_at = self.starts_at.unwrap_or(soonest).max(soonest);
        let days = self.ends_at.duration_since(starts_at).as_hours() / 24;
        let mut checks = Checks::default();
        checks.require(self.ends_at > starts_at, "/ends_at", "must be later than the beginning, and ahead");
        checks.require(days < LONGEST_DAYS, "/ends_at", &format!("must be within {LONGEST_DAYS} days"));
        checks.done()?;
        Ok((starts_at, self.ends_at))
    }

    /// What a repeat must match: everything that was said.
    pub(crate) fn fingerprint(&self) -> Fingerprint {
        let text = serde_json::to_string(self).unwrap_or_default();
        Fingerprint::of(["free-rounds", &text])
    }
}
