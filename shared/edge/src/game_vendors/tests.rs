//! Calls to vendors that stumble: what is sent once more, and what never is.

use std::collections::BTreeMap;
use std::sync::Mutex;

use futures::future::BoxFuture;
use jiff::Timestamp;
use vendors::games::{Device, Gift};

use super::*;
use crate::outbound::WayToVendors;
use crate::{Settings, SystemClock, SystemRandom};

const VENDORS: &str = include_str!("../../../../infra/local/vendors.json");
const PLAYER: &str = "ply_01HZX3M2T9QK4V7W8Y6N5R1ABC";

/// Answers one call after another as it was told; then not at all.
struct Told(Mutex<Vec<(u16, &'static str)>>);

impl WayToVendors for Told {
    fn send(&self, _call: OutboundCall) -> BoxFuture<'_, Result<InboundAnswer, CallFailure>> {
        let mut answers = self.0.lock().unwrap();
        let answer = if answers.is_empty() { (0, "") } else { answers.remove(0) };
        Box::pin(async move {
            match answer {
                (0, _) => Err(CallFailure::Unclear("no answer".to_owned())),
                (status, body) => Ok(InboundAnswer { status, body: body.as_bytes().to_vec() }),
            }
        })
    }
}

fn told(answers: &[(u16, &'static str)]) -> (GameVendors, Arc<Told>) {
    let told = Arc::new(Told(Mutex::new(answers.to_vec())));
    let context = Context::new(Arc::new(SystemClock), Arc::new(SystemRandom));
    let way: Arc<dyn WayToVendors> = told.clone();
    let settings = Settings::new(BTreeMap::new(), context.clone()).with_vendors(way);
    let games = serde_json::from_str::<vendors::settings::Settings>(VENDORS).unwrap().games;
    (GameVendors::new(&games, WayToGames::new(Outbound::of(&settings).unwrap(), context)), told)
}

fn launch() -> Launch {
    Launch {
        player: PLAYER.parse().unwrap(),
        token: "token".to_owned(),
        game: "pit_dice".to_owned(),
        currency: "EUR".parse().unwrap(),
        country: "MT".to_owned(),
        language: "en".to_owned(),
        device: Device::Desktop,
        ip: "192.0.2.1".parse().unwrap(),
        lobby_url: "https://casino.test".to_owned(),
        deposit_url: None,
    }
}

fn gift() -> Gift {
    Gift {
        id: "frg_01HZX3M2T9QK4V7W8Y6N5R1ABC".parse().unwrap(),
        player: PLAYER.parse().unwrap(),
        integration: "any".to_owned(),
        game: "pit_dice".to_owned(),
        currency: "EUR".parse().unwrap(),
        template: None,
        rounds: Some(5),
        round_value: None,
        bet_line: Some(1),
        starts_at: Timestamp::UNIX_EPOCH,
        ends_at: Timestamp::from_second(3600).unwrap(),
    }
}

#[tokio::test]
async fn a_launch_is_asked_for_once_more_and_not_again() {
    let url = r#"{"url":"https://vendor.test/1"}"#;
    for (answers, opens, left) in [
        (vec![(200, url), (200, url)], true, 1),
        (vec![(503, ""), (200, url)], true, 0),
        (vec![(0, ""), (200, url)], true, 0),
        (vec![(0, ""), (0, ""), (200, url)], false, 1),
        (vec![(404, ""), (200, url)], false, 1),
        (vec![(429, ""), (200, url)], false, 1),
    ] {
        let (vendors, told) = told(&answers);
        let opened = vendors.admit("hub88").unwrap().launch_url(&launch()).await;
        assert_eq!((opened.is_ok(), told.0.lock().unwrap().len()), (opens, left), "{answers:?}");
    }
}

#[tokio::test]
async fn free_rounds_are_asked_for_again_only_where_they_are_given_once() {
    let (vendors, asked) = told(&[(503, ""), (200, r#"{"id":"swipes"}"#)]);
    let swipe = vendors.vendor("swipe").and_then(|it| it.free_rounds()).unwrap();
    let call = swipe.give_call(&gift()).unwrap();
    let given = vendors.admit("swipe").unwrap().give(swipe, call).await;
    assert_eq!((given, asked.0.lock().unwrap().len()), (Ok(Some("swipes".to_owned())), 0));

    let (vendors, asked) = told(&[(503, ""), (200, r#"{"reward_uuid":"hubs"}"#)]);
    let hub88 = vendors.vendor("hub88").and_then(|it| it.free_rounds()).unwrap();
    let gift = Gift { template: Some("template".to_owned()), bet_line: None, ..gift() };
    let call = hub88.give_call(&gift).unwrap();
    let given = vendors.admit("hub88").unwrap().give(hub88, call).await;
    assert!(matches!(given, Err(CallFailure::Unclear(_))), "{given:?}");
    assert_eq!(asked.0.lock().unwrap().len(), 1, "it may have given them");
}
