//! The API's own description: one `OpenAPI` document, compiled in, so that it is always that of this very version.

use std::sync::Arc;

use edge::{BoxError, Function, Handler, Problem, Reply, Request, Settings, http};
use ring::digest::{SHA256, digest};

#[cfg(test)]
mod tests;

const DOCUMENT: &str = include_str!("openapi.json");

/// Caches may keep it for five minutes, and afterwards ask whether it changed.
const CACHING: &str = "public, max-age=300";

/// Starts the function. It needs no settings.
#[expect(clippy::unused_async, reason = "every function starts the same way")]
pub async fn start(_: Settings) -> Result<Arc<dyn Function>, BoxError> {
    Ok(http(Openapi { etag: format!("\"{}\"", hex::encode(digest(&SHA256, DOCUMENT.as_bytes()))) }))
}

struct Openapi {
    etag: String,
}

impl Handler for Openapi {
    async fn handle(&self, request: Request) -> Result<Reply, Problem> {
        match request.route() {
            "GET /openapi.json" => Ok(self.document(request.header("if-none-match"))),
            _ => Err(Problem::not_found()),
        }
    }
}

impl Openapi {
    fn document(&self, known: Option<&str>) -> Reply {
        let reply = if known.is_some_and(|known| self.is_among(known)) {
            Reply::empty(304)
        } else {
            Reply::bytes(200, "application/json", DOCUMENT.into())
        };
        // Anybody may read it, from any page: it is what the documentation viewers load.
        reply
            .with_header("cache-control", CACHING)
            .with_header("etag", &self.etag)
            .with_header("access-control-allow-origin", "*")
    }

    /// Compressing proxies mark the tag as weak; the document behind it is the same.
    fn is_among(&self, known: &str) -> bool {
        known.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/") == self.etag)
    }
}
