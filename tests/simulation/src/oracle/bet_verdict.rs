//! Answers about bets with references of their own. What is refused must have had its reason at a moment while it was
//! asked for; and whatever is answered, the funds told along are those of that moment.

use super::bets::State;
use super::book::Book;
use super::entry::{Balances, Entry};
use super::verdict::{Judged, is_verified, unclear};
use super::words::Said;
use super::{BetCall, BetStep, Heard, Wager};

pub(super) fn judge(book: &Book, call: &BetCall, heard: &Heard) -> Judged {
    if matches!(heard.said(), Said::Nothing) {
        return unclear(heard);
    }
    match call.step {
        BetStep::Place => place(book, call, heard),
        BetStep::Settle => settle(book, call, heard),
        BetStep::Cancel => cancel(book, call, heard),
    }
}

/// A prize is paid once; the same again with another amount is no repeat.
pub(super) fn prize(book: &Book, wager: &Wager, heard: &Heard) -> Judged {
    let is_mine = |entry: &Entry| entry.kind == "bet_won" && entry.amount("amount") == Some(wager.amount);
    match heard.said() {
        Said::Done(_) => heard.is(acknowledged(book, &wager.key, heard, is_mine)),
        Said::OtherData => heard.is(other_data(book, &wager.key, heard, is_mine)),
        _ => unclear(heard),
    }
}

fn place(book: &Book, call: &BetCall, heard: &Heard) -> Judged {
    let BetCall { key, reference, wager, token, .. } = call;
    let is_mine = |entry: &Entry| {
        entry.kind == "bet_placed" && book.bets.is_placed_by(reference, key) && has(entry, wager)
    };
    let state = |version| book.bets.state_at(reference, version);
    match heard.said() {
        // What was cancelled since is never acknowledged again.
        Said::Done(_) => {
            let stood = state(heard.from) != State::Cancelled;
            heard.is(stood && acknowledged(book, key, heard, is_mine))
        }
        Said::OtherData => heard.is(other_data(book, key, heard, is_mine)),
        Said::Expired => {
            refused(book, key, heard, |version| book.sessions.is_over(book, token, version, heard))
        }
        Said::Disabled => refused(book, key, heard, |_| !is_verified(book)),
        Said::NoMoney(_) => refused(book, key, heard, |version| book.at(version).playable() < wager.amount),
        Said::Exists => refused(book, key, heard, |version| {
            matches!(state(version), State::Open | State::Settled | State::Cancelled)
        }),
        Said::RolledBack => {
            let cancelled = |version: &u64| {
                state(*version) == State::Cancelled && book.entry_at(key, *version).is_some_and(is_mine)
            };
            let forbidden = refused(book, key, heard, |version| state(version) == State::Forbidden);
            let since = heard.moments().find(cancelled);
            if since.is_some_and(|it| tells_from(book, heard, it)) { Ok(()) } else { forbidden }
        }
        _ => unclear(heard),
    }
}

fn settle(book: &Book, call: &BetCall, heard: &Heard) -> Judged {
    let BetCall { key, reference, wager, .. } = call;
    let is_mine = |entry: &Entry| {
        entry.kind == "bet_won" && entry.bet().as_ref() == Some(reference) && has(entry, wager)
    };
    let state = |version| book.bets.state_at(reference, version);
    match heard.said() {
        Said::Done(_) => heard.is(acknowledged(book, key, heard, is_mine)),
        Said::OtherData => heard.is(other_data(book, key, heard, is_mine)),
        Said::NoBet => refused(book, key, heard, |version| state(version) == State::Unknown),
        Said::Ended => refused(book, key, heard, |version| {
            matches!(state(version), State::Settled | State::Cancelled | State::Forbidden)
        }),
        _ => unclear(heard),
    }
}

/// A cancel is kept under its bet's reference, so that of one bet there is one at most: done, or in vain.
fn cancel(book: &Book, call: &BetCall, heard: &Heard) -> Judged {
    let BetCall { key, reference, wager, .. } = call;
    let state = |version| book.bets.state_at(reference, version);
    let is_meant = book.bets.is_placed_by(reference, &wager.key);
    match heard.said() {
        Said::Done(_) => heard.is(acknowledged(book, key, heard, Entry::undid)),
        Said::NoBet if acknowledged(book, key, heard, |entry| !entry.undid()) => Ok(()),
        Said::NoBet => refused(book, key, heard, |version| {
            matches!(state(version), State::Open | State::Settled) && !is_meant
        }),
        Said::Ended => refused(book, key, heard, |version| state(version) == State::Settled && is_meant),
        _ => unclear(heard),
    }
}

/// Whether it is in the ledger as it was asked for, and told with the funds that it left.
fn acknowledged(book: &Book, key: &str, heard: &Heard, is_mine: impl Fn(&Entry) -> bool) -> bool {
    book.entry_at(key, heard.to).is_some_and(|entry| is_mine(entry) && tells(heard, entry.after))
}

/// Whether something else was in the ledger under the same key.
fn other_data(book: &Book, key: &str, heard: &Heard, is_mine: impl Fn(&Entry) -> bool) -> bool {
    let other = |version: &u64| book.entry_at(key, *version).is_some_and(|entry| !is_mine(entry));
    heard.moments().find(other).is_some_and(|since| tells_from(book, heard, since))
}

/// Whether there was a moment when it had not been done, and could not be, and the funds were as they are told.
fn refused(book: &Book, key: &str, heard: &Heard, reason: impl Fn(u64) -> bool) -> Judged {
    let not_done = |version: &u64| book.entry_at(key, *version).is_none();
    heard
        .is(heard.moments().filter(not_done).any(|version| reason(version) && tells(heard, book.at(version))))
}

/// Whether the funds told are those of a moment from a version on.
fn tells_from(book: &Book, heard: &Heard, since: u64) -> bool {
    heard.moments().filter(|version| *version >= since).any(|version| tells(heard, book.at(version)))
}

pub(super) fn tells(heard: &Heard, funds: Balances) -> bool {
    heard.funds() == Some((funds.cash, funds.bonus))
}

fn has(entry: &Entry, wager: &Wager) -> bool {
    let round = entry.round();
    let round = round.as_deref().and_then(|round| round.split_once('#')).map(|(_, round)| round);
    entry.amount("amount") == Some(wager.amount) && round == Some(wager.round.as_str())
}
