//! The HTTP API: turns requests into the events API Gateway sends (payload format 2.0), and answers back.

mod answer;
mod event;
mod routes;

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::State,
    response::Response,
};
use http::{Request, StatusCode};

use crate::{
    StartError,
    fleet::{Fleet, InvokeError},
    template::FunctionSpec,
};
use answer::message;
use routes::Routes;

/// API Gateway's limit for a request body.
const BODY_BYTES_MAX: usize = 10 * 1024 * 1024;

/// How long API Gateway waits for a function.
const INTEGRATION_TIMEOUT: Duration = Duration::from_secs(30);

struct Gateway {
    routes: Routes,
    fleet: Arc<Fleet>,
}

/// The API's router, with the sandboxes beside it.
pub(crate) fn router(
    specs: &[FunctionSpec],
    fleet: Arc<Fleet>,
    sandboxes: Option<Router>,
) -> Result<Router, StartError> {
    let routes = Routes::of(specs)?;
    let api = Router::new().fallback(handle).with_state(Arc::new(Gateway { routes, fleet }));
    Ok(match sandboxes {
        Some(sandboxes) => api.nest("/sandbox", sandboxes),
        None => api,
    })
}

async fn handle(State(gateway): State<Arc<Gateway>>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let Some(found) = gateway.routes.find(&parts.method, parts.uri.path()) else {
        return message(StatusCode::NOT_FOUND, "Not Found");
    };
    let Ok(body) = to_bytes(body, BODY_BYTES_MAX).await else {
        return message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    };
    let event = event::build(&parts, &body, &found, IpAddr::from([127, 0, 0, 1]));
    let invocation = gateway.fleet.invoke(&found.function, event);
    match tokio::time::timeout(INTEGRATION_TIMEOUT, invocation).await {
        Ok(Ok(answer)) => answer::response(&answer)
            .unwrap_or_else(|| message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")),
        Ok(Err(InvokeError::Failed(_))) => {
            message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
        }
        Ok(Err(InvokeError::TimedOut(_))) | Err(_) => {
            message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")
        }
    }
}
