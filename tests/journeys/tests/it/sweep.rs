//! The sweep: what nobody told is asked for, what is over is ended, and each of them counts once.

use std::time::Duration;

use domain::account::VerificationStatus;
use domain::person::VerificationNotice;
use domain::{Command, EntryKey};
use edge::{Clock as _, Settings as Environment, Stores, SystemClock};
use futures::future::try_join_all;
use journeys::{Failure, Home, Platform, Player, Tested, failed, fresh_id, pay_in, status, verified};
use serde_json::{Value, json};
use vendors::conversation::Step;
use vendors::payments::nuvei::Nuvei;
use vendors::payments::{Destination, PayOut, PayoutRequest};
use vendors::settings::Settings;

use crate::cashier::withdraw_back;
use crate::rotation::{LIFE, store};

const A_QUARTER: Duration = Duration::from_mins(15);

async fn sweep(platform: &Platform) -> Result<(), Failure> {
    let swept = platform.invoke("SweepFunction", json!({})).await?;
    assert_eq!(swept["failed"], 0, "{swept}");
    Ok(())
}

async fn state(player: &Player, deposit: &str) -> Result<String, Failure> {
    let read = player.get(&format!("/v1/deposits/{deposit}")).await?.must(200)?;
    Ok(read.text("/status")?.to_owned())
}

#[tokio::test]
async fn a_payment_that_nobody_told_of_is_found_and_credited_once() -> Tested {
    let platform = Platform::start()?;
    let player = verified(&platform, &platform.client(), Home::Malta).await?;
    let lost = [
        pay_in(&platform, &player, ("bank", "50.00"), "pay_lost", "pending").await?,
        pay_in(&platform, &player, ("nuvei", "30.00"), "pay_lost", "pending").await?,
    ];
    sweep(&platform).await?;
    assert_eq!(player.cash().await?, "0.00", "providers have some time to tell by themselves");
    platform.clock().forward(Duration::from_mins(11));
    try_join_all((0..3).map(|_| sweep(&platform))).await?;
    for deposit in &lost {
        assert_eq!(state(&player, deposit).await?, "completed");
    }
    assert_eq!(player.cash().await?, "80.00");
    let version = player.version().await?;
    platform.clock().forward(Duration::from_mins(3));
    sweep(&platform).await?;
    assert_eq!(player.version().await?, version, "what is settled is left alone");
    Ok(())
}

#[tokio::test]
async fn what_was_never_paid_expires_and_late_money_still_counts() -> Tested {
    let platform = Platform::start()?;
    let player = verified(&platform, &platform.client(), Home::Malta).await?;
    let asked = player.deposit("50.00", &fresh_id()).await?.must(201)?;
    let deposit = asked.text("/deposit_id")?;
    // Nuvei hears of a page once somebody pays on it.
    let page = json!({"amount": "10.00", "method": "nuvei", "return_url": "https://casino.example/cashier"});
    let unvisited = journeys::Call::post("/v1/deposits").once(&fresh_id()).json(&page);
    let unvisited = player.send(unvisited).await?.must(201)?;
    platform.clock().forward(A_QUARTER);
    let player = player.sign_in().await?;
    sweep(&platform).await?;
    assert_eq!(state(&player, deposit).await?, "pending", "the page is still open");
    platform.clock().forward(6 * A_QUARTER);
    let player = player.sign_in().await?;
    let before = player.version().await?;
    sweep(&platform).await?;
    assert_eq!((state(&player, deposit).await?.as_str(), player.version().await?), ("expired", before + 2));
    assert_eq!(state(&player, unvisited.text("/deposit_id")?).await?, "expired");
    sweep(&platform).await?;
    assert_eq!(player.version().await?, before + 2, "each expires once");
    let adyen = platform.adyen()?;
    adyen.notify(vec![adyen.authorisation(deposit, 5_000, "EUR")]).await?.must(200)?;
    assert_eq!(
        (state(&player, deposit).await?.as_str(), player.cash().await?.as_str()),
        ("completed", "50.00")
    );
    Ok(())
}

#[tokio::test]
async fn a_payout_that_was_sent_and_not_noted_is_found_and_not_sent_again() -> Tested {
    let platform = Platform::shared()?;
    let player = verified(platform, &platform.client(), Home::Malta).await?;
    pay_in(platform, &player, ("nuvei", "50.00"), "pay", "completed").await?;
    let body = json!({"amount": "20.00", "method": "nuvei"});
    let call = journeys::Call::post("/v1/withdrawals").once(&fresh_id()).json(&body);
    let asked = player.send(call).await?.must(201)?;
    let id = asked.text("/withdrawal_id")?;
    // The process that sent it died before it could say so.
    let sent = sent_before(platform, &player, id).await?;
    platform.staff("payments").await?.approve(id).await?.must(200)?;
    status(&player, &format!("/v1/withdrawals/{id}"), "paid").await?;
    let seen = platform.staff("payments").await?.approve(id).await?.must(200)?;
    assert_eq!(seen.text("/payouts/0/psp_reference")?, sent);
    let paid = player.statement().await?.iter().filter(|it| it["type"] == "withdrawal_paid").count();
    assert_eq!(paid, 1);
    Ok(())
}

#[tokio::test]
async fn a_provider_that_refuses_a_repeat_has_paid_the_first() -> Tested {
    let platform = Platform::shared()?;
    let player = verified(platform, &platform.client(), Home::Malta).await?;
    pay_in(platform, &player, ("nuvei", "50.00"), "pay", "completed").await?;
    let body = json!({"amount": "20.00", "method": "nuvei"});
    let call = journeys::Call::post("/v1/withdrawals").once(&fresh_id()).json(&body);
    let asked = player.send(call).await?.must(201)?;
    let id = asked.text("/withdrawal_id")?;
    platform.staff("payments").await?.approve(id).await?.must(200)?;
    // The order comes several times at once.
    try_join_all((0..4).map(|_| order(platform, &player, id))).await?;
    status(&player, &format!("/v1/withdrawals/{id}"), "paid").await?;
    let about = player.statement().await?;
    let told = |kind: &str| about.iter().filter(|it| it["type"] == kind).count();
    assert_eq!((told("withdrawal_paid"), told("withdrawal_returned")), (1, 0));
    Ok(())
}

/// Orders a withdrawal to be paid once more.
async fn order(platform: &Platform, player: &Player, withdrawal: &str) -> Result<(), Failure> {
    let body = json!({"player_id": player.id, "withdrawal_id": withdrawal}).to_string();
    let record = json!({"messageId": fresh_id(), "receiptHandle": "r", "body": body,
        "attributes": {"ApproximateReceiveCount": "1"}, "eventSource": "aws:sqs"});
    platform.invoke("PayoutFunction", json!({"Records": [record]})).await.map(drop)
}

#[tokio::test]
async fn what_is_approved_is_not_sent_while_the_identity_is_in_doubt() -> Tested {
    let platform = Platform::start()?;
    let player = verified(&platform, &platform.client(), Home::Malta).await?;
    pay_in(&platform, &player, ("nuvei", "50.00"), "pay", "completed").await?;
    let id = withdraw_back(&player, "nuvei", "20.00").await?;
    // Its provider cannot be asked for a while: what is approved waits.
    let whole = platform.vendors().clone();
    let mut without = whole.clone();
    without["payments"]["nuvei"] = Value::Null;
    store(&platform, &without).await?;
    platform.clock().forward(LIFE);
    platform.staff("payments").await?.approve(&id).await?.must(200)?;
    identity_is(&platform, &player, VerificationStatus::InReview).await?;
    store(&platform, &whole).await?;
    platform.clock().forward(LIFE);
    order(&platform, &player, &id).await?;
    let seen = player.get(&format!("/v1/withdrawals/{id}")).await?.must(200)?;
    assert_eq!((seen.text("/status")?, seen.text("/payouts/0/status")?), ("approved", "waiting"));
    identity_is(&platform, &player, VerificationStatus::Approved).await?;
    order(&platform, &player, &id).await?;
    status(&player, &format!("/v1/withdrawals/{id}"), "paid").await?;
    Ok(())
}

/// What an identity vendor says of a player, straight to the ledger.
async fn identity_is(
    platform: &Platform,
    player: &Player,
    status: VerificationStatus,
) -> Result<(), Failure> {
    let settings = Environment::new(platform.cloud().env().clone(), edge::Context::default());
    let ledger = Stores::new(&settings).and_then(|it| it.ledger()).map_err(failed)?;
    let now = platform.clock().now();
    let key = EntryKey::new("sumsub", fresh_id());
    let notice =
        VerificationNotice { key, status, as_of: now, alarming: true, expires_on: None, judged_at: None };
    let command = Command::VerificationNotice(notice);
    let player = player.id.parse().map_err(failed)?;
    let told = ledger.execute(player, &command, now, Duration::from_secs(5)).await.map_err(failed)?;
    told.done().map(drop).map_err(failed)
}

/// Sends a payout to Nuvei past the platform; the provider's id of it.
async fn sent_before(platform: &Platform, player: &Player, withdrawal: &str) -> Result<String, Failure> {
    let settings: Settings = serde_json::from_value(platform.vendors().clone()).map_err(failed)?;
    let settings = settings.payments.nuvei.ok_or_else(|| Failure("Nuvei is not configured".to_owned()))?;
    let nuvei = Nuvei::new(&settings).map_err(failed)?;
    let request = PayoutRequest {
        reference: withdrawal.parse().map_err(failed)?,
        player: player.id.parse().map_err(failed)?,
        amount: "20 EUR".parse().map_err(failed)?,
        destination: Destination::Instrument { token: "70123456".to_owned(), holder: None },
    };
    let step = nuvei.pay_out(&request, &[], SystemClock.now()).map_err(failed)?;
    let Step::Call(call) = step else { return Err(Failure("nothing to send".to_owned())) };
    let call = journeys::Call::post(call.url).bytes("application/json", call.body);
    let answer = player.client.send(call).await?.must(200)?;
    Ok(answer.text("/transactionId")?.to_owned())
}
