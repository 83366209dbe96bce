//! Calls between vendors and us, as bytes: what came in, what goes back, what we send out.

use std::collections::BTreeMap;

/// A vendor's call exactly as it arrived. Nothing in it may be believed yet.
#[derive(Clone, Copy)]
pub struct RawCall<'a> {
    /// The HTTP method.
    pub method: &'a http::Method,
    /// The path below the vendor's own prefix, such as `/transaction/bet`.
    pub path: &'a str,
    /// The query as it was written, without its question mark.
    pub query: &'a str,
    /// The headers; names compare without case.
    pub headers: &'a http::HeaderMap,
    /// The body's bytes, before any parsing.
    pub body: &'a [u8],
}

impl<'a> RawCall<'a> {
    /// A `POST` without a query.
    #[must_use]
    pub const fn post(path: &'a str, headers: &'a http::HeaderMap, body: &'a [u8]) -> Self {
        Self { method: &http::Method::POST, path, query: "", headers, body }
    }

    /// A header's text, if it is there and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// Proof that a call came from the vendor. Only a check in `proof` makes one.
#[derive(Clone, Copy)]
pub struct Authentic<'a>(RawCall<'a>);

impl<'a> Authentic<'a> {
    pub(crate) const fn new(call: RawCall<'a>) -> Self {
        Self(call)
    }

    /// A call that nothing was proven of, to see how it would be read.
    #[cfg(feature = "fuzzing")]
    #[must_use]
    pub const fn unproven(call: RawCall<'a>) -> Self {
        Self(call)
    }

    /// The call, now to be believed.
    #[must_use]
    pub const fn call(&self) -> RawCall<'a> {
        self.0
    }
}

/// What a vendor is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The content type.
    pub content_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
}

/// What became of a vendor's notification, as far as the vendor may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// Taken on: acted upon, kept for staff, or seen before.
    Accepted,
    /// Not proven to come from the vendor.
    NotAuthentic,
    /// From the vendor, but not as its protocol says.
    Malformed,
    /// We cannot tell whether it was taken on: it should come again.
    Unavailable,
}

impl Receipt {
    /// The HTTP status that says it.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Accepted => 200,
            Self::Malformed => 400,
            Self::NotAuthentic => 401,
            Self::Unavailable => 503,
        }
    }
}

/// A call that comes from the vendor and yet is not what its protocol says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed: {0}")]
pub struct Malformed(
    /// What is wrong, without any of the call's data.
    pub &'static str,
);

/// A call of ours to a vendor, complete and signed; `edge` sends it.
#[derive(Clone, PartialEq, Eq)]
pub struct OutboundCall {
    /// The HTTP method.
    pub method: http::Method,
    /// The whole URL.
    pub url: String,
    /// The headers, signatures and keys included: never to be logged.
    pub headers: BTreeMap<&'static str, String>,
    /// The body's bytes, exactly as signed.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for OutboundCall {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Some vendors have secrets in paths and queries.
        let host = url::Url::parse(&self.url).ok().and_then(|url| url.host_str().map(str::to_owned));
        out.debug_struct("OutboundCall")
            .field("method", &self.method)
            .field("host", &host)
            .finish_non_exhaustive()
    }
}

/// What came back from a call of ours.
#[derive(Clone, Debug)]
pub struct InboundAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// Why a vendor's answer to a call of ours is of no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallFailure {
    /// The vendor refused, and would refuse again.
    #[error("the vendor refused: {0}")]
    Refused(String),
    /// The vendor failed, or its answer cannot be read: it may have acted all the same.
    #[error("the vendor's answer is unclear: {0}")]
    Unclear(String),
}

/// Reads a web address; other schemes are none.
pub(crate) fn web_url(text: &str) -> Option<url::Url> {
    url::Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// An endpoint below a configured base URL, whether or not that ends with a slash.
pub(crate) fn endpoint(base_url: &str, path: &str) -> Option<url::Url> {
    web_url(&format!("{}{path}", base_url.trim_end_matches('/')))
}

/// Whether a text can be a header's value.
pub(crate) fn is_header_text(text: &str) -> bool {
    !text.is_empty() && http::HeaderValue::from_str(text).is_ok()
}

/// A vendor's identifier as we are ready to build keys from: short, visible, without our separators.
pub(crate) fn is_plain_id(text: &str) -> bool {
    const LONGEST: usize = 128;
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b':' | b'#');
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(plain)
}

/// Whether a vendor's id can stand in a path as it is.
pub(crate) fn is_path_id(text: &str) -> bool {
    const LONGEST: usize = 128;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_shown_without_its_secrets() {
        let call = OutboundCall {
            method: http::Method::POST,
            url: "https://user:hidden@vendor.test/hidden/path?token=hidden".to_owned(),
            headers: BTreeMap::from([("authorization", "hidden".to_owned())]),
            body: b"hidden".to_vec(),
        };
        let shown = format!("{call:?}");
        assert!(shown.contains("vendor.test") && shown.contains("POST"), "{shown}");
        assert!(!shown.contains("hidden"), "{shown}");
    }
}
