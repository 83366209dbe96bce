//! Whole journeys, from the registration to the figures.

use journeys::{
    Call, Client, Failure, Home, Platform, Player, Staff, Tested, customer, eventually, fresh_id, status,
};
use serde_json::{Value, json};

/// What the figures of a brand say today.
async fn figures(staff: &Staff, brand: &str) -> Result<Vec<Value>, Failure> {
    Ok(staff.kpis(&format!("?brand={brand}")).await?.must(200)?.items()?.to_vec())
}

#[tokio::test]
async fn a_player_of_malta_registers_pays_plays_and_is_paid() -> Tested {
    let platform = Platform::shared()?;
    let brand = "journey-mt";
    let player = Player::register(&platform.client().of_brand(brand), Home::Malta).await?;

    // Where the law lets money come first, it comes first; stakes wait for the identity.
    let deposit = player.deposit("50.00", &fresh_id()).await?.must(201)?;
    let told = platform.adyen()?.choose(deposit.text("/redirect_url")?, "pay_twice").await?.must(200)?;
    assert_eq!(told.body["delivered"], true, "{told:?}");
    let deposit = format!("/v1/deposits/{}", deposit.text("/deposit_id")?);
    status(&player, &deposit, "completed").await?;

    let launched = player.launch("hub88-pit_dice").await?;
    assert_eq!((launched.status, launched.code()), (403, Some("not_verified")), "{launched:?}");
    let started = player.start_verification().await?.must(201)?;
    let told = platform.sumsub()?.choose(started.text("/redirect_url")?, "approve").await?.must(200)?;
    assert_eq!(told.body["delivered"], true, "{told:?}");
    status(&player, "/v1/kyc/verifications/current", "approved").await?;

    let launched = player.launch("hub88-pit_dice").await?.must(201)?;
    let hub88 = platform.hub88()?;
    let game = hub88.open(launched.text("/launch_url")?).await?;
    let info = hub88.info(&player.id).await?;
    assert_eq!((&info.body["country"], &info.body["jurisdiction"]), (&json!("MT"), &json!("MGA")));

    let bet = game.bet(1_000_000);
    assert_eq!(hub88.bet(&bet).await?.body["balance"], 4_000_000);
    assert_eq!(hub88.win(&game.win(&bet, 250_000)).await?.body["balance"], 4_250_000);
    let undone = game.bet(500_000);
    assert_eq!(hub88.bet(&undone).await?.body["balance"], 3_750_000);
    assert_eq!(hub88.rollback(&game.rollback(&undone)).await?.body["balance"], 4_250_000);

    let withdrawal = player.withdraw("20.00", &fresh_id()).await?.must(201)?;
    let withdrawal = withdrawal.text("/withdrawal_id")?;
    platform.staff("payments").await?.approve(withdrawal).await?.must(200)?;
    status(&player, &format!("/v1/withdrawals/{withdrawal}"), "paid").await?;

    the_statement_tells_all(&player).await?;
    the_figures_count_all(platform, brand).await?;
    the_crm_knows(platform, &player, brand).await
}

async fn the_statement_tells_all(player: &Player) -> Tested {
    let wallet = player.wallet().await?;
    let balances = ["/cash", "/bonus", "/held", "/withdrawable"].map(|name| wallet.text(name).unwrap());
    assert_eq!(balances, ["22.50", "0.00", "0.00", "22.50"]);
    let statement = player.statement().await?;
    let lines: Vec<_> =
        statement.iter().map(|line| [&line["type"], &line["amount"], &line["cash_after"]]).collect();
    let expected = [
        ["withdrawal_paid", "0.00", "22.50"],
        ["withdrawal", "-20.00", "22.50"],
        ["rollback", "5.00", "42.50"],
        ["bet", "-5.00", "37.50"],
        ["win", "2.50", "42.50"],
        ["bet", "-10.00", "40.00"],
        ["deposit", "50.00", "50.00"],
    ];
    assert_eq!(json!(lines), json!(expected));
    Ok(())
}

async fn the_figures_count_all(platform: &Platform, brand: &str) -> Tested {
    let staff = platform.staff("marketing").await?;
    let day = eventually("the payout is counted", || async {
        let days = figures(&staff, brand).await?;
        Ok(days.into_iter().find(|day| day["withdrawals"] == 1))
    })
    .await?;
    let expected = json!({
        "brand": brand,
        "currency": "EUR",
        "day": day["day"],
        "registrations": 1,
        "first_deposits": 1,
        "first_deposit_amount": "50.00",
        "deposits": 1,
        "deposit_amount": "50.00",
        "withdrawals_requested": 1,
        "withdrawal_requested_amount": "20.00",
        "withdrawals": 1,
        "withdrawal_amount": "20.00",
        "turnover": "10.00",
        "payouts": "2.50",
        "ggr": "7.50",
        "prizes": "0.00",
        "bonuses": "0.00",
        "adjustments": "0.00",
        "refunds": "0.00",
        "chargebacks": "0.00",
        "bets": 1,
        "active_players": 1,
    });
    assert_eq!(day, expected);
    Ok(())
}

async fn the_crm_knows(platform: &Platform, player: &Player, brand: &str) -> Tested {
    let customer = eventually("the CRM knows of the payout", || async {
        let customer = customer(platform, &player.id).await?;
        Ok(customer.filter(|it| it.withdrawals.count == 1))
    })
    .await?;
    assert_eq!((customer.country.as_deref(), customer.brand.as_str()), (Some("MT"), brand));
    assert_eq!((customer.deposits.count, customer.deposits.amount.to_text()), (1, "50.00".to_owned()));
    assert_eq!((customer.bets.count, customer.bets.amount.to_text()), (1, "10.00".to_owned()));
    assert_eq!((customer.wins.count, customer.wins.amount.to_text()), (1, "2.50".to_owned()));
    Ok(())
}

#[tokio::test]
async fn a_player_of_britain_proves_identity_first_and_cannot_call_money_back() -> Tested {
    let platform = Platform::shared()?;
    let player = Player::register(&platform.client().of_brand("journey-gb"), Home::Britain).await?;

    let version = player.version().await?;
    player.deposit("50.00", &fresh_id()).await?.must_be(403, "not_verified")?;
    player.withdraw("1.00", &fresh_id()).await?.must_be(403, "not_verified")?;
    assert_eq!(player.version().await?, version);

    let started = player.start_verification().await?.must(201)?;
    let page = started.text("/redirect_url")?.to_owned();
    let sumsub = platform.sumsub()?;
    sumsub.choose(&page, "retry").await?.must(200)?;
    status(&player, "/v1/kyc/verifications/current", "resubmit").await?;
    player.deposit("50.00", &fresh_id()).await?.must_be(403, "not_verified")?;
    sumsub.choose(&page, "approve").await?.must(200)?;
    status(&player, "/v1/kyc/verifications/current", "approved").await?;

    let deposit = player.deposit("50.00", &fresh_id()).await?.must(201)?;
    platform.adyen()?.choose(deposit.text("/redirect_url")?, "pay").await?.must(200)?;
    status(&player, &format!("/v1/deposits/{}", deposit.text("/deposit_id")?), "completed").await?;

    let withdrawal = player.withdraw("30.00", &fresh_id()).await?.must(201)?;
    let path = format!("/v1/withdrawals/{}", withdrawal.text("/withdrawal_id")?);
    let refused = player.send(Call::delete(&path)).await?;
    assert_eq!((refused.status, refused.code()), (409, Some("conflict")), "{refused:?}");
    assert_eq!(player.get(&path).await?.text("/status")?, "requested");
    assert_eq!(player.wallet().await?.text("/held")?, "30.00");

    let staff = platform.staff("marketing").await?;
    let day = eventually("the request is counted", || async {
        let days = figures(&staff, "journey-gb").await?;
        Ok(days.into_iter().find(|day| day["withdrawals_requested"] == 1))
    })
    .await?;
    assert_eq!((&day["currency"], &day["withdrawals"]), (&json!("GBP"), &json!(0)), "{day}");
    Ok(())
}

#[tokio::test]
async fn the_pages_of_the_sandboxes_lead_through_the_journey_too() -> Tested {
    let platform = Platform::shared()?;
    let client = platform.client();
    let player = Player::register(&client, Home::Malta).await?;
    let submit = async |page: &str, form: &str| {
        let shown = client.send(Call::get(page)).await?.must(200)?;
        assert!(shown.headers["content-type"].to_str().is_ok_and(|it| it.starts_with("text/html")));
        client.send(Call::post(page).bytes("application/x-www-form-urlencoded", form)).await
    };

    let started = player.start_verification().await?.must(201)?;
    submit(started.text("/redirect_url")?, "verdict=approve").await?.must(200)?;
    status(&player, "/v1/kyc/verifications/current", "approved").await?;

    for (outcome, expected) in
        [("pay", "completed"), ("cancel", "cancelled"), ("expire", "expired"), ("decline", "failed")]
    {
        let deposit = player.deposit("10.00", &fresh_id()).await?.must(201)?;
        let path = format!("/v1/deposits/{}", deposit.text("/deposit_id")?);
        let left = submit(deposit.text("/redirect_url")?, &format!("outcome={outcome}")).await?.must(303)?;
        assert_eq!(left.headers["location"].to_str().unwrap(), format!("{}/", client.url()));
        status(&player, &path, expected).await?;
    }
    assert_eq!(player.cash().await?, "10.00");

    let launched = player.launch("hub88-pit_dice").await?.must(201)?;
    client.send(Call::get(launched.text("/launch_url")?)).await?.must(200)?;
    let (_, session) = launched.text("/launch_url")?.split_once("session=").unwrap();
    let roll = json!({"session": session, "stake": 100_000, "pick": "low"});
    let rolled = client.send(Call::post("/sandbox/hub88/api/roll").json(&roll)).await?.must(200)?;
    let won = rolled.number("/won")?;
    assert_eq!(rolled.number("/balance")?, 900_000 + won, "{rolled:?}");
    let last = json!({"session": session});
    let again = client.send(Call::post("/sandbox/hub88/api/repeat").json(&last)).await?.must(200)?;
    assert_eq!(again.number("/balance")?, 900_000 + won, "{again:?}");
    Ok(())
}

#[tokio::test]
async fn what_a_jurisdiction_may_play_is_what_it_is_shown() -> Tested {
    let platform = Platform::shared()?;
    let player = Player::register(&platform.client(), Home::Malta).await?;
    let games = player.get("/v1/games").await?.must(200)?;
    assert_eq!(games.items()?.len(), 15);
    for game in games.items()? {
        for field in ["game_id", "name", "integration", "category", "rtp", "min_stake", "max_stake"] {
            assert!(game[field].is_string(), "{field} in {game}");
        }
        assert!(game["features"].is_array(), "{game}");
    }
    player.launch("hub88-no_such_game").await?.must_be(404, "not_found")?;
    Ok(())
}

#[tokio::test]
async fn the_demo_tells_the_whole_journey() -> Tested {
    let platform = Platform::shared()?;
    pitboss_local::demo::tell(&platform.client(), platform.vendors()).await?;
    let nobody = pitboss_local::demo::tell(&Client::new("http://127.0.0.1:1"), platform.vendors()).await;
    let failure = nobody.err().map(|failure| failure.to_string()).unwrap_or_default();
    assert!(failure.contains("make run") && !failure.contains('\n'), "{failure}");
    Ok(())
}
