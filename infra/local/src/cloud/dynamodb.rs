//! Tables and their streams: dynoxide, which keeps them in one database file.

use std::time::Duration;

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use dynoxide::Database;
use http::{HeaderMap, Request, StatusCode, Uri};
use http_body_util::Full;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};

use crate::{StartError, data::DataFolder, tasks::Tasks};

/// How often items past their time to live are swept out.
const SWEEP_EVERY: Duration = Duration::from_mins(1);

/// Dynoxide wants to see a signature, and does not check it.
const AUTHORIZATION: &str = "AWS4-HMAC-SHA256 Credential=local/20260101/eu-west-1/dynamodb/aws4_request, \
                             SignedHeaders=host;x-amz-date, Signature=00";

/// Dynoxide offers the wire protocol only as a server of its own, so requests are handed on to it.
pub(super) struct Proxy {
    client: Client<HttpConnector, Full<Bytes>>,
    uri: Uri,
}

impl Proxy {
    pub(super) async fn start(folder: &DataFolder, tasks: &Tasks) -> Result<Self, StartError> {
        let database = match folder.path("dynamodb.sqlite") {
            None => Database::memory().map_err(|e| StartError::Cloud(e.to_string()))?,
            Some(path) => Database::new(&path.to_string_lossy())
                .map_err(|e| StartError::Data(path.clone(), e.to_string()))?,
        };
        let listener = crate::listen(0).await?;
        let address = listener.local_addr().map_err(|e| StartError::Port(0, e.to_string()))?;
        let uri =
            format!("http://{address}/").parse().map_err(|_| StartError::Port(0, address.to_string()))?;
        tasks.spawn(sweep(database.clone()));
        let stopped = tasks.stopped();
        tasks.finish(async move {
            if let Err(error) = dynoxide::server::serve_with_shutdown(listener, database, stopped).await {
                tracing::error!(%error, "DynamoDB stopped");
            }
        });
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Ok(Self { client: Client::builder(TokioExecutor::new()).build(connector), uri })
    }

    pub(super) async fn forward(&self, headers: &HeaderMap, body: Bytes) -> Response {
        let mut request = Request::post(self.uri.clone())
            .header("authorization", AUTHORIZATION)
            .header("x-amz-date", "20260101T000000Z");
        for name in ["x-amz-target", "content-type"] {
            if let Some(value) = headers.get(name) {
                request = request.header(name, value);
            }
        }
        let Ok(request) = request.body(Full::new(body)) else {
            return StatusCode::BAD_REQUEST.into_response();
        };
        match self.client.request(request).await {
            Ok(response) => response.map(Body::new),
            Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response(),
        }
    }
}

async fn sweep(database: Database) {
    loop {
        tokio::time::sleep(SWEEP_EVERY).await;
        if let Err(error) = database.sweep_ttl() {
            tracing::warn!(%error, "expired items stay for now");
        }
    }
}
