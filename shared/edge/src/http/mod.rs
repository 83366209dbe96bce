//! The HTTP wrapper: API Gateway's event in, a handler's reply or problem out.

mod reply;
mod request;

use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use futures::FutureExt;
use futures::future::BoxFuture;
use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, Service};
use lambda_runtime::LambdaEvent;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

pub use reply::Reply;
pub use request::{Request, decimal_field};

use crate::{BoxError, Function, Problem};

/// The largest body that is looked at.
const BODY_MAX_BYTES: usize = 256 * 1024;

/// Answers HTTP requests. A problem is an answer too; only what is unclear is an outage.
pub trait Handler: Send + Sync + 'static {
    /// Answers one request.
    fn handle(&self, request: Request) -> impl Future<Output = Result<Reply, Problem>> + Send;
}

/// Makes a function of a handler.
pub fn http(handler: impl Handler) -> Arc<dyn Function> {
    Arc::new(HttpFunction { handler: Arc::new(handler) })
}

struct HttpFunction<H> {
    handler: Arc<H>,
}

impl<H: Handler> Function for HttpFunction<H> {
    fn invoke(&self, event: Value) -> BoxFuture<'_, Result<Value, BoxError>> {
        async move {
            let event = serde_json::from_value(event)?;
            Ok(serde_json::to_value(self.call(event).await?)?)
        }
        .boxed()
    }

    fn invoke_text<'a>(&'a self, event: &'a RawValue) -> BoxFuture<'a, Result<Box<RawValue>, BoxError>> {
        async move {
            let event = serde_json::from_str(event.get())?;
            Ok(to_raw_value(&self.call(event).await?)?)
        }
        .boxed()
    }
}

impl<H: Handler> HttpFunction<H> {
    async fn call(&self, event: ApiGatewayV2httpRequest) -> Result<impl Serialize, BoxError> {
        let handler = Arc::clone(&self.handler);
        let mut adapter = Adapter::from(tower::service_fn(move |request| {
            let handler = Arc::clone(&handler);
            async move { answer(handler.as_ref(), request).await }
        }));
        let context = lambda_runtime::Context::default();
        adapter.call(LambdaEvent::new(LambdaRequest::ApiGatewayV2(event), context)).await
    }
}

async fn answer(
    handler: &impl Handler,
    request: lambda_http::Request,
) -> Result<lambda_http::Response<lambda_http::Body>, BoxError> {
    let started = Instant::now();
    let request = Request::new(request);
    let (route, request_id) = (request.route().to_owned(), request.id().to_owned());
    let outcome = if request.body().len() > BODY_MAX_BYTES {
        Err(Problem::too_large())
    } else {
        handler.handle(request).await
    };
    let reply = outcome.unwrap_or_else(|problem| problem.reply());
    // The gateway's access log has it all; a second line of each call would cost more than the call's own time.
    tracing::debug!(
        route,
        request_id,
        status = reply.status(),
        duration_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        "answered"
    );
    reply.into_response()
}
