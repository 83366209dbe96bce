use domain::account::Wallet;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::value::RawValue;

use super::*;
use crate::games::GameAnswer;

const STATUSES: [&str; 5] = ["OK", "INVALID_SID", "INVALID_PARAMETER", "UNKNOWN_ERROR", "TEMPORARY_ERROR"];

/// Whatever comes in, the answer is one that Evolution understands.
fn conforms(method: &http::Method, path: &str, query: &str, body: &[u8]) {
    let evolution = evolution();
    let headers = HeaderMap::new();
    let call = RawCall { method, path, query, headers: &headers, body };
    assert!(evolution.verify(call).is_err(), "nothing without the token gets in");
    let wallet = Wallet::empty("EUR".parse().unwrap());
    let replies = match evolution.parse(&Authentic::new(call)) {
        Ok(request) => {
            [GameAnswer::Balance(wallet), GameAnswer::TryAgain].map(|it| evolution.render(&request, &it))
        }
        Err(rejection) => [(); 2].map(|()| evolution.render_rejection(call, &rejection)),
    };
    for reply in replies {
        let document: Value = serde_json::from_str(text(&reply)).unwrap();
        let status = document["status"].as_str().unwrap();
        assert!(STATUSES.contains(&status), "{document}");
        assert_eq!(document.get("retransmission").is_some(), status == "TEMPORARY_ERROR");
        assert_eq!(document.get("balance").is_some(), path != "/check", "{path} {document}");
    }
}

fn any_path() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(CALLS.map(|(path, _)| path.to_owned()).to_vec()),
        "/[a-z_]{0,8}(/[a-z]{0,8})?",
        ".{0,20}",
    ]
}

fn any_method() -> impl Strategy<Value = http::Method> {
    proptest::sample::select(vec![http::Method::POST, http::Method::GET, http::Method::PUT])
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
        Just(Value::from(sid_of(PLAYER))),
        Just(Value::from("EUR")),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map("(sid|userId|uuid|currency|game|transaction|id|refId|amount|[a-z]{1,6})", inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

const POINTERS: [&str; 12] = [
    "/sid",
    "/userId",
    "/uuid",
    "/currency",
    "/game",
    "/transaction",
    "/promoTransaction",
    "/channel",
    "/later",
    "/game/id",
    "/transaction/id",
    "/transaction/amount",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes(method in any_method(), path in any_path(), query in ".{0,60}", body in vec(any::<u8>(), 0..300)) {
        conforms(&method, &path, &query, &body);
    }

    #[test]
    fn any_document(path in any_path(), body in any_json()) {
        conforms(&http::Method::POST, &path, "", body.to_string().as_bytes());
    }

    #[test]
    fn a_good_call_with_one_field_spoilt(
        call in proptest::sample::select(CALLS.to_vec()),
        pointer in proptest::sample::select(POINTERS.to_vec()),
        value in any_json(),
    ) {
        let (path, _) = call;
        let (parent, _) = pointer.rsplit_once('/').unwrap();
        let document: Value = serde_json::from_str(&body(path)).unwrap();
        if document.pointer(parent).is_some_and(Value::is_object) {
            conforms(&http::Method::POST, path, "", with(path, pointer, Some(&value.to_string())).as_bytes());
        }
    }

    #[test]
    fn a_good_call_with_one_byte_spoilt(
        call in proptest::sample::select(CALLS.to_vec()), at in any::<proptest::sample::Index>(), byte: u8
    ) {
        let mut body = body(call.0).into_bytes();
        let at = at.index(body.len());
        body[at] = byte;
        conforms(&http::Method::POST, call.0, "authToken=", &body);
    }

    #[test]
    fn every_amount_that_is_accepted_is_kept_exactly(digits in "(0|[1-9][0-9]{0,15})(\\.[0-9]{1,9})?") {
        let body = with("/debit", "/transaction/amount", Some(&digits));
        if let Ok(request) = parse("/debit", body) {
            let crate::games::RequestKind::Operation(command) = request.kind else { panic!() };
            let domain::Command::Debit(debit) = *command else { panic!() };
            prop_assert_eq!(debit.amount.to_decimal(), domain::parse_decimal(&digits).unwrap());
        }
    }

    #[test]
    fn balances_are_written_as_they_are(cash in 0..i64::MAX, bonus in 0..i64::MAX) {
        #[derive(serde::Deserialize)]
        struct Shown<'a> {
            #[serde(borrow)]
            balance: &'a RawValue,
            #[serde(borrow)]
            bonus: &'a RawValue,
        }
        let eur = |units| domain::Money::from_units(units, "EUR".parse().unwrap());
        let wallet = Wallet { cash: eur(cash), bonus: eur(bonus), ..Wallet::empty("EUR".parse().unwrap()) };
        let request = parse("/balance", body("/balance")).unwrap();
        let reply = evolution().render(&request, &GameAnswer::Balance(wallet));
        let shown: Shown<'_> = serde_json::from_str(text(&reply)).unwrap();
        let written = |units| format!("{}.{:06}", units / 1_000_000, units % 1_000_000);
        prop_assert_eq!(shown.balance.get(), written(cash));
        prop_assert_eq!(shown.bonus.get(), written(bonus));
    }
}
