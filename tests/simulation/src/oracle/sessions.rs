//! Tokens of games whose vendor exchanges them: each may be exchanged once, for one that takes its place at once and is
//! good for some hours.

use std::collections::BTreeMap;

use ring::digest::{SHA256, digest};
use serde_json::Value;

use super::bet_verdict::tells;
use super::book::Book;
use super::verdict::{Judged, unclear};
use super::words::Said;
use super::{Asked, Heard};

/// How long a token is good that another was exchanged for.
const LIFE_MS: i128 = 4 * 3_600_000;
/// By how much processes' clocks may differ, be put back, and go on from when a request is read until it is committed; and
/// the end of a life be rounded.
const BLUR_MS: i128 = 15_000;

/// The tokens of a player that anybody outside may know.
#[derive(Default)]
pub(crate) struct Sessions(BTreeMap<String, Origin>);

/// Where a token comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Origin {
    /// A game was opened with it, and it is good for longer than any run.
    Opened,
    /// A game was opened with it long ago.
    OpenedLongAgo,
    /// It was exchanged for another, by the entry of this key.
    Exchanged(String),
}

impl Asked {
    /// To exchange a token.
    pub(crate) fn exchange(token: &str) -> Self {
        Self::Check { key: exchange_key(token), token: token.to_owned() }
    }
}

/// Under which key the ledger keeps that a token was exchanged.
fn exchange_key(token: &str) -> String {
    format!("evolution#check:{}", hex::encode(digest(&SHA256, token.as_bytes())))
}

fn was_exchanged(book: &Book, token: &str, version: u64) -> bool {
    book.entry_at(&exchange_key(token), version).is_some()
}

/// A token is exchanged for another, which is good; again and again for the same one, as long as it is.
pub(super) fn exchange(book: &Book, key: &str, token: &str, heard: &Heard) -> Judged {
    let sessions = &book.sessions;
    match heard.said() {
        Said::Done(_) => {
            let given = heard.body.get("sid").and_then(Value::as_str).unwrap_or_default();
            let origin = Origin::Exchanged(key.to_owned());
            let next = sessions.next_of(key);
            let is_next =
                next.is_none_or(|it| it == given) && sessions.0.get(given).is_none_or(|it| *it == origin);
            let was_good = |version| !was_exchanged(book, given, version);
            heard.is(book.entry_at(key, heard.to).is_some()
                && !given.is_empty()
                && is_next
                && heard.moments().any(was_good)
                && !origin.has_ended(book, heard.at_ms.0 - BLUR_MS))
        }
        Said::Expired => heard.is(heard.moments().any(|version| {
            if book.entry_at(key, version).is_none() {
                return sessions.is_over(book, token, version, heard);
            }
            let next_is_over = |it: &str| sessions.is_over(book, it, version, heard);
            let origin = Origin::Exchanged(key.to_owned());
            sessions.next_of(key).is_some_and(next_is_over) || origin.has_ended(book, heard.at_ms.1 + BLUR_MS)
        })),
        _ => unclear(heard),
    }
}

/// The balance is told to whoever holds a token that is good.
pub(super) fn balance(book: &Book, token: &str, heard: &Heard) -> Judged {
    let sessions = &book.sessions;
    match heard.said() {
        Said::Done(_) => heard.is(heard.moments().any(|version| {
            let alive = sessions.is_alive(book, token, heard.at_ms.0 - BLUR_MS);
            alive && !was_exchanged(book, token, version) && tells(heard, book.at(version))
        })),
        Said::Expired => {
            heard.is(heard.moments().any(|version| sessions.is_over(book, token, version, heard)))
        }
        _ => unclear(heard),
    }
}

impl Sessions {
    pub(super) fn opened(&mut self, token: &str, good: bool) {
        let origin = if good { Origin::Opened } else { Origin::OpenedLongAgo };
        self.0.insert(token.to_owned(), origin);
    }

    /// Remembers a token that somebody was told.
    pub(super) fn learn(&mut self, asked: &Asked, heard: &Heard) {
        if let (Asked::Check { key, .. }, Said::Done(_)) = (asked, heard.said())
            && let Some(given) = heard.body.get("sid").and_then(Value::as_str)
        {
            self.0.insert(given.to_owned(), Origin::Exchanged(key.clone()));
        }
    }

    /// Whether a token is good now, by the newest version, at this time.
    pub(super) fn is_good(&self, book: &Book, token: &str, at_ms: i128) -> bool {
        self.is_alive(book, token, at_ms - BLUR_MS) && !was_exchanged(book, token, book.version())
    }

    /// Whether a token may have been over at a version, while something was asked.
    pub(super) fn is_over(&self, book: &Book, token: &str, version: u64, heard: &Heard) -> bool {
        !self.is_alive(book, token, heard.at_ms.1 + BLUR_MS) || was_exchanged(book, token, version)
    }

    fn is_alive(&self, book: &Book, token: &str, at_ms: i128) -> bool {
        self.0.get(token).is_some_and(|it| !it.has_ended(book, at_ms))
    }

    /// What a token was exchanged for, if anybody was told.
    fn next_of(&self, key: &str) -> Option<&str> {
        let given = self.0.iter().find(|(_, origin)| matches!(origin, Origin::Exchanged(by) if by == key));
        given.map(|(token, _)| token.as_str())
    }
}

impl Origin {
    /// Whether a token of this origin has lived its life.
    fn has_ended(&self, book: &Book, at_ms: i128) -> bool {
        match self {
            Self::Opened => false,
            Self::OpenedLongAgo => true,
            Self::Exchanged(by) => book.entries.get(by).is_none_or(|it| at_ms >= it.at_ms + LIFE_MS),
        }
    }
}
