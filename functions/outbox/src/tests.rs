//! The outbox against a stream that refuses and fails as it likes.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::ids::{PlayerId, WithdrawalId};
use edge::batch::{Consumer, Record, batch};
use edge::{BoxError, Context, Function};
use events::{Event, PayoutOrder};
use proptest::prelude::*;
use serde_json::{Value, json};
use ulid::Ulid;

use crate::doors::{EventStream, PayoutOrders};
use crate::{Outbox, Outgoing, publish};

/// Takes, refuses and fails by a script; then takes everything. Remembers what it took.
#[derive(Clone, Default)]
struct World {
    script: Arc<Mutex<VecDeque<Mood>>>,
    published: Arc<Mutex<Vec<(PlayerId, String)>>>,
    ordered: Arc<Mutex<Vec<PayoutOrder>>>,
}

#[derive(Clone, Copy, Debug)]
enum Mood {
    /// Takes the records whose bit is set.
    Picky(u64),
    /// Takes all, but the answer is lost.
    Silent,
    /// Takes nothing.
    Down,
}

impl World {
    fn scripted(moods: &[Mood]) -> Self {
        Self { script: Arc::new(Mutex::new(moods.iter().copied().collect())), ..Self::default() }
    }

    fn mood(&self) -> Mood {
        self.script.lock().unwrap().pop_front().unwrap_or(Mood::Picky(u64::MAX))
    }

    fn outbox(&self) -> Outbox<Self, Self> {
        Outbox {
            stream: self.clone(),
            orders: self.clone(),
            pause: Duration::ZERO,
            context: Context::default(),
        }
    }
}

impl EventStream for World {
    async fn put(&self, facts: &[&Outgoing]) -> Result<Vec<bool>, BoxError> {
        let mood = self.mood();
        let wants = |nth: usize| match mood {
            Mood::Picky(bits) => bits & (1 << (nth % 64)) != 0,
            Mood::Silent => true,
            Mood::Down => false,
        };
        let taken: Vec<bool> = (0..facts.len()).map(wants).collect();
        let kept = facts.iter().zip(&taken).filter(|(_, taken)| **taken);
        self.published.lock().unwrap().extend(kept.map(|(fact, _)| (fact.player, fact.event.clone())));
        if matches!(mood, Mood::Picky(_)) { Ok(taken) } else { Err("no answer".into()) }
    }
}

impl PayoutOrders for World {
    async fn send(&self, order: &PayoutOrder) -> Result<(), BoxError> {
        match self.mood() {
            Mood::Picky(bits) if bits & 1 == 0 => Err("no".into()),
            Mood::Down => Err("down".into()),
            _ => {
                self.ordered.lock().unwrap().push(*order);
                Ok(())
            }
        }
    }
}

fn player(number: u8) -> PlayerId {
    PlayerId::new(Ulid::from_parts(1, u128::from(number)))
}

fn order(player_id: PlayerId) -> PayoutOrder {
    PayoutOrder::Withdrawal { player_id, withdrawal_id: WithdrawalId::new(Ulid::from_parts(1, 1)) }
}

/// Facts of these players in this order; each tells its number among its player's facts.
fn facts(players: &[u8]) -> Vec<Record<Option<Outgoing>>> {
    let mut numbers: BTreeMap<u8, u32> = BTreeMap::new();
    let fact = |(position, number): (usize, &u8)| {
        let nth = numbers.entry(*number).or_default();
        *nth += 1;
        let player = player(*number);
        let outgoing =
            Outgoing { player, event: nth.to_string(), order: nth.is_multiple_of(3).then(|| order(player)) };
        Record { id: position.to_string(), content: Some(outgoing) }
    };
    players.iter().enumerate().map(fact).collect()
}

/// Delivers as Lambda does: again, from the earliest failure on, until nothing fails. Returns how often.
async fn deliver(world: &World, records: Vec<Record<Option<Outgoing>>>) -> usize {
    let outbox = world.outbox();
    let mut records = records;
    for attempt in 1..100 {
        let failures = outbox.handle(records.clone()).await;
        let Some(first) = failures.first() else { return attempt };
        let failed = records.iter().position(|record| record.id == first.id).unwrap();
        records.drain(..failed);
    }
    panic!("never done");
}

/// Every fact was published, and none before the one before it.
fn assert_complete_and_in_order(world: &World, players: &[u8]) {
    let mut expected: BTreeMap<PlayerId, u32> = BTreeMap::new();
    for number in players {
        *expected.entry(player(*number)).or_default() += 1;
    }
    let mut seen: BTreeMap<PlayerId, u32> = BTreeMap::new();
    for (player, event) in world.published.lock().unwrap().iter() {
        let (seen, number) = (seen.entry(*player).or_default(), event.parse::<u32>().unwrap());
        assert!(number <= *seen + 1, "{player}: {number} overtook {}", *seen + 1);
        *seen = number.max(*seen);
    }
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_healthy_stream_gets_each_fact_once() {
    let players = [1, 2, 1, 1, 2, 3];
    let world = World::default();
    assert_eq!(deliver(&world, facts(&players)).await, 1);
    assert_complete_and_in_order(&world, &players);
    assert_eq!(world.published.lock().unwrap().len(), players.len());
    assert_eq!(*world.ordered.lock().unwrap(), [order(player(1))]);
}

#[tokio::test]
async fn what_the_stream_refuses_is_sent_again_alone() {
    let world = World::scripted(&[Mood::Picky(0b101), Mood::Picky(0)]);
    assert_eq!(deliver(&world, facts(&[1, 2, 3])).await, 1);
    let published: Vec<PlayerId> = world.published.lock().unwrap().iter().map(|it| it.0).collect();
    assert_eq!(published, [player(1), player(3), player(2)]);
}

#[tokio::test]
async fn a_dead_stream_fails_from_the_earliest_fact_on() {
    let world = World::scripted(&[Mood::Down; 6]);
    let failures = world.outbox().handle(facts(&[1, 2, 1])).await;
    assert_eq!(failures.iter().map(|failure| failure.id.as_str()).collect::<Vec<_>>(), ["0"]);
    assert!(world.published.lock().unwrap().is_empty(), "no second wave after a failed first");
}

#[tokio::test]
async fn an_order_that_cannot_be_sent_brings_its_fact_again() {
    let yes = Mood::Picky(u64::MAX);
    let world = World::scripted(&[yes, yes, yes, Mood::Down]);
    let failures = world.outbox().handle(facts(&[1, 1, 1, 1])).await;
    assert_eq!(failures.iter().map(|failure| failure.id.as_str()).collect::<Vec<_>>(), ["2"]);
    assert!(world.ordered.lock().unwrap().is_empty());
}

#[test]
fn calls_stay_within_the_streams_limits() {
    let fact = |bytes| Outgoing { player: player(1), event: "x".repeat(bytes), order: None };
    let sizes = |facts: &[Outgoing]| -> Vec<usize> {
        let wave: Vec<_> = facts.iter().enumerate().collect();
        publish::calls(&wave).iter().map(Vec::len).collect()
    };
    assert_eq!(sizes(&vec![fact(10); 1200]), [500, 500, 200]);
    assert_eq!(sizes(&vec![fact(1024 * 1024); 6]), [4, 2], "keys count too");
    assert_eq!(sizes(&[]), [0; 0]);
}

fn mood() -> impl Strategy<Value = Mood> {
    prop_oneof![3 => any::<u64>().prop_map(Mood::Picky), 1 => Just(Mood::Silent), 1 => Just(Mood::Down)]
}

proptest! {
    #[test]
    fn no_weather_loses_or_reorders_facts(
        players in prop::collection::vec(1_u8..5, 0..30),
        moods in prop::collection::vec(mood(), 0..40),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let world = World::scripted(&moods);
        runtime.unwrap().block_on(deliver(&world, facts(&players)));
        assert_complete_and_in_order(&world, &players);
        let orders = facts(&players).into_iter().filter_map(|record| record.content?.order);
        for order in orders {
            prop_assert!(world.ordered.lock().unwrap().contains(&order));
        }
    }
}

const SAMPLES: &str = concat!(env!("PITBOSS_ROOT"), "/events/samples");

fn sample(function: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(format!("{SAMPLES}/{function}.json")).unwrap()).unwrap()
}

/// The consumers' sample triggers carry exactly what comes of the outbox's. `UPDATE_SAMPLES=1` writes them anew.
#[tokio::test]
async fn the_samples_hang_together() {
    let world = World::default();
    let function: Arc<dyn Function> = batch(world.outbox());
    let answer = function.invoke(sample("outbox")).await.unwrap();
    assert_eq!(answer, json!({"batchItemFailures": []}));
    let published = world.published.lock().unwrap();
    assert_eq!(world.ordered.lock().unwrap().len(), 1, "one withdrawal is approved in it");
    for (_, event) in published.iter() {
        Event::from_json(event.as_bytes()).unwrap();
    }
    let trigger = json!({ "Records": published.iter().zip(1..).map(kinesis_record).collect::<Vec<_>>() });
    for consumer in ["analytics", "crm"] {
        if std::env::var_os("UPDATE_SAMPLES").is_some() {
            let text = format!("{}\n", serde_json::to_string_pretty(&trigger).unwrap());
            std::fs::write(format!("{SAMPLES}/{consumer}.json"), text).unwrap();
        }
        assert_eq!(sample(consumer), trigger, "{consumer}: run with UPDATE_SAMPLES=1");
    }
}

fn kinesis_record(((player, event), number): (&(PlayerId, String), u64)) -> Value {
    use base64::Engine;
    let sequence = format!("4966838275{number:046}");
    json!({
        "eventID": format!("shardId-000000000000:{sequence}"),
        "eventName": "aws:kinesis:record",
        "eventSource": "aws:kinesis",
        "eventSourceARN": "arn:aws:kinesis:eu-west-1:123456789012:stream/pitboss-dev-events",
        "eventVersion": "1.0",
        "awsRegion": "eu-west-1",
        "invokeIdentityArn": "arn:aws:iam::123456789012:role/pitboss-dev-consumer",
        "kinesis": {
            "approximateArrivalTimestamp": 1_767_225_660.5,
            "data": base64::prelude::BASE64_STANDARD.encode(event),
            "kinesisSchemaVersion": "1.0",
            "partitionKey": player.to_string(),
            "sequenceNumber": sequence,
        },
    })
}
