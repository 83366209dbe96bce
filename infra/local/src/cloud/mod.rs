//! The AWS services the functions call, behind one loopback endpoint. Each is somebody's emulator crate;
//! what is ours is only the door.

mod buckets;
mod dynamodb;
mod keys;
mod resources;

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::State,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use rustack_kinesis_core::{config::KinesisConfig, handler::RustackKinesisHandler, provider::RustackKinesis};
use rustack_secretsmanager_core::{
    config::SecretsManagerConfig, handler::RustackSecretsManagerHandler, provider::RustackSecretsManager,
};
use rustack_sqs_core::{config::SqsConfig, handler::RustackSqsHandler, provider::RustackSqs};
use serde_json::Value;
use tokio::sync::watch;
use ulid::Ulid;

use crate::{ACCOUNT, REGION, StartError, data::DataFolder, tasks::Tasks};

pub(crate) use resources::provision;

/// The largest request any of the services takes.
const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What a service answered instead of a result.
#[derive(Debug, thiserror::Error)]
#[error("{code}: {message}")]
pub struct AwsError {
    /// The error's type, without its namespace.
    pub code: String,
    /// What the service says about it.
    pub message: String,
}

/// The running services.
#[derive(Clone)]
pub struct Cloud {
    services: Arc<Services>,
    endpoint: String,
}

struct Services {
    buckets: buckets::Buckets,
    dynamodb: dynamodb::Proxy,
    keys: keys::Keyring,
    kinesis: RustackKinesisHandler,
    secrets: RustackSecretsManagerHandler,
    sqs: RustackSqsHandler,
    records_written: watch::Sender<()>,
}

/// Answers an awsJson request with one of the rustack services: they are mirror images without a common trait.
macro_rules! answer {
    ($http:ident, $handler:expr, $headers:expr, $body:expr) => {{
        let answered = match $http::router::resolve_operation($headers) {
            Ok(operation) => $http::dispatch::dispatch_operation($handler, operation, $body).await,
            Err(error) => Err(error),
        };
        answered
            .unwrap_or_else(|error| $http::response::error_to_response(&error, &Ulid::generate().to_string()))
            .map(Body::new)
    }};
}

impl Services {
    async fn dispatch(&self, headers: &HeaderMap, body: Bytes) -> Response {
        let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (service, operation) = target.split_once('.').unwrap_or_default();
        let response = match service {
            "DynamoDB_20120810" | "DynamoDBStreams_20120810" => self.dynamodb.forward(headers, body).await,
            "Kinesis_20131202" => answer!(rustack_kinesis_http, &self.kinesis, headers, body),
            "AmazonSQS" => answer!(rustack_sqs_http, &self.sqs, headers, body),
            "TrentService" => answer!(rustack_kms_http, &self.keys, headers, body),
            "secretsmanager" => answer!(rustack_secretsmanager_http, &self.secrets, headers, body),
            _ => (StatusCode::BAD_REQUEST, "no such service here").into_response(),
        };
        if writes_records(service, operation) {
            self.records_written.send_replace(());
        }
        response
    }
}

/// Whether an operation may have put something on a stream that a poller waits for.
fn writes_records(service: &str, operation: &str) -> bool {
    matches!(service, "DynamoDB_20120810" | "Kinesis_20131202")
        && ["Put", "Update", "Delete", "TransactWrite", "BatchWrite"]
            .iter()
            .any(|verb| operation.starts_with(verb))
}

impl Cloud {
    /// Starts the services, empty but for what the data folder kept.
    pub(crate) async fn start(folder: &DataFolder, tasks: &Tasks) -> Result<Self, StartError> {
        let listener = crate::listen(0).await?;
        let address = listener.local_addr().map_err(|e| StartError::Port(0, e.to_string()))?;
        let services = Arc::new(Services {
            buckets: buckets::Buckets::new(),
            dynamodb: dynamodb::Proxy::start(folder, tasks).await?,
            keys: keys::Keyring::load(folder)?,
            kinesis: kinesis(),
            secrets: secrets(),
            sqs: sqs(address),
            records_written: watch::Sender::new(()),
        });
        let door = Router::new().fallback(handle).with_state(services.clone());
        tasks.serve(listener, door);
        Ok(Self { services, endpoint: format!("http://{address}") })
    }

    /// Where the AWS SDK finds the services.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Calls an operation, such as `AmazonSQS.SendMessage`, as an SDK would.
    pub async fn call(&self, target: &'static str, input: Value) -> Result<Value, AwsError> {
        let headers = HeaderMap::from_iter([
            (http::HeaderName::from_static("x-amz-target"), HeaderValue::from_static(target)),
            (http::header::CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.0")),
        ]);
        let response = self.services.dispatch(&headers, Bytes::from(input.to_string())).await;
        let failed = |code: &str, message: String| AwsError { code: code.to_owned(), message };
        let status = response.status();
        let body = to_bytes(response.into_body(), usize::MAX)
            .await
            .map_err(|e| failed("BrokenAnswer", format!("{target}: {e}")))?;
        let answer: Value = if body.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&body)
                .map_err(|e| failed("BrokenAnswer", format!("{target}: {status}: {e}")))?
        };
        if status.is_success() {
            return Ok(answer);
        }
        let text = |names: [&str; 2]| {
            let found = names.iter().find_map(|name| answer.get(name).and_then(Value::as_str));
            found.unwrap_or_default().to_owned()
        };
        let code = text(["__type", "code"]);
        let code = code.rsplit('#').next().unwrap_or_default();
        Err(failed(code, format!("{target}: {}", text(["message", "Message"]))))
    }

    /// Changes whenever something may have been written to a table or stream.
    pub(crate) fn records_written(&self) -> watch::Receiver<()> {
        self.services.records_written.subscribe()
    }
}

async fn handle(State(services): State<Arc<Services>>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    match to_bytes(body, BODY_BYTES_MAX).await {
        // Only S3 names its operations by method and path.
        Ok(body) if !parts.headers.contains_key("x-amz-target") => {
            services.buckets.dispatch(parts, body).await
        }
        Ok(body) => services.dispatch(&parts.headers, body).await,
        Err(_) => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
    }
}

fn kinesis() -> RustackKinesisHandler {
    let config = KinesisConfig {
        default_region: REGION.to_owned(),
        default_account_id: ACCOUNT.to_owned(),
        ..KinesisConfig::default()
    };
    RustackKinesisHandler::new(Arc::new(RustackKinesis::new(config)))
}

fn secrets() -> RustackSecretsManagerHandler {
    let config = SecretsManagerConfig {
        default_region: REGION.to_owned(),
        default_account_id: ACCOUNT.to_owned(),
        ..SecretsManagerConfig::default()
    };
    RustackSecretsManagerHandler::new(Arc::new(RustackSecretsManager::new(config)))
}

/// Queue URLs must lead back to our own door.
fn sqs(door: SocketAddr) -> RustackSqsHandler {
    let config = SqsConfig {
        default_region: REGION.to_owned(),
        account_id: ACCOUNT.to_owned(),
        host: door.ip().to_string(),
        port: door.port(),
        ..SqsConfig::default()
    };
    RustackSqsHandler::new(Arc::new(RustackSqs::new(config)))
}
