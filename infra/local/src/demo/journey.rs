//! The journey of one player, told step by step.

use serde_json::Value;

use super::{
    AdyenSide, Answer, Call, Client, Failure, GameSession, Home, Hub88Side, Player, Staff, SumsubSide,
    eventually, fresh_id, registration,
};
use crate::seed::{ADMIN_EMAIL, ADMIN_PASSWORD};

const DEPOSIT: &str = "50.00";
const WITHDRAWAL: &str = "20.00";
/// Stakes and winnings, in Hub88's hundred-thousandths.
const STAKE: i64 = 200_000;
const WINNINGS: i64 = 500_000;
const SECOND_STAKE: i64 = 300_000;

/// Drives a whole journey against a running platform; ends at the first step that is not as it should be.
/// Answers with the player, who has 33.00 left.
pub async fn tell(client: &Client, vendors: &Value) -> Result<Player, Failure> {
    let told = Told { quiet: client.clone().silent(), client, vendors };
    told.is_running().await?;
    let player = told.registers().await?;
    told.proves_identity(&player).await?;
    told.pays_in(&player).await?;
    let game = told.opens_a_game(&player).await?;
    told.plays(&player, &game).await?;
    told.reads_the_statement(&player).await?;
    let (staff, paid_before) = told.is_paid_out(&player).await?;
    told.is_counted(&staff, paid_before).await?;
    Ok(player)
}

struct Told<'a> {
    client: &'a Client,
    /// For questions that are asked until the answer is there.
    quiet: Client,
    vendors: &'a Value,
}

impl Told<'_> {
    async fn is_running(&self) -> Result<(), Failure> {
        let url = self.client.url();
        let answer = self.quiet.send(Call::get("/openapi.json")).await;
        match answer {
            Ok(answer) => answer.must(200).map(drop),
            Err(_) => Err(Failure(format!("no platform answers on {url}; start it with `make run`"))),
        }
    }

    async fn registers(&self) -> Result<Player, Failure> {
        step("A player from Malta registers and signs in");
        let player = Player::register_as(self.client, &registration(Home::Malta)).await?;
        check("the wallet is empty", &player.cash().await?, "0.00")?;
        Ok(player)
    }

    async fn proves_identity(&self, player: &Player) -> Result<(), Failure> {
        step("Identity: Sumsub's page opens, the check is passed, a signed webhook tells the platform");
        let started = player.start_verification().await?.must(201)?;
        let sumsub = SumsubSide::new(self.client, self.vendors)?;
        let told = sumsub.choose(started.text("/redirect_url")?, "approve").await?.must(200)?;
        delivered(&told)?;
        self.becomes(player, "/v1/kyc/verifications/current", "approved").await
    }

    async fn pays_in(&self, player: &Player) -> Result<(), Failure> {
        step("Deposit: Adyen's payment page opens, the player pays, the notification comes twice");
        let deposit = player.deposit(DEPOSIT, &fresh_id()).await?.must(201)?;
        let adyen = AdyenSide::new(self.client, self.vendors)?;
        let told = adyen.choose(deposit.text("/redirect_url")?, "pay_twice").await?.must(200)?;
        delivered(&told)?;
        let path = format!("/v1/deposits/{}", deposit.text("/deposit_id")?);
        self.becomes(player, &path, "completed").await?;
        check("it is credited once", &player.cash().await?, DEPOSIT)
    }

    async fn opens_a_game(&self, player: &Player) -> Result<GameSession, Failure> {
        step("A game is opened: the platform signs its call to Hub88 and hands out a session");
        let games = player.get("/v1/games").await?.must(200)?;
        let of_hub88 = |game: &&Value| game.get("integration").and_then(Value::as_str) == Some("hub88");
        let game = games.items()?.iter().find(of_hub88).and_then(|game| game.get("game_id")?.as_str());
        let game = game.ok_or_else(|| Failure("Hub88 has no game on offer".to_owned()))?;
        let launched = player.launch(game).await?.must(201)?;
        self.hub88()?.open(launched.text("/launch_url")?).await
    }

    async fn plays(&self, player: &Player, game: &GameSession) -> Result<(), Failure> {
        let hub88 = self.hub88()?;
        step("A stake of 2.00, sent twice: one moves money, the other is answered the same");
        let bet = game.bet(STAKE);
        let balances = [accepted(&hub88.bet(&bet).await?)?, accepted(&hub88.bet(&bet).await?)?];
        check("both answers tell 48.00", &balances.map(shown).join(" "), "48.00 48.00")?;

        step("The round wins 5.00");
        let balance = accepted(&hub88.win(&game.win(&bet, WINNINGS)).await?)?;
        check("the balance", &shown(balance), "53.00")?;

        step("A stake of 3.00 that Hub88 rolls back");
        let second = game.bet(SECOND_STAKE);
        accepted(&hub88.bet(&second).await?)?;
        let balance = accepted(&hub88.rollback(&game.rollback(&second)).await?)?;
        check("the balance", &shown(balance), "53.00")?;
        check("the wallet agrees", &player.cash().await?, "53.00")
    }

    async fn reads_the_statement(&self, player: &Player) -> Result<(), Failure> {
        step("The statement shows what happened, newest first");
        let lines = player.statement().await?;
        let kinds = lines.iter().filter_map(|line| line.get("type")?.as_str()).collect::<Vec<_>>();
        check("its lines", &kinds.join(" "), "rollback bet win bet deposit")
    }

    /// Also tells how many payouts were counted before it.
    async fn is_paid_out(&self, player: &Player) -> Result<(Staff, i64), Failure> {
        step("A withdrawal of 20.00: the money is held at once");
        let withdrawal = player.withdraw(WITHDRAWAL, &fresh_id()).await?.must(201)?;
        let wallet = player.wallet().await?;
        check("held", wallet.text("/held")?, WITHDRAWAL)?;

        step("Staff sign in and approve it; the payout queue, Adyen and its webhook do the rest");
        let staff = Staff::sign_in(self.client, ADMIN_EMAIL, ADMIN_PASSWORD).await?;
        let paid_before = self.paid_out(&staff).await?;
        let id = withdrawal.text("/withdrawal_id")?;
        staff.approve(id).await?.must(200)?;
        self.becomes(player, &format!("/v1/withdrawals/{id}"), "paid").await?;
        let wallet = player.wallet().await?;
        check(
            "cash and held",
            &format!("{} {}", wallet.text("/cash")?, wallet.text("/held")?),
            "33.00 0.00",
        )?;
        Ok((staff, paid_before))
    }

    async fn is_counted(&self, staff: &Staff, paid_before: i64) -> Result<(), Failure> {
        step("The figures of the day, counted from the facts in the stream");
        eventually("the payout is counted", || async {
            Ok((self.paid_out(staff).await? > paid_before).then_some(()))
        })
        .await?;
        staff.kpis("?currency=EUR").await?.must(200).map(drop)
    }

    /// How many payouts in euros are counted today.
    async fn paid_out(&self, staff: &Staff) -> Result<i64, Failure> {
        let asking = Staff { client: self.quiet.clone(), ..staff.clone() };
        let figures = asking.kpis("?currency=EUR").await?.must(200)?;
        Ok(figures.number("/items/0/withdrawals").unwrap_or_default())
    }

    /// Waits until something of the player's is in a state, and shows it.
    async fn becomes(&self, player: &Player, path: &str, status: &str) -> Result<(), Failure> {
        let asking = Player { client: self.quiet.clone(), ..player.clone() };
        eventually(&format!("{path} becomes {status}"), || async {
            let answer = asking.get(path).await?.must(200)?;
            Ok((answer.text("/status")? == status).then_some(()))
        })
        .await?;
        player.get(path).await?.must(200).map(drop)
    }

    fn hub88(&self) -> Result<Hub88Side, Failure> {
        Hub88Side::new(self.client, self.vendors)
    }
}

fn step(title: &str) {
    println!("\n● {title}");
}

/// Whether the sandbox's webhook was taken.
fn delivered(told: &Answer) -> Result<(), Failure> {
    match told.body.get("delivered") {
        Some(Value::Bool(true)) => Ok(()),
        _ => Err(Failure(format!("{}: the platform did not take the webhook: {}", told.call, told.body))),
    }
}

/// The balance after a call that Hub88's wallet protocol calls a success.
fn accepted(answer: &Answer) -> Result<i64, Failure> {
    if answer.status == 200 && answer.text("/status")? == "RS_OK" {
        return answer.number("/balance");
    }
    Err(Failure(format!("{}: not accepted: {} {}", answer.call, answer.status, answer.body)))
}

/// A balance of Hub88's in the currency's own places.
fn shown(balance: i64) -> String {
    let cents = balance / 1_000;
    format!("{}.{:02}", cents / 100, cents % 100)
}

fn check(what: &str, seen: &str, expected: &str) -> Result<(), Failure> {
    if seen == expected {
        println!("   ✓ {what}: {seen}");
        return Ok(());
    }
    Err(Failure(format!("{what}: expected {expected}, saw {seen}")))
}
