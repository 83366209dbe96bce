//! The sandbox against the platform's own Onfido module: what either sends, the other must take.

use domain::account::VerificationStatus;
use vendors::call::CallFailure;
use vendors::kyc::Watchlist;

use super::super::identity::world::{PLAYER, RETURN_URL, World, is_zoe, there_is_none_for_the_real_one};
use super::*;

async fn world() -> World {
    let router =
        |vendors: &Value, url: &str| router(SandboxConfig::from_vendors(vendors, url).unwrap().unwrap());
    World::new("onfido", "run", router).await
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
    let [step, end] = world.told().try_into().unwrap();
    assert!(step.routine && !end.routine);
    assert_eq!(end.findings.player, Some(PLAYER.parse().unwrap()));
    let found = world.look_up().await;
    assert_eq!((found.status, found.player), (Some(VerificationStatus::Approved), end.findings.player));
    is_zoe(&found);
}

#[tokio::test]
async fn every_verdict_has_its_status() {
    let world = world().await;
    for (verdict, status) in [
        ("hold", "in_review"),
        ("retry", "resubmit"),
        ("reject", "rejected"),
        ("expire", "expired"),
        ("approve", "approved"),
    ] {
        world.decide(&world.enter(None).await.unwrap(), verdict).await;
        assert_eq!(world.look_up().await.status.map(VerificationStatus::as_str), Some(status), "{verdict}");
    }
    world.told_so_many_different_things(10);
}

#[tokio::test]
async fn who_comes_back_goes_on_with_the_run_that_waits() {
    let world = world().await;
    let first = world.enter(None).await.unwrap();
    assert_eq!(world.enter(None).await.unwrap(), first);
    world.press(&first, "retry").await;
    assert_ne!(world.enter(None).await.unwrap(), first, "what is over is over");
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
}

#[tokio::test]
async fn bad_calls_are_refused() {
    let world = world().await;
    for token in ["", "Token token=guessed", "Bearer x"] {
        let mut call = world.call(None, &[]);
        call.headers.insert("authorization", token.to_owned());
        assert_eq!(world.send(call).await.status, 401, "{token}");
    }
    let bad_return = world.enter(Some("javascript:alert(1)")).await;
    assert!(matches!(bad_return, Err(CallFailure::Refused(_))));
    world.nonsense_is_refused(&world.enter(None).await.unwrap()).await;
}

#[test]
fn there_is_no_sandbox_for_the_real_one() {
    there_is_none_for_the_real_one("onfido", |vendors| {
        Ok(SandboxConfig::from_vendors(vendors, "http://127.0.0.1:1")?.is_some())
    });
}
