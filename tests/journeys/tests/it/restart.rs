//! The program itself, killed in the middle of things and started again: nothing is lost and nothing doubled.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use journeys::{
    AdyenSide, Client, Failure, GameSession, Home, Hub88Side, Platform, Player, Staff, SumsubSide, Tested,
    eventually, failed, fresh_id, status,
};
use pitboss_local::{Vendors, seed};
use serde_json::{Value, json};

/// The program, built as `make` builds it.
fn program() -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--workspace", "--bins", "--tests", "--quiet"]).current_dir(Platform::root());
    // What Cargo tells this test of its package would make build scripts run anew, and half the workspace with them.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PKG_")
            || name.to_string_lossy().starts_with("CARGO_MANIFEST_")
        {
            build.env_remove(name);
        }
    }
    let outcome = build.status();
    assert!(outcome.is_ok_and(|status| status.success()), "the workspace does not build");
    // target/debug/deps/<test>
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().join("pitboss-local")
}

/// A running program. It is killed when this is dropped.
struct Process {
    child: Child,
    port: String,
}

impl Process {
    fn start(program: &Path, data: &Path, port: &str) -> Self {
        let mut child = Command::new(program)
            .current_dir(Platform::root())
            .env("PITBOSS_DATA", data)
            .env("PITBOSS_PORT", port)
            .env("LOG_LEVEL", "ERROR")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let port = line.split(['.', ':', ' ']).filter_map(|word| word.parse::<u16>().ok()).next_back();
        Self { child, port: port.unwrap_or_else(|| panic!("it said {line:?}")).to_string() }
    }

    /// As by `kill -9`.
    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program on its data, again and again on the same port.
struct Platter {
    program: PathBuf,
    data: tempfile::TempDir,
    process: Process,
}

impl Platter {
    fn new() -> Self {
        let (program, data) = (program(), tempfile::tempdir().unwrap());
        let process = Process::start(&program, data.path(), "0");
        Self { program, data, process }
    }

    /// Kills it and starts it again.
    fn restart(&mut self) {
        self.process.kill();
        self.process = Process::start(&self.program, self.data.path(), &self.process.port.clone());
    }

    fn client(&self) -> Client {
        Client::new(format!("http://127.0.0.1:{}", self.process.port)).of_brand("restart")
    }

    fn vendors(&self) -> Result<Value, Failure> {
        let file = Vendors::File(Platform::root().join("infra/local/vendors.json"));
        file.load(self.client().url()).map_err(failed)
    }

    fn hub88(&self) -> Result<Hub88Side, Failure> {
        Hub88Side::new(&self.client(), &self.vendors()?)
    }

    fn adyen(&self) -> Result<AdyenSide, Failure> {
        AdyenSide::new(&self.client(), &self.vendors()?)
    }
}

/// Kills the program a moment after a call was sent, and tells whether the call was answered before.
async fn killed_during<T>(
    platter: &mut Platter,
    delay: Duration,
    call: impl Future<Output = Result<T, Failure>>,
) -> Option<T> {
    let pid = platter.process.child.id().to_string();
    let killing = async {
        tokio::time::sleep(delay).await;
        assert!(Command::new("kill").args(["-9", &pid]).status().unwrap().success());
    };
    let (answer, ()) = tokio::join!(call, killing);
    platter.restart();
    answer.ok()
}

async fn play_through_kills(
    platter: &mut Platter,
    player: &Player,
    game: &GameSession,
) -> Result<i64, Failure> {
    let mut expected: i64 = 5_000_000;
    for (round, micros) in [0_u64, 300, 1_000, 2_000, 4_000, 7_000, 12_000].into_iter().enumerate() {
        let hub88 = platter.hub88()?;
        let bet = game.bet(100_000);
        let delay = Duration::from_micros(micros);
        killed_during(platter, delay, hub88.bet(&bet)).await;
        // Not acknowledged, so it is sent again: with the same id.
        let placed = hub88.bet(&bet).await?.must(200)?;
        assert_eq!((placed.text("/status")?, placed.number("/balance")?), ("RS_OK", expected - 100_000));
        expected -= 100_000;
        let settle = if round % 2 == 0 { game.win(&bet, 250_000) } else { game.rollback(&bet) };
        let (path, gain) =
            if round % 2 == 0 { ("/transaction/win", 250_000) } else { ("/transaction/rollback", 100_000) };
        killed_during(platter, delay, hub88.call(path, &settle)).await;
        for _ in 0..2 {
            let settled = hub88.call(path, &settle).await?.must(200)?;
            assert_eq!((settled.text("/status")?, settled.number("/balance")?), ("RS_OK", expected + gain));
        }
        expected += gain;
        assert_eq!(cents(&player.cash().await?), expected / 1_000);
    }
    Ok(expected)
}

fn cents(amount: &str) -> i64 {
    amount.replace('.', "").parse().unwrap()
}

#[tokio::test]
async fn killed_at_any_moment_it_loses_nothing_and_doubles_nothing() -> Tested {
    let mut platter = Platter::new();

    // Registration: either it was written whole, or not at all.
    let form = journeys::registration(Home::Malta);
    let client = platter.client();
    let register = || client.send(journeys::Call::post("/v1/players").json(&form));
    killed_during(&mut platter, Duration::from_millis(80), register()).await;
    let again = register().await?;
    assert!(again.status == 201 || again.code() == Some("email_taken"), "{again:?}");
    let field = |name: &str| form[name].as_str().unwrap().to_owned();
    let login = json!({"email": form["email"], "password": form["password"]});
    let signed_in = client.send(journeys::Call::post("/v1/sessions").json(&login)).await?.must(201)?;
    let player = Player {
        client: client.clone(),
        id: signed_in.text("/player_id")?.to_owned(),
        email: field("email"),
        password: field("password"),
        currency: "EUR".to_owned(),
        access_token: signed_in.text("/access_token")?.to_owned(),
        refresh_token: signed_in.text("/refresh_token")?.to_owned(),
    };
    platter.restart();
    assert_eq!(player.cash().await?, "0.00", "signed in across the restart");

    let sumsub = SumsubSide::new(&client, &platter.vendors()?)?;
    killed_during(&mut platter, Duration::from_millis(2), player.start_verification()).await;
    let started = player.start_verification().await?.must(201)?;
    sumsub.choose(started.text("/redirect_url")?, "approve").await?.must(200)?;
    status(&player, "/v1/kyc/verifications/current", "approved").await?;

    let key = fresh_id();
    killed_during(&mut platter, Duration::from_millis(4), player.deposit("50.00", &key)).await;
    let deposit = player.deposit("50.00", &key).await?.must(201)?;
    let id = deposit.text("/deposit_id")?;
    let paid = platter.adyen()?.authorisation(id, 5_000, "EUR");
    let adyen = platter.adyen()?;
    killed_during(&mut platter, Duration::from_millis(2), adyen.notify(vec![paid.clone()])).await;
    adyen.notify(vec![paid]).await?.must(200)?;
    assert_eq!(player.cash().await?, "50.00");
    assert_eq!(player.get("/v1/deposits").await?.items()?.len(), 1);

    let launched = player.launch("hub88-pit_dice").await?.must(201)?;
    let game = platter.hub88()?.open(launched.text("/launch_url")?).await?;
    let balance = play_through_kills(&mut platter, &player, &game).await?;

    // The payout's order was queued in memory: the replay of the ledger's stream must bring it back.
    let key = fresh_id();
    killed_during(&mut platter, Duration::from_millis(3), player.withdraw("20.00", &key)).await;
    let withdrawal = player.withdraw("20.00", &key).await?.must(201)?;
    let withdrawal = withdrawal.text("/withdrawal_id")?;
    let staff = Staff::sign_in(&client, seed::ADMIN_EMAIL, seed::ADMIN_PASSWORD).await?;
    killed_during(&mut platter, Duration::from_millis(3), staff.approve(withdrawal)).await;
    staff.approve(withdrawal).await?.must(200)?;
    platter.restart();
    // The sandbox forgets transfers it had taken when it is killed before it booked them; Adyen would not.
    let path = format!("/v1/withdrawals/{withdrawal}");
    if player.get(&path).await?.text("/status")? == "paying" {
        let booked = json!({
            "data": {"id": "AFTER", "reference": withdrawal, "status": "booked", "direction": "outgoing",
                "amount": {"value": 2_000, "currency": "EUR"}, "sequenceNumber": 2},
            "environment": "test", "type": "balancePlatform.transfer.updated",
        });
        platter.adyen()?.notify_transfer(&booked).await?.must(200)?;
    }
    status(&player, &path, "paid").await?;
    let wallet = player.wallet().await?;
    assert_eq!(cents(wallet.text("/cash")?), balance / 1_000 - 2_000);
    assert_eq!(wallet.text("/held")?, "0.00");
    agrees_with_the_ledger(&player, &staff).await?;

    platter.restart();
    agrees_with_the_ledger(&player, &staff).await
}

/// The statement adds up to the wallet, and the figures to the statement.
async fn agrees_with_the_ledger(player: &Player, staff: &Staff) -> Tested {
    let lines = player.statement().await?;
    let sum = |kind: &str| -> i64 {
        lines.iter().filter(|it| it["type"] == kind).map(|it| cents(it["amount"].as_str().unwrap())).sum()
    };
    let wallet = player.wallet().await?;
    let all: i64 = lines.iter().map(|it| cents(it["amount"].as_str().unwrap())).sum();
    assert_eq!(all, cents(wallet.text("/cash")?));
    let mut ids: Vec<_> = lines.iter().map(|it| it["transaction_id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), lines.len(), "no line twice");

    let turnover = -sum("bet") - sum("rollback");
    let expected = json!({
        "registrations": 1,
        "deposits": cents("50.00"),
        "withdrawals": cents("20.00"),
        "turnover": turnover,
        "payouts": sum("win"),
        "ggr": turnover - sum("win"),
    });
    let figures = || async {
        let days = staff.kpis("?brand=restart").await?.must(200)?;
        let amount = |name: &str| days.text(&format!("/items/0/{name}")).map(cents).unwrap_or_default();
        Ok::<_, Failure>(json!({
            "registrations": days.body["items"][0]["registrations"],
            "deposits": amount("deposit_amount"),
            "withdrawals": amount("withdrawal_amount"),
            "turnover": amount("turnover"),
            "payouts": amount("payouts"),
            "ggr": amount("ggr"),
        }))
    };
    let agree = || async { Ok((figures().await? == expected).then_some(())) };
    let agreed = eventually("the figures agree with the ledger", agree).await;
    assert!(agreed.is_ok(), "expected {expected}, got {}", figures().await?);
    Ok(())
}
