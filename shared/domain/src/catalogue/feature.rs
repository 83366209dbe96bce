//! What a game lets players do, and what a jurisdiction says of that.

use std::collections::BTreeSet;
use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What a game lets players do, or does to them, as far as jurisdictions have rules for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// Rounds follow each other without a press of the player's.
    Autoplay,
    /// A round can be made shorter.
    Turbo,
    /// The outcome can be called before its time, which looks like skill.
    SlamStop,
    /// Several games can be played at once.
    MultiSlot,
    /// It celebrates returns that are no more than the stake.
    LdwCelebration,
    /// Stakes feed a prize that grows over many rounds.
    Jackpot,
    /// A slot that plays like roulette, blackjack or baccarat.
    TableSlot,
}

/// What a jurisdiction says of games.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GameRules {
    /// What no game may have.
    pub banned: BTreeSet<Feature>,
    /// The least that a game may return to players, in percent.
    pub min_rtp: Option<Decimal>,
}

impl Feature {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Autoplay,
        Self::Turbo,
        Self::SlamStop,
        Self::MultiSlot,
        Self::LdwCelebration,
        Self::Jackpot,
        Self::TableSlot,
    ];

    /// The word for it on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Autoplay => "autoplay",
            Self::Turbo => "turbo",
            Self::SlamStop => "slam_stop",
            Self::MultiSlot => "multi_slot",
            Self::LdwCelebration => "ldw_celebration",
            Self::Jackpot => "jackpot",
            Self::TableSlot => "table_slot",
        }
    }

    /// The feature that a word is for.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|feature| feature.word() == word)
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(self.word())
    }
}
