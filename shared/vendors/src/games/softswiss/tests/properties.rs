use http::{HeaderValue, Method};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::*;
use crate::games::GameAnswer;
use crate::games::samples::holding;

/// Whatever comes in, the answer is one that `SoftSwiss` understands.
fn conforms(method: &Method, path: &str, body: &[u8]) {
    let softswiss = softswiss();
    let headers = HeaderMap::new();
    let call = RawCall { method, ..RawCall::post(path, &headers, body) };
    assert!(softswiss.verify(call).is_err(), "nothing unsigned gets in");
    let reply = match softswiss.parse(&Authentic::new(call)) {
        Ok(request) => softswiss.render(&request, &GameAnswer::Balance(holding("1 EUR"))),
        Err(rejection) => softswiss.render_rejection(call, &rejection),
    };
    let said: Value = serde_json::from_slice(&reply.body).unwrap();
    match reply.status {
        200 => assert!(said["balance"].is_string()),
        400 => {
            assert_eq!(said["code"], "invalid_argument");
            assert!(
                ["101", "154", "400", "404"].contains(&said["meta"]["api_code"].as_str().unwrap()),
                "{said}"
            );
        }
        status => panic!("{status}"),
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        "[0-9]{0,20}(\\.[0-9]{0,20})?".prop_map(Value::from),
        proptest::sample::select(vec![PLAYER, "EUR", "bet", "win", "rollback", "#end/r-1"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map("[a-z_]{1,12}", inner, 0..6).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn any_path() -> impl Strategy<Value = String> {
    prop_oneof![proptest::sample::select(PATHS.map(str::to_owned).to_vec()), "(/[a-z]{0,8}){0,3}"]
}

const POINTERS: [&str; 11] = [
    "/account_id",
    "/currency",
    "/game_id",
    "/round_id",
    "/round_id_provider",
    "/finished",
    "/session_id",
    "/transactions",
    "/transactions/0/id_provider",
    "/transactions/0/type",
    "/transactions/0/amount",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes(path in any_path(), get: bool, body in vec(any::<u8>(), 0..300)) {
        conforms(if get { &Method::GET } else { &Method::POST }, &path, &body);
    }

    #[test]
    fn any_document(path in any_path(), body in any_json()) {
        conforms(&Method::POST, &path, body.to_string().as_bytes());
    }

    #[test]
    fn a_good_call_with_one_field_spoilt(
        path in proptest::sample::select(PATHS.to_vec()),
        pointer in proptest::sample::select(POINTERS.to_vec()),
        value in any_json()
    ) {
        let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
        if call(path).pointer(parent).is_some() {
            conforms(&Method::POST, path, with(path, pointer, value).to_string().as_bytes());
        }
    }

    #[test]
    fn a_good_call_with_one_byte_spoilt(
        path in proptest::sample::select(PATHS.to_vec()), at in any::<proptest::sample::Index>(), byte: u8
    ) {
        let mut body = call(path).to_string().into_bytes();
        let at = at.index(body.len());
        body[at] = byte;
        conforms(&Method::POST, path, &body);
    }

    #[test]
    fn no_header_passes_for_a_signature(bytes in vec(32_u8..=255, 0..100)) {
        let mut headers = HeaderMap::new();
        let value = HeaderValue::from_bytes(&bytes).unwrap_or(HeaderValue::from_static(""));
        headers.insert("x-request-sign", value);
        let call = RawCall::post("/balance", &headers, b"[]");
        prop_assert!(softswiss().verify(call).is_err());
    }

    #[test]
    fn every_amount_that_is_accepted_is_kept_exactly(units in 1_i64..=i64::MAX) {
        let money = domain::Money::from_units(units, "EUR".parse().unwrap());
        let body = with("/betwin", "/transactions/0/amount", json!(money.to_text()));
        let crate::games::RequestKind::Batch(commands) = parse_json("/betwin", &body).unwrap().kind else { panic!() };
        let domain::Command::Debit(bet) = &commands[0] else { panic!() };
        prop_assert_eq!(bet.amount, money);
    }
}
