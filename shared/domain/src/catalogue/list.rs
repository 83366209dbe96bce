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

/// A list that the vendor can hardly mean: empty, or without most of what it named before, however many new games it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the list names {kept} of the {before} games that it named before, and {new} others")]
pub struct Implausible {
    /// How many the list named before.
    pub before: usize,
    /// How many of them it still names.
    pub kept: usize,
    /// How many others it names.
    pub new: usize,
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
        let named_before =
            |game: &&Game| game.listed.as_ref().is_some_and(|it| it.standing != Standing::Gone);
        let (mut before, mut kept) = (0_usize, 0_usize);
        for game in known.iter().filter(named_before) {
            before = before.saturating_add(1);
            kept = kept.saturating_add(usize::from(self.games.contains_key(&game.code)));
        }
        if self.is_empty() || kept.saturating_mul(2) < before {
            return Err(Implausible { before, kept, new: self.len().saturating_sub(kept) });
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
