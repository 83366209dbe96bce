//! The sweep: asks providers about payments that have been open for too long. What was missed is done now, what is over
//! is ended, and orders that were lost are given again.
//!
//! A provider's own notice may come at the same time. Both are decided on the same ledger under the same keys, so that
//! one of them counts.

mod deposits;
mod payouts;

use std::sync::Arc;

use domain::Timestamp;
use domain::ids::PlayerId;
use edge::metrics::Metrics;
use edge::payments::{Bookkeeper, Providers};
use edge::{BoxError, Context, Function, Outbound, Rotating, Settings, Stores, aws};
use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::{Cursor, Due, Ledger, PageRequest};
use vendors::call::CallFailure;
use vendors::payments::Subject;

/// How many payments are looked at side by side: as many calls run to providers.
const SIDE_BY_SIDE: usize = 8;
/// How many a page of the queue holds.
const PAGE: i32 = 100;
/// How long one run may take; what is left is still due in the next.
const TIME_TO_RUN: SignedDuration = SignedDuration::from_secs(240);

/// Starts the function.
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let stores = Stores::new(&settings)?;
    let outbound = Outbound::of(&settings)?;
    Ok(Arc::new(Sweep {
        bookkeeper: Bookkeeper::new(&stores, &settings)?,
        providers: Rotating::start(&settings, move |all| Providers::all(&all.payments, outbound.clone()))
            .await?,
        orders: aws::sqs(&settings)?,
        queue_url: settings.get("PAYOUT_QUEUE_URL")?.to_owned(),
        metrics: Metrics::new(&settings),
        context: settings.context().clone(),
    }))
}

struct Sweep {
    bookkeeper: Bookkeeper,
    providers: Rotating<Providers>,
    orders: aws_sdk_sqs::Client,
    queue_url: String,
    metrics: Metrics,
    context: Context,
}

/// What a run came to.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    looked_at: u64,
    failed: u64,
}

impl Function for Sweep {
    /// The event says nothing: what is swept is what is due now.
    fn invoke(&self, _event: Value) -> BoxFuture<'_, Result<Value, BoxError>> {
        self.sweep().boxed()
    }
}

impl Sweep {
    async fn sweep(&self) -> Result<Value, BoxError> {
        let started = self.context.now();
        let mut tally = Tally::default();
        for shard in 0..Ledger::DUE_SHARDS {
            self.sweep_shard(shard, started, &mut tally).await?;
        }
        let Tally { looked_at, failed } = tally;
        self.metrics.report(None, &[("LookedAt", looked_at), ("Failed", failed)], self.context.now());
        tracing::info!(looked_at, failed, "swept");
        Ok(json!({"looked_at": looked_at, "failed": failed}))
    }

    async fn sweep_shard(&self, shard: u8, started: Timestamp, tally: &mut Tally) -> Result<(), BoxError> {
        let mut after: Option<Cursor> = None;
        while self.context.now().duration_since(started) < TIME_TO_RUN {
            let page = PageRequest { limit: PAGE, after };
            let page = self.bookkeeper.ledger().due(shard, started, &page).await?;
            for few in page.items.chunks(SIDE_BY_SIDE) {
                let looks: Vec<BoxFuture<'_, bool>> =
                    few.iter().map(|(player, due)| self.succeeds(*player, due).boxed()).collect();
                let done = join_all(looks).await;
                tally.looked_at += u64::try_from(done.len()).unwrap_or_default();
                tally.failed += u64::try_from(done.iter().filter(|fine| !**fine).count()).unwrap_or_default();
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        Ok(())
    }

    /// Trouble with one payment does not keep back the others.
    async fn succeeds(&self, player: PlayerId, due: &Due) -> bool {
        let outcome = self.look_at(player, due).await;
        if let Err(error) = &outcome {
            tracing::error!(%player, error, "a payment could not be looked at");
        }
        outcome.is_ok()
    }

    /// Looks at one payment, and has it looked at again later whatever came of it: what is settled leaves the queue
    /// by itself.
    async fn look_at(&self, player: PlayerId, due: &Due) -> Result<(), BoxError> {
        let outcome = match due {
            Due::Deposit(deposit) => self.deposit(player, deposit).await,
            Due::Withdrawal(withdrawal) => self.withdrawal(player, withdrawal).await,
        };
        let next = next_look(requested_at(due), self.context.now());
        self.bookkeeper.ledger().look_again(player, due, next).await?;
        outcome
    }
}

impl Sweep {
    /// Asks a provider about a payment and acts upon what it tells. An unclear answer ends nothing; a provider that tells
    /// nothing of it when asked leaves it to its notifications and to time.
    async fn ask(&self, vendor: &str, subject: &Subject) -> Result<(), BoxError> {
        let providers = self.providers.current().await;
        match providers.look_up(vendor, subject, self.context.now()).await {
            Ok(told) => {
                for notice in &told {
                    self.bookkeeper.take_on(&providers, notice).await?;
                }
                Ok(())
            }
            Err(CallFailure::Refused(reason)) => {
                tracing::info!(?subject, reason, "the provider tells nothing of it");
                Ok(())
            }
            Err(unclear @ CallFailure::Unclear(_)) => Err(unclear.into()),
        }
    }
}

/// When the youngest of what is looked at was asked for.
fn requested_at(due: &Due) -> Timestamp {
    match due {
        Due::Deposit(deposit) => {
            let sent = deposit.refunds.iter().filter(|it| it.status().is_in_payment());
            sent.map(|it| it.requested_at).max().unwrap_or(deposit.requested_at)
        }
        Due::Withdrawal(withdrawal) => withdrawal.requested_at,
    }
}

/// The older a payment, the more seldom it is looked at: no provider wants to be asked more often than every quarter
/// of an hour.
fn next_look(requested_at: Timestamp, now: Timestamp) -> Timestamp {
    const SOONEST: SignedDuration = SignedDuration::from_mins(15);
    const LATEST: SignedDuration = SignedDuration::from_hours(6);
    let age = now.duration_since(requested_at);
    let wait = SignedDuration::from_secs(age.as_secs() / 4).clamp(SOONEST, LATEST);
    now.saturating_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_payments_are_looked_at_more_seldom() {
        let asked: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        let wait = |now: &str| {
            let now: Timestamp = now.parse().unwrap();
            next_look(asked, now).duration_since(now).as_mins()
        };
        assert_eq!(wait("2026-11-23T10:10:00Z"), 15);
        assert_eq!(wait("2026-11-23T12:00:00Z"), 30);
        assert_eq!(wait("2026-11-24T10:00:00Z"), 360);
        assert_eq!(wait("2026-12-24T10:00:00Z"), 360);
    }
}
