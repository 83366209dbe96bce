//! The list of games that `SoftSwiss` lets us offer. It is public: the call is not signed.

use std::collections::BTreeMap;

use http::Method;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{SoftSwiss, launch};
use crate::call::{CallFailure, InboundAnswer, OutboundCall};
use crate::games::{ListedGame, answers};

pub(super) const PATH: &str = "/api/v1/operator/games";

/// The call that asks for the list.
pub(super) fn call(softswiss: &SoftSwiss) -> OutboundCall {
    let mut url = softswiss.endpoints.games.clone();
    url.query_pairs_mut().append_pair("operator", &softswiss.casino_id);
    let headers = BTreeMap::from([("accept", "application/json".to_owned())]);
    OutboundCall { method: Method::GET, url: url.to_string(), headers, body: Vec::new() }
}

/// The list out of the answer, which holds only games that can be played now.
pub(super) fn games(answer: &InboundAnswer) -> Result<Vec<ListedGame>, CallFailure> {
    let Games { games } = answers::read(answer, launch::words)?;
    Ok(games.into_iter().map(ListedGame::from).collect())
}

#[derive(Deserialize)]
struct Games {
    games: Vec<Game>,
}

#[derive(Deserialize)]
struct Game {
    identifier: String,
    title: String,
    #[serde(default)]
    category: Option<String>,
    #[serde(default)]
    payout: Option<Box<RawValue>>,
    #[serde(default)]
    currencies: Vec<String>,
    #[serde(default)]
    restrictions: Restrictions,
}

#[derive(Default, Deserialize)]
struct Restrictions {
    #[serde(default)]
    default: Blacklist,
}

#[derive(Default, Deserialize)]
struct Blacklist {
    #[serde(default)]
    blacklist: Vec<String>,
}

impl From<Game> for ListedGame {
    fn from(game: Game) -> Self {
        Self {
            code: game.identifier,
            name: game.title,
            category: game.category,
            rtp: game.payout.and_then(|payout| answers::number(&payout)),
            currencies: game.currencies,
            blocked_countries: game.restrictions.default.blacklist,
            devices: Vec::new(),
            enabled: true,
        }
    }
}
