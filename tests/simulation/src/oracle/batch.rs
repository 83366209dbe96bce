//! Answers to calls that ask for several things: all of it was done, or none; told one by one, in order.

use serde_json::Value;

use super::book::Book;
use super::entry::Entry;
use super::verdict::{Judged, is_verified, unclear};
use super::words::{Said, cents_or_finer};
use super::{Asked, Heard, Micros};

pub(super) fn judge(book: &Book, items: &[Asked], heard: &Heard) -> Judged {
    match heard.said() {
        Said::Done(balance) => done(book, items, balance, heard),
        Said::Nothing => unclear(heard),
        refused => heard.is(heard.moments().any(|version| refusal_at(book, items, version) == Some(refused))),
    }
}

/// Every item is there as it was asked for and was told as it is there; the balance is that after the newest of them,
/// now as at the first time.
fn done(book: &Book, items: &[Asked], balance: Option<Micros>, heard: &Heard) -> Judged {
    let told =
        heard.body.get("transactions").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    heard.is(told.len() == items.len())?;
    let mut newest = 0;
    for (item, told) in items.iter().zip(told) {
        let key = item.key().unwrap_or_default();
        let Some(entry) = book.entry_at(key, heard.to) else {
            return Err(format!("acknowledged, but {key} is not in the ledger"));
        };
        newest = newest.max(entry.seq);
        let was_undone = is_undone(book, key, heard.from);
        heard.is(is_it(entry, item) && is_told(book, entry, told) && !was_undone)?;
        if let Asked::Rollback { target, .. } = item {
            heard.is(book.is_gone(target, heard.to))?;
        }
    }
    heard.is(balance == Some(book.at(newest).playable()))
}

/// Whether an item is told as the ledger has it. A rollback that undid nothing has no id.
fn is_told(book: &Book, entry: &Entry, told: &Value) -> bool {
    let text = |name| told.get(name).and_then(Value::as_str);
    let id = format!("{}/{}", book.player, entry.seq);
    let tx = entry.key.split_once('#').map(|(_, tx)| tx);
    let bonus = text("bonus_amount").and_then(cents_or_finer);
    let as_it_is = match entry.kind.as_str() {
        "rolled_back" if entry.undid() => text("id") == Some(&id),
        "rolled_back" => text("id") == Some(""),
        _ => {
            let paid = book.played.get(&entry.key).map(|it| it.paid.bonus);
            text("id") == Some(&id) && bonus.is_some() && bonus == paid
        }
    };
    text("id_provider") == tx && as_it_is
}

/// Why a call must be refused at a version, if it must: the first of its items that cannot be done.
fn refusal_at(book: &Book, items: &[Asked], version: u64) -> Option<Said> {
    let before = book.at(version).playable();
    let mut playable = before;
    for item in items {
        let key = item.key()?;
        if let Some(entry) = book.entry_at(key, version) {
            if !is_it(entry, item) {
                return Some(Said::OtherData);
            }
            if is_undone(book, key, version) {
                return Some(Said::RolledBack);
            }
            continue;
        }
        if book.tombs.get(key).is_some_and(|since| *since <= version) {
            return Some(Said::RolledBack);
        }
        match item {
            Asked::Bet(_) if !is_verified(book) => return Some(Said::Disabled),
            Asked::Bet(wager) if wager.amount > playable => return Some(Said::NoMoney(Some(before))),
            Asked::Bet(wager) => playable -= wager.amount,
            Asked::Win { wager, .. } => playable += wager.amount,
            _ => {}
        }
    }
    None
}

/// Whether an entry is what was asked for.
fn is_it(entry: &Entry, item: &Asked) -> bool {
    match item {
        Asked::Bet(wager) => entry.kind == "bet_placed" && entry.amount("amount") == Some(wager.amount),
        Asked::Win { wager, .. } => entry.kind == "bet_won" && entry.amount("amount") == Some(wager.amount),
        Asked::Rollback { target, .. } => {
            entry.kind == "rolled_back" && entry.target().as_ref() == Some(target)
        }
        _ => false,
    }
}

fn is_undone(book: &Book, key: &str, version: u64) -> bool {
    book.played.get(key).and_then(|it| it.undone_at).is_some_and(|undone| undone <= version)
}
