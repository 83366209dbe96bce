//! The oracle: knows what must be true, from what was asked and from the books themselves. It shares no logic with
//! the platform: its numbers are plain integers, a millionth of the currency each.

mod batch;
mod bet_verdict;
mod bets;
mod book;
mod chain;
mod crowd;
mod entry;
mod figures;
mod inbox;
mod journal;
mod orders;
mod payment;
mod play;
mod refunds;
mod requests;
mod rules;
mod sessions;
mod verdict;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::seam::Tables;

use book::Book;
pub(crate) use chain::decimal as written;
use crowd::Crowd;
use entry::Entry;
pub(crate) use figures::Facts;
pub(crate) use orders::Order;
pub(crate) use requests::{Asked, BetCall, BetStep, Heard, Micros, Notice, NoticeKind, Wager};

/// What the provider was told to send.
pub(crate) struct Sent {
    /// The player who gets it, by number.
    pub(crate) player: usize,
    pub(crate) amount: Micros,
}

/// What is known of everybody.
pub(crate) struct Oracle {
    /// Whether the provider has an account to pay from.
    pays_out: bool,
    books: BTreeMap<String, Book>,
    /// The kinds of answers that were heard.
    pub(crate) heard: BTreeSet<String>,
    pub(crate) crowd: Crowd,
    pub(crate) facts: Facts,
}

impl Oracle {
    pub(crate) fn new(pays_out: bool) -> Self {
        Self {
            pays_out,
            books: BTreeMap::new(),
            heard: BTreeSet::new(),
            crowd: Crowd::default(),
            facts: Facts::default(),
        }
    }

    /// A player joins.
    pub(crate) fn meet(&mut self, player: &str) {
        self.books.insert(player.to_owned(), Book::new(player, self.pays_out));
    }

    /// A player opens a game; its token is good, or was long ago.
    pub(crate) fn opened(&mut self, player: &str, token: &str, good: bool) {
        if let Some(book) = self.books.get_mut(player) {
            book.sessions.opened(token, good);
        }
    }

    /// Something is asked that may lead to an entry.
    pub(crate) fn expect(&mut self, player: &str, key: String, asked: Asked) {
        if let Some(book) = self.books.get_mut(player) {
            book.expect(key, asked);
        }
    }

    /// A vendor asks for something that is played.
    pub(crate) fn expect_play(&mut self, player: &str, asked: &Asked) {
        let Some(book) = self.books.get_mut(player) else { return };
        match asked {
            Asked::Batch(items) => book.expect_together(items),
            one => {
                if let Some(key) = one.key() {
                    book.expect(key.to_owned(), one.clone());
                }
            }
        }
    }

    /// Judges an answer, after a look at what is new in the player's ledger.
    pub(crate) fn judge(
        &mut self,
        tables: &Tables,
        player: &str,
        asked: &Asked,
        heard: &Heard,
    ) -> Result<(), String> {
        let Some(book) = self.books.get_mut(player) else { return Ok(()) };
        book.read_on(tables)?;
        verdict::judge(book, asked, heard)?;
        book.sessions.learn(asked, heard);
        book.learn_left_to_staff(asked, heard);
        self.heard.insert(heard.kind(asked));
        Ok(())
    }

    /// Reads everybody's ledger on.
    pub(crate) fn read_on(&mut self, tables: &Tables) -> Result<(), String> {
        self.books.values_mut().try_for_each(|book| book.read_on(tables))
    }

    /// At the end, when nothing is under way: everything must add up.
    pub(crate) fn settle(&mut self, tables: &Tables) -> Result<(), String> {
        self.read_on(tables)?;
        self.books.values().try_for_each(|book| book.audit_whole(tables))?;
        self.facts.agree_with(self.books.values())?;
        figures::agree(self.books.values(), tables)
    }

    /// The kinds of entries that there are, and who has them made where that is time alone.
    pub(crate) fn kinds_of_entries<'a>(&'a self) -> impl Iterator<Item = &'a str> {
        let kind = |it: &'a Entry| if it.key.starts_with("sweep#") { "by the sweep" } else { &it.kind };
        self.books.values().flat_map(|book| book.entries.values()).map(kind)
    }

    /// A vendor's last word on a transaction: whether it counts.
    pub(crate) fn vendor_says(&mut self, player: &str, key: &str, counts: bool) {
        if let Some(book) = self.books.get_mut(player) {
            book.vendor_says.insert(key.to_owned(), counts);
        }
    }

    /// The deposit that a request led to, by its idempotency key.
    pub(crate) fn deposit_of(&mut self, tables: &Tables, player: &str, key: &str) -> Option<String> {
        let book = self.books.get_mut(player)?;
        book.read_on(tables).ok()?;
        book.entries.get(&format!("api#deposit:{key}"))?.text("deposit").map(str::to_owned)
    }

    /// The deposits of a player for which money came.
    pub(crate) fn paid_deposits(&mut self, tables: &Tables, player: &str) -> Vec<String> {
        let Some(book) = self.books.get_mut(player) else { return Vec::new() };
        let paid = |book: &Book| {
            let paid = book.deposits.iter().filter(|(_, it)| it.was_paid());
            paid.map(|(id, _)| id.clone()).collect()
        };
        book.read_on(tables).map(|()| paid(book)).unwrap_or_default()
    }

    /// The provider is told for the first time to send money: approved money, to the millionth, and by the payment that
    /// it came by. Whether it takes the order on is its last word on that.
    pub(crate) fn ordered(
        &mut self,
        tables: &Tables,
        players: &[String],
        order: &Order,
    ) -> Result<Sent, String> {
        for (number, player) in players.iter().enumerate() {
            let Some(book) = self.books.get_mut(player) else { continue };
            book.read_on(tables)?;
            if let Some(amount) = book.ordered(order)? {
                return Ok(Sent { player: number, amount });
            }
        }
        Err(format!("an order to send {}, which nobody asked for", order.reference))
    }

    /// The provider's last word on a payout or a refund.
    pub(crate) fn provider_says(&mut self, player: &str, reference: &str, status: &'static str) {
        if let Some(book) = self.books.get_mut(player) {
            book.ends(reference, status);
        }
    }
}

/// A text attribute of an item.
pub(crate) fn attribute<'a>(item: &'a Value, name: &str) -> Option<&'a str> {
    item.get(name)?.get("S")?.as_str()
}

/// A number attribute of an item.
pub(crate) fn number(item: &Value, name: &str) -> Option<i128> {
    item.get(name)?.get("N")?.as_str()?.parse().ok()
}
