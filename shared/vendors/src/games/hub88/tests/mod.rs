//! Hub88's protocol, held to its rules. The private keys among the fixtures were made for these tests alone.

mod launch;
mod parse;
mod properties;
mod render;
mod settings;
mod verify;

use http::HeaderMap;
use serde_json::Value;

use super::{Hub88, OperatorId, Settings};
use crate::call::{Authentic, RawCall, Reply};
use crate::games::{GameRequest, GameWallet, Rejection};
use crate::keys::Keys;

const PLAYER: &str = "ply_01HZY4Q6T0J8K9M2N3P4R5S6T7";
const BET_TX: &str = "5f0c7a3e-1111-4a4a-8b8b-0000000000b1";

const INFO: &str = include_str!("../fixtures/info.json");
const BALANCE: &str = include_str!("../fixtures/balance.json");
const BET: &str = include_str!("../fixtures/bet.json");
const WIN: &str = include_str!("../fixtures/win.json");
const ROLLBACK: &str = include_str!("../fixtures/rollback.json");
const CALLS: [(&str, &str); 5] = [
    ("/user/info", INFO),
    ("/user/balance", BALANCE),
    ("/transaction/bet", BET),
    ("/transaction/win", WIN),
    ("/transaction/rollback", ROLLBACK),
];

const HUB88_PRIVATE: &str = include_str!("../fixtures/test-only-hub88.pkcs1.pem");
const HUB88_PUBLIC: &str = include_str!("../fixtures/test-only-hub88.public.pem");
const HUB88_PUBLIC_PKCS1: &str = include_str!("../fixtures/test-only-hub88.public.pkcs1.pem");
const HUB88_DEMO_PUBLIC: &str = include_str!("../fixtures/hub88-demo.public.pem");
const OPERATOR_PRIVATE: &str = include_str!("../fixtures/test-only-operator.pkcs8.pem");
const OPERATOR_PUBLIC: &str = include_str!("../fixtures/test-only-operator.public.pem");

fn settings() -> Settings {
    Settings {
        operator_id: OperatorId::Number(7),
        public_key_pem: Keys::One(HUB88_PUBLIC.to_owned()),
        private_key_pem: OPERATOR_PRIVATE.to_owned(),
        base_url: "https://hub88.test/api/".to_owned(),
        catalogue: Vec::new(),
    }
}

fn hub88() -> Hub88 {
    Hub88::new(&settings()).unwrap()
}

/// Reads a call as if its signature had been checked.
fn parse(path: &str, body: &[u8]) -> Result<GameRequest, Rejection> {
    let headers = HeaderMap::new();
    hub88().parse(&Authentic::new(RawCall::post(path, &headers, body)))
}

/// A fixture with one field set; `None` takes it away.
fn with(fixture: &str, field: &str, value: Option<&str>) -> String {
    let mut fields: serde_json::Map<String, Value> = serde_json::from_str(fixture).unwrap();
    fields.remove(field);
    let rest = Value::Object(fields).to_string();
    match value {
        Some(value) => format!("{{\"{field}\":{value},{}", &rest[1..]),
        None => rest,
    }
}

fn json(reply: &Reply) -> Value {
    assert_eq!((reply.status, reply.content_type), (200, "application/json"));
    serde_json::from_slice(&reply.body).unwrap()
}
