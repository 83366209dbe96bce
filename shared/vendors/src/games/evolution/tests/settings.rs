use serde_json::json;

use super::*;
use crate::games::evolution::SettingsError;

fn document_with(field: &str, value: Value) -> Value {
    let mut document = json!({
        "casino_key": "casino-1",
        "casino_token": "casino-token",
        "auth_token": "secret",
        "session_key_hex": "07".repeat(32),
        "base_url": "http://127.0.0.1:8080/sandbox/evolution",
        "catalogue": [{"code": "tbl-1", "name": "Roulette", "category": "live", "rtp": "97.30",
                       "min_stake": "0.10", "max_stake": "100.00"}],
        "a later field": true
    });
    document[field] = value;
    document
}

#[test]
fn settings_of_no_use_are_told_at_once() {
    for (field, value, error) in [
        ("a later field", json!(1), None),
        ("auth_token", json!(["old", "new"]), None),
        ("auth_token", json!([]), Some(SettingsError::AuthToken)),
        ("auth_token", json!(["old", ""]), Some(SettingsError::AuthToken)),
        ("casino_key", json!(""), Some(SettingsError::Casino)),
        ("casino_key", json!("a:b"), Some(SettingsError::Casino)),
        ("casino_token", json!("a b"), Some(SettingsError::Casino)),
        ("session_key_hex", json!("07"), Some(SettingsError::SessionKey)),
        ("session_key_hex", json!("secret"), Some(SettingsError::SessionKey)),
        ("base_url", json!("evolution"), Some(SettingsError::BaseUrl)),
        ("base_url", json!("ftp://evolution.test"), Some(SettingsError::BaseUrl)),
    ] {
        let settings: Settings = serde_json::from_value(document_with(field, value.clone())).unwrap();
        assert_eq!(Evolution::new(&settings).err(), error, "{field}: {value}");
    }
}
