//! Replies: status, headers and body, before they become API Gateway's JSON.

use std::fmt::Display;

use serde::Serialize;

use crate::BoxError;

/// An HTTP reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Reply {
    /// A JSON reply. Never cached: it is about a person or their money.
    #[must_use]
    pub fn json(status: u16, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body).unwrap_or_default();
        Self { status, headers: vec![("cache-control", "no-store".to_owned())], body }
            .with_content_type("application/json")
    }

    /// A page of a list, and where the list goes on.
    #[must_use]
    pub fn page(items: &[impl Serialize], next: Option<impl Display>) -> Self {
        let next = next.map(|it| it.to_string());
        Self::json(200, &serde_json::json!({ "items": items, "next_cursor": next }))
    }

    /// A reply without a body.
    #[must_use]
    pub const fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    /// A reply of other content.
    #[must_use]
    pub fn bytes(status: u16, content_type: &str, body: Vec<u8>) -> Self {
        Self { status, headers: Vec::new(), body }.with_content_type(content_type)
    }

    /// The same reply with a header more.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(existing, _)| *existing != name);
        self.headers.push((name, value.into()));
        self
    }

    /// The same reply as another type of content.
    #[must_use]
    pub fn with_content_type(self, content_type: &str) -> Self {
        self.with_header("content-type", content_type)
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    pub(super) fn into_response(self) -> Result<lambda_http::Response<lambda_http::Body>, BoxError> {
        let mut response = lambda_http::Response::builder().status(self.status);
        for (name, value) in self.headers {
            response = response.header(name, value);
        }
        let body = match String::from_utf8(self.body) {
            Ok(text) if text.is_empty() => lambda_http::Body::Empty,
            Ok(text) => lambda_http::Body::Text(text),
            Err(binary) => lambda_http::Body::Binary(binary.into_bytes()),
        };
        Ok(response.body(body)?)
    }
}

impl From<vendors::call::Reply> for Reply {
    fn from(reply: vendors::call::Reply) -> Self {
        Self::bytes(reply.status, reply.content_type, reply.body)
    }
}
