//! The games that a vendor has, and what becomes of them: some are listed, some are not for everybody, and now and then
//! the vendor is down.

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};

/// A game of the vendor's.
#[derive(Clone, Debug, Deserialize)]
pub struct Game {
    /// The vendor's code for it.
    pub code: String,
    /// What players call it.
    pub name: String,
    /// The vendor's category.
    #[serde(default)]
    pub category: Option<String>,
    /// What it returns, in percent.
    #[serde(default)]
    pub rtp: Option<String>,
    /// The currencies it can be played in; none named means all.
    #[serde(default)]
    pub currencies: Vec<String>,
    /// The countries it is kept from.
    #[serde(default)]
    pub blocked_countries: Vec<String>,
    /// What it runs on, `desktop` and `mobile`; none named means both.
    #[serde(default)]
    pub devices: Vec<String>,
    /// Whether it cannot be played now.
    #[serde(default)]
    pub disabled: bool,
}

/// What is not as usual. Nothing, unless the vendor is told so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Stock {
    /// The games that the vendor no longer has, by codes.
    pub without: BTreeSet<String>,
    /// Whether the vendor answers no call for games or their list.
    pub down: bool,
}

pub(super) struct Shelf {
    games: Vec<Game>,
    stock: Mutex<Stock>,
}

impl Game {
    /// What it runs on.
    #[must_use]
    pub fn devices(&self) -> Vec<&str> {
        let named: Vec<&str> = self.devices.iter().map(String::as_str).collect();
        if named.is_empty() { vec!["desktop", "mobile"] } else { named }
    }
}

impl Shelf {
    pub(super) fn new(games: Vec<Game>) -> Self {
        Self { games, stock: Mutex::default() }
    }

    /// The games that the vendor has now, disabled ones included; none while it is down.
    pub(super) fn listed(&self) -> Option<Vec<&Game>> {
        let stock = self.stock();
        let listed = self.games.iter().filter(|game| !stock.without.contains(&game.code)).collect();
        (!stock.down).then_some(listed)
    }

    /// A game by its code, whatever became of it.
    pub(super) fn game(&self, code: &str) -> Option<&Game> {
        self.games.iter().find(|game| game.code == code)
    }

    pub(super) fn stock(&self) -> MutexGuard<'_, Stock> {
        self.stock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
