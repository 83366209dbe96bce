//! The day's figures of each brand and currency, counted from facts: each fact once, whatever its delivery.
//!
//! What was counted of a player is written in the same transaction as the counters, so both are true or neither.
//! A day's counters are spread over slices: many players add to one day at once.

mod bookmarks;
mod counters;
mod report;
mod roster;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};
use domain::ids::PlayerId;
use domain::{Currency, Date};

pub use bookmarks::Bookmark;
pub use counters::{Counter, Counters};
pub use report::{DailyKpis, Total};
pub use roster::Slice;

use crate::progress::{ATTEMPTS, Progress};
use crate::{Item, Jitter, Outage, key, number, string};

const PROGRESS: &str = "PROGRESS";
const APPLIED: &str = "applied";

/// The table of figures.
#[derive(Clone)]
pub struct Kpis {
    db: Client,
    table: String,
    jitter: Jitter,
    /// The days this process has entered into the list of days.
    listed: Arc<Mutex<BTreeSet<Figures>>>,
}

/// Which figures a fact counts into.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Figures {
    /// The brand.
    pub brand: String,
    /// The currency's code.
    currency: &'static str,
    /// The day in UTC.
    pub day: Date,
}

impl Figures {
    /// The figures of a brand's day in a currency.
    pub fn new(brand: impl Into<String>, currency: Currency, day: Date) -> Self {
        Self { brand: brand.into(), currency: currency.code(), day }
    }

    fn pk(&self) -> String {
        format!("KPI#{}#{}#{}", self.brand, self.currency, self.day)
    }
}

/// What a fact counts for.
#[derive(Clone, Debug)]
pub struct Counted {
    /// Its number among the player's facts.
    pub sequence: u64,
    /// Where it counts.
    pub figures: Figures,
    /// What it adds.
    pub counters: Counters,
    /// Whether it makes the player an active one of the day.
    pub active: bool,
}

impl Kpis {
    /// The figures in a table.
    #[must_use]
    pub fn new(db: Client, table: impl Into<String>, jitter: Jitter) -> Self {
        Self { db, table: table.into(), jitter, listed: Arc::default() }
    }

    /// Counts facts of one player. Those that were counted before change nothing.
    pub async fn count(&self, player: PlayerId, facts: &[Counted]) -> Result<(), Outage> {
        let mut days: BTreeMap<&Figures, Vec<&Counted>> = BTreeMap::new();
        for fact in facts {
            days.entry(&fact.figures).or_default().push(fact);
        }
        for (figures, facts) in days {
            self.list(figures).await?;
            self.count_day(player, figures, &facts).await?;
        }
        Ok(())
    }

    /// Enters a day into the list of days before anything counts into it, so that none is missed when reading.
    async fn list(&self, figures: &Figures) -> Result<(), Outage> {
        if self.listed.lock().unwrap_or_else(PoisonError::into_inner).contains(figures) {
            return Ok(());
        }
        let mark = key(report::days_pk(&figures.brand), report::days_sk(figures.day, figures.currency));
        let put = self.db.put_item().table_name(&self.table).set_item(Some(mark));
        put.send().await.map_err(Outage::sdk("list a day"))?;
        self.listed.lock().unwrap_or_else(PoisonError::into_inner).insert(figures.clone());
        Ok(())
    }

    async fn count_day(&self, player: PlayerId, figures: &Figures, facts: &[&Counted]) -> Result<(), Outage> {
        for attempt in 0..ATTEMPTS {
            let (read, was_active) = self.read(player, figures.day).await?;
            let mut progress = read.clone().unwrap_or_default();
            let new: Vec<&Counted> =
                facts.iter().copied().filter(|fact| progress.apply(fact.sequence)).collect();
            if new.is_empty() {
                return Ok(());
            }
            let mut items = vec![self.progress_write(player, read.as_ref(), &progress)?];
            let mut counters = Counters::default();
            for fact in &new {
                counters.add_all(&fact.counters)?;
            }
            if !was_active && new.iter().any(|fact| fact.active) {
                counters.add(Counter::ActivePlayers, 1)?;
                items.push(self.active_write(player, figures.day)?);
            }
            if counters.get(Counter::Registrations) > 0 {
                items.push(self.roster_write(player)?);
            }
            if !counters.is_empty() {
                items.push(self.counters_write(player, figures, &counters)?);
            }
            if self.commit(items).await? {
                return Ok(());
            }
            self.jitter.pause(10, attempt.min(6)).await;
        }
        Err(Outage::new("count a day", "others kept writing first"))
    }

    /// What was counted of the player, and whether the player is already an active one of the day.
    async fn read(&self, player: PlayerId, day: Date) -> Result<(Option<Progress>, bool), Outage> {
        let pk = player.to_string();
        let get = |sk: String| {
            let key = key(&pk, sk);
            self.db.get_item().table_name(&self.table).set_key(Some(key)).consistent_read(true).send()
        };
        let (progress, active) = tokio::try_join!(get(PROGRESS.to_owned()), get(active_sk(day)))
            .map_err(Outage::sdk("read what was counted"))?;
        Ok((progress.item.as_ref().map(applied).transpose()?.flatten(), active.item.is_some()))
    }

    /// Which of the player's facts were counted.
    pub async fn progress(&self, player: PlayerId) -> Result<Progress, Outage> {
        let key = key(player.to_string(), PROGRESS);
        let get = self.db.get_item().table_name(&self.table).set_key(Some(key)).consistent_read(true);
        let found = get.send().await.map_err(Outage::sdk("read what was counted"))?;
        Ok(found.item.as_ref().map(applied).transpose()?.flatten().unwrap_or_default())
    }

    /// The player's progress, on the condition that nobody moved it since it was read.
    fn progress_write(
        &self,
        player: PlayerId,
        read: Option<&Progress>,
        progress: &Progress,
    ) -> Result<TransactWriteItem, Outage> {
        let mut item = key(player.to_string(), PROGRESS);
        item.insert(APPLIED.to_owned(), string(progress.to_string()));
        let put = Put::builder().table_name(&self.table).set_item(Some(item));
        let put = match read {
            Some(read) => put
                .condition_expression("applied = :read")
                .expression_attribute_values(":read", string(read.to_string())),
            None => put.condition_expression("attribute_not_exists(pk)"),
        };
        Ok(TransactWriteItem::builder().put(put.build().map_err(incomplete)?).build())
    }

    /// The mark that counts a player as active once a day.
    fn active_write(&self, player: PlayerId, day: Date) -> Result<TransactWriteItem, Outage> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(key(player.to_string(), active_sk(day))))
            .condition_expression("attribute_not_exists(pk)")
            .build();
        Ok(TransactWriteItem::builder().put(put.map_err(incomplete)?).build())
    }

    fn counters_write(
        &self,
        player: PlayerId,
        figures: &Figures,
        counters: &Counters,
    ) -> Result<TransactWriteItem, Outage> {
        let slice = Slice::of(player);
        let mut update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key(figures.pk(), format!("SLICE#{slice}"))));
        let mut additions = Vec::new();
        for (counter, value) in counters.iter() {
            let name = counter.name();
            additions.push(format!("#{name} :{name}"));
            update = update
                .expression_attribute_names(format!("#{name}"), name)
                .expression_attribute_values(format!(":{name}"), number(value));
        }
        let update = update.update_expression(format!("ADD {}", additions.join(", "))).build();
        Ok(TransactWriteItem::builder().update(update.map_err(incomplete)?).build())
    }

    /// Writes all or nothing. False if somebody else wrote first.
    async fn commit(&self, items: Vec<TransactWriteItem>) -> Result<bool, Outage> {
        let Err(error) = self.db.transact_write_items().set_transact_items(Some(items)).send().await else {
            return Ok(true);
        };
        match error.as_service_error() {
            Some(error) if error.is_transaction_canceled_exception() => Ok(false),
            _ => Err(Outage::sdk("count a day")(error)),
        }
    }
}

fn applied(item: &Item) -> Result<Option<Progress>, Outage> {
    let text = item.get(APPLIED).and_then(|value| value.as_s().ok()).map(|text| text.parse());
    text.transpose().map_err(Outage::unreadable)
}

fn active_sk(day: Date) -> String {
    format!("ACTIVE#{day}")
}

fn incomplete(error: impl std::fmt::Display) -> Outage {
    Outage::new("count a day", error.to_string())
}
