//! How a round looks.

use std::collections::BTreeMap;

use domain::catalogue::Game;
use domain::ids::PlayerId;
use domain::{MoneyError, Timestamp};
use edge::Problem;
use serde::Serialize;
use store::{Outage, Round, Turn};

/// A round as its player sees it.
#[derive(Serialize)]
pub(crate) struct RoundView {
    round_id: String,
    integration: String,
    game_id: Option<String>,
    status: &'static str,
    currency: &'static str,
    staked: String,
    won: String,
    started_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    transaction_count: usize,
    transactions: Vec<TurnView>,
}

/// A round as staff sees it.
#[derive(Serialize)]
pub(crate) struct OpenRound {
    player_id: PlayerId,
    brand: String,
    #[serde(flatten)]
    round: RoundView,
}

#[derive(Serialize)]
struct TurnView {
    transaction_id: String,
    r#type: &'static str,
    amount: String,
    at: Timestamp,
}

impl RoundView {
    /// A round among others, with the turns that it has at hand.
    pub(crate) fn of(round: &Round) -> Result<Self, Problem> {
        Self::with(round, &round.turns)
    }

    /// A round with some of its turns.
    pub(crate) fn with(round: &Round, turns: &BTreeMap<u64, Turn>) -> Result<Self, Problem> {
        let broken = |error: MoneyError| Problem::from(Outage::new("add up a round", error.to_string()));
        let integration = &round.key.integration;
        Ok(Self {
            round_id: format!("{integration}:{}", round.key.round),
            integration: integration.clone(),
            game_id: (!round.game.is_empty()).then(|| Game::id_of(integration, &round.game)),
            status: round.state().as_str(),
            currency: round.currency.code(),
            staked: round.staked().map_err(broken)?.to_text(),
            won: round.won().map_err(broken)?.to_text(),
            started_at: round.started_at(),
            ended_at: round.ended_at(),
            transaction_count: round.turn_count(),
            transactions: turns.values().map(|turn| TurnView::of(integration, turn)).collect(),
        })
    }
}

impl OpenRound {
    pub(crate) fn of(round: &Round) -> Result<Self, Problem> {
        Ok(Self { player_id: round.player, brand: round.brand.clone(), round: RoundView::of(round)? })
    }
}

impl TurnView {
    fn of(integration: &str, turn: &Turn) -> Self {
        Self {
            transaction_id: format!("{integration}:{}", turn.transaction),
            r#type: turn.kind.as_str(),
            amount: turn.amount.to_text(),
            at: turn.at,
        }
    }
}
