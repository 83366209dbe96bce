//! Bets with references of their own: each is placed once, and then settled or cancelled, once; or it is forbidden
//! before it comes, and never comes.

use std::collections::BTreeMap;

use serde_json::Value;

use super::book::Book;
use super::entry::Entry;
use super::play::{BONUS, PAYOUTS, Paid, Played, STAKES, says};
use super::rules::{CASH, Postings, moved, same};
use super::{Asked, BetCall, BetStep, Micros, Wager, attribute, number};

const JACKPOTS: &str = "house:jackpots";
const PROMOTIONS: &str = "house:promotions";

/// The bets of a player, by their references under the vendor's name.
#[derive(Default)]
pub(crate) struct Bets(BTreeMap<String, Bet>);

struct Bet {
    /// The key of the stake; none of a bet that was cancelled before it came.
    placed_by: Option<String>,
    since: u64,
    end: Option<End>,
}

struct End {
    since: u64,
    /// The key of what it was paid by; none of a bet that was cancelled.
    paid_by: Option<String>,
}

/// How far a bet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Unknown,
    Open,
    Settled,
    Cancelled,
    Forbidden,
}

/// Checks an entry about a bet against what was asked, and tells which postings it must have.
pub(super) fn postings(book: &Book, entry: &Entry, call: &BetCall) -> Result<Postings, String> {
    let BetCall { step, reference, wager, token, .. } = call;
    let state = book.bets.state_at(reference, book.version());
    let wrong =
        |what: &str| Err(format!("{} {}: {what}; its bet is {state:?} ({call:?})", entry.kind, entry.key));
    match (entry.kind.as_str(), step, state) {
        ("bet_placed", BetStep::Place, State::Unknown) => {
            if !book.sessions.is_good(book, token, entry.at_ms) {
                return wrong("a stake under a token that was over");
            }
            let paid = Paid::of_stake(wager.amount, book.now());
            says(entry, wager, paid)?;
            Ok(paid.moved((CASH, BONUS), STAKES))
        }
        ("bet_won", BetStep::Settle, State::Open) => {
            if entry.bet().as_ref() != Some(reference) {
                return wrong("another bet");
            }
            let paid = Paid::of_winnings(wager.amount, book.bets.paid_with(&book.played, reference));
            says(entry, wager, paid)?;
            Ok(paid.from(PAYOUTS))
        }
        ("rolled_back", BetStep::Cancel, _) if entry.target().as_ref() != Some(reference) => {
            wrong("another target")
        }
        ("rolled_back", BetStep::Cancel, State::Open)
            if entry.undid() && book.bets.is_placed_by(reference, &wager.key) =>
        {
            Ok(book.bets.paid_with(&book.played, reference).from(STAKES))
        }
        ("rolled_back", BetStep::Cancel, State::Unknown) if !entry.undid() => Ok(Postings::new()),
        _ => wrong("not now, or nobody asked for it"),
    }
}

/// The same of a prize: it is real money, whatever was staked with.
pub(super) fn prize(entry: &Entry, wager: &Wager, kind: &str) -> Result<Postings, String> {
    same(entry, "amount", wager.amount)?;
    let (reason, payer) = match kind {
        "JackpotWin" => ("jackpot", JACKPOTS),
        "FreeRoundPlayableSpent" => ("free_rounds", PROMOTIONS),
        _ => ("promotion", PROMOTIONS),
    };
    if entry.text("reason") == Some(reason) {
        return Ok(moved(payer, CASH, wager.amount));
    }
    Err(format!("{} {}: {:?} instead of {reason}", entry.kind, entry.key, entry.text("reason")))
}

impl Bets {
    /// How far a bet was at a version.
    pub(super) fn state_at(&self, reference: &str, version: u64) -> State {
        let Some(bet) = self.0.get(reference).filter(|it| it.since <= version) else { return State::Unknown };
        match &bet.end {
            _ if bet.placed_by.is_none() => State::Forbidden,
            Some(End { since, paid_by }) if *since <= version => {
                if paid_by.is_some() {
                    State::Settled
                } else {
                    State::Cancelled
                }
            }
            _ => State::Open,
        }
    }

    pub(super) fn is_placed_by(&self, reference: &str, stake: &str) -> bool {
        self.0.get(reference).is_some_and(|it| it.placed_by.as_deref() == Some(stake))
    }

    /// The key of a bet's stake, by its reference; what is no such reference is a key itself.
    pub(super) fn stake_of(&self, reference: String) -> String {
        self.0.get(&reference).and_then(|it| it.placed_by.clone()).unwrap_or(reference)
    }

    fn paid_with(&self, played: &BTreeMap<String, Played>, reference: &str) -> Paid {
        played.get(&self.stake_of(reference.to_owned())).map(|it| it.paid).unwrap_or_default()
    }

    /// Remembers what an entry changes. It does not tell the reference of a bet that it places: what was asked does.
    pub(super) fn learn(&mut self, entry: &Entry, asked: Option<&Vec<Asked>>) {
        let call = asked.into_iter().flatten().find_map(|it| match it {
            Asked::OnBet(call) => Some(call),
            _ => None,
        });
        let Some(BetCall { reference, .. }) = call else { return };
        let since = entry.seq;
        match entry.kind.as_str() {
            "bet_placed" => {
                let bet = Bet { placed_by: Some(entry.key.clone()), since, end: None };
                self.0.insert(reference.clone(), bet);
            }
            "rolled_back" if !entry.undid() => {
                self.0.insert(reference.clone(), Bet { placed_by: None, since, end: None });
            }
            kind => {
                let paid_by = (kind == "bet_won").then(|| entry.key.clone());
                if let Some(bet) = self.0.get_mut(reference) {
                    bet.end = Some(End { since, paid_by });
                }
            }
        }
    }

    /// Whether the records are these bets, all of them and no others, as far as they are.
    pub(super) fn are(&self, played: &BTreeMap<String, Played>, records: &[Value]) -> Result<(), String> {
        if records.len() != self.0.len() {
            return Err(format!("{} bets are recorded instead of {}", records.len(), self.0.len()));
        }
        records.iter().try_for_each(|record| self.has(played, record))
    }

    fn has(&self, played: &BTreeMap<String, Played>, record: &Value) -> Result<(), String> {
        let reference = attribute(record, "sk").and_then(|sk| sk.strip_prefix("BET#")).unwrap_or_default();
        let bet = self.0.get(reference).ok_or_else(|| format!("a record of no bet: {record}"))?;
        let part =
            |key: Option<&String>| key.and_then(|it| played.get(it)).map_or(Paid::default(), |it| it.paid);
        let stake = part(bet.placed_by.as_ref());
        let payout = part(bet.end.as_ref().and_then(|it| it.paid_by.as_ref()));
        let amounts: [Micros; 4] = [stake.cash, stake.bonus, payout.cash, payout.bonus];
        let by = bet.placed_by.as_ref().and_then(|key| key.split_once('#')).map_or("", |(_, tx)| tx);
        let so_far = self.state_at(reference, u64::MAX).name();
        let as_it_is = attribute(record, "state") == Some(so_far)
            && attribute(record, "by") == Some(by)
            && ["stake", "bstake", "paid", "bpaid"].map(|name| number(record, name)) == amounts.map(Some);
        if as_it_is {
            return Ok(());
        }
        Err(format!("a bet that is {so_far}, {amounts:?}, by {by}, is recorded as {record}"))
    }
}

impl State {
    /// As the records call it.
    const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Open => "open",
            Self::Settled => "settled",
            Self::Cancelled => "cancelled",
            Self::Forbidden => "forbidden",
        }
    }
}
