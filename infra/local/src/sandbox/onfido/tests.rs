//! The sandbox against the platform's own Onfido module: what either sends, the other must take.

use std::sync::{Arc, Mutex};

use domain::account::VerificationStatus;
use tokio::net::TcpListener;
use vendors::call::{CallFailure, InboundAnswer, OutboundCall, RawCall};
use vendors::kyc::onfido::Onfido;
use vendors::kyc::{
    Entrance, Findings, IdentityCheck, IdentityWebhook, Step, VerificationReport, VerificationRequest,
    Watchlist, converse,
};

use super::*;

const PLAYER: &str = "ply_01KDVAN5G00000000000000002";
const RETURN_URL: &str = "http://127.0.0.1/me?step=kyc";

/// A platform that remembers what it is told.
struct Platform {
    onfido: Onfido,
    told: Mutex<Vec<VerificationReport>>,
}

async fn webhook(State(platform): State<Arc<Platform>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let call = RawCall::post("", &headers, &body);
    let report = platform.onfido.parse(&platform.onfido.verify(call).unwrap()).unwrap();
    platform.told.lock().unwrap().push(report);
    StatusCode::OK
}

fn request(return_url: Option<&str>) -> VerificationRequest {
    VerificationRequest {
        player: PLAYER.parse().unwrap(),
        jurisdiction: "MT".to_owned(),
        first_name: "Zoë".to_owned(),
        last_name: "Müller".to_owned(),
        birth_date: domain::Date::constant(1990, 5, 4),
        return_url: return_url.map(str::to_owned),
    }
}

/// A platform and the sandbox on one port, and a browser in front of them.
struct World {
    platform: Arc<Platform>,
    http: reqwest::Client,
}

impl World {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut vendors: Value = serde_json::from_str(include_str!("../../../vendors.json")).unwrap();
        vendors["kyc"]["onfido"]["base_url"] = json!(format!("{url}/sandbox/onfido"));
        let config = SandboxConfig::from_vendors(&vendors, &url).unwrap().unwrap();
        let onfido = Onfido::new(&config.settings).unwrap();
        let platform = Arc::new(Platform { onfido, told: Mutex::default() });
        let app = Router::new()
            .route("/webhooks/kyc/onfido", post(webhook))
            .with_state(platform.clone())
            .nest("/sandbox", Router::new().nest("/onfido", router(config)));
        tokio::spawn(axum::serve(listener, app).into_future());
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self { platform, http }
    }

    fn first_call(&self, return_url: Option<&str>) -> OutboundCall {
        match self.platform.onfido.enter(&request(return_url), &[], crate::clock::now()).unwrap() {
            Step::Call(call) => call,
            Step::Done(entrance) => panic!("{entrance:?}"),
        }
    }

    async fn send(&self, call: OutboundCall) -> InboundAnswer {
        let mut request = self.http.request(call.method, call.url).body(call.body);
        for (name, value) in call.headers {
            request = request.header(name, value);
        }
        let answer = request.send().await.unwrap();
        InboundAnswer { status: answer.status().as_u16(), body: answer.bytes().await.unwrap().to_vec() }
    }

    async fn enter(&self, return_url: Option<&str>) -> Result<String, CallFailure> {
        let (request, now) = (request(return_url), crate::clock::now());
        let send = async |call| Ok(self.send(call).await);
        match converse(send, |answers| self.platform.onfido.enter(&request, answers, now)).await? {
            Entrance::RedirectUrl(url) => Ok(url),
            Entrance::SdkToken(token) => panic!("{token}"),
        }
    }

    /// What the newest report that refers to something leads to when it is looked up.
    async fn look_up(&self) -> Findings {
        let reference = self.told().into_iter().rev().find_map(|report| report.reference).unwrap();
        let now = crate::clock::now();
        let send = async |call| Ok(self.send(call).await);
        converse(send, |answers| self.platform.onfido.look_up(&reference, answers, now)).await.unwrap()
    }

    async fn press(&self, url: &str, verdict: &str) -> reqwest::Response {
        let form = self.http.post(url).body(format!("verdict={verdict}"));
        form.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap()
    }

    async fn script(&self, url: &str, body: &str) -> reqwest::Response {
        self.http.post(url.replace("/run/", "/api/run/")).body(body.to_owned()).send().await.unwrap()
    }

    fn told(&self) -> Vec<VerificationReport> {
        self.platform.told.lock().unwrap().clone()
    }
}

#[tokio::test]
async fn a_player_is_approved() {
    let world = World::new().await;
    let url = world.enter(Some(RETURN_URL)).await.unwrap();
    let shown = world.http.get(&url).send().await.unwrap().text().await.unwrap();
    assert!(shown.contains(PLAYER) && shown.contains("Müller") && !shown.contains("{{"), "{shown}");

    let answer = world.press(&url, "approve").await;
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["location"]),
        (303, &RETURN_URL.parse().unwrap())
    );
    let [step, end] = world.told().try_into().unwrap();
    assert!(step.routine && !end.routine);
    assert_eq!(end.findings.player, Some(PLAYER.parse().unwrap()));
    let found = world.look_up().await;
    assert_eq!((found.status, found.player), (Some(VerificationStatus::Approved), end.findings.player));
    let person = found.person.unwrap();
    assert_eq!((person.first_name.as_str(), person.last_name.as_str()), ("Zoë", "Müller"));
    assert_eq!(person.birth_date, Some(domain::Date::constant(1990, 5, 4)));
    assert!(found.document.is_some() && found.hits.is_empty());
}

#[tokio::test]
async fn every_verdict_has_its_status() {
    let world = World::new().await;
    for (verdict, status) in [
        ("hold", "in_review"),
        ("retry", "resubmit"),
        ("reject", "rejected"),
        ("expire", "expired"),
        ("approve", "approved"),
    ] {
        let url = world.enter(None).await.unwrap();
        let answer = world.script(&url, &format!(r#"{{"verdict":"{verdict}"}}"#)).await;
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["delivered"], true);
        assert_eq!(world.look_up().await.status.map(VerificationStatus::as_str), Some(status), "{verdict}");
    }
    let told = world.told();
    let keys: std::collections::HashSet<_> = told.iter().map(|report| report.key.tx.clone()).collect();
    assert_eq!(keys.len(), 10, "no two events look the same");
}

#[tokio::test]
async fn who_comes_back_goes_on_with_the_run_that_waits() {
    let world = World::new().await;
    let first = world.enter(None).await.unwrap();
    assert_eq!(world.enter(None).await.unwrap(), first);
    world.press(&first, "retry").await;
    assert_ne!(world.enter(None).await.unwrap(), first, "what is over is over");
}

#[tokio::test]
async fn the_document_may_say_something_else() {
    let world = World::new().await;
    let url = world.enter(None).await.unwrap();
    let choice = r#"{"verdict":"approve","last_name":"Borg","watchlist":"sanctions"}"#;
    assert_eq!(world.script(&url, choice).await.status(), 200);
    let found = world.look_up().await;
    assert_eq!(found.person.unwrap().last_name, "Borg");
    assert_eq!(found.hits, [Watchlist::Sanctions].into());
}

#[tokio::test]
async fn bad_calls_are_refused() {
    let world = World::new().await;
    for token in ["", "Token token=guessed", "Bearer x"] {
        let mut call = world.first_call(None);
        call.headers.insert("authorization", token.to_owned());
        assert_eq!(world.send(call).await.status, 401, "{token}");
    }
    let bad_return = world.enter(Some("javascript:alert(1)")).await;
    assert!(matches!(bad_return, Err(CallFailure::Refused(_))));

    let url = world.enter(None).await.unwrap();
    for body in ["", "{}", r#"{"verdict":"shrug"}"#] {
        assert_eq!(world.script(&url, body).await.status(), 400, "{body}");
    }
    let unknown = format!("{url}0");
    assert_eq!(world.script(&unknown, r#"{"verdict":"approve"}"#).await.status(), 404);
    assert!(world.press(&unknown, "approve").await.text().await.unwrap().contains("not known"));
    assert_eq!(world.told(), []);
}

#[test]
fn there_is_no_sandbox_for_the_real_one() {
    let vendors = json!({"kyc": {"onfido": {"base_url": "https://api.onfido.com"}}});
    assert!(SandboxConfig::from_vendors(&vendors, "http://127.0.0.1:1").unwrap().is_none());
    let broken = json!({"kyc": {"onfido": {"base_url": "http://127.0.0.1:8080/sandbox/onfido"}}});
    assert!(SandboxConfig::from_vendors(&broken, "http://127.0.0.1:1").is_err());
}
