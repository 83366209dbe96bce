use http::HeaderValue;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::*;
use crate::games::GameAnswer;

const STATUSES: [&str; 6] = [
    "RS_OK",
    "RS_ERROR_UNKNOWN",
    "RS_ERROR_INVALID_TOKEN",
    "RS_ERROR_WRONG_CURRENCY",
    "RS_ERROR_WRONG_SYNTAX",
    "RS_ERROR_WRONG_TYPES",
];

/// Whatever comes in, the answer is one that Hub88 understands.
fn conforms(path: &str, body: &[u8]) {
    let hub88 = hub88();
    let headers = HeaderMap::new();
    let call = RawCall::post(path, &headers, body);
    assert!(hub88.verify(call).is_err(), "nothing unsigned gets in");
    let reply = match hub88.parse(&Authentic::new(call)) {
        Ok(request) => hub88
            .render(&request, &GameAnswer::Balance(domain::account::Wallet::empty("EUR".parse().unwrap()))),
        Err(rejection) => hub88.render_rejection(call, &rejection),
    };
    let reply = json(&reply);
    assert!(STATUSES.contains(&reply["status"].as_str().unwrap()), "{reply}");
    assert_eq!(reply.get("balance").is_some(), reply["status"] == "RS_OK");
}

fn any_path() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(CALLS.map(|(path, _)| path.to_owned()).to_vec()),
        "/[a-z]{0,8}(/[a-z]{0,8})?",
    ]
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        proptest::sample::select(vec!["-0", "0.1", "1e3", "-2.5e-7", "1e300", "18446744073709551615"])
            .prop_map(|number| serde_json::from_str(number).unwrap()),
        ".{0,40}".prop_map(Value::from),
        Just(Value::from(PLAYER)),
        Just(Value::from(BET_TX)),
        Just(Value::from("EUR")),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map("[a-z_]{1,12}", inner, 0..6).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn any_field() -> impl Strategy<Value = String> {
    proptest::sample::select(
        [
            "user",
            "token",
            "request_uuid",
            "transaction_uuid",
            "reference_transaction_uuid",
            "round",
            "amount",
            "round_closed",
            "game_code",
            "currency",
            "is_free",
            "is_supplier_promo",
            "meta",
        ]
        .map(str::to_owned)
        .to_vec(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes(path in any_path(), body in vec(any::<u8>(), 0..300)) {
        conforms(&path, &body);
    }

    #[test]
    fn any_document(path in any_path(), body in any_json()) {
        conforms(&path, body.to_string().as_bytes());
    }

    #[test]
    fn a_good_call_with_one_field_spoilt(
        call in proptest::sample::select(CALLS.to_vec()), field in any_field(), value in any_json()
    ) {
        let (path, body) = call;
        conforms(path, with(body, &field, Some(&value.to_string())).as_bytes());
    }

    #[test]
    fn a_good_call_with_one_byte_spoilt(
        call in proptest::sample::select(CALLS.to_vec()), at in any::<proptest::sample::Index>(), byte: u8
    ) {
        let (path, body) = call;
        let mut body = body.as_bytes().to_vec();
        let at = at.index(body.len());
        body[at] = byte;
        conforms(path, &body);
    }

    #[test]
    fn no_header_passes_for_a_signature(bytes in vec(32_u8..=255, 0..400)) {
        let mut headers = HeaderMap::new();
        headers.insert("x-hub88-signature", HeaderValue::from_bytes(&bytes).unwrap_or(HeaderValue::from_static("")));
        let call = RawCall::post("/user/info", &headers, INFO.as_bytes());
        prop_assert!(hub88().verify(call).is_err());
    }

    #[test]
    fn every_amount_that_is_accepted_is_kept_exactly(amount: i64) {
        let body = with(BET, "amount", Some(&amount.to_string()));
        if let Ok(request) = parse("/transaction/bet", body.as_bytes()) {
            let crate::games::RequestKind::Operation(command) = request.kind else { panic!() };
            let domain::Command::Debit(bet) = *command else { panic!() };
            prop_assert_eq!(bet.amount.to_minor(5), Ok(amount));
        } else {
            prop_assert!(!(0..=i64::MAX / 10).contains(&amount));
        }
    }
}
