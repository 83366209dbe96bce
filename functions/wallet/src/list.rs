//! The list of transactions: what was about the player's money, newest first, with the balances after each.

use domain::{Fact, Timestamp};
use edge::{Problem, Reply, Request};
use store::Statement;

use crate::Wallet;
use crate::transaction::{TYPES, Transaction, type_of};

/// A clock that runs behind must not hide what was just done.
const A_DAY: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

impl Wallet {
    pub(crate) async fn transactions(&self, request: &Request) -> Result<Reply, Problem> {
        let player = self.auth.player(request).await?;
        let wanted = request.query("type");
        if let Some(wanted) = &wanted
            && !TYPES.contains(&wanted.as_str())
        {
            return Err(Problem::invalid_field("/type", format!("must be one of {}", TYPES.join(", "))));
        }
        let from = request.query_time("from")?.unwrap_or(Timestamp::UNIX_EPOCH);
        let tomorrow = self.context.now().saturating_add(A_DAY).unwrap_or(Timestamp::MAX);
        let to = request.query_time("to")?.unwrap_or(tomorrow);
        if from > to {
            return Err(Problem::invalid_field("/from", "must not be after the end"));
        }
        let statement = Statement { from, to, page: request.page()? };
        let shown = |fact: &Fact| {
            type_of(fact).is_some_and(|kind| wanted.as_deref().is_none_or(|wanted| wanted == kind))
        };
        let page = self.ledger.newest_entries(player.id, &statement, shown).await?;
        let items: Vec<Transaction<'_>> = page.items.iter().filter_map(Transaction::of).collect();
        Ok(Reply::page(&items, page.next))
    }
}
