//! A store that takes its time: the vendor hears "try again" before it loses its patience, and the truth the next time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use edge::{Function, Settings};
use journeys::{Failure, GameSession, Home, Hub88Side, Platform, Player, Tested, failed, opened};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// Hub88's budget (docs of the adapter), and what it waits for itself.
const BUDGET: Duration = Duration::from_millis(700);
const VENDOR_WAITS: Duration = Duration::from_secs(1);

/// A way to the services on which answers may be held up. What was asked for is done all the same.
struct SlowRoad {
    endpoint: String,
    delay_ms: Arc<AtomicU64>,
}

impl SlowRoad {
    async fn to(service: &str) -> Result<Self, Failure> {
        let service = service.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
        let endpoint = format!("http://{}", listener.local_addr().map_err(failed)?);
        let delay_ms = Arc::new(AtomicU64::new(0));
        let delay = Arc::clone(&delay_ms);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let Ok(far) = TcpStream::connect(&service).await else { continue };
                let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
                tokio::spawn(forth(near_in, far_out));
                tokio::spawn(back(far_in, near_out, Arc::clone(&delay)));
            }
        });
        Ok(Self { endpoint, delay_ms })
    }

    fn slow_down(&self, delay: Duration) {
        self.delay_ms.store(u64::try_from(delay.as_millis()).unwrap_or(u64::MAX), Ordering::SeqCst);
    }
}

async fn forth(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    let _ = copy(&mut from, &mut to).await;
}

async fn back(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, delay_ms: Arc<AtomicU64>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        tokio::time::sleep(Duration::from_millis(delay_ms.load(Ordering::SeqCst))).await;
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}

/// A process of Hub88's wallet of the test's own, on the slow road.
struct Wallet {
    function: Arc<dyn Function>,
    hub88: Hub88Side,
}

impl Wallet {
    async fn start(platform: &Platform, road: &SlowRoad) -> Result<Self, Failure> {
        let settings = Settings::new(platform.cloud().env().clone(), edge::Context::default())
            .with("VENDOR", "hub88")
            .with("AWS_ENDPOINT_URL", &road.endpoint);
        let function = game_wallet::start(settings).await.map_err(failed)?;
        Ok(Self { function, hub88: platform.hub88()? })
    }

    async fn call(&self, path: &str, body: &Value) -> Result<(String, Duration), Failure> {
        let mut event: Value =
            serde_json::from_str(include_str!("../../../../events/samples/game-wallet-hub88.json"))
                .map_err(failed)?;
        let whole = format!("/webhooks/games/hub88{path}");
        event["headers"]["x-hub88-signature"] = json!(self.hub88.sign(body.to_string().as_bytes())?);
        event["body"] = json!(body.to_string());
        for place in ["/rawPath", "/requestContext/http/path"] {
            *event.pointer_mut(place).ok_or_else(|| failed(place))? = json!(whole);
        }
        let began = Instant::now();
        let answer = self.function.invoke(event).await.map_err(failed)?;
        let body: Value =
            serde_json::from_str(answer["body"].as_str().unwrap_or_default()).map_err(failed)?;
        Ok((body["status"].as_str().unwrap_or_default().to_owned(), began.elapsed()))
    }
}

async fn on_a_slow_road(
    cash: &str,
) -> Result<(SlowRoad, Wallet, Player, GameSession, &'static Platform), Failure> {
    let platform = Platform::shared()?;
    let (player, game) = opened(platform, Home::Malta, cash).await?;
    let endpoint = platform.cloud().env().get("AWS_ENDPOINT_URL").cloned().unwrap_or_default();
    let road = SlowRoad::to(&endpoint).await?;
    let wallet = Wallet::start(platform, &road).await?;
    // The first call finds out what the process has to know of its games.
    wallet.call("/transaction/bet", &game.bet(100_000)).await?;
    Ok((road, wallet, player, game, platform))
}

#[tokio::test]
async fn a_slow_store_is_told_as_try_again_and_the_repeat_finds_the_truth() -> Tested {
    let (road, wallet, player, game, _) = on_a_slow_road("50.00").await?;
    assert_eq!(player.cash().await?, "49.00");
    let bet = game.bet(200_000);
    road.slow_down(Duration::from_millis(400));
    let (status, took) = wallet.call("/transaction/bet", &bet).await?;
    assert_eq!(status, "RS_ERROR_UNKNOWN", "reading and writing take longer than there is time");
    assert!(took >= BUDGET * 9 / 10 && took < VENDOR_WAITS, "{took:?}");
    road.slow_down(Duration::ZERO);
    // Whether it was taken or not: from now on it is, and once.
    for _ in 0..2 {
        assert_eq!(wallet.call("/transaction/bet", &bet).await?.0, "RS_OK");
        assert_eq!(player.cash().await?, "47.00");
    }
    Ok(())
}

/// Every call keeps to the budget, whatever it reads: not only those that commit.
#[tokio::test]
async fn no_call_outlasts_the_vendors_patience() -> Tested {
    let (road, wallet, _, game, _) = on_a_slow_road("50.00").await?;
    road.slow_down(Duration::from_millis(1500));
    let bet = game.bet(100_000);
    let info = json!({"request_uuid": journeys::fresh_id(), "user": game.user});
    for (path, body) in [
        ("/user/info", &info),
        ("/user/balance", &game.balance()),
        ("/transaction/bet", &bet),
        ("/transaction/win", &game.win(&bet, 1)),
        ("/transaction/rollback", &game.rollback(&bet)),
    ] {
        let (status, took) = wallet.call(path, body).await?;
        assert_eq!(status, "RS_ERROR_UNKNOWN", "{path}");
        assert!(took < VENDOR_WAITS, "{path}: {took:?}");
    }
    Ok(())
}

/// A function that is cut off says nothing at all: it must be given more time than it takes.
#[test]
fn every_wallet_function_is_given_more_time_than_its_vendors_budget() {
    let template = std::fs::read_to_string(Platform::root().join("template.yaml")).unwrap();
    let (globals, resources) = template.split_once("\nResources:").unwrap();
    let number = |text: &str, name: &str| {
        let line = text.lines().map(str::trim).find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    let everyone = number(globals, "Timeout:").unwrap();
    let mut seen = 0;
    for block in resources.split("\n\n").filter(|it| it.contains("CodeUri: dist/game-wallet/")) {
        let vendor = block.lines().find_map(|line| line.trim().strip_prefix("VENDOR: ")).unwrap();
        let timeout = Duration::from_secs(number(block, "Timeout:").unwrap_or(everyone));
        let budget = budget_of(vendor);
        assert!(timeout >= budget + Duration::from_secs(2), "{vendor}: {timeout:?} for {budget:?}");
        seen += 1;
    }
    assert_eq!(seen, vendors::games::names().count());
}

fn budget_of(vendor: &str) -> Duration {
    let demo = std::fs::read_to_string(Platform::root().join("infra/local/vendors.json")).unwrap();
    let settings: vendors::settings::Settings = serde_json::from_str(&demo).unwrap();
    vendors::games::vendor(vendor, &settings.games).unwrap().deadline()
}
