//! The standard webhook.

use domain::cashier::{Funding, InstrumentKind};
use domain::deposit::DepositEvent;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::payments::NoticeKind;
use crate::payments::adyen::notification::{
    AdditionalData, Item, Notification, sign_item, signed_notification,
};

const AUTHORISATION: &[u8] = include_bytes!("../fixtures/authorisation.json");

fn item(event_code: &str, success: &str) -> Item {
    Item {
        psp_reference: Some("PSP1".into()),
        merchant_account_code: Some("DemoCasinoECOM".into()),
        merchant_reference: Some("dep_1".into()),
        amount: Some(Amount { value: 2500, currency: "EUR".into() }),
        event_code: Some(event_code.into()),
        success: Some(success.into()),
        ..Item::default()
    }
}

fn notified(adyen: &Adyen, items: Vec<Item>) -> Result<Vec<PaymentNotice>, Receipt> {
    let body = serde_json::to_vec(&signed_notification(items, false, &key())).unwrap();
    received(adyen, &HeaderMap::new(), &body)
}

fn kind(adyen: &Adyen, item: Item) -> Result<NoticeKind, Receipt> {
    notified(adyen, vec![item]).map(|mut notices| notices.remove(0).kind)
}

fn captured() -> NoticeKind {
    NoticeKind::Deposit(DepositEvent::Captured {
        amount: "25.00 EUR".parse().unwrap(),
        psp_reference: "PSP1".into(),
    })
}

/// The fixture with one of its values replaced; its signature stays.
fn tampered(pointer: &str, value: Value) -> Vec<u8> {
    let mut body: Value = serde_json::from_slice(AUTHORISATION).unwrap();
    *body.pointer_mut(pointer).unwrap() = value;
    serde_json::to_vec(&body).unwrap()
}

#[test]
fn the_known_call_is_accepted() {
    let notices = received(&adyen(|_| ()), &HeaderMap::new(), AUTHORISATION).unwrap();
    let [notice] = notices.as_slice() else { panic!("one notice") };
    assert_eq!(notice.key, domain::EntryKey::new("adyen", "TESTPSP000000001:AUTHORISATION:true"));
    assert_eq!(notice.reference, "dep_01HZX3");
    let NoticeKind::Deposit(DepositEvent::Captured { amount, psp_reference }) = &notice.kind else {
        panic!("captured")
    };
    assert_eq!((amount.to_string().as_str(), psp_reference.as_str()), ("25.00 EUR", "TESTPSP000000001"));
}

#[test]
fn known_signatures_are_made() {
    let mut authorised = item("AUTHORISATION", "true");
    authorised.psp_reference = Some("TESTPSP000000001".into());
    authorised.merchant_reference = Some("dep_01HZX3".into());
    assert_eq!(sign_item(&authorised, &key()), "6s9XAhWHVGx3eqa5s01kfY7yz2j7zrezy7OilN/3exQ=");

    // Neither colons nor backslashes are escaped.
    let mut disputed = item("CHARGEBACK", "true");
    disputed.psp_reference = Some("TESTPSP000000002".into());
    disputed.original_reference = Some("TESTPSP000000001".into());
    disputed.merchant_reference = Some("dep:01\\HZX3".into());
    disputed.amount = Some(Amount { value: 2500, currency: "JPY".into() });
    assert_eq!(sign_item(&disputed, &key()), "7PPUt5p5zcDZJS5pRU5RIIi16ppRef1y9IMNf+Tvkg8=");
    let amount = "2500 JPY".parse().unwrap();
    assert_eq!(kind(&adyen(|_| ()), disputed), Ok(NoticeKind::Deposit(DepositEvent::ChargedBack { amount })));
}

#[test]
fn every_signed_field_counts() {
    let at = |field: &str| format!("/notificationItems/0/NotificationRequestItem/{field}");
    for (field, value) in [
        ("pspReference", json!("TESTPSP000000002")),
        ("merchantReference", json!("dep_01HZX4")),
        ("merchantReference", json!(null)),
        ("amount/value", json!(2501)),
        ("amount/value", json!(-2500)),
        ("amount/value", json!("2500")),
        ("amount/value", json!(2500.5)),
        ("amount/value", json!(null)),
        ("amount/currency", json!("USD")),
        ("amount", json!(null)),
        ("eventCode", json!("REFUND")),
        ("success", json!("false")),
        ("success", json!(true)),
        ("success", json!(null)),
        ("merchantAccountCode", json!("OtherECOM")),
        ("merchantAccountCode", json!(null)),
        ("additionalData/hmacSignature", json!("AAAA")),
        ("additionalData/hmacSignature", json!("")),
        ("additionalData/hmacSignature", json!("not base64!")),
        ("additionalData/hmacSignature", json!(null)),
        ("additionalData", json!(null)),
    ] {
        let body = tampered(&at(field), value.clone());
        let result = received(&adyen(|_| ()), &HeaderMap::new(), &body);
        assert_eq!(result, Err(Receipt::NotAuthentic), "{field} {value}");
    }
}

#[test]
fn an_added_original_reference_breaks_the_signature_and_an_empty_one_does_not() {
    let with = |original: Value| {
        let mut body: Value = serde_json::from_slice(AUTHORISATION).unwrap();
        body["notificationItems"][0]["NotificationRequestItem"]["originalReference"] = original;
        received(&adyen(|_| ()), &HeaderMap::new(), &serde_json::to_vec(&body).unwrap())
    };
    assert!(with(json!(null)).is_ok());
    assert!(with(json!("")).is_ok());
    assert_eq!(with(json!("PSP0")), Err(Receipt::NotAuthentic));
}

#[test]
fn other_keys_merchants_and_environments_are_refused() {
    let refused = |change: fn(&mut Value)| {
        assert_eq!(received(&adyen(change), &HeaderMap::new(), AUTHORISATION), Err(Receipt::NotAuthentic));
    };
    refused(|it| it["hmac_key_hex"] = json!("00"));
    refused(|it| it["merchant_account"] = json!("OtherECOM"));
    refused(|it| it["live"] = json!(true));
    for live in [json!("true"), json!("False"), json!(false), json!(null), json!("")] {
        let body = tampered("/live", live.clone());
        let result = received(&adyen(|_| ()), &HeaderMap::new(), &body);
        assert_eq!(result, Err(Receipt::NotAuthentic), "{live}");
    }
}

#[test]
fn either_of_two_keys_will_do() {
    let adyen = adyen(|it| it["hmac_key_hex"] = json!(["ff", KEY_HEX]));
    assert!(received(&adyen, &HeaderMap::new(), AUTHORISATION).is_ok());
}

#[test]
fn one_bad_item_spoils_the_call() {
    let mut notification =
        signed_notification(vec![item("AUTHORISATION", "true"), item("CAPTURE", "true")], false, &key());
    let bytes = |it: &Notification| serde_json::to_vec(it).unwrap();
    let adyen = adyen(|_| ());
    assert_eq!(received(&adyen, &HeaderMap::new(), &bytes(&notification)).map(|it| it.len()), Ok(2));
    notification.notification_items[1].item.success = Some("false".into());
    assert_eq!(received(&adyen, &HeaderMap::new(), &bytes(&notification)), Err(Receipt::NotAuthentic));
    notification.notification_items.clear();
    assert_eq!(received(&adyen, &HeaderMap::new(), &bytes(&notification)), Err(Receipt::NotAuthentic));
}

#[test]
fn what_is_no_notification_is_not_authentic() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let digits = String::from_utf8(AUTHORISATION.to_vec()).unwrap().replace("2500", &"9".repeat(10_000));
    let twice = String::from_utf8(AUTHORISATION.to_vec())
        .unwrap()
        .replace(r#""success":"true""#, r#""success":"false","success":"true""#);
    let long = format!("{}{}", String::from_utf8_lossy(AUTHORISATION), " ".repeat(256 * 1024));
    for body in [
        "",
        "null",
        "[]",
        "{}",
        "{\"live\":\"false\"",
        "\u{feff}{}",
        r#"{"live":"false","notificationItems":null}"#,
        r#"{"live":"false","notificationItems":[null]}"#,
        r#"{"live":"false","notificationItems":[{"NotificationRequestItem":null}]}"#,
        &deep,
        &digits,
        &twice,
        &long,
    ] {
        let result = received(&adyen(|_| ()), &HeaderMap::new(), body.as_bytes());
        assert_eq!(result, Err(Receipt::NotAuthentic), "{body:.60}");
    }
    let broken = [AUTHORISATION, &[0xff]].concat();
    assert_eq!(received(&adyen(|_| ()), &HeaderMap::new(), &broken), Err(Receipt::NotAuthentic));
}

#[test]
fn codes_mean_what_they_say() {
    let amount = "25.00 EUR".parse().unwrap();
    let immediate = adyen(|_| ());
    let ended = |event| Ok(NoticeKind::Deposit(event));
    for (code, success, expected) in [
        ("AUTHORISATION", "true", Ok(captured())),
        ("AUTHORISATION", "false", ended(DepositEvent::Declined)),
        ("CAPTURE", "true", Ok(NoticeKind::Noted)),
        ("CANCELLATION", "true", ended(DepositEvent::Cancelled)),
        ("TECHNICAL_CANCEL", "true", ended(DepositEvent::Cancelled)),
        ("OFFER_CLOSED", "true", ended(DepositEvent::Expired)),
        ("EXPIRE", "true", ended(DepositEvent::Expired)),
        ("REFUND", "true", ended(DepositEvent::Refunded { amount })),
        ("REFUND", "false", ended(DepositEvent::RefundFailed)),
        ("REFUND_FAILED", "true", ended(DepositEvent::RefundFailed)),
        ("REFUNDED_REVERSED", "true", ended(DepositEvent::RefundFailed)),
        ("CHARGEBACK", "true", ended(DepositEvent::ChargedBack { amount })),
        ("SECOND_CHARGEBACK", "true", ended(DepositEvent::ChargedBack { amount })),
        ("CAPTURE_FAILED", "true", ended(DepositEvent::CaptureFailed { amount })),
        ("CHARGEBACK_REVERSED", "true", ended(DepositEvent::ChargebackReversed { amount })),
    ] {
        assert_eq!(kind(&immediate, item(code, success)), expected, "{code} {success}");
    }
}

#[test]
fn where_money_is_taken_later_each_part_counts() {
    let manual = adyen(|it| it["capture"] = serde_json::json!("manual"));
    assert_eq!(kind(&manual, item("CAPTURE", "true")), Ok(captured()));
}

#[test]
fn the_card_is_told_but_not_vouched_for() {
    let told = |change: fn(&mut AdditionalData)| {
        let mut data = AdditionalData {
            card_summary: Some("1111".into()),
            funding_source: Some("CREDIT".into()),
            card_holder_name: Some("Ada Example".into()),
            stored_payment_method_id: Some("TOKEN1".into()),
            ..AdditionalData::default()
        };
        change(&mut data);
        let mut item = item("AUTHORISATION", "true");
        (item.payment_method, item.additional_data) = (Some("visa".into()), Some(data));
        let body = signed_notification(vec![item], false, &key());
        let body = serde_json::to_vec(&body).unwrap();
        let notice = received(&adyen(|_| ()), &HeaderMap::new(), &body).unwrap().remove(0);
        notice.instrument.unwrap()
    };
    let card = told(|_| ());
    assert_eq!((card.kind, card.funding), (InstrumentKind::Card, Some(Funding::Credit)));
    assert_eq!((card.token.as_deref(), card.last_digits.as_deref()), (Some("TOKEN1"), Some("1111")));
    assert!(!card.proven, "nothing of it is signed");
    assert_eq!(card.identity, None, "the token is one shopper's alone");
    let identity = |alias: fn(&mut AdditionalData)| told(alias).identity;
    let known = identity(|data| data.alias = Some("A373176724022941".into()));
    assert!(known.is_some());
    let of_another = identity(|data| {
        data.alias = Some("A373176724022941".into());
        data.stored_payment_method_id = Some("TOKEN2".into());
    });
    assert_eq!(known, of_another, "the alias is the card's, whoever pays with it");
    assert_ne!(known, identity(|data| data.alias = Some("A373176724022942".into())));
    assert_eq!(
        told(|data| data.funding_source = Some("DEFERRED_DEBIT".into())).funding,
        Some(Funding::Debit)
    );
    assert_eq!(
        told(|data| data.funding_source = Some("PREPAID_RELOADABLE".into())).funding,
        Some(Funding::Prepaid)
    );
    assert_eq!(told(|data| data.stored_payment_method_id = Some("../x".into())).token, None);
    assert_eq!(
        told(|data| data.card_summary = Some("4111111111111111".into())).last_digits.as_deref(),
        Some("1111")
    );
}

#[test]
fn only_a_card_is_paid_back_by_its_token() {
    for (method, expected) in [("visa", InstrumentKind::Card), ("paypal", InstrumentKind::Wallet)] {
        let mut item = item("AUTHORISATION", "true");
        item.payment_method = Some(method.into());
        let data =
            AdditionalData { stored_payment_method_id: Some("TOKEN1".into()), ..AdditionalData::default() };
        item.additional_data = Some(data);
        let body = serde_json::to_vec(&signed_notification(vec![item], false, &key())).unwrap();
        let notice = received(&adyen(|_| ()), &HeaderMap::new(), &body).unwrap().remove(0);
        let told = notice.instrument.unwrap();
        assert_eq!(
            (told.kind, told.token.is_some()),
            (expected, expected == InstrumentKind::Card),
            "{method}"
        );
    }
}

#[test]
fn what_needs_staff_is_kept_for_staff() {
    for (code, success) in [
        ("CAPTURE", "false"),
        ("CAPTURE_FAILED", "false"),
        ("CANCELLATION", "false"),
        ("OFFER_CLOSED", "false"),
        ("EXPIRE", "false"),
        ("CANCEL_OR_REFUND", "true"),
        ("NOTIFICATION_OF_CHARGEBACK", "true"),
        ("PREARBITRATION_LOST", "true"),
        ("NOTIFICATION_OF_FRAUD", "true"),
        ("REPORT_AVAILABLE", "true"),
        ("PAYOUT_THIRDPARTY", "true"),
        ("SOMETHING_NEW", "true"),
        ("authorisation", "true"),
    ] {
        let expected = NoticeKind::Unhandled { event_code: code.into() };
        assert_eq!(kind(&adyen(|_| ()), item(code, success)), Ok(expected), "{code} {success}");
    }
    // Nothing of it is money to us, so its amount need not make sense.
    let mut report = item("REPORT_AVAILABLE", "true");
    report.amount = None;
    report.merchant_reference = None;
    assert!(kind(&adyen(|_| ()), report).is_ok());
}

#[test]
fn what_became_of_a_refund_is_told_in_its_order() {
    let mut told = Vec::new();
    for (code, success) in
        [("REFUND", "true"), ("REFUND", "false"), ("REFUND_FAILED", "true"), ("REFUNDED_REVERSED", "true")]
    {
        let mut item = item(code, success);
        item.psp_reference = Some("REFUND1".into());
        item.original_reference = Some("PSP1".into());
        item.merchant_reference = Some("dep_1-1".into());
        let notice = notified(&adyen(|_| ()), vec![item]).unwrap().remove(0);
        assert_eq!((notice.reference.as_str(), notice.psp_reference.as_deref()), ("dep_1-1", Some("PSP1")));
        let NoticeKind::Deposit(event) = notice.kind else { panic!("{code} {success}") };
        told.push((event, notice.order, notice.refund));
    }
    let refund = Some("REFUND1".to_owned());
    let refunded = DepositEvent::Refunded { amount: "25.00 EUR".parse().unwrap() };
    assert_eq!(told[0], (refunded, Some(1), refund.clone()));
    assert_eq!(told[1], (DepositEvent::RefundFailed, Some(1), refund));
    assert_eq!(told[2], (DepositEvent::RefundFailed, Some(2), None));
    assert_eq!(told[3], (DepositEvent::RefundFailed, Some(2), None));
}

#[test]
fn reserved_money_is_not_taken_money() {
    let manual = adyen(|it| it["capture"] = json!("manual"));
    let authorised = NoticeKind::Deposit(DepositEvent::Authorised {
        amount: "25.00 EUR".parse().unwrap(),
        psp_reference: "PSP1".into(),
    });
    assert_eq!(kind(&manual, item("AUTHORISATION", "true")), Ok(authorised));
    let mut capture = item("CAPTURE", "true");
    capture.psp_reference = Some("PSP2".into());
    capture.original_reference = Some("PSP1".into());
    assert_eq!(kind(&manual, capture), Ok(captured()), "it names the payment, not the capture");
}

#[test]
fn signed_nonsense_is_malformed() {
    let amount = |value, currency: &str| Some(Amount { value, currency: currency.into() });
    let good = || item("AUTHORISATION", "true");
    let long = "x".repeat(10_000);
    for (what, bad) in [
        ("negative", Item { amount: amount(-1, "EUR"), ..good() }),
        ("beyond the ledger", Item { amount: amount(i64::MAX, "EUR"), ..good() }),
        ("below everything", Item { amount: amount(i64::MIN, "EUR"), ..good() }),
        ("no currency", Item { amount: amount(1, ""), ..good() }),
        ("unknown currency", Item { amount: amount(1, "ZZZ"), ..good() }),
        ("no amount", Item { amount: None, ..good() }),
        ("no reference", Item { psp_reference: None, ..good() }),
        ("a colon", Item { psp_reference: Some("PSP:1".into()), ..good() }),
        ("a colon beside", Item { original_reference: Some("PSP:0".into()), ..good() }),
        ("a blank", Item { psp_reference: Some("PSP 1".into()), ..good() }),
        ("too long", Item { psp_reference: Some(long), ..good() }),
        ("no code", Item { event_code: None, ..good() }),
        ("success unsaid", Item { success: None, ..good() }),
        ("success misspelt", Item { success: Some("True".into()), ..good() }),
    ] {
        assert_eq!(kind(&adyen(|_| ()), bad), Err(Receipt::Malformed), "{what}");
    }
}

#[test]
fn another_currency_or_amount_is_told_as_it_is() {
    let mut other = item("AUTHORISATION", "true");
    other.amount = Some(Amount { value: 10_050, currency: "ISK".into() });
    let Ok(NoticeKind::Deposit(DepositEvent::Captured { amount, .. })) = kind(&adyen(|_| ()), other) else {
        panic!("captured")
    };
    assert_eq!(amount.to_string(), "100.5 ISK");
}

proptest! {
    #[test]
    fn no_bytes_panic(body in proptest::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(received(&adyen(|_| ()), &HeaderMap::new(), &body).is_err());
    }

    #[test]
    fn no_signed_item_panics(texts in proptest::collection::vec(proptest::option::of(".*"), 6), value: i64) {
        let mut texts = texts.into_iter();
        let mut next = || texts.next().flatten();
        let item = Item {
            psp_reference: next(),
            original_reference: next(),
            merchant_account_code: Some("DemoCasinoECOM".into()),
            merchant_reference: next(),
            amount: next().map(|currency| Amount { value, currency }),
            event_code: next(),
            success: next(),
            ..Item::default()
        };
        prop_assert_ne!(notified(&adyen(|_| ()), vec![item]), Err(Receipt::NotAuthentic));
    }

    #[test]
    fn any_flipped_byte_is_noticed_or_means_the_same(at in 0..AUTHORISATION.len(), with: u8) {
        let mut body = AUTHORISATION.to_vec();
        body[at] = with;
        let genuine = received(&adyen(|_| ()), &HeaderMap::new(), AUTHORISATION);
        let result = received(&adyen(|_| ()), &HeaderMap::new(), &body);
        prop_assert!(result == genuine || result == Err(Receipt::NotAuthentic));
    }
}
