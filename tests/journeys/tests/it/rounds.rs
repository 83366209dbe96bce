//! Rounds of play, as players and staff see them.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::Timestamp;
use domain::ids::PlayerId;
use edge::{Settings, Stores};
use futures::future::try_join_all;
use journeys::{Answer, Call, Failure, Home, Platform, Round, Table, Tested, eventually, failed, opened};
use serde_json::json;
use store::{PageRequest, RoundKey, Turn, TurnKind, Turns};

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

/// A vendor may tell of as many turns in a round as it likes: more than an item of a table can hold.
#[tokio::test]
async fn a_long_round_is_told_whole() -> Tested {
    let platform = Platform::start()?;
    let (player, game) = opened(&platform, Home::Malta, "50.00").await?;
    let hub88 = platform.hub88()?;
    let bet = game.bet(1_000_000);
    hub88.bet(&bet).await?.must(200)?;
    let id = format!("hub88:{}", bet["round"].as_str().unwrap_or_default());
    for nth in 1..=40 {
        let mut win = game.win(&bet, 10_000);
        win["round_closed"] = json!(nth == 40);
        hub88.win(&win).await?.must(200)?;
    }
    let round = seen(&player, &id, "finished").await?.body;
    assert_eq!((&round["staked"], &round["won"]), (&json!("10.00"), &json!("4.00")), "{round}");
    let told = |round: &serde_json::Value| round["transactions"].as_array().map(Vec::len);
    assert_eq!((&round["transaction_count"], told(&round)), (&json!(41), Some(41)));
    let listed = player.get("/v1/rounds").await?.must(200)?.items()?[0].clone();
    assert_eq!((&listed["transaction_count"], told(&listed)), (&json!(41), Some(25)));
    Ok(())
}

/// The same turns in pieces, again and again, out of order and by several hands at once.
#[tokio::test]
async fn a_turn_counts_once_however_it_is_told() -> Tested {
    let platform = Platform::start()?;
    let settings = Settings::new(platform.cloud().env().clone(), edge::Context::default());
    let rounds = Stores::new(&settings).map_err(failed)?.rounds().map_err(failed)?;
    let player = PlayerId::new(settings.context().ulid());
    let key = RoundKey { integration: "hub88".to_owned(), round: "long#1".to_owned() };
    let turn = |sequence: u64| -> Result<(u64, Turn), Failure> {
        Ok((
            sequence,
            Turn {
                kind: if sequence.is_multiple_of(2) { TurnKind::Win } else { TurnKind::Bet },
                transaction: format!("tx{sequence}"),
                amount: "0.10 EUR".parse().map_err(failed)?,
                at: Timestamp::from_second(1_800_000_000 - i64::try_from(sequence).map_err(failed)?)
                    .map_err(failed)?,
                closes: sequence == 120,
            },
        ))
    };
    let all: BTreeMap<u64, Turn> = (1..=120).map(turn).collect::<Result<_, _>>()?;
    let eur = "EUR".parse().map_err(failed)?;
    let piece = |step: u64, rest: u64| Turns {
        game: "dice".to_owned(),
        brand: "demo".to_owned(),
        currency: eur,
        turns: all
            .iter()
            .filter(|(it, _)| *it % step == rest)
            .map(|(it, turn)| (*it, turn.clone()))
            .collect(),
    };
    for (step, rest) in [(7, 6), (2, 1), (7, 3), (7, 6)] {
        rounds.note(player, &key, &piece(step, rest)).await.map_err(failed)?;
    }
    let pieces: Vec<Turns> = (0..3).map(|rest| piece(3, rest)).collect();
    try_join_all(pieces.iter().map(|piece| rounds.note(player, &key, piece))).await.map_err(failed)?;

    let round = rounds.round(player, &key).await.map_err(failed)?.ok_or_else(|| failed("no round"))?;
    assert_eq!((round.turns.len(), round.turn_count()), (25, 120));
    assert_eq!(round.staked().map_err(failed)?.to_text(), "6.00");
    assert_eq!(round.won().map_err(failed)?.to_text(), "6.00");
    assert_eq!(round.ended_at(), Some(all[&120].at));
    assert_eq!(rounds.turns(&round, 1_000).await.map_err(failed)?, all);
    let first: Vec<u64> = rounds.turns(&round, 10).await.map_err(failed)?.into_keys().collect();
    assert_eq!(first, (1..=10).collect::<Vec<_>>());
    let page = PageRequest { limit: 10, after: None };
    assert_eq!(rounds.history(player, &page).await.map_err(failed)?.items.len(), 1);
    Ok(())
}
