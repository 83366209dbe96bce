//! The sandbox against the platform's own Hub88 module: two readings of one protocol that must agree.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex},
};

use axum::{extract::Path, routing::any};
use domain::{Command, Money, Refusal as DomainRefusal};
use tokio::net::TcpListener;
use vendors::{
    call::{CallFailure, InboundAnswer, RawCall},
    games::{
        Device, GameAnswer, GameLauncher, GameRequest, GameWallet, Launch, Rejection, RequestKind,
        hub88::Hub88,
    },
};

use super::{protocol::WalletCall, *};

const SIGNATURE_HEADER: &str = "x-hub88-signature";

const PLAYER: &str = "ply_01HZY4Q6T0J8K9M2N3P4R5S6T7";

fn shipped() -> Value {
    let vendors = include_str!("../../../vendors.json");
    serde_json::from_str(vendors).unwrap()
}

fn hub88() -> Hub88 {
    Hub88::new(&serde_json::from_value(shipped()["games"]["hub88"].clone()).unwrap()).unwrap()
}

fn eur(minor: i64) -> Money {
    Money::from_minor(minor, 5, "EUR".parse().unwrap()).unwrap()
}

/// A wallet of the smallest kind: one balance, and the transactions it has seen.
struct Platform {
    hub88: Hub88,
    balance: Mutex<i64>,
    seen: Mutex<Vec<(String, String)>>,
    stakes: Mutex<HashMap<String, i64>>,
    broken: bool,
}

impl Platform {
    fn answer(&self, request: &GameRequest) -> GameAnswer {
        let mut balance = self.balance.lock().unwrap();
        if let RequestKind::Operation(command) = &request.kind {
            if self.broken {
                return GameAnswer::TryAgain;
            }
            let mut stakes = self.stakes.lock().unwrap();
            match command.as_ref() {
                Command::Debit(bet) if stakes.contains_key(&bet.key.tx) => {}
                Command::Debit(bet) => {
                    let stake = bet.amount.to_minor(5).unwrap();
                    if stake > *balance {
                        return GameAnswer::Refused(DomainRefusal::InsufficientFunds {
                            available: eur(*balance),
                        });
                    }
                    stakes.insert(bet.key.tx.clone(), stake);
                    *balance -= stake;
                }
                Command::Credit(win) => {
                    assert!(stakes.contains_key(win.bet.as_ref().unwrap()));
                    *balance += win.amount.to_minor(5).unwrap();
                }
                Command::Rollback(rollback) => {
                    *balance += stakes.insert(rollback.target.clone(), 0).unwrap_or_default();
                }
                other => panic!("{other:?}"),
            }
        }
        let cash = eur(*balance);
        GameAnswer::Balance(domain::account::Wallet {
            cash,
            ..domain::account::Wallet::empty(cash.currency())
        })
    }
}

async fn wallet(
    State(platform): State<Arc<Platform>>,
    Path(path): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Vec<u8> {
    let path = format!("/{path}");
    let call = RawCall::post(&path, &headers, &body);
    let request = platform.hub88.verify(call).map_err(Rejection::from);
    let reply = match request.and_then(|call| platform.hub88.parse(&call)) {
        Ok(request) => {
            let transaction = serde_json::from_slice::<Value>(&body).unwrap()["transaction_uuid"].to_string();
            platform.seen.lock().unwrap().push((path.clone(), transaction));
            platform.hub88.render(&request, &platform.answer(&request))
        }
        Err(rejection) => platform.hub88.render_rejection(call, &rejection),
    };
    reply.body
}

/// A platform and the sandbox on one port, and a browser in front of them.
struct World {
    url: String,
    platform: Arc<Platform>,
    http: reqwest::Client,
}

impl World {
    async fn new(balance: i64, broken: bool) -> Self {
        let platform = Arc::new(Platform {
            hub88: hub88(),
            balance: Mutex::new(balance),
            seen: Mutex::default(),
            stakes: Mutex::default(),
            broken,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut vendors = shipped();
        vendors["games"]["hub88"]["base_url"] = json!(format!("{url}/sandbox/hub88"));
        let config = SandboxConfig::from_vendors("hub88", &vendors, &url).unwrap().unwrap();
        let app = Router::new()
            .route("/webhooks/games/hub88/{*path}", any(wallet))
            .with_state(platform.clone())
            .nest("/sandbox/hub88", router(config));
        tokio::spawn(axum::serve(listener, app).into_future());
        Self { url, platform, http: reqwest::Client::new() }
    }

    async fn post(
        &self,
        path: &str,
        body: impl Into<reqwest::Body>,
        signature: Option<&str>,
    ) -> InboundAnswer {
        let mut request = self.http.post(format!("{}/sandbox/hub88/{path}", self.url)).body(body);
        if let Some(signature) = signature {
            request = request.header(SIGNATURE_HEADER, signature);
        }
        let answer = request.send().await.unwrap();
        InboundAnswer { status: answer.status().as_u16(), body: answer.bytes().await.unwrap().to_vec() }
    }

    async fn launch(&self, game: &str) -> Result<String, CallFailure> {
        let launch = Launch {
            player: PLAYER.parse().unwrap(),
            token: "gst-0123456789abcdef".to_owned(),
            game: game.to_owned(),
            currency: "EUR".parse().unwrap(),
            country: "MT".to_owned(),
            language: "en".to_owned(),
            device: Device::Desktop,
            ip: IpAddr::from([127, 0, 0, 1]),
            lobby_url: "http://127.0.0.1:8080/".to_owned(),
            deposit_url: None,
        };
        let call = hub88().launch_call(&launch).unwrap();
        let signature = call.headers[SIGNATURE_HEADER].clone();
        let answer = self.post("operator/generic/v2/game/url", call.body, Some(&signature)).await;
        hub88().launch_url(&answer)
    }

    async fn session(&self) -> String {
        let url = self.launch("pit_dice").await.unwrap();
        let page = self.http.get(&url).send().await.unwrap();
        assert!(page.text().await.unwrap().starts_with("<!doctype html>"));
        url.split_once("/sandbox/hub88/play?session=").unwrap().1.to_owned()
    }

    async fn api(&self, path: &str, body: Value) -> Value {
        let answer = self.post(&format!("api/{path}"), body.to_string(), None).await;
        assert_eq!(answer.status, 200);
        serde_json::from_slice(&answer.body).unwrap()
    }

    fn paths(&self) -> Vec<String> {
        self.platform.seen.lock().unwrap().iter().map(|(path, _)| path.clone()).collect()
    }
}

#[tokio::test]
async fn a_round_moves_exactly_its_stake_and_its_win() {
    let world = World::new(1_000_000, false).await;
    let session = world.session().await;
    let opened = world.api("open", json!({"session": session})).await;
    assert_eq!(
        (opened["game"].as_str(), opened["report"]["balance"].as_i64()),
        (Some("Pit Dice"), Some(1_000_000))
    );
    let rolled = world.api("roll", json!({"session": session, "stake": 100_001, "pick": "low"})).await;
    let won = rolled["won"].as_i64().unwrap();
    assert!(won == 0 || won == 192_001);
    assert_eq!(rolled["balance"], json!(1_000_000 - 100_001 + won));
    assert_eq!(*world.platform.balance.lock().unwrap(), 1_000_000 - 100_001 + won);
    assert_eq!(world.paths(), ["/user/balance", "/transaction/bet", "/transaction/win"]);
}

#[tokio::test]
async fn sent_twice_and_rolled_back_twice() {
    let world = World::new(1_000_000, false).await;
    let session = world.session().await;
    let rolled = world.api("roll", json!({"session": session, "stake": 100_000, "pick": "6"})).await;
    let after = rolled["balance"].as_i64().unwrap();
    let repeated = world.api("repeat", json!({"session": session})).await;
    assert_eq!(repeated["balance"], json!(after));
    for _ in 0..2 {
        let undone = world.api("rollback", json!({"session": session})).await;
        assert_eq!(undone["balance"], json!(after + 100_000));
    }
    let seen = world.platform.seen.lock().unwrap();
    assert_eq!(seen[0], seen[2], "the same bet again, by the same transaction id");
    assert_ne!(seen[4].1, seen[6].1, "each rollback has its own");
}

#[tokio::test]
async fn too_little_money_is_no_reason_to_roll_back() {
    let world = World::new(99_999, false).await;
    let session = world.session().await;
    let rolled = world.api("roll", json!({"session": session, "stake": 100_000, "pick": "high"})).await;
    assert_eq!((&rolled["won"], &rolled["balance"]), (&Value::Null, &json!(99_999)));
    assert_eq!(world.paths(), ["/transaction/bet"]);
}

#[tokio::test]
async fn any_other_failure_is() {
    let world = World::new(1_000_000, true).await;
    let session = world.session().await;
    let rolled = world.api("roll", json!({"session": session, "stake": 100_000, "pick": "high"})).await;
    assert!(rolled["won"].is_null() && rolled["face"].is_null());
    assert_eq!(world.paths(), ["/transaction/bet", "/transaction/rollback"]);
}

#[tokio::test]
async fn silence_is_asked_again_by_the_same_transaction() {
    let wallet = Wallet::new("http://127.0.0.1:9".to_owned(), side("hub88", &shipped()).unwrap().into());
    let mut calls = Vec::new();
    let bet = WalletCall::post("/transaction/bet", json!({"transaction_uuid": "t", "request_uuid": "r"}));
    wallet.call(bet, 2, &mut calls).await;
    let calls = json!(calls);
    assert_eq!(calls[0]["request"]["transaction_uuid"], calls[1]["request"]["transaction_uuid"]);
    assert_ne!(calls[0]["request"]["request_uuid"], calls[1]["request"]["request_uuid"]);
    assert!(calls[0]["http_status"].is_null() && calls[1]["answer"].is_null());
}

#[tokio::test]
async fn only_the_operator_opens_games() {
    let world = World::new(0, false).await;
    let body = json!({"operator_id": 1001, "user": PLAYER, "token": "t", "game_code": "pit_dice", "currency": "EUR"});
    for signature in [None, Some(""), Some("AAAA"), Some("not base64")] {
        let answer = world.post("operator/generic/v2/game/url", body.to_string(), signature).await;
        assert_eq!(answer.status, 401, "{signature:?}");
    }
    assert!(matches!(world.launch("unknown").await, Err(CallFailure::Refused(_))));
}

#[tokio::test]
async fn nonsense_is_refused_before_any_call() {
    let world = World::new(1_000_000, false).await;
    let session = world.session().await;
    for (path, body, status) in [
        ("open", json!({"session": "gone"}), 404),
        ("repeat", json!({"session": session}), 409),
        ("rollback", json!({"session": session}), 409),
        ("roll", json!({"session": session, "stake": 0, "pick": "low"}), 400),
        ("roll", json!({"session": session, "stake": -1, "pick": "low"}), 400),
        ("roll", json!({"session": session, "stake": i64::MAX, "pick": "low"}), 400),
        ("roll", json!({"session": session, "stake": 1.5, "pick": "low"}), 400),
        ("roll", json!({"session": session, "stake": 1, "pick": "7"}), 400),
        ("roll", json!({"session": session, "stake": 1, "pick": "0"}), 400),
        ("roll", json!({"session": "gone", "stake": 1, "pick": "1"}), 404),
        ("open", json!([]), 400),
    ] {
        let answer = world.post(&format!("api/{path}"), body.to_string(), None).await;
        assert_eq!(answer.status, status, "{path} {body}");
    }
    assert!(world.paths().is_empty());
}

#[test]
fn a_stake_wins_what_the_pick_says() {
    for (pick, face, won) in [
        (Pick::Low, 3, 192_000),
        (Pick::Low, 4, 0),
        (Pick::High, 4, 192_000),
        (Pick::High, 3, 0),
        (Pick::Face(6), 6, 576_000),
        (Pick::Face(6), 5, 0),
    ] {
        assert_eq!(pick.winnings(100_000, face), won, "{pick:?} on {face}");
    }
    assert_eq!(Pick::Low.winnings(1, 1), 1, "fractions of the smallest unit stay with the house");
    assert!((0..100).all(|_| (1..=6).contains(&dice::roll())));
}

#[tokio::test]
async fn every_vendor_can_be_told_to_misbehave() {
    let world = World::new(1_000_000, false).await;
    let session = world.session().await;
    let told = world.post("mischief", r#"{"duplicate": 2}"#, None).await;
    let told: Mischief = serde_json::from_slice(&told.body).unwrap();
    assert_eq!(told, Mischief { duplicate: 2, ..Mischief::default() });
    let rolled = world.api("roll", json!({"session": session, "stake": 100_000, "pick": "low"})).await;
    let won = rolled["won"].as_i64().unwrap();
    assert_eq!(world.paths().len(), 6);
    let bets = world.platform.seen.lock().unwrap().iter().take(3).map(|it| it.1.clone()).collect::<Vec<_>>();
    assert!(bets.windows(2).all(|pair| pair[0] == pair[1]), "{bets:?}");
    assert_eq!(rolled["balance"], *world.platform.balance.lock().unwrap(), "won {won}");

    for (mischief, outcome, arrived) in [
        (r#"{"drop": "calls"}"#, "no answer", 0),
        (r#"{"drop": "answers"}"#, "no answer", 8),
        (r#"{"wrong_signature": true}"#, "RS_ERROR_INVALID_SIGNATURE", 0),
    ] {
        world.platform.seen.lock().unwrap().clear();
        assert_eq!(world.post("mischief", mischief, None).await.status, 200);
        let rolled = world.api("roll", json!({"session": session, "stake": 1, "pick": "low"})).await;
        let calls = rolled["calls"].as_array().unwrap();
        assert!(calls.iter().all(|call| call["outcome"] == outcome), "{mischief}: {calls:?}");
        assert_eq!((world.paths().len(), &rolled["won"]), (arrived, &Value::Null), "{mischief}");
    }
    world.platform.seen.lock().unwrap().clear();
    world.post("mischief", r#"{"reorder": true}"#, None).await;
    world.api("roll", json!({"session": session, "stake": 1, "pick": "low"})).await;
    assert_eq!(world.paths(), ["/transaction/rollback", "/transaction/bet", "/user/balance"]);
    assert_eq!(world.post("mischief", r#"{"steal": true}"#, None).await.status, 400);
}

#[test]
fn settings_of_a_real_vendor_make_no_sandbox() {
    let load = |vendors: &Value| {
        names()
            .map(|name| SandboxConfig::from_vendors(name, vendors, "http://127.0.0.1:1"))
            .collect::<Vec<_>>()
    };
    assert!(load(&shipped()).into_iter().all(|made| made.is_ok_and(|config| config.is_some())));
    let mut vendors = shipped();
    for name in names() {
        vendors["games"][name]["base_url"] = json!("https://vendor.test");
    }
    assert!(load(&vendors).into_iter().all(|made| made.is_ok_and(|config| config.is_none())));
    let mut vendors = shipped();
    for name in names() {
        vendors["games"][name] = json!({ "base_url": format!("http://127.0.0.1:8080/sandbox/{name}") });
    }
    assert!(load(&vendors).into_iter().all(|made| made.is_err()));
    let mut vendors = shipped();
    vendors["sandbox"]["hub88"]["private_key_pem"] = json!("rubbish");
    assert!(SandboxConfig::from_vendors("hub88", &vendors, "http://127.0.0.1:1").is_err());
    vendors.as_object_mut().unwrap().remove("games");
    assert!(load(&vendors).into_iter().all(|made| made.is_ok_and(|config| config.is_none())));
}
