//! The sandbox against the platform's own Sumsub module: what either sends, the other must take.

use std::sync::{Arc, Mutex};

use domain::account::VerificationStatus;
use tokio::net::TcpListener;
use vendors::call::{CallFailure, InboundAnswer, OutboundCall, RawCall};
use vendors::kyc::sumsub::Sumsub;
use vendors::kyc::{
    Entrance, Findings, IdentityCheck, IdentityWebhook, Step, VerificationReport, VerificationRequest,
    Watchlist, converse,
};

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

    /// The call for a link, as it follows when the applicant is known.
    fn call(&self, return_url: Option<&str>) -> OutboundCall {
        let known = [InboundAnswer { status: 409, body: Vec::new() }];
        match self.platform.sumsub.enter(&request(return_url), &known, crate::clock::now()).unwrap() {
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

    async fn enter(&self, return_url: Option<&str>) -> String {
        let (request, now) = (request(return_url), crate::clock::now());
        let send = async |call| Ok(self.send(call).await);
        let entrance = converse(send, |answers| self.platform.sumsub.enter(&request, answers, now));
        match entrance.await.unwrap() {
            Entrance::RedirectUrl(url) => url,
            Entrance::SdkToken(token) => panic!("{token}"),
        }
    }

    /// What the newest report leads to when it is looked up.
    async fn look_up(&self) -> Findings {
        let report = self.told().pop().unwrap();
        let (reference, now) = (report.reference.unwrap(), crate::clock::now());
        let send = async |call| Ok(self.send(call).await);
        converse(send, |answers| self.platform.sumsub.look_up(&reference, answers, now)).await.unwrap()
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
    assert_eq!(status(&pending), Some("pending"));
    assert_eq!(status(&approved), Some("approved"));
    assert_eq!(approved.findings.player, Some(PLAYER.parse().unwrap()));
    assert!(pending.findings.as_of < approved.findings.as_of);

    let found = world.look_up().await;
    assert_eq!(found.status, Some(VerificationStatus::Approved));
    let person = found.person.unwrap();
    assert_eq!((person.first_name.as_str(), person.last_name.as_str()), ("Zoë", "Müller"));
    assert_eq!(person.birth_date, Some(domain::Date::constant(1990, 5, 4)));
    assert!(found.document.is_some() && found.hits.is_empty());
}

#[tokio::test]
async fn every_verdict_has_its_status() {
    let world = World::new().await;
    let url = world.enter(None).await;
    for (verdict, expected) in
        [("hold", "in_review"), ("retry", "resubmit"), ("reject", "rejected"), ("approve", "approved")]
    {
        let answer = world.script(&url, &format!(r#"{{"verdict":"{verdict}"}}"#)).await;
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["delivered"], true);
        assert_eq!(status(world.told().last().unwrap()), Some(expected), "{verdict}");
    }
    let told = world.told();
    let keys: std::collections::HashSet<_> = told.iter().map(|report| report.key.tx.clone()).collect();
    assert_eq!(keys.len(), 8, "no two events look the same");
}

fn status(report: &VerificationReport) -> Option<&'static str> {
    report.findings.status.map(VerificationStatus::as_str)
}

#[tokio::test]
async fn the_document_may_say_something_else() {
    let world = World::new().await;
    let url = world.enter(None).await;
    let choice = r#"{"verdict":"approve","first_name":"Eva","watchlist":"pep"}"#;
    assert_eq!(world.script(&url, choice).await.status(), 200);
    let found = world.look_up().await;
    assert_eq!(found.hits, [Watchlist::Pep].into(), "the case is told of last");
    assert_eq!(status(world.told().last().unwrap()), Some("in_review"));

    let shown = world.http.get(&url).send().await.unwrap().text().await.unwrap();
    assert!(shown.contains("Eva") && shown.contains("Müller"), "{shown}");
    world.enter(None).await;
    world.script(&url, r#"{"verdict":"approve"}"#).await;
    let found = world.look_up().await;
    assert_eq!(found.person.unwrap().first_name, "Zoë", "who comes anew brings the document they claim");
    assert!(found.hits.is_empty());
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
        let entered = world.platform.sumsub.enter(&request(None), &[answer], crate::clock::now());
        assert!(matches!(entered, Err(CallFailure::Unclear(_))));
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
