//! The sandbox against the platform's own Veriff module: what either sends, the other must take.

use domain::account::VerificationStatus;
use vendors::call::CallFailure;
use vendors::kyc::Watchlist;

use super::super::identity::world::{PLAYER, RETURN_URL, World, is_zoe, there_is_none_for_the_real_one};
use super::*;

async fn world() -> World {
    let router =
        |vendors: &Value, url: &str| router(SandboxConfig::from_vendors(vendors, url).unwrap().unwrap());
    World::new("veriff", "v", router).await
}

#[tokio::test]
async fn a_player_is_approved() {
    let world = world().await;
    let url = world.enter(Some(RETURN_URL)).await.unwrap();
    let shown = world.read(&url).await;
    assert!(shown.contains(PLAYER) && shown.contains("Müller") && !shown.contains("{{"), "{shown}");

    let answer = world.press(&url, "approve").await;
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["location"]),
        (303, &RETURN_URL.parse().unwrap())
    );
    let [step, screening, end] = world.told().try_into().unwrap();
    assert!(step.routine && screening.routine && !end.routine);
    assert_eq!(end.findings.player, Some(PLAYER.parse().unwrap()));
    let found = world.look_up().await;
    assert_eq!((found.status, found.player), (Some(VerificationStatus::Approved), end.findings.player));
    is_zoe(&found);
}

#[tokio::test]
async fn every_verdict_has_its_status() {
    let world = world().await;
    let url = world.enter(None).await.unwrap();
    for (verdict, status) in [
        ("hold", "in_review"),
        ("retry", "resubmit"),
        ("reject", "rejected"),
        ("expire", "expired"),
        ("approve", "approved"),
    ] {
        world.decide(&url, verdict).await;
        let told = world.told().pop().unwrap().findings;
        assert_eq!(told.status.map(VerificationStatus::as_str), Some(status), "{verdict}");
        assert!(told.as_of.is_some() && told.player.is_some());
    }
    world.told_so_many_different_things(15);
}

#[tokio::test]
async fn the_document_may_say_something_else() {
    let world = world().await;
    let url = world.enter(None).await.unwrap();
    let choice = r#"{"verdict":"approve","last_name":"Borg","watchlist":"sanctions"}"#;
    assert_eq!(world.script(&url, choice).await.status(), 200);
    let found = world.look_up().await;
    assert_eq!(found.person.unwrap().last_name, "Borg");
    assert_eq!(found.hits, [Watchlist::Sanctions].into());
    let [_, screening, _] = world.told().try_into().unwrap();
    assert_eq!(screening.findings.hits, [Watchlist::Sanctions].into());
    assert_eq!(screening.findings.status, Some(VerificationStatus::InReview));
}

#[tokio::test]
async fn bad_calls_are_refused() {
    let world = world().await;
    let mut tampered = world.call(None, &[]);
    tampered.body.push(b' ');
    let with = |name: &'static str, value: &str| {
        let mut call = world.call(None, &[]);
        call.headers.insert(name, value.to_owned());
        call
    };
    let guessed = "0".repeat(64);
    for call in [
        tampered,
        with(CLIENT_HEADER, "another"),
        with(SIGNATURE_HEADER, ""),
        with(SIGNATURE_HEADER, &guessed),
    ] {
        assert_eq!(world.send(call).await.status, 401);
    }
    let bad_return = world.enter(Some("javascript:alert(1)")).await;
    assert!(matches!(bad_return, Err(CallFailure::Refused(_))));
    world.nonsense_is_refused(&world.enter(None).await.unwrap()).await;
}

#[test]
fn there_is_no_sandbox_for_the_real_one() {
    there_is_none_for_the_real_one("veriff", |vendors| {
        Ok(SandboxConfig::from_vendors(vendors, "http://127.0.0.1:1")?.is_some())
    });
}
