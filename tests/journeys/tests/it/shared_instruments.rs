//! Players who pay with one card or one account, and players whom compliance looks into: nothing is paid out to them
//! unseen.

use std::time::Duration;

use edge::{Settings, Stores};
use journeys::{
    Call, Failure, Home, Platform, Player, Staff, Tested, balances, eventually, failed, fresh_id, pay_in,
    status, verified,
};
use serde_json::{Value, json};

use crate::cashier::{METHODS, withdraw_back};

/// How long until an account is no longer young.
const EIGHT_DAYS: Duration = Duration::from_hours(8 * 24);

/// A withdrawal as staff sees it while it waits.
async fn waiting(staff: &Staff, id: &str) -> Result<Value, Failure> {
    let mut path = "/v1/ops/withdrawals".to_owned();
    loop {
        let page = staff.get(&path).await?.must(200)?;
        if let Some(found) = page.items()?.iter().find(|it| it["withdrawal_id"] == id) {
            return Ok(found.clone());
        }
        let next = page.body["next_cursor"].as_str().ok_or_else(|| failed(format!("{id} does not wait")))?;
        path = format!("/v1/ops/withdrawals?cursor={next}");
    }
}

async fn pays(platform: &Platform, method: &str, outcome: &str) -> Result<Player, Failure> {
    let player = verified(platform, &platform.client(), Home::Malta).await?;
    pay_in(platform, &player, (method, "50.00"), outcome, "completed").await?;
    Ok(player)
}

/// Everything in a table, as text.
async fn all_of(platform: &Platform, table: &str) -> Result<String, Failure> {
    let settings = Settings::new(platform.cloud().env().clone(), edge::Context::default());
    let db = Stores::new(&settings).map_err(failed)?.client();
    let name = settings.get(table).map_err(failed)?;
    let (mut pages, mut after) = (Vec::new(), None);
    loop {
        let page = db.scan().table_name(name).set_exclusive_start_key(after).send().await.map_err(failed)?;
        pages.push(format!("{:?}", page.items()));
        after = page.last_evaluated_key;
        if after.is_none() {
            return Ok(pages.concat());
        }
    }
}

#[tokio::test]
async fn who_shares_what_they_pay_with_is_not_paid_unseen() -> Tested {
    let platform = Platform::start()?;
    let mut couples = Vec::new();
    for (method, _) in METHODS {
        let ann = pays(&platform, method, "pay_shared").await?;
        couples.push((method, ann, pays(&platform, method, "pay_shared").await?));
    }
    let carol = pays(&platform, "trustly", "pay").await?;
    platform.clock().forward(EIGHT_DAYS);
    let staff = platform.staff("payments").await?;
    for (method, ann, bob) in couples {
        for (player, other) in [(&ann, &bob), (&bob, &ann)] {
            let player = player.sign_in().await?;
            let id = withdraw_back(&player, method, "20.00").await?;
            let seen = waiting(&staff, &id).await?;
            let reasons = seen["review_reasons"].as_array().cloned().unwrap_or_default();
            assert!(reasons.contains(&json!("shared_instrument")), "{method}: {seen}");
            assert_eq!(seen["shared_with"], json!([other.id]), "{method}: {seen}");
            if method == "trustly" {
                assert_eq!(reasons.len(), 1, "nothing else would have stopped it: {seen}");
                let own = player.get(&format!("/v1/withdrawals/{id}")).await?.must(200)?;
                assert!(!own.body.to_string().contains(&other.id), "players learn nothing of each other");
                staff.approve(&id).await?.must(200)?;
                status(&player, &format!("/v1/withdrawals/{id}"), "paid").await?;
            }
        }
    }
    let carol = carol.sign_in().await?;
    let id = withdraw_back(&carol, "trustly", "20.00").await?;
    status(&carol, &format!("/v1/withdrawals/{id}"), "paid").await?;
    assert_eq!(balances(&carol).await?, ["30.00", "0.00"], "who shares nothing is paid as ever");
    Ok(())
}

#[tokio::test]
async fn however_a_provider_tells_it_a_player_uses_an_account_once() -> Tested {
    let platform = Platform::start()?;
    // Twice, the last word first, late, and as it should be.
    for outcome in ["pay_twice", "pay_reversed", "pay_late", "pay"] {
        let player = verified(&platform, &platform.client(), Home::Malta).await?;
        for _ in 0..2 {
            pay_in(&platform, &player, ("trustly", "50.00"), outcome, "completed").await?;
        }
        let own = format!("\"sk\": S(\"{}\")", player.id);
        eventually(&format!("the account is known: {outcome}"), || async {
            let items = all_of(&platform, "LEDGER_TABLE").await?;
            Ok((items.matches(&own).count() == 1).then_some(()))
        })
        .await?;
    }
    Ok(())
}

/// A player with 50.00 from a card, and 30.00 of which the provider does not tell what they came from.
async fn with_a_rest(platform: &Platform) -> Result<Player, Failure> {
    let player = pays(platform, "card", "pay").await?;
    let silent = player.deposit("30.00", &fresh_id()).await?.must(201)?;
    let adyen = platform.adyen()?;
    adyen.notify(vec![adyen.authorisation(silent.text("/deposit_id")?, 3_000, "EUR")]).await?.must(200)?;
    Ok(player)
}

/// A withdrawal for which an account is named.
async fn withdraw_to(player: &Player, amount: &str, iban: &str) -> Result<String, Failure> {
    let body = json!({"amount": amount, "method": "bank", "destination": {"iban": iban}});
    let asked = player.send(Call::post("/v1/withdrawals").once(&fresh_id()).json(&body)).await?.must(201)?;
    Ok(asked.text("/withdrawal_id")?.to_owned())
}

#[tokio::test]
async fn an_account_that_two_players_name_is_shared_by_them() -> Tested {
    let platform = Platform::start()?;
    let (ann, bob) = (with_a_rest(&platform).await?, with_a_rest(&platform).await?);
    let staff = platform.staff("risk").await?;
    // All of it goes back to the card: the account that is named is not used.
    withdraw_to(&bob, "5.00", "GB29NWBK60161331926819").await?;
    let first = withdraw_to(&ann, "60.00", "GB29 NWBK 6016 1331 9268 19").await?;
    assert_eq!(waiting(&staff, &first).await?["shared_with"], json!([]));
    let second = withdraw_to(&bob, "60.00", "gb29nwbk60161331926819").await?;
    let seen = waiting(&staff, &second).await?;
    assert!(seen["review_reasons"].to_string().contains("shared_instrument"), "{seen}");
    assert_eq!(seen["shared_with"], json!([ann.id]));
    // From now on Ann is looked at, too, wherever her money goes.
    let third = withdraw_to(&ann, "20.00", "DE89370400440532013000").await?;
    assert_eq!(waiting(&staff, &third).await?["shared_with"], json!([bob.id]));

    for table in ["LEDGER_TABLE", "INBOX_TABLE", "EXCHANGES_TABLE", "KPI_TABLE", "CRM_TABLE"] {
        let text = all_of(&platform, table).await?.to_uppercase();
        for number in ["60161331926819", "31926819", "370400440532013000"] {
            assert!(!text.contains(number), "{table} holds an account's number");
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_alert_stands_until_somebody_has_seen_to_it() -> Tested {
    let platform = Platform::start()?;
    let player = Player::register(&platform.client(), Home::Malta).await?;
    let decide = async |body: Value| {
        let started = player.start_verification().await?.must(201)?;
        let page = started.text("/redirect_url")?.replacen("/websdk/", "/api/websdk/", 1);
        platform.client().send(Call::post(page).json(&body)).await?.must(200)
    };
    decide(json!({"verdict": "hold", "watchlist": "pep"})).await?;
    status(&player, "/v1/kyc/verifications/current", "in_review").await?;
    // The vendor thinks better of it; our own people have not looked yet.
    decide(json!({"verdict": "approve"})).await?;
    status(&player, "/v1/kyc/verifications/current", "approved").await?;
    pay_in(&platform, &player, ("trustly", "100.00"), "pay", "completed").await?;
    platform.clock().forward(EIGHT_DAYS);
    let player = player.sign_in().await?;

    let held = withdraw_back(&player, "trustly", "20.00").await?;
    let staff = platform.staff("payments").await?;
    let seen = waiting(&staff, &held).await?;
    assert_eq!((&seen["review_reasons"], &seen["shared_with"]), (&json!(["compliance_alert"]), &json!([])));
    assert_eq!((&seen["verified"], &seen["open_alert"]), (&json!(true), &json!(true)));
    staff.approve(&held).await?.must_be(409, "conflict")?;

    let compliance = platform.staff("risk").await?;
    let open = compliance.get("/v1/ops/inbox?vendor=sumsub&limit=100").await?.must(200)?;
    let alerts: Vec<Value> = open
        .items()?
        .iter()
        .filter(|it| it["why"].as_str().is_some_and(|why| why.starts_with("alert: ")))
        .cloned()
        .collect();
    assert!(!alerts.is_empty(), "{open:?}");
    for (number, alert) in alerts.iter().enumerate() {
        let still = withdraw_back(&player, "trustly", "1.00").await?;
        assert_eq!(waiting(&staff, &still).await?["review_reasons"], json!(["compliance_alert"]), "{number}");
        let id = alert["id"].as_str().unwrap_or_default().replace(':', "%3A");
        let path = format!("/v1/ops/inbox/sumsub/{id}/resolve");
        compliance.send(Call::post(path).json(&json!({"note": "no match"}))).await?.must(200)?;
    }
    let free = withdraw_back(&player, "trustly", "20.00").await?;
    status(&player, &format!("/v1/withdrawals/{free}"), "paid").await?;
    let held = waiting(&staff, &held).await?;
    assert_eq!(held["status"], "requested", "what was asked for before still waits for staff");
    assert_eq!(held["open_alert"], false);
    staff.approve(held["withdrawal_id"].as_str().unwrap_or_default()).await?.must(200)?;
    Ok(())
}

#[tokio::test]
async fn an_alert_about_a_verified_player_stops_payouts_at_once() -> Tested {
    let platform = Platform::shared()?;
    let player = Player::register(&platform.client(), Home::Malta).await?;
    let started = player.start_verification().await?.must(201)?;
    let page = started.text("/redirect_url")?.replacen("/websdk/", "/api/websdk/", 1);
    let choose =
        async |body: Value| platform.client().send(Call::post(page.clone()).json(&body)).await?.must(200);
    choose(json!({"verdict": "approve"})).await?;
    pay_in(platform, &player, ("trustly", "50.00"), "pay", "completed").await?;
    let before = withdraw_back(&player, "trustly", "10.00").await?;
    choose(json!({"verdict": "approve", "watchlist": "sanctions"})).await?;
    status(&player, "/v1/kyc/verifications/current", "in_review").await?;
    let body = json!({"amount": "20.00", "method": "trustly"});
    let asked = player.send(Call::post("/v1/withdrawals").once(&fresh_id()).json(&body)).await?;
    assert_eq!(asked.code(), Some("not_verified"), "{asked:?}");
    assert_eq!(balances(&player).await?, ["40.00", "10.00"]);
    // Nor is what was asked for before.
    let staff = platform.staff("payments").await?;
    let seen = waiting(&staff, &before).await?;
    assert_eq!((&seen["verified"], &seen["open_alert"]), (&json!(false), &json!(true)));
    staff.approve(&before).await?.must_be(409, "conflict")?;
    assert_eq!(balances(&player).await?, ["40.00", "10.00"]);
    Ok(())
}
