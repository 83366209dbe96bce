//! Our calls to Hub88 or a relative that no player waits for: the list of games, a round's page, free bets.
//!
//! Hub88 takes the list and the prepaids once a minute, and answers HTTP 429 to more.

use std::time::Duration;

use domain::ids::{FreeRoundsId, PlayerId};
use domain::{Currency, Money, Timestamp};
use serde::{Deserialize, Serialize};

use super::OperatorId;
use super::launch;
use super::line::{Line, words};
use super::reading::PLACES;
use super::render::Dialect;
use crate::call::{CallFailure, InboundAnswer, OutboundCall};
use crate::games::{
    FreeRounds, GameCatalogue, Gift, ListedGame, NoGift, Revocation, Revoked, RoundDetails, RoundPage,
    Template, Templates, answers,
};

const GAMES_PATH: &str = "/game/list";
const ROUND_PATH: &str = "/game/round";
const PREPAIDS_PATH: &str = "/freebet/prepaids/list";
const REWARDS_PATH: &str = "/freebet/rewards/create";
const CANCEL_PATH: &str = "/freebet/rewards/cancel";

/// Who we are to Hub88 or a relative, and the line to it.
pub(super) struct Operator {
    pub(super) id: OperatorId,
    /// Which of our casinos it is, where the vendor tells them apart.
    pub(super) sub_partner_id: Option<String>,
    pub(super) dialect: Dialect,
    pub(super) line: Line,
}

/// Who asks: the operator, and which of its casinos where it has several.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Asker<'a> {
    pub(super) operator_id: &'a OperatorId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sub_partner_id: Option<&'a str>,
}

impl Operator {
    pub(super) fn casino(&self) -> Asker<'_> {
        Asker { operator_id: &self.id, sub_partner_id: self.sub_partner_id.as_deref() }
    }

    /// Lists are the operator's, whichever casino it is for.
    const fn as_a_whole(&self) -> Asker<'_> {
        Asker { operator_id: &self.id, sub_partner_id: None }
    }
}

impl GameCatalogue for Operator {
    fn catalogue_call(&self) -> Result<OutboundCall, CallFailure> {
        self.line.call(GAMES_PATH, &self.as_a_whole())
    }

    fn catalogue(&self, answer: &InboundAnswer) -> Result<Vec<ListedGame>, CallFailure> {
        let games: Vec<Game> = answers::read(answer, words)?;
        Ok(games.into_iter().filter_map(Game::listed).collect())
    }

    /// More than one call a minute is turned away.
    fn interval(&self) -> Duration {
        Duration::from_mins(1)
    }
}

impl RoundDetails for Operator {
    fn round_call(&self, player: PlayerId, round: &str) -> Result<OutboundCall, CallFailure> {
        self.line.call(ROUND_PATH, &RoundOf { asker: self.casino(), user: player.to_string(), round })
    }

    fn round_page(&self, answer: &InboundAnswer) -> Result<RoundPage, CallFailure> {
        launch::url(answer).map(RoundPage::Address)
    }
}

impl FreeRounds for Operator {
    /// Nothing in a call tells its repeat from another one.
    fn gives_once(&self) -> bool {
        false
    }

    fn templates(&self) -> Option<&dyn Templates> {
        Some(self)
    }

    /// Free bets follow a template, of which the game is one part.
    fn give_call(&self, gift: &Gift) -> Result<OutboundCall, NoGift> {
        let template = gift.template.as_deref().filter(|it| !it.is_empty());
        let prepaid_uuid = template.ok_or(NoGift::part("template", "must name one of the vendor's"))?;
        if gift.bet_line.is_some() {
            return Err(NoGift::part("bet_line", "is unknown to the vendor"));
        }
        let bet_value = gift.round_value.map(|value| value.to_minor(PLACES)).transpose();
        let body = Grant {
            asker: self.casino(),
            user: gift.player.to_string(),
            prepaid_uuid,
            game_code: (self.dialect == Dialect::Hub88).then_some(&gift.game),
            bet_count: gift.rounds,
            currency: gift.round_value.map(|value| value.currency().code()),
            bet_value: bet_value
                .map_err(|_| NoGift::part("round_value", "is finer than the vendor counts"))?,
            start_time: without_zone(gift.starts_at),
            end_time: without_zone(gift.ends_at),
        };
        Ok(self.line.call(REWARDS_PATH, &body)?)
    }

    /// The vendor's id of what was given, which its free bets will name.
    fn given(&self, answer: &InboundAnswer) -> Result<Option<String>, CallFailure> {
        answers::read(answer, words).map(|Given { reward_uuid }| Some(reward_uuid))
    }

    fn revocation(&self) -> Option<&dyn Revocation> {
        (self.dialect == Dialect::Caleta).then_some(self)
    }
}

impl Revocation for Operator {
    /// Free bets go by the vendor's id of them, which its answer told.
    fn revoke_call(&self, _: FreeRoundsId, reference: Option<&str>) -> Result<OutboundCall, CallFailure> {
        let unknown = || CallFailure::Refused("its id of them was never told".to_owned());
        let reward_uuid = reference.ok_or_else(unknown)?;
        self.line.call(CANCEL_PATH, &Cancel { operator_id: &self.id, reward_uuid })
    }

    fn revoked(&self, answer: &InboundAnswer) -> Result<Revoked, CallFailure> {
        answers::taken_back(answer, words)
    }
}

impl Templates for Operator {
    fn templates_call(&self) -> Result<OutboundCall, CallFailure> {
        self.line.call(PREPAIDS_PATH, &self.as_a_whole())
    }

    fn templates(&self, answer: &InboundAnswer) -> Result<Vec<Template>, CallFailure> {
        let prepaids: Vec<Prepaid> = answers::read(answer, words)?;
        Ok(prepaids.into_iter().map(Template::from).collect())
    }
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
    /// For templates that leave it open. Caleta's do not.
    #[serde(skip_serializing_if = "Option::is_none")]
    game_code: Option<&'a String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bet_count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bet_value: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<&'static str>,
    start_time: String,
    end_time: String,
}

#[derive(Serialize)]
struct Cancel<'a> {
    operator_id: &'a OperatorId,
    reward_uuid: &'a str,
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
struct Prepaid {
    #[serde(rename = "prepaid_uuid")]
    id: String,
    #[serde(default)]
    game_code: Option<String>,
    #[serde(default)]
    currency: Option<String>,
    #[serde(default)]
    bet_count: Option<u32>,
    #[serde(default)]
    bet_value: Option<i64>,
}

impl From<Prepaid> for Template {
    fn from(listed: Prepaid) -> Self {
        let currency = listed.currency.as_deref().and_then(|code| code.parse::<Currency>().ok());
        let bet_value = listed.bet_value.zip(currency);
        Self {
            id: listed.id,
            game: listed.game_code,
            rounds: listed.bet_count,
            round_value: bet_value.and_then(|(value, it)| Money::from_minor(value, PLACES, it).ok()),
            currency: listed.currency,
        }
    }
}

/// A time as these vendors write it: in UTC, to the second, without saying so.
fn without_zone(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}
