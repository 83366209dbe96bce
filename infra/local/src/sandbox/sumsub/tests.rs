//! The sandbox against the platform's own Sumsub module: what either sends, the other must take.

use domain::account::VerificationStatus;
use vendors::call::{CallFailure, InboundAnswer};
use vendors::kyc::{VerificationReport, VerificationRequest, Watchlist};

use super::super::identity::world::{
    PLAYER, RETURN_URL, World, is_zoe, request, there_is_none_for_the_real_one,
};
use super::*;

async fn world() -> World {
    let router =
        |vendors: &Value, url: &str| router(SandboxConfig::from_vendors(vendors, url).unwrap().unwrap());
    World::new("sumsub", "websdk", router).await
}

#[tokio::test]
async fn a_player_is_approved() {
    let world = world().await;
    let url = world.enter(Some(RETURN_URL)).await.unwrap();
    let shown = world.read(&url).await;
    assert!(shown.contains(PLAYER) && !shown.contains("{{"), "{shown}");

    let answer = world.press(&url, "approve").await;
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["location"]),
        (303, &RETURN_URL.parse().unwrap())
    );
    let [pending, approved] = world.told().try_into().unwrap();
    assert_eq!(status(&pending), Some("pending"));
    assert_eq!(status(&approved), Some("approved"));
    assert_eq!(approved.findings.player, Some(PLAYER.parse().unwrap()));
    assert!(pending.findings.as_of < approved.findings.as_of);

    let found = world.look_up().await;
    assert_eq!(found.status, Some(VerificationStatus::Approved));
    is_zoe(&found);
}

#[tokio::test]
async fn every_verdict_has_its_status() {
    let world = world().await;
    let url = world.enter(None).await.unwrap();
    for (verdict, expected) in
        [("hold", "in_review"), ("retry", "resubmit"), ("reject", "rejected"), ("approve", "approved")]
    {
        world.decide(&url, verdict).await;
        assert_eq!(status(world.told().last().unwrap()), Some(expected), "{verdict}");
    }
    world.told_so_many_different_things(8);
}

fn status(report: &VerificationReport) -> Option<&'static str> {
    report.findings.status.map(VerificationStatus::as_str)
}

#[tokio::test]
async fn the_document_may_say_something_else() {
    let world = world().await;
    let url = world.enter(None).await.unwrap();
    let choice = r#"{"verdict":"approve","first_name":"Eva","watchlist":"pep"}"#;
    assert_eq!(world.script(&url, choice).await.status(), 200);
    let found = world.look_up().await;
    assert_eq!(found.hits, [Watchlist::Pep].into(), "the case is told of last");
    assert_eq!(status(world.told().last().unwrap()), Some("in_review"));

    let shown = world.read(&url).await;
    assert!(shown.contains("Eva") && shown.contains("Müller"), "{shown}");
    world.enter_as(&anew()).await.unwrap();
    world.script(&url, r#"{"verdict":"approve"}"#).await;
    let found = world.look_up().await;
    assert_eq!(found.person.unwrap().first_name, "Zoë", "who comes anew brings the document they claim");
    assert!(found.hits.is_empty());
}

fn anew() -> VerificationRequest {
    VerificationRequest { anew: true, ..request(None) }
}

#[tokio::test]
async fn who_is_approved_is_asked_for_nothing_until_everything_begins_anew() {
    let world = world().await;
    let url = world.enter(None).await.unwrap();
    world.decide(&url, "approve").await;
    let again = world.enter(None).await.unwrap();
    assert_eq!(world.script(&again, r#"{"verdict":"approve"}"#).await.status(), 409);
    assert!(world.press(&again, "approve").await.text().await.unwrap().contains("nothing to hand in"));
    assert_eq!(world.told().len(), 2, "nothing was told");

    let renamed = VerificationRequest { last_name: "Vella".to_owned(), ..anew() };
    let anew = world.enter_as(&renamed).await.unwrap();
    assert_eq!(status(world.told().last().unwrap()), Some("resubmit"), "the platform hears of it, too");
    world.decide(&anew, "approve").await;
    let found = world.look_up().await;
    assert_eq!(found.status, Some(VerificationStatus::Approved));
    assert_eq!(found.person.unwrap().last_name, "Vella");
}

#[tokio::test]
async fn a_player_stays_the_same_applicant() {
    let world = world().await;
    let (first, second) = (world.enter(None).await.unwrap(), world.enter(None).await.unwrap());
    assert_ne!(first, second);
    for url in [&first, &second] {
        assert_eq!(world.press(url, "retry").await.status(), 200, "without a return address there is a page");
    }
    let applicant = |report: &VerificationReport| report.key.tx.split(':').next().unwrap().to_owned();
    let applicants: std::collections::HashSet<_> = world.told().iter().map(applicant).collect();
    assert_eq!(applicants.len(), 1);
}

#[tokio::test]
async fn bad_calls_are_refused() {
    let world = world().await;
    // The call for a link, as it follows when the applicant is made.
    let call = |return_url| world.call(return_url, &[InboundAnswer { status: 201, body: Vec::new() }]);
    let with = |name: &'static str, value: &str| {
        let mut call = call(None);
        call.headers.insert(name, value.to_owned());
        call
    };
    let mut tampered = call(None);
    tampered.body.push(b' ');
    let mut elsewhere = call(None);
    elsewhere.url.push_str("?lang=en");
    let late = crate::clock::now().as_second() - 61;
    for call in [
        with("x-app-token", "guessed"),
        with("x-app-access-ts", &late.to_string()),
        with("x-app-access-ts", "soon"),
        with("x-app-access-sig", ""),
        with("x-app-access-sig", &"0".repeat(64)),
        tampered,
        elsewhere,
    ] {
        let answer = world.send(call).await;
        assert_eq!(answer.status, 401);
        let entered = world.vendor.enter(&request(None), &[answer], crate::clock::now());
        assert!(matches!(entered, Err(CallFailure::Unclear(_))));
    }
    assert_eq!(world.send(call(Some("javascript:alert(1)"))).await.status, 400);
    world.nonsense_is_refused(&world.enter(None).await.unwrap()).await;
}

#[test]
fn there_is_no_sandbox_for_the_real_one() {
    there_is_none_for_the_real_one("sumsub", |vendors| {
        Ok(SandboxConfig::from_vendors(vendors, "http://127.0.0.1:1")?.is_some())
    });
}
