//! The sandbox against the platform's own Trustly module: what either sends, the other must take.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use vendors::call::{CallFailure, InboundAnswer, OutboundCall};
use vendors::payments::Subject;

use super::super::payers::{
    DEPOSIT, PLAYER, WITHDRAWAL, World, payment, payout, there_is_none_for_the_real_one,
};
use super::*;

const PAID: [&str; 3] = ["Deposit(Identified", "Noted", "Deposit(Captured"];

fn routes(vendors: &Value, url: &str) -> Router {
    router(SandboxConfig::from_vendors(vendors, url).unwrap().unwrap())
}

async fn world() -> World {
    World::new("trustly", routes).await
}

#[tokio::test]
async fn a_player_pays_from_an_account_of_their_own() {
    let world = world().await;
    let page = world.open().await;
    let shown = world.read(&page).await;
    assert!(shown.contains("25.00 EUR") && shown.contains(DEPOSIT) && !shown.contains("{{"), "{shown}");
    assert_eq!(world.press(&page, "pay").await.status(), 303);
    assert_eq!(world.words(), PAID);
    let account = world.told()[0].instrument.clone().unwrap();
    assert_eq!(account.holder.as_deref(), Some("Ada Example"));
    assert!(account.token.is_some_and(|token| token.ends_with("5737")));
    let orders: Vec<_> = world.told().iter().map(|it| it.order).collect();
    assert!(orders.is_sorted(), "{orders:?}");
    assert_eq!(world.press(&page, "pay").await.status(), 200, "the page says that it is closed");
    assert_eq!(world.words(), PAID);
}

#[tokio::test]
async fn a_player_gives_up() {
    let world = world().await;
    world.pays("cancel").await;
    assert_eq!(world.words(), ["Deposit(Cancelled"]);
}

#[tokio::test]
async fn the_same_deposit_is_one_order() {
    let world = world().await;
    assert_eq!(world.open().await, world.open().await);
}

#[tokio::test]
async fn each_misbehaviour_does_what_it_says() {
    World::bears_mischief(world, &PAID).await;
    let world = world().await;
    world.pays("pay_reversed").await;
    assert_eq!(world.words(), ["Deposit(Captured", "Noted", "Deposit(Identified"]);
    let orders: Vec<_> = world.told().iter().rev().map(|it| it.order).collect();
    assert!(orders.is_sorted(), "each says when it happened, whenever it comes: {orders:?}");
}

#[tokio::test]
async fn a_notification_is_sent_until_its_answer_is_good() {
    let world = World::with_outages("trustly", 2, routes).await;
    world.pays("pay").await;
    let mut told = world.words_at_least(3).await;
    told.sort();
    assert_eq!(told, ["Deposit(Captured", "Deposit(Identified", "Noted"]);
}

#[tokio::test]
async fn a_player_is_paid_once() {
    let world = world().await;
    let (first, again) =
        (world.pay_out("7653385737").await.unwrap(), world.pay_out("7653385737").await.unwrap());
    assert_eq!(first, again);
    assert_eq!(world.words_at_least(1).await, ["Withdrawal(Paid"]);
    tokio::time::sleep(Duration::from_millis(300)).await;
    let [notice] = world.told().try_into().unwrap();
    assert_eq!((notice.reference.as_str(), notice.psp_reference), (WITHDRAWAL, first.psp_reference));
}

#[tokio::test]
async fn a_bank_can_refuse_a_payout_and_a_refund() {
    let paid = world().await;
    paid.pay_out("7653380000").await.unwrap();
    assert_eq!(paid.words_at_least(1).await, ["Withdrawal(Returned"]);

    let world = world().await;
    world.pays("pay_closed").await;
    let order = world.told()[0].psp_reference.clone().unwrap();
    world.refund(&order).await.unwrap();
    let again = world.refund(&order).await.unwrap();
    assert_eq!(again.psp_reference, None, "the call's id makes it one refund, and no more is said of it");
    assert_eq!(world.words_at_least(4).await.len(), 4, "the money comes again, once");
    let unknown = world.refund("1").await;
    assert!(matches!(unknown, Err(CallFailure::Refused(_))), "{unknown:?}");
}

#[tokio::test]
async fn a_payout_can_be_asked_for() {
    let world = world().await;
    let taken = world.pay_out("7653385737").await.unwrap();
    world.words_at_least(1).await;
    let subject = Subject::Payout { reference: WITHDRAWAL.to_owned(), psp_reference: taken.psp_reference };
    world.look_up(&subject).await.unwrap();
}

/// The message by Trustly's own rule, written here once more: method, UUID, then keys and values in the keys' order.
fn message(method: &str, uuid: &str, data: &Value) -> String {
    fn put(value: &Value, out: &mut String) {
        match value {
            Value::Null => {}
            Value::String(text) => out.push_str(text),
            Value::Array(values) => values.iter().for_each(|value| put(value, out)),
            Value::Object(fields) => {
                let sorted: std::collections::BTreeMap<_, _> = fields.iter().collect();
                for (key, value) in sorted {
                    out.push_str(key);
                    put(value, out);
                }
            }
            other => out.push_str(&other.to_string()),
        }
    }
    let mut out = format!("{method}{uuid}");
    put(data, &mut out);
    out
}

fn is_signed_by_trustly(signature: &str, message: &str) -> bool {
    let vendors: Value = serde_json::from_str(include_str!("../../../vendors.json")).unwrap();
    let pem = vendors["payments"]["trustly"]["public_key_pem"].as_str().unwrap();
    let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let spki = BASE64_STANDARD.decode(base64).unwrap();
    // A 2048-bit key's own part of it stands behind 24 bytes that say what it is.
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &spki[24..]);
    let tag = signature.strip_prefix("alg=RS256;").unwrap();
    key.verify(message.as_bytes(), &BASE64_STANDARD.decode(tag).unwrap()).is_ok()
}

async fn answer_to(world: &World, call: OutboundCall) -> Value {
    let InboundAnswer { status, body } = world.send(call).await;
    assert_eq!(status, 200, "Trustly says no in its own words");
    serde_json::from_slice(&body).unwrap()
}

fn deposit_call(world: &World) -> OutboundCall {
    World::first_call(world.provider.open_payment(&payment(), &[], crate::clock::now()))
}

#[tokio::test]
async fn answers_are_signed_by_the_vendors_rule() {
    let world = world().await;
    let answer = answer_to(&world, deposit_call(&world)).await;
    let result = &answer["result"];
    let uuid = result["uuid"].as_str().unwrap();
    let signed = message("Deposit", uuid, &result["data"]);
    let signature = result["signature"].as_str().unwrap();
    assert!(is_signed_by_trustly(signature, &signed), "{answer}");
    assert!(!is_signed_by_trustly(signature, &signed.replacen(uuid, "another", 1)));
}

#[tokio::test]
async fn wrongly_signed_calls_are_refused_in_the_vendors_words() {
    let world = world().await;
    let changed = |pointer: &str, value: Value| {
        let mut call = deposit_call(&world);
        let mut body: Value = serde_json::from_slice(&call.body).unwrap();
        *body.pointer_mut(pointer).unwrap() = value;
        call.body = body.to_string().into_bytes();
        call
    };
    for (pointer, value) in [
        ("/params/Signature", json!("")),
        ("/params/Signature", json!("alg=RS256;AAAA")),
        ("/params/UUID", json!("258a2184-2842-b485-25ca-293525152425")),
        ("/params/Data/EndUserID", json!("somebody else")),
        ("/params/Data/Attributes/Amount", json!("2500.00")),
        ("/method", json!("AccountPayout")),
    ] {
        let answer = answer_to(&world, changed(pointer, value)).await;
        assert_eq!(answer["error"]["error"]["data"]["message"], "ERROR_INVALID_SIGNATURE", "{pointer}");
    }
    assert_eq!(world.send(OutboundCall { body: b"{}".to_vec(), ..deposit_call(&world) }).await.status, 400);
    let missing = World::first_call(world.provider.pay_out(&payout("7653385737"), &[], crate::clock::now()));
    assert!(String::from_utf8_lossy(&missing.body).contains(PLAYER));
    assert_eq!(world.told(), []);
}

#[test]
fn there_is_no_sandbox_for_the_real_one() {
    there_is_none_for_the_real_one("trustly", |vendors| {
        let found = SandboxConfig::from_vendors(vendors, "http://127.0.0.1:1");
        found.map(|it| it.is_some()).map_err(|error| error.to_string())
    });
}
