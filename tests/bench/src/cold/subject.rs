//! Who is measured: the smallest function, ours, and the same bet on Node.js, all on the same store.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::build::{Peers, release};
use super::process::{Process, Program};
use crate::Error;
use crate::wallet::Bench;

const PEER_TABLE: &str = "peer-wallets";
const IDEMPOTENCY_TABLE: &str = "peer-idempotency";

/// The beginning of our figures' names.
pub(crate) const OURS: &str = "ours";

/// A function under measurement.
pub(crate) struct Subject {
    /// What it is called in the table.
    pub(crate) name: &'static str,
    /// The beginning of its figures' names.
    pub(crate) figure: &'static str,
    /// How it is started.
    pub(crate) program: Program,
    /// Whether it takes bets; otherwise it does nothing at all.
    pub(crate) bets: bool,
}

impl Subject {
    /// Hands a running process an event and insists on a good answer: how long after its start that came.
    pub(crate) async fn invoke(&self, process: &mut Process, event: &Value) -> Result<Duration, Error> {
        let (after, answer) = process.invoke(event).await?;
        let body = answer.get("body").and_then(Value::as_str).unwrap_or_default();
        if self.bets && !body.contains("RS_OK") {
            return Err(format!("{}: not accepted: {answer}", self.name).into());
        }
        Ok(after)
    }
}

/// A fresh bet, signed.
pub(crate) fn bet(bench: &Bench) -> Result<Value, Error> {
    bench.event("/transaction/bet", &bench.game.bet(1_000))
}

/// The floor: a function that does nothing.
pub(crate) fn smallest() -> Result<Subject, Error> {
    let path = release("smallest")?;
    let program = Program { path, arguments: Vec::new(), environment: BTreeMap::new() };
    Ok(Subject { name: "smallest Rust function", figure: "smallest", program, bets: false })
}

/// The wallet function, as deployed.
pub(crate) fn ours(bench: &Bench) -> Result<Subject, Error> {
    let path = release("game-wallet")?;
    let mut environment = bench.cloud.env().clone();
    environment.insert("VENDOR".to_owned(), "hub88".to_owned());
    // Measured here as it is deployed; elsewhere nobody reads the metrics.
    environment.insert("METRICS".to_owned(), "on".to_owned());
    let program = Program { path, arguments: Vec::new(), environment };
    Ok(Subject { name: "pitboss game-wallet", figure: OURS, program, bets: true })
}

/// The peers, with a wallet of their own for the same player.
pub(crate) async fn peers(bench: &Bench, peers: &Peers, vendors: &Value) -> Result<[Subject; 2], Error> {
    provision(bench).await?;
    let key = vendors.pointer("/games/hub88/public_key_pem").and_then(Value::as_str);
    let mut environment = bench.cloud.env().clone();
    environment.extend([
        ("HUB88_PUBLIC_KEY".to_owned(), key.unwrap_or_default().to_owned()),
        ("PEER_TABLE".to_owned(), PEER_TABLE.to_owned()),
        ("IDEMPOTENCY_TABLE".to_owned(), IDEMPOTENCY_TABLE.to_owned()),
        // The SDK would tell each start of an old Node.js that it is old.
        ("NODE_NO_WARNINGS".to_owned(), "1".to_owned()),
    ]);
    let subject = |name, figure, bundle| {
        let program = Program {
            path: peers.node.clone(),
            arguments: peers.arguments(bundle),
            environment: environment.clone(),
        };
        Subject { name, figure, program, bets: true }
    };
    Ok([
        subject("Node.js, AWS SDK", "node", "plain"),
        subject("Node.js, Powertools", "node_powertools", "powertools"),
    ])
}

async fn provision(bench: &Bench) -> Result<(), Error> {
    let cloud = bench.cloud.cloud();
    cloud.call("DynamoDB_20120810.CreateTable", table(PEER_TABLE, &["pk", "sk"])).await?;
    cloud.call("DynamoDB_20120810.CreateTable", table(IDEMPOTENCY_TABLE, &["id"])).await?;
    let wallet = json!({
        "pk": {"S": format!("PLAYER#{}", bench.game.user)},
        "sk": {"S": "WALLET"},
        "token": {"S": bench.game.token},
        "currency": {"S": bench.game.currency},
        "balance": {"N": "1000000000"},
    });
    let put = json!({"TableName": PEER_TABLE, "Item": wallet});
    cloud.call("DynamoDB_20120810.PutItem", put).await?;
    Ok(())
}

fn table(name: &str, keys: &[&str]) -> Value {
    let attributes: Vec<Value> =
        keys.iter().map(|key| json!({"AttributeName": key, "AttributeType": "S"})).collect();
    let schema: Vec<Value> = keys
        .iter()
        .zip(["HASH", "RANGE"])
        .map(|(key, kind)| json!({"AttributeName": key, "KeyType": kind}))
        .collect();
    json!({
        "TableName": name,
        "AttributeDefinitions": attributes,
        "KeySchema": schema,
        "BillingMode": "PAY_PER_REQUEST",
    })
}
