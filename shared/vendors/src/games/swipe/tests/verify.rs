use http::HeaderValue;

use super::*;

const W1: &str = "b4181ebfca31a5e6a86d0c9a02edcdebdc04fc761a4b084ee7fee09fd9e3e9ff";
const W2: &str = "f8fc51a53635e0d83c95e3f6b3ab3e4f51298699044ab991ebbe31d0894bbed1";
const W2_BODY: &str = r#"{"amount":"1.50","roundID":"00000000-0000-4000-8000-0000000000c1","sessionID":"sess-0001","txID":"00000000-0000-4000-8000-0000000000b1","type":"regular"}"#;
const W3_EMPTY: &str = "99922a0dbb1fe95624c93c7204445c2eff8a014b0c9b585ddf2da0c21083a34e";
const W3: &str = "0825b42e92c46887f194252fda8b871c3c42aafa3833783d63b2005407000c02";

fn signed(signature: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("X-REQUEST-SIGN", HeaderValue::from_str(signature).unwrap());
    headers
}

fn with_key(key: &str) -> Swipe {
    Swipe::new(&Settings { integration_api_key: Keys::One(key.to_owned()), ..settings() }).unwrap()
}

fn accepts_query(key: &str, query: &str, signature: &str) -> bool {
    with_key(key).verify(get(query, &signed(signature))).is_ok()
}

fn accepts_body(key: &str, body: &str, signature: &str) -> bool {
    with_key(key).verify(RawCall::post("/bet", &signed(signature), body.as_bytes())).is_ok()
}

#[test]
fn the_published_vectors_verify() {
    assert!(accepts_query(KEY, "sessionID=sess-0001", W1));
    assert!(accepts_body(KEY, W2_BODY, W2));
    assert!(accepts_query("secret-key", "", W3_EMPTY), "no parameters are an empty object");
    assert!(accepts_query("secret-key", "message=hello%20world!&data=test%40example.com", W3));
    assert!(accepts_query("secret-key", "data=test@example.com&message=hello+world%21", W3), "in any order");
}

#[test]
fn what_was_touched_does_not() {
    for query in [
        "sessionID=sess-0002",
        "sessionID=sess-0001&x=1",
        "",
        "sessionid=sess-0001",
        "sessionID=sess-0001&sessionID=sess-0001",
    ] {
        assert!(!accepts_query(KEY, query, W1), "{query}");
    }
    for body in
        [W2_BODY.replace("1.50", "1.51"), W2_BODY.replace(':', ": "), format!("{W2_BODY}\n"), String::new()]
    {
        assert!(!accepts_body(KEY, &body, W2), "{body}");
    }
    let headers = signed(W1);
    let get_as_post = RawCall::post("/balance", &headers, b"");
    assert!(with_key(KEY).verify(get_as_post).is_err(), "a body is not a query");
}

#[test]
fn a_signature_must_be_there_and_be_one() {
    for signature in ["", "00", &"0".repeat(64), &W2[..62], "rubbish"] {
        assert!(!accepts_body(KEY, W2_BODY, signature), "{signature}");
    }
    assert!(swipe().verify(RawCall::post("/bet", &HeaderMap::new(), W2_BODY.as_bytes())).is_err());
    assert!(!accepts_body("api-key-1", W2_BODY, W2), "only their key signs their calls");
}

#[test]
fn while_keys_change_the_old_and_the_new_are_good() {
    let integration_api_key = Keys::Several(vec!["new".to_owned(), KEY.to_owned()]);
    let swipe = Swipe::new(&Settings { integration_api_key, ..settings() }).unwrap();
    assert!(swipe.verify(RawCall::post("/bet", &signed(W2), W2_BODY.as_bytes())).is_ok());
}
