//! The sandbox against the platform's own Nuvei module: what either sends, the other must take.

use ring::digest::{SHA256, digest};
use vendors::call::{CallFailure, OutboundCall};
use vendors::payments::{NoticeKind, Subject};

use super::super::payers::{DEPOSIT, PLAYER, WITHDRAWAL, World, payout, there_is_none_for_the_real_one};
use super::*;

const PAID: [&str; 1] = ["Hint(Payment"];

fn routes(vendors: &Value, url: &str) -> Router {
    router(SandboxConfig::from_vendors(vendors, url).unwrap().unwrap())
}

async fn world() -> World {
    World::new("nuvei", routes).await
}

fn hinted(world: &World) -> Subject {
    let hint = world.told().into_iter().rev().find_map(|notice| match notice.kind {
        NoticeKind::Hint(subject) => Some(subject),
        _ => None,
    });
    hint.unwrap()
}

#[tokio::test]
async fn a_player_pays_and_the_record_tells_with_what() {
    let world = world().await;
    let page = world.open().await;
    let shown = world.read(&page).await;
    assert!(shown.contains("25.00 EUR") && shown.contains(DEPOSIT) && !shown.contains("{{"), "{shown}");
    assert_eq!(world.press(&page, "pay").await.status(), 303);
    assert_eq!(world.words(), PAID);
    let [captured] = world.look_up(&hinted(&world)).await.unwrap().try_into().unwrap();
    assert!(format!("{:?}", captured.kind).starts_with("Deposit(Captured"), "{captured:?}");
    let card = captured.instrument.unwrap();
    assert!(card.identity.is_some() && card.token.is_some(), "{card:?}");
    assert_eq!(world.press(&page, "pay").await.status(), 200, "the page says that it is closed");
    assert_eq!(world.words(), PAID);
}

#[tokio::test]
async fn a_player_is_declined_and_then_pays() {
    let world = world().await;
    for (outcome, expected) in
        [("decline", "Deposit(Declined)"), ("cancel", "Deposit(Cancelled)"), ("pay", "Deposit(Captured")]
    {
        world.pays(outcome).await;
        let [came] = world.look_up(&hinted(&world)).await.unwrap().try_into().unwrap();
        assert!(format!("{:?}", came.kind).starts_with(expected), "{came:?}");
    }
}

#[tokio::test]
async fn each_misbehaviour_does_what_it_says() {
    World::bears_mischief(world, &PAID).await;
    let world = world().await;
    world.pays("pay_reversed").await;
    assert_eq!(world.words(), ["Hint(Payment", "Noted"], "the end of it comes first");
    let [last, first] = world.told().try_into().unwrap();
    assert_eq!((&first.reference, &last.reference), (&DEPOSIT.to_owned(), &DEPOSIT.to_owned()));
    assert_ne!(first.key, last.key);
}

#[tokio::test]
async fn a_dmn_is_sent_until_it_is_taken() {
    let world = World::with_outages("nuvei", 2, routes).await;
    world.pays("pay").await;
    assert_eq!(world.words_at_least(1).await, PAID);
}

#[tokio::test]
async fn a_player_is_paid_once_and_a_bank_can_refuse() {
    for (option, expected) in [("70123456", "Withdrawal(Paid"), ("70120000", "Withdrawal(Failed")] {
        let world = world().await;
        let first = world.pay_out(option).await.unwrap();
        assert!(matches!(world.pay_out(option).await, Err(CallFailure::Refused(_))), "a repeat");
        assert_eq!(world.words_at_least(1).await.len(), 1);
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(world.told().len(), 1);
        let subject =
            Subject::Payout { reference: WITHDRAWAL.to_owned(), psp_reference: first.psp_reference };
        let [came] = world.look_up(&subject).await.unwrap().try_into().unwrap();
        assert!(format!("{:?}", came.kind).starts_with(expected), "{came:?}");
    }
}

#[tokio::test]
async fn a_refund_goes_back_or_is_declined_at_once() {
    for (outcome, goes) in [("pay", true), ("pay_closed", false)] {
        let world = world().await;
        world.pays(outcome).await;
        let Subject::Payment { psp_reference: Some(paid), .. } = hinted(&world) else { panic!() };
        match world.refund(&paid).await {
            Ok(_) => {
                assert!(goes);
                assert_eq!(world.words_at_least(2).await.len(), 2, "what became of it is told");
            }
            Err(CallFailure::Refused(_)) => assert!(!goes),
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(world().await.refund("1").await.is_err());
}

/// A checksum by Nuvei's own rule, written here once more.
fn sha256(text: &str) -> String {
    hex::encode(digest(&SHA256, text.as_bytes()))
}

#[tokio::test]
async fn a_link_with_another_amount_opens_nothing() {
    let world = world().await;
    let page = world.open().await;
    let cheaper = vendors::payments::PaymentPage {
        redirect_url: page.redirect_url.replace("total_amount=25.00", "total_amount=0.01"),
        ..page.clone()
    };
    assert_ne!(cheaper, page);
    assert!(world.read(&cheaper).await.contains("closed"));
    assert_eq!(world.press(&cheaper, "pay").await.status(), 200);
    assert_eq!(world.told(), []);
    assert!(!world.read(&page).await.contains("closed"));
}

#[tokio::test]
async fn calls_are_checked_by_the_vendors_rule() {
    let world = world().await;
    let call = World::first_call(world.provider.pay_out(&payout("70123456"), &[], crate::clock::now()));
    let asked: Value = serde_json::from_slice(&call.body).unwrap();
    let text = |name: &str| asked[name].as_str().unwrap().to_owned();
    let signed = ["merchantId", "merchantSiteId", "clientRequestId", "amount", "currency", "timeStamp"];
    let signed = signed.map(text).concat() + "pitboss-demo-nuvei-secret-key";
    assert_eq!(asked["checksum"], sha256(&signed));
    assert_eq!(asked["userTokenId"], PLAYER);

    let changed = |name: &str, value: &str| {
        let mut body = asked.clone();
        body[name] = json!(value);
        OutboundCall { body: body.to_string().into_bytes(), ..call.clone() }
    };
    for (name, value) in [
        ("checksum", ""),
        ("checksum", &sha256("guessed")),
        ("amount", "1234.00"),
        ("currency", "GBP"),
        ("clientRequestId", "another"),
        ("timeStamp", "20200101000000"),
    ] {
        let answer = world.send(changed(name, value)).await;
        let said: Value = serde_json::from_slice(&answer.body).unwrap();
        // Nuvei says no in its own words, and with a good status.
        assert_eq!((answer.status, &said["errCode"]), (200, &json!(1_001)), "{name}");
        let taken = world.provider.pay_out(&payout("70123456"), &[answer], crate::clock::now());
        assert!(taken.is_err(), "{taken:?}");
    }
    assert_eq!(world.send(changed("amount", &text("amount"))).await.status, 200);
    assert_eq!(world.words_at_least(1).await.len(), 1, "only the genuine one is paid");
}

#[test]
fn there_is_no_sandbox_for_the_real_one() {
    there_is_none_for_the_real_one("nuvei", |vendors| {
        let found = SandboxConfig::from_vendors(vendors, "http://127.0.0.1:1");
        found.map(|it| it.is_some()).map_err(|error| error.to_string())
    });
}
