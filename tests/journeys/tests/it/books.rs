//! The books of a running platform: they agree; and whoever lays a hand on a table is found out, item by item.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_s3::types::ObjectLockMode;
use domain::Timestamp;
use domain::ids::PlayerId;
use edge::{Settings, aws};
use jiff::SignedDuration;
use journeys::{
    Failure, Home, Platform, Player, Tested, ask_refund, balances, eventually, failed, fresh_id, opened,
    pay_in, refund_status, verified,
};
use reconcile::{Books, Pass, Scope, Terms};
use seal::document::{Root, read_leaves};
use seal::tree::{Leaf, Tree};
use serde_json::{Value, json};
use store::{PageRequest, Statement};

const TWO_DAYS: Duration = Duration::from_hours(48);

/// A platform on which one player was at work.
struct Played {
    platform: Platform,
    settings: Settings,
    db: Client,
    player: PlayerId,
}

impl Played {
    /// The player has paid in, staked, won, and had a stake undone.
    async fn start() -> Result<Self, Failure> {
        let platform = Platform::start()?;
        let (player, game) = opened(&platform, Home::Malta, "50.00").await?;
        let hub88 = platform.hub88()?;
        let (won, undone) = (game.bet(1_000_000), game.bet(500_000));
        hub88.bet(&won).await?.must(200)?;
        hub88.win(&game.win(&won, 2_500_000)).await?.must(200)?;
        hub88.bet(&undone).await?.must(200)?;
        hub88.rollback(&game.rollback(&undone)).await?.must(200)?;
        Self::by(platform, &player).await
    }

    /// What a player did there, once it is counted.
    async fn by(platform: Platform, player: &Player) -> Result<Self, Failure> {
        let settings = Settings::new(platform.cloud().env().clone(), edge::Context::default());
        let db = aws::dynamodb(&settings).map_err(failed)?;
        let version = player.version().await?.unsigned_abs();
        let player = player.id.parse().map_err(failed)?;
        let scene = Self { platform, settings, db, player };
        scene.counted(version).await?;
        Ok(scene)
    }

    /// Waits until so many of the player's facts are counted.
    async fn counted(&self, version: u64) -> Tested {
        let kpis = edge::Stores::new(&self.settings).and_then(|it| it.kpis()).map_err(failed)?;
        let player = self.player;
        eventually("the facts are counted", || async {
            let progress = kpis.progress(player).await.map_err(failed)?;
            Ok((progress.upto() >= version).then_some(()))
        })
        .await
    }

    fn setting(&self, name: &str) -> Result<&str, Failure> {
        self.settings.get(name).map_err(failed)
    }

    /// What is found when today is over.
    async fn found(&self, scope: Scope) -> Result<Vec<String>, Failure> {
        let books = Books::open(&self.settings).map_err(failed)?;
        let terms = Terms { scope, days: 3, lag: SignedDuration::from_mins(15) };
        let then = self.settings.context().now().checked_add(TWO_DAYS).map_err(failed)?;
        let mut pass = Pass::begin(terms, then).map_err(failed)?;
        let mut found = Vec::new();
        while !pass.done {
            let findings = books.advance(&mut pass).await.map_err(failed)?;
            found.extend(findings.iter().map(ToString::to_string));
        }
        let drift: u64 = pass.drift.values().sum();
        assert_eq!(drift == 0, found.is_empty(), "{drift}: {found:?}");
        assert_eq!((pass.players, pass.drift.contains_key("EUR")), (1, true));
        Ok(found)
    }

    /// The item of the entry that placed the first bet.
    async fn first_bet(&self) -> Result<HashMap<String, AttributeValue>, Failure> {
        let query = self
            .db
            .query()
            .table_name(self.setting("LEDGER_TABLE")?)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", AttributeValue::S(self.player.to_string()))
            .expression_attribute_values(":prefix", AttributeValue::S("TX#hub88#".to_owned()));
        let items = query.send().await.map_err(|error| failed(error.into_service_error()))?.items;
        let is_bet =
            |item: &HashMap<String, AttributeValue>| format!("{:?}", item["fact"]).contains("bet_placed");
        let number = |item: &HashMap<String, AttributeValue>| {
            item["seq"].as_n().ok().and_then(|it| it.parse::<u64>().ok())
        };
        let first = items.into_iter().flatten().filter(is_bet).min_by_key(number);
        first.ok_or_else(|| Failure("there is no bet".to_owned()))
    }

    async fn put(&self, table: &str, item: HashMap<String, AttributeValue>) -> Tested {
        let put = self.db.put_item().table_name(self.setting(table)?).set_item(Some(item));
        put.send().await.map(drop).map_err(|error| failed(error.into_service_error()))
    }

    /// Adds to a number of an item.
    async fn add(&self, table: &str, pk: &str, sk: &str, name: &str, units: i64) -> Tested {
        let update = self
            .db
            .update_item()
            .table_name(self.setting(table)?)
            .key("pk", AttributeValue::S(pk.to_owned()))
            .key("sk", AttributeValue::S(sk.to_owned()))
            .update_expression("ADD #name :units")
            .expression_attribute_names("#name", name)
            .expression_attribute_values(":units", AttributeValue::N(units.to_string()));
        update.send().await.map(drop).map_err(|error| failed(error.into_service_error()))
    }
}

#[tokio::test]
async fn what_was_played_adds_up_and_whatever_is_changed_is_named() -> Tested {
    let scene = Played::start().await?;
    for scope in [Scope::Recent, Scope::Full] {
        assert_eq!(scene.found(scope).await?, [""; 0]);
    }

    let player = scene.player.to_string();
    scene.add("LEDGER_TABLE", &player, "ACCOUNT", "cash", 1).await?;
    let expected = format!("{player}: cash of the account: expected 65.00 EUR, found 65.000001 EUR");
    assert_eq!(scene.found(Scope::Full).await?, [expected]);
    scene.add("LEDGER_TABLE", &player, "ACCOUNT", "cash", -1).await?;

    let slice = store::Slice::of(scene.player);
    let today = jiff::tz::Offset::UTC.to_datetime(scene.settings.context().now()).date();
    let (pk, sk) = (format!("KPI#demo#EUR#{today}"), format!("SLICE#{slice}"));
    scene.add("KPI_TABLE", &pk, &sk, "turnover", 5).await?;
    let expected = format!("turnover of demo on {today} in EUR: expected 10000000, found 10000005");
    assert_eq!(scene.found(Scope::Recent).await?, [expected]);
    scene.add("KPI_TABLE", &pk, &sk, "turnover", -5).await?;

    let bet = scene.first_bet().await?;
    let seq = bet["seq"].as_n().unwrap().clone();
    let mut changed = bet.clone();
    changed.insert("fp".to_owned(), AttributeValue::S("another".to_owned()));
    scene.put("LEDGER_TABLE", changed).await?;
    let found = scene.found(Scope::Full).await?;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with(&format!("{player}: the hash of entry {seq}: ")), "{found:?}");
    let mut broken = bet.clone();
    broken.insert("prev".to_owned(), AttributeValue::S("nothing".to_owned()));
    scene.put("LEDGER_TABLE", broken).await?;
    let found = scene.found(Scope::Full).await?;
    assert!(
        found[0].starts_with(&format!("{player}: what is stored: expected something readable")),
        "{found:?}"
    );
    scene.put("LEDGER_TABLE", bet.clone()).await?;
    assert_eq!(scene.found(Scope::Full).await?, [""; 0], "as it was");

    let delete = scene.db.delete_item().table_name(scene.setting("LEDGER_TABLE")?);
    let delete = delete.key("pk", bet["pk"].clone()).key("sk", bet["sk"].clone());
    delete.send().await.map_err(|error| failed(error.into_service_error()))?;
    let found = scene.found(Scope::Full).await?.join("\n");
    assert!(found.contains(&format!("entry {seq}: is missing")), "{found}");
    Ok(())
}

#[tokio::test]
async fn what_went_back_adds_up_too() -> Tested {
    let platform = Platform::start()?;
    let player = verified(&platform, &platform.client(), Home::Malta).await?;
    let staff = platform.staff("payments").await?;
    // The second card takes no money back: its refund leaves and comes again.
    for (outcome, status) in [("pay", "completed"), ("pay_closed", "failed")] {
        let deposit = pay_in(&platform, &player, ("card", "50.00"), outcome, "completed").await?;
        ask_refund(&staff, &deposit, Some("20.00"), &fresh_id()).await?.must(201)?;
        refund_status(&staff, &format!("{deposit}-1"), status).await?;
    }
    assert_eq!(balances(&player).await?, ["80.00", "0.00"]);
    let scene = Played::by(platform, &player).await?;
    for scope in [Scope::Recent, Scope::Full] {
        assert_eq!(scene.found(scope).await?, [""; 0]);
    }
    let kpis = scene.platform.staff("admin").await?.kpis("?currency=EUR").await?.must(200)?;
    assert_eq!(kpis.text("/items/0/refunds")?, "20.00", "{kpis:?}");
    Ok(())
}

#[tokio::test]
async fn the_scheduled_function_goes_through_all_and_says_so() -> Tested {
    let scene = Played::start().await?;
    scene.platform.clock().forward(TWO_DAYS);
    for scope in ["recent", "full", "full"] {
        let answer = scene.platform.invoke("ReconcileFunction", json!({"scope": scope})).await?;
        assert_eq!((&answer["done"], &answer["players"]), (&json!(true), &json!(1)), "{answer}");
        assert_eq!((&answer["findings"], &answer["drift"]), (&json!(0), &json!({"EUR": 0})), "{answer}");
    }
    scene.add("LEDGER_TABLE", &scene.player.to_string(), "ACCOUNT", "held", 7).await?;
    let answer = scene.platform.invoke("ReconcileFunction", json!({"scope": "recent"})).await?;
    assert_eq!(answer["drift"], json!({"EUR": 7}), "{answer}");
    Ok(())
}

#[tokio::test]
async fn a_pass_that_is_not_through_goes_on_with_the_next_call() -> Tested {
    let scene = Played::start().await?;
    let hasty = scene.settings.clone().with("RECONCILE_BUDGET_SECONDS", "0");
    let reconcile = reconcile::start(hasty).await.map_err(failed)?;
    let call = |begins| reconcile.invoke(json!({"scope": "full", "begins": begins}));
    let mut seen = Vec::new();
    for begins in [false, true, false, false, true] {
        let answer = call(begins).await.map_err(failed)?;
        seen.push((answer["done"].clone(), answer["players"].clone()));
    }
    let nothing_to_do = (json!(true), Value::Null);
    let (begun, through) = ((json!(false), json!(1)), (json!(true), json!(1)));
    assert_eq!(seen, [nothing_to_do.clone(), begun.clone(), through, nothing_to_do, begun]);
    Ok(())
}

/// A pass carries the figures of all brands' days: more than an item of a table can hold.
#[tokio::test]
async fn a_bookmark_holds_whatever_its_owner_has_to_say() -> Tested {
    let platform = Platform::start()?;
    let settings = Settings::new(platform.cloud().env().clone(), edge::Context::default());
    let kpis = edge::Stores::new(&settings).and_then(|it| it.kpis()).map_err(failed)?;
    let (mut from, mut stale) = (None, None);
    for text in ["", &format!("a{}", "é".repeat(300_000)), &"1".repeat(600_000), "short"] {
        if from.is_some() {
            let text = "2".repeat(600_000);
            let late = kpis.move_bookmark("mine", stale.as_ref(), text).await.map_err(failed)?;
            assert_eq!(late, None, "it was moved since");
        }
        let moved = kpis.move_bookmark("mine", from.as_ref(), text.to_owned()).await.map_err(failed)?;
        assert_eq!(moved.as_ref().map(|it| it.text.as_str()), Some(text));
        assert_eq!(kpis.bookmark("mine").await.map_err(failed)?, moved);
        (stale, from) = (from, moved);
    }
    let all = aws::dynamodb(&settings)
        .map_err(failed)?
        .query()
        .table_name(settings.get("KPI_TABLE").map_err(failed)?);
    let all = all.key_condition_expression("pk = :pk");
    let all = all.expression_attribute_values(":pk", AttributeValue::S("BOOKMARKS".to_owned()));
    let left = all.send().await.map_err(|error| failed(error.into_service_error()))?;
    assert_eq!(left.count(), 1, "old texts are gone");
    Ok(())
}

#[tokio::test]
async fn days_are_sealed_once_and_each_names_the_one_before() -> Tested {
    let scene = Played::start().await?;
    let seal = || scene.platform.invoke("SealFunction", json!({}));
    let first = seal().await?;
    assert_eq!((&first["sealed"], &first["count"]), (&json!(true), &json!(1)), "{first}");
    assert_eq!(seal().await?["sealed"], json!(false), "once a day");
    scene.platform.clock().forward(Duration::from_hours(24));
    let second = seal().await?;

    let root = scene.file(&format!("roots/{}.json", text(&first, "date"))).await?;
    let next: Root = read(&scene.file(&format!("roots/{}.json", text(&second, "date"))).await?)?;
    assert_eq!(next.previous.map(|it| it.sha256), Some(domain::Digest::of(&root)));
    let root: Root = read(&root)?;
    assert_eq!(root.previous, None);
    let leaves = read_leaves(&scene.file(&root.leaves).await?).map_err(failed)?;
    let ledger = edge::Stores::new(&scene.settings).and_then(|it| it.ledger()).map_err(failed)?;
    let account = ledger.account(scene.player).await.map_err(failed)?;
    assert_eq!(leaves, [Leaf::of(&account.ok_or_else(|| failed("no account"))?)]);
    assert_eq!(Tree::of(leaves.iter().map(Leaf::digest)).root(), root.root);

    let all = Statement::since(Timestamp::UNIX_EPOCH, PageRequest { limit: 200, after: None });
    let entries = ledger.entries(scene.player, &all).await.map_err(failed)?.items;
    assert_eq!(entries.last().map(|it| it.digest().ok()), Some(Some(leaves[0].head)));
    Ok(())
}

impl Played {
    /// A file of the bucket of seals.
    async fn file(&self, key: &str) -> Result<Vec<u8>, Failure> {
        let s3 = aws_sdk_s3::Client::new(&aws::config(&self.settings).map_err(failed)?);
        let get = s3.get_object().bucket(self.setting("SEALS_BUCKET")?).key(key).send().await;
        let file = get.map_err(|error| failed(error.into_service_error()))?;
        assert_eq!(file.object_lock_mode().map(ObjectLockMode::as_str), Some("COMPLIANCE"), "{key}");
        Ok(file.body.collect().await.map_err(failed)?.into_bytes().to_vec())
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

fn read<T: serde::de::DeserializeOwned>(file: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(file).map_err(failed)
}
