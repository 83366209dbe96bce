//! A round as the facts tell of it. It follows from the set of its turns alone: their order and their repeats do not
//! matter.

use std::collections::BTreeMap;

use domain::ids::PlayerId;
use domain::{Currency, Money, MoneyError, Timestamp};
use serde::{Deserialize, Serialize};

/// Which round: the vendor's own words for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoundKey {
    /// The game vendor.
    pub integration: String,
    /// The vendor's round.
    pub round: String,
}

/// What one fact says of a round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// What happened.
    #[serde(rename = "k")]
    pub kind: TurnKind,
    /// The vendor's transaction.
    #[serde(rename = "tx")]
    pub transaction: String,
    /// How much: never below zero, whichever way it went.
    #[serde(rename = "a")]
    pub amount: Money,
    /// When.
    pub at: Timestamp,
    /// Whether the vendor says that the round is over.
    #[serde(default, rename = "c", skip_serializing_if = "std::ops::Not::not")]
    pub closes: bool,
}

/// What can happen in a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnKind {
    /// A stake.
    Bet,
    /// A stake that was the house's: the amount is nominal.
    FreeBet,
    /// Winnings.
    Win,
    /// A stake given back.
    BetRolledBack,
    /// Winnings taken back.
    WinRolledBack,
    /// The end, said by itself.
    Ended,
}

/// How far a round is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoundState {
    /// Somebody has to say how it ended.
    Open,
    /// The vendor said that it is over.
    Finished,
    /// Every stake was given back and nothing was won.
    Void,
}

/// A round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// Whose.
    pub player: PlayerId,
    /// Which.
    pub key: RoundKey,
    /// The vendor's game code; empty where nothing told it.
    pub game: String,
    /// The player's brand.
    pub brand: String,
    /// The wallet's currency.
    pub currency: Currency,
    /// Its turns, by the numbers of their facts.
    pub turns: BTreeMap<u64, Turn>,
}

impl Round {
    /// What was staked in all, less what was given back. Free stakes are not counted.
    pub fn staked(&self) -> Result<Money, MoneyError> {
        self.sum(TurnKind::Bet)?.minus(self.sum(TurnKind::BetRolledBack)?)
    }

    /// What was won in all, less what was taken back.
    pub fn won(&self) -> Result<Money, MoneyError> {
        self.sum(TurnKind::Win)?.minus(self.sum(TurnKind::WinRolledBack)?)
    }

    /// How far it is.
    #[must_use]
    pub fn state(&self) -> RoundState {
        let count = |kind| self.turns.values().filter(|turn| turn.kind == kind).count();
        let stakes = count(TurnKind::Bet) + count(TurnKind::FreeBet);
        let is_undone = stakes <= count(TurnKind::BetRolledBack)
            && count(TurnKind::Win) <= count(TurnKind::WinRolledBack)
            && count(TurnKind::BetRolledBack) + count(TurnKind::WinRolledBack) > 0;
        if is_undone {
            RoundState::Void
        } else if self.turns.values().any(|turn| turn.closes) {
            RoundState::Finished
        } else {
            RoundState::Open
        }
    }

    /// When its first turn was.
    #[must_use]
    pub fn started_at(&self) -> Option<Timestamp> {
        self.turns.values().map(|turn| turn.at).min()
    }

    /// When it was over; none if it is not.
    #[must_use]
    pub fn ended_at(&self) -> Option<Timestamp> {
        match self.state() {
            RoundState::Open => None,
            RoundState::Finished => self.turns.values().filter(|turn| turn.closes).map(|turn| turn.at).min(),
            RoundState::Void => self.turns.values().map(|turn| turn.at).max(),
        }
    }

    /// Takes over turns. False if all of them were known.
    pub(super) fn learn(&mut self, turns: &BTreeMap<u64, Turn>) -> bool {
        let before = self.turns.len();
        for (sequence, turn) in turns {
            self.turns.entry(*sequence).or_insert_with(|| turn.clone());
        }
        self.turns.len() > before
    }

    fn sum(&self, kind: TurnKind) -> Result<Money, MoneyError> {
        let amounts = self.turns.values().filter(|turn| turn.kind == kind).map(|turn| turn.amount);
        amounts.into_iter().try_fold(Money::zero(self.currency), Money::plus)
    }
}

impl TurnKind {
    /// Its name, as players read it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bet => "bet",
            Self::FreeBet => "free_bet",
            Self::Win => "win",
            Self::BetRolledBack => "bet_rolled_back",
            Self::WinRolledBack => "win_rolled_back",
            Self::Ended => "ended",
        }
    }
}

impl RoundState {
    /// Its name, as players read it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Finished => "finished",
            Self::Void => "void",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(kind: TurnKind, amount: &str, minute: i64, closes: bool) -> Turn {
        Turn {
            kind,
            transaction: format!("{kind:?}{minute}"),
            amount: format!("{amount} EUR").parse().unwrap(),
            at: Timestamp::from_second(60 * minute).unwrap(),
            closes,
        }
    }

    fn round(turns: impl IntoIterator<Item = Turn>) -> Round {
        Round {
            player: "ply_01HZX3M2T9QK4V7W8Y6N5R1ABC".parse().unwrap(),
            key: RoundKey { integration: "hub88".to_owned(), round: "r1".to_owned() },
            game: "dice".to_owned(),
            brand: "demo".to_owned(),
            currency: "EUR".parse().unwrap(),
            turns: (1..).zip(turns).collect(),
        }
    }

    fn seen(round: &Round) -> (String, String, RoundState, Option<i64>) {
        let minute = round.ended_at().map(|at| at.as_second() / 60);
        (round.staked().unwrap().to_text(), round.won().unwrap().to_text(), round.state(), minute)
    }

    #[test]
    fn a_round_is_open_until_the_vendor_says_otherwise() {
        use TurnKind::{Bet, Win};
        let open = round([turn(Bet, "2", 1, false), turn(Bet, "1", 2, false), turn(Win, "5", 3, false)]);
        assert_eq!(seen(&open), ("3.00".to_owned(), "5.00".to_owned(), RoundState::Open, None));
        let over = round([turn(Bet, "2", 1, false), turn(Win, "0", 3, true)]);
        assert_eq!(seen(&over), ("2.00".to_owned(), "0.00".to_owned(), RoundState::Finished, Some(3)));
        assert_eq!(over.started_at().unwrap().as_second(), 60);
    }

    #[test]
    fn a_round_whose_stakes_all_came_back_is_void() {
        use TurnKind::{Bet, BetRolledBack, Win};
        let void = round([turn(Bet, "2", 1, false), turn(BetRolledBack, "2", 4, false)]);
        assert_eq!(seen(&void), ("0.00".to_owned(), "0.00".to_owned(), RoundState::Void, Some(4)));
        let rest = [turn(Bet, "2", 1, false), turn(Bet, "3", 2, false), turn(BetRolledBack, "2", 4, false)];
        assert_eq!(round(rest).state(), RoundState::Open);
        let won = [turn(Bet, "2", 1, false), turn(Win, "3", 2, false), turn(BetRolledBack, "2", 4, false)];
        assert_eq!(round(won).state(), RoundState::Open, "winnings without a stake are somebody's business");
    }

    #[test]
    fn free_stakes_cost_nobody_anything() {
        let free = round([turn(TurnKind::FreeBet, "2", 1, false), turn(TurnKind::Win, "3", 2, true)]);
        assert_eq!(seen(&free), ("0.00".to_owned(), "3.00".to_owned(), RoundState::Finished, Some(2)));
    }
}
