//! What `TrueLayer` tells.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::EntryKey;
use proptest::prelude::*;

use super::*;
use crate::payments::{Ending, NoticeKind};

const BODY: &[u8] = include_bytes!("../fixtures/payout-executed.json");
const SIGNATURE: &str = include_str!("../fixtures/payout-executed.signature");
const SENT: &str = "2026-01-02T03:04:06Z";
const PATH: &str = "/webhooks/truelayer";

fn headers(signature: &str, sent: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("tl-signature", signature.parse().unwrap());
    headers.insert("x-tl-webhook-timestamp", sent.parse().unwrap());
    headers
}

fn received(headers: &HeaderMap, body: &[u8], now: &str) -> Result<PaymentNotice, Receipt> {
    let truelayer = truelayer();
    let authentic = truelayer
        .verify(RawCall::post("", headers, body), now.parse().unwrap())
        .map_err(|_| Receipt::NotAuthentic)?;
    truelayer.parse(&authentic).map(|mut notices| notices.remove(0)).map_err(|_| Receipt::Malformed)
}

fn told(event: &Value) -> Result<PaymentNotice, Receipt> {
    let body = event.to_string().into_bytes();
    let stamp = [("X-TL-Webhook-Timestamp", SENT)];
    let signature = theirs().sign("POST", PATH, &stamp, &body, Some(JWKS_URL)).unwrap();
    received(&headers(&signature, SENT), &body, SENT)
}

fn event(kind: &str) -> Value {
    json!({
        "type": kind, "event_version": 1, "event_id": "e1", "payment_id": "pay-1", "payout_id": "out-1",
        "refund_id": "ref-1", "metadata": {"reference": DEPOSIT},
    })
}

#[test]
fn the_known_call_is_accepted() {
    let subject = Subject::Payout {
        reference: String::new(),
        psp_reference: Some("66666666-7777-8888-9999-000000000000".into()),
    };
    let expected = PaymentNotice {
        key: EntryKey::new("truelayer", "event:11111111-2222-3333-4444-555555555555"),
        reference: String::new(),
        kind: NoticeKind::Hint(subject),
        order: None,
        psp_reference: None,
        refund: None,
        instrument: None,
        ending: Some(Ending::Done),
    };
    assert_eq!(received(&headers(SIGNATURE, SENT), BODY, SENT), Ok(expected));
}

#[test]
fn every_signed_part_counts() {
    let good = headers(SIGNATURE, SENT);
    assert_eq!(received(&good, &[BODY, b" "].concat(), SENT), Err(Receipt::NotAuthentic));
    assert_eq!(received(&good, &BODY[1..], SENT), Err(Receipt::NotAuthentic));
    let later = "2026-01-02T03:04:07Z";
    assert_eq!(received(&headers(SIGNATURE, later), BODY, later), Err(Receipt::NotAuthentic));
    let body = event("payment_settled").to_string().into_bytes();
    let stamp = [("X-TL-Webhook-Timestamp", SENT)];
    for (method, path, authentic) in [
        ("POST", PATH, true),
        ("POST", "/webhooks/truelayer/", true),
        ("POST", "/webhooks/other", false),
        ("PUT", PATH, false),
    ] {
        let signature = theirs().sign(method, path, &stamp, &body, None).unwrap();
        assert_eq!(received(&headers(&signature, SENT), &body, SENT).is_ok(), authentic, "{method} {path}");
    }
}

#[test]
fn a_call_is_good_for_five_minutes() {
    for (now, authentic) in [
        ("2026-01-02T03:09:06Z", true),
        ("2026-01-02T03:09:07Z", false),
        ("2026-01-02T02:59:06Z", true),
        ("2026-01-02T02:59:05Z", false),
    ] {
        assert_eq!(received(&headers(SIGNATURE, SENT), BODY, now).is_ok(), authentic, "{now}");
    }
}

#[test]
fn other_kinds_of_signatures_are_refused() {
    let (_, tag) = SIGNATURE.split_once("..").unwrap();
    for header in [
        json!({"alg": "none", "kid": "demo-kid", "tl_version": "2", "tl_headers": "X-TL-Webhook-Timestamp"}),
        json!({"alg": "ES256", "kid": "demo-kid", "tl_version": "2", "tl_headers": "X-TL-Webhook-Timestamp"}),
        json!({"alg": "ES512", "kid": "demo-kid", "tl_version": "1", "tl_headers": "X-TL-Webhook-Timestamp"}),
        json!({"alg": "ES512", "kid": "unknown", "tl_version": "2", "tl_headers": "X-TL-Webhook-Timestamp"}),
        json!({"alg": "ES512", "kid": "demo-kid", "tl_version": "2", "tl_headers": ""}),
        json!({"alg": "ES512", "kid": "demo-kid", "tl_version": "2", "tl_headers": "X-TL-Webhook-Timestamp,Other"}),
        json!({}),
    ] {
        let signature = format!("{}..{tag}", URL_SAFE_NO_PAD.encode(header.to_string()));
        assert_eq!(received(&headers(&signature, SENT), BODY, SENT), Err(Receipt::NotAuthentic), "{header}");
    }
    for signature in ["", "..", "a..b", tag, &format!("..{tag}"), &SIGNATURE.replace("..", ".")] {
        assert_eq!(
            received(&headers(signature, SENT), BODY, SENT),
            Err(Receipt::NotAuthentic),
            "{signature}"
        );
    }
    assert_eq!(received(&HeaderMap::new(), BODY, SENT), Err(Receipt::NotAuthentic));
}

#[test]
fn the_time_must_be_among_what_is_signed() {
    let body = event("payment_settled").to_string().into_bytes();
    let signature = theirs().sign("POST", PATH, &[], &body, None).unwrap();
    assert_eq!(received(&headers(&signature, SENT), &body, SENT), Err(Receipt::NotAuthentic));
}

#[test]
fn keys_are_looked_up_where_they_are_configured_only() {
    let unknowing = TrueLayer::new(&settings(|_| ())).unwrap();
    let stamp = [("X-TL-Webhook-Timestamp", SENT)];
    let asked = |truelayer: &TrueLayer, jku: Option<&str>| {
        let signature = theirs().sign("POST", PATH, &stamp, BODY, jku).unwrap();
        let headers = headers(&signature, SENT);
        let call = RawCall::post("", &headers, BODY);
        (truelayer.missing_keys(call).map(|call| call.url), truelayer.verify(call, now()).is_ok())
    };
    assert_eq!(asked(&unknowing, Some(JWKS_URL)), (Some(JWKS_URL.to_owned()), false));
    assert_eq!(asked(&unknowing, None), (Some(JWKS_URL.to_owned()), false));
    assert_eq!(asked(&unknowing, Some("https://evil.example/jwks")), (None, false));
    assert_eq!(asked(&truelayer(), Some(JWKS_URL)), (None, true));
    assert_eq!(asked(&truelayer(), Some("https://evil.example/jwks")), (None, false));
    let headers = HeaderMap::new();
    assert_eq!(unknowing.missing_keys(RawCall::post("", &headers, b"")), None);
}

#[test]
fn keys_are_replaced_by_good_answers_only() {
    let truelayer = truelayer();
    let knows = || truelayer.published.get("their-kid").is_some();
    for (status, body) in [
        (500, json!({"keys": [public_jwk(&theirs())]})),
        (200, json!({"keys": []})),
        (200, json!({})),
        (200, json!({"keys": [{"kty": "RSA", "kid": "r"}]})),
        (200, json!({"keys": [{"kty": "EC", "crv": "P-521", "kid": "k", "x": "AA", "y": "AA"}]})),
        (200, json!({"keys": [{"kty": "EC", "crv": "P-521", "kid": "k", "x": "!", "y": ""}]})),
    ] {
        assert!(truelayer.learn_keys(&answer(status, &body)).is_err(), "{body}");
        assert!(knows());
    }
    let other = Signer::new("another-kid", MERCHANT).unwrap();
    truelayer.learn_keys(&answer(200, &json!({"keys": [public_jwk(&other)]}))).unwrap();
    assert!(!knows(), "a withdrawn key counts no longer");
}

#[test]
fn what_moves_money_is_a_hint() {
    let payment = || Subject::Payment { reference: DEPOSIT.into(), psp_reference: Some("pay-1".into()) };
    let payout = || Subject::Payout { reference: DEPOSIT.into(), psp_reference: Some("out-1".into()) };
    let refund = || Subject::Refund {
        reference: DEPOSIT.into(),
        payment: "pay-1".into(),
        refund: Some("ref-1".into()),
    };
    for (kind, expected) in [
        ("payment_authorized", NoticeKind::Hint(payment())),
        ("payment_settled", NoticeKind::Hint(payment())),
        ("payment_failed", NoticeKind::Hint(payment())),
        ("payout_executed", NoticeKind::Hint(payout())),
        ("payout_failed", NoticeKind::Hint(payout())),
        ("refund_executed", NoticeKind::Hint(refund())),
        ("refund_failed", NoticeKind::Hint(refund())),
        ("payment_executed", NoticeKind::Noted),
        ("payment_creditable", NoticeKind::Noted),
    ] {
        let told = told(&event(kind)).unwrap();
        assert_eq!(told.kind, expected, "{kind}");
        let ending = match kind.rsplit('_').next() {
            Some("settled") => Some(Ending::Done),
            Some("executed") if !kind.starts_with("payment") => Some(Ending::Done),
            Some("failed") => Some(Ending::Failed),
            _ => None,
        };
        assert_eq!(told.ending, ending, "{kind}");
    }
    for kind in ["payment_settlement_stalled", "external_payment_received", "invented"] {
        let unhandled = NoticeKind::Unhandled { event_code: kind.into() };
        assert_eq!(told(&event(kind)).unwrap().kind, unhandled);
    }
}

#[test]
fn signed_nonsense_is_malformed() {
    for (field, value) in [
        ("type", json!(null)),
        ("type", json!("a b")),
        ("event_id", json!("")),
        ("event_id", json!("a:b")),
        ("payment_id", json!(null)),
        ("payment_id", json!("../v3/other")),
        ("payment_id", json!("")),
        ("metadata", json!([1])),
    ] {
        let mut event = event("payment_settled");
        event[field] = value.clone();
        assert_eq!(told(&event), Err(Receipt::Malformed), "{field} {value}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn no_bytes_panic_or_pass(body in proptest::collection::vec(any::<u8>(), 0..300), signature in "[ -~]{0,200}") {
        prop_assert_eq!(received(&headers(&signature, SENT), &body, SENT), Err(Receipt::NotAuthentic));
        prop_assert_eq!(received(&headers(SIGNATURE, SENT), &body, SENT), Err(Receipt::NotAuthentic));
    }

    #[test]
    fn no_signed_event_panics(texts in proptest::collection::vec(".*", 4)) {
        let event = json!({"type": texts[0], "event_id": texts[1], "payment_id": texts[2], "user_id": texts[3]});
        prop_assert_ne!(told(&event), Err(Receipt::NotAuthentic));
    }
}
