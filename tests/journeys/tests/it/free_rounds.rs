//! Free rounds: given by staff, asked for once, played, paid and taken back.

use std::time::Duration;

use domain::Money;
use journeys::{Answer, Call, Failure, Platform, Staff, Table, Tested, failed, fresh_id};
use serde_json::{Value, json};

const SWIPE: (&str, &str) = ("swipe", "pit_catch");
const HUB88: (&str, &str) = ("hub88", "pit_dice");
const CALETA: (&str, &str) = ("caleta", "pit_bingo");

async fn give(staff: &Staff, player: &str, key: &str, body: &Value) -> Result<Answer, Failure> {
    staff.send(Call::post(format!("/v1/ops/players/{player}/free-rounds")).once(key).json(body)).await
}

/// What vendor's sandbox gave so far.
async fn given(platform: &Platform, vendor: &str, player: &str) -> Result<Vec<Value>, Failure> {
    let answer =
        platform.client().send(Call::get(format!("/sandbox/{vendor}/free-rounds-given"))).await?.must(200)?;
    let all = answer.body.as_array().cloned().unwrap_or_default();
    Ok(all.into_iter().filter(|gift| gift["player"] == player).collect())
}

async fn down(platform: &Platform, vendor: &str, down: bool) -> Tested {
    let call = Call::post(format!("/sandbox/{vendor}/stock")).json(&json!({"down": down}));
    platform.client().send(call).await?.must(200)?;
    Ok(())
}

/// Plays a game in the browser until something else than a free round comes: what it won in all.
async fn play(platform: &Platform, table: &Table, rounds: u32) -> Result<i64, Failure> {
    let vendor = table.vendor.protocol().vendor();
    let game = &table.session.opening.game;
    let launched = table.player.launch(&format!("{vendor}-{game}")).await?.must(201)?;
    let (_, session) = launched.text("/launch_url")?.split_once("session=").unwrap_or_default();
    let mut won = 0;
    for _ in 0..rounds {
        let roll = json!({"session": session, "stake": 100_000, "pick": "low"});
        let call = Call::post(format!("/sandbox/{vendor}/api/roll")).json(&roll);
        won += platform.client().send(call).await?.must(200)?.number("/won")?;
    }
    Ok(won)
}

fn in_a_week(platform: &Platform) -> String {
    let now = edge::Clock::now(platform.clock());
    now.saturating_add(jiff::SignedDuration::from_hours(24 * 7)).unwrap_or(now).to_string()
}

fn euros(units: i64) -> Result<String, Failure> {
    let euro = "EUR".parse().map_err(failed)?;
    Ok(Money::from_minor(units, 5, euro).map_err(failed)?.to_text())
}

#[tokio::test]
async fn free_rounds_by_a_bet_line_are_given_once_played_and_paid_at_the_end() -> Tested {
    let platform = Platform::start()?;
    let table = Table::open(&platform, SWIPE, "50.00").await?;
    let (player, staff) = (table.player.id.as_str(), platform.staff("marketing").await?);
    let body = json!({
        "game_id": "swipe-pit_catch", "rounds": 3, "bet_line": 5, "ends_at": "2099-01-01T00:00:00Z",
        "reason": "welcome back",
    });
    give(&staff, player, "k", &body).await?.must_be(422, "validation_failed")?;
    let ends_at = in_a_week(&platform);
    let body = json!({ "ends_at": ends_at, "game_id": "swipe-pit_catch", "rounds": 3, "bet_line": 5, "reason": "x" });
    let key = fresh_id();
    let first = give(&staff, player, &key, &body).await?.must(201)?;
    assert_eq!((first.text("/status")?, first.number("/rounds")?), ("given", 3));
    assert_eq!(
        give(&staff, player, &key, &body).await?.must(201)?.body,
        first.body,
        "a repeat hears the same"
    );
    let mut other = body.clone();
    other["rounds"] = json!(4);
    give(&staff, player, &key, &other).await?.must_be(422, "idempotency_mismatch")?;
    assert_eq!(given(&platform, "swipe", player).await?.len(), 1);

    let won = play(&platform, &table, 3).await?;
    assert_eq!(
        table.player.cash().await?,
        euros(5_000_000 + won)?,
        "stakes cost nothing, winnings are paid once"
    );
    assert_eq!(given(&platform, "swipe", player).await?[0]["left"], 0);
    let listed = staff.get(&format!("/v1/ops/players/{player}/free-rounds")).await?.must(200)?;
    assert_eq!(listed.items()?, [first.body]);
    Ok(())
}

#[tokio::test]
async fn free_rounds_of_a_template_are_never_given_twice_by_guessing() -> Tested {
    let platform = Platform::start()?;
    let table = Table::open(&platform, HUB88, "50.00").await?;
    let (player, staff) = (table.player.id.as_str(), platform.staff("marketing").await?);
    let templates = staff.get("/v1/ops/free-rounds/templates?integration=hub88").await?.must(200)?;
    let template =
        templates.items()?.iter().find(|it| it["game_id"] == "hub88-pit_dice").cloned().unwrap_or_default();
    assert_eq!((&template["rounds"], &template["round_value"]), (&json!(10), &json!("0.20")), "{template}");
    let ends_at = in_a_week(&platform);
    let body = json!({
        "game_id": "hub88-pit_dice", "template_id": template["template_id"], "rounds": 2, "ends_at": ends_at,
        "reason": "an apology",
    });
    let mut without = body.clone();
    without["template_id"] = Value::Null;
    let refused = give(&staff, player, &fresh_id(), &without).await?.must_be(422, "validation_failed")?;
    assert_eq!(refused.text("/errors/0/pointer")?, "/template_id");

    down(&platform, "hub88", true).await?;
    let key = fresh_id();
    give(&staff, player, &key, &body).await?.must_be(503, "unavailable")?;
    down(&platform, "hub88", false).await?;
    let unknown = give(&staff, player, &key, &body).await?.must_be(409, "conflict")?;
    assert!(unknown.text("/detail")?.contains("not known"), "{unknown:?}");
    assert_eq!(given(&platform, "hub88", player).await?.len(), 0);

    let first = give(&staff, player, &fresh_id(), &body).await?.must(201)?;
    let gifts = given(&platform, "hub88", player).await?;
    assert_eq!((gifts.len(), &gifts[0]["id"]), (1, &first.body["reference"]));
    let won = play(&platform, &table, 2).await?;
    assert_eq!(table.player.cash().await?, euros(5_000_000 + won)?);
    let listed = staff.get(&format!("/v1/ops/players/{player}/free-rounds")).await?.must(200)?;
    let states: Vec<_> = listed.items()?.iter().map(|it| it["status"].clone()).collect();
    assert_eq!(states, ["given", "asked"], "the last asked for first");
    let path = format!("/v1/ops/players/{player}/free-rounds/{}", first.text("/free_rounds_id")?);
    staff.send(Call::delete(path)).await?.must_be(409, "conflict")?;
    Ok(())
}

#[tokio::test]
async fn free_rounds_are_taken_back_by_the_id_that_the_vendor_told() -> Tested {
    let platform = Platform::start()?;
    let table = Table::open(&platform, CALETA, "50.00").await?;
    let (player, staff) = (table.player.id.as_str(), platform.staff("marketing").await?);
    let templates = staff.get("/v1/ops/free-rounds/templates?integration=caleta").await?.must(200)?;
    let of_game = |it: &&Value| it["game_id"] == "caleta-pit_bingo";
    let template = templates.items()?.iter().find(of_game).cloned().unwrap_or_default();
    let body = json!({
        "game_id": "caleta-pit_bingo", "template_id": template["template_id"], "rounds": 2,
        "ends_at": in_a_week(&platform), "reason": "an apology",
    });
    let first = give(&staff, player, &fresh_id(), &body).await?.must(201)?;
    let path = format!("/v1/ops/players/{player}/free-rounds/{}", first.text("/free_rounds_id")?);
    for _ in 0..2 {
        staff.send(Call::delete(&path)).await?.must(204)?;
    }
    assert_eq!(given(&platform, "caleta", player).await?[0]["left"], 0);
    Ok(())
}

#[tokio::test]
async fn free_rounds_are_taken_back_and_only_for_games_that_the_player_may_play() -> Tested {
    let platform = Platform::start()?;
    let table = Table::open(&platform, SWIPE, "50.00").await?;
    let (player, staff) = (table.player.id.as_str(), platform.staff("marketing").await?);
    let ends_at = in_a_week(&platform);
    let body =
        json!({"game_id": "swipe-pit_catch", "rounds": 3, "bet_line": 5, "ends_at": ends_at, "reason": "x"});
    down(&platform, "swipe", true).await?;
    let key = fresh_id();
    give(&staff, player, &key, &body).await?.must_be(503, "unavailable")?;
    down(&platform, "swipe", false).await?;
    platform.clock().forward(Duration::from_secs(31));
    // Its id makes it happen once, so that it can be asked for again.
    let first = give(&staff, player, &key, &body).await?.must(201)?;
    let path = format!("/v1/ops/players/{player}/free-rounds/{}", first.text("/free_rounds_id")?);
    for _ in 0..2 {
        staff.send(Call::delete(&path)).await?.must(204)?;
    }
    assert_eq!(given(&platform, "swipe", player).await?[0]["left"], 0);
    let listed = staff.get(&format!("/v1/ops/players/{player}/free-rounds")).await?.must(200)?;
    assert_eq!(listed.text("/items/0/status")?, "revoked");

    for (field, wrong) in [
        ("game_id", json!("")),
        ("game_id", json!("x".repeat(3000))),
        ("game_id", json!("swipe-nothing")),
        ("rounds", json!(0)),
        ("rounds", json!(100)),
        ("bet_line", Value::Null),
        ("template_id", json!("any")),
        ("round_value", json!("1.001")),
        ("ends_at", json!("2020-01-01T00:00:00Z")),
        ("reason", json!("")),
    ] {
        let mut body = body.clone();
        body[field] = wrong;
        let refused = give(&staff, player, &fresh_id(), &body).await?.must_be(422, "validation_failed")?;
        assert_eq!(refused.text("/errors/0/pointer")?, format!("/{field}"), "{refused:?}");
    }
    let mut elsewhere = body.clone();
    elsewhere["game_id"] = json!("evolution-pitlive_roulette_1");
    give(&staff, player, &fresh_id(), &elsewhere).await?.must_be(422, "validation_failed")?;
    let unheard_of = format!("ply_{}", &player[4..].chars().rev().collect::<String>());
    assert!(matches!(give(&staff, &unheard_of, &fresh_id(), &body).await?.status, 404));
    let support = platform.staff("support").await?;
    give(&support, player, &fresh_id(), &body).await?.must_be(403, "forbidden")?;
    give(&support, player, "", &body).await?.must_be(403, "forbidden")?;
    support.get(&format!("/v1/ops/players/{player}/free-rounds")).await?.must(200)?;
    table.player.get(&format!("/v1/ops/players/{player}/free-rounds")).await?.must_be(403, "forbidden")?;
    staff.get("/v1/ops/free-rounds/templates?integration=acme").await?.must_be(422, "validation_failed")?;
    let none = staff.get("/v1/ops/free-rounds/templates?integration=swipe").await?.must(200)?;
    assert!(none.items()?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_game_can_be_tried_out_without_money() -> Tested {
    let platform = Platform::start()?;
    let table = Table::open(&platform, HUB88, "50.00").await?;
    for (vendor, game) in [("caleta", "pit_bingo"), HUB88, ("softswiss", "pit_plinko"), SWIPE] {
        let body = json!({"return_url": "https://casino.test/lobby", "device": "mobile"});
        let call = Call::post(format!("/v1/games/{vendor}-{game}/demo")).json(&body);
        let opened = table.player.send(call).await?.must(201)?;
        let (_, session) = opened.text("/demo_url")?.split_once("session=").unwrap_or_default();
        let api = |path: &str, body: Value| {
            let call = Call::post(format!("/sandbox/{vendor}/api/{path}")).json(&body);
            let client = platform.client();
            async move { client.send(call).await }
        };
        let before = api("open", json!({"session": session})).await?.must(200)?.number("/report/balance")?;
        let roll = json!({"session": session, "stake": 100_000, "pick": "low"});
        let rolled = api("roll", roll).await?.must(200)?;
        assert_eq!(rolled.number("/balance")?, before - 100_000 + rolled.number("/won")?);
        assert_eq!(rolled.body["calls"], json!([]), "no wallet is asked");
    }
    let body = json!({"return_url": "https://casino.test/lobby", "device": "mobile"});
    let call = Call::post("/v1/games/evolution-pitlive_roulette_1/demo").json(&body);
    table.player.send(call).await?.must_be(409, "conflict")?;
    assert_eq!(table.player.cash().await?, "50.00");
    Ok(())
}
