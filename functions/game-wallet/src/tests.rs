//! The sample events are stakes as the vendors would report them, with the demo keys.

use ::http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::Value;

use super::*;

const VENDORS: &str = include_str!("../../../infra/local/vendors.json");

const SAMPLES: [(&str, &str); 6] = [
    ("caleta", include_str!("../../../events/samples/game-wallet-caleta.json")),
    ("evolution", include_str!("../../../events/samples/game-wallet-evolution.json")),
    ("hub88", include_str!("../../../events/samples/game-wallet-hub88.json")),
    ("softswiss", include_str!("../../../events/samples/game-wallet-softswiss.json")),
    ("swipe", include_str!("../../../events/samples/game-wallet-swipe.json")),
    ("valkyrie", include_str!("../../../events/samples/game-wallet-valkyrie.json")),
];

fn demo_vendor(name: &str) -> Box<dyn GameVendor> {
    let settings: vendors::settings::Settings = serde_json::from_str(VENDORS).unwrap();
    games::vendor(name, &settings.games).unwrap()
}

fn headers(event: &Value) -> HeaderMap {
    let pair = |(name, value): (&String, &Value)| {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        (name, HeaderValue::from_str(value.as_str().unwrap()).unwrap())
    };
    event["headers"].as_object().unwrap().iter().map(pair).collect()
}

#[test]
fn every_vendor_has_a_sample() {
    assert!(SAMPLES.iter().map(|(name, _)| *name).eq(games::names()));
}

#[test]
fn the_samples_are_authentic_stakes() {
    for (name, sample) in SAMPLES {
        let event: Value = serde_json::from_str(sample).unwrap();
        let headers = headers(&event);
        let prefix = format!("/webhooks/games/{name}");
        let call = RawCall {
            method: &Method::POST,
            path: event["rawPath"].as_str().unwrap().strip_prefix(&prefix).unwrap(),
            query: event["rawQueryString"].as_str().unwrap(),
            headers: &headers,
            body: event["body"].as_str().unwrap().as_bytes(),
        };
        let vendor = demo_vendor(name);
        let request = vendor.parse(&vendor.verify(call).unwrap()).unwrap();
        let command = match request.kind {
            RequestKind::Operation(command) => *command,
            RequestKind::Batch(commands) => commands.into_iter().next().unwrap(),
            other => panic!("{name}: {other:?}"),
        };
        assert!(matches!(command, Command::Debit(_)), "{name}");

        let nothing = HeaderMap::new();
        assert!(vendor.verify(RawCall { headers: &nothing, query: "", ..call }).is_err(), "{name}");
    }
}
