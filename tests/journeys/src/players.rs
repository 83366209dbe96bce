//! Players as far along as a test wants them.

use serde_json::Value;

use crate::{Answer, Client, Failure, GameSession, Home, Platform, Player, eventually, fresh_id};

/// A game that takes stakes of all sizes here.
const GAME: &str = "hub88-pit_dice";

/// A player whose identity is verified.
pub async fn verified(platform: &Platform, client: &Client, home: Home) -> Result<Player, Failure> {
    let player = Player::register(client, home).await?;
    let started = player.start_verification().await?.must(201)?;
    platform.sumsub()?.choose(started.text("/redirect_url")?, "approve").await?.must(200)?;
    status(&player, "/v1/kyc/verifications/current", "approved").await?;
    Ok(player)
}

/// A verified player who paid in.
pub async fn funded(
    platform: &Platform,
    client: &Client,
    home: Home,
    amount: &str,
) -> Result<Player, Failure> {
    let player = verified(platform, client, home).await?;
    let deposit = player.deposit(amount, &fresh_id()).await?.must(201)?;
    let adyen = platform.adyen()?;
    let paid = adyen.authorisation(deposit.text("/deposit_id")?, minor(amount), &player.currency);
    adyen.notify(vec![paid]).await?.must(200)?;
    status(&player, &format!("/v1/deposits/{}", deposit.text("/deposit_id")?), "completed").await?;
    Ok(player)
}

/// A player with money and an open game.
pub async fn opened(platform: &Platform, home: Home, amount: &str) -> Result<(Player, GameSession), Failure> {
    let player = funded(platform, &platform.client(), home, amount).await?;
    let launched = player.launch(GAME).await?.must(201)?;
    let game = platform.hub88()?.open(launched.text("/launch_url")?).await?;
    Ok((player, game))
}

/// Waits until something of the player's is in a state.
pub async fn status(player: &Player, path: &str, status: &str) -> Result<Answer, Failure> {
    eventually(&format!("{path} becomes {status}"), || async {
        let answer = player.get(path).await?.must(200)?;
        Ok((answer.body.get("status").and_then(Value::as_str) == Some(status)).then_some(answer))
    })
    .await
}

/// What a player has: cash, and what is held.
pub async fn balances(player: &Player) -> Result<[String; 2], Failure> {
    let wallet = player.wallet().await?;
    Ok([wallet.text("/cash")?.to_owned(), wallet.text("/held")?.to_owned()])
}

/// An amount of two places in hundredths, as Adyen counts.
#[must_use]
pub fn minor(amount: &str) -> i64 {
    amount.replace('.', "").parse().unwrap_or_default()
}
