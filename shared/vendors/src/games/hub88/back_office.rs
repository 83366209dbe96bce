//! Our calls to Hub88 or a relative that no player waits for: the list of games, a round's page, free bets.
//!
//! Hub88 takes the list and the prepaids once a minute, and answers HTTP 429 to more.

use std::time::Duration;

use domain::ids::PlayerId;
use domain::{Currency, Money, Timestamp};
use serde::{Deserialize, Serialize};

use super::OperatorId;
use super::launch;
use super::line::{Line, words};
use super::reading::PLACES;
use crate::call::{CallFailure, InboundAnswer, OutboundCall};
use crate::games::answers::unsent;
use crate::games::{ListedGame, answers};

/// The least time between two calls for the list.
pub(super) const LIST_INTERVAL: Duration = Duration::from_mins(1);

const GAMES_PATH: &str = "/game/list";
const ROUND_PATH: &str = "/game/round";
const PREPAIDS_PATH: &str = "/freebet/prepaids/list";
const REWARDS_PATH: &str = "/freebet/rewards/create";

/// Who asks: the operator, and which of its casinos where it has several.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Asker<'a> {
    pub(super) operator_id: &'a OperatorId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sub_partner_id: Option<&'a str>,
}

/// Free bets to give to a player.
#[derive(Clone, Debug)]
pub struct Reward {
    /// To whom.
    pub player: PlayerId,
    /// The template it follows, by the vendor's id.
    pub prepaid: String,
    /// How many bets, where the template leaves it open.
    pub bets: Option<u32>,
    /// What a bet is worth, where the template leaves it open.
    pub bet_value: Option<Money>,
    /// From when on.
    pub starts_at: Timestamp,
    /// Until when. Without an end, it would last for weeks.
    pub ends_at: Timestamp,
}

/// A template for free bets, agreed on with the vendor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepaid {
    /// The vendor's id.
    pub id: String,
    /// The game, by the vendor's code; none if it has none.
    pub game: Option<String>,
    /// The currency, as the vendor writes it.
    pub currency: Option<String>,
    /// How many bets; none leaves it to us.
    pub bets: Option<u32>,
    /// What a bet is worth; none leaves it to us.
    pub bet_value: Option<Money>,
}

pub(super) fn games_call(line: &Line, asker: Asker<'_>) -> Result<OutboundCall, CallFailure> {
    line.call(GAMES_PATH, &Asker { sub_partner_id: None, ..asker })
}

pub(super) fn games(answer: &InboundAnswer) -> Result<Vec<ListedGame>, CallFailure> {
    let games: Vec<Game> = answers::read(answer, words)?;
    Ok(games.into_iter().filter_map(Game::listed).collect())
}

pub(super) fn round_call(
    line: &Line,
    asker: Asker<'_>,
    player: PlayerId,
    round: &str,
) -> Result<OutboundCall, CallFailure> {
    line.call(ROUND_PATH, &RoundOf { asker, user: player.to_string(), round })
}

pub(super) fn prepaids_call(line: &Line, asker: Asker<'_>) -> Result<OutboundCall, CallFailure> {
    line.call(PREPAIDS_PATH, &Asker { sub_partner_id: None, ..asker })
}

pub(super) fn prepaids(answer: &InboundAnswer) -> Result<Vec<Prepaid>, CallFailure> {
    let prepaids: Vec<ListedPrepaid> = answers::read(answer, words)?;
    Ok(prepaids.into_iter().map(Prepaid::from).collect())
}

pub(super) fn reward_call(
    line: &Line,
    asker: Asker<'_>,
    reward: &Reward,
) -> Result<OutboundCall, CallFailure> {
    let bet_value = reward.bet_value.map(|value| value.to_minor(PLACES)).transpose().map_err(|_| unsent())?;
    let body = Grant {
        asker,
        user: reward.player.to_string(),
        prepaid_uuid: &reward.prepaid,
        bet_count: reward.bets,
        currency: reward.bet_value.map(|value| value.currency().code()),
        bet_value,
        start_time: without_zone(reward.starts_at),
        end_time: without_zone(reward.ends_at),
    };
    line.call(REWARDS_PATH, &body)
}

/// The vendor's id of what was given, which its free bets will name.
pub(super) fn reward(answer: &InboundAnswer) -> Result<String, CallFailure> {
    answers::read(answer, words).map(|Given { reward_uuid }| reward_uuid)
}

#[derive(Serialize)]
struct RoundOf<'a> {
    #[serde(flatten)]
    asker: Asker<'a>,
    user: String,
    round: &'a str,
}

#[derive(Serialize)]
struct Grant<'a> {
    #[serde(flatten)]
    asker: Asker<'a>,
    user: String,
    prepaid_uuid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    bet_count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bet_value: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<&'static str>,
    start_time: String,
    end_time: String,
}

#[derive(Deserialize)]
struct Given {
    reward_uuid: String,
}

/// A game without a code cannot be opened, nor named in a bet.
#[derive(Deserialize)]
struct Game {
    #[serde(default, rename = "game_code")]
    code: Option<String>,
    name: String,
    #[serde(default)]
    category: Option<String>,
    #[serde(default)]
    blocked_countries: Vec<String>,
    #[serde(default)]
    platforms: Vec<String>,
    #[serde(default)]
    enabled: bool,
}

impl Game {
    fn listed(self) -> Option<ListedGame> {
        Some(ListedGame {
            code: self.code?,
            name: self.name,
            category: self.category,
            rtp: None,
            currencies: Vec::new(),
            blocked_countries: self.blocked_countries,
            devices: self.platforms.iter().filter_map(|it| launch::device(it)).collect(),
            enabled: self.enabled,
        })
    }
}

#[derive(Deserialize)]
struct ListedPrepaid {
    prepaid_uuid: String,
    #[serde(default)]
    game_code: Option<String>,
    #[serde(default)]
    currency: Option<String>,
    #[serde(default)]
    bet_count: Option<u32>,
    #[serde(default)]
    bet_value: Option<i64>,
}

impl From<ListedPrepaid> for Prepaid {
    fn from(listed: ListedPrepaid) -> Self {
        let currency = listed.currency.as_deref().and_then(|code| code.parse::<Currency>().ok());
        let bet_value = listed.bet_value.zip(currency);
        Self {
            id: listed.prepaid_uuid,
            game: listed.game_code,
            bets: listed.bet_count,
            bet_value: bet_value.and_then(|(value, it)| Money::from_minor(value, PLACES, it).ok()),
            currency: listed.currency,
        }
    }
}

/// A time as these vendors write it: in UTC, to the second, without saying so.
fn without_zone(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}
