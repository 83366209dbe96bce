//! Refunds by staff: held first, sent once, gone when the provider says so, given back when it cannot.

use std::time::Duration;

use edge::payments::Providers;
use edge::{Clock as _, Outbound, SystemClock};
use futures::future::{join, try_join_all};
use journeys::{
    Failure, Home, Platform, Player, Tested, ask_refund, balances, decide_refund, deposit_seen, eventually,
    failed, fresh_id, funded, kept, opened, pay_in, refund_status, told_of, verified,
};
use serde_json::json;
use vendors::payments::RefundRequest;
use vendors::payments::adyen::notification::Item;
use vendors::settings::Settings;

use crate::cashier::{METHODS, withdraw_back};

/// A player from Malta who paid 50.00 by a method, and the deposit's id.
pub(crate) async fn paid(
    platform: &Platform,
    method: &str,
    outcome: &str,
) -> Result<(Player, String), Failure> {
    let player = verified(platform, &platform.client(), Home::Malta).await?;
    let deposit = pay_in(platform, &player, (method, "50.00"), outcome, "completed").await?;
    Ok((player, deposit))
}

/// The only deposit of a player.
async fn only_deposit(player: &Player) -> Result<String, Failure> {
    let listed = player.get("/v1/deposits").await?.must(200)?;
    Ok(listed.text("/items/0/deposit_id")?.to_owned())
}

#[tokio::test]
async fn money_goes_back_by_the_payment_it_came_by_through_every_provider() -> Tested {
    let platform = Platform::shared()?;
    let staff = platform.staff("payments").await?;
    let with = async |(method, provider)| {
        let (player, deposit) = paid(platform, method, "pay").await?;
        let asked = ask_refund(&staff, &deposit, Some("20.00"), &fresh_id()).await?.must(201)?;
        let first = format!("{deposit}-1");
        assert_eq!((asked.text("/refund_id")?, asked.text("/status")?), (first.as_str(), "approved"));
        assert_eq!((asked.text("/amount")?, asked.text("/currency")?), ("20.00", "EUR"));
        assert_eq!(player.cash().await?, "30.00", "{method}: it is held before anything is sent");
        refund_status(&staff, &first, "completed").await?;
        assert_eq!(balances(&player).await?, ["30.00", "0.00"], "{method}");
        let expected = ["refund_requested -20.00", "refund 0.00"];
        assert_eq!(told_of(&player, &first).await?, expected, "{method}");
        let seen = deposit_seen(&staff, &deposit).await?;
        assert_eq!((seen.text("/status")?, seen.text("/provider")?), ("completed", provider));
        assert_eq!((seen.text("/gone_back")?, seen.text("/refundable")?), ("20.00", "30.00"));

        let rest = ask_refund(&staff, &deposit, None, &fresh_id()).await?.must(201)?;
        assert_eq!(rest.text("/amount")?, "30.00", "{method}: all that is left");
        refund_status(&staff, &format!("{deposit}-2"), "completed").await?;
        assert_eq!(balances(&player).await?, ["0.00", "0.00"], "{method}");
        let read = player.get(&format!("/v1/deposits/{deposit}")).await?.must(200)?;
        assert_eq!(read.text("/status")?, "refunded", "{method}");
        ask_refund(&staff, &deposit, None, &fresh_id()).await?.must_be(409, "conflict")?;
        assert!(kept(platform, provider, &deposit).await?.is_empty(), "{method}: nothing is left to staff");
        Ok(())
    };
    try_join_all(METHODS.map(with)).await.map(drop)
}

#[tokio::test]
async fn what_the_provider_cannot_send_is_the_players_again() -> Tested {
    let platform = Platform::shared()?;
    let staff = platform.staff("payments").await?;
    let with = async |(method, provider)| {
        let (player, deposit) = paid(platform, method, "pay_closed").await?;
        ask_refund(&staff, &deposit, Some("20.00"), &fresh_id()).await?.must(201)?;
        let refund = format!("{deposit}-1");
        refund_status(&staff, &refund, "failed").await?;
        assert_eq!(balances(&player).await?, ["50.00", "0.00"], "{method}");
        let told = told_of(&player, &refund).await?;
        assert_eq!(told.first().map(String::as_str), Some("refund_requested -20.00"), "{method}");
        assert_eq!(told.last().map(String::as_str), Some("refund_returned 20.00"), "{method}");
        let seen = deposit_seen(&staff, &deposit).await?;
        assert_eq!((seen.text("/status")?, seen.text("/refundable")?), ("completed", "50.00"), "{method}");
        // They take it on, or know of it when they are asked why not: what becomes of it is seen in the refund.
        assert!(kept(platform, provider, &refund).await?.is_empty(), "{method}");
        Ok(())
    };
    try_join_all(METHODS.map(with)).await.map(drop)
}

#[tokio::test]
async fn what_was_sent_and_not_noted_is_sent_once() -> Tested {
    let platform = Platform::shared()?;
    let staff = platform.staff("payments").await?;
    let with = async |(method, provider)| {
        let (player, deposit) = paid(platform, method, "pay").await?;
        let refund = format!("{deposit}-1");
        // The process that sent it died before it could say so, or the answer was lost on the way.
        let payment = deposit_seen(&staff, &deposit).await?.text("/psp_reference")?.to_owned();
        let sent = sent_before(platform, provider, &refund, payment).await?;
        ask_refund(&staff, &deposit, Some("20.00"), &fresh_id()).await?.must(201)?;
        let done = refund_status(&staff, &refund, "completed").await?;
        assert_eq!(done["psp_reference"].as_str(), sent.as_deref(), "{method}");
        assert_eq!(balances(&player).await?, ["30.00", "0.00"], "{method}");
        assert_eq!(deposit_seen(&staff, &deposit).await?.text("/gone_back")?, "20.00", "{method}");
        // Had it been sent twice, the provider would tell of another refund.
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert!(kept(platform, provider, &deposit).await?.is_empty(), "{method}");
        assert_eq!(told_of(&player, &refund).await?.len(), 2, "{method}");
        Ok(())
    };
    try_join_all(METHODS.map(with)).await.map(drop)
}

/// Sends a refund past the platform; the provider's id of it, if it has one.
async fn sent_before(
    platform: &Platform,
    provider: &str,
    refund: &str,
    psp_reference: String,
) -> Result<Option<String>, Failure> {
    let settings: Settings = serde_json::from_value(platform.vendors().clone()).map_err(failed)?;
    let providers = Providers::all(&settings.payments, Outbound::new().map_err(failed)?).map_err(failed)?;
    let reference = refund.parse().map_err(failed)?;
    let request = RefundRequest { reference, psp_reference, amount: "20 EUR".parse().map_err(failed)? };
    let taken = providers.refund(provider, &request, SystemClock.now()).await.map_err(failed)?;
    Ok(taken.psp_reference)
}

#[tokio::test]
async fn a_refund_that_nobody_tells_of_is_asked_about() -> Tested {
    let platform = Platform::start()?;
    let player = verified(&platform, &platform.client(), Home::Malta).await?;
    let mut deposits = Vec::new();
    for method in ["bank", "nuvei"] {
        deposits.push(pay_in(&platform, &player, (method, "50.00"), "pay_lost", "pending").await?);
    }
    let sweep = async || {
        platform.clock().forward(Duration::from_mins(11));
        let swept = platform.invoke("SweepFunction", json!({})).await?;
        assert_eq!(swept["failed"], 0, "{swept}");
        platform.staff("payments").await
    };
    let staff = sweep().await?;
    for deposit in &deposits {
        assert_eq!(deposit_seen(&staff, deposit).await?.text("/status")?, "completed");
        ask_refund(&staff, deposit, Some("20.00"), &fresh_id()).await?.must(201)?;
        refund_status(&staff, &format!("{deposit}-1"), "sent").await?;
    }
    let player = player.sign_in().await?;
    assert_eq!(balances(&player).await?, ["60.00", "40.00"]);
    // The sandboxes' banks take a moment, by the clock on the wall.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let staff = sweep().await?;
    for deposit in &deposits {
        refund_status(&staff, &format!("{deposit}-1"), "completed").await?;
    }
    let player = player.sign_in().await?;
    assert_eq!(balances(&player).await?, ["60.00", "0.00"]);
    sweep().await?;
    for deposit in &deposits {
        let told = told_of(&player.sign_in().await?, &format!("{deposit}-1")).await?;
        assert_eq!(told.len(), 2, "what is settled is left alone");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_not_there_is_not_sent() -> Tested {
    let platform = Platform::shared()?;
    let staff = platform.staff("payments").await?;
    // Spent at the tables.
    let (player, game) = opened(platform, Home::Malta, "50.00").await?;
    let deposit = only_deposit(&player).await?;
    platform.hub88()?.bet(&game.bet(4_000_000)).await?.must(200)?;
    let version = player.version().await?;
    ask_refund(&staff, &deposit, Some("20.00"), &fresh_id()).await?.must_be(409, "insufficient_funds")?;
    ask_refund(&staff, &deposit, None, &fresh_id()).await?.must_be(409, "insufficient_funds")?;
    for amount in ["0.00", "-1.00", "1.001", "x"] {
        let refused = ask_refund(&staff, &deposit, Some(amount), &fresh_id()).await?;
        refused.must_be(422, "validation_failed")?;
    }
    assert_eq!(player.version().await?, version);
    ask_refund(&staff, &deposit, Some("10.00"), &fresh_id()).await?.must(201)?;
    assert_eq!(player.cash().await?, "0.00");

    // Paid out to where it came from: the same money does not go there twice, though there is other money.
    let (player, deposit) = paid(platform, "trustly", "pay").await?;
    let withdrawal = withdraw_back(&player, "trustly", "40.00").await?;
    pay_in(platform, &player, ("nuvei", "50.00"), "pay", "completed").await?;
    let refused = ask_refund(&staff, &deposit, Some("20.00"), &fresh_id()).await?;
    assert_eq!(refused.must_be(409, "limit_exceeded")?.text("/max_allowed")?, "10.00");
    staff.approve(&withdrawal).await?.must(200)?;
    journeys::status(&player, &format!("/v1/withdrawals/{withdrawal}"), "paid").await?;
    let refused = ask_refund(&staff, &deposit, Some("10.01"), &fresh_id()).await?;
    assert_eq!(refused.must_be(409, "limit_exceeded")?.text("/max_allowed")?, "10.00");
    let rest = ask_refund(&staff, &deposit, None, &fresh_id()).await?.must(201)?;
    assert_eq!(rest.text("/amount")?, "10.00");

    // Not paid at all.
    let pending = player.deposit("50.00", &fresh_id()).await?.must(201)?;
    let refused = ask_refund(&staff, pending.text("/deposit_id")?, None, &fresh_id()).await?;
    refused.must_be(409, "conflict")?;
    Ok(())
}

/// What Adyen tells of a payment that is there: of 50.00, or a part.
fn told(platform: &Platform, event: &str, deposit: &str, payment: &str, minor: i64) -> Result<Item, Failure> {
    Ok(Item {
        event_code: Some(event.to_owned()),
        original_reference: Some(payment.to_owned()),
        ..platform.adyen()?.authorisation(deposit, minor, "EUR")
    })
}

#[tokio::test]
async fn a_refund_and_a_chargeback_at_once_both_stand_in_the_books() -> Tested {
    let platform = Platform::shared()?;
    let (staff, adyen) = (platform.staff("payments").await?, platform.adyen()?);
    for _ in 0..3 {
        let player = funded(platform, &platform.client(), Home::Malta, "50.00").await?;
        let deposit = only_deposit(&player).await?;
        let payment = deposit_seen(&staff, &deposit).await?.text("/psp_reference")?.to_owned();
        let chargeback = told(platform, "CHARGEBACK", &deposit, &payment, 5_000)?;
        let key = fresh_id();
        let both =
            join(ask_refund(&staff, &deposit, Some("30.00"), &key), adyen.notify(vec![chargeback.clone()]));
        let (asked, notified) = both.await;
        notified?.must(200)?;
        let gone = match asked?.status {
            201 => {
                refund_status(&staff, &format!("{deposit}-1"), "completed").await?;
                "80.00"
            }
            409 => "50.00",
            other => return Err(failed(other)),
        };
        adyen.notify(vec![chargeback]).await?.must(200)?;
        let seen = deposit_seen(&staff, &deposit).await?;
        assert_eq!((seen.text("/status")?, seen.text("/gone_back")?), ("charged_back", gone));
        assert_eq!(seen.text("/refundable")?, "0.00");
        assert_eq!(balances(&player).await?, ["0.00", "0.00"]);
    }
    Ok(())
}

#[tokio::test]
async fn what_was_charged_back_meanwhile_is_not_approved() -> Tested {
    let platform = Platform::shared()?;
    let player = funded(platform, &platform.client(), Home::Malta, "3000.00").await?;
    let deposit = only_deposit(&player).await?;
    let (one, two) = (platform.staff("payments").await?, platform.staff("admin").await?);
    ask_refund(&one, &deposit, None, &fresh_id()).await?.must(201)?;
    let payment = deposit_seen(&one, &deposit).await?.text("/psp_reference")?.to_owned();
    let chargeback = told(platform, "CHARGEBACK", &deposit, &payment, 100_000)?;
    platform.adyen()?.notify(vec![chargeback]).await?.must(200)?;
    let refund = format!("{deposit}-1");
    let refused = decide_refund(&two, &refund, "approve").await?.must_be(409, "limit_exceeded")?;
    assert_eq!(refused.text("/max_allowed")?, "2000.00");
    decide_refund(&two, &refund, "reject").await?.must(200)?;
    assert_eq!(deposit_seen(&one, &deposit).await?.text("/refundable")?, "2000.00");
    Ok(())
}

#[tokio::test]
async fn a_refund_of_the_providers_own_desk_is_booked_too() -> Tested {
    let platform = Platform::shared()?;
    let player = funded(platform, &platform.client(), Home::Malta, "50.00").await?;
    let deposit = only_deposit(&player).await?;
    let staff = platform.staff("payments").await?;
    let payment = deposit_seen(&staff, &deposit).await?.text("/psp_reference")?.to_owned();
    // One of ours is on the way meanwhile: the two are told apart.
    ask_refund(&staff, &deposit, Some("20.00"), &fresh_id()).await?.must(201)?;
    let elsewhere = told(platform, "REFUND", &deposit, &payment, 3_000)?;
    for _ in 0..2 {
        platform.adyen()?.notify(vec![elsewhere.clone()]).await?.must(200)?;
    }
    refund_status(&staff, &format!("{deposit}-1"), "completed").await?;
    assert_eq!(balances(&player).await?, ["0.00", "0.00"]);
    let told = told_of(&player, &deposit).await?;
    assert_eq!(told.last().map(String::as_str), Some("refund -30.00"));
    let seen = deposit_seen(&staff, &deposit).await?;
    assert_eq!((seen.text("/status")?, seen.text("/gone_back")?), ("refunded", "50.00"));
    assert!(kept(platform, "adyen", &deposit).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_desk_refund_as_large_as_one_that_is_to_be_sent_waits_until_they_can_be_told_apart() -> Tested {
    let platform = Platform::shared()?;
    let player = funded(platform, &platform.client(), Home::Malta, "50.00").await?;
    let deposit = only_deposit(&player).await?;
    let staff = platform.staff("payments").await?;
    let payment = deposit_seen(&staff, &deposit).await?.text("/psp_reference")?.to_owned();
    let elsewhere = told(platform, "REFUND", &deposit, &payment, 2_500)?;
    ask_refund(&staff, &deposit, Some("25.00"), &fresh_id()).await?.must(201)?;
    // Adyen tells until it is heard.
    let adyen = platform.adyen()?;
    eventually("it is heard", || async {
        Ok((adyen.notify(vec![elsewhere.clone()]).await?.status == 200).then_some(()))
    })
    .await?;
    refund_status(&staff, &format!("{deposit}-1"), "completed").await?;
    assert_eq!(deposit_seen(&staff, &deposit).await?.text("/gone_back")?, "50.00");
    assert_eq!(balances(&player).await?, ["0.00", "0.00"]);
    Ok(())
}

#[tokio::test]
async fn what_comes_early_comes_again_for_a_day() -> Tested {
    let platform = Platform::start()?;
    let player = verified(&platform, &platform.client(), Home::Malta).await?;
    let opened = player.deposit("50.00", &fresh_id()).await?.must(201)?;
    let deposit = opened.text("/deposit_id")?;
    let (adyen, early) = (platform.adyen()?, told(&platform, "REFUND", deposit, "PSPEARLY", 5_000)?);
    for _ in 0..2 {
        adyen.notify(vec![early.clone()]).await?.must(503)?;
    }
    platform.clock().forward(Duration::from_hours(24));
    adyen.notify(vec![early]).await?.must(200)?;
    assert_eq!(kept(&platform, "adyen", deposit).await?.len(), 1, "from now on it is staff's alone");
    Ok(())
}
