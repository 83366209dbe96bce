use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue};
use ring::rand::SystemRandom;
use ring::signature::RSA_PKCS1_SHA256;

use super::*;
use crate::games::hub88::rsa;

const H1: &str = "V3bEXE72v0fbrKNV6bHW945WgsuRvkKcUBA4+C2AiUp+ssrItfk4btBhQfuupBsUXY11JZY+2DSK15NlXeziZbtGQRbgq6v/Ou2tWd652r39nKCfwpxLw1foXaLiSP5ZPudi42M7ANG4XygjaErPiIMHHQaEA6WKqSLIPmJmJJ1u6PkLulpG5CEMO+/6tWRBMMd5vZuHxqc2koaCWI6a3sW+75INSPXbSAEnwVkWPIeUg+EYCdUE7RARSlT/xf5Bp37qtEGZSG7TF7198HDQjAMpC7HBY+tUXsNZwXJJpcRxRh0Pqfz7Q9LG0ikFfdQE+0gCnuLOmx0IMtLIFjVQpA==";
const H2: &str = "Wv+uhJWf3UBrzpjwONgLbvOK5uxkt65FNAq/W85QPucKb3EZyTaOm78BnXgZ2C28F2hAMP0CpBY+s6lv87boIUAeGMrP/UhKiwGG3bkOoTOj/++TrulMAIQ3n30d2Hk8RAZjBRaqmMptKLrNbYYNO/Ecw+ldkqVTLXxCeoRicRG5YAViSdsV487FG2IZTCCImeE9CnE4j4MJJdyh82cQKIPd0+n5MFtpZlL4whNORdrzLGyamdnSMb9dxC+ZDQUHvCxD7HiTsH424d5eKtlx9LrfhiIguXNadzYxGU5txyDwO+HurUYAyKH+scduqLtR0ThXi/tLftr7btHcrHRUNA==";
const H2_BODY: &str = r#"{"user":"player-1001","token":"tok-0000000001","request_uuid":"00000000-0000-4000-8000-000000000001","transaction_uuid":"00000000-0000-4000-8000-0000000000b1","round":"round-1","game_code":"abc_demo","currency":"EUR","amount":150000}"#;

fn demo() -> Hub88 {
    let public_key_pem = Keys::One(HUB88_DEMO_PUBLIC.to_owned());
    Hub88::new(&Settings { public_key_pem, ..settings() }).unwrap()
}

fn accepts(hub88: &Hub88, body: &[u8], signature: Option<&str>) -> bool {
    let mut headers = HeaderMap::new();
    if let Some(signature) = signature {
        headers.insert("X-Hub88-Signature", HeaderValue::from_str(signature).unwrap());
    }
    hub88.verify(RawCall::post("/transaction/bet", &headers, body)).is_ok()
}

fn signed(body: &[u8]) -> String {
    let key = rsa::private_key(HUB88_PRIVATE).unwrap();
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), body, &mut signature).unwrap();
    STANDARD.encode(signature)
}

#[test]
fn the_published_vectors_verify() {
    assert_eq!(H2_BODY.len(), 233);
    assert!(accepts(&demo(), b"test", Some(H1)));
    assert!(accepts(&demo(), H2_BODY.as_bytes(), Some(H2)));
}

#[test]
fn what_was_touched_does_not() {
    assert!(!accepts(&demo(), H2_BODY.as_bytes(), Some(H1)), "another body's signature");
    assert!(!accepts(&demo(), format!("{H2_BODY}\n").as_bytes(), Some(H2)), "one byte more");
    assert!(!accepts(&demo(), H2_BODY.replace("150000", "150001").as_bytes(), Some(H2)), "another amount");
    assert!(!accepts(&demo(), H2_BODY.replace(':', ": ").as_bytes(), Some(H2)), "the same JSON, other bytes");
    assert!(!accepts(&demo(), b"", Some(H2)), "no body");
}

#[test]
fn a_signature_must_be_there_and_be_one() {
    for signature in
        ["", "AAAA", "not base64!", &H1[..H1.len() - 4], &format!("{H1}AAAA"), &H1.replace('+', "-")]
    {
        assert!(!accepts(&demo(), b"test", Some(signature)), "{signature:?}");
    }
    assert!(!accepts(&demo(), b"test", None));
}

#[test]
fn only_hub88s_keys_count() {
    let signature = signed(b"test");
    assert!(accepts(&hub88(), b"test", Some(&signature)));
    assert!(!accepts(&demo(), b"test", Some(&signature)), "another key's signature");
    let ours = Keys::One(OPERATOR_PUBLIC.to_owned());
    let confused = Hub88::new(&Settings { public_key_pem: ours, ..settings() }).unwrap();
    assert!(!accepts(&confused, b"test", Some(&signature)));
}

#[test]
fn while_keys_change_the_old_and_the_new_are_good() {
    let both = Keys::Several(vec![HUB88_DEMO_PUBLIC.to_owned(), HUB88_PUBLIC_PKCS1.to_owned()]);
    let hub88 = Hub88::new(&Settings { public_key_pem: both, ..settings() }).unwrap();
    assert!(accepts(&hub88, b"test", Some(H1)));
    assert!(accepts(&hub88, b"test", Some(&signed(b"test"))));
    assert!(!accepts(&hub88, b"tset", Some(H1)));
}
