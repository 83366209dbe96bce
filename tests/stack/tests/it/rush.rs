//! Many processes after the same money: what DynamoDB's conditions must hold together when nothing in memory can.

use std::time::Duration;

use futures::future::try_join_all;
use serde_json::Value;
use stack::{Failure, GameSession, Hub88Side, Platform, Player};

use crate::same;

const BETS: usize = 20;
/// A tenth of what the journey leaves, in Hub88's hundred-thousandths.
const STAKE: i64 = 330_000;
const AFFORDABLE: usize = 10;
const TRIES: u32 = 10;

/// Twenty stakes at once, of which the wallet affords ten.
pub(crate) async fn for_the_last_of_the_money(platform: &Platform, player: &Player) -> Result<(), Failure> {
    same("the cash before", &*player.cash().await?, "33.00")?;
    let hub88 = platform.hub88()?;
    let game = opened(&hub88, player).await?;

    let bets: Vec<Value> = (0..BETS).map(|_| game.bet(STAKE)).collect();
    let outcomes = try_join_all(bets.iter().map(|bet| outcome(&hub88, bet))).await?;
    let count = |status| outcomes.iter().filter(|outcome| *outcome == status).count();
    same("stakes taken", &count("RS_OK"), &AFFORDABLE)?;
    same("stakes refused", &count("RS_ERROR_NOT_ENOUGH_MONEY"), &(BETS - AFFORDABLE))?;

    let again = try_join_all(bets.iter().map(|bet| outcome(&hub88, bet))).await?;
    same("the same when asked again", &again, &outcomes)?;
    same("the balance", &hub88.balance(&game).await?.must(200)?.number("/balance")?, &0)?;
    same("the cash", &*player.cash().await?, "0.00")?;
    let statement = player.statement().await?;
    let stakes = statement.iter().filter(|line| line.get("amount") == Some(&Value::from("-3.30"))).count();
    same("stakes on the statement", &stakes, &AFFORDABLE)
}

async fn opened(hub88: &Hub88Side, player: &Player) -> Result<GameSession, Failure> {
    let games = player.get("/v1/games").await?.must(200)?;
    let text =
        |game: &Value, name: &str| game.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let game = games.items()?.iter().find(|game| text(game, "integration") == "hub88");
    let game = game.ok_or_else(|| Failure("Hub88 offers no game".to_owned()))?;
    let launched = player.launch(&text(game, "game_id")).await?.must(201)?;
    hub88.open(launched.text("/launch_url")?).await
}

/// What became of a bet. Silence, a gateway's error and "unknown" say nothing of it: the same transaction is sent again.
async fn outcome(hub88: &Hub88Side, bet: &Value) -> Result<String, Failure> {
    let mut last = String::new();
    for attempt in 1..=TRIES {
        let answer = hub88.bet(bet).await?;
        let status = answer.text("/status").unwrap_or_default();
        if answer.status == 200 && status != "RS_ERROR_UNKNOWN" {
            return Ok(status.to_owned());
        }
        last = format!("{} {}", answer.status, answer.body);
        println!("   unclear: {last}");
        tokio::time::sleep(Duration::from_millis(100) * attempt).await;
    }
    Err(Failure(format!("a bet stays unclear: {last}")))
}
