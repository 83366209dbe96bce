//! Counts the day's figures of each brand and currency from the event stream.

mod counting;

use std::future::Future;
use std::sync::Arc;

use domain::ids::PlayerId;
use edge::batch::{Consumer, Failure, Kinesis, Record, batch, in_groups};
use edge::{BoxError, Function, Settings, Stores};
use events::Event;
use store::{Counted, Kpis, Outage};

/// Starts the function.
#[expect(clippy::unused_async, reason = "every function starts the same way")]
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let figures = Stores::new(&settings)?.kpis()?;
    Ok(batch(Analytics { figures }))
}

struct Analytics<F> {
    figures: F,
}

/// Where facts are counted: each once, however often it comes.
trait Figures: Send + Sync + 'static {
    fn count(&self, player: PlayerId, facts: &[Counted]) -> impl Future<Output = Result<(), Outage>> + Send;
}

impl Figures for Kpis {
    async fn count(&self, player: PlayerId, facts: &[Counted]) -> Result<(), Outage> {
        self.count(player, facts).await
    }
}

/// A fact of a player and what it counts for.
struct Fact {
    player: PlayerId,
    counted: Counted,
}

impl<F: Figures> Consumer for Analytics<F> {
    type Source = Kinesis;
    type Content = Fact;

    fn read(&self, record: Vec<u8>) -> Result<Fact, BoxError> {
        let event = Event::from_json(&record)?;
        Ok(Fact { player: event.player, counted: counting::counted(&event)? })
    }

    async fn handle(&self, facts: Vec<Record<Fact>>) -> Vec<Failure> {
        in_groups(facts, |fact| fact.player, |player, facts| self.count(player, facts)).await
    }
}

impl<F: Figures> Analytics<F> {
    async fn count(&self, player: PlayerId, facts: Vec<Fact>) -> Result<(), BoxError> {
        let counted: Vec<Counted> = facts.into_iter().map(|fact| fact.counted).collect();
        Ok(self.figures.count(player, &counted).await?)
    }
}

#[cfg(test)]
mod tests;
