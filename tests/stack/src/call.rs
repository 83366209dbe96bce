//! One HTTP call to the deployed API.

use reqwest::{
    Client, Method,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use serde_json::Value;

use crate::Error;

/// Headers and body of a call.
#[derive(Clone, Debug, Default)]
pub struct Request {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// What came back. `body` is null when it was no JSON.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The answer's headers.
    pub headers: HeaderMap,
    /// The answer's JSON.
    pub body: Value,
}

impl Request {
    /// A call with a JSON body.
    #[must_use]
    pub fn json(body: &Value) -> Self {
        Self::bytes(body.to_string()).header("content-type", "application/json")
    }

    /// A call with a body whose every byte counts, such as a signed one.
    #[must_use]
    pub fn bytes(body: impl Into<Vec<u8>>) -> Self {
        Self { headers: Vec::new(), body: body.into() }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Signs in with an access token.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }
}

pub(crate) async fn send(
    client: &Client,
    method: &str,
    url: &str,
    request: Request,
) -> Result<Answer, Error> {
    let failed = |error: &dyn std::fmt::Display| Error(format!("{method} {url}: {error}"));
    let method: Method = method.parse().map_err(|error| failed(&error))?;
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        let name: HeaderName = name.parse().map_err(|error| failed(&error))?;
        headers.append(name, HeaderValue::from_str(value).map_err(|error| failed(&error))?);
    }
    let answer = client.request(method.clone(), url).headers(headers).body(request.body).send().await;
    let answer = answer.map_err(|error| failed(&error))?;
    Ok(Answer {
        status: answer.status().as_u16(),
        headers: answer.headers().clone(),
        body: serde_json::from_slice(&answer.bytes().await.map_err(|error| failed(&error))?)
            .unwrap_or_default(),
    })
}
