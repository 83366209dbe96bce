//! DynamoDB, by dynoxide in this process: one call after the other, each at one moment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use dynoxide::Database;
use dynoxide::errors::DynoxideError;
use dynoxide::storage_backend::ManualClock;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::answers::Answer;
use super::images::Images;
use super::{Request, lock};
use crate::Error;
use crate::faults::{Fault, Nature};
use crate::seed::Dice;

/// The tables' names, with what they have besides a key.
pub(crate) const LEDGER: &str = "Ledger";
pub(crate) const KPI: &str = "Kpi";
pub(crate) const INBOX: &str = "Inbox";
const PLAIN: &[&str] = &["Players", "Sessions", "Catalogue", KPI];

/// A moment for the database's own stamps, which nothing reads.
const EPOCH: u64 = 1_790_000_000;

/// The tables, and what is remembered of their past.
pub(crate) struct Tables {
    db: Database,
    state: Mutex<State>,
    iterator: Mutex<Option<String>>,
}

#[derive(Default)]
struct State {
    images: Images,
    /// The version of each account, as the last commit left it.
    versions: BTreeMap<String, u64>,
    /// The sort keys of each player's entries that were written since somebody asked.
    written: BTreeMap<String, Vec<String>>,
    /// The transactions that went through: one that comes again under its token does nothing.
    done: BTreeSet<String>,
}

impl Tables {
    pub(super) fn new() -> Result<Self, Error> {
        let db = Database::memory_with_clock(ManualClock::new(EPOCH).arc())?;
        let tables = Self { db, state: Mutex::default(), iterator: Mutex::default() };
        tables.ask("CreateTable", &ledger_table())?;
        tables.ask("CreateTable", &inbox_table())?;
        for name in PLAIN {
            tables.ask("CreateTable", &plain_table(name))?;
        }
        Ok(tables)
    }

    /// Asks as an operator would: nothing goes wrong, nothing is recorded.
    pub(crate) fn ask(&self, operation: &str, input: &Value) -> Result<Value, Error> {
        let answer = run(&self.db, operation, input.to_string().as_bytes());
        let body: Value = serde_json::from_str(&answer.body)?;
        if answer.status == 200 { Ok(body) } else { Err(format!("{operation}: {body}").into()) }
    }

    /// All items that a query finds, page after page.
    pub(crate) fn query(&self, mut input: Value) -> Result<Vec<Value>, Error> {
        let mut items = Vec::new();
        loop {
            let mut page = self.ask("Query", &input)?;
            if let Some(Value::Array(found)) = page.get_mut("Items").map(Value::take) {
                items.extend(found);
            }
            match (page.get_mut("LastEvaluatedKey").map(Value::take), input.as_object_mut()) {
                (Some(key), Some(input)) => input.insert("ExclusiveStartKey".to_owned(), key),
                _ => return Ok(items),
            };
        }
    }

    /// An account's version after the last commit; zero before the first.
    pub(crate) fn version(&self, player: &str) -> u64 {
        lock(&self.state).versions.get(player).copied().unwrap_or_default()
    }

    /// The entries of a player that were written since the last time, as they stand in the table.
    pub(crate) fn new_entries(&self, player: &str) -> Result<Vec<Value>, Error> {
        let keys = lock(&self.state).written.remove(player).unwrap_or_default();
        let get = |sk: String| {
            let key = json!({"pk": {"S": player}, "sk": {"S": sk}});
            let input = json!({"TableName": LEDGER, "Key": key, "ConsistentRead": true});
            let mut answer = self.ask("GetItem", &input)?;
            Ok(answer.get_mut("Item").map(Value::take).ok_or("an entry that was written is gone")?)
        };
        keys.into_iter().map(get).collect()
    }

    /// Time enough passed for every replica to hear the latest.
    pub(crate) fn settle(&self) {
        lock(&self.state).images.settle();
    }

    /// What the ledger's stream has to tell since the last time.
    pub(crate) fn new_records(&self) -> Result<Vec<Value>, Error> {
        let mut iterator = lock(&self.iterator);
        let mut records = Vec::new();
        let mut next = match iterator.take() {
            Some(known) => known,
            None => self.oldest_record()?,
        };
        loop {
            let mut page = self.ask("GetRecords", &json!({"ShardIterator": next}))?;
            let Some(Value::Array(found)) = page.get_mut("Records").map(Value::take) else { break };
            let last = found.is_empty();
            records.extend(found);
            let following = page.get("NextShardIterator").and_then(Value::as_str);
            following.ok_or("the stream of the ledger ended")?.clone_into(&mut next);
            if last {
                break;
            }
        }
        *iterator = Some(next);
        Ok(records)
    }

    fn oldest_record(&self) -> Result<String, Error> {
        let table = self.ask("DescribeTable", &json!({"TableName": LEDGER}))?;
        let arn = table.pointer("/Table/LatestStreamArn").ok_or("the ledger has no stream")?;
        let stream = self.ask("DescribeStream", &json!({"StreamArn": arn}))?;
        let shard = stream.pointer("/StreamDescription/Shards/0/ShardId").ok_or("the stream has no shard")?;
        let input = json!({"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"});
        let answer = self.ask("GetShardIterator", &input)?;
        Ok(answer.get("ShardIterator").and_then(Value::as_str).ok_or("no iterator")?.to_owned())
    }

    /// Carries a request out.
    pub(super) fn execute(&self, request: &Request, dice: &mut Dice, fault: Option<Fault>) -> Answer {
        match fault {
            Some(Fault::Partial) => self.in_part(request),
            Some(Fault::Stale) => self.out_of_date(request, dice),
            _ => {
                let answer = self.run(request);
                if answer.status == 200 && nature(request).writes {
                    self.note(request);
                }
                answer
            }
        }
    }

    fn run(&self, request: &Request) -> Answer {
        run(&self.db, &request.operation, &request.body)
    }

    /// A batch of which the last key is left undone.
    fn in_part(&self, request: &Request) -> Answer {
        let mut request = request.json().clone();
        let mut left = serde_json::Map::new();
        for (table, wanted) in
            request.get_mut("RequestItems").and_then(Value::as_object_mut).into_iter().flatten()
        {
            let last = wanted.get_mut("Keys").and_then(Value::as_array_mut).and_then(Vec::pop);
            left.insert(table.clone(), json!({"Keys": Vec::from_iter(last)}));
        }
        let mut answer: Value = match self.ask("BatchGetItem", &request) {
            Ok(answer) => answer,
            Err(_) => json!({"Responses": {}}),
        };
        if let Some(answer) = answer.as_object_mut() {
            answer.insert("UnprocessedKeys".to_owned(), Value::Object(left));
        }
        Answer::ok(&answer)
    }

    /// The answer of replicas of which some lag behind: each item of a batch comes from one of its own.
    fn out_of_date(&self, request: &Request, dice: &mut Dice) -> Answer {
        let fresh = self.run(request);
        let Ok(mut answer) = serde_json::from_str::<Value>(&fresh.body) else { return fresh };
        let state = lock(&self.state);
        if let Some(tables) = answer.get_mut("Responses").and_then(Value::as_object_mut) {
            for (table, items) in tables {
                let Some(items) = items.as_array_mut() else { continue };
                let mut read = |item: &Value| {
                    let lags = dice.chance(500);
                    if lags { state.images.older(table, item, dice) } else { Some(item.clone()) }
                };
                *items = items.iter().filter_map(&mut read).collect();
            }
        }
        let table = request.json().get("TableName").and_then(Value::as_str);
        if let (Some(table), Some(item), Some(answer)) =
            (table, answer.get("Item").cloned(), answer.as_object_mut())
        {
            match state.images.older(table, &item, dice) {
                Some(older) => answer.insert("Item".to_owned(), older),
                None => answer.remove("Item"),
            };
        }
        Answer::ok(&answer)
    }
}

impl Tables {
    /// Remembers what a request wrote.
    fn note(&self, request: &Request) {
        let body = request.json();
        let token = body.get("ClientRequestToken").and_then(Value::as_str);
        let mut state = lock(&self.state);
        if token.is_some_and(|token| !state.done.insert(token.to_owned())) {
            return;
        }
        let actions = body.get("TransactItems").and_then(Value::as_array);
        let alone = json!({request.operation.trim_end_matches("Item"): body});
        for action in actions.map_or(std::slice::from_ref(&alone), Vec::as_slice) {
            if let Some(put) = action.get("Put") {
                state.put(put);
            }
            if let Some(update) = action.get("Update") {
                self.updated(&mut state, update);
            }
            if let Some(deletion) = action.get("Delete") {
                state.deleted(deletion);
            }
        }
    }

    /// A part of an item was changed: what it looks like is read again.
    fn updated(&self, state: &mut State, update: &Value) {
        let (Some(table), Some(key)) = (update.get("TableName").and_then(Value::as_str), update.get("Key"))
        else {
            return;
        };
        let get = json!({"TableName": table, "Key": key, "ConsistentRead": true});
        let found = self.ask("GetItem", &get).ok().and_then(|mut it| it.get_mut("Item").map(Value::take));
        match found {
            Some(item) => state.images.changed(table, item),
            None => state.images.forget(table, key),
        }
    }
}

impl State {
    fn put(&mut self, put: &Value) {
        let (Some(table), Some(item)) = (put.get("TableName").and_then(Value::as_str), put.get("Item"))
        else {
            return;
        };
        self.images.written(table, item.clone());
        if table != LEDGER {
            return;
        }
        let (player, sk) = (text(item, "pk"), text(item, "sk"));
        if sk == "ACCOUNT" {
            let version = item.pointer("/v/N").and_then(Value::as_str).and_then(|it| it.parse().ok());
            self.versions.insert(player.to_owned(), version.unwrap_or_default());
        } else if sk.starts_with("TX#") && item.get("seq").is_some() {
            self.written.entry(player.to_owned()).or_default().push(sk.to_owned());
        }
    }

    fn deleted(&mut self, deletion: &Value) {
        if let (Some(table), Some(key)) =
            (deletion.get("TableName").and_then(Value::as_str), deletion.get("Key"))
        {
            self.images.forget(table, key);
        }
    }
}

/// What a request is like.
pub(super) fn nature(request: &Request) -> Nature {
    let table = Nature { of_table: true, ..Nature::default() };
    let body = &request.body;
    match request.operation.as_str() {
        "TransactWriteItems" | "PutItem" | "UpdateItem" | "DeleteItem" => {
            Nature { writes: true, conflicts: true, ..table }
        }
        "TransactGetItems" => Nature { conflicts: true, ..table },
        "GetItem" => Nature { lags: !is_consistent(body), ..table },
        "BatchGetItem" => Nature { lags: !is_consistent(body), in_parts: true, ..table },
        _ => table,
    }
}

fn is_consistent(body: &[u8]) -> bool {
    std::str::from_utf8(body).is_ok_and(|text| text.contains(r#""ConsistentRead":true"#))
}

/// A request in a few words: what it does, to which items.
pub(super) fn summary(request: &Request) -> String {
    let actions = request.json().get("TransactItems").and_then(Value::as_array);
    let items: Vec<String> = match actions {
        Some(actions) => actions
            .iter()
            .filter_map(Value::as_object)
            .flat_map(|action| action.iter())
            .map(|(kind, action)| format!("{kind} {}", named(action)))
            .collect(),
        None => vec![named(request.json())],
    };
    format!("{} [{}]", request.operation, items.join(", "))
}

fn named(action: &Value) -> String {
    let Some(item) = action.get("Item").or_else(|| action.get("Key")) else { return String::new() };
    match item.pointer("/v/N").and_then(Value::as_str) {
        Some(version) => format!("{} v{version}", text(item, "sk")),
        None => text(item, "sk").to_owned(),
    }
}

fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item.get(name).and_then(|it| it.get("S")).and_then(Value::as_str).unwrap_or_default()
}

fn run(db: &Database, operation: &str, body: &[u8]) -> Answer {
    match operation {
        "GetItem" => call(body, |it| db.get_item(it)),
        "BatchGetItem" => call(body, |it| db.batch_get_item(it)),
        "TransactGetItems" => call(body, |it| db.transact_get_items(it)),
        "TransactWriteItems" => call(body, |it| db.transact_write_items(it)),
        "PutItem" => call(body, |it| db.put_item(it)),
        "UpdateItem" => call(body, |it| db.update_item(it)),
        "DeleteItem" => call(body, |it| db.delete_item(it)),
        "Query" => call(body, |it| db.query(it)),
        "Scan" => call(body, |it| db.scan(it)),
        "CreateTable" => call(body, |it| db.create_table(it)),
        "DescribeTable" => call(body, |it| db.describe_table(it)),
        "DescribeStream" => call(body, |it| db.describe_stream(it)),
        "GetShardIterator" => call(body, |it| db.get_shard_iterator(it)),
        "GetRecords" => call(body, |it| db.get_records(it)),
        _ => Answer::error(400, "com.amazon.coral.service#UnknownOperationException", operation),
    }
}

fn call<In: DeserializeOwned, Out: Serialize>(
    body: &[u8],
    operation: impl FnOnce(In) -> Result<Out, DynoxideError>,
) -> Answer {
    let input = match serde_json::from_slice(body) {
        Ok(input) => input,
        Err(error) => return Answer::error(400, "ValidationException", &error.to_string()),
    };
    match operation(input) {
        Ok(output) => match serde_json::to_string(&output) {
            Ok(body) => Answer { status: 200, body },
            Err(error) => Answer::error(500, "InternalServerError", &error.to_string()),
        },
        Err(error) => Answer { status: error.status_code(), body: error.to_json() },
    }
}

fn plain_table(name: &str) -> Value {
    json!({
        "TableName": name,
        "AttributeDefinitions": [attribute("pk"), attribute("sk")],
        "KeySchema": keys("pk", "sk"),
        "BillingMode": "PAY_PER_REQUEST",
    })
}

/// The ledger's table as `template.yaml` has it.
fn ledger_table() -> Value {
    let attributes: Vec<Value> = ["pk", "sk", "queue", "queued_at"].map(attribute).into();
    json!({
        "TableName": LEDGER,
        "AttributeDefinitions": attributes,
        "KeySchema": keys("pk", "sk"),
        "BillingMode": "PAY_PER_REQUEST",
        "GlobalSecondaryIndexes": [
            {"IndexName": "queue", "KeySchema": keys("queue", "queued_at"), "Projection": {"ProjectionType": "ALL"}}
        ],
        "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"},
    })
}

fn inbox_table() -> Value {
    let attributes: Vec<Value> = ["pk", "sk", "alert_about", "noted"].map(attribute).into();
    json!({
        "TableName": INBOX,
        "AttributeDefinitions": attributes,
        "KeySchema": keys("pk", "sk"),
        "BillingMode": "PAY_PER_REQUEST",
        "GlobalSecondaryIndexes": [
            {"IndexName": "alerts", "KeySchema": keys("alert_about", "noted"),
             "Projection": {"ProjectionType": "KEYS_ONLY"}}
        ],
    })
}

fn attribute(name: &str) -> Value {
    json!({"AttributeName": name, "AttributeType": "S"})
}

fn keys(hash: &str, range: &str) -> Value {
    json!([{"AttributeName": hash, "KeyType": "HASH"}, {"AttributeName": range, "KeyType": "RANGE"}])
}
