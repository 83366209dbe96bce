use serde_json::json;

use super::*;
use crate::games::valkyrie::SettingsError;

fn accepts(valkyrie: &Valkyrie, authorization: &str) -> bool {
    let mut headers = headers_of(&token_of(PLAYER));
    headers.insert("Authorization", HeaderValue::from_str(authorization).unwrap());
    valkyrie.verify(RawCall::post("/players/session", &headers, b"")).is_ok()
}

#[test]
fn the_bearer_must_hold_the_token() {
    for good in ["Bearer pam-token", "bearer pam-token"] {
        assert!(accepts(&valkyrie(), good), "{good}");
    }
    for bad in [
        "",
        "Bearer",
        "Bearer ",
        "Bearer pam",
        "Bearer pam-token1",
        "Bearer PAM-TOKEN",
        "Basic pam-token",
        "pam-token",
        "Bearer  pam-token",
    ] {
        assert!(!accepts(&valkyrie(), bad), "{bad}");
    }
    let headers = headers_of(&token_of(PLAYER));
    assert!(valkyrie().verify(RawCall::post("/players/session", &headers, b"")).is_err());
}

#[test]
fn while_tokens_change_the_old_and_the_new_are_good() {
    let api_token = Keys::Several(vec!["old".to_owned(), "new".to_owned()]);
    let valkyrie = Valkyrie::new(&Settings { api_token, ..settings() }).unwrap();
    assert!(accepts(&valkyrie, "Bearer old") && accepts(&valkyrie, "Bearer new"));
    assert!(!accepts(&valkyrie, "Bearer pam-token"));
}

#[test]
fn settings_of_no_use_are_told_at_once() {
    for (field, value, error) in [
        ("a later field", json!(true), None),
        ("api_token", json!(["old", "new"]), None),
        ("api_token", json!(""), Some(SettingsError::ApiToken)),
        ("session_key_hex", json!("07"), Some(SettingsError::SessionKey)),
        ("providers", json!([]), Some(SettingsError::Providers)),
        ("providers", json!(["evolution", ""]), Some(SettingsError::Providers)),
        ("providers", json!(["a:b"]), Some(SettingsError::Providers)),
        ("base_url", json!("valkyrie"), Some(SettingsError::BaseUrl)),
        ("recon_tokens", json!({"evolution": {"current": "a", "next": "b"}}), None),
        ("recon_tokens", json!({"evolution": ""}), Some(SettingsError::ReconTokens)),
        ("recon_tokens", json!({"redtiger": "a"}), Some(SettingsError::ReconTokens)),
        ("launch_config", json!({"evolution": {"table": "{game}"}}), None),
        ("launch_config", json!({"evolution": "real"}), Some(SettingsError::LaunchConfig)),
        ("launch_config", json!({"redtiger": {}}), Some(SettingsError::LaunchConfig)),
        ("operator_api_key", json!("operator-key"), None),
        ("operator_api_key", json!("a\nb"), Some(SettingsError::OperatorApiKey)),
    ] {
        let mut document = json!({
            "api_token": "pam-token", "session_key_hex": "07".repeat(32), "providers": ["evolution"],
            "base_url": "https://valkyrie.test",
        });
        document[field] = value.clone();
        let settings: Settings = serde_json::from_value(document).unwrap();
        assert_eq!(settings.language, "en");
        assert_eq!(Valkyrie::new(&settings).err(), error, "{field}: {value}");
    }
}
