//! Statements: in every form, for every period, opening balances and entries make closing balances.

use std::time::Duration;

use domain::adjustment::{Adjust, Cause};
use domain::{Command, Digest, EntryKey, MOST_IN_A_BATCH, Money, Timestamp};
use edge::{Settings, Stores};
use journeys::{Answer, Call, Failure, Home, Platform, Player, Tested, failed, fresh_id, opened, status};
use serde_json::{Value, json};

const STATEMENT: &str = "/v1/wallet/statement";
const BALANCES: [&str; 4] = ["cash", "bonus", "held", "receivable"];
/// As many entries as one answer tells of at most.
const MOST: usize = 10_000;

fn units(amount: &Value) -> i64 {
    let amount: Money = format!("{} EUR", amount.as_str().unwrap()).parse().unwrap();
    amount.units()
}

fn balances(of: &Value) -> [i64; 4] {
    BALANCES.map(|name| units(&of[name]))
}

fn text(answer: &Answer) -> &str {
    std::str::from_utf8(&answer.bytes).unwrap()
}

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

/// A player of Malta who paid in 50.00, staked, won, had a stake given back, and was paid 20.00.
async fn paid_out(platform: &Platform) -> Result<Player, Failure> {
    let hub88 = platform.hub88()?;
    let (player, game) = opened(platform, Home::Malta, "50.00").await?;
    let (bet, undone) = (game.bet(1_000_000), game.bet(500_000));
    hub88.bet(&bet).await?;
    hub88.win(&game.win(&bet, 250_000)).await?;
    hub88.bet(&undone).await?;
    hub88.rollback(&game.rollback(&undone)).await?;
    let lost = game.bet(1);
    hub88.bet(&lost).await?;
    hub88.win(&game.win(&lost, 0)).await?;
    let asked = player.withdraw("20.00", &fresh_id()).await?.must(201)?;
    let withdrawal = asked.text("/withdrawal_id")?;
    platform.staff("payments").await?.approve(withdrawal).await?.must(200)?;
    status(&player, &format!("/v1/withdrawals/{withdrawal}"), "paid").await?;
    Ok(player)
}

/// The pages of a period, each of which adds up, and goes on where the one before it ended.
async fn pages(player: &Player, query: &str) -> Result<Vec<Value>, Failure> {
    let mut pages: Vec<Value> = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = player.get(&format!("{STATEMENT}?{query}{cursor}")).await?.must(200)?.body;
        let mut after = balances(&page["brought_forward"]);
        match pages.last() {
            None => assert_eq!(page["opening"], page["brought_forward"]),
            Some(before) => {
                assert_eq!((&page["opening"], &before["closing"]), (&Value::Null, &Value::Null));
                assert_eq!(page["brought_forward"], before["carried_forward"]);
            }
        }
        for item in page["items"].as_array().unwrap() {
            let change = balances(&item["change"]);
            assert_eq!(units(&item["amount"]), change[0] + change[1], "{item}");
            for (at, change) in after.iter_mut().zip(change) {
                *at += change;
            }
            assert_eq!(BALANCES.map(|name| units(&item[format!("{name}_after")])), after, "{item}");
        }
        assert_eq!(balances(&page["carried_forward"]), after);
        let next = page["next_cursor"].as_str().map(|next| format!("&cursor={next}"));
        pages.push(page);
        match next {
            Some(next) => cursor = next,
            None => break,
        }
    }
    let last = pages.last().unwrap();
    assert_eq!(last["closing"], last["carried_forward"]);
    Ok(pages)
}

fn items(pages: &[Value]) -> Vec<Value> {
    pages.iter().flat_map(|page| page["items"].as_array().unwrap().clone()).collect()
}

#[tokio::test]
async fn opening_and_entries_make_closing_however_it_is_paged() -> Tested {
    let player = paid_out(Platform::shared()?).await?;
    let whole = pages(&player, "").await?;
    let [page] = whole.as_slice() else { panic!("one page: {whole:?}") };
    let types: Vec<&str> =
        page["items"].as_array().unwrap().iter().map(|it| it["type"].as_str().unwrap()).collect();
    let expected = ["deposit", "bet", "win", "bet", "rollback", "bet", "withdrawal", "withdrawal_paid"];
    assert_eq!(types, expected, "a lost round moves nothing");
    assert_eq!(
        page["opening"],
        json!({"cash": "0.00", "bonus": "0.00", "held": "0.00", "receivable": "0.00"})
    );
    assert_eq!(
        page["closing"],
        json!({"cash": "22.49999", "bonus": "0.00", "held": "0.00", "receivable": "0.00"})
    );
    let held: Vec<&Value> =
        page["items"].as_array().unwrap().iter().map(|it| &it["change"]["held"]).collect();
    assert_eq!(held[6..], ["20.00", "-20.00"]);
    assert_eq!((&page["player_id"], &page["brand"]), (&json!(player.id), &json!("demo")));
    assert_eq!(page["period"]["time_zone"], "Europe/Malta");
    let bets = page["subtotals"].as_array().unwrap().iter().find(|it| it["type"] == "bet").unwrap();
    assert_eq!((&bets["entries"], &bets["amount"]), (&json!(3), &json!("-15.00001")));

    for limit in [1, 2, 3, 7] {
        let paged = pages(&player, &format!("limit={limit}")).await?;
        assert_eq!(paged.len(), expected.len().div_ceil(limit), "no page is empty");
        assert_eq!(items(&paged), items(&whole));
    }
    Ok(())
}

#[tokio::test]
async fn the_file_and_the_page_say_the_same() -> Tested {
    let player = paid_out(Platform::shared()?).await?;
    let page = pages(&player, "").await?.remove(0);

    let accepting = Call::get(STATEMENT).header("accept", "text/csv");
    let file = player.send(accepting).await?.must(200)?;
    assert!(header(&file, "content-type").starts_with("text/csv"));
    assert!(header(&file, "content-disposition").starts_with("attachment; filename=\"statement-"));
    let rows: Vec<Vec<&str>> = text(&file).split("\r\n").map(|row| row.split(',').collect()).collect();
    let place = |column: &str| rows[0].iter().position(|it| *it == column).unwrap();
    let of = |record: &'static str| rows.iter().filter(move |row| row[0] == record);
    for (row, item) in of("entry").zip(page["items"].as_array().unwrap()) {
        for column in ["type", "transaction_id", "at", "amount", "cash_after", "held_after"] {
            assert_eq!(row[place(column)], item[column].as_str().unwrap());
        }
        for balance in BALANCES {
            assert_eq!(row[place(balance)], item["change"][balance].as_str().unwrap());
        }
    }
    assert_eq!(of("entry").count(), page["items"].as_array().unwrap().len());
    for (record, balances) in [("opening", &page["opening"]), ("closing", &page["closing"])] {
        let row = of(record).next().unwrap();
        for balance in BALANCES {
            assert_eq!(row[place(&format!("{balance}_after"))], balances[balance].as_str().unwrap());
        }
    }

    let shown = player.send(Call::get(STATEMENT).header("accept", "text/html,*/*;q=0.8")).await?.must(200)?;
    assert_eq!(header(&shown, "content-type"), "text/html; charset=utf-8");
    let policy = header(&shown, "content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert_eq!(
        (header(&shown, "cache-control"), header(&shown, "x-content-type-options")),
        ("no-store", "nosniff")
    );
    for item in page["items"].as_array().unwrap() {
        assert!(text(&shown).contains(item["transaction_id"].as_str().unwrap()));
    }
    assert!(text(&shown).contains("22.49999") && !text(&shown).contains("<script"));
    Ok(())
}

/// Reads an export and checks its chain as anybody can: each line's hash is that of the line without it.
fn chain(answer: &Answer) -> (Value, Vec<Value>) {
    assert_eq!(header(answer, "content-type"), "application/jsonl");
    let mut lines = text(answer).lines();
    let head: Value = serde_json::from_str(lines.next().unwrap()).unwrap();
    let mut prev = head["prev"].clone();
    let entries: Vec<Value> = lines
        .map(|line| {
            let entry: Value = serde_json::from_str(line).unwrap();
            let hash = entry["hash"].as_str().unwrap();
            let form = line.replacen(&format!("\"hash\":\"{hash}\","), "", 1);
            assert_eq!(Digest::of(form.as_bytes()).to_string(), hash);
            assert_eq!(entry["prev"], prev);
            prev = entry["hash"].clone();
            entry
        })
        .collect();
    assert_eq!(head["head"], prev);
    (head, entries)
}

#[tokio::test]
async fn the_export_is_the_ledgers_chain() -> Tested {
    let player = paid_out(Platform::shared()?).await?;
    let (head, entries) = chain(&player.get(&format!("{STATEMENT}?format=jsonl")).await?.must(200)?);
    assert_eq!(entries.len(), usize::try_from(player.version().await?).unwrap(), "all of them");
    assert_eq!(entries[0]["prev"], "0".repeat(64));
    assert!(
        entries
            .iter()
            .any(|entry| entry["fact"]["kind"] == "signed_in" || entry["fact"]["kind"] == "game_launched")
    );

    let place = pages(&player, "limit=3").await?.remove(0)["next_cursor"].as_str().unwrap().to_owned();
    let rest = player.get(&format!("{STATEMENT}?format=jsonl&cursor={place}")).await?.must(200)?;
    let (rest_head, rest) = chain(&rest);
    assert_eq!(rest, entries[entries.len() - rest.len()..]);
    assert_eq!((&rest_head["head"], &rest_head["closing"]), (&head["head"], &head["closing"]));

    let nothing =
        player.get(&format!("{STATEMENT}?format=jsonl&from=2100-01-01&to=2100-02-01")).await?.must(200)?;
    let (nothing, none) = chain(&nothing);
    assert!(none.is_empty());
    assert_eq!((&nothing["opening"], &nothing["prev"]), (&head["closing"], &head["head"]));
    let before =
        player.get(&format!("{STATEMENT}?format=jsonl&from=2000-01-01&to=2000-02-01")).await?.must(200)?;
    assert_eq!(chain(&before).0["from_seq"], 1);
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_answered_is_told() -> Tested {
    let platform = Platform::shared()?;
    let (player, _) = opened(platform, Home::Malta, "5.00").await?;
    let elsewhere = player.get("/v1/deposits?limit=1").await?.must(200)?;
    let elsewhere = elsewhere.text("/next_cursor")?.to_owned();
    let place = pages(&player, "limit=1").await?.len();
    assert_eq!(place, 1);
    let wrong = [
        ("format=pdf", "/format"),
        ("month=2026-13", "/month"),
        ("month=2026-02&from=2026-02-01", "/month"),
        ("from=2026-02-02&to=2026-02-01", "/from"),
        ("from=yesterday", "/from"),
        ("limit=0", "/limit"),
        ("cursor=!", "/cursor"),
        (&format!("cursor={elsewhere}"), "/cursor"),
    ];
    for (query, pointer) in wrong {
        let told = player.get(&format!("{STATEMENT}?{query}")).await?.must_be(422, "validation_failed")?;
        assert_eq!(told.text("/errors/0/pointer")?, pointer, "{query}");
    }
    platform.client().send(Call::get(STATEMENT)).await?.must_be(401, "unauthenticated")?;
    Ok(())
}

#[tokio::test]
async fn a_month_ends_at_the_jurisdictions_midnight() -> Tested {
    let platform = Platform::start()?;
    let (hub88, clock) = (platform.hub88()?, platform.clock());
    let (player, _) = opened(&platform, Home::Malta, "50.00").await?;
    let now = || edge::Clock::now(clock);
    let today = now().in_tz("Europe/Malta").unwrap();
    let midnight = today.last_of_month().unwrap().tomorrow().unwrap().start_of_day().unwrap();
    let month = |at: &str| at[..7].to_owned();
    let (ending, beginning) = (month(&today.date().to_string()), month(&midnight.date().to_string()));

    let until = |moment: Timestamp| Duration::try_from(moment.duration_since(now())).unwrap_or_default();
    clock.forward(until(midnight.timestamp()).saturating_sub(Duration::from_mins(2)));
    let player = player.sign_in().await?;
    let launched = player.launch("hub88-pit_dice").await?.must(201)?;
    let game = hub88.open(launched.text("/launch_url")?).await?;
    let bet = game.bet(1_000_000);
    hub88.bet(&bet).await?;
    clock.forward(Duration::from_mins(4));
    hub88.win(&game.win(&bet, 250_000)).await?;

    let first = pages(&player, &format!("month={ending}")).await?.remove(0);
    let second = pages(&player, &format!("month={beginning}")).await?.remove(0);
    let types = |page: &Value| -> Vec<Value> {
        page["items"].as_array().unwrap().iter().map(|it| it["type"].clone()).collect()
    };
    assert_eq!((types(&first), types(&second)), (vec![json!("deposit"), json!("bet")], vec![json!("win")]));
    assert_eq!(first["closing"], second["opening"]);
    assert_eq!((&first["closing"]["cash"], &second["closing"]["cash"]), (&json!("40.00"), &json!("42.50")));
    assert_eq!((&first["period"]["complete"], &second["period"]["complete"]), (&json!(true), &json!(false)));
    assert_eq!(first["period"]["to"], json!(midnight.timestamp()));
    assert_eq!(
        second["period"]["from_local"].as_str().unwrap().get(..19).unwrap(),
        format!("{beginning}-01T00:00:00")
    );
    Ok(())
}

#[tokio::test]
#[ignore = "takes a minute: ten thousand entries are written first"]
async fn a_period_too_long_for_one_answer_is_refused_or_paged() -> Tested {
    let platform = Platform::start()?;
    let (player, _) = opened(&platform, Home::Malta, "5.00").await?;
    corrected(&platform, &player.id, MOST).await?;
    for format in ["csv", "html"] {
        let told = player.get(&format!("{STATEMENT}?format={format}")).await?;
        let told = told.must_be(422, "validation_failed")?;
        assert_eq!(told.text("/errors/0/pointer")?, "/to");
    }
    assert_eq!(pages(&player, "limit=200").await?.len(), (MOST + 1).div_ceil(200));

    let mut files = Vec::new();
    let mut path = format!("{STATEMENT}?format=jsonl");
    loop {
        let file = player.get(&path).await?.must(200)?;
        assert!(file.bytes.len() < 6_000_000);
        let link = header(&file, "link").to_owned();
        files.push(chain(&file));
        match link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\"")) {
            Some(next) => path = next.to_owned(),
            None => break,
        }
    }
    assert!(files.len() > 1);
    assert!(files.windows(2).all(|pair| pair[0].0["head"] == pair[1].0["prev"]));
    assert!(files.windows(2).all(|pair| pair[0].0["closing"] == pair[1].0["opening"]));
    let entries: usize = files.iter().map(|(_, entries)| entries.len()).sum();
    assert_eq!(entries, usize::try_from(player.version().await?).unwrap());
    Ok(())
}

/// So many corrections of a player's balance, without the way through vendors.
async fn corrected(platform: &Platform, player: &str, times: usize) -> Tested {
    let settings = Settings::new(platform.cloud().env().clone(), edge::Context::default());
    let ledger = Stores::new(&settings).and_then(|stores| stores.ledger()).map_err(failed)?;
    let correction = |number: usize| {
        Command::Adjust(Adjust {
            key: EntryKey::new("ops", format!("correction:{number}")),
            amount: "0.01 EUR".parse().unwrap(),
            cause: Cause::Correction,
            by: None,
        })
    };
    let commands: Vec<Command> = (0..times).map(correction).collect();
    for batch in commands.chunks(MOST_IN_A_BATCH) {
        let now = edge::Clock::now(platform.clock());
        let patience = Duration::from_secs(10);
        ledger.execute_all(player.parse().map_err(failed)?, batch, now, patience).await.map_err(failed)?;
    }
    Ok(())
}
