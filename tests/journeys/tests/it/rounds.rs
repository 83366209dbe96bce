//! Rounds of play, as players and staff see them.

use std::time::Duration;

use journeys::{Answer, Call, Failure, Home, Platform, Round, Table, Tested, eventually, opened};
use serde_json::json;

/// A player's round, once it is as expected.
async fn seen(player: &journeys::Player, id: &str, status: &str) -> Result<Answer, Failure> {
    eventually("the round is told", || async {
        let answer = player.get(&format!("/v1/rounds/{id}")).await?;
        Ok((answer.body["status"] == status).then_some(answer))
    })
    .await
}

#[tokio::test]
async fn a_round_is_told_from_its_first_stake_to_its_end() -> Tested {
    let platform = Platform::start()?;
    let (player, game) = opened(&platform, Home::Malta, "50.00").await?;
    let hub88 = platform.hub88()?;
    let (won, undone, left) = (game.bet(1_000_000), game.bet(500_000), game.bet(250_000));
    let id = |bet: &serde_json::Value| format!("hub88:{}", bet["round"].as_str().unwrap_or_default());
    for bet in [&won, &undone, &left] {
        hub88.bet(bet).await?.must(200)?;
    }
    seen(&player, &id(&won), "open").await?;
    let win = game.win(&won, 2_500_000);
    for _ in 0..2 {
        hub88.win(&win).await?.must(200)?;
    }
    hub88.rollback(&game.rollback(&undone)).await?.must(200)?;

    let round = seen(&player, &id(&won), "finished").await?.body;
    assert_eq!((&round["staked"], &round["won"]), (&json!("10.00"), &json!("25.00")), "{round}");
    let kinds: Vec<_> =
        round["transactions"].as_array().into_iter().flatten().map(|it| &it["type"]).collect();
    assert_eq!(kinds, ["bet", "win"]);
    let round = seen(&player, &id(&undone), "void").await?.body;
    assert_eq!((&round["staked"], &round["won"]), (&json!("0.00"), &json!("0.00")), "{round}");

    let first = player.get("/v1/rounds?limit=2").await?.must(200)?;
    let second =
        player.get(&format!("/v1/rounds?limit=2&cursor={}", first.text("/next_cursor")?)).await?.must(200)?;
    let pages = [first, second];
    let listed: Vec<_> = pages.iter().flat_map(|it| it.items().unwrap_or_default()).collect();
    let listed: Vec<_> = listed.iter().map(|it| it["round_id"].as_str().unwrap_or_default()).collect();
    assert_eq!(listed, [id(&left), id(&undone), id(&won)], "the last begun first");

    let (other, _) = opened(&platform, Home::Malta, "5.00").await?;
    other.get(&format!("/v1/rounds/{}", id(&won))).await?.must_be(404, "not_found")?;
    other.get("/v1/rounds/nonsense").await?.must_be(404, "not_found")?;

    let staff = platform.staff("support").await?;
    assert_eq!(staff.get("/v1/ops/rounds").await?.must(200)?.items()?.len(), 0, "not a day old");
    platform.clock().forward(Duration::from_hours(25));
    let staff = platform.staff("support").await?;
    let open = staff.get("/v1/ops/rounds").await?.must(200)?;
    let open = open.items()?;
    assert_eq!(open.len(), 1);
    assert_eq!((&open[0]["round_id"], &open[0]["player_id"]), (&json!(id(&left)), &json!(player.id)));
    platform.staff("marketing").await?.get("/v1/ops/rounds").await?.must_be(403, "forbidden")?;

    Ok(())
}

#[tokio::test]
async fn staff_sees_a_round_as_its_vendor_shows_it() -> Tested {
    let platform = Platform::start()?;
    let staff = platform.staff("support").await?;
    for (vendor, game) in
        [("caleta", "pit_bingo"), ("evolution", "pitlive_roulette_1"), ("hub88", "pit_dice")]
    {
        let table = Table::open(&platform, (vendor, game), "50.00").await?;
        let launched = table.player.launch(&format!("{vendor}-{game}")).await?.must(201)?;
        let (_, session) = launched.text("/launch_url")?.split_once("session=").unwrap_or_default();
        let api = |path: &str| {
            let body = json!({"session": session, "stake": 100_000, "pick": "low"});
            let call = Call::post(format!("/sandbox/{vendor}/api/{path}")).json(&body);
            let client = platform.client();
            async move { client.send(call).await }
        };
        api("open").await?.must(200)?;
        api("roll").await?.must(200)?;
        let round = eventually("the round is told", || async {
            let rounds = table.player.get("/v1/rounds").await?;
            Ok(rounds.body["items"][0]["round_id"].as_str().map(str::to_owned))
        })
        .await?;
        let path = |player: &str| format!("/v1/ops/players/{player}/rounds/{round}/details");
        let details = staff.get(&path(&table.player.id)).await?.must(200)?;
        let page = match details.body["url"].as_str() {
            Some(url) => {
                let shown = platform.client().send(Call::get(url)).await?.must(200)?;
                String::from_utf8(shown.bytes).unwrap_or_default()
            }
            None => details.text("/html")?.to_owned(),
        };
        let (_, name) = round.split_once(':').unwrap_or_default();
        assert!(page.contains(name) && page.contains("stake 1,"), "{vendor}: {page}");
        table.player.get(&path(&table.player.id)).await?.must_be(403, "forbidden")?;
        let (other, _) = opened(&platform, Home::Malta, "5.00").await?;
        staff.get(&path(&other.id)).await?.must_be(404, "not_found")?;
    }
    let table = Table::open(&platform, ("swipe", "pit_catch"), "50.00").await?;
    let bet = Round::new(100_000);
    table.send(&table.bet(&bet)).await?;
    let path = format!("/v1/ops/players/{}/rounds/swipe:{}/details", table.player.id, bet.id);
    eventually("the round is told", || async {
        let answer = staff.get(&path).await?;
        Ok((answer.status != 404).then_some(answer))
    })
    .await?
    .must_be(409, "conflict")?;
    Ok(())
}
