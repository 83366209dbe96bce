//! The one door by which facts leave: new ledger entries become events on the stream, and approved withdrawals and
//! refunds become payout orders. Every fact leaves at least once, and the facts of one player in their order.

mod doors;
mod publish;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::dynamodb::EventRecord;
use domain::Fact;
use domain::deposit::{RefundReference, RefundStatus};
use domain::ids::PlayerId;
use domain::withdrawal::WithdrawalStatus;
use edge::batch::{Consumer, Failure, Record, TableStream, batch};
use edge::{BoxError, Context, Function, Settings, aws};
use events::{Event, PayoutOrder};
use store::StreamImage;

use doors::{EventStream, KinesisStream, PayoutOrders, SqsOrders};

/// How long the outbox waits before it sends again what the stream refused; it doubles each time.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// Starts the function.
#[expect(clippy::unused_async, reason = "every function starts the same way")]
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let stream = KinesisStream::new(aws::kinesis(&settings)?, settings.get("EVENTS_STREAM")?);
    let orders = SqsOrders::new(aws::sqs(&settings)?, settings.get("PAYOUT_QUEUE_URL")?);
    Ok(batch(Outbox { stream, orders, pause: FIRST_PAUSE, context: settings.context().clone() }))
}

struct Outbox<S, O> {
    stream: S,
    orders: O,
    pause: Duration,
    context: Context,
}

/// A fact on its way out.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    player: PlayerId,
    /// The event as it goes over the wire.
    event: String,
    /// The payout that the fact asks for.
    order: Option<PayoutOrder>,
}

impl<S: EventStream, O: PayoutOrders> Consumer for Outbox<S, O> {
    type Source = TableStream;
    /// Nothing, if the change was no fact.
    type Content = Option<Outgoing>;

    fn read(&self, record: EventRecord) -> Result<Self::Content, BoxError> {
        let entry = match store::image(record.change.new_image)? {
            StreamImage::Entry(entry) => entry,
            StreamImage::Tombstone | StreamImage::Other => return Ok(None),
        };
        let order = match entry.fact {
            Fact::WithdrawalProgressed { withdrawal, status: WithdrawalStatus::Approved }
            | Fact::WithdrawalRequested { withdrawal, approved: true, .. } => {
                Some(PayoutOrder::Withdrawal { player_id: entry.player, withdrawal_id: withdrawal })
            }
            Fact::RefundProgressed { deposit, refund, status: RefundStatus::Approved }
            | Fact::RefundRequested { deposit, refund, approved: true, .. } => {
                let refund_id = RefundReference { deposit, refund };
                Some(PayoutOrder::Refund { player_id: entry.player, refund_id })
            }
            _ => None,
        };
        Ok(Some(Outgoing { player: entry.player, event: Event::from_entry(&entry).to_json()?, order }))
    }

    /// Stops at the first failure that repeating does not overcome: later facts of a player must not overtake it.
    /// The earliest fact that did not leave is reported; Lambda comes again with it and all behind it.
    async fn handle(&self, records: Vec<Record<Self::Content>>) -> Vec<Failure> {
        let (ids, facts): (Vec<String>, Vec<Outgoing>) =
            records.into_iter().filter_map(|record| Some((record.id, record.content?))).unzip();
        let mut waiting: BTreeSet<usize> = (0..facts.len()).collect();
        for wave in publish::waves(&facts) {
            if let Err(reason) = self.send(&wave, &mut waiting).await {
                let earliest = waiting.first().and_then(|position| ids.get(*position));
                return earliest.map(|id| Failure::new(id, reason)).into_iter().collect();
            }
        }
        Vec::new()
    }
}

impl<S: EventStream, O: PayoutOrders> Outbox<S, O> {
    /// Sends one wave; what left is no longer waiting.
    async fn send(&self, wave: &[(usize, &Outgoing)], waiting: &mut BTreeSet<usize>) -> Result<(), BoxError> {
        for call in publish::calls(wave) {
            publish::put(&self.stream, call.clone(), self.pause, &self.context).await?;
            for (position, fact) in call {
                if let Some(order) = &fact.order {
                    self.orders.send(order).await?;
                }
                waiting.remove(&position);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
