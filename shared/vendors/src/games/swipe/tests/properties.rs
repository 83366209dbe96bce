use http::HeaderValue;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::*;
use crate::games::GameAnswer;
use crate::games::samples::holding;

const CODES: [&str; 2] = ["currency_not_supported", "session_not_found"];

/// Whatever comes in, the answer is one that Swipe Games understands.
fn conforms(call: RawCall<'_>) {
    let swipe = swipe();
    assert!(swipe.verify(call).is_err(), "nothing unsigned gets in");
    let reply = match swipe.parse(&Authentic::new(call)) {
        Ok(request) => swipe.render(&request, &GameAnswer::Balance(holding("1 EUR"))),
        Err(rejection) => swipe.render_rejection(call, &rejection),
    };
    let said: Value = serde_json::from_slice(&reply.body).unwrap();
    match reply.status {
        200 => assert!(said["balance"].is_string()),
        400 | 404 => {
            assert!(said["message"].is_string());
            assert!(said.get("code").is_none_or(|code| CODES.contains(&code.as_str().unwrap())), "{said}");
        }
        status => panic!("{status}"),
    }
}

fn posted(path: &str, body: &[u8]) {
    conforms(RawCall::post(path, &HeaderMap::new(), body));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        "[0-9]{0,20}(\\.[0-9]{0,20})?".prop_map(Value::from),
        proptest::sample::select(vec![token(), TX.to_owned(), "free".to_owned()]).prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map("[a-zA-Z]{1,12}", inner, 0..6).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

const FIELDS: [&str; 7] = ["type", "sessionID", "txID", "origTxID", "roundID", "amount", "frID"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes(path in "/(bet|win|refund|balance|[a-z]{0,6})", body in vec(any::<u8>(), 0..300)) {
        posted(&path, &body);
    }

    #[test]
    fn any_document(path in proptest::sample::select(PATHS.to_vec()), body in any_json()) {
        posted(path, body.to_string().as_bytes());
    }

    #[test]
    fn any_query(query in "[a-zA-Z0-9%=&+;._~!-]{0,80}", ours: bool) {
        let query = if ours { format!("sessionID={}&{query}", token()) } else { query };
        conforms(get(&query, &HeaderMap::new()));
    }

    #[test]
    fn a_good_call_with_one_field_spoilt(
        path in proptest::sample::select(PATHS.to_vec()),
        field in proptest::sample::select(FIELDS.to_vec()),
        value in any_json()
    ) {
        posted(path, with(path, field, value).to_string().as_bytes());
    }

    #[test]
    fn a_good_call_with_one_byte_spoilt(
        path in proptest::sample::select(PATHS.to_vec()), at in any::<proptest::sample::Index>(), byte: u8
    ) {
        let mut body = call(path).to_string().into_bytes();
        let at = at.index(body.len());
        body[at] = byte;
        posted(path, &body);
    }

    #[test]
    fn no_header_passes_for_a_signature(bytes in vec(32_u8..=255, 0..100)) {
        let mut headers = HeaderMap::new();
        let value = HeaderValue::from_bytes(&bytes).unwrap_or(HeaderValue::from_static(""));
        headers.insert("x-request-sign", value);
        prop_assert!(swipe().verify(get("", &headers)).is_err());
    }
}
