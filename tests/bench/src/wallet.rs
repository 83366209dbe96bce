//! Verified players with money and an open game, and bets on it through the real function.

use std::sync::Arc;

use edge::{Context, Function, Settings};
use pitboss_local::demo::{AdyenSide, Client, GameSession, Home, Hub88Side, Player, SumsubSide};
use pitboss_local::{Data, EmbeddedCloud, Env};
use serde_json::{Value, json};

use crate::Error;
use crate::meter::Meter;
use crate::platform::{self, Relay};

/// The path of the wallet's calls below the platform's address.
pub const WEBHOOKS: &str = "/webhooks/games/hub88";

/// The platform, a player on it, and the wallet function with a meter on its wire.
pub struct Bench {
    /// The running platform.
    pub cloud: EmbeddedCloud,
    /// The wallet function behind a meter.
    pub metered: Arc<dyn Function>,
    /// The wallet function straight on the store.
    pub direct: Arc<dyn Function>,
    /// The meter.
    pub meter: Meter,
    /// The open game.
    pub game: GameSession,
    /// Signs as the game vendor does.
    pub hub88: Hub88Side,
    /// The ledger table.
    pub table: String,
    client: Client,
    vendors: Value,
}

impl Bench {
    /// Starts all of it in memory, with nothing else going on.
    pub async fn in_memory() -> Result<Self, Error> {
        Self::on(platform::start(Data::Memory, Relay::Absent).await?).await
    }

    /// A player and a metered wallet on a platform.
    pub async fn on(cloud: EmbeddedCloud) -> Result<Self, Error> {
        let vendors = platform::vendors(cloud.url())?;
        let client = Client::new(cloud.url());
        let hub88 = Hub88Side::new(&client, &vendors)?;
        let game = open_game(&client, &vendors, &hub88).await?;

        let meter = Meter::start(cloud.cloud().endpoint()).await?;
        let env = wallet_env(&cloud);
        let table = env.get("LEDGER_TABLE").cloned().unwrap_or_default();
        let direct = game_wallet::start(Settings::new(env.clone(), Context::default())).await?;
        let metered = game_wallet::start(Settings::new(meter.before(env), Context::default())).await?;
        Ok(Self { cloud, metered, direct, meter, game, hub88, table, client, vendors })
    }

    /// Further players with an open game each.
    pub async fn games(&self, count: usize) -> Result<Vec<GameSession>, Error> {
        let mut games = Vec::new();
        for _ in 0..count {
            games.push(open_game(&self.client, &self.vendors, &self.hub88).await?);
        }
        Ok(games)
    }

    /// The wallet function's settings.
    #[must_use]
    pub fn settings(&self) -> Settings {
        Settings::new(wallet_env(&self.cloud), Context::default())
    }

    /// API Gateway's event of a signed call.
    pub fn event(&self, path: &str, body: &Value) -> Result<Value, Error> {
        let body = body.to_string();
        let signature = self.hub88.sign(body.as_bytes())?;
        let path = format!("{WEBHOOKS}{path}");
        Ok(json!({
            "version": "2.0",
            "routeKey": format!("POST {path}"),
            "rawPath": path,
            "rawQueryString": "",
            "headers": {"content-type": "application/json", "x-hub88-signature": signature},
            "requestContext": {
                "accountId": "000000000000",
                "apiId": "local",
                "domainName": "127.0.0.1",
                "domainPrefix": "127",
                "http": {"method": "POST", "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "bench"},
                "requestId": "bench",
                "routeKey": format!("POST {path}"),
                "stage": "$default",
                "time": "23/Nov/2026:00:00:00 +0000",
                "timeEpoch": 1_795_392_000_000_u64
            },
            "body": body,
            "isBase64Encoded": false
        }))
    }

    /// The events of many bets, the players taking turns.
    pub fn bets(&self, games: &[GameSession], count: usize) -> Result<Vec<Value>, Error> {
        let turns = games.iter().cycle().take(count);
        turns.map(|game| self.event("/transaction/bet", &game.bet(1_000))).collect()
    }
}

fn wallet_env(cloud: &EmbeddedCloud) -> Env {
    let mut env = cloud.env().clone();
    env.insert("VENDOR".to_owned(), "hub88".to_owned());
    // What vendors say is kept by the batch while later calls are served: it would count into any of them.
    env.remove("EXCHANGES_TABLE");
    env
}

/// Invokes a function and insists on the vendor's word for success.
pub async fn accepted(function: &Arc<dyn Function>, event: Value) -> Result<(), Error> {
    let answer = function.invoke(event).await?;
    let body = answer.get("body").and_then(Value::as_str).unwrap_or_default();
    if body.contains("RS_OK") { Ok(()) } else { Err(format!("not accepted: {answer}").into()) }
}

/// A player's way to an open game with plenty of money.
async fn open_game(client: &Client, vendors: &Value, hub88: &Hub88Side) -> Result<GameSession, Error> {
    let player = Player::register(client, Home::Malta).await?;
    let sumsub = SumsubSide::new(client, vendors)?;
    let started = player.start_verification().await?.must(201)?;
    sumsub.choose(started.text("/redirect_url")?, "approve").await?.must(200)?;
    let deposit = player.deposit("10000.00", "bench").await?.must(201)?;
    let adyen = AdyenSide::new(client, vendors)?;
    let paid = adyen.authorisation(deposit.text("/deposit_id")?, 1_000_000, &player.currency);
    adyen.notify(vec![paid]).await?.must(200)?;
    let launched = player.launch("hub88-pit_dice").await?.must(201)?;
    Ok(hub88.open(launched.text("/launch_url")?).await?)
}
