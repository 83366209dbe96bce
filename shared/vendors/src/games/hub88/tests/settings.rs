use serde_json::{Value, json};

use super::*;
use crate::games::hub88::SettingsError;

fn document() -> Value {
    json!({
        "operator_id": 7,
        "public_key_pem": HUB88_PUBLIC,
        "private_key_pem": OPERATOR_PRIVATE,
        "base_url": "http://127.0.0.1:8080/sandbox/hub88",
        "catalogue": [{"code": "dice", "name": "Dice", "category": "slots", "rtp": "96.00",
                       "min_stake": "0.10", "max_stake": "100.00"}],
        "a later field": true
    })
}

fn document_with(field: &str, value: Value) -> Value {
    let mut document = document();
    document[field] = value;
    document
}

fn error(field: &str, value: Value) -> Option<SettingsError> {
    let settings: Settings = serde_json::from_value(document_with(field, value)).unwrap();
    Hub88::new(&settings).err()
}

#[test]
fn settings_read_in_each_of_their_forms() {
    let settings: Settings = serde_json::from_value(document()).unwrap();
    assert_eq!(settings.operator_id, OperatorId::Number(7));
    assert_eq!(settings.catalogue[0].min_stake.to_string(), "0.10");
    assert!(Hub88::new(&settings).is_ok());
    for (field, value) in [
        ("operator_id", json!("seven")),
        ("public_key_pem", json!([HUB88_PUBLIC, HUB88_DEMO_PUBLIC])),
        ("public_key_pem", json!(HUB88_PUBLIC_PKCS1)),
        ("public_key_pem", json!(HUB88_PUBLIC.replace('\n', "\r\n"))),
        ("public_key_pem", json!(HUB88_PUBLIC.trim())),
        ("private_key_pem", json!(HUB88_PRIVATE)),
    ] {
        assert_eq!(error(field, value.clone()), None, "{field}: {value}");
    }
}

#[test]
fn keys_that_are_none_are_told_at_once() {
    let short = include_str!("../fixtures/test-only-short.public.pem");
    let elliptic = include_str!("../fixtures/test-only-elliptic.public.pem");
    for key in [
        json!([]),
        json!(""),
        json!("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"),
        json!(short),
        json!(elliptic),
        json!(OPERATOR_PRIVATE),
        json!([HUB88_PUBLIC, "rubbish"]),
        json!(HUB88_PUBLIC.replace("PUBLIC", "RSA PUBLIC")),
    ] {
        assert_eq!(error("public_key_pem", key.clone()), Some(SettingsError::PublicKey), "{key}");
    }
    for key in [json!(""), json!("rubbish"), json!(HUB88_PUBLIC), json!(HUB88_PRIVATE.replace("RSA ", ""))] {
        assert_eq!(error("private_key_pem", key.clone()), Some(SettingsError::PrivateKey), "{key}");
    }
    for url in ["", "hub88", "ftp://hub88.test", "file:///tmp"] {
        assert_eq!(error("base_url", json!(url)), Some(SettingsError::BaseUrl), "{url}");
    }
}

#[test]
fn settings_of_another_shape_do_not_load() {
    for (field, value) in [
        ("operator_id", json!(null)),
        ("operator_id", json!(-1)),
        ("public_key_pem", json!(7)),
        ("private_key_pem", json!([OPERATOR_PRIVATE])),
        ("catalogue", json!([{"code": "dice"}])),
        (
            "catalogue",
            json!([{"code": "dice", "name": "Dice", "category": "slots", "rtp": 96.5,
                              "min_stake": "0.10", "max_stake": "1e2"}]),
        ),
    ] {
        let document = document_with(field, value.clone());
        assert!(serde_json::from_value::<Settings>(document).is_err(), "{field}: {value}");
    }
}
