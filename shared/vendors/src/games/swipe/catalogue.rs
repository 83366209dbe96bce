//! The list of games that Swipe Games lets us offer. It is large and takes them up to 20 seconds.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Swipe, launch, signing};
use crate::call::{CallFailure, InboundAnswer, OutboundCall};
use crate::games::{ListedGame, answers};

pub(super) const PATH: &str = "/games";

/// The signed call that asks for the list, without the bet lines that make it large.
pub(super) fn call(swipe: &Swipe) -> Result<OutboundCall, CallFailure> {
    let parameters = BTreeMap::from([
        ("cID", swipe.client.cid.as_str()),
        ("extCID", swipe.client.ext_cid.as_str()),
        ("excludeBetLines", "true"),
    ]);
    signing::with_query(swipe, &swipe.endpoints.games, &parameters)
}

/// The list out of the answer.
pub(super) fn games(answer: &InboundAnswer) -> Result<Vec<ListedGame>, CallFailure> {
    let games: Vec<Game> = answers::read(answer, signing::words)?;
    Ok(games.into_iter().map(ListedGame::from).collect())
}

#[derive(Deserialize)]
struct Game {
    id: String,
    title: String,
    #[serde(default)]
    rtp: Option<Box<RawValue>>,
    #[serde(default)]
    currencies: Vec<String>,
    #[serde(default)]
    platforms: Vec<String>,
}

impl From<Game> for ListedGame {
    fn from(game: Game) -> Self {
        Self {
            code: game.id,
            name: game.title,
            category: None,
            rtp: game.rtp.and_then(|rtp| answers::number(&rtp)),
            currencies: game.currencies,
            blocked_countries: Vec::new(),
            devices: game.platforms.iter().filter_map(|it| launch::device(it)).collect(),
            enabled: true,
        }
    }
}
