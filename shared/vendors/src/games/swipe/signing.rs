//! What Swipe Games signs: a body as it is, or a query as one object, both in canonical JSON (RFC 8785).

use std::collections::BTreeMap;

use http::Method;
use serde::{Deserialize, Serialize};
use url::{Url, form_urlencoded};

use super::Swipe;
use crate::call::{Authentic, CallFailure, InboundAnswer, OutboundCall, RawCall};
use crate::games::answers::unsent;
use crate::games::request_sign;
use crate::proof::Unauthentic;

/// Accepts a call that any of the keys has signed.
///
/// A body is canonical when it comes: checking its bytes accepts nothing that another spelling of it would not.
pub(super) fn verify<'a>(call: RawCall<'a>, keys: &[Vec<u8>]) -> Result<Authentic<'a>, Unauthentic> {
    if call.method != Method::GET {
        return request_sign::verify(call, keys, call.body);
    }
    let parameters = parameters(call.query).ok_or(Unauthentic)?;
    let message = serde_json_canonicalizer::to_vec(&parameters).map_err(|_| Unauthentic)?;
    request_sign::verify(call, keys, &message)
}

/// A query's parameters, decoded. None if one comes twice: an object cannot say that.
pub(super) fn parameters(query: &str) -> Option<BTreeMap<String, String>> {
    let mut parameters = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if parameters.insert(name.into_owned(), value.into_owned()).is_some() {
            return None;
        }
    }
    Some(parameters)
}

/// A call of ours with a body: canonical, signed and sent as the same bytes.
pub(super) fn with_body(
    swipe: &Swipe,
    method: Method,
    endpoint: &Url,
    body: &impl Serialize,
) -> Result<OutboundCall, CallFailure> {
    let body = serde_json_canonicalizer::to_vec(body).map_err(|_| unsent())?;
    let headers = BTreeMap::from([
        ("content-type", "application/json".to_owned()),
        (request_sign::HEADER, request_sign::sign(&swipe.api_key, &body)),
    ]);
    Ok(OutboundCall { method, url: endpoint.to_string(), headers, body })
}

/// A call of ours with a query: signed as the object that its parameters are.
pub(super) fn with_query(
    swipe: &Swipe,
    endpoint: &Url,
    parameters: &BTreeMap<&str, &str>,
) -> Result<OutboundCall, CallFailure> {
    let message = serde_json_canonicalizer::to_vec(parameters).map_err(|_| unsent())?;
    let mut url = endpoint.clone();
    url.query_pairs_mut().extend_pairs(parameters);
    let headers = BTreeMap::from([
        ("accept", "application/json".to_owned()),
        (request_sign::HEADER, request_sign::sign(&swipe.api_key, &message)),
    ]);
    Ok(OutboundCall { method: Method::GET, url: url.to_string(), headers, body: Vec::new() })
}

/// Whether Swipe Games refused because it is done already.
pub(super) fn is_conflict(answer: &InboundAnswer) -> bool {
    answer.status == 409
}

/// Why Swipe Games refused: its code, and what it says to it.
pub(super) fn words(body: &[u8]) -> Option<String> {
    let Refused { code, message } = serde_json::from_slice(body).ok()?;
    Some(format!("{} {message}", code.unwrap_or_default()).trim().to_owned())
}

#[derive(Deserialize)]
struct Refused {
    message: String,
    #[serde(default)]
    code: Option<String>,
}
