//! The sandbox against the platform's own `TrueLayer` module: what either sends, the other must take.

use vendors::call::OutboundCall;
use vendors::payments::Subject;

use super::super::payers::{DEPOSIT, WITHDRAWAL, World, payment, there_is_none_for_the_real_one};
use super::*;

/// That it is under way, and that there is more to ask for.
const PAID: [&str; 2] = ["Noted", "Hint(Payment"];

fn routes(vendors: &Value, url: &str) -> Router {
    router(SandboxConfig::from_vendors(vendors, url).unwrap().unwrap())
}

async fn world() -> World {
    World::new("truelayer", routes).await
}

fn hinted(world: &World) -> Subject {
    let hint = world.told().into_iter().rev().find_map(|notice| match notice.kind {
        vendors::payments::NoticeKind::Hint(subject) => Some(subject),
        _ => None,
    });
    hint.unwrap()
}

#[tokio::test]
async fn a_player_pays_and_the_record_tells_from_where() {
    let world = world().await;
    let page = world.open().await;
    let shown = world.read(&page).await;
    assert!(shown.contains("25.00 EUR") && shown.contains(DEPOSIT) && !shown.contains("{{"), "{shown}");
    assert_eq!(world.press(&page, "pay").await.status(), 303);
    assert_eq!(world.words(), PAID);
    let [settled] = world.look_up(&hinted(&world)).await.unwrap().try_into().unwrap();
    assert!(format!("{:?}", settled.kind).starts_with("Deposit(Captured"), "{settled:?}");
    let account = settled.instrument.unwrap();
    assert_eq!(account.holder.as_deref(), Some("Ada Example"));
    assert!(account.identity.is_some() && account.token.is_some());
    assert_eq!(world.press(&page, "pay").await.status(), 200, "the page says that it is closed");
    assert_eq!(world.words(), PAID);
}

#[tokio::test]
async fn a_player_gives_up() {
    let world = world().await;
    world.pays("cancel").await;
    let [failed] = world.look_up(&hinted(&world)).await.unwrap().try_into().unwrap();
    assert_eq!(format!("{:?}", failed.kind), "Deposit(Declined)");
}

#[tokio::test]
async fn the_same_deposit_is_one_payment() {
    let world = world().await;
    assert_eq!(world.open().await.psp_reference, world.open().await.psp_reference);
}

#[tokio::test]
async fn each_misbehaviour_does_what_it_says() {
    World::bears_mischief(world, &PAID).await;
    let world = world().await;
    world.pays("pay_reversed").await;
    assert_eq!(world.words(), ["Hint(Payment", "Noted"]);
}

#[tokio::test]
async fn a_webhook_is_sent_until_it_is_taken() {
    let world = World::with_outages("truelayer", 2, routes).await;
    world.pays("pay").await;
    let mut told = world.words_at_least(2).await;
    told.sort();
    assert_eq!(told, ["Hint(Payment", "Noted"]);
}

#[tokio::test]
async fn a_player_is_paid_once_and_a_bank_can_refuse() {
    for (source, expected) in
        [("user-1/source-1", "Withdrawal(Paid"), ("user-1/source-0000", "Withdrawal(Failed")]
    {
        let world = world().await;
        let (first, again) = (world.pay_out(source).await.unwrap(), world.pay_out(source).await.unwrap());
        assert_eq!(first, again);
        assert_eq!(world.words_at_least(1).await, ["Hint(Payout"]);
        tokio::time::sleep(Duration::from_millis(300)).await;
        let [notice] = world.told().try_into().unwrap();
        assert_eq!(notice.reference, WITHDRAWAL);
        let [came] = world.look_up(&hinted(&world)).await.unwrap().try_into().unwrap();
        assert!(format!("{:?}", came.kind).starts_with(expected), "{came:?}");
    }
}

#[tokio::test]
async fn a_refund_goes_back_to_the_account_that_paid() {
    for (outcome, expected) in [("pay", "Deposit(Refunded"), ("pay_closed", "Deposit(RefundFailed")] {
        let world = world().await;
        world.pays(outcome).await;
        let Subject::Payment { psp_reference: Some(paid), .. } = hinted(&world) else { panic!() };
        let taken = world.refund(&paid).await.unwrap();
        assert_eq!(taken, world.refund(&paid).await.unwrap());
        assert_eq!(world.words_at_least(3).await[2], "Hint(Refund");
        let [came] = world.look_up(&hinted(&world)).await.unwrap().try_into().unwrap();
        assert!(format!("{:?}", came.kind).starts_with(expected), "{came:?}");
    }
    let unknown = world().await.refund("0d9b9f3a-2f7e-4d52-9b3a-6f1c2a5e8d11").await;
    assert!(unknown.is_err(), "{unknown:?}");
}

/// The call that opens a payment, as it follows when the token is known.
async fn payment_call(world: &World) -> OutboundCall {
    let now = crate::clock::now();
    let token = World::first_call(world.provider.open_payment(&payment(), &[], now));
    let answers = [world.send(token).await];
    World::first_call(world.provider.open_payment(&payment(), &answers, now))
}

#[tokio::test]
async fn wrongly_signed_calls_are_refused_as_the_vendor_does() {
    let world = world().await;
    let call = payment_call(&world).await;
    let with = |name: &'static str, value: &str| {
        let mut changed = call.clone();
        *changed.headers.get_mut(name).unwrap() = value.to_owned();
        changed
    };
    let mut tampered = call.clone();
    tampered.body.push(b' ');
    let mut elsewhere = call.clone();
    elsewhere.url = elsewhere.url.replace("/v3/payments", "/v3/payouts");
    let name = |wanted: &str| *call.headers.keys().find(|it| it.eq_ignore_ascii_case(wanted)).unwrap();
    let signature = call.headers[name("tl-signature")].clone();
    let (kind, _) = signature.split_once("..").unwrap();
    for refused in [
        tampered,
        elsewhere,
        with(name("tl-signature"), ""),
        with(name("tl-signature"), &format!("{kind}..AAAA")),
        with(name("idempotency-key"), "another"),
        with(name("authorization"), "Bearer guessed"),
    ] {
        assert_eq!(world.send(refused).await.status, 401);
    }
    let mut unknown = World::first_call(world.provider.open_payment(&payment(), &[], crate::clock::now()));
    unknown.body = String::from_utf8(unknown.body).unwrap().replace("pitboss-demo", "guessed").into_bytes();
    assert_eq!(world.send(unknown).await.status, 400, "whoever does not know the secret gets no token");
    assert_eq!(world.send(call).await.status, 201, "and the call as it was is taken");
}

/// The signature by `TrueLayer`'s own rule, looked at with nothing but its published key.
#[tokio::test]
async fn webhooks_are_signed_for_their_place_and_time() {
    let world = world().await;
    let keys: Value = world
        .http
        .get(format!("{}/sandbox/truelayer/.well-known/jwks", world.url))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!((&keys["keys"][0]["kty"], &keys["keys"][0]["crv"]), (&json!("EC"), &json!("P-521")));
    assert!(keys["keys"][0].get("d").is_none(), "the private half is nobody's business: {keys}");
    world.pays("pay").await;
    assert_eq!((world.words(), world.forged()), (PAID.map(str::to_owned).to_vec(), 0));
}

#[test]
fn there_is_no_sandbox_for_the_real_one() {
    there_is_none_for_the_real_one("truelayer", |vendors| {
        let found = SandboxConfig::from_vendors(vendors, "http://127.0.0.1:1");
        found.map(|it| it.is_some()).map_err(|error| error.to_string())
    });
}
