//! What calls functions from within: the clock; and the streams and the queue between functions, delivered in parts, late,
//! twice, and twice at once, but each shard in order, from where the function said that it came to.

use std::collections::VecDeque;
use std::rc::Rc;

use serde_json::{Value, json};

use crate::processes::Name;
use crate::seed::Dice;
use crate::world::World;

/// How many shards each stream has.
const SHARDS: usize = 2;
/// The largest batch of a stream, and of the queue.
const BATCH: u64 = 25;
const MESSAGES: u64 = 5;

/// What is on its way between functions.
#[derive(Default)]
pub(crate) struct Streams {
    /// The ledger's stream.
    table: [VecDeque<Value>; SHARDS],
    /// The event stream.
    events: [VecDeque<Value>; SHARDS],
    /// The payout queue.
    orders: Vec<Value>,
    numbered: u64,
}

/// Which stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    Table,
    Events,
}

/// Delivers what waits on the streams: some of it, or all.
pub(crate) async fn deliver(world: Rc<World>, step: u64, mut dice: Dice, all: bool) {
    loop {
        if let Err(error) = collect(&world) {
            return world.violated(format!("the streams cannot be read: {error}"));
        }
        for shard in 0..SHARDS {
            for which in [Which::Table, Which::Events] {
                deliver_shard(&world, which, shard, step, &mut dice).await;
            }
        }
        if let Err(error) = collect(&world) {
            return world.violated(format!("the streams cannot be read: {error}"));
        }
        if !all && dice.chance(300) || world.streams.borrow().is_empty() || world.violation().is_some() {
            return;
        }
    }
}

/// Hands some payout orders to the function that carries them out.
pub(crate) async fn payouts(world: Rc<World>, step: u64, mut dice: Dice) {
    let mut taken = {
        let mut streams = world.streams.borrow_mut();
        streams.take_orders(&world);
        dice.shuffle(&mut streams.orders);
        let count = usize::try_from(dice.between(1, MESSAGES)).unwrap_or(1).min(streams.orders.len());
        let rest = streams.orders.len() - count;
        streams.orders.split_off(rest)
    };
    if taken.is_empty() {
        return;
    }
    let failed = invoke(&world, Name::Payout, &taken, format!("#{step} payouts"), &dice.branch()).await;
    // Messages that were handled are deleted; sometimes too late.
    let again = dice.chance(world.twice());
    taken.retain(|order| again || failed.as_ref().is_none_or(|failed| failed.contains(&id(order))));
    world.streams.borrow_mut().orders.extend(taken);
}

/// Has what waited for long looked at again.
pub(crate) async fn sweep(world: Rc<World>, step: u64, mut dice: Dice) {
    run(&world, Name::Sweep, json!({}), format!("#{step} sweep"), &dice.branch()).await;
}

/// One batch of a shard; what was handled does not come again, most of the time.
async fn deliver_shard(world: &Rc<World>, which: Which, shard: usize, step: u64, dice: &mut Dice) {
    let batch: Vec<Value> = {
        let streams = world.streams.borrow();
        let size = usize::try_from(dice.between(1, BATCH)).unwrap_or(1);
        streams.shard(which, shard).iter().take(size).cloned().collect()
    };
    if batch.is_empty() {
        return;
    }
    let name = if which == Which::Table { Name::Outbox } else { Name::Analytics };
    let label = format!("#{step} {name:?} {shard}: {}", batch.len());
    // A batch that seems to have failed comes again while the first delivery is still at work.
    let failed = if dice.chance(world.twice()) {
        let (one, other) = (dice.branch(), dice.branch());
        let (failed, _) = tokio::join!(
            biased;
            invoke(world, name, &batch, label.clone(), &one),
            invoke(world, name, &batch, format!("{label} (at once)"), &other)
        );
        failed
    } else {
        invoke(world, name, &batch, label, &dice.branch()).await
    };
    let Some(failed) = failed else { return };
    let done = batch.iter().position(|it| failed.contains(&id(it))).unwrap_or(batch.len());
    if !dice.chance(world.twice()) {
        world.streams.borrow_mut().shard_mut(which, shard).drain(..done);
    }
}

/// Invokes a consumer: the ids that it reports as failed; none if it did not answer.
async fn invoke(
    world: &Rc<World>,
    name: Name,
    records: &[Value],
    label: String,
    dice: &Dice,
) -> Option<Vec<String>> {
    let said = run(world, name, json!({"Records": records}), label, dice).await?;
    let failures = said.get("batchItemFailures").and_then(Value::as_array);
    let name = |it: &Value| it.get("itemIdentifier").and_then(Value::as_str).map(str::to_owned);
    Some(failures.into_iter().flatten().filter_map(name).collect())
}

/// One invocation by an event: what it says; nothing if it did not answer.
async fn run(world: &Rc<World>, name: Name, event: Value, label: String, dice: &Dice) -> Option<Value> {
    let (answer, heard) = tokio::sync::oneshot::channel();
    let (server, dice) = (Rc::clone(world), dice.clone());
    world.schedule.spawn(label.clone(), |task| {
        Box::pin(async move {
            server.seam.callers.enter(task, label.clone(), &dice);
            server.oracle.borrow_mut().crowd.enter_everywhere(task);
            let _presence = Leaving { world: Rc::clone(&server), task };
            let answered = match server.processes.enter(name, task).await {
                Ok((function, _)) => function.invoke(event).await,
                Err(error) => Err(error),
            };
            match answered {
                Ok(said) => {
                    server.note(|| format!("{label} → {said}"));
                    let _ = answer.send(said);
                }
                Err(error) => server.note(|| format!("{label} fails: {error}")),
            }
        })
    });
    heard.await.ok()
}

/// Cleans up after an invocation, also if it dies.
struct Leaving {
    world: Rc<World>,
    task: u64,
}

impl Drop for Leaving {
    fn drop(&mut self) {
        self.world.seam.callers.leave(self.task);
        self.world.processes.leave(self.task);
        self.world.oracle.borrow_mut().crowd.leave(self.task);
    }
}

/// Takes over what the table's stream and the event stream have to tell.
fn collect(world: &World) -> Result<(), crate::Error> {
    let mut streams = world.streams.borrow_mut();
    for record in world.seam.tables.new_records()? {
        // As the event source mapping filters them.
        let sk = record.pointer("/dynamodb/Keys/sk/S").and_then(Value::as_str).unwrap_or_default();
        if record.get("eventName").and_then(Value::as_str) == Some("INSERT") && sk.starts_with("TX#") {
            let pk = record.pointer("/dynamodb/Keys/pk/S").and_then(Value::as_str).unwrap_or_default();
            let shard = shard_of(pk);
            streams.shard_mut(Which::Table, shard).push_back(record);
        }
    }
    for record in world.seam.services.take_stream() {
        world.demand(world.oracle.borrow_mut().facts.see(&record));
        streams.numbered += 1;
        let event = kinesis_event(&record.partition_key, &record.data, streams.numbered);
        let shard = shard_of(&record.partition_key);
        streams.shard_mut(Which::Events, shard).push_back(event);
    }
    streams.take_orders(world);
    Ok(())
}

impl Streams {
    fn shard(&self, which: Which, shard: usize) -> &VecDeque<Value> {
        let shards = if which == Which::Table { &self.table } else { &self.events };
        let [first, second] = shards;
        if shard == 0 { first } else { second }
    }

    fn shard_mut(&mut self, which: Which, shard: usize) -> &mut VecDeque<Value> {
        let shards = if which == Which::Table { &mut self.table } else { &mut self.events };
        let [first, second] = shards;
        if shard == 0 { first } else { second }
    }

    fn take_orders(&mut self, world: &World) {
        for body in world.seam.services.take_messages() {
            self.numbered += 1;
            self.orders.push(json!({"messageId": format!("m-{}", self.numbered), "body": body}));
        }
    }

    /// Whether payouts are still to be ordered.
    pub(crate) fn has_orders(&self) -> bool {
        !self.orders.is_empty()
    }

    fn is_empty(&self) -> bool {
        self.table.iter().chain(&self.events).all(VecDeque::is_empty)
    }
}

impl World {
    /// How many deliveries in a thousand happen twice.
    fn twice(&self) -> u64 {
        if self.is_calm() { 0 } else { self.plan.weather.network }
    }
}

fn kinesis_event(partition_key: &str, data: &str, number: u64) -> Value {
    let sequence = format!("{number:056}");
    json!({
        "eventID": format!("shardId-000000000000:{sequence}"),
        "eventName": "aws:kinesis:record",
        "eventSource": "aws:kinesis",
        "eventSourceARN": "arn:aws:kinesis:eu-west-1:000000000000:stream/events",
        "eventVersion": "1.0",
        "awsRegion": "eu-west-1",
        "invokeIdentityArn": "arn:aws:iam::000000000000:role/simulated",
        "kinesis": {
            "approximateArrivalTimestamp": 1_795_428_000,
            "data": data,
            "kinesisSchemaVersion": "1.0",
            "partitionKey": partition_key,
            "sequenceNumber": sequence,
        },
    })
}

/// By what a consumer names a record that failed.
fn id(record: &Value) -> String {
    let places = ["/dynamodb/SequenceNumber", "/kinesis/sequenceNumber", "/messageId"];
    let found = places.iter().find_map(|place| record.pointer(place).and_then(Value::as_str));
    found.unwrap_or_default().to_owned()
}

fn shard_of(player: &str) -> usize {
    usize::from(player.bytes().fold(0_u8, u8::wrapping_add)) % SHARDS
}
