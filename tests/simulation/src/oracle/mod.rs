//! The oracle: knows what must be true, from what was asked and from the books themselves. It shares no logic with
//! the platform: its numbers are plain integers, a millionth of the currency each.

mod batch;
mod book;
mod chain;
mod crowd;
mod entry;
mod figures;
mod journal;
mod payment;
mod play;
mod refunds;
mod requests;
mod rules;
mod verdict;
mod words;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::seam::Tables;

use book::Book;
pub(crate) use chain::decimal as written;
use crowd::Crowd;
pub(crate) use figures::Facts;
pub(crate) use requests::{Asked, Heard, Micros, Notice, NoticeKind, Wager};

/// A refund that was ordered.
pub(crate) struct Sent {
    pub(crate) status: String,
    pub(crate) amount: Micros,
    /// The provider's id of the payment.
    pub(crate) payment: String,
}

/// What is known of everybody.
#[derive(Default)]
pub(crate) struct Oracle {
    books: BTreeMap<String, Book>,
    pub(crate) crowd: Crowd,
    pub(crate) facts: Facts,
}

impl Oracle {
    /// A player joins.
    pub(crate) fn meet(&mut self, player: &str) {
        self.books.insert(player.to_owned(), Book::new(player));
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
        verdict::judge(book, asked, heard)
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

    /// How far a refund is, how much it is, and the provider's id of the payment.
    pub(crate) fn refund(&mut self, tables: &Tables, player: &str, id: &str) -> Option<Sent> {
        let book = self.books.get_mut(player)?;
        book.read_on(tables).ok()?;
        let refund = book.refunds.get(id)?;
        let payment = book.deposits.get(refunds::deposit_of(id))?.brought_by()?.to_owned();
        Some(Sent { status: refund.status().to_owned(), amount: refund.amount, payment })
    }

    /// How far a withdrawal is, and how much it is.
    pub(crate) fn withdrawal(&mut self, tables: &Tables, player: &str, id: &str) -> Option<(String, Micros)> {
        let book = self.books.get_mut(player)?;
        book.read_on(tables).ok()?;
        let withdrawal = book.withdrawals.get(id)?;
        Some((withdrawal.status().to_owned(), withdrawal.amount))
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

/// A field of a payout order.
pub(crate) fn attribute_of_order(order: &str, name: &str) -> Option<String> {
    let order: Value = serde_json::from_str(order).ok()?;
    Some(order.get(name)?.as_str()?.to_owned())
}
