//! A vendor's list of games, held against what we know of them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Game, Listing, Standing};

/// The longest code that becomes part of a key.
const LONGEST_CODE: usize = 128;
/// The longest name and category that are taken over.
const LONGEST_TEXT: usize = 200;

/// A vendor's list, whole and read.
#[derive(Clone, Debug)]
pub struct VendorList {
    integration: String,
    games: BTreeMap<String, Listing>,
    skipped: usize,
}

/// A list that the vendor can hardly mean: empty, or less than half of what it listed before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the list names {listed} games, and {known} are known")]
pub struct Implausible {
    /// How many the list names.
    pub listed: usize,
    /// How many the list named before.
    pub known: usize,
}

impl VendorList {
    /// A list as the vendor gave it, by codes. What cannot be named in a key or shown is skipped; of a code that comes
    /// twice the first counts.
    pub fn new(integration: &str, listed: impl IntoIterator<Item = (String, Listing)>) -> Self {
        let mut list = Self { integration: integration.to_owned(), games: BTreeMap::new(), skipped: 0 };
        for (code, listing) in listed {
            let usable =
                is_code(&code) && is_text(&listing.name) && listing.category.as_deref().is_none_or(is_text);
            if usable && !list.games.contains_key(&code) {
                list.games.insert(code, listing.in_capitals());
            } else {
                list.skipped = list.skipped.saturating_add(1);
            }
        }
        list
    }

    /// How many games it names.
    #[must_use]
    pub fn len(&self) -> usize {
        self.games.len()
    }

    /// Whether it names none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.games.is_empty()
    }

    /// How many of its lines are of no use.
    #[must_use]
    pub const fn skipped(&self) -> usize {
        self.skipped
    }

    /// Refuses what can hardly be meant, by the games of the vendor's that we know.
    pub fn check(&self, known: &[Game]) -> Result<(), Implausible> {
        let still_there = |game: &&Game| game.listed.as_ref().is_some_and(|it| it.standing != Standing::Gone);
        let (listed, known) = (self.len(), known.iter().filter(still_there).count());
        if listed == 0 || listed.saturating_mul(2) < known {
            return Err(Implausible { listed, known });
        }
        Ok(())
    }

    /// The games that the list changes, as they are from now on, new ones included. Only the vendor's word changes.
    #[must_use]
    pub fn changes(&self, known: &[Game]) -> Vec<Game> {
        let codes: BTreeSet<&str> = known.iter().map(|game| game.code.as_str()).collect();
        let new = self.games.keys().filter(|code| !codes.contains(code.as_str()));
        let new = new.map(|code| Game::new(&self.integration, code));
        known
            .iter()
            .filter_map(|game| self.changed(game))
            .chain(new.filter_map(|game| self.changed(&game)))
            .collect()
    }

    /// A game as the list makes it; none if it stays as it is. A game that the vendor never listed is not missing.
    #[must_use]
    pub fn changed(&self, game: &Game) -> Option<Game> {
        let listed = match self.games.get(&game.code) {
            Some(listing) => listing.clone(),
            None => Listing { standing: Standing::Gone, ..game.listed.clone()? },
        };
        if game.listed.as_ref() == Some(&listed) {
            return None;
        }
        Some(Game { listed: Some(listed), ..game.clone() })
    }
}

impl Listing {
    fn in_capitals(self) -> Self {
        let capitals =
            |codes: BTreeSet<String>| codes.iter().map(|code| code.trim().to_ascii_uppercase()).collect();
        Self {
            currencies: capitals(self.currencies),
            blocked_countries: capitals(self.blocked_countries),
            ..self
        }
    }
}

fn is_code(code: &str) -> bool {
    (1..=LONGEST_CODE).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_text(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= LONGEST_TEXT && !text.chars().any(char::is_control)
}
