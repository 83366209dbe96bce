//! The transfer webhook.

use domain::withdrawal::WithdrawalEvent;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::payments::NoticeKind;
use crate::payments::adyen::transfer::sign_body;

const BOOKED: &[u8] = include_bytes!("../fixtures/transfer-booked.json");
const BOOKED_SIGNATURE: &str = "bc1ga37UcK2NPCnGTpugmqqtFv7y3PnHv+OVN3PyxcU=";

fn told(adyen: &Adyen, body: &[u8]) -> Result<PaymentNotice, Receipt> {
    let headers = headers(&[("hmacsignature", &sign_body(body, &key())), ("protocol", "HmacSHA256")]);
    received(adyen, &headers, body).map(|mut notices| notices.remove(0))
}

/// The fixture with something changed, signed anew.
fn changed(change: impl FnOnce(&mut Value)) -> Result<PaymentNotice, Receipt> {
    let mut body: Value = serde_json::from_slice(BOOKED).unwrap();
    change(&mut body);
    told(&adyen(|_| ()), &serde_json::to_vec(&body).unwrap())
}

fn kind(status: &str) -> NoticeKind {
    changed(|it| it["data"]["status"] = json!(status)).unwrap().kind
}

#[test]
fn the_known_call_is_accepted() {
    assert_eq!(sign_body(BOOKED, &key()), BOOKED_SIGNATURE);
    let expected = PaymentNotice {
        key: domain::EntryKey::new("adyen", "transfer:TRFR0001:3"),
        reference: "wd_01HZX9".into(),
        kind: NoticeKind::Withdrawal(WithdrawalEvent::Paid { amount: "100.00 EUR".parse().unwrap() }),
        order: Some(3),
        psp_reference: Some("TRFR0001".into()),
        refund: None,
        instrument: None,
        ending: None,
    };
    let without_protocol = headers(&[("hmacsignature", BOOKED_SIGNATURE)]);
    assert_eq!(received(&adyen(|_| ()), &without_protocol, BOOKED), Ok(vec![expected.clone()]));
    assert_eq!(told(&adyen(|_| ()), BOOKED), Ok(expected));
}

#[test]
fn bad_signatures_are_refused() {
    for pairs in [
        &[("hmacsignature", "")][..],
        &[("hmacsignature", "AAAA")],
        &[("hmacsignature", "not base64!")],
        &[("hmacsignature", "bc1ga37UcK2NPCnGTpugmqqtFv7y3PnHv+OVN3PyxcV=")],
        &[("hmacsignature", BOOKED_SIGNATURE), ("protocol", "HmacSHA1")],
        &[("hmacsignature", BOOKED_SIGNATURE), ("protocol", "")],
        &[("protocol", "HmacSHA256")],
        &[],
    ] {
        let result = received(&adyen(|_| ()), &headers(pairs), BOOKED);
        assert_eq!(result, Err(Receipt::NotAuthentic), "{pairs:?}");
    }
    let signed = headers(&[("hmacsignature", BOOKED_SIGNATURE)]);
    for changed in [&BOOKED[1..], &[BOOKED, b"\n"].concat()] {
        assert_eq!(received(&adyen(|_| ()), &signed, changed), Err(Receipt::NotAuthentic));
    }
}

#[test]
fn the_wrong_key_or_environment_is_refused() {
    let signed = headers(&[("hmacsignature", BOOKED_SIGNATURE)]);
    let other_key = adyen(|it| it["transfer_hmac_key_hex"] = json!("0011"));
    assert_eq!(received(&other_key, &signed, BOOKED), Err(Receipt::NotAuthentic));
    let live = adyen(|it| it["live"] = json!(true));
    assert_eq!(received(&live, &signed, BOOKED), Err(Receipt::NotAuthentic));
    assert_eq!(changed(|it| it["environment"] = json!("live")), Err(Receipt::NotAuthentic));
    let own_key = adyen(|it| {
        it["transfer_hmac_key_hex"] = json!(["ab", KEY_HEX]);
        it["hmac_key_hex"] = json!("0011");
    });
    assert!(received(&own_key, &signed, BOOKED).is_ok());
}

#[test]
fn a_transfers_signature_does_not_pass_for_a_payments_nor_the_reverse() {
    let payment = include_bytes!("../fixtures/authorisation.json");
    let signed = headers(&[("hmacsignature", "6s9XAhWHVGx3eqa5s01kfY7yz2j7zrezy7OilN/3exQ=")]);
    assert_eq!(received(&adyen(|_| ()), &signed, payment), Err(Receipt::NotAuthentic));
    assert_eq!(received(&adyen(|_| ()), &HeaderMap::new(), BOOKED), Err(Receipt::NotAuthentic));
    // The text that was signed for a payment, sent as a transfer's body.
    let text = b"TESTPSP000000001::DemoCasinoECOM:dep_01HZX3:2500:EUR:AUTHORISATION:true";
    assert_eq!(received(&adyen(|_| ()), &signed, text), Err(Receipt::Malformed));
}

#[test]
fn statuses_mean_what_they_say() {
    for status in ["refused", "failed", "returned"] {
        assert_eq!(kind(status), NoticeKind::Withdrawal(WithdrawalEvent::Failed), "{status}");
    }
    for status in ["received", "authorised", "pending", "pendingApproval"] {
        assert_eq!(kind(status), NoticeKind::Noted, "{status}");
    }
    for status in ["Booked", "refundedInPart", "unheard-of"] {
        let event_code = format!("transfer.{status}");
        assert_eq!(kind(status), NoticeKind::Unhandled { event_code }, "{status}");
    }
}

#[test]
fn money_coming_in_pays_nobody_out() {
    let told = changed(|it| it["data"]["direction"] = json!("incoming")).unwrap();
    assert_eq!(told.kind, NoticeKind::Unhandled { event_code: "transfer.booked".into() });
    let told = changed(|it| it["data"]["direction"] = json!("outgoing")).unwrap();
    assert!(matches!(told.kind, NoticeKind::Withdrawal(_)));
}

#[test]
fn other_webhooks_of_the_platform_are_kept_for_staff() {
    let told = changed(|it| {
        it["type"] = json!("balancePlatform.accountHolder.updated");
        it["data"] = json!({"balancePlatform": "Demo"});
    });
    let told = told.unwrap();
    assert!(told.key.tx.starts_with("platform:"));
    assert_eq!(
        told.kind,
        NoticeKind::Unhandled { event_code: "balancePlatform.accountHolder.updated".into() }
    );
}

#[test]
fn signed_nonsense_is_malformed() {
    for (pointer, value) in [
        ("/type", json!(null)),
        ("/type", json!("")),
        ("/data", json!(null)),
        ("/data", json!([])),
        ("/data/id", json!(null)),
        ("/data/id", json!("")),
        ("/data/id", json!("a:b")),
        ("/data/status", json!(null)),
        ("/data/status", json!("a b")),
        ("/data/amount", json!(null)),
        ("/data/amount/value", json!(-1)),
        ("/data/amount/value", json!(i64::MAX)),
        ("/data/amount/value", json!(1e300)),
        ("/data/amount/value", json!("10000")),
        ("/data/amount/currency", json!("ZZZ")),
        ("/data/sequenceNumber", json!(-1)),
        ("/data/sequenceNumber", json!(1.5)),
    ] {
        let result = changed(|it| *it.pointer_mut(pointer).unwrap() = value.clone());
        assert_eq!(result, Err(Receipt::Malformed), "{pointer} {value}");
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let digits = String::from_utf8(BOOKED.to_vec()).unwrap().replace("10000", &"9".repeat(10_000));
    for body in ["", "null", "{}", "[1,2", &deep, &digits] {
        assert_eq!(told(&adyen(|_| ()), body.as_bytes()), Err(Receipt::Malformed), "{body:.40}");
    }
}

#[test]
fn absent_and_null_are_the_same() {
    let missing = changed(|it| {
        it["data"].as_object_mut().unwrap().remove("reference");
        it["data"]["sequenceNumber"] = json!(null);
    });
    let missing = missing.unwrap();
    assert_eq!(missing.reference, "");
    assert_eq!(missing.key.tx, "transfer:TRFR0001:booked");
    assert_eq!(changed(|it| it["data"]["reference"] = json!(null)).unwrap().reference, "");
}

proptest! {
    #[test]
    fn no_signed_bytes_panic(body in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(told(&adyen(|_| ()), &body).is_err());
    }

    #[test]
    fn no_signed_transfer_panics(id in ".*", status in ".*", reference in ".*", value: i64, number: i64) {
        let _ = changed(|it| it["data"] = json!({
            "id": id, "status": status, "reference": reference, "sequenceNumber": number,
            "amount": {"value": value, "currency": "EUR"},
        }));
    }
}
