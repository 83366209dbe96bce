//! Calls between vendors and us, as bytes: what came in, what goes back, what we send out.

use std::collections::BTreeMap;

/// A vendor's call exactly as it arrived. Nothing in it may be believed yet.
#[derive(Clone, Copy)]
pub struct RawCall<'a> {
    /// The path below the vendor's own prefix, such as `/transaction/bet`.
    pub path: &'a str,
    /// The headers; names compare without case.
    pub headers: &'a http::HeaderMap,
    /// The body's bytes, before any parsing.
    pub body: &'a [u8],
}

impl<'a> RawCall<'a> {
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
        out.debug_struct("OutboundCall")
            .field("method", &self.method)
            .field("url", &self.url)
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
