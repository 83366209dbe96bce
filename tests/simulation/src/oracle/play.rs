//! Stakes, winnings and what undoes them: which money pays a stake, and in which its winnings come.

use std::collections::BTreeMap;

use super::book::Book;
use super::entry::{Balances, Entry};
use super::rules::{CASH, OWED, Postings, moved, same, together};
use super::{Asked, Micros, Wager};

pub(super) const BONUS: &str = "player:bonus";
pub(super) const STAKES: &str = "house:stakes";
pub(super) const PAYOUTS: &str = "house:payouts";
const BONUSES: &str = "house:bonuses";
/// The vendor whose winnings name no bet, only a round.
const BY_ROUND: &str = "softswiss#";

/// A stake or winnings.
pub(crate) struct Played {
    pub(crate) is_bet: bool,
    pub(crate) paid: Paid,
    pub(crate) seq: u64,
    pub(crate) undone_at: Option<u64>,
}

/// What a stake was paid with, or winnings in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Paid {
    pub(crate) cash: Micros,
    pub(crate) bonus: Micros,
}

/// The stakes of each round whose winnings name no bet: those since there was bonus money when somebody staked, for
/// before that all winnings are real money.
#[derive(Default)]
pub(crate) struct Rounds(BTreeMap<String, Vec<String>>);

impl Paid {
    pub(crate) const fn total(self) -> Micros {
        self.cash + self.bonus
    }

    /// Real money first.
    pub(super) fn of_stake(stake: Micros, before: Balances) -> Self {
        let cash = stake.min(before.cash);
        Self { cash, bonus: stake - cash }
    }

    /// As the stake was paid. What cannot be divided is real money.
    pub(super) fn of_winnings(winnings: Micros, stake: Self) -> Self {
        let bonus = if stake.bonus == 0 { 0 } else { winnings * stake.bonus / stake.total() };
        Self { cash: winnings - bonus, bonus }
    }

    pub(super) fn moved(self, (cash, bonus): (&str, &str), to: &str) -> Postings {
        together(moved(cash, to, self.cash), moved(bonus, to, self.bonus))
    }

    pub(super) fn from(self, from: &str) -> Postings {
        together(moved(from, CASH, self.cash), moved(from, BONUS, self.bonus))
    }
}

/// Checks an entry of a game against what was asked, and tells which postings it must have.
pub(super) fn postings(book: &Book, entry: &Entry, asked: &Asked) -> Result<Postings, String> {
    let wrong = |what: &str| Err(format!("{} {}: {what} (asked: {asked:?})", entry.kind, entry.key));
    if book.tombs.contains_key(&entry.key) {
        return wrong("was rolled back before it came");
    }
    match (entry.kind.as_str(), asked) {
        ("bet_placed", Asked::Bet(wager)) => {
            let paid = Paid::of_stake(wager.amount, book.now());
            says(entry, wager, paid)?;
            Ok(paid.moved((CASH, BONUS), STAKES))
        }
        ("bet_won", Asked::Win { wager, bet }) => {
            let stake = match bet.as_ref().map(|bet| book.played.get(bet)) {
                Some(Some(played)) if played.is_bet && played.undone_at.is_none() => played.paid,
                Some(Some(_)) => return wrong("its bet was undone"),
                Some(None) => return wrong("its bet is unknown"),
                None => book.rounds.stake(book, entry),
            };
            let paid = Paid::of_winnings(wager.amount, stake);
            says(entry, wager, paid)?;
            Ok(paid.from(PAYOUTS))
        }
        ("rolled_back", Asked::Rollback { target, .. }) => {
            let standing = book.played.get(target).filter(|it| it.undone_at.is_none());
            if entry.target().as_ref() != Some(target) || entry.undid() != standing.is_some() {
                return wrong("another target, or not undone as it should be");
            }
            Ok(standing.map(|played| undoing(book.now(), played)).unwrap_or_default())
        }
        ("round_ended", Asked::End { .. }) => Ok(Postings::new()),
        ("adjusted", Asked::Bonus { amount, given, .. }) => {
            same(entry, "amount", *amount)?;
            let (cause, postings) = match given {
                true => ("bonus_granted", moved(BONUSES, BONUS, *amount)),
                false => ("bonus_forfeited", moved(BONUS, BONUSES, *amount)),
            };
            if entry.text("cause") == Some(cause) { Ok(postings) } else { wrong("another cause") }
        }
        _ => wrong("nobody asked for it"),
    }
}

/// The fact tells the amount, and which part of it is bonus money.
pub(super) fn says(entry: &Entry, wager: &Wager, paid: Paid) -> Result<(), String> {
    same(entry, "amount", wager.amount)?;
    let told = entry.amount("bonus").unwrap_or_default();
    if told == paid.bonus {
        return Ok(());
    }
    Err(format!("{} {}: {told} of it is bonus instead of {}", entry.kind, entry.key, paid.bonus))
}

/// What undoes a stake or winnings: every part goes back to where it came from. Of winnings that were spent meanwhile
/// the real money is owed, and the bonus money is lost to the house.
fn undoing(now: Balances, played: &Played) -> Postings {
    let paid = played.paid;
    if played.is_bet {
        return paid.from(STAKES);
    }
    let there = Paid { cash: paid.cash.min(now.cash), bonus: paid.bonus.min(now.bonus) };
    let gone = Paid { cash: paid.cash - there.cash, bonus: paid.bonus - there.bonus };
    together(there.moved((CASH, BONUS), PAYOUTS), gone.moved((OWED, BONUSES), PAYOUTS))
}

impl Rounds {
    /// What was staked in an entry's round and stands.
    fn stake(&self, book: &Book, entry: &Entry) -> Paid {
        let bets = entry.round().and_then(|round| self.0.get(&round));
        let played = bets.into_iter().flatten().filter_map(|bet| book.played.get(bet));
        let standing = played.filter(|it| it.undone_at.is_none());
        standing.fold(Paid::default(), |sum, it| Paid {
            cash: sum.cash + it.paid.cash,
            bonus: sum.bonus + it.paid.bonus,
        })
    }

    fn learn(&mut self, entry: &Entry, bonus_before: Micros) {
        let Some(round) = entry.round().filter(|it| it.starts_with(BY_ROUND)) else { return };
        match entry.kind.as_str() {
            "round_ended" => drop(self.0.entry(round).or_default()),
            "bet_placed" if bonus_before > 0 || self.0.contains_key(&round) => {
                self.0.entry(round).or_default().push(entry.key.clone());
            }
            _ => {}
        }
    }
}

impl Book {
    /// Whether a transaction is undone at a version, or will never be.
    pub(super) fn is_gone(&self, key: &str, version: u64) -> bool {
        let undone = self.played.get(key).and_then(|it| it.undone_at);
        undone.or_else(|| self.tombs.get(key).copied()).is_some_and(|since| since <= version)
    }

    /// Remembers what an entry of a game changes besides balances.
    pub(super) fn learn_play(&mut self, entry: &Entry) {
        let bonus_before = self.at(entry.seq.saturating_sub(1)).bonus;
        self.rounds.learn(entry, bonus_before);
        let seq = entry.seq;
        match (entry.kind.as_str(), entry.target()) {
            ("rolled_back", Some(target)) => match self.played.get_mut(&self.bets.stake_of(target.clone())) {
                Some(played) => {
                    played.undone_at.get_or_insert(seq);
                }
                None => {
                    self.tombs.entry(target).or_insert(seq);
                }
            },
            (kind @ ("bet_placed" | "bet_won"), _) => {
                let part = |account| entry.postings.get(account).copied().unwrap_or_default().abs();
                let paid = Paid { cash: part(CASH), bonus: part(BONUS) };
                let played = Played { is_bet: kind == "bet_placed", paid, seq, undone_at: None };
                self.played.insert(entry.key.clone(), played);
            }
            _ => {}
        }
    }
}
