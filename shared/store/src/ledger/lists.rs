//! The lists of a player's deposits and withdrawals.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use domain::cashier::InstrumentFingerprint;
use domain::deposit::Deposit;
use domain::ids::PlayerId;
use domain::withdrawal::Withdrawal;

use super::{Ledger, rows};
use crate::page::{Cursor, Page, PageRequest};
use crate::{Item, Outage, string};

/// How many payments are read at once, where all are.
const PAYMENTS_AT_ONCE: i32 = 500;

impl Ledger {
    /// A page of the player's deposits, newest first.
    pub async fn deposits(&self, player: PlayerId, page: &PageRequest) -> Result<Page<Deposit>, Outage> {
        self.records(player, "DEPOSIT#", page, rows::deposit).await
    }

    /// A page of the player's withdrawals, newest first.
    pub async fn withdrawals(
        &self,
        player: PlayerId,
        page: &PageRequest,
    ) -> Result<Page<Withdrawal>, Outage> {
        self.records(player, "WITHDRAWAL#", page, |item| Ok(rows::withdrawal(item)?.1)).await
    }

    /// All of a player's deposits and withdrawals: what the closed loop is worked out from.
    pub async fn payments(&self, player: PlayerId) -> Result<(Vec<Deposit>, Vec<Withdrawal>), Outage> {
        let (mut deposits, mut withdrawals) = (Vec::new(), Vec::new());
        let mut page = PageRequest { limit: PAYMENTS_AT_ONCE, after: None };
        loop {
            let read = self.deposits(player, &page).await?;
            deposits.extend(read.items);
            page.after = read.next;
            if page.after.is_none() {
                break;
            }
        }
        loop {
            let read = self.withdrawals(player, &page).await?;
            withdrawals.extend(read.items);
            page.after = read.next;
            if page.after.is_none() {
                return Ok((deposits, withdrawals));
            }
        }
    }

    /// Who else uses an instrument of a player's: some of them, if they are many.
    pub async fn others_using(
        &self,
        fingerprint: &InstrumentFingerprint,
        player: PlayerId,
    ) -> Result<Vec<PlayerId>, Outage> {
        const ENOUGH: i32 = 50;
        let query = self
            .query("pk = :pk")
            .expression_attribute_values(":pk", string(rows::instrument_pk(fingerprint)))
            .consistent_read(true)
            .limit(ENOUGH);
        let answer = query.send().await.map_err(Outage::sdk("read who uses an instrument"))?;
        let mut users =
            answer.items.unwrap_or_default().iter().map(rows::user).collect::<Result<Vec<_>, _>>()?;
        users.retain(|user| *user != player);
        Ok(users)
    }

    /// Records of one kind; their ids sort by time.
    async fn records<T>(
        &self,
        player: PlayerId,
        prefix: &str,
        page: &PageRequest,
        read: impl Fn(Item) -> Result<T, Outage>,
    ) -> Result<Page<T>, Outage> {
        let mut query = self
            .query("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", string(player.to_string()))
            .expression_attribute_values(":prefix", string(prefix))
            .consistent_read(true)
            .limit(page.limit);
        if let Some(cursor) = &page.after {
            query = query.set_exclusive_start_key(Some(start_key(player, cursor, prefix)?));
        }
        let answer = query.send().await.map_err(Outage::sdk("read a list"))?;
        let next = answer.last_evaluated_key.as_ref().and_then(|key| Cursor::of(key, &["sk"]));
        let items = answer.items.unwrap_or_default().into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(Page { items, next })
    }

    pub(super) fn query(&self, condition: &str) -> QueryFluentBuilder {
        self.db.query().table_name(&self.table).key_condition_expression(condition).scan_index_forward(false)
    }
}

/// Where a list of one player goes on: only the sort keys come from the cursor, never whose items they are.
fn start_key(player: PlayerId, cursor: &Cursor, prefix: &str) -> Result<Item, Outage> {
    let mut start = cursor.named(&["sk"])?;
    let is_own = start.get("sk").and_then(|sk| sk.as_s().ok()).is_some_and(|sk| sk.starts_with(prefix));
    if !is_own {
        return Err(Outage::foreign_cursor());
    }
    start.insert("pk".to_owned(), string(player.to_string()));
    Ok(start)
}
