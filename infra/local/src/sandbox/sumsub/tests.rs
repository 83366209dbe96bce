//! The sandbox against the platform's own Sumsub module: what either sends, the other must take.

use std::sync::{Arc, Mutex};

use domain::account::VerificationStatus;
use tokio::net::TcpListener;
use vendors::call::{CallFailure, InboundAnswer, OutboundCall, RawCall};
use vendors::kyc::sumsub::Sumsub;
use vendors::kyc::{Entrance, IdentityCheck, IdentityWebhook, VerificationReport, VerificationRequest};

use super::*;

const PLAYER: &str = "ply_01KDVAN5G00000000000000002";
const RETURN_URL: &str = "http://127.0.0.1/me?step=kyc";

/// A platform that remembers what it is told.
struct Platform {
    sumsub: Sumsub,
    told: Mutex<Vec<VerificationReport>>,
}

async fn webhook(State(platform): State<Arc<Platform>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let call = RawCall::post("", &headers, &body);
    let report = platform.sumsub.parse(&platform.sumsub.verify(call).unwrap()).unwrap();
    platform.told.lock().unwrap().push(report);
    StatusCode::OK
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
        vendors["kyc"]["sumsub"]["base_url"] = json!(format!("{url}/sandbox/sumsub"));
        let config = SandboxConfig::from_vendors(&vendors, &url).unwrap().unwrap();
        let sumsub = Sumsub::new(&config.settings).unwrap();
        let platform = Arc::new(Platform { sumsub, told: Mutex::default() });
        let app = Router::new()
            .route("/webhooks/kyc/sumsub", post(webhook))
            .with_state(platform.clone())
            .nest("/sandbox", Router::new().nest("/sumsub", router(config)));
        tokio::spawn(axum::serve(listener, app).into_future());
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self { platform, http }
    }

    fn call(&self, return_url: Option<&str>) -> OutboundCall {
        let request = VerificationRequest {
            player: PLAYER.parse().unwrap(),
            return_url: return_url.map(str::to_owned),
        };
        self.platform.sumsub.start(&request, crate::clock::now()).unwrap()
    }

    async fn send(&self, call: OutboundCall) -> InboundAnswer {
        let mut request = self.http.request(call.method, call.url).body(call.body);
        for (name, value) in call.headers {
            request = request.header(name, value);
        }
        let answer = request.send().await.unwrap();
        InboundAnswer { status: answer.status().as_u16(), body: answer.bytes().await.unwrap().to_vec() }
    }

    async fn enter(&self, return_url: Option<&str>) -> String {
        let answer = self.send(self.call(return_url)).await;
        match self.platform.sumsub.started(&answer).unwrap() {
            Entrance::RedirectUrl(url) => url,
            Entrance::SdkToken(token) => panic!("{token}"),
        }
    }

    async fn press(&self, url: &str, verdict: &str) -> reqwest::Response {
        let form = self.http.post(url).body(format!("verdict={verdict}"));
        form.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap()
    }

    async fn script(&self, url: &str, body: &str) -> reqwest::Response {
        self.http.post(url.replace("/websdk/", "/api/websdk/")).body(body.to_owned()).send().await.unwrap()
    }

    fn told(&self) -> Vec<VerificationReport> {
        self.platform.told.lock().unwrap().clone()
    }
}

#[tokio::test]
async fn a_player_is_approved() {
    let world = World::new().await;
    let url = world.enter(Some(RETURN_URL)).await;
    let shown = world.http.get(&url).send().await.unwrap().text().await.unwrap();
    assert!(shown.contains(PLAYER) && !shown.contains("{{"), "{shown}");

    let answer = world.press(&url, "approve").await;
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["location"]),
        (303, &RETURN_URL.parse().unwrap())
    );
    let [pending, approved] = world.told().try_into().unwrap();
    assert_eq!(pending.status.map(VerificationStatus::as_str), Some("pending"));
    assert_eq!(approved.status.map(VerificationStatus::as_str), Some("approved"));
    assert_eq!(approved.player, Some(PLAYER.parse().unwrap()));
    assert!(pending.as_of < approved.as_of);
}

#[tokio::test]
async fn every_verdict_has_its_status() {
    let world = World::new().await;
    let url = world.enter(None).await;
    for (verdict, status) in
        [("hold", "in_review"), ("retry", "resubmit"), ("reject", "rejected"), ("approve", "approved")]
    {
        let answer = world.script(&url, &format!(r#"{{"verdict":"{verdict}"}}"#)).await;
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["delivered"], true);
        assert_eq!(
            world.told().last().unwrap().status.map(VerificationStatus::as_str),
            Some(status),
            "{verdict}"
        );
    }
    let told = world.told();
    let keys: std::collections::HashSet<_> = told.iter().map(|report| report.key.tx.clone()).collect();
    assert_eq!(keys.len(), 8, "no two events look the same");
}

#[tokio::test]
async fn a_player_stays_the_same_applicant() {
    let world = World::new().await;
    let (first, second) = (world.enter(None).await, world.enter(None).await);
    assert_ne!(first, second);
    for url in [&first, &second] {
        assert_eq!(world.press(url, "retry").await.status(), 200, "without a return address there is a page");
    }
    let applicant = |report: &VerificationReport| report.key.tx.split(':').next().unwrap().to_owned();
    let applicants: std::collections::HashSet<_> = world.told().iter().map(applicant).collect();
    assert_eq!(applicants.len(), 1);
}

#[tokio::test]
async fn bad_calls_are_refused() {
    let world = World::new().await;
    let with = |name: &'static str, value: &str| {
        let mut call = world.call(None);
        call.headers.insert(name, value.to_owned());
        call
    };
    let mut tampered = world.call(None);
    tampered.body.push(b' ');
    let mut elsewhere = world.call(None);
    elsewhere.url.push_str("?lang=en");
    let late = crate::clock::now().as_second() - 61;
    for call in [
        with("x-app-token", "guessed"),
        with("x-app-access-ts", &late.to_string()),
        with("x-app-access-ts", "soon"),
        with("x-app-access-sig", ""),
        with("x-app-access-sig", &"0".repeat(64)),
        tampered,
        elsewhere,
    ] {
        let answer = world.send(call).await;
        assert_eq!(answer.status, 401);
        assert!(matches!(world.platform.sumsub.started(&answer), Err(CallFailure::Unclear(_))));
    }
    let bad_return = world.send(world.call(Some("javascript:alert(1)"))).await;
    assert_eq!(bad_return.status, 400);

    let url = world.enter(None).await;
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
    let vendors = json!({"kyc": {"sumsub": {"base_url": "https://api.sumsub.com"}}});
    assert!(SandboxConfig::from_vendors(&vendors, "http://127.0.0.1:1").unwrap().is_none());
    let broken = json!({"kyc": {"sumsub": {"base_url": "http://127.0.0.1:8080/sandbox/sumsub"}}});
    assert!(SandboxConfig::from_vendors(&broken, "http://127.0.0.1:1").is_err());
}
