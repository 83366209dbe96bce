//! One die: guess its half or its face. Returns 96 % either way.

use std::ops::RangeInclusive;

use serde::Deserialize;

/// The stakes the game takes, in hundred-thousandths.
pub(super) const STAKES: RangeInclusive<i64> = 1..=100_000_000_000;

/// What the player bets on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) enum Pick {
    /// 1, 2 or 3.
    Low,
    /// 4, 5 or 6.
    High,
    /// One face.
    Face(u8),
}

impl TryFrom<String> for Pick {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.as_str() {
            "low" => Ok(Self::Low),
            "high" => Ok(Self::High),
            face => match face.parse() {
                Ok(face @ 1..=6) => Ok(Self::Face(face)),
                _ => Err("pick low, high or a face from 1 to 6"),
            },
        }
    }
}

impl Pick {
    /// What a stake wins when a face is thrown.
    pub(super) const fn winnings(self, stake: i64, face: u8) -> i64 {
        let percent = match self {
            Self::Low if face <= 3 => 192,
            Self::High if face > 3 => 192,
            Self::Face(guess) if guess == face => 576,
            Self::Low | Self::High | Self::Face(_) => 0,
        };
        stake.saturating_mul(percent) / 100
    }
}

/// Throws the die.
pub(super) fn roll() -> u8 {
    rand::random_range(1..=6)
}
