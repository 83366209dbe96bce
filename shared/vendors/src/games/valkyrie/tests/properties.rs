use domain::account::Wallet;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::*;
use crate::games::GameAnswer;

const CODES: [&str; 10] = [
    "PAM_ERR_UNDEFINED",
    "PAM_ERR_MISSING_PROVIDER",
    "PAM_ERR_PLAYER_NOT_FOUND",
    "PAM_ERR_SESSION_NOT_FOUND",
    "PAM_ERR_TRANS_CURRENCY",
    "PAM_ERR_NEGATIVE_STAKE",
    "PAM_ERR_BONUS_OVERDRAFT",
    "PAM_ERR_PROMO_OVERDRAFT",
    "PAM_ERR_TIMEOUT",
    "PAM_ERR_TRANS_NOT_FOUND",
];

/// Whatever comes in, the answer is one that Valkyrie understands.
fn conforms(call: RawCall<'_>) {
    let valkyrie = valkyrie();
    assert!(valkyrie.verify(call).is_err(), "nothing without the token gets in");
    let wallet = Wallet::empty("EUR".parse().unwrap());
    let answers = [GameAnswer::Balance(wallet), GameAnswer::TryAgain, GameAnswer::Bet(None)];
    let replies = match valkyrie.parse(&Authentic::new(call)) {
        Ok(request) => answers.map(|it| valkyrie.render(&request, &it)),
        Err(rejection) => answers.map(|_| valkyrie.render_rejection(call, &rejection)),
    };
    for reply in replies {
        let (http, text) = text(&reply);
        let document: Value = serde_json::from_str(text).unwrap();
        match document["status"].as_str().unwrap() {
            "OK" => assert!(http == 200 && document["balance"].is_object(), "{text}"),
            "ERROR" => {
                let code = document["error"]["code"].as_str().unwrap();
                assert!(CODES.contains(&code) && document["error"]["message"].is_string(), "{text}");
                let statuses: &[u16] = match code {
                    "PAM_ERR_SESSION_NOT_FOUND" => &[401],
                    "PAM_ERR_UNDEFINED" | "PAM_ERR_MISSING_PROVIDER" => &[200, 400],
                    _ => &[200],
                };
                assert!(statuses.contains(&http), "{http} {text}");
            }
            other => panic!("{other}"),
        }
    }
}

fn any_method() -> impl Strategy<Value = Method> {
    proptest::sample::select(vec![Method::GET, Method::PUT, Method::POST, Method::DELETE])
}

fn any_path() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("/players/session".to_owned()),
        Just(TRANSACTIONS.to_owned()),
        Just(format!("/players/{PLAYER}/balance")),
        "[a-z0-9%./:# é]{0,12}".prop_map(|round| format!("/players/{PLAYER}/gamerounds/{round}")),
        ".{0,12}".prop_map(|player| format!("/players/{player}/balance")),
        "(/[a-z]{0,8}){0,5}",
        ".{0,30}",
    ]
}

fn any_query() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(QUERY.to_owned()),
        "[a-z%&=+]{0,20}".prop_map(|more| format!("{QUERY}&providerBetRef={more}")),
        "[a-z%&=+]{0,20}".prop_map(|more| format!("{QUERY}&providerTransactionId={more}")),
        ".{0,40}",
    ]
}

fn any_headers() -> impl Strategy<Value = HeaderMap> {
    let token = prop_oneof![
        Just(token_of(PLAYER).into_bytes()),
        Just(token_of(OTHER_PLAYER).into_bytes()),
        vec(32_u8..=255, 0..60),
    ];
    (token, vec(32_u8..=255, 0..60)).prop_map(|(token, other)| {
        let value = |bytes: &[u8]| HeaderValue::from_bytes(bytes).unwrap_or(HeaderValue::from_static(""));
        let mut headers = HeaderMap::new();
        headers.insert("x-player-token", value(&token));
        headers.insert("x-correlation-id", value(&other));
        headers.insert("authorization", value(&other));
        headers
    })
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        proptest::sample::select(vec!["-0", "0.1", "1e3", "-2.5e-7", "1e300", "18446744073709551615"])
            .prop_map(|number| serde_json::from_str(number).unwrap()),
        ".{0,40}".prop_map(Value::from),
        proptest::sample::select(vec!["evolution", "EUR", "DEPOSIT", "CANCEL", "PROMOWITHDRAW"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map("[a-zA-Z]{1,12}", inner, 0..6).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

const FIELDS: [&str; 13] = [
    "currency",
    "provider",
    "transactionType",
    "cashAmount",
    "bonusAmount",
    "promoAmount",
    "transactionDateTime",
    "providerTransactionId",
    "providerBetRef",
    "providerGameId",
    "providerRoundId",
    "isGameOver",
    "promos",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_call(
        method in any_method(), path in any_path(), query in any_query(), headers in any_headers(),
        body in vec(any::<u8>(), 0..300),
    ) {
        conforms(RawCall { method: &method, path: &path, query: &query, headers: &headers, body: &body });
    }

    #[test]
    fn any_document(headers in any_headers(), body in any_json()) {
        let body = body.to_string();
        conforms(RawCall { query: QUERY, ..RawCall::post(TRANSACTIONS, &headers, body.as_bytes()) });
    }

    #[test]
    fn a_good_call_with_one_field_spoilt(field in proptest::sample::select(FIELDS.to_vec()), value in any_json()) {
        let body = with(WITHDRAW, field, Some(&value.to_string()));
        let headers = headers_of(&token_of(PLAYER));
        conforms(RawCall { query: QUERY, ..RawCall::post(TRANSACTIONS, &headers, body.as_bytes()) });
    }

    #[test]
    fn a_good_call_with_one_byte_spoilt(at in any::<proptest::sample::Index>(), byte: u8) {
        let mut body = WITHDRAW.as_bytes().to_vec();
        let at = at.index(body.len());
        body[at] = byte;
        let headers = headers_of(&token_of(PLAYER));
        conforms(RawCall { query: QUERY, ..RawCall::post(TRANSACTIONS, &headers, &body) });
    }

    #[test]
    fn winnings_lose_nothing(cash in 0..1_000_000_000_000_i64, bonus in 0..1_000_000_000_000_i64, promo in 0..1_000_000_000_000_i64) {
        let number = |units: i64| format!("{}.{:06}", units / 1_000_000, units % 1_000_000);
        let body = with(&of_type("DEPOSIT", "c-1"), "cashAmount", Some(&number(cash)));
        let body = with(&with(&body, "bonusAmount", Some(&number(bonus))), "promoAmount", Some(&number(promo)));
        let crate::games::RequestKind::Operation(command) = added(&body).unwrap().kind else { panic!() };
        let domain::Command::Credit(credit) = *command else { panic!() };
        prop_assert_eq!(credit.amount.units(), cash + bonus + promo);
    }
}
