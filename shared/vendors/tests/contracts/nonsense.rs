//! Whatever comes to any game vendor's door, the answer is one of its protocol, and nothing is asked of the core that
//! moves money.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use http::Method;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;
use vendors::games::{self, GameAnswer, RequestKind};

use crate::document::Answers;
use crate::side::{Bytes, Proof, Side};

static VENDORS: LazyLock<BTreeMap<&'static str, (Side, Answers)>> =
    LazyLock::new(|| games::names().map(|name| (name, (Side::of(name), Answers::of(name)))).collect());

/// Sends a call to every vendor, whose answers must be their protocols' own.
fn conform(call: &Bytes, proof: Proof) {
    for (vendor, (side, answers)) in VENDORS.iter() {
        let (request, reply) = side.call(call, proof, |_| GameAnswer::TryAgain);
        answers.check(call.method.as_str(), &call.path, &reply);
        let moves = |kind: &RequestKind| matches!(kind, RequestKind::Operation(_) | RequestKind::Batch(_));
        assert!(!request.is_some_and(|it| moves(&it.kind)), "{vendor}: {call:?} moves money");
    }
}

const PATHS: [&str; 24] = [
    "/user/info",
    "/user/balance",
    "/transaction/bet",
    "/transaction/win",
    "/transaction/rollback",
    "/wallet/check",
    "/wallet/bet",
    "/wallet/rollback",
    "/balance",
    "/betwin",
    "/rollback",
    "/finish",
    "/bet",
    "/win",
    "/refund",
    "/check",
    "/debit",
    "/credit",
    "/cancel",
    "/promo_payout",
    "/players/session",
    "/players/ply_01HZY4Q6T0J8K9M2N3P4R5S6T7/balance",
    "/players/ply_01HZY4Q6T0J8K9M2N3P4R5S6T7/transactions",
    "/players/ply_01HZY4Q6T0J8K9M2N3P4R5S6T7/gamerounds/r",
];

/// The names that protocols use, so that shapes come close to what they mean.
const NAMES: [&str; 20] = [
    "user",
    "token",
    "amount",
    "currency",
    "transaction_uuid",
    "account_id",
    "transactions",
    "type",
    "sessionID",
    "txID",
    "roundID",
    "sid",
    "userId",
    "game",
    "transaction",
    "provider",
    "transactionType",
    "cashAmount",
    "promos",
    "uuid",
];

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        select(vec!["ply_01HZY4Q6T0J8K9M2N3P4R5S6T7", "EUR", "1.50", "bet", "WITHDRAW"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 8, |inner| {
        let name = prop_oneof![select(NAMES.map(str::to_owned).to_vec()), ".{0,8}"];
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map(name, inner, 0..8).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn any_call(body: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Bytes> {
    let method =
        select(vec![Method::POST, Method::POST, Method::POST, Method::GET, Method::PUT, Method::DELETE]);
    let path = prop_oneof![4 => select(PATHS.map(str::to_owned).to_vec()), 1 => "(/[a-z_{}%.0-9]{0,8}){0,4}"];
    let query = prop_oneof![
        Just(String::new()),
        Just("provider=redtiger".to_owned()),
        "([a-zA-Z]{0,9}=[a-z0-9%+]{0,9}&){0,4}",
    ];
    let header = prop_oneof![
        select(vec!["x-player-token", "x-correlation-id", "authorization", "x-request-sign", "content-type"])
            .prop_map(str::to_owned),
        "[a-z-]{1,12}",
    ];
    let headers = vec((header, "[ -~]{0,24}"), 0..5);
    (method, path, query, headers, body).prop_map(|(method, path, query, headers, body)| Bytes {
        method,
        path,
        query,
        headers,
        body,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes(call in any_call(vec(any::<u8>(), 0..200))) {
        for proof in [Proof::Good, Proof::Forged, Proof::Missing] {
            conform(&call, proof);
        }
    }

    #[test]
    fn any_json_shape(call in any_call(any_json().prop_map(|json| json.to_string().into_bytes()))) {
        for proof in [Proof::Good, Proof::Missing] {
            conform(&call, proof);
        }
    }

}

#[test]
fn any_deep_nesting() {
    for depth in [100, 127, 128, 129, 50_000] {
        for body in [
            "[".repeat(depth),
            r#"{"a":"#.repeat(depth),
            format!("{}{}", "[".repeat(depth), "]".repeat(depth)),
        ] {
            for path in PATHS {
                let (path, query, headers) = (path.to_owned(), String::new(), Vec::new());
                let body = body.clone().into_bytes();
                conform(&Bytes { method: Method::POST, path, query, headers, body }, Proof::Good);
            }
        }
    }
}
