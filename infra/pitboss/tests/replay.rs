//! What an operator does after a day of calls: looks at what vendors really said, and sends it again over HTTP.

use std::process::Output;

use journeys::{
    Failure, Home, Platform, Round, Table, Tested, VENDORS, balances, eventually, failed, verified,
};
use tokio::process::Command;

/// As many calls as are written at once.
const A_BATCH: usize = 25;

/// Calls that move nothing, where vendors have a path of their own for them.
const QUESTIONS: [&str; 2] = ["/check ", "/balance "];

/// The program as an operator types it, against a running platform.
async fn pitboss(platform: &Platform, arguments: &[&str]) -> Result<Output, Failure> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pitboss"));
    command.envs(platform.cloud().env()).args(arguments).current_dir(Platform::root());
    command.output().await.map_err(failed)
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// How many exchanges are shown.
async fn shown(platform: &Platform, arguments: &[&str]) -> Result<usize, Failure> {
    let typed: Vec<&str> = ["exchanges", "--limit", "1000"].iter().chain(arguments).copied().collect();
    let output = pitboss(platform, &typed).await?;
    if !output.status.success() {
        return Err(Failure(text(&output)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).lines().count())
}

/// Whatever shows that something moved: what the player has, and each transaction.
async fn books(table: &Table) -> Result<([String; 2], String), Failure> {
    let transactions = table.player.get("/v1/wallet/transactions?limit=100").await?.must(200)?;
    Ok((balances(&table.player).await?, transactions.body.to_string()))
}

/// A round whose stake is said twice and that gives it back, so that who asks for the balance hears what they heard
/// before it; and the same stake again until all is written.
async fn plays(platform: &Platform, vendor: (&str, &str)) -> Result<Table, Failure> {
    let table = Table::open(platform, vendor, "50.00").await?;
    let round = Round::new(200_000);
    table.send(&table.bet(&round)).await?;
    table.send(&table.bet(&round)).await?;
    table.send(&table.win(&round, 200_000)).await?;
    for _ in 0..A_BATCH {
        table.send(&table.bet(&round)).await?;
    }
    let of_player = ["--vendor", vendor.0, "--player", &table.player.id];
    eventually("the exchanges are kept", || async {
        Ok((shown(platform, &of_player).await? >= A_BATCH).then_some(()))
    })
    .await?;
    Ok(table)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_games_said_is_answered_the_same_and_moves_nothing_twice() -> Tested {
    let platform = Platform::start()?;
    let url = platform.client().url().to_owned();
    for vendor in VENDORS {
        let table = plays(&platform, vendor).await?;
        let before = books(&table).await?;
        assert_eq!(before.0, ["50.00", "0.00"], "{vendor:?}");
        // The session's token is hidden wherever a vendor puts it; the operator knows it.
        let token = &table.session.opening.token;
        let values: Vec<String> = ["token", "sid", "session_id", "sessionID", "x-player-token"]
            .iter()
            .map(|name| format!("{name}={token}"))
            .collect();
        let mut typed =
            vec!["replay", "--all", "--to", &url, "--vendor", vendor.0, "--player", &table.player.id];
        typed.extend(values.iter().flat_map(|value| ["--set", value]));
        let replayed = pitboss(&platform, &typed).await?;
        let said = text(&replayed);
        let lines =
            |ending: &str| -> Vec<&str> { said.lines().filter(|line| line.ends_with(ending)).collect() };
        let (same, otherwise) = (lines(" same"), lines(" differs"));
        assert!(same.len() >= A_BATCH - 2, "{vendor:?}: {said}");
        // A token that is exchanged once more is another one: who asks with it is told so.
        let is_question = |line: &&str| QUESTIONS.iter().any(|path| line.contains(path));
        assert!(otherwise.iter().all(is_question), "{vendor:?}: {said}");
        let expected = i32::from(!otherwise.is_empty());
        assert_eq!(replayed.status.code(), Some(expected), "{vendor:?}: {said}");
        assert_eq!(books(&table).await?, before, "{vendor:?}: nothing moved twice");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stage_that_knows_nothing_answers_otherwise_and_the_operator_is_told() -> Tested {
    let (platform, stage) = (Platform::start()?, Platform::start()?);
    let table = plays(&platform, VENDORS[2]).await?;
    let to = stage.client().url().to_owned();
    let typed = ["replay", "--vendor", "hub88", "--player", &table.player.id, "--to", &to];
    let replayed = pitboss(&platform, &typed).await?;
    let said = text(&replayed);
    assert_eq!(replayed.status.code(), Some(1), "{said}");
    assert!(said.contains(" differs\n") && said.contains("1 sent again, 1 answered otherwise"), "{said}");

    let nobody = "ply_01HZX3M2T9QK4V7W8Y6N5R1ABC";
    let nothing =
        pitboss(&platform, &["replay", "--vendor", "hub88", "--player", nobody, "--to", &to]).await?;
    assert_eq!(nothing.status.code(), Some(2));
    assert!(text(&nothing).contains("no such exchange"), "{}", text(&nothing));
    assert_eq!(shown(&platform, &["--vendor", "hub88", "--player", nobody]).await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn verdicts_said_again_change_nothing_and_payments_are_left_to_their_providers() -> Tested {
    let platform = Platform::start()?;
    let player = verified(&platform, &platform.client(), Home::Malta).await?;
    let before = player.get("/v1/kyc/verifications/current").await?.must(200)?.body;
    // Somebody who does not know the key: it is kept, and never vouched for.
    let forged = platform.sumsub()?.verdict(&player.id, "RED", Some("FINAL"));
    let call = journeys::SumsubSide::unsigned(&forged).header("x-payload-digest", &"0".repeat(64));
    platform.client().send(call).await?.must(401)?;
    let today = domain::Timestamp::to_string(&edge::Clock::now(&edge::SystemClock));
    let (day, url) = (&today[..10], platform.client().url().to_owned());
    assert_eq!(shown(&platform, &["--vendor", "sumsub", "--day", day]).await?, 3);
    let typed = ["replay", "--all", "--vendor", "sumsub", "--day", day, "--to", &url];
    let replayed = pitboss(&platform, &typed).await?;
    let said = text(&replayed);
    assert_eq!(replayed.status.code(), Some(0), "{said}");
    assert!(said.contains("2 sent again, 0 answered otherwise"), "{said}");
    assert_eq!(player.get("/v1/kyc/verifications/current").await?.must(200)?.body, before);

    let adyen = platform.adyen()?;
    adyen.notify(vec![adyen.authorisation("order-1", 5_000, "EUR")]).await?.must(200)?;
    let refused = pitboss(&platform, &["replay", "--vendor", "adyen", "--day", day, "--to", &url]).await?;
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused).contains("cannot be signed anew"), "{}", text(&refused));
    let all =
        pitboss(&platform, &["replay", "--all", "--vendor", "adyen", "--day", day, "--to", &url]).await?;
    assert_eq!(all.status.code(), Some(2), "{}", text(&all));
    Ok(())
}
