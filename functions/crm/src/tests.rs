//! Profiles come out the same however their facts are delivered, and no fact is missed by the connectors.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use domain::Money;
use domain::ids::PlayerId;
use edge::batch::{Consumer, Record, batch};
use edge::{BoxError, Function};
use events::{Event, VerificationStatus};
use proptest::prelude::*;
use serde_json::{Value, json};
use store::{CustomerProfile, LifecycleStage, Outage, Progress, Sum};

use crate::Crm;
use crate::doors::{Deliveries, Profiles};

/// A table and a queue that fail by a script, and work when it is over.
#[derive(Clone, Default)]
struct World {
    script: Arc<Mutex<VecDeque<Weather>>>,
    kept: Arc<Mutex<Kept>>,
    delivered: Arc<Mutex<Vec<String>>>,
}

/// A profile and the facts it is made of, once there is one.
type Kept = Option<(CustomerProfile, Progress)>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weather {
    Fair,
    /// The call fails and does nothing.
    Down,
    /// The call does its work, but the answer is lost.
    Silent,
}

impl World {
    fn weather(&self) -> Weather {
        self.script.lock().unwrap().pop_front().unwrap_or(Weather::Fair)
    }

    fn crm(&self) -> Crm<Self, Self> {
        Crm { profiles: self.clone(), deliveries: self.clone() }
    }

    fn profile(&self) -> CustomerProfile {
        self.kept.lock().unwrap().clone().unwrap().0
    }
}

impl Profiles for World {
    async fn read(&self, _: PlayerId) -> Result<Kept, Outage> {
        match self.weather() {
            Weather::Fair => Ok(self.kept.lock().unwrap().clone()),
            Weather::Down | Weather::Silent => Err(Outage::new("read", "down")),
        }
    }

    async fn write(
        &self,
        profile: &CustomerProfile,
        applied: &Progress,
        read: Option<&Progress>,
    ) -> Result<bool, Outage> {
        let weather = self.weather();
        if weather == Weather::Down {
            return Err(Outage::new("write", "down"));
        }
        let mut kept = self.kept.lock().unwrap();
        let unchanged = kept.as_ref().map(|kept| &kept.1) == read;
        if unchanged {
            *kept = Some((profile.clone(), applied.clone()));
        }
        if weather == Weather::Fair { Ok(unchanged) } else { Err(Outage::new("write", "no answer")) }
    }
}

impl Deliveries for World {
    async fn send(&self, events: &[&Event]) -> Result<(), BoxError> {
        let weather = self.weather();
        if weather != Weather::Down {
            self.delivered.lock().unwrap().extend(events.iter().map(|event| event.id()));
        }
        if weather == Weather::Fair { Ok(()) } else { Err("down".into()) }
    }
}

fn sample() -> Value {
    let text = include_str!(concat!(env!("PITBOSS_ROOT"), "/events/samples/crm.json"));
    serde_json::from_str(text).unwrap()
}

/// The sample's facts: registration to paid withdrawal.
fn journey() -> Vec<Event> {
    /// Takes the trigger apart without handling it.
    struct Reader(Arc<Mutex<Vec<Event>>>);
    impl Consumer for Reader {
        type Source = edge::batch::Kinesis;
        type Content = Event;
        fn read(&self, record: Vec<u8>) -> Result<Event, BoxError> {
            Ok(Event::from_json(&record)?)
        }
        async fn handle(&self, records: Vec<Record<Event>>) -> Vec<edge::batch::Failure> {
            self.0.lock().unwrap().extend(records.into_iter().map(|record| record.content));
            Vec::new()
        }
    }
    let events = Arc::new(Mutex::new(Vec::new()));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(batch(Reader(Arc::clone(&events))).invoke(sample())).unwrap();
    events.lock().unwrap().clone()
}

async fn deliver(world: &World, events: &[Event]) {
    let records = || events.iter().map(|event| Record { id: event.id(), content: event.clone() }).collect();
    while !world.crm().handle(records()).await.is_empty() {}
}

fn eur(text: &str) -> Money {
    format!("{text} EUR").parse().unwrap()
}

#[tokio::test]
async fn the_samples_journey_makes_a_profile() {
    let world = World::default();
    let function: Arc<dyn Function> = batch(world.crm());
    assert_eq!(function.invoke(sample()).await.unwrap(), json!({"batchItemFailures": []}));
    let profile = world.profile();
    assert_eq!(profile.stage(), LifecycleStage::Active);
    assert_eq!((profile.brand.as_str(), profile.jurisdiction.as_str()), ("demo", "MT"));
    assert_eq!(profile.country.as_deref(), Some("MT"));
    assert_eq!(profile.verification, Some((3, VerificationStatus::Approved)));
    assert_eq!(profile.deposits, Sum { count: 1, amount: eur("50") });
    assert_eq!(profile.first_deposit_at, profile.last_deposit_at);
    assert_eq!(profile.bets, Sum { count: 1, amount: eur("10") }, "one of two was undone");
    assert_eq!(profile.wins, Sum { count: 1, amount: eur("25") });
    assert_eq!(profile.withdrawals, Sum { count: 1, amount: eur("40") });
    assert_eq!(
        profile.last_seen_at,
        Some("2026-01-01T00:00:11Z".parse().unwrap()),
        "the withdrawal's request"
    );
    assert_eq!(profile.last_event, Some((13, "pitboss.payment.withdrawal.paid.v1".to_owned())));
    assert_eq!(world.delivered.lock().unwrap().len(), 13);
}

#[tokio::test]
async fn what_was_noted_is_not_handed_on_again() {
    let world = World::default();
    let function: Arc<dyn Function> = batch(world.crm());
    function.invoke(sample()).await.unwrap();
    let before = world.profile();
    function.invoke(sample()).await.unwrap();
    assert_eq!(world.profile(), before);
    assert_eq!(world.delivered.lock().unwrap().len(), 13);
}

#[test]
fn a_race_is_run_again_without_handing_on_twice() {
    let events = journey();
    let (first, second) = events.split_at(5);
    let world = World::default();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        deliver(&world, first).await;
        // Somebody else applies the last five facts between our reading and our writing.
        let stale = world.kept.lock().unwrap().clone();
        deliver(&world, &second[3..]).await;
        let newest = world.kept.lock().unwrap().clone();
        let racing = Racing { stale: Arc::new(Mutex::new(Some(stale))), world: world.clone() };
        let crm = Crm { profiles: racing, deliveries: world.clone() };
        let records = second[..3].iter().map(|it| Record { id: it.id(), content: it.clone() }).collect();
        assert!(crm.handle(records).await.is_empty());
        assert_ne!(*world.kept.lock().unwrap(), newest);
    });
    assert_eq!(world.kept.lock().unwrap().clone().unwrap().1.upto(), 13);
    assert_eq!(world.delivered.lock().unwrap().len(), 13);
}

/// Reads an old state once.
struct Racing {
    stale: Arc<Mutex<Option<Kept>>>,
    world: World,
}

impl Profiles for Racing {
    async fn read(&self, player: PlayerId) -> Result<Kept, Outage> {
        let stale = self.stale.lock().unwrap().take();
        match stale {
            Some(stale) => Ok(stale),
            None => self.world.read(player).await,
        }
    }

    async fn write(
        &self,
        profile: &CustomerProfile,
        applied: &Progress,
        read: Option<&Progress>,
    ) -> Result<bool, Outage> {
        self.world.write(profile, applied, read).await
    }
}

fn weather() -> impl Strategy<Value = Weather> {
    prop_oneof![4 => Just(Weather::Fair), 1 => Just(Weather::Down), 1 => Just(Weather::Silent)]
}

proptest! {
    /// Any order, any repetition, any cut into batches, any failures: the same profile, and every event handed on.
    #[test]
    fn delivery_does_not_matter(
        order in Just((0..13_usize).chain(0..13).collect::<Vec<_>>()).prop_shuffle(),
        batch_size in 1_usize..8,
        script in prop::collection::vec(weather(), 0..40),
    ) {
        let events = journey();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (plain, stormy) = (World::default(), World::default());
        stormy.script.lock().unwrap().extend(script);
        runtime.block_on(async {
            deliver(&plain, &events).await;
            let shuffled: Vec<Event> = order.iter().map(|nth| events[*nth].clone()).collect();
            for some in shuffled.chunks(batch_size) {
                deliver(&stormy, some).await;
            }
        });
        prop_assert_eq!(stormy.profile(), plain.profile());
        let delivered: BTreeSet<String> = stormy.delivered.lock().unwrap().iter().cloned().collect();
        prop_assert_eq!(delivered, events.iter().map(Event::id).collect::<BTreeSet<_>>());
    }
}
