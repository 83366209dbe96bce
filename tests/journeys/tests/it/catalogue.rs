//! The catalogue: vendors list, staff decides, players see what is for them; and a vendor that fails is left alone.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use edge::{Settings, aws};
use futures::future::try_join_all;
use journeys::{
    Answer, Call, Failure, Home, Platform, Player, Round, Staff, Table, Tested, VENDORS, Verdict, failed,
    verified,
};
use serde_json::{Value, json};

/// After so long every vendor may be asked again.
const A_WHILE: Duration = Duration::from_mins(11);
/// After so long a game that is played is looked up again.
const A_MOMENT: Duration = Duration::from_secs(11);

/// Asks all vendors for their lists, after a while; what came of each.
async fn sync(platform: &Platform) -> Result<Value, Failure> {
    platform.clock().forward(A_WHILE);
    platform.invoke("CatalogueSyncFunction", json!({})).await
}

/// Tells a vendor's sandbox what is not as usual.
async fn restock(platform: &Platform, vendor: &str, stock: Value) -> Tested {
    let call = Call::post(format!("/sandbox/{vendor}/stock")).json(&stock);
    platform.client().send(call).await?.must(200)?;
    Ok(())
}

async fn decide(staff: &Staff, game: &str, decision: Value) -> Result<Answer, Failure> {
    staff.send(Call::patch(format!("/v1/ops/games/{game}")).json(&decision)).await
}

/// The games that a player sees.
async fn lobby(player: &Player, query: &str) -> Result<Vec<Value>, Failure> {
    let player = player.sign_in().await?;
    Ok(player.get(&format!("/v1/games?limit=200{query}")).await?.must(200)?.items()?.to_vec())
}

async fn ids(player: &Player) -> Result<Vec<Value>, Failure> {
    Ok(lobby(player, "").await?.iter().map(|it| it["game_id"].clone()).collect())
}

async fn sees(player: &Player, game: &str) -> Result<bool, Failure> {
    Ok(ids(player).await?.iter().any(|it| it == game))
}

async fn launch(player: &Player, game: &str) -> Result<Answer, Failure> {
    player.sign_in().await?.launch(game).await
}

/// A game as staff sees it.
async fn known(platform: &Platform, game: &str) -> Result<Value, Failure> {
    let staff = platform.staff("support").await?;
    let all = staff.get("/v1/ops/games?limit=200").await?.must(200)?;
    let found = all.items()?.iter().find(|it| it["game_id"] == game).cloned();
    found.ok_or_else(|| Failure(format!("{game} is not known")))
}

#[tokio::test]
async fn a_new_game_is_hidden_until_it_is_certified_and_comes_back_as_it_was() -> Tested {
    const COMET: &str = "hub88-pit_comet";
    let platform = Platform::start()?;
    let player = verified(&platform, &platform.client(), Home::Malta).await?;
    let british = verified(&platform, &platform.client(), Home::Britain).await?;
    let before = ids(&player).await?;
    let synced = sync(&platform).await?;
    assert_eq!(synced["hub88"]["outcome"], "synced", "{synced}");
    assert_eq!((&synced["hub88"]["listed"], &synced["hub88"]["added"]), (&json!(9), &json!(4)), "{synced}");
    assert_eq!(ids(&player).await?, before, "nobody sees what staff has not seen");
    launch(&player, COMET).await?.must_be(404, "not_found")?;

    let compliance = platform.staff("compliance").await?;
    let waiting = compliance.get("/v1/ops/games?integration=hub88&uncertified=true").await?.must(200)?;
    let waiting: Vec<&Value> = waiting.items()?.iter().map(|it| &it["code"]).collect();
    assert_eq!(waiting, ["pit_border", "pit_comet", "pit_fog", "pit_pocket"]);
    let decided = decide(
        &compliance,
        COMET,
        json!({"jurisdictions": ["MT"], "name": "Comet of Gozo", "rtp": "94.20", "min_stake": "0.20",
            "reason": "MT-2026-118"}),
    );
    let decided = decided.await?.must(200)?;
    assert_eq!((decided.text("/name")?, decided.text("/listed/name")?), ("Comet of Gozo", "Comet"));
    let seen = lobby(&player, "").await?.into_iter().find(|it| it["game_id"] == COMET);
    let expected = json!({
        "game_id": COMET, "name": "Comet of Gozo", "integration": "hub88", "category": "Video Slots",
        "rtp": "94.20", "min_stake": "0.20", "max_stake": null, "features": null,
    });
    assert_eq!(seen, Some(expected));
    launch(&player, COMET).await?.must(201)?;

    restock(&platform, "hub88", json!({"without": ["pit_comet"]})).await?;
    assert_eq!(sync(&platform).await?["hub88"]["changed"], 1);
    assert!(!sees(&player, COMET).await?);
    launch(&player, COMET).await?.must_be(404, "not_found")?;
    assert_eq!(known(&platform, COMET).await?["listed"]["standing"], "gone");

    restock(&platform, "hub88", json!({})).await?;
    assert_eq!(sync(&platform).await?["hub88"]["changed"], 1);
    assert_eq!(sync(&platform).await?["hub88"]["changed"], 0, "what is unchanged is not written");
    let back = known(&platform, COMET).await?;
    assert_eq!(
        (&back["name"], &back["decided"]["certified"]["jurisdictions"]),
        (&json!("Comet of Gozo"), &json!(["MT"]))
    );
    launch(&player, COMET).await?.must(201)?;
    launch(&british, COMET).await?.must_be(404, "not_found")?;

    // Our word is taken back: the vendor's shows again.
    let compliance = platform.staff("compliance").await?;
    let bare = decide(&compliance, COMET, json!({"name": null, "jurisdictions": null})).await?.must(200)?;
    assert_eq!((bare.text("/name")?, &bare.body["offered"]), ("Comet", &json!(false)));
    assert!(!sees(&player, COMET).await?);
    Ok(())
}

#[tokio::test]
async fn what_vendors_exclude_is_neither_shown_nor_opened() -> Tested {
    let platform = Platform::start()?;
    let player = verified(&platform, &platform.client(), Home::Malta).await?;
    let british = verified(&platform, &platform.client(), Home::Britain).await?;
    sync(&platform).await?;
    let compliance = platform.staff("compliance").await?;
    let excluded = [
        ("hub88-pit_border", "country"),
        ("softswiss-pit_dollar", "currency"),
        ("hub88-pit_pocket", "device"),
    ];
    for (game, _) in excluded.into_iter().chain([("hub88-pit_fog", "disabled"), ("softswiss-pit_mines", "")])
    {
        let certificate = json!({"jurisdictions": ["MT", "GB"], "rtp": "95.00", "features": []});
        decide(&compliance, game, certificate).await?.must(200)?;
    }
    for (game, reason) in excluded {
        let refused = launch(&player, game).await?.must_be(403, "game_unavailable")?;
        assert_eq!(refused.text("/reason")?, reason, "{game}");
    }
    assert!(!sees(&player, "hub88-pit_border").await? && !sees(&player, "softswiss-pit_dollar").await?);
    let pocket = |games: Vec<Value>| games.iter().any(|it| it["game_id"] == "hub88-pit_pocket");
    assert!(pocket(lobby(&player, "").await?) && pocket(lobby(&player, "&device=mobile").await?));
    assert!(!pocket(lobby(&player, "&device=desktop").await?));
    player.sign_in().await?.get("/v1/games?device=fridge").await?.must_be(422, "validation_failed")?;
    launch(&player, "hub88-pit_fog").await?.must_be(404, "not_found")?;
    let mines = lobby(&player, "").await?.into_iter().find(|it| it["game_id"] == "softswiss-pit_mines");
    assert_eq!(mines.map(|it| it["rtp"].clone()), Some(json!("97.1")));
    launch(&player, "softswiss-pit_mines").await?.must(201)?;
    launch(&british, "hub88-pit_border").await?.must(201)?;
    forget_country(&platform, &player).await?;
    let refused = launch(&player, "hub88-pit_border").await?.must_be(403, "game_unavailable")?;
    assert_eq!(refused.text("/reason")?, "country", "the first entry tells");
    assert!(!sees(&player, "hub88-pit_border").await? && sees(&player, "softswiss-pit_mines").await?);
    Ok(())
}

/// Makes a player's account one of those that were opened before they kept the country.
async fn forget_country(platform: &Platform, player: &Player) -> Tested {
    let settings = Settings::new(platform.cloud().env().clone(), edge::Context::default());
    let remove = aws::dynamodb(&settings)
        .map_err(failed)?
        .update_item()
        .table_name(settings.get("LEDGER_TABLE").map_err(failed)?)
        .key("pk", AttributeValue::S(player.id.clone()))
        .key("sk", AttributeValue::S("ACCOUNT".to_owned()))
        .condition_expression("co = :malta")
        .expression_attribute_values(":malta", AttributeValue::S("MT".to_owned()))
        .update_expression("REMOVE co");
    remove.send().await.map_err(failed)?;
    Ok(())
}

#[tokio::test]
async fn what_a_jurisdictions_rules_forbid_is_neither_shown_nor_opened() -> Tested {
    const CRASH: &str = "softswiss-pit_crash";
    const COMET: &str = "hub88-pit_comet";
    let platform = Platform::start()?;
    let maltese = verified(&platform, &platform.client(), Home::Malta).await?;
    let british = verified(&platform, &platform.client(), Home::Britain).await?;
    let features = |games: Vec<Value>| {
        games.into_iter().find(|it| it["game_id"] == CRASH).map(|it| it["features"].clone())
    };
    // The settings know of a British build that plays no round by itself.
    assert_eq!(features(lobby(&maltese, "").await?), Some(json!(["autoplay"])));
    assert_eq!(features(lobby(&british, "").await?), Some(json!([])));
    launch(&british, CRASH).await?.must(201)?;
    let compliance = platform.staff("compliance").await?;
    let build = json!({"features_in": {"GB": ["turbo", "jackpot"]}, "reason": "GB-2026-7 was read again"});
    let decided = decide(&compliance, CRASH, build).await?.must(200)?;
    assert_eq!(decided.body["features_in"], json!({"GB": ["turbo", "jackpot"]}));
    assert_eq!(
        (&decided.body["features"], features(lobby(&british, "").await?)),
        (&json!(["autoplay"]), None)
    );
    let refused = launch(&british, CRASH).await?.must_be(403, "game_unavailable")?;
    assert_eq!(refused.text("/reason")?, "feature");
    assert!(refused.text("/detail")?.ends_with(": turbo"), "{refused:?}");
    launch(&maltese, CRASH).await?.must(201)?;
    decide(&compliance, CRASH, json!({"features_in": null})).await?.must(200)?;
    launch(&british, CRASH).await?.must(201)?;

    // What nobody said of a game does not pass where a rule asks for it.
    sync(&platform).await?;
    let compliance = platform.staff("compliance").await?;
    decide(&compliance, COMET, json!({"jurisdictions": ["MT", "GB"]})).await?.must(200)?;
    for (player, reason) in [(&maltese, "rtp"), (&british, "feature")] {
        assert!(!sees(player, COMET).await?);
        let refused = launch(player, COMET).await?.must_be(403, "game_unavailable")?;
        assert_eq!(refused.text("/reason")?, reason);
    }
    decide(&compliance, COMET, json!({"rtp": "84.99", "features": ["jackpot"]})).await?.must(200)?;
    launch(&british, COMET).await?.must(201)?;
    let refused = launch(&maltese, COMET).await?.must_be(403, "game_unavailable")?;
    assert!(refused.text("/detail")?.contains("85.00 %"), "{refused:?}");
    decide(&compliance, COMET, json!({"rtp": "85.00"})).await?.must(200)?;
    assert!(sees(&maltese, COMET).await?);
    launch(&maltese, COMET).await?.must(201)?;
    Ok(())
}

#[tokio::test]
async fn a_vendors_error_withdraws_nothing_and_keeps_nobody_back() -> Tested {
    let platform = Platform::start()?;
    let player = verified(&platform, &platform.client(), Home::Malta).await?;
    sync(&platform).await?;
    let all = ["pit_plinko", "pit_crash", "pit_mines", "pit_dollar"];
    restock(&platform, "softswiss", json!({"without": all})).await?;
    restock(&platform, "swipe", json!({"down": true})).await?;
    restock(&platform, "caleta", json!({"without": ["pit_keno"]})).await?;
    let synced = sync(&platform).await?;
    let outcomes = ["softswiss", "swipe", "caleta", "hub88"].map(|it| synced[it]["outcome"].clone());
    assert_eq!(outcomes, ["implausible", "failed", "synced", "synced"], "{synced}");
    assert!(sees(&player, "softswiss-pit_plinko").await? && sees(&player, "swipe-pit_catch").await?);
    assert!(!sees(&player, "caleta-pit_keno").await?);
    // Three of four are gone for good: a person says that it is meant.
    restock(&platform, "softswiss", json!({"without": all[1..]})).await?;
    assert_eq!(sync(&platform).await?["softswiss"]["outcome"], "implausible");
    platform.clock().forward(A_WHILE);
    let meant = platform.invoke("CatalogueSyncFunction", json!({"accept": ["softswiss"]})).await?;
    assert_eq!(meant["softswiss"]["changed"], 3, "{meant}");
    assert!(sees(&player, "softswiss-pit_plinko").await? && !sees(&player, "softswiss-pit_crash").await?);
    Ok(())
}

#[tokio::test]
async fn syncs_and_staff_at_once_lose_nothing_and_vendors_are_asked_once() -> Tested {
    const MINES: &str = "softswiss-pit_mines";
    let platform = Platform::start()?;
    sync(&platform).await?;
    restock(&platform, "softswiss", json!({"without": ["pit_mines"]})).await?;
    platform.clock().forward(A_WHILE);
    let staff = platform.staff("admin").await?;
    let decisions = [
        json!({"name": "Our Mines"}),
        json!({"category": "instant"}),
        json!({"min_stake": "0.50"}),
        json!({"jurisdictions": ["MT"]}),
    ];
    let syncs = try_join_all((0..4).map(|_| platform.invoke("CatalogueSyncFunction", json!({}))));
    let decided = try_join_all(decisions.map(|it| decide(&staff, MINES, it)));
    let (syncs, decided) = futures::future::try_join(syncs, decided).await?;
    for answer in decided {
        answer.must(200)?;
    }
    for vendor in ["caleta", "hub88", "softswiss", "swipe"] {
        let mut outcomes: Vec<&str> = syncs.iter().filter_map(|it| it[vendor]["outcome"].as_str()).collect();
        outcomes.sort_unstable();
        assert_eq!(outcomes, ["synced", "too_soon", "too_soon", "too_soon"], "{vendor}");
    }
    let mines = known(&platform, MINES).await?;
    assert_eq!(mines["listed"]["standing"], "gone", "{mines}");
    let expected = json!({
        "name": "Our Mines", "category": "instant", "rtp": null, "min_stake": "0.50", "max_stake": null,
        "certified": {"everywhere": false, "jurisdictions": ["MT"]}, "features": null, "features_in": {},
        "offered": null,
    });
    assert_eq!(mines["decided"], expected);
    Ok(())
}

#[tokio::test]
async fn staff_decides_by_role_and_what_is_pulled_takes_no_stakes() -> Tested {
    const DICE: &str = "hub88-pit_dice";
    let platform = Platform::start()?;
    let table = Table::open(&platform, ("hub88", "pit_dice"), "50.00").await?;
    let bet = || table.bet(&journeys::Round::new(150_000));
    assert_eq!(table.send(&bet()).await?.verdict, Verdict::Done);
    table.player.get("/v1/ops/games").await?.must_be(403, "forbidden")?;
    platform.staff("payments").await?.get("/v1/ops/games").await?.must_be(403, "forbidden")?;
    decide(&platform.staff("support").await?, DICE, json!({})).await?.must_be(403, "forbidden")?;
    let marketing = platform.staff("marketing").await?;
    let named = decide(&marketing, DICE, json!({"name": "Dice of Valletta"})).await?.must(200)?;
    assert_eq!(named.text("/agreed/name")?, "Pit Dice");
    for certificate in [json!({"offered": false}), json!({"features": []}), json!({"rtp": "97.00"})] {
        decide(&marketing, DICE, certificate).await?.must_be(403, "forbidden")?;
    }
    let compliance = platform.staff("compliance").await?;
    for wrong in [
        json!({"jurisdictions": ["ATLANTIS"]}),
        json!({"max_stake": "0.01"}),
        json!({"min_stake": "-1"}),
        json!({"name": ""}),
        json!({"features": ["telepathy"]}),
        json!({"features_in": {"ATLANTIS": []}}),
        json!({"rtp": "100.1"}),
    ] {
        decide(&compliance, DICE, wrong).await?.must_be(422, "validation_failed")?;
    }
    decide(&compliance, "hub88-nothing", json!({"offered": false})).await?.must_be(404, "not_found")?;
    let other = compliance.get("/v1/ops/games?limit=1").await?.must(200)?;
    let path = format!("/v1/ops/games?integration=valkyrie&cursor={}", other.text("/next_cursor")?);
    compliance.get(&path).await?.must_be(422, "validation_failed")?;

    decide(&compliance, DICE, json!({"offered": false, "reason": "it pays twice"})).await?.must(200)?;
    assert!(!sees(&table.player, DICE).await?);
    launch(&table.player, DICE).await?.must_be(404, "not_found")?;
    platform.clock().forward(Duration::from_secs(11));
    // The process that saw the game a moment ago asks again while it answers.
    table.send(&bet()).await?;
    let late = table.send(&bet()).await?;
    assert_eq!(late.verdict.word(), "RS_ERROR_INVALID_GAME", "{late:?}");
    decide(&compliance, DICE, json!({"offered": null})).await?.must(200)?;
    assert_eq!(table.send(&bet()).await?.verdict, Verdict::Done);
    Ok(())
}

#[tokio::test]
async fn a_vendor_that_fails_is_left_alone_and_tried_again() -> Tested {
    let platform = Platform::start()?;
    let player = verified(&platform, &platform.client(), Home::Malta).await?;
    let wait = |answer: &Answer| answer.headers["retry-after"].to_str().unwrap().parse::<i64>().unwrap();
    restock(&platform, "swipe", json!({"down": true})).await?;
    // A sign-in is an entry, too: there is one for all launches.
    let signed_in = player.sign_in().await?;
    let version = player.version().await?;
    for _ in 0..3 {
        let down = signed_in.launch("swipe-pit_catch").await?.must_be(503, "unavailable")?;
        assert_eq!(wait(&down), 1);
    }
    let after = player.version().await?;
    assert_eq!(after, version + 3, "sessions are written before a vendor hears of them");
    let resting = signed_in.launch("swipe-pit_catch").await?.must_be(503, "unavailable")?;
    assert!((20..=31).contains(&wait(&resting)), "{resting:?}");
    assert_eq!(player.version().await?, after, "nothing is written for a vendor that is left alone");
    signed_in.launch("hub88-pit_dice").await?.must(201)?;

    platform.clock().forward(Duration::from_secs(31));
    let tried = signed_in.launch("swipe-pit_catch").await?.must_be(503, "unavailable")?;
    assert_eq!(wait(&tried), 1, "the vendor was asked");
    let resting = signed_in.launch("swipe-pit_catch").await?.must_be(503, "unavailable")?;
    assert!(wait(&resting) > 1, "and is left alone again");
    restock(&platform, "swipe", json!({})).await?;
    platform.clock().forward(Duration::from_secs(31));
    for _ in 0..2 {
        signed_in.launch("swipe-pit_catch").await?.must(201)?;
    }
    // Who refuses is up.
    restock(&platform, "swipe", json!({"without": ["pit_catch"]})).await?;
    for _ in 0..4 {
        assert_eq!(wait(&signed_in.launch("swipe-pit_catch").await?.must(503)?), 1);
    }
    signed_in.launch("swipe-pit_swipe").await?.must(201)?;
    Ok(())
}

#[tokio::test]
async fn no_stake_is_above_what_the_game_takes_but_for_those_from_before() -> Tested {
    let platform = Platform::start()?;
    let staff = platform.staff("compliance").await?;
    // Swipe's stakes name no game.
    let naming = VENDORS.into_iter().filter(|(name, _)| *name != "swipe");
    for ((name, code), refusal) in naming.zip([
        "RS_ERROR_BET_LIMIT_EXCEEDED",
        "CASINO_LIMIT_EXCEEDED_STAKE",
        "RS_ERROR_LIMIT_REACHED",
        "106",
        "PAM_ERR_BET_NOT_ALLOWED",
    ]) {
        let table = Table::open(&platform, (name, code), "50.00").await?;
        let large = table.bet(&Round::new(1_000_000));
        assert_eq!(table.send(&large).await?.balance, Some(4_000_000), "{name}");
        let game = format!("{name}-{}", code.replace(':', "%3A"));
        decide(&staff, &game, json!({"min_stake": "0.10", "max_stake": "5.00"})).await?.must(200)?;
        platform.clock().forward(A_MOMENT);
        // While the limit is asked for again, play goes on.
        assert_eq!(table.send(&table.bet(&Round::new(100_000))).await?.verdict, Verdict::Done, "{name}");

        let beyond = table.bet(&Round::new(500_001));
        for _ in 0..2 {
            let heard = table.send(&beyond).await?;
            assert_eq!(heard.verdict, Verdict::Refused(refusal.to_owned()), "{name}: {heard:?}");
            assert!(matches!(heard.balance, Some(3_900_000) | None), "{name}: {heard:?}");
        }
        let again = table.send(&large).await?;
        assert_eq!((again.verdict, again.balance.is_some()), (Verdict::Done, true), "{name}");
        assert_eq!(table.send(&table.bet(&Round::new(500_000))).await?.verdict, Verdict::Done, "{name}");
        assert_eq!(table.player.cash().await?, "34.00", "{name}");
    }
    // There the session keeps what the game took when it was opened.
    let decision = json!({"min_stake": "0.10", "max_stake": "5.00"});
    decide(&staff, "swipe-pit_catch", decision).await?.must(200)?;
    let table = Table::open(&platform, ("swipe", "pit_catch"), "50.00").await?;
    let heard = table.send(&table.bet(&Round::new(510_000))).await?;
    assert_eq!(heard.verdict, Verdict::Refused("bet_limit".to_owned()), "{heard:?}");
    assert_eq!(table.send(&table.bet(&Round::new(500_000))).await?.verdict, Verdict::Done);
    assert_eq!(table.player.cash().await?, "45.00");
    Ok(())
}
