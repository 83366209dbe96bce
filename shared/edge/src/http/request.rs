//! Requests: what API Gateway passes on, and how bodies, pages, keys and periods are read from it.

use std::str::FromStr;

use domain::{Currency, Money, Timestamp};
use lambda_http::RequestExt;
use lambda_http::request::RequestContext;
use serde::de::DeserializeOwned;
use store::{Cursor, PageRequest};

use crate::{FieldError, Problem};

/// Items on a page when the caller does not say.
const PAGE_DEFAULT: i32 = 50;
/// Items on a page at most.
const PAGE_MAX: i32 = 200;

/// An HTTP request as it came through API Gateway.
pub struct Request {
    inner: lambda_http::Request,
    route: String,
    id: String,
    host: String,
    source_ip: String,
}

impl Request {
    pub(super) fn new(inner: lambda_http::Request) -> Self {
        let (mut route, mut id, mut host, mut source_ip) = Default::default();
        if let Some(RequestContext::ApiGatewayV2(context)) = inner.request_context_ref() {
            route = context.route_key.clone().unwrap_or_default();
            id = context.request_id.clone().unwrap_or_default();
            host = context.domain_name.clone().unwrap_or_default();
            source_ip = context.http.source_ip.clone().unwrap_or_default();
        }
        Self { inner, route, id, host, source_ip }
    }

    /// The route that matched, as the template names it, such as `GET /v1/deposits/{id}`.
    #[must_use]
    pub fn route(&self) -> &str {
        &self.route
    }

    /// The request's id, for logs.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The HTTP method.
    #[must_use]
    pub fn method(&self) -> &http::Method {
        self.inner.method()
    }

    /// The query as called, without its question mark.
    #[must_use]
    pub fn raw_query(&self) -> &str {
        self.inner.uri().query().unwrap_or_default()
    }

    /// The path as called.
    #[must_use]
    pub fn path(&self) -> &str {
        self.inner.raw_http_path()
    }

    /// The caller's address.
    #[must_use]
    pub fn source_ip(&self) -> &str {
        &self.source_ip
    }

    /// The body's bytes as sent.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.inner.body()
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &http::HeaderMap {
        self.inner.headers()
    }

    /// A header's text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.inner.headers().get(name).and_then(|value| value.to_str().ok())
    }

    /// The host that was called; empty if the gateway does not say.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// A parameter of the path.
    #[must_use]
    pub fn path_parameter(&self, name: &str) -> String {
        self.inner.path_parameters().first(name).unwrap_or_default().to_owned()
    }

    /// An id in the path; what is no id of the kind is simply not found.
    pub fn path_id<T: FromStr>(&self, name: &str) -> Result<T, Problem> {
        self.path_parameter(name).parse().map_err(|_| Problem::not_found())
    }

    /// A parameter of the query.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<String> {
        self.inner.query_string_parameters().first(name).map(str::to_owned)
    }

    /// The page asked for by `limit` and `cursor`.
    pub fn page(&self) -> Result<PageRequest, Problem> {
        let limit = match self.query("limit") {
            None => PAGE_DEFAULT,
            Some(text) => match text.parse() {
                Ok(limit) if (1..=PAGE_MAX).contains(&limit) => limit,
                _ => return Err(Problem::invalid_field("/limit", "must be a whole number from 1 to 200")),
            },
        };
        let after = match self.query("cursor") {
            None => None,
            Some(text) => Some(
                text.parse::<Cursor>()
                    .map_err(|_| Problem::invalid_field("/cursor", "is not a cursor of this list"))?,
            ),
        };
        Ok(PageRequest { limit, after })
    }

    /// A moment in the query: RFC 3339, or a day, which means its first moment in UTC.
    pub fn query_time(&self, name: &str) -> Result<Option<Timestamp>, Problem> {
        let Some(text) = self.query(name) else { return Ok(None) };
        let day = || {
            let midnight = text.parse::<domain::Date>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
            Some(midnight.timestamp())
        };
        text.parse()
            .ok()
            .or_else(day)
            .map(Some)
            .ok_or_else(|| Problem::invalid_field(format!("/{name}"), "must be a time (RFC 3339) or a day"))
    }

    /// The `Idempotency-Key`, which creating or moving money needs: 1 to 255 visible ASCII characters.
    pub fn idempotency_key(&self) -> Result<&str, Problem> {
        let key = self.header("idempotency-key").unwrap_or_default();
        let valid = !key.is_empty() && key.len() <= 255 && key.bytes().all(|byte| byte.is_ascii_graphic());
        if valid {
            Ok(key)
        } else {
            Err(Problem::malformed("the header Idempotency-Key must be 1 to 255 visible ASCII characters"))
        }
    }

    /// Reads the body as JSON of a type: broken JSON is malformed, wrong fields are invalid.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        if let Some(content_type) = self.headers().get("content-type") {
            let content_type = content_type.to_str().unwrap_or_default();
            let essence = content_type.split(';').next().unwrap_or_default().trim();
            if !essence.eq_ignore_ascii_case("application/json") {
                return Err(Problem::unsupported_media_type());
            }
        }
        let value: serde_json::Value = serde_json::from_slice(self.body())
            .map_err(|error| Problem::malformed(format!("the body is not JSON: {error}")))?;
        if !value.is_object() {
            return Err(Problem::malformed("the body must be a JSON object"));
        }
        serde_path_to_error::deserialize(value).map_err(|error| {
            let mut pointer: String = error.path().iter().filter_map(step).collect();
            let detail = error.inner().to_string();
            // A missing field is reported on its parent; the pointer should lead to the field.
            if let Some(field) = detail.strip_prefix("missing field `").and_then(|it| it.strip_suffix('`')) {
                pointer.push('/');
                pointer.push_str(field);
                return Problem::invalid(vec![FieldError::new(pointer, "is missing")]);
            }
            Problem::invalid(vec![FieldError::new(pointer, detail)])
        })
    }
}

/// One step of a JSON pointer.
fn step(segment: &serde_path_to_error::Segment) -> Option<String> {
    use serde_path_to_error::Segment;
    match segment {
        Segment::Seq { index } => Some(format!("/{index}")),
        Segment::Map { key } => Some(format!("/{key}")),
        Segment::Enum { .. } | Segment::Unknown => None,
    }
}

/// Reads an amount of a payment: a decimal string with the currency's own places, above zero.
pub fn decimal_field(text: &str, currency: Currency, pointer: &str) -> Result<Money, Problem> {
    let amount = domain::parse_decimal(text)
        .and_then(|amount| Money::from_payment(amount, currency))
        .map_err(|error| Problem::invalid_field(pointer, error.to_string()))?;
    if amount.is_positive() { Ok(amount) } else { Err(Problem::invalid_field(pointer, "must be above zero")) }
}
