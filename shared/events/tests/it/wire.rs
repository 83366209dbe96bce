//! Events on the wire: what they look like, and that they read back as they were.

use domain::{Fact, Money};
use events::{Amount, Event};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::entries::{entry, of_every_kind};

fn wire(event: &Event) -> Value {
    serde_json::to_value(event).unwrap()
}

#[test]
fn a_bet_is_a_cloud_event() {
    let bet = of_every_kind().into_iter().find(|it| matches!(it.fact, Fact::BetPlaced { .. })).unwrap();
    let player = "ply_01KDVDNA000000000000000001";
    assert_eq!(
        wire(&Event::from_entry(&bet)),
        json!({
            "specversion": "1.0",
            "id": format!("{player}/8"),
            "source": "/pitboss/ledger",
            "type": "pitboss.casino.bet.placed.v1",
            "subject": player,
            "time": "2026-01-01T00:00:00.123Z",
            "datacontenttype": "application/json",
            "brand": "demo",
            "jurisdiction": "MT",
            "playerid": player,
            "partitionkey": player,
            "sequence": "000000000008",
            "ledgerref": "hub88/tx-8",
            "data": {
                "currency": "EUR",
                "integration": "hub88",
                "transaction_id": "tx-8",
                "game_code": "dice",
                "round_id": "r-1",
                "round_closed": true,
                "amount": "0.00001",
                "bonus_amount": "0.00001",
                "free": false,
                "balances": {"cash": "12.50", "bonus": "0.00", "held": "0.00", "receivable": "0.00"},
            },
        })
    );
}

#[test]
fn every_event_reads_back() {
    for entry in of_every_kind() {
        let event = Event::from_entry(&entry);
        let text = event.to_json().unwrap();
        assert_eq!(Event::from_json(text.as_bytes()).unwrap(), event, "{text}");
    }
}

#[test]
fn what_a_client_calls_its_request_stays_inside() {
    let mut entry = of_every_kind()[0].clone();
    entry.key = domain::EntryKey::new("api", "deposit:jane.doe@example.org");
    let text = Event::from_entry(&entry).to_json().unwrap();
    assert!(!text.contains("jane.doe"), "{text}");
    assert!(text.contains(r#""ledgerref":"api/1""#), "{text}");
}

#[test]
fn what_a_newer_publisher_adds_does_no_harm() {
    let event = Event::from_entry(&of_every_kind()[1]);
    let mut newer = wire(&event);
    newer["traceparent"] = json!("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    newer["data"]["device"] = json!("mobile");
    assert_eq!(Event::from_json(newer.to_string().as_bytes()).unwrap(), event);
}

#[test]
fn what_is_not_ours_is_refused() {
    let event = wire(&Event::from_entry(&of_every_kind()[0]));
    let changes = [
        ("specversion", json!("2.0")),
        ("source", json!("/elsewhere")),
        ("type", json!("pitboss.player.abducted.v1")),
        ("id", json!("1")),
        ("sequence", json!("one")),
        ("playerid", json!("ply_01KDVDNA000000000000000002")),
        ("data", json!({"currency": "EUR"})),
        ("data", json!({"currency": "XXX", "country": "MT"})),
    ];
    for (attribute, value) in changes {
        let mut wrong = event.clone();
        wrong[attribute] = value;
        assert!(Event::from_json(wrong.to_string().as_bytes()).is_err(), "{attribute}");
    }
}

#[test]
fn amounts_are_plain_decimals() {
    for text in ["1e3", "", "1,5", "NaN", " 1"] {
        assert!(serde_json::from_value::<Amount>(json!(text)).is_err(), "{text}");
    }
    assert!(serde_json::from_value::<Amount>(json!(1.5)).is_err(), "never a number");
}

proptest! {
    #[test]
    fn no_amount_changes_on_the_way(units: i64, code in "EUR|JPY|KWD|BTC") {
        let money = Money::from_units(units, code.parse().unwrap());
        prop_assert_eq!(Amount::from(money).of(money.currency()), Ok(money));
    }

    #[test]
    fn ids_tell_facts_apart(one in 1_u64.., other in 1_u64..) {
        let fact = Fact::RoundEnded { play: domain::fact::Play::default() };
        let id = |seq| Event::from_entry(&entry(seq, fact.clone())).id();
        prop_assert_eq!(id(one) == id(other), one == other);
    }
}
