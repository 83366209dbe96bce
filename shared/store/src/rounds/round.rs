//! A round as the facts tell of it. It follows from the set of its turns alone: their order and their repeats do not
//! matter.

use std::collections::BTreeMap;

use domain::ids::PlayerId;
use domain::{Currency, Money, MoneyError, Timestamp};
use serde::{Deserialize, Serialize};

use super::rest::Rest;

/// How many turns a round's own item has room for. Few rounds have more; a vendor sets them no bound.
pub(super) const ROOM: usize = 25;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
    /// Its turns, by the numbers of their facts: all but the rest.
    pub turns: BTreeMap<u64, Turn>,
    /// What its further turns come to.
    pub rest: Rest,
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
        let stakes = self.count(TurnKind::Bet) + self.count(TurnKind::FreeBet);
        let (stakes_undone, wins_undone) =
            (self.count(TurnKind::BetRolledBack), self.count(TurnKind::WinRolledBack));
        let is_undone = stakes <= stakes_undone
            && self.count(TurnKind::Win) <= wins_undone
            && stakes_undone + wins_undone > 0;
        if is_undone {
            RoundState::Void
        } else if self.closed_at().is_some() {
            RoundState::Finished
        } else {
            RoundState::Open
        }
    }

    /// When its first turn was.
    #[must_use]
    pub fn started_at(&self) -> Option<Timestamp> {
        self.turns.values().map(|turn| turn.at).chain(self.rest.began_at).min()
    }

    /// When it was over; none if it is not.
    #[must_use]
    pub fn ended_at(&self) -> Option<Timestamp> {
        match self.state() {
            RoundState::Open => None,
            RoundState::Finished => self.closed_at(),
            RoundState::Void => self.turns.values().map(|turn| turn.at).chain(self.rest.last_at).max(),
        }
    }

    /// How many turns it has in all.
    #[must_use]
    pub fn turn_count(&self) -> usize {
        self.turns.len().saturating_add(self.rest.len())
    }

    /// The lowest number of its facts.
    pub(super) fn first(&self) -> Option<u64> {
        self.turns.keys().copied().chain(self.rest.first).min()
    }

    /// Takes over turns as long as there is room, and gives back those that it has not: the rest, known or not.
    pub(super) fn learn(&mut self, turns: &BTreeMap<u64, Turn>) -> BTreeMap<u64, Turn> {
        let mut rest = BTreeMap::new();
        for (sequence, turn) in turns {
            if self.turns.len() < ROOM {
                self.turns.entry(*sequence).or_insert_with(|| turn.clone());
            } else if !self.turns.contains_key(sequence) {
                rest.insert(*sequence, turn.clone());
            }
        }
        rest
    }

    fn closed_at(&self) -> Option<Timestamp> {
        let closing = self.turns.values().filter(|turn| turn.closes).map(|turn| turn.at);
        closing.chain(self.rest.closed_at).min()
    }

    fn count(&self, kind: TurnKind) -> usize {
        self.turns.values().filter(|turn| turn.kind == kind).count() + self.rest.count(kind)
    }

    fn sum(&self, kind: TurnKind) -> Result<Money, MoneyError> {
        let amounts = self.turns.values().filter(|turn| turn.kind == kind).map(|turn| turn.amount);
        amounts.into_iter().try_fold(self.rest.amount(kind, self.currency), Money::plus)
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
            rest: Rest::default(),
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

    /// Whatever part of the turns is the rest, the round is the same.
    #[test]
    fn the_rest_counts_like_any_turn() {
        use TurnKind::{Bet, BetRolledBack, FreeBet, Win, WinRolledBack};
        let over = [turn(Bet, "2", 2, false), turn(FreeBet, "1", 1, false), turn(Win, "5", 3, true)];
        let void = [
            turn(Bet, "2", 1, false),
            turn(Win, "3", 2, true),
            turn(WinRolledBack, "3", 9, false),
            turn(BetRolledBack, "2", 4, false),
        ];
        for whole in [round(over), round(void)] {
            for further_from in 1..=4 {
                let mut parted = whole.clone();
                for (sequence, turn) in parted.turns.split_off(&further_from) {
                    parted.rest.add(sequence, &turn).unwrap();
                }
                assert_eq!(seen(&parted), seen(&whole));
                assert_eq!(parted.started_at(), whole.started_at());
                assert_eq!((parted.first(), parted.turn_count()), (Some(1), whole.turn_count()));
            }
        }
    }

    #[test]
    fn a_round_takes_over_what_it_has_room_for() {
        let many: BTreeMap<u64, Turn> = (1..=40).map(|it| (it, turn(TurnKind::Bet, "1", 1, false))).collect();
        let mut learning = round([]);
        assert_eq!(learning.learn(&many).keys().copied().collect::<Vec<_>>(), (26..=40).collect::<Vec<_>>());
        assert_eq!(learning.turns.len(), ROOM);
        assert_eq!(learning.learn(&many).len(), 15, "what it holds is not given back");
    }
}
