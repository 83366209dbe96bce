use super::*;

fn accepts(evolution: &Evolution, query: &str) -> bool {
    let headers = HeaderMap::new();
    evolution.verify(RawCall { query, ..RawCall::post("/check", &headers, b"{}") }).is_ok()
}

#[test]
fn the_token_must_be_shown_whole() {
    for query in ["authToken=s3cret/token", "authToken=s3cret%2Ftoken", "a=b&authToken=s3cret%2ftoken&c"] {
        assert!(accepts(&evolution(), query), "{query}");
    }
    for query in [
        "",
        "authToken",
        "authToken=",
        "authToken=s3cret",
        "authToken=s3cret/token1",
        "authToken=S3CRET/TOKEN",
        "authToken=s3cret/token%00",
        "authtoken=s3cret/token",
        "token=s3cret/token",
        "authToken=wrong&authToken=s3cret/token",
        "authToken=%ff%fe",
    ] {
        assert!(!accepts(&evolution(), query), "{query}");
    }
}

#[test]
fn while_tokens_change_the_old_and_the_new_are_good() {
    let auth_token = Keys::Several(vec!["old".to_owned(), "new".to_owned()]);
    let evolution = Evolution::new(&Settings { auth_token, ..settings() }).unwrap();
    assert!(accepts(&evolution, "authToken=old") && accepts(&evolution, "authToken=new"));
    assert!(!accepts(&evolution, "authToken=oldnew") && !accepts(&evolution, "authToken=s3cret/token"));
}

/// Comparing by keyed digests must not make equal what padding of keys would.
#[test]
fn tokens_of_other_lengths_are_other_tokens() {
    let long = "x".repeat(100);
    let evolution = Evolution::new(&Settings { auth_token: Keys::One(long.clone()), ..settings() }).unwrap();
    assert!(accepts(&evolution, &format!("authToken={long}")));
    assert!(!accepts(&evolution, &format!("authToken={long}%00")));
    assert!(!accepts(&evolution, &format!("authToken={}", "x".repeat(64))));
}
