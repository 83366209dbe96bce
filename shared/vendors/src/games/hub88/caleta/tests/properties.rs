use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::*;
use crate::games::GameAnswer;
use crate::games::samples::holding;

const STATUSES: [&str; 6] = [
    "RS_OK",
    "RS_ERROR_UNKNOWN",
    "RS_ERROR_INVALID_TOKEN",
    "RS_ERROR_WRONG_CURRENCY",
    "RS_ERROR_WRONG_SYNTAX",
    "RS_ERROR_WRONG_TYPES",
];

/// Whatever comes in, the answer is one that Caleta understands.
fn conforms(path: &str, body: &[u8]) {
    let caleta = caleta();
    let headers = HeaderMap::new();
    let call = RawCall::post(path, &headers, body);
    assert!(caleta.verify(call).is_err(), "nothing unsigned gets in");
    let reply = match caleta.parse(&Authentic::new(call)) {
        Ok(request) => caleta.render(&request, &GameAnswer::Balance(holding("1 EUR"))),
        Err(rejection) => caleta.render_rejection(call, &rejection),
    };
    assert_eq!(reply.status, 200);
    let said: Value = serde_json::from_slice(&reply.body).unwrap();
    assert!(STATUSES.contains(&said["status"].as_str().unwrap()), "{said}");
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        proptest::sample::select(vec![token(), TX.to_owned(), PLAYER.to_owned()]).prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map("[a-z_]{1,12}", inner, 0..6).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

const FIELDS: [&str; 14] = [
    "token",
    "user",
    "supplier_user",
    "request_uuid",
    "transaction_uuid",
    "reference_transaction_uuid",
    "round",
    "round_closed",
    "game_code",
    "currency",
    "amount",
    "is_free",
    "jackpot_win",
    "campaign_uuid",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes(path in "/wallet/[a-z]{0,8}", body in vec(any::<u8>(), 0..300)) {
        conforms(&path, &body);
    }

    #[test]
    fn any_document(path in proptest::sample::select(PATHS.to_vec()), body in any_json()) {
        conforms(path, body.to_string().as_bytes());
    }

    #[test]
    fn a_good_call_with_one_field_spoilt(
        path in proptest::sample::select(PATHS.to_vec()),
        field in proptest::sample::select(FIELDS.to_vec()),
        value in any_json()
    ) {
        conforms(path, with(path, field, value).to_string().as_bytes());
    }

    #[test]
    fn a_good_call_with_one_byte_spoilt(
        path in proptest::sample::select(PATHS.to_vec()), at in any::<proptest::sample::Index>(), byte: u8
    ) {
        let mut body = call(path).to_string().into_bytes();
        let at = at.index(body.len());
        body[at] = byte;
        conforms(path, &body);
    }
}
