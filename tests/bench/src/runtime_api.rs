//! The Lambda Runtime API for one process: hands it events one by one and takes its answers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use edge::Context;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

use crate::Error;

/// How long a process may take to poll or to answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running Runtime API.
pub struct RuntimeApi {
    address: String,
    events: mpsc::UnboundedSender<String>,
    reports: mpsc::UnboundedReceiver<Report>,
    server: JoinHandle<()>,
}

/// What the process did.
enum Report {
    Polled(Instant),
    Answered(Instant, Bytes),
    Failed(Bytes),
}

#[derive(Clone)]
struct Door {
    events: Arc<Mutex<mpsc::UnboundedReceiver<String>>>,
    reports: mpsc::UnboundedSender<Report>,
}

impl RuntimeApi {
    /// Starts on a port of its own.
    pub async fn start() -> Result<Self, Error> {
        let (events, waiting) = mpsc::unbounded_channel();
        let (reporter, reports) = mpsc::unbounded_channel();
        let door = Door { events: Arc::new(Mutex::new(waiting)), reports: reporter };
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/2018-06-01/runtime/init/error", post(error))
            .with_state(door);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { address, events, reports, server })
    }

    /// What the process finds in `AWS_LAMBDA_RUNTIME_API`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// When the process asks for its next event.
    pub async fn polled(&mut self) -> Result<Instant, Error> {
        match self.report().await? {
            Report::Polled(at) => Ok(at),
            Report::Answered(_, body) | Report::Failed(body) => Err(failure(&body)),
        }
    }

    /// Hands the process an event: when its answer came, and the answer.
    pub async fn invoke(&mut self, event: &Value) -> Result<(Instant, Value), Error> {
        self.events.send(event.to_string())?;
        loop {
            match self.report().await? {
                Report::Polled(_) => {}
                Report::Answered(at, body) => return Ok((at, serde_json::from_slice(&body)?)),
                Report::Failed(body) => return Err(failure(&body)),
            }
        }
    }

    async fn report(&mut self) -> Result<Report, Error> {
        let report = tokio::time::timeout(PATIENCE, self.reports.recv()).await;
        report.ok().flatten().ok_or_else(|| "the process said nothing: it has ended, or hangs".into())
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn next(State(door): State<Door>) -> Response {
    let _ = door.reports.send(Report::Polled(Instant::now()));
    let Some(event) = door.events.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-aws-request-id", "00000000-0000-4000-8000-000000000000".to_owned()),
        ("lambda-runtime-deadline-ms", deadline().to_string()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-west-1:000000000000:function:bench".to_owned(),
        ),
        ("lambda-runtime-trace-id", "Root=1-00000000-000000000000000000000000;Sampled=0".to_owned()),
    ];
    (headers, event).into_response()
}

async fn response(State(door): State<Door>, body: Bytes) -> StatusCode {
    let _ = door.reports.send(Report::Answered(Instant::now(), body));
    StatusCode::ACCEPTED
}

async fn error(State(door): State<Door>, body: Bytes) -> StatusCode {
    let _ = door.reports.send(Report::Failed(body));
    StatusCode::ACCEPTED
}

/// Milliseconds since 1970 at which Lambda would stop waiting.
fn deadline() -> i64 {
    (Context::default().now() + PATIENCE).as_millisecond()
}

fn failure(body: &Bytes) -> Error {
    format!("the function failed: {}", String::from_utf8_lossy(body)).into()
}
