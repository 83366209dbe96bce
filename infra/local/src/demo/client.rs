//! Calls over HTTP, and what came back.

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use serde_json::Value;

/// Something did not go as it should, in one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Failure(pub String);

/// Calls one address. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    brand: Option<String>,
    watch: Option<fn(&Call, &Answer)>,
}

/// A call to be made.
#[derive(Clone, Debug)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// The path and the query, or a whole URL.
    pub path: String,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body's bytes; none if empty.
    pub body: Vec<u8>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What was called, for failures.
    pub call: String,
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as JSON; null if it is none.
    pub body: Value,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl Client {
    /// A client of the platform at a base URL.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            // The platform may be started again between two calls: no connection is kept.
            .pool_max_idle_per_host(0)
            .timeout(std::time::Duration::from_secs(30))
            .build()
            .unwrap_or_default();
        Self { http, url: url.into(), brand: None, watch: None }
    }

    /// The same for players of another brand.
    #[must_use]
    pub fn of_brand(mut self, brand: &str) -> Self {
        self.brand = Some(brand.to_owned());
        self
    }

    /// The same, telling every exchange.
    #[must_use]
    pub const fn watched(mut self, watch: fn(&Call, &Answer)) -> Self {
        self.watch = Some(watch);
        self
    }

    /// The same, telling nothing.
    #[must_use]
    pub const fn silent(mut self) -> Self {
        self.watch = None;
        self
    }

    /// The base URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Makes a call; any answer is an answer.
    pub async fn send(&self, call: Call) -> Result<Answer, Failure> {
        let url =
            if call.path.starts_with('/') { format!("{}{}", self.url, call.path) } else { call.path.clone() };
        let named = format!("{} {}", call.method, call.path);
        let failed = |error: &dyn std::fmt::Display| Failure(format!("{named}: {error}"));
        let mut request = self.http.request(call.method.clone(), url).body(call.body.clone());
        if let Some(brand) = &self.brand {
            request = request.header("x-brand", brand);
        }
        for (name, value) in &call.headers {
            let name: HeaderName = name.parse().map_err(|e| failed(&e))?;
            request =
                request.header(name, HeaderValue::from_bytes(value.as_bytes()).map_err(|e| failed(&e))?);
        }
        let response = request.send().await.map_err(|e| failed(&unanswered(&e)))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.map_err(|e| failed(&e))?.to_vec();
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        let answer = Answer { call: named, status, headers, body, bytes };
        if let Some(watch) = self.watch {
            watch(&call, &answer);
        }
        Ok(answer)
    }
}

/// The cause without the layers around it.
fn unanswered(error: &reqwest::Error) -> String {
    if error.is_connect() { "nothing answers there".to_owned() } else { error.to_string() }
}

impl Call {
    fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), headers: Vec::new(), body: Vec::new() }
    }

    /// Reads.
    #[must_use]
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    /// Creates or acts.
    #[must_use]
    pub fn post(path: impl Into<String>) -> Self {
        Self::new(Method::POST, path)
    }

    /// Changes.
    #[must_use]
    pub fn patch(path: impl Into<String>) -> Self {
        Self::new(Method::PATCH, path)
    }

    /// Removes.
    #[must_use]
    pub fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, path)
    }

    /// The same with a JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.bytes("application/json", body.to_string())
    }

    /// The same with a body whose every byte counts.
    #[must_use]
    pub fn bytes(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header(header::CONTENT_TYPE.as_str(), content_type)
    }

    /// The same with a header more.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same, signed in.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header(header::AUTHORIZATION.as_str(), &format!("Bearer {token}"))
    }

    /// The same, to be done once however often it is sent.
    #[must_use]
    pub fn once(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }
}

impl Answer {
    /// Goes on only with a certain status.
    pub fn must(self, status: u16) -> Result<Self, Failure> {
        if self.status == status {
            return Ok(self);
        }
        Err(Failure(format!("{}: expected {status}, got {} {}", self.call, self.status, self.body)))
    }

    /// Goes on only with a certain problem.
    pub fn must_be(self, status: u16, code: &str) -> Result<Self, Failure> {
        let answer = self.must(status)?;
        if answer.code() == Some(code) {
            return Ok(answer);
        }
        Err(Failure(format!("{}: expected {code}, got {}", answer.call, answer.body)))
    }

    /// The problem's code.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.body.get("code")?.as_str()
    }

    /// A text in the body, by JSON pointer.
    pub fn text(&self, pointer: &str) -> Result<&str, Failure> {
        self.body
            .pointer(pointer)
            .and_then(Value::as_str)
            .ok_or_else(|| Failure(format!("{}: no text at {pointer} in {}", self.call, self.body)))
    }

    /// A whole number in the body, by JSON pointer.
    pub fn number(&self, pointer: &str) -> Result<i64, Failure> {
        self.body
            .pointer(pointer)
            .and_then(Value::as_i64)
            .ok_or_else(|| Failure(format!("{}: no number at {pointer} in {}", self.call, self.body)))
    }

    /// The items of a list.
    pub fn items(&self) -> Result<&[Value], Failure> {
        self.body
            .get("items")
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .ok_or_else(|| Failure(format!("{}: no items in {}", self.call, self.body)))
    }
}
