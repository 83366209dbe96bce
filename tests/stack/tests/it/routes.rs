//! What the journey does not come by: every route does its work under the permissions that its function has.

use serde_json::{Value, json};
use stack::{Call, Client, Failure, Home, Platform, Player, Staff, eventually, fresh_id};

use crate::same;

const NOBODY: &str = "ply_01HZX3M2T9QK4V7W8Y6N5R1ABC";
const NO_DEPOSIT: &str = "dep_01HZX3M2T9QK4V7W8Y6N5R1ABC";

/// Calls every other route of the API once, successfully.
pub(crate) async fn all_answer(platform: &Platform) -> Result<(), Failure> {
    strangers(&platform.client()).await?;
    let player = funded(platform).await?;
    profile(&player).await?;
    withdrawals(&player, &platform.admin().await?).await?;
    games(&player, &platform.admin().await?).await?;
    platform.hub88()?.info(&player.id).await?.must(200)?;
    notices_of_nothing(platform).await?;
    sessions(&player).await?;
    erasure(platform).await
}

async fn strangers(client: &Client) -> Result<(), Failure> {
    let document = client.send(Call::get("/openapi.json")).await?.must(200)?;
    document.text("/paths/~1v1~1players/post/operationId")?;
    client.send(Call::get("/v1/wallet")).await?.must_be(401, "unauthenticated")?;
    client.send(Call::get("/v1/nothing")).await?.must(404).map(drop)
}

/// A verified player with 50.00.
async fn funded(platform: &Platform) -> Result<Player, Failure> {
    let player = Player::register(&platform.client(), Home::Malta).await?;
    verify(platform, &player).await?;
    let deposit = player.deposit("50.00", &fresh_id()).await?.must(201)?;
    let adyen = platform.adyen()?;
    let paid = adyen.authorisation(deposit.text("/deposit_id")?, 5_000, "EUR");
    adyen.notify(vec![paid]).await?.must(200)?;
    eventually("the deposit is completed", || async {
        let deposits = player.get("/v1/deposits").await?.must(200)?;
        Ok((deposits.text("/items/0/status")? == "completed").then_some(()))
    })
    .await?;
    Ok(player)
}

async fn verify(platform: &Platform, player: &Player) -> Result<(), Failure> {
    let started = player.start_verification().await?.must(201)?;
    platform.sumsub()?.choose(started.text("/redirect_url")?, "approve").await?.must(200).map(drop)
}

async fn profile(player: &Player) -> Result<(), Failure> {
    player.get("/v1/players/me").await?.must(200)?;
    let phone = json!({"phone": "+35621234567"});
    player.send(Call::patch("/v1/players/me").json(&phone)).await?.must(200)?;
    let export = player.get("/v1/players/me/export").await?.must(200)?;
    export.text("/profile/phone").map(drop)
}

async fn withdrawals(player: &Player, staff: &Staff) -> Result<(), Failure> {
    let rejected = player.withdraw("10.00", &fresh_id()).await?.must(201)?;
    let rejected = rejected.text("/withdrawal_id")?;
    eventually("the withdrawal waits for staff", || async {
        let waiting = staff.get("/v1/ops/withdrawals").await?.must(200)?;
        let is_there = |item: &Value| item.get("withdrawal_id").is_some_and(|id| id == rejected);
        Ok(waiting.items()?.iter().any(is_there).then_some(()))
    })
    .await?;
    staff.reject(rejected, "the account is somebody else's").await?.must(200)?;

    let cancelled = player.withdraw("10.00", &fresh_id()).await?.must(201)?;
    let cancelled = format!("/v1/withdrawals/{}", cancelled.text("/withdrawal_id")?);
    player.send(Call::delete(&cancelled)).await?.must(200)?;
    let listed = player.get("/v1/withdrawals").await?.must(200)?;
    same("withdrawals listed", &listed.items()?.len(), &2)?;
    same("the cash", &*player.cash().await?, "50.00")
}

/// Off the shelf and back: staff's decision is written where players read.
async fn games(player: &Player, staff: &Staff) -> Result<(), Failure> {
    const DICE: &str = "hub88-pit_dice";
    staff.get("/v1/ops/games").await?.must(200)?;
    staff.get("/v1/ops/refunds").await?.must(200)?;
    staff.get("/v1/ops/inbox").await?.must(200)?;
    for (offered, on_offer) in [(json!(false), false), (json!(null), true)] {
        let decision = Call::patch(format!("/v1/ops/games/{DICE}")).json(&json!({"offered": offered}));
        staff.send(decision).await?.must(200)?;
        let lobby = player.get("/v1/games?limit=200").await?.must(200)?;
        let is_there = |item: &Value| item.get("game_id").is_some_and(|id| id == DICE);
        same("the game on offer", &lobby.items()?.iter().any(is_there), &on_offer)?;
    }
    Ok(())
}

/// Kept for staff in the inbox, and taken: the vendor need not tell them again.
async fn notices_of_nothing(platform: &Platform) -> Result<(), Failure> {
    let (adyen, sumsub) = (platform.adyen()?, platform.sumsub()?);
    adyen.notify(vec![adyen.authorisation(NO_DEPOSIT, 5_000, "EUR")]).await?.must(200)?;
    sumsub.notify(&sumsub.verdict(NOBODY, "GREEN", None)).await?.must(200).map(drop)
}

async fn sessions(player: &Player) -> Result<(), Failure> {
    let spent = json!({"refresh_token": player.refresh_token});
    let renewed = player.client.send(Call::post("/v1/sessions/refresh").json(&spent)).await?.must(201)?;
    let renewed = Player { access_token: renewed.text("/access_token")?.to_owned(), ..player.clone() };
    renewed.send(Call::delete("/v1/sessions/current")).await?.must(204)?;
    renewed.get("/v1/wallet").await?.must_be(401, "unauthenticated").map(drop)
}

async fn erasure(platform: &Platform) -> Result<(), Failure> {
    let player = Player::register(&platform.client(), Home::Britain).await?;
    verify(platform, &player).await?;
    player.send(Call::post("/v1/players/me/erasure").json(&json!({}))).await?.must(202)?;
    player.get("/v1/players/me").await?.must(404).map(drop)
}
