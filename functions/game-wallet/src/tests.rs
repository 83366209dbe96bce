//! The sample event is a call as the vendor would make it, with the demo keys.

use ::http::{HeaderMap, HeaderName};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use super::*;

const SAMPLE: &str = include_str!("../../../events/samples/game-wallet.json");
const VENDORS: &str = include_str!("../../../infra/local/vendors.json");

fn demo_vendor() -> Box<dyn GameVendor> {
    let settings: vendors::settings::Settings = serde_json::from_str(VENDORS).unwrap();
    games::vendor("hub88", &settings.games).unwrap()
}

fn signed(signature: &str) -> HeaderMap {
    HeaderMap::from_iter([(HeaderName::from_static("x-hub88-signature"), signature.parse().unwrap())])
}

#[test]
fn the_sample_is_a_signed_bet() {
    let event: Value = serde_json::from_str(SAMPLE).unwrap();
    let body = event["body"].as_str().unwrap().as_bytes();
    let path = event["rawPath"].as_str().unwrap().strip_prefix("/webhooks/games/hub88").unwrap();
    let signature = event["headers"]["x-hub88-signature"].as_str().unwrap();
    let vendor = demo_vendor();

    let headers = signed(signature);
    let authentic = vendor.verify(RawCall::post(path, &headers, body)).unwrap();
    let request = vendor.parse(&authentic).unwrap();
    assert_eq!(request.game.as_deref(), Some("pit_dice"));
    assert!(matches!(request.kind, RequestKind::Operation(it) if matches!(*it, Command::Debit(_))));

    let mut forged = BASE64_STANDARD.decode(signature).unwrap();
    forged[0] ^= 1;
    let headers = signed(&BASE64_STANDARD.encode(forged));
    assert!(vendor.verify(RawCall::post(path, &headers, body)).is_err());
}
