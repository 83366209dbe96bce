//! The cashier: methods and limits, the closed loop through every provider, approvals by rule and by two.

use journeys::{
    Call, Failure, Home, Platform, Player, Tested, balances, deposit_seen, fresh_id, kept, pay_in,
    settle_quarantine, status, verified,
};
use serde_json::{Value, json};
use vendors::payments::adyen::notification::Item;

/// Every method, and the provider that serves it.
pub(crate) const METHODS: [(&str, &str); 4] =
    [("card", "adyen"), ("bank", "truelayer"), ("trustly", "trustly"), ("nuvei", "nuvei")];

/// A withdrawal to where the money came from: no account is named.
pub(crate) async fn withdraw_back(player: &Player, method: &str, amount: &str) -> Result<String, Failure> {
    let asked = ask_back(player, method, amount).await?.must(201)?;
    Ok(asked.text("/withdrawal_id")?.to_owned())
}

async fn ask_back(player: &Player, method: &str, amount: &str) -> Result<journeys::Answer, Failure> {
    let body = json!({"amount": amount, "method": method});
    player.send(Call::post("/v1/withdrawals").once(&fresh_id()).json(&body)).await
}

#[tokio::test]
async fn methods_are_those_of_the_place_and_say_how_much() -> Tested {
    let platform = Platform::shared()?;
    let names = async |home| {
        let player = verified(platform, &platform.client(), home).await?;
        let listed = player.get("/v1/cashier/methods").await?.must(200)?;
        let items = listed.items()?.to_vec();
        let names: Vec<String> =
            items.iter().map(|it| it["method"].as_str().unwrap_or_default().to_owned()).collect();
        Ok::<_, Failure>((names, items))
    };
    let (malta, items) = names(Home::Malta).await?;
    assert_eq!(malta, ["card", "bank", "trustly", "nuvei"]);
    assert_eq!(items[0]["currency"], "EUR");
    assert_eq!(items[0]["deposit"], json!({"min": "1.00", "max": "20000.00"}));
    let (britain, _) = names(Home::Britain).await?;
    assert_eq!(
        britain,
        ["card", "bank", "trustly"],
        "nobody vouches that the wallets are not filled by credit"
    );

    let player = verified(platform, &platform.client(), Home::Malta).await?;
    for (amount, method, pointer) in
        [("0.99", "card", "/amount"), ("20000.01", "card", "/amount"), ("5.00", "cheque", "/method")]
    {
        let body = json!({"amount": amount, "method": method, "return_url": "https://casino.example/"});
        let call = Call::post("/v1/deposits").once(&fresh_id()).json(&body);
        let refused = player.send(call).await?.must_be(422, "validation_failed")?;
        assert_eq!(refused.text("/errors/0/pointer")?, pointer, "{refused:?}");
    }
    Ok(())
}

#[tokio::test]
async fn money_goes_back_to_where_it_came_from_through_every_provider() -> Tested {
    let platform = Platform::shared()?;
    let staff = platform.staff("payments").await?;
    for (method, provider) in METHODS {
        let player = verified(platform, &platform.client(), Home::Malta).await?;
        pay_in(platform, &player, (method, "50.00"), "pay", "completed").await?;
        let id = withdraw_back(&player, method, "20.00").await?;
        assert_eq!(balances(&player).await?, ["30.00", "20.00"], "{method}");
        let approved = staff.approve(&id).await?.must(200)?;
        assert_eq!(approved.text("/payouts/0/provider")?, provider);
        assert_eq!(approved.text("/payouts/0/to")?, "source");
        let paid = status(&player, &format!("/v1/withdrawals/{id}"), "paid").await?;
        assert_eq!(paid.body["payouts"], json!([{"amount": "20.00", "to": "source", "status": "paid"}]));
        assert_eq!(balances(&player).await?, ["30.00", "0.00"], "{method}");
    }
    Ok(())
}

#[tokio::test]
async fn a_source_that_takes_no_money_back_gives_the_held_money_back() -> Tested {
    let platform = Platform::shared()?;
    let staff = platform.staff("payments").await?;
    for (method, _) in METHODS {
        let player = verified(platform, &platform.client(), Home::Malta).await?;
        pay_in(platform, &player, (method, "50.00"), "pay_closed", "completed").await?;
        let id = withdraw_back(&player, method, "20.00").await?;
        staff.approve(&id).await?.must(200)?;
        status(&player, &format!("/v1/withdrawals/{id}"), "failed").await?;
        assert_eq!(balances(&player).await?, ["50.00", "0.00"], "{method}");
    }
    Ok(())
}

#[tokio::test]
async fn what_came_by_several_ways_goes_back_by_each() -> Tested {
    let platform = Platform::shared()?;
    let player = verified(platform, &platform.client(), Home::Malta).await?;
    pay_in(platform, &player, ("trustly", "50.00"), "pay", "completed").await?;
    pay_in(platform, &player, ("nuvei", "30.00"), "pay", "completed").await?;
    let id = withdraw_back(&player, "bank", "70.00").await?;
    let seen = player.get(&format!("/v1/withdrawals/{id}")).await?.must(200)?;
    let amounts: Vec<&Value> =
        seen.body["payouts"].as_array().unwrap().iter().map(|it| &it["amount"]).collect();
    assert_eq!(amounts, ["50.00", "20.00"], "the oldest source first, and no more than came from it");
    platform.staff("payments").await?.approve(&id).await?.must(200)?;
    status(&player, &format!("/v1/withdrawals/{id}"), "paid").await?;
    assert_eq!(balances(&player).await?, ["10.00", "0.00"]);
    // What went back is no longer owed to the source: the rest came from Nuvei.
    let rest = withdraw_back(&player, "bank", "10.00").await?;
    let seen = platform.staff("payments").await?.approve(&rest).await?.must(200)?;
    assert_eq!(
        (seen.text("/payouts/0/provider")?, seen.body["payouts"].as_array().unwrap().len()),
        ("nuvei", 1)
    );
    Ok(())
}

#[tokio::test]
async fn what_cannot_go_back_needs_an_account_and_a_look() -> Tested {
    let platform = Platform::shared()?;
    let player = verified(platform, &platform.client(), Home::Malta).await?;
    pay_in(platform, &player, ("card", "50.00"), "pay", "completed").await?;
    // A payment of which the provider tells no instrument.
    let silent = player.deposit("30.00", &fresh_id()).await?.must(201)?;
    let adyen = platform.adyen()?;
    adyen.notify(vec![adyen.authorisation(silent.text("/deposit_id")?, 3_000, "EUR")]).await?.must(200)?;
    let refused = ask_back(&player, "bank", "60.00").await?.must_be(422, "validation_failed")?;
    assert_eq!(refused.text("/errors/0/pointer")?, "/destination");
    assert!(refused.text("/errors/0/detail")?.contains("10.00"), "{refused:?}");
    let asked = player.withdraw("60.00", &fresh_id()).await?.must(201)?;
    let id = asked.text("/withdrawal_id")?;
    let seen = platform.staff("payments").await?.approve(id).await?.must(200)?;
    let payouts: Vec<(&str, &str)> = seen.body["payouts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["to"].as_str().unwrap(), it["amount"].as_str().unwrap()))
        .collect();
    assert_eq!(payouts, [("source", "50.00"), ("bank_account", "10.00")]);
    let reasons = seen.body["review_reasons"].as_array().unwrap();
    for reason in ["young_account", "new_account", "open_loop", "unproven_source"] {
        assert!(reasons.contains(&json!(reason)), "{reason}: {reasons:?}");
    }
    status(&player, &format!("/v1/withdrawals/{id}"), "paid").await?;
    assert_eq!(balances(&player).await?, ["20.00", "0.00"]);
    Ok(())
}

#[tokio::test]
async fn much_money_wants_two_members_of_staff() -> Tested {
    let platform = Platform::shared()?;
    let player = verified(platform, &platform.client(), Home::Malta).await?;
    pay_in(platform, &player, ("trustly", "3000.00"), "pay", "completed").await?;
    let id = withdraw_back(&player, "bank", "2500.00").await?;
    let (one, two) = (platform.staff("payments").await?, platform.staff("admin").await?);
    for _ in 0..3 {
        let seen = one.approve(&id).await?.must(200)?;
        assert_eq!(seen.text("/status")?, "in_review", "one alone pays nothing, however often it is said");
        assert_eq!(seen.number("/approvals_needed")?, 2);
    }
    assert_eq!(player.get(&format!("/v1/withdrawals/{id}")).await?.text("/status")?, "in_review");
    let seen = two.approve(&id).await?.must(200)?;
    assert_eq!(seen.body["approved_by"].as_array().unwrap().len(), 2);
    status(&player, &format!("/v1/withdrawals/{id}"), "paid").await?;
    Ok(())
}

#[tokio::test]
async fn the_second_may_refuse() -> Tested {
    let platform = Platform::shared()?;
    let player = verified(platform, &platform.client(), Home::Malta).await?;
    pay_in(platform, &player, ("trustly", "3000.00"), "pay", "completed").await?;
    let id = withdraw_back(&player, "bank", "2500.00").await?;
    platform.staff("payments").await?.approve(&id).await?.must(200)?;
    platform.staff("admin").await?.reject(&id, "the source is in doubt").await?.must(200)?;
    assert_eq!(balances(&player).await?, ["3000.00", "0.00"]);
    Ok(())
}

#[tokio::test]
async fn what_is_small_and_clear_is_paid_without_staff() -> Tested {
    let platform = Platform::start()?;
    let player = verified(&platform, &platform.client(), Home::Malta).await?;
    pay_in(&platform, &player, ("trustly", "600.00"), "pay", "completed").await?;
    platform.clock().forward(std::time::Duration::from_hours(8 * 24));
    let player = player.sign_in().await?;
    let id = withdraw_back(&player, "bank", "400.00").await?;
    status(&player, &format!("/v1/withdrawals/{id}"), "paid").await?;
    assert_eq!(balances(&player).await?, ["200.00", "0.00"]);
    // A second one on the same day is more than goes without staff.
    let second = withdraw_back(&player, "bank", "150.00").await?;
    assert_eq!(player.get(&format!("/v1/withdrawals/{second}")).await?.text("/status")?, "requested");
    Ok(())
}

#[tokio::test]
async fn credit_cards_are_not_credited_where_the_law_forbids_them() -> Tested {
    let platform = Platform::shared()?;
    let malta = verified(platform, &platform.client(), Home::Malta).await?;
    pay_in(platform, &malta, ("card", "50.00"), "pay_credit", "completed").await?;
    let britain = verified(platform, &platform.client(), Home::Britain).await?;
    let deposit = pay_in(platform, &britain, ("card", "50.00"), "pay_credit", "pending").await?;
    assert_eq!(britain.cash().await?, "0.00");
    assert_eq!(kept(platform, "adyen", &deposit).await?.len(), 1, "staff sends it back");
    let staff = platform.staff("payments").await?;
    let credited = settle_quarantine(&staff, &deposit, "credited").await?;
    credited.must_be(409, "conflict")?;
    let seen = deposit_seen(&staff, &deposit).await?;
    let adyen = platform.adyen()?;
    let refund = Item {
        event_code: Some("REFUND".to_owned()),
        original_reference: Some(seen.text("/psp_reference")?.to_owned()),
        ..adyen.authorisation(&deposit, 5_000, seen.text("/received_currency")?)
    };
    for _ in 0..2 {
        adyen.notify(vec![refund.clone()]).await?.must(200)?;
    }
    assert_eq!(deposit_seen(&staff, &deposit).await?.text("/status")?, "returned");
    assert_eq!(britain.cash().await?, "0.00");
    pay_in(platform, &britain, ("card", "50.00"), "pay", "completed").await?;
    assert_eq!(britain.cash().await?, "50.00");
    Ok(())
}

#[tokio::test]
async fn money_in_quarantine_is_credited_or_sent_back_once() -> Tested {
    let platform = Platform::shared()?;
    let (staff, other) = (platform.staff("payments").await?, platform.staff("admin").await?);
    for (word, opposite, balance, status) in
        [("credited", "sent_back", "51.00", "completed"), ("sent_back", "credited", "0.00", "returned")]
    {
        let player = verified(platform, &platform.client(), Home::Malta).await?;
        let opened = player.deposit("50.00", &fresh_id()).await?.must(201)?;
        let deposit = opened.text("/deposit_id")?;
        settle_quarantine(&staff, deposit, word).await?.must_be(409, "conflict")?;
        let adyen = platform.adyen()?;
        adyen.notify(vec![adyen.authorisation(deposit, 5_100, "EUR")]).await?.must(200)?;
        for role in ["risk", "support"] {
            let refused = settle_quarantine(&platform.staff(role).await?, deposit, word).await?;
            refused.must_be(403, "forbidden")?;
        }
        settle_quarantine(&staff, deposit, "lost").await?.must_be(422, "validation_failed")?;
        for _ in 0..2 {
            let settled = settle_quarantine(&staff, deposit, word).await?.must(200)?;
            assert_eq!(settled.text("/status")?, status);
        }
        settle_quarantine(&other, deposit, opposite).await?.must_be(409, "conflict")?;
        assert_eq!(balances(&player).await?, [balance, "0.00"]);
    }
    Ok(())
}
