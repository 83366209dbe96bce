//! Keeps a profile of each customer from the event stream, and hands every event on to the CRM's connectors.
//!
//! An event is handed on before the profile notes it. If something fails between the two, it is handed on again
//! under the same id, which a connector recognises: nothing is lost, and nothing counts twice.

mod doors;
mod profiling;

use std::sync::Arc;

use domain::ids::PlayerId;
use edge::batch::{Consumer, Failure, Kinesis, Record, batch, in_groups};
use edge::{BoxError, Function, Settings, aws};
use events::Event;
use store::{CustomerProfile, Progress};

use doors::{Deliveries, Profiles, SqsDeliveries};

/// How often a profile is tried that somebody else writes at the same time.
const ATTEMPTS: u32 = 3;

/// Starts the function.
#[expect(clippy::unused_async, reason = "every function starts the same way")]
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let profiles = store::Crm::new(aws::dynamodb(&settings)?, settings.get("CRM_TABLE")?);
    let deliveries = SqsDeliveries::new(aws::sqs(&settings)?, settings.get("CRM_DELIVERY_QUEUE_URL")?);
    Ok(batch(Crm { profiles, deliveries }))
}

struct Crm<P, D> {
    profiles: P,
    deliveries: D,
}

impl<P: Profiles, D: Deliveries> Consumer for Crm<P, D> {
    type Source = Kinesis;
    type Content = Event;

    fn read(&self, record: Vec<u8>) -> Result<Event, BoxError> {
        Ok(Event::from_json(&record)?)
    }

    async fn handle(&self, events: Vec<Record<Event>>) -> Vec<Failure> {
        in_groups(events, |event| event.player, |player, events| self.take(player, events)).await
    }
}

impl<P: Profiles, D: Deliveries> Crm<P, D> {
    /// Takes events of one player: hands on and notes those that are new.
    async fn take(&self, player: PlayerId, events: Vec<Event>) -> Result<(), BoxError> {
        let mut delivered = Progress::default();
        for _ in 0..ATTEMPTS {
            let (known, read) = self.profiles.read(player).await?.unzip();
            let mut applied = read.clone().unwrap_or_default();
            let new: Vec<&Event> = events.iter().filter(|event| applied.apply(event.sequence)).collect();
            let Some(profile) = profiled(known, &new)? else { return Ok(()) };
            let to_deliver: Vec<&Event> =
                new.into_iter().filter(|event| delivered.apply(event.sequence)).collect();
            self.deliveries.send(&to_deliver).await?;
            if self.profiles.write(&profile, &applied, read.as_ref()).await? {
                return Ok(());
            }
        }
        Err(format!("others kept writing the profile of {player} first").into())
    }
}

/// The profile after these events; none if there are none.
fn profiled(known: Option<CustomerProfile>, new: &[&Event]) -> Result<Option<CustomerProfile>, BoxError> {
    let Some(first) = new.first() else { return Ok(None) };
    let mut profile = known.unwrap_or_else(|| profiling::unknown(first));
    for event in new {
        profiling::apply(&mut profile, event)?;
    }
    Ok(Some(profile))
}

#[cfg(test)]
mod tests;
