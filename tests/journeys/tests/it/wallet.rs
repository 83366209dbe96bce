//! Hub88's wallet protocol: sent twice, out of order, too late, and all at once.

use futures::future::try_join_all;
use journeys::{Answer, Home, Platform, Player, Tested, fresh_id, funded, opened};
use serde_json::{Value, json};

/// The outcome and the balance of an answer.
fn seen(answer: &Answer) -> (&str, i64) {
    assert_eq!(answer.status, 200, "{answer:?}");
    (answer.text("/status").unwrap(), answer.body["balance"].as_i64().unwrap_or(-1))
}

fn outcome(answer: &Answer) -> &str {
    seen(answer).0
}

/// The same request with a field of another value.
fn with(body: &Value, field: &str, value: impl Into<Value>) -> Value {
    let mut body = body.clone();
    body[field] = value.into();
    body
}

#[tokio::test]
async fn a_repeat_is_answered_as_the_first_time_and_moves_nothing() -> Tested {
    let platform = Platform::shared()?;
    let hub88 = platform.hub88()?;
    let (player, game) = opened(platform, Home::Malta, "50.00").await?;
    let bet = game.bet(1_000_000);
    assert_eq!(seen(&hub88.bet(&bet).await?), ("RS_OK", 4_000_000));
    let win = game.win(&bet, 300_000);
    assert_eq!(seen(&hub88.win(&win).await?), ("RS_OK", 4_300_000));
    let version = player.version().await?;

    for _ in 0..3 {
        let again = with(&bet, "request_uuid", fresh_id());
        assert_eq!(seen(&hub88.bet(&again).await?), ("RS_OK", 4_000_000), "as it was then");
        assert_eq!(seen(&hub88.win(&with(&win, "request_uuid", fresh_id())).await?), ("RS_OK", 4_300_000));
    }
    // Hub88 may write a UUID as it likes.
    let shouted = with(&bet, "transaction_uuid", bet["transaction_uuid"].as_str().unwrap().to_uppercase());
    assert_eq!(seen(&hub88.bet(&shouted).await?), ("RS_OK", 4_000_000));
    assert_eq!((player.version().await?, player.cash().await?.as_str()), (version, "43.00"));
    Ok(())
}

#[tokio::test]
async fn a_repeat_with_other_data_is_refused() -> Tested {
    let platform = Platform::shared()?;
    let hub88 = platform.hub88()?;
    let (player, game) = opened(platform, Home::Malta, "50.00").await?;
    let bet = game.bet(1_000_000);
    hub88.bet(&bet).await?;
    let win = game.win(&bet, 300_000);
    hub88.win(&win).await?;
    let version = player.version().await?;

    let duplicates = [
        hub88.bet(&with(&bet, "amount", 1_000_001)).await?,
        hub88.bet(&with(&bet, "round", fresh_id())).await?,
        hub88.bet(&with(&bet, "game_code", "pit_harbour")).await?,
        hub88.win(&with(&win, "amount", 299_999)).await?,
        hub88.win(&with(&win, "transaction_uuid", bet["transaction_uuid"].clone())).await?,
        hub88.bet(&with(&bet, "transaction_uuid", win["transaction_uuid"].clone())).await?,
        hub88
            .rollback(&with(&game.rollback(&bet), "transaction_uuid", win["transaction_uuid"].clone()))
            .await?,
    ];
    for answer in &duplicates {
        assert_eq!(outcome(answer), "RS_ERROR_DUPLICATE_TRANSACTION", "{answer:?}");
    }
    assert_eq!((player.version().await?, player.cash().await?.as_str()), (version, "43.00"));
    Ok(())
}

#[tokio::test]
async fn a_rollback_gives_the_stake_back_once() -> Tested {
    let platform = Platform::shared()?;
    let hub88 = platform.hub88()?;
    let (player, game) = opened(platform, Home::Malta, "50.00").await?;
    let bet = game.bet(1_000_000);
    hub88.bet(&bet).await?;
    let rollback = game.rollback(&bet);
    for _ in 0..2 {
        assert_eq!(seen(&hub88.rollback(&rollback).await?), ("RS_OK", 5_000_000));
    }
    assert_eq!(seen(&hub88.rollback(&game.rollback(&bet)).await?), ("RS_OK", 5_000_000), "another id");
    let late = hub88.win(&game.win(&bet, 300_000)).await?;
    assert_eq!(outcome(&late), "RS_ERROR_TRANSACTION_DOES_NOT_EXIST", "{late:?}");
    assert_eq!(player.cash().await?, "50.00");
    Ok(())
}

#[tokio::test]
async fn a_rollback_that_comes_first_forbids_the_bet_for_ever() -> Tested {
    let platform = Platform::shared()?;
    let hub88 = platform.hub88()?;
    let (player, game) = opened(platform, Home::Malta, "50.00").await?;
    let bet = game.bet(1_000_000);
    assert_eq!(seen(&hub88.rollback(&game.rollback(&bet)).await?), ("RS_OK", 5_000_000));
    for _ in 0..2 {
        let tombstoned = hub88.bet(&bet).await?;
        assert_eq!(outcome(&tombstoned), "RS_ERROR_TRANSACTION_ROLLED_BACK", "{tombstoned:?}");
    }
    let won = hub88.win(&game.win(&bet, 100_000)).await?;
    assert_eq!(outcome(&won), "RS_ERROR_TRANSACTION_DOES_NOT_EXIST", "{won:?}");
    let never_placed = hub88.win(&game.win(&game.bet(1), 100_000)).await?;
    assert_eq!(outcome(&never_placed), "RS_ERROR_TRANSACTION_DOES_NOT_EXIST", "{never_placed:?}");
    assert_eq!(player.cash().await?, "50.00");
    Ok(())
}

#[tokio::test]
async fn a_win_is_rolled_back_as_far_as_there_is_money() -> Tested {
    let platform = Platform::shared()?;
    let hub88 = platform.hub88()?;
    let (player, game) = opened(platform, Home::Malta, "10.00").await?;
    let bet = game.bet(1_000_000);
    hub88.bet(&bet).await?;
    let win = game.win(&bet, 500_000);
    assert_eq!(seen(&hub88.win(&win).await?), ("RS_OK", 500_000));
    assert_eq!(seen(&hub88.bet(&game.bet(300_000)).await?), ("RS_OK", 200_000));
    assert_eq!(seen(&hub88.rollback(&game.rollback(&win)).await?), ("RS_OK", 0));
    assert_eq!(player.cash().await?, "0.00");
    Ok(())
}

#[tokio::test]
async fn what_is_not_the_players_own_is_refused() -> Tested {
    let platform = Platform::shared()?;
    let hub88 = platform.hub88()?;
    let (player, game) = opened(platform, Home::Malta, "50.00").await?;
    let (other, _) = opened(platform, Home::Malta, "50.00").await?;
    let (version, others) = (player.version().await?, other.version().await?);
    let bet = game.bet(100_000);
    let refused = [
        ("RS_ERROR_INVALID_TOKEN", hub88.bet(&with(&bet, "token", "made up")).await?),
        ("RS_ERROR_INVALID_TOKEN", hub88.bet(&with(&bet, "user", other.id.clone())).await?),
        ("RS_ERROR_INVALID_TOKEN", hub88.bet(&with(&bet, "user", "nobody")).await?),
        ("RS_ERROR_INVALID_TOKEN", hub88.bet(&with(&bet, "user", "ply_01HZX3M2T9QK4V7W8Y6N5R1ABC")).await?),
        ("RS_ERROR_WRONG_CURRENCY", hub88.bet(&with(&bet, "currency", "GBP")).await?),
        ("RS_ERROR_WRONG_CURRENCY", hub88.bet(&with(&bet, "currency", "€")).await?),
        ("RS_ERROR_INVALID_GAME", hub88.bet(&with(&bet, "game_code", "no_such_game")).await?),
        ("RS_ERROR_NOT_ENOUGH_MONEY", hub88.bet(&with(&bet, "amount", 5_000_001)).await?),
        ("RS_ERROR_INVALID_TOKEN", hub88.call("/user/balance", &with(&game.balance(), "token", "x")).await?),
        ("RS_ERROR_INVALID_TOKEN", hub88.info("ply_01HZX3M2T9QK4V7W8Y6N5R1ABC").await?),
    ];
    for (expected, answer) in &refused {
        assert_eq!(outcome(answer), *expected, "{answer:?}");
    }
    assert_eq!((player.version().await?, other.version().await?), (version, others));
    Ok(())
}

#[tokio::test]
async fn stakes_are_counted_to_the_hundred_thousandth() -> Tested {
    let platform = Platform::shared()?;
    let hub88 = platform.hub88()?;
    let (player, game) = opened(platform, Home::Malta, "1.00").await?;
    assert_eq!(seen(&hub88.bet(&game.bet(1)).await?), ("RS_OK", 99_999));
    assert_eq!(player.cash().await?, "0.99999");
    player.withdraw("1.00", &fresh_id()).await?.must_be(409, "insufficient_funds")?;
    Ok(())
}

#[tokio::test]
async fn of_two_hundred_stakes_at_once_the_hundred_affordable_are_taken() -> Tested {
    let platform = Platform::shared()?;
    let hub88 = platform.hub88()?;
    let (player, game) = opened(platform, Home::Malta, "10.00").await?;
    let bets: Vec<Value> = (0..200).map(|_| game.bet(10_000)).collect();

    // Whom the wallet could not answer in time asks again, as Hub88 would.
    let placed = |bet: Value| {
        let hub88 = &hub88;
        async move {
            loop {
                let answer = hub88.bet(&bet).await?;
                if outcome(&answer) != "RS_ERROR_UNKNOWN" {
                    return Ok::<_, journeys::Failure>(answer);
                }
            }
        }
    };
    let answers = try_join_all(bets.iter().cloned().map(placed)).await?;
    let count = |status: &str| answers.iter().filter(|answer| outcome(answer) == status).count();
    assert_eq!((count("RS_OK"), count("RS_ERROR_NOT_ENOUGH_MONEY")), (100, 100));
    assert_eq!(player.cash().await?, "0.00");

    let statement = player.statement().await?;
    let staked: Vec<_> = statement.iter().filter(|line| line["type"] == "bet").collect();
    assert_eq!(staked.len(), 100);
    assert!(staked.iter().all(|line| line["amount"] == "-0.10"));
    let after: Vec<_> = staked.iter().map(|line| line["cash_after"].as_str().unwrap().to_owned()).collect();
    let expected: Vec<_> = (0..100).map(|tenths| format!("{}.{}0", tenths / 10, tenths % 10)).collect();
    assert_eq!(after, expected, "newest first: from nothing up");
    let mut taken: Vec<_> = bets
        .iter()
        .zip(&answers)
        .filter(|(_, answer)| outcome(answer) == "RS_OK")
        .map(|(bet, _)| format!("hub88:{}", bet["transaction_uuid"].as_str().unwrap()))
        .collect();
    let mut listed: Vec<_> =
        staked.iter().map(|line| line["transaction_id"].as_str().unwrap().to_owned()).collect();
    taken.sort();
    listed.sort();
    assert_eq!(taken, listed);
    the_only_deposit_is_found_behind_all_the_bets(&player).await
}

async fn the_only_deposit_is_found_behind_all_the_bets(player: &Player) -> Tested {
    let (mut found, mut path) = (0, "/v1/wallet/transactions?type=deposit&limit=1".to_owned());
    loop {
        let page = player.get(&path).await?.must(200)?;
        found += page.items()?.len();
        let Some(cursor) = page.body["next_cursor"].as_str() else { break };
        path = format!("/v1/wallet/transactions?type=deposit&limit=1&cursor={cursor}");
    }
    assert_eq!(found, 1);
    Ok(())
}

#[tokio::test]
async fn whatever_happens_at_once_the_statement_adds_up() -> Tested {
    let platform = Platform::shared()?;
    let (hub88, adyen) = (platform.hub88()?, platform.adyen()?);
    let (player, game) = opened(platform, Home::Malta, "100.00").await?;
    let deposit = player.deposit("25.00", &fresh_id()).await?.must(201)?;
    let paid = adyen.authorisation(deposit.text("/deposit_id")?, 2_500, "EUR");
    let round = |number: i64| {
        let (hub88, game) = (&hub88, &game);
        async move {
            let bet = game.bet(100_000);
            hub88.bet(&bet).await?;
            let then = if number % 2 == 0 { game.win(&bet, 30_000 * number) } else { game.rollback(&bet) };
            if number % 2 == 0 { hub88.win(&then).await } else { hub88.rollback(&then).await }
        }
    };
    let keys: Vec<String> = (0..4).map(|_| fresh_id()).collect();
    tokio::try_join!(
        try_join_all((0..30).map(round)),
        try_join_all(keys.iter().map(|key| player.withdraw("10.00", key))),
        try_join_all((0..3).map(|_| adyen.notify(vec![paid.clone()]))),
    )?;
    adyen.notify(vec![paid]).await?.must(200)?;

    let mut cash = 0;
    let mut lines = player.statement().await?;
    lines.reverse();
    for line in &lines {
        let units = |field: &str| thousandths(line[field].as_str().unwrap());
        cash += units("amount");
        assert_eq!(units("cash_after"), cash, "{line}");
    }
    assert_eq!(thousandths(&player.cash().await?), cash);
    let deposits = lines.iter().filter(|line| line["type"] == "deposit").count();
    assert_eq!(deposits, 2);
    Ok(())
}

/// An amount of at most three places, in thousandths.
fn thousandths(amount: &str) -> i64 {
    let (whole, places) = amount.split_once('.').unwrap();
    format!("{whole}{places:0<3}").parse().unwrap()
}

#[tokio::test]
async fn one_stake_sent_twenty_times_at_once_is_taken_once() -> Tested {
    let platform = Platform::shared()?;
    let hub88 = platform.hub88()?;
    let (player, game) = opened(platform, Home::Malta, "10.00").await?;
    let bet = game.bet(100_000);
    let answers = try_join_all((0..20).map(|_| hub88.bet(&bet))).await?;
    assert!(answers.iter().all(|answer| matches!(outcome(answer), "RS_OK" | "RS_ERROR_UNKNOWN")));
    assert_eq!(seen(&hub88.bet(&bet).await?), ("RS_OK", 900_000));
    assert_eq!(player.cash().await?, "9.00");
    Ok(())
}

#[tokio::test]
async fn a_stake_and_its_rollback_at_once_leave_nothing_behind() -> Tested {
    let platform = Platform::shared()?;
    let hub88 = platform.hub88()?;
    let (player, game) = opened(platform, Home::Malta, "10.00").await?;
    for _ in 0..10 {
        let bet = game.bet(100_000);
        let rollback = game.rollback(&bet);
        let (placed, undone) = tokio::try_join!(hub88.bet(&bet), hub88.rollback(&rollback))?;
        assert_eq!(outcome(&undone), "RS_OK");
        assert!(matches!(outcome(&placed), "RS_OK" | "RS_ERROR_TRANSACTION_ROLLED_BACK"), "{placed:?}");
    }
    assert_eq!(player.cash().await?, "10.00");
    Ok(())
}

#[tokio::test]
async fn a_game_is_staked_on_only_with_its_vendors_session() -> Tested {
    let platform = Platform::shared()?;
    let hub88 = platform.hub88()?;
    let player = funded(platform, &platform.client(), Home::Britain, "10.00").await?;
    let made_up = journeys::GameSession {
        user: player.id.clone(),
        token: "gst_made_up".to_owned(),
        game_code: "pit_dice".to_owned(),
        currency: "GBP".to_owned(),
    };
    assert_eq!(outcome(&hub88.bet(&made_up.bet(100_000)).await?), "RS_ERROR_INVALID_TOKEN");
    let bet = made_up.bet(100_000);
    let unknown = hub88.win(&made_up.win(&bet, 100_000)).await?;
    assert_ne!(outcome(&unknown), "RS_OK", "{unknown:?}");
    let promotion = with(&made_up.win(&json!({}), 100_000), "is_supplier_promo", true);
    assert_ne!(outcome(&hub88.win(&promotion).await?), "RS_OK");
    assert_eq!(player.cash().await?, "10.00");
    Ok(())
}
