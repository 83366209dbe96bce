//! A platform and an identity vendor's sandbox on one port, and a browser in front of them.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use vendors::call::{CallFailure, InboundAnswer, OutboundCall, RawCall};
use vendors::conversation::{Step, converse};
use vendors::kyc::{self, Entrance, Findings, IdentityVendor, VerificationReport, VerificationRequest};

pub(in crate::sandbox) const PLAYER: &str = "ply_01KDVAN5G00000000000000002";
pub(in crate::sandbox) const RETURN_URL: &str = "http://127.0.0.1/me?step=kyc";

/// A platform that remembers what it is told.
pub(in crate::sandbox) struct World {
    pub(in crate::sandbox) vendor: Arc<dyn IdentityVendor>,
    pub(in crate::sandbox) http: reqwest::Client,
    told: Arc<Mutex<Vec<VerificationReport>>>,
    /// Under which part of the path the desk's pages are.
    desk: &'static str,
}

type Platform = (Arc<dyn IdentityVendor>, Arc<Mutex<Vec<VerificationReport>>>);

async fn webhook(State((vendor, told)): State<Platform>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let call = RawCall::post("", &headers, &body);
    let report = vendor.parse(&vendor.verify(call).unwrap()).unwrap();
    told.lock().unwrap().push(report);
    StatusCode::OK
}

pub(in crate::sandbox) fn request(return_url: Option<&str>) -> VerificationRequest {
    VerificationRequest {
        player: PLAYER.parse().unwrap(),
        jurisdiction: "MT".to_owned(),
        first_name: "Zoë".to_owned(),
        last_name: "Müller".to_owned(),
        birth_date: domain::Date::constant(1990, 5, 4),
        anew: false,
        return_url: return_url.map(str::to_owned),
    }
}

impl World {
    /// A platform with the vendor of a name, whose router the settings and the platform's address lead to.
    pub(in crate::sandbox) async fn new(
        name: &str,
        desk: &'static str,
        router: impl FnOnce(&Value, &str) -> Router,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut vendors: Value = serde_json::from_str(include_str!("../../../vendors.json")).unwrap();
        vendors["kyc"][name]["base_url"] = json!(format!("{url}/sandbox/{name}"));
        let settings: vendors::settings::Settings = serde_json::from_value(vendors.clone()).unwrap();
        let vendor = kyc::named(name, &settings.kyc).unwrap().unwrap();
        let told = Arc::default();
        let app = Router::new()
            .route(&format!("/webhooks/kyc/{name}"), post(webhook))
            .with_state((Arc::clone(&vendor), Arc::clone(&told)))
            .nest("/sandbox", Router::new().nest(&format!("/{name}"), router(&vendors, &url)));
        tokio::spawn(axum::serve(listener, app).into_future());
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self { vendor, http, told, desk }
    }

    /// The call that follows so many answers on the way in.
    pub(in crate::sandbox) fn call(
        &self,
        return_url: Option<&str>,
        answers: &[InboundAnswer],
    ) -> OutboundCall {
        match self.vendor.enter(&request(return_url), answers, crate::clock::now()).unwrap() {
            Step::Call(call) => call,
            Step::Done(entrance) => panic!("{entrance:?}"),
        }
    }

    pub(in crate::sandbox) async fn send(&self, call: OutboundCall) -> InboundAnswer {
        let mut request = self.http.request(call.method, call.url).body(call.body);
        for (name, value) in call.headers {
            request = request.header(name, value);
        }
        let answer = request.send().await.unwrap();
        InboundAnswer { status: answer.status().as_u16(), body: answer.bytes().await.unwrap().to_vec() }
    }

    pub(in crate::sandbox) async fn enter(&self, return_url: Option<&str>) -> Result<String, CallFailure> {
        self.enter_as(&request(return_url)).await
    }

    pub(in crate::sandbox) async fn enter_as(
        &self,
        request: &VerificationRequest,
    ) -> Result<String, CallFailure> {
        let now = crate::clock::now();
        let send = async |call| Ok(self.send(call).await);
        match converse(send, |answers| self.vendor.enter(request, answers, now)).await? {
            Entrance::RedirectUrl(url) => Ok(url),
            Entrance::SdkToken(token) => panic!("{token}"),
        }
    }

    /// What the newest report that refers to something leads to when it is looked up.
    pub(in crate::sandbox) async fn look_up(&self) -> Findings {
        let reference = self.told().into_iter().rev().find_map(|report| report.reference).unwrap();
        let now = crate::clock::now();
        let send = async |call| Ok(self.send(call).await);
        converse(send, |answers| self.vendor.look_up(&reference, answers, now)).await.unwrap()
    }

    pub(in crate::sandbox) async fn read(&self, url: &str) -> String {
        self.http.get(url).send().await.unwrap().text().await.unwrap()
    }

    pub(in crate::sandbox) async fn press(&self, url: &str, verdict: &str) -> reqwest::Response {
        let form = self.http.post(url).body(format!("verdict={verdict}"));
        form.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap()
    }

    pub(in crate::sandbox) async fn script(&self, url: &str, body: &str) -> reqwest::Response {
        let (page, api) = (format!("/{}/", self.desk), format!("/api/{}/", self.desk));
        self.http.post(url.replace(&page, &api)).body(body.to_owned()).send().await.unwrap()
    }

    /// All that the platform was told, oldest first.
    pub(in crate::sandbox) fn told(&self) -> Vec<VerificationReport> {
        self.told.lock().unwrap().clone()
    }

    /// Chooses a verdict by script, which must reach the platform.
    pub(in crate::sandbox) async fn decide(&self, url: &str, verdict: &str) {
        let answer = self.script(url, &format!(r#"{{"verdict":"{verdict}"}}"#)).await;
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["delivered"], true, "{verdict}");
    }

    /// No two events look the same.
    pub(in crate::sandbox) fn told_so_many_different_things(&self, count: usize) {
        let told = self.told();
        let keys: std::collections::HashSet<_> = told.iter().map(|report| &report.key.tx).collect();
        assert_eq!((told.len(), keys.len()), (count, count));
    }

    /// Every sandbox refuses what cannot be read, and links that it never gave.
    pub(in crate::sandbox) async fn nonsense_is_refused(&self, url: &str) {
        for body in ["", "{}", r#"{"verdict":"shrug"}"#] {
            assert_eq!(self.script(url, body).await.status(), 400, "{body}");
        }
        let unknown = format!("{url}0");
        assert_eq!(self.script(&unknown, r#"{"verdict":"approve"}"#).await.status(), 404);
        assert!(self.press(&unknown, "approve").await.text().await.unwrap().contains("not known"));
        assert_eq!(self.told(), []);
    }
}

/// The player as the platform knows them.
pub(in crate::sandbox) fn is_zoe(findings: &Findings) {
    let person = findings.person.as_ref().unwrap();
    assert_eq!((person.first_name.as_str(), person.last_name.as_str()), ("Zoë", "Müller"));
    assert_eq!(person.birth_date, Some(domain::Date::constant(1990, 5, 4)));
    assert!(findings.document.is_some() && findings.hits.is_empty());
}

/// A sandbox plays only for settings that lead to it, and only if they are whole.
pub(in crate::sandbox) fn there_is_none_for_the_real_one(
    name: &str,
    find: impl Fn(&Value) -> Result<bool, super::SandboxError>,
) {
    let settings = |url: &str| json!({"kyc": {name: {"base_url": url}}});
    assert!(!find(&settings(&format!("https://api.{name}.com"))).unwrap());
    assert!(find(&settings(&format!("http://127.0.0.1:8080/sandbox/{name}"))).is_err());
}
