//! The statement as JSON, a page at a time. Every page adds up by itself.

use domain::Timestamp;
use domain::account::Wallet as Balances;
use domain::ids::PlayerId;
use edge::{Problem, Reply};
use serde::Serialize;
use store::PageRequest;

use super::stretch::{Line, Moved, Stretch};
use super::{ENTRIES_MAX, Head, Reach};
use crate::Wallet;
use crate::transaction::Transaction;

#[derive(Serialize)]
struct Page<'a> {
    player_id: PlayerId,
    brand: &'a str,
    jurisdiction: &'a str,
    currency: &'static str,
    period: Period<'a>,
    generated_at: Timestamp,
    opening: Option<Amounts>,
    brought_forward: Amounts,
    items: Vec<Item<'a>>,
    subtotals: Vec<Subtotal>,
    carried_forward: Amounts,
    closing: Option<Amounts>,
    next_cursor: Option<String>,
}

#[derive(Serialize)]
struct Period<'a> {
    from: Timestamp,
    to: Timestamp,
    time_zone: &'a str,
    from_local: String,
    to_local: String,
    complete: bool,
}

#[derive(Serialize)]
struct Amounts {
    cash: String,
    bonus: String,
    held: String,
    receivable: String,
}

#[derive(Serialize)]
struct Item<'a> {
    number: u64,
    #[serde(flatten)]
    transaction: Transaction<'a>,
    receivable_after: String,
    change: Amounts,
}

#[derive(Serialize)]
struct Subtotal {
    r#type: &'static str,
    entries: usize,
    amount: String,
    change: Amounts,
}

impl Wallet {
    pub(super) async fn json(&self, head: &Head, page: PageRequest) -> Result<Reply, Problem> {
        let first = page.after.is_none();
        let reach = Reach { moves: usize::try_from(page.limit).unwrap_or(1), entries: ENTRIES_MAX };
        let before = self.balances_before(head, page.after.clone()).await?;
        let (entries, next) = self.read(head, page.after, reach).await?;
        let stretch = Stretch::of(before, entries)?;
        let (by_type, _) = stretch.subtotals()?;
        let subtotals = by_type.into_iter().map(|(r#type, it)| {
            let Moved { gain, change } = &it.moved;
            Subtotal { r#type, entries: it.entries, amount: gain.to_text(), change: change.into() }
        });
        Ok(Reply::json(
            200,
            &Page {
                player_id: head.player,
                brand: &head.brand,
                jurisdiction: &head.jurisdiction,
                currency: head.currency.code(),
                period: Period {
                    from: head.period.from,
                    to: head.period.to,
                    time_zone: &head.zone_name,
                    from_local: head.local(head.period.from),
                    to_local: head.local(head.period.to),
                    complete: head.complete(),
                },
                generated_at: head.generated_at,
                opening: first.then(|| (&stretch.before).into()),
                brought_forward: (&stretch.before).into(),
                items: stretch.lines.iter().map(Item::of).collect(),
                subtotals: subtotals.collect(),
                carried_forward: (&stretch.after).into(),
                closing: next.is_none().then(|| (&stretch.after).into()),
                next_cursor: next.map(|it| it.to_string()),
            },
        ))
    }
}

impl<'a> Item<'a> {
    fn of(line: &'a Line) -> Self {
        Self {
            number: line.entry.seq,
            transaction: line.transaction(),
            receivable_after: line.entry.balances.receivable.to_text(),
            change: (&line.moved.change).into(),
        }
    }
}

impl From<&Balances> for Amounts {
    fn from(Balances { cash, bonus, held, receivable }: &Balances) -> Self {
        let [cash, bonus, held, receivable] = [cash, bonus, held, receivable].map(|it| it.to_text());
        Self { cash, bonus, held, receivable }
    }
}
