//! Every game vendor through its own protocol: whole rounds, twice, in the wrong order, too dear, forged.

use journeys::{Platform, Player, Round, Table, Tested, VENDORS, Verdict, WalletCall};
use serde_json::{Value, json};

/// 1.50 and 4.00, in hundred-thousandths.
const STAKE: i64 = 150_000;
const WINNINGS: i64 = 400_000;

/// What a statement says, oldest first: kind and amount of each line after the deposit.
async fn lines(player: &Player) -> Result<Vec<(String, String)>, journeys::Failure> {
    let text = |line: &Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
    let lines = player.statement().await?;
    let lines = lines.iter().rev().map(|line| (text(line, "type"), text(line, "amount")));
    Ok(lines.filter(|(kind, _)| kind != "deposit").collect())
}

fn expected(lines: &[(&str, &str)]) -> Vec<(String, String)> {
    lines.iter().map(|(kind, amount)| ((*kind).to_owned(), (*amount).to_owned())).collect()
}

fn code(verdict: &Verdict) -> &str {
    verdict.word()
}

#[tokio::test]
async fn a_round_is_staked_and_won_once_however_often_it_is_told() -> Tested {
    let platform = Platform::shared()?;
    for vendor in VENDORS {
        let table = Table::open(platform, vendor, "50.00").await?;
        assert_eq!(table.told().await?, Some(5_000_000), "{vendor:?}");
        let round = Round::new(STAKE);
        let bet = table.bet(&round);
        for _ in 0..3 {
            let heard = table.send(&bet).await?;
            assert_eq!(heard.verdict, Verdict::Done, "{vendor:?}: {heard:?}");
            assert_eq!(heard.balance, Some(4_850_000), "{vendor:?}: {heard:?}");
        }
        let win = table.win(&round, WINNINGS);
        for _ in 0..3 {
            let heard = table.send(&win).await?;
            assert_eq!(heard.verdict, Verdict::Done, "{vendor:?}: {heard:?}");
            assert_eq!(heard.balance, Some(5_250_000), "{vendor:?}: {heard:?}");
        }
        let heard = table.send(&bet).await?;
        assert_eq!(heard.verdict, Verdict::Done, "{vendor:?}: the bet again, after its win: {heard:?}");
        assert_eq!(table.told().await?, Some(5_250_000), "{vendor:?}");
        assert_eq!(lines(&table.player).await?, expected(&[("bet", "-1.50"), ("win", "4.00")]), "{vendor:?}");
        assert_eq!(table.player.cash().await?, "52.50", "{vendor:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_lost_round_costs_its_stake() -> Tested {
    let platform = Platform::shared()?;
    for vendor in VENDORS {
        let table = Table::open(platform, vendor, "10.00").await?;
        let round = Round::new(STAKE);
        table.send(&table.bet(&round)).await?;
        let heard = table.send(&table.win(&round, 0)).await?;
        assert_eq!((&heard.verdict, heard.balance), (&Verdict::Done, Some(850_000)), "{vendor:?}: {heard:?}");
        assert_eq!(table.player.cash().await?, "8.50", "{vendor:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_stake_is_given_back_once_and_stays_undone() -> Tested {
    let platform = Platform::shared()?;
    for vendor in VENDORS {
        let table = Table::open(platform, vendor, "50.00").await?;
        let round = Round::new(STAKE);
        let (bet, rollback) = (table.bet(&round), table.rollback(&round));
        table.send(&bet).await?;
        let undone = table.send(&rollback).await?;
        assert_eq!(
            (&undone.verdict, undone.balance),
            (&Verdict::Done, Some(5_000_000)),
            "{vendor:?}: {undone:?}"
        );
        let again = table.send(&rollback).await?;
        assert_eq!(again.verdict, Verdict::Done, "{vendor:?}: {again:?}");
        // Another rollback of the same: accepted or refused by the protocol, and nothing moves.
        table.send(&table.rollback(&round)).await?;
        let late = table.send(&table.win(&round, WINNINGS)).await?;
        if vendor.0 != "softswiss" && vendor.0 != "swipe" {
            assert_ne!(
                table.player.cash().await?,
                "54.00",
                "{vendor:?}: winnings of a bet that was undone: {late:?}"
            );
            assert_eq!(
                lines(&table.player).await?,
                expected(&[("bet", "-1.50"), ("rollback", "1.50")]),
                "{vendor:?}"
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_stake_that_was_undone_before_it_came_is_never_taken() -> Tested {
    let platform = Platform::shared()?;
    for (vendor, refusal) in VENDORS.into_iter().zip([
        "RS_ERROR_TRANSACTION_ROLLED_BACK",
        "FINAL_ERROR_ACTION_FAILED",
        "RS_ERROR_TRANSACTION_ROLLED_BACK",
        "409",
        "This is not possible.",
        "PAM_ERR_BET_NOT_ALLOWED",
    ]) {
        let table = Table::open(platform, vendor, "50.00").await?;
        let round = Round::new(STAKE);
        let early = table.send(&table.rollback(&round)).await?;
        assert_eq!(early.answer.status, 200, "{vendor:?}: {early:?}");
        for _ in 0..2 {
            let late = table.send(&table.bet(&round)).await?;
            assert_eq!(code(&late.verdict), refusal, "{vendor:?}: {late:?}");
        }
        assert_eq!(table.told().await?, Some(5_000_000), "{vendor:?}");
        assert_eq!(lines(&table.player).await?, [], "{vendor:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_stake_beyond_the_balance_is_refused_with_it_and_can_be_tried_again() -> Tested {
    let platform = Platform::shared()?;
    for (vendor, refusal) in VENDORS.into_iter().zip([
        "RS_ERROR_NOT_ENOUGH_MONEY",
        "INSUFFICIENT_FUNDS",
        "RS_ERROR_NOT_ENOUGH_MONEY",
        "100",
        "insufficient_funds",
        "PAM_ERR_CASH_OVERDRAFT",
    ]) {
        let table = Table::open(platform, vendor, "10.00").await?;
        let round = Round::new(1_000_001);
        for _ in 0..2 {
            let heard = table.send(&table.bet(&round)).await?;
            assert_eq!(heard.verdict, Verdict::Refused(refusal.to_owned()), "{vendor:?}: {heard:?}");
            assert!(matches!(heard.balance, Some(1_000_000) | None), "{vendor:?}: {heard:?}");
        }
        assert_eq!(table.player.cash().await?, "10.00", "{vendor:?}");
        let all = Round { stake: 1_000_000, ..Round::new(0) };
        assert_eq!(table.send(&table.bet(&all)).await?.balance, Some(0), "{vendor:?}");
        assert_eq!(lines(&table.player).await?, expected(&[("bet", "-10.00")]), "{vendor:?}");
    }
    Ok(())
}

#[tokio::test]
async fn nobody_but_the_vendor_is_believed() -> Tested {
    let platform = Platform::shared()?;
    for (vendor, (status, refusal)) in VENDORS.into_iter().zip([
        (200, "RS_ERROR_INVALID_SIGNATURE"),
        (401, "INVALID_TOKEN_ID"),
        (200, "RS_ERROR_INVALID_SIGNATURE"),
        (400, "403"),
        (401, "The signature does not match."),
        (401, "PAM_ERR_API_TOKEN"),
    ]) {
        let table = Table::open(platform, vendor, "10.00").await?;
        let version = table.player.version().await?;
        let round = Round::new(STAKE);
        for call in [table.bet(&round), table.win(&round, WINNINGS), table.rollback(&round), table.balance()]
        {
            let heard = table.vendor.send_forged(&call).await?;
            assert_eq!(
                (heard.answer.status, code(&heard.verdict)),
                (status, refusal),
                "{vendor:?}: {heard:?}"
            );
        }
        assert_eq!(table.player.version().await?, version, "{vendor:?}");
    }
    Ok(())
}

/// A call with another value in its body.
fn with(call: &WalletCall, pointer: &str, value: Value) -> WalletCall {
    let mut call = call.clone();
    *call.body.pointer_mut(pointer).unwrap() = value;
    call
}

#[tokio::test]
async fn a_game_or_currency_that_is_none_of_ours_is_called_so() -> Tested {
    let platform = Platform::shared()?;
    // Swipe Games names neither: the session tells both.
    for (name, game, currency) in [
        ("caleta", ("/game_code", "RS_ERROR_INVALID_GAME"), ("/currency", "RS_ERROR_WRONG_CURRENCY")),
        ("evolution", ("/game/details/table/id", "INVALID_PARAMETER"), ("/currency", "INVALID_PARAMETER")),
        ("hub88", ("/game_code", "RS_ERROR_INVALID_GAME"), ("/currency", "RS_ERROR_WRONG_CURRENCY")),
        ("softswiss", ("/game_id", "404"), ("/currency", "154")),
        ("valkyrie", ("/providerGameId", "PAM_ERR_GAME_NOT_FOUND"), ("/currency", "PAM_ERR_TRANS_CURRENCY")),
    ] {
        let vendor = VENDORS.into_iter().find(|(known, _)| *known == name).unwrap();
        let table = Table::open(platform, vendor, "10.00").await?;
        let version = table.player.version().await?;
        let bet = table.bet(&Round::new(STAKE));
        for ((pointer, refusal), value) in [(game, "no_such_game"), (currency, "USD"), (currency, "ZZZ")] {
            let heard = table.send(&with(&bet, pointer, json!(value))).await?;
            assert_eq!(code(&heard.verdict), refusal, "{name} {value}: {heard:?}");
        }
        assert_eq!(table.player.version().await?, version, "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn an_id_is_not_used_for_two_stakes() -> Tested {
    let platform = Platform::shared()?;
    for (vendor, refusal) in VENDORS.into_iter().zip([
        "RS_ERROR_DUPLICATE_TRANSACTION",
        "INVALID_PARAMETER",
        "RS_ERROR_DUPLICATE_TRANSACTION",
        "400",
        "This is not possible.",
        "PAM_ERR_DUPLICATE_TRANS",
    ]) {
        let table = Table::open(platform, vendor, "10.00").await?;
        let round = Round::new(STAKE);
        table.send(&table.bet(&round)).await?;
        let heard = table.send(&table.bet(&Round { stake: 2 * STAKE, ..round })).await?;
        assert_eq!(code(&heard.verdict), refusal, "{vendor:?}: {heard:?}");
        assert_eq!(table.player.cash().await?, "8.50", "{vendor:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_vendor_opens_games_of_players_and_takes_their_stakes_until_the_token_changes() -> Tested {
    let platform = Platform::shared()?;
    for vendor in VENDORS {
        let mut table = Table::open(platform, vendor, "10.00").await?;
        // At most one exchange of each token, and a repeat gets the same one.
        let Some(check) = table.vendor.protocol().check(&table.session) else { continue };
        let (first, second) = (table.send(&check).await?, table.send(&check).await?);
        let exchanged = |heard: &journeys::Heard| table.vendor.protocol().exchanged(&heard.answer.body);
        let next = exchanged(&first).unwrap();
        assert_eq!(exchanged(&second).as_ref(), Some(&next), "{vendor:?}");
        let old = table.send(&table.bet(&Round::new(STAKE))).await?;
        assert!(matches!(old.verdict, Verdict::Refused(_)), "{vendor:?}: {old:?}");
        table.session.opening.token = next;
        let new = table.send(&table.bet(&Round::new(STAKE))).await?;
        assert_eq!((&new.verdict, new.balance), (&Verdict::Done, Some(850_000)), "{vendor:?}: {new:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_person_can_play_every_vendor_in_the_browser_while_it_misbehaves() -> Tested {
    let platform = Platform::start()?;
    let client = platform.client();
    for (name, game) in VENDORS {
        let table = Table::open(&platform, (name, game), "50.00").await?;
        let launched =
            table.player.launch(&format!("{name}-{}", game.replace(':', "%3A"))).await?.must(201)?;
        let url = launched.text("/launch_url")?;
        client.send(journeys::Call::get(url)).await?.must(200)?;
        let (_, session) = url.split_once("session=").unwrap();
        let api = |path: &str, body: Value| {
            client.send(journeys::Call::post(format!("/sandbox/{name}/{path}")).json(&body))
        };
        api("api/open", json!({"session": session})).await?.must(200)?;
        let mut cash = 5_000_000;
        for (mischief, plays) in [
            (json!({}), true),
            (json!({"duplicate": 2}), true),
            (json!({"reorder": true}), false),
            (json!({"wrong_signature": true}), false),
            (json!({"drop": "calls"}), false),
        ] {
            api("mischief", mischief.clone()).await?.must(200)?;
            let roll = json!({"session": session, "stake": 100_000, "pick": "low"});
            let rolled = api("api/roll", roll).await?.must(200)?;
            if plays {
                cash += rolled
                    .number("/won")
                    .map_err(|_| journeys::Failure(format!("{name} {mischief}: {rolled:?}")))?
                    - 100_000;
                assert_eq!(rolled.number("/balance")?, cash, "{name} {mischief}: {rolled:?}");
            }
            assert_eq!(table.told().await?, Some(cash), "{name} {mischief}: {rolled:?}");
        }
        api("mischief", json!({})).await?.must(200)?;
        let roll = json!({"session": session, "stake": 100_000, "pick": "low"});
        cash += api("api/roll", roll).await?.must(200)?.number("/won")? - 100_000;
        let again = api("api/repeat", json!({"session": session})).await?.must(200)?;
        assert_eq!(again.number("/balance")?, cash, "{name}: {again:?}");
        api("api/rollback", json!({"session": session})).await?.must(200)?;
    }
    Ok(())
}
