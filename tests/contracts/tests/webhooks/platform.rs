//! The platform, with vendors that say what a table lets them say.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use edge::{Context, Settings, SystemRandom};
use http::{Method, StatusCode, Uri, header};
use pitboss_local::{Data, EmbeddedCloud, Functions, Options, Vendors};
use serde_json::Value;

/// When everything happens.
pub(crate) const NOW: &str = "2026-11-23T12:00:00Z";

const ROOT: &str = env!("PITBOSS_ROOT");

/// What vendors are asked by the platform, such as `GET /truelayer/v3/payments/1`, and what they say.
pub(crate) type Script = HashMap<String, (u16, String)>;

/// A running platform whose clock stands still.
pub(crate) struct Platform {
    pub(crate) cloud: EmbeddedCloud,
    pub(crate) vendors: Value,
    script: Arc<Mutex<Script>>,
}

impl Platform {
    pub(crate) async fn start() -> Self {
        let script = Arc::new(Mutex::new(Script::new()));
        let told = script.clone();
        let options = Options {
            template: format!("{ROOT}/template.yaml").into(),
            data: Data::Memory,
            port: 0,
            vendors: settings(),
            parameters: std::collections::BTreeMap::new(),
            seed: None,
            sandboxes: Some(Box::new(|_| Router::new().fallback(say).with_state(told))),
        };
        let cloud = EmbeddedCloud::start(options, Functions::all_in(&context())).await.unwrap();
        let vendors = settings().load(cloud.url()).unwrap();
        Self { cloud, vendors, script }
    }

    /// The functions' environment, with their clock.
    pub(crate) fn settings(&self) -> Settings {
        Settings::new(self.cloud.env().clone(), context())
    }

    /// From now on vendors say this and nothing else.
    pub(crate) fn vendors_say(&self, script: Script) {
        *self.script.lock().unwrap() = script;
    }
}

/// The vendors' settings as they are shipped.
pub(crate) fn vendors() -> Value {
    settings().load("http://127.0.0.1:8080").unwrap()
}

fn settings() -> Vendors {
    Vendors::File(format!("{ROOT}/infra/local/vendors.json").into())
}

fn context() -> Context {
    Context::new(Arc::new(StandingClock), Arc::new(SystemRandom))
}

struct StandingClock;

impl edge::Clock for StandingClock {
    fn now(&self) -> domain::Timestamp {
        NOW.parse().unwrap()
    }
}

/// What is not in the script, a vendor does not know.
async fn say(State(script): State<Arc<Mutex<Script>>>, method: Method, uri: Uri) -> Response {
    let asked = format!("{method} {uri}");
    let said = script.lock().unwrap().get(&asked).cloned();
    let (status, body) = said.unwrap_or_else(|| (404, format!("{{\"not in the table\":\"{asked}\"}}")));
    let json = [(header::CONTENT_TYPE, "application/json")];
    (StatusCode::from_u16(status).unwrap(), json, body).into_response()
}
