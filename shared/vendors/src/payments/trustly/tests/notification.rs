//! What Trustly tells.

use domain::EntryKey;
use domain::deposit::DepositEvent;
use domain::withdrawal::WithdrawalEvent;
use proptest::prelude::*;

use super::*;
use crate::payments::NoticeKind;

const SHA1: &[u8] = include_bytes!("../fixtures/credit-sha1.json");
const SHA256: &[u8] = include_bytes!("../fixtures/credit-sha256.json");
const DEPOSIT: &str = "dep_01KDVAN5G00000000000000001";
const WITHDRAWAL: &str = "wdr_01KDVAN5G00000000000000003";

fn told_data(message: &str) -> Value {
    json!({
        "amount": "25.00", "currency": "EUR", "messageid": message, "orderid": "90000001",
        "enduserid": "player_42", "notificationid": "70000001",
        "timestamp": "2026-01-02 03:04:05.675645+01", "attributes": {},
    })
}

fn told(method: &str, data: &Value) -> Result<PaymentNotice, Receipt> {
    received(&trustly(|_| ()), &notification(method, data))
}

fn kind(method: &str, message: &str) -> NoticeKind {
    told(method, &told_data(message)).unwrap().kind
}

fn reply(trustly: &Trustly, body: &[u8], receipt: Receipt) -> Reply {
    let headers = HeaderMap::new();
    trustly.render(RawCall::post("", &headers, body), receipt)
}

#[test]
fn the_known_calls_are_accepted() {
    let amount = "25.00 EUR".parse().unwrap();
    let expected = PaymentNotice {
        key: EntryKey::new("trustly", "70000001"),
        reference: "dep_01HZX3".into(),
        kind: NoticeKind::Deposit(DepositEvent::Captured { amount, psp_reference: "90000001".into() }),
        order: Some(1_767_323_045_000_000),
        psp_reference: Some("90000001".into()),
        refund: None,
        instrument: None,
        ending: None,
    };
    for body in [SHA1, SHA256] {
        assert_eq!(received(&trustly(|_| ()), body), Ok(expected.clone()));
    }
}

#[test]
fn only_the_configured_hashes_count() {
    let only = |hash: &str| trustly(|it| it["accepted_hashes"] = json!([hash]));
    assert_eq!(received(&only("RS256"), SHA1), Err(Receipt::NotAuthentic));
    assert!(received(&only("RS256"), SHA256).is_ok());
    assert!(received(&only("RS1"), SHA1).is_ok());
    assert_eq!(received(&only("RS1"), SHA256), Err(Receipt::NotAuthentic));
    assert_eq!(received(&only("RS512"), SHA256), Err(Receipt::NotAuthentic));
}

#[test]
fn only_trustlys_keys_count() {
    let strange = trustly(|it| it["public_key_pem"] = json!(MERCHANT_PUBLIC));
    assert_eq!(received(&strange, SHA256), Err(Receipt::NotAuthentic));
    let old = trustly(|it| it["public_key_pem"] = json!(VECTOR_PUBLIC));
    assert_eq!(received(&old, &notification("credit", &told_data(DEPOSIT))), Err(Receipt::NotAuthentic));
}

#[test]
fn every_part_of_a_call_counts() {
    for (pointer, value) in [
        ("/method", json!("debit")),
        ("/params/uuid", json!("258a2184-2842-b485-25ca-293525152426")),
        ("/params/data/amount", json!("2500")),
        ("/params/data/messageid", json!("dep_01HZX4")),
        ("/params/data/currency", json!("USD")),
        ("/params/data/orderid", json!("90000002")),
        ("/params/data/new", json!("field")),
        ("/params/signature", json!("")),
        ("/params/signature", json!("alg=RS256;")),
        ("/params/signature", json!("alg=none;AAAA")),
        ("/params/signature", json!("alg=RS256")),
        ("/params/signature", json!("not base64!")),
        ("/params/signature", json!(null)),
        ("/params/data", json!(null)),
        ("/params", json!([])),
    ] {
        let mut body: Value = serde_json::from_slice(SHA256).unwrap();
        match pointer.rsplit_once('/') {
            Some((parent, field)) => body.pointer_mut(parent).unwrap()[field] = value.clone(),
            None => panic!("a pointer"),
        }
        let result = received(&trustly(|_| ()), body.to_string().as_bytes());
        assert_eq!(result, Err(Receipt::NotAuthentic), "{pointer} {value}");
    }
}

#[test]
fn how_the_json_is_written_does_not_count() {
    let body: Value = serde_json::from_slice(SHA256).unwrap();
    let pretty = serde_json::to_vec_pretty(&body).unwrap();
    assert_eq!(received(&trustly(|_| ()), &pretty), received(&trustly(|_| ()), SHA256));
}

#[test]
fn methods_mean_what_they_say() {
    let amount: domain::Money = "25.00 EUR".parse().unwrap();
    let captured = DepositEvent::Captured { amount, psp_reference: "90000001".into() };
    for (method, message, expected) in [
        ("credit", DEPOSIT, NoticeKind::Deposit(captured)),
        ("debit", DEPOSIT, NoticeKind::Deposit(DepositEvent::ChargedBack { amount })),
        ("cancel", DEPOSIT, NoticeKind::Deposit(DepositEvent::Cancelled)),
        ("pending", DEPOSIT, NoticeKind::Noted),
        ("account", DEPOSIT, NoticeKind::Noted),
        ("credit", WITHDRAWAL, NoticeKind::Withdrawal(WithdrawalEvent::Returned { amount })),
        ("cancel", WITHDRAWAL, NoticeKind::Withdrawal(WithdrawalEvent::Failed)),
        ("payoutconfirmation", WITHDRAWAL, NoticeKind::Withdrawal(WithdrawalEvent::Paid { amount })),
        ("payoutfailed", WITHDRAWAL, NoticeKind::Noted),
    ] {
        assert_eq!(kind(method, message), expected, "{method} {message}");
    }
    for (method, message) in [
        ("credit", "other"),
        ("debit", WITHDRAWAL),
        ("debit", ""),
        ("kyc", DEPOSIT),
        ("payoutconfirmation", DEPOSIT),
        ("invented", DEPOSIT),
    ] {
        assert_eq!(
            kind(method, message),
            NoticeKind::Unhandled { event_code: method.into() },
            "{method} {message}"
        );
    }
}

#[test]
fn a_verified_account_is_the_instrument() {
    let with = |verified: &str, account: &str| {
        let mut data = told_data(DEPOSIT);
        data["accountid"] = json!(account);
        data["verified"] = json!(verified);
        data["attributes"] = json!({"name": "Ada Example", "lastdigits": "4057"});
        told("account", &data).unwrap().instrument
    };
    let account = with("1", "7653385737").unwrap();
    assert_eq!(
        (account.token.as_deref(), account.last_digits.as_deref()),
        (Some("7653385737"), Some("4057"))
    );
    assert_eq!((account.holder.as_deref(), account.proven), (Some("Ada Example"), true));
    assert!(account.identity.is_some() && account.identity == with("1", "7653385737").unwrap().identity);
    assert_ne!(account.identity, with("1", "7653385738").unwrap().identity);
    assert_eq!(with("0", "7653385737"), None);
    assert_eq!(with("1", "76 53"), None);
    let mut data = told_data(DEPOSIT);
    assert_eq!(told("account", &data).unwrap().kind, NoticeKind::Noted);
    (data["accountid"], data["verified"]) = (json!("7653385737"), json!("1"));
    assert_eq!(told("account", &data).unwrap().kind, NoticeKind::Deposit(DepositEvent::Identified));
}

#[test]
fn times_give_the_order() {
    let order = |time: &str| {
        let mut data = told_data(DEPOSIT);
        data["timestamp"] = json!(time);
        told("pending", &data).unwrap().order
    };
    assert_eq!(order("2026-01-02 03:04:05.675645+01"), Some(1_767_319_445_675_645));
    assert_eq!(order("2026-01-02 03:04:05.675645+01:00"), Some(1_767_319_445_675_645));
    assert_eq!(order("2026-01-02 02:04:05+00"), Some(1_767_319_445_000_000));
    assert_eq!(order("2026-01-02T02:04:05Z"), None);
    assert_eq!(order(""), None);
}

#[test]
fn signed_nonsense_is_malformed() {
    for (field, value) in [
        ("amount", json!("11.005")),
        ("amount", json!("-1")),
        ("amount", json!("0")),
        ("amount", json!(null)),
        ("currency", json!("ZZZ")),
        ("currency", json!(null)),
        ("orderid", json!("9a")),
        ("notificationid", json!("")),
        ("notificationid", json!("7#1")),
        ("notificationid", json!(null)),
    ] {
        let mut data = told_data(DEPOSIT);
        data[field] = value.clone();
        // Null is signed like an empty text; the reader decides what it means.
        assert_eq!(told("credit", &data), Err(Receipt::Malformed), "{field} {value}");
    }
}

#[test]
fn a_shifted_border_between_fields_does_not_pass() {
    // The same text is signed, with the amount ending in the next field's name.
    let data = json!({"amount": "25.00attributes", "currency": "EURenduserid", "messageid": DEPOSIT,
        "notificationid": "1", "orderid": "2"});
    assert_eq!(told("credit", &data), Err(Receipt::Malformed));
}

#[test]
fn answers_are_signed_and_always_the_same() {
    let trustly = trustly(|_| ());
    for (method, message, status) in [
        ("credit", DEPOSIT, "OK"),
        ("debit", DEPOSIT, "OK"),
        ("debit", WITHDRAWAL, "FAILED"),
        ("debit", "other", "FAILED"),
        ("kyc", DEPOSIT, "FINISH"),
        ("account", DEPOSIT, "OK"),
        ("invented", DEPOSIT, "OK"),
    ] {
        let body = notification(method, &told_data(message));
        let reply = reply(&trustly, &body, Receipt::Accepted);
        assert_eq!((reply.status, reply.content_type), (200, "application/json"));
        let said: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(said["version"], "1.1");
        let result = &said["result"];
        assert_eq!((&result["uuid"], &result["method"]), (&json!(UUID), &json!(method)));
        assert_eq!(result["data"], json!({"status": status}), "{method} {message}");
        let signature = result["signature"].as_str().unwrap();
        assert!(is_ours(signature, method, UUID, &result["data"]));
    }
    assert_eq!(
        Data::object([("status", "OK".into())]).serialised(),
        "statusOK",
        "what is signed of the answer to the known call"
    );
    for (receipt, status) in
        [(Receipt::Malformed, 400), (Receipt::NotAuthentic, 401), (Receipt::Unavailable, 503)]
    {
        let unsigned = reply(&trustly, SHA256, receipt);
        assert_eq!(unsigned.status, status);
        assert!(serde_json::from_slice::<Value>(&unsigned.body).is_err(), "so that the call comes again");
    }
    assert_eq!(reply(&trustly, b"nonsense", Receipt::Accepted).status, 500);
}

proptest! {
    #[test]
    fn no_bytes_panic_or_pass(body in proptest::collection::vec(any::<u8>(), 0..600)) {
        prop_assert_eq!(received(&trustly(|_| ()), &body), Err(Receipt::NotAuthentic));
    }

    #[test]
    fn no_signed_data_panics(texts in proptest::collection::vec(".*", 6), method in "[a-z]{1,12}") {
        let keys = ["amount", "currency", "messageid", "orderid", "notificationid", "timestamp"];
        let data: serde_json::Map<_, _> =
            keys.iter().zip(&texts).map(|(key, text)| ((*key).to_owned(), json!(text))).collect();
        prop_assert_ne!(told(&method, &Value::Object(data)), Err(Receipt::NotAuthentic));
    }

    #[test]
    fn any_flipped_byte_is_noticed_or_means_the_same(at in 0..SHA256.len(), with: u8) {
        let mut body = SHA256.to_vec();
        body[at] = with;
        let result = received(&trustly(|_| ()), &body);
        prop_assert!(result == received(&trustly(|_| ()), SHA256) || result == Err(Receipt::NotAuthentic));
    }
}
