//! What time does: sessions end, pages close, throttles forget. Each test has a platform of its own to put forward.

use std::time::Duration;

use journeys::{Answer, Call, Home, Platform, Player, Tested, fresh_id, opened, status, verified};
use serde_json::json;

const A_MINUTE: Duration = Duration::from_mins(1);
const AN_HOUR: Duration = Duration::from_hours(1);

fn status_of(answer: &Answer) -> &str {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.text("/status").unwrap()
}

#[tokio::test]
async fn an_expired_session_takes_no_stake_but_is_owed_its_winnings() -> Tested {
    let platform = Platform::start()?;
    let hub88 = platform.hub88()?;
    let (player, game) = opened(&platform, Home::Malta, "50.00").await?;
    let (won, undone) = (game.bet(1_000_000), game.bet(500_000));
    hub88.bet(&won).await?;
    hub88.bet(&undone).await?;

    platform.clock().forward(Duration::from_hours(5));
    assert_eq!(status_of(&hub88.bet(&game.bet(100_000)).await?), "RS_ERROR_TOKEN_EXPIRED");
    assert_eq!(status_of(&hub88.balance(&game).await?), "RS_ERROR_TOKEN_EXPIRED");
    assert_eq!(status_of(&hub88.bet(&won).await?), "RS_OK", "the repeat of a stake that was taken in time");
    assert_eq!(hub88.win(&game.win(&won, 250_000)).await?.body["balance"], 3_750_000);
    assert_eq!(hub88.rollback(&game.rollback(&undone)).await?.body["balance"], 4_250_000);
    player.get("/v1/wallet").await?.must_be(401, "unauthenticated")?;
    assert_eq!(player.sign_in().await?.cash().await?, "42.50");
    Ok(())
}

#[tokio::test]
async fn access_ends_in_minutes_and_the_session_in_a_day() -> Tested {
    let platform = Platform::start()?;
    let client = platform.client();
    let player = Player::register(&client, Home::Malta).await?;
    let refresh = async |token: &str| {
        client.send(Call::post("/v1/sessions/refresh").json(&json!({"refresh_token": token}))).await
    };
    platform.clock().forward(14 * A_MINUTE);
    player.wallet().await?;
    platform.clock().forward(2 * A_MINUTE);
    player.get("/v1/wallet").await?.must_be(401, "unauthenticated")?;
    let second = refresh(&player.refresh_token).await?.must(201)?;
    let player = Player { access_token: second.text("/access_token")?.to_owned(), ..player };
    player.wallet().await?;
    platform.clock().forward(24 * AN_HOUR);
    refresh(second.text("/refresh_token")?).await?.must_be(401, "unauthenticated")?;
    player.sign_in().await?.wallet().await?;
    Ok(())
}

#[tokio::test]
async fn a_throttle_forgets_in_the_time_it_names() -> Tested {
    let platform = Platform::start()?;
    let player = Player::register(&platform.client(), Home::Malta).await?;
    let wrong = json!({"email": player.email, "password": "wrong password"});
    let client = platform.client();
    let attempt = || client.send(Call::post("/v1/sessions").json(&wrong));
    let mut answer = attempt().await?;
    for _ in 0..20 {
        if answer.status == 429 {
            break;
        }
        answer = attempt().await?;
    }
    let slowed = answer.must_be(429, "rate_limited")?;
    let wait: u64 = slowed.headers["retry-after"].to_str().unwrap().parse().unwrap();
    platform.clock().forward(Duration::from_secs(wait));
    player.sign_in().await?.wallet().await?;
    Ok(())
}

#[tokio::test]
async fn a_payment_page_closes_but_money_that_comes_late_is_credited() -> Tested {
    let platform = Platform::start()?;
    let player = verified(&platform, &platform.client(), Home::Malta).await?;
    let key = fresh_id();
    let deposit = player.deposit("50.00", &key).await?.must(201)?;
    let path = format!("/v1/deposits/{}", deposit.text("/deposit_id")?);
    platform.clock().forward(2 * AN_HOUR);
    let player = player.sign_in().await?;
    let late = player.get(&path).await?.must(200)?;
    assert_eq!(late.text("/status")?, "expired");
    assert!(late.body.get("redirect_url").is_none(), "{late:?}");
    let adyen = platform.adyen()?;
    let paid = adyen.authorisation(deposit.text("/deposit_id")?, 5_000, "EUR");
    adyen.notify(vec![paid]).await?.must(200)?;
    status(&player, &path, "completed").await?;
    assert_eq!(player.cash().await?, "50.00");
    Ok(())
}
