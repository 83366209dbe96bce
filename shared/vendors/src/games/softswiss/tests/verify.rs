use http::HeaderValue;

use super::*;

const S1: &str = "0eef6b1779665d0fe12797bd2a8a3c4127c252230dd27b43e6ce66d9416f5cce";
const S1_BODY: &str = r#"{"round_id":"r-1","transactions":[{"amount":"1.50","type":"bet","id_provider":"tx-1"}],"game_id":"demo","currency":"EUR","account_id":"player-1001","finished":false}"#;
const S2: &str = "7bb1fddb3d66ceb3b7337150ad2e43e87d672e35bcff245b45a8eb14b1e258db";
const S2_BODY: &str = r#"{"account_id":"игрок-1","currency":"EUR","game_id":"demo"}"#;

fn accepts(keys: Keys, body: &str, signature: Option<&str>) -> bool {
    let mut headers = HeaderMap::new();
    if let Some(signature) = signature {
        headers.insert("X-REQUEST-SIGN", HeaderValue::from_str(signature).unwrap());
    }
    let softswiss = SoftSwiss::new(&Settings { secret: keys, ..settings() }).unwrap();
    softswiss.verify(RawCall::post("/betwin", &headers, body.as_bytes())).is_ok()
}

fn key() -> Keys {
    Keys::One(SECRET.to_owned())
}

#[test]
fn the_published_vectors_verify() {
    assert_eq!(S1_BODY.len(), 165);
    assert!(accepts(key(), S1_BODY, Some(S1)));
    assert!(accepts(key(), S2_BODY, Some(S2)));
}

#[test]
fn what_was_touched_does_not() {
    for body in [
        S2_BODY.to_owned(),
        String::new(),
        format!("{S1_BODY}\n"),
        S1_BODY.replace("1.50", "1.51"),
        S1_BODY.replace(':', ": "),
    ] {
        assert!(!accepts(key(), &body, Some(S1)), "{body}");
    }
}

#[test]
fn a_signature_must_be_there_and_be_one() {
    let zeros = "0".repeat(64);
    for signature in ["", "00", zeros.as_str(), &S1[..62], &format!("{S1}00"), "not hexadecimal"] {
        assert!(!accepts(key(), S1_BODY, Some(signature)), "{signature}");
    }
    assert!(!accepts(key(), S1_BODY, None));
}

#[test]
fn while_secrets_change_the_old_and_the_new_are_good() {
    let several = |first: &str| Keys::Several(vec![first.to_owned(), SECRET.to_owned()]);
    assert!(accepts(several("new"), S1_BODY, Some(S1)));
    assert!(!accepts(Keys::One("new".to_owned()), S1_BODY, Some(S1)));
}
