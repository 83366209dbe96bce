//! What a vendor's back office keeps for operators: how rounds went, and the free rounds that players have.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;

use super::{
    Game,
    protocol::{Refused, Round, Template, Wanted, fresh_id, text},
    rounds::Report,
};

/// So many rounds are remembered.
const MOST_ROUNDS: usize = 1000;
/// What a template says of the number of rounds, and of the stake of each.
const COMMON: (u32, i64) = (10, 20_000);

#[derive(Default)]
pub(super) struct Desk(Mutex<Records>);

#[derive(Default)]
struct Records {
    rounds: VecDeque<Played>,
    gifts: Vec<Gift>,
    templates: BTreeMap<String, String>,
}

struct Played {
    round: String,
    page: String,
}

/// Free rounds of a player.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Gift {
    /// The vendor's id of them.
    pub(super) id: String,
    /// The operator's, if it told one.
    pub(super) operators_id: Option<String>,
    player: String,
    game: Option<String>,
    left: u32,
    stake: i64,
    /// What they won so far.
    won: i64,
}

impl Desk {
    /// Remembers how a round went.
    pub(super) fn remember(&self, player: &str, game: &str, round: &Round, report: &Report) {
        let won = report.won.map_or_else(|| "nothing".to_owned(), text);
        let page = format!(
            "<!doctype html><title>Round {id}</title><h1>Round {id}</h1><p>Player {player}, game {game}, stake {stake}, \
             won {won}.</p><p>{note}</p>",
            id = round.id,
            stake = text(round.stake),
            note = report.note,
        );
        let mut records = self.lock();
        records.rounds.push_back(Played { round: round.id.clone(), page });
        if records.rounds.len() > MOST_ROUNDS {
            records.rounds.pop_front();
        }
    }

    /// The page that tells how a round went.
    pub(super) fn page(&self, round: &str) -> Result<String, Refused> {
        let records = self.lock();
        let played = records.rounds.iter().find(|played| played.round == round);
        played.map(|played| played.page.clone()).ok_or(Refused(404, "unknown round"))
    }

    /// A template for each game, and one that leaves everything to the operator.
    pub(super) fn templates(&self, games: &[&Game]) -> Vec<Template> {
        let mut records = self.lock();
        let codes = games.iter().map(|game| Some(game.code.clone())).chain([None]);
        let templates = codes.map(|game| {
            let id = records.templates.entry(game.clone().unwrap_or_default()).or_insert_with(fresh_id);
            Template { id: id.clone(), common: game.is_some().then_some(COMMON), game }
        });
        templates.collect()
    }

    /// Gives free rounds: their id. What the operator named before is not given again.
    pub(super) fn give(&self, wanted: Wanted, games: &[&Game]) -> Result<String, Refused> {
        let template = match &wanted.template {
            Some(id) => {
                let known = self.templates(games).into_iter().find(|it| it.id == *id);
                Some(known.ok_or(Refused(404, "unknown template"))?)
            }
            None => None,
        };
        let common = template.as_ref().and_then(|it| it.common).unzip();
        let left = wanted.rounds.or(common.0).ok_or(Refused(400, "how many?"))?;
        let stake = wanted.stake.or(common.1).ok_or(Refused(400, "of what stake?"))?;
        let game = wanted.game.or_else(|| template.and_then(|it| it.game));
        let mut records = self.lock();
        let named = wanted.operators_id.as_ref();
        if named.is_some() && records.gifts.iter().any(|gift| gift.operators_id.as_ref() == named) {
            return Err(Refused(409, "there is one of this id"));
        }
        let id = fresh_id();
        let Wanted { operators_id, player, .. } = wanted;
        records.gifts.push(Gift { id: id.clone(), operators_id, player, game, left, stake, won: 0 });
        Ok(id)
    }

    /// Takes back what is left of them, by either side's id.
    pub(super) fn revoke(&self, id: &str) -> Result<(), Refused> {
        let mut records = self.lock();
        let named = |gift: &&mut Gift| gift.id == id || gift.operators_id.as_deref() == Some(id);
        let found = records.gifts.iter_mut().find(named);
        found.ok_or(Refused(404, "unknown free rounds")).map(|gift| gift.left = 0)
    }

    /// All that was given.
    pub(super) fn gifts(&self) -> Vec<Gift> {
        self.lock().gifts.clone()
    }

    /// The player's next round of a game, if it is free.
    pub(super) fn next(&self, player: &str, game: &str) -> Option<Round> {
        let records = self.lock();
        let fits = |gift: &&Gift| {
            gift.left > 0 && gift.player == player && gift.game.as_deref().is_none_or(|it| it == game)
        };
        let gift = records.gifts.iter().find(fits)?;
        Some(Round { reward: Some(gift.id.clone()), ..Round::new(gift.stake) })
    }

    /// Counts a free round that was played: what all of them won, once it was the last.
    pub(super) fn played(&self, reward: &str, won: i64) -> Option<i64> {
        let mut records = self.lock();
        let gift = records.gifts.iter_mut().find(|gift| gift.id == reward)?;
        gift.left = gift.left.saturating_sub(1);
        gift.won += won;
        (gift.left == 0).then_some(gift.won)
    }

    fn lock(&self) -> MutexGuard<'_, Records> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
