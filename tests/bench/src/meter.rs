//! A meter on the wire between a function and the store: counts calls, bytes and the capacity the store reports.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::Error;

/// What one operation cost.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The store's calls, in order, by their names. They follow one another: each is a round trip.
    pub calls: Vec<String>,
    /// Read units, in thousandths.
    pub read_milliunits: u64,
    /// Write units, in thousandths.
    pub write_milliunits: u64,
    /// Bytes of each item written.
    pub item_bytes: Vec<(String, usize)>,
}

/// A running meter.
#[derive(Clone)]
pub struct Meter {
    endpoint: String,
    reading: Arc<Mutex<Reading>>,
}

#[derive(Clone)]
struct Wire {
    target: String,
    client: reqwest::Client,
    reading: Arc<Mutex<Reading>>,
}

impl Meter {
    /// Puts a meter before an endpoint.
    pub async fn start(target: &str) -> Result<Self, Error> {
        let reading = Arc::new(Mutex::new(Reading::default()));
        let client = reqwest::Client::builder().no_proxy().build()?;
        let wire = Wire { target: target.to_owned(), client, reading: Arc::clone(&reading) };
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let router = Router::new().fallback(pass).with_state(wire);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { endpoint, reading })
    }

    /// Where the metered store answers.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Takes the reading and starts a new one.
    #[must_use]
    pub fn take(&self) -> Reading {
        std::mem::take(&mut *self.reading.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Passes a call on, asking the store to report what it costs.
async fn pass(State(wire): State<Wire>, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    match forward(&wire, &headers, &body).await {
        Ok(answer) => answer,
        Err(error) => {
            (StatusCode::BAD_GATEWAY, [("content-type", "text/plain")], error.to_string().into_bytes())
        }
    }
}

type Answer = (StatusCode, [(&'static str, &'static str); 1], Vec<u8>);

async fn forward(wire: &Wire, headers: &HeaderMap, body: &[u8]) -> Result<Answer, Error> {
    let target = headers.get("x-amz-target").and_then(|it| it.to_str().ok()).unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    let metered = target.starts_with("DynamoDB_");
    let mut request: Value = serde_json::from_slice(body)?;
    if metered && let Some(request) = request.as_object_mut() {
        request.insert("ReturnConsumedCapacity".to_owned(), json!("TOTAL"));
    }
    let mut call = wire.client.post(&wire.target).body(request.to_string());
    for name in ["x-amz-target", "content-type", "authorization", "x-amz-date"] {
        if let Some(value) = headers.get(name) {
            call = call.header(name, value.as_bytes());
        }
    }
    let answered = call.send().await?;
    let status = StatusCode::from_u16(answered.status().as_u16())?;
    let bytes = answered.bytes().await?.to_vec();
    if metered {
        let answer: Value = serde_json::from_slice(&bytes)?;
        let mut reading = wire.reading.lock().unwrap_or_else(PoisonError::into_inner);
        reading.note(&operation, &request, &answer);
    }
    Ok((status, [("content-type", "application/x-amz-json-1.0")], bytes))
}

impl Reading {
    fn note(&mut self, operation: &str, request: &Value, answer: &Value) {
        let reads = matches!(operation, "GetItem" | "BatchGetItem" | "TransactGetItems" | "Query");
        let units = capacity_milliunits(answer.get("ConsumedCapacity"));
        if reads {
            self.read_milliunits += units;
        } else {
            self.write_milliunits += units;
        }
        for item in request.get("TransactItems").and_then(Value::as_array).into_iter().flatten() {
            if let Some(item) = item.pointer("/Put/Item") {
                let sk = item.pointer("/sk/S").and_then(Value::as_str).unwrap_or_default();
                let kind = sk.split('#').next().unwrap_or_default().to_owned();
                self.item_bytes.push((kind, item_size(item)));
            }
        }
        self.calls.push(operation.to_owned());
    }
}

/// The capacity units that an answer reports, of one table or of several.
fn capacity_milliunits(reported: Option<&Value>) -> u64 {
    let of_one = |it: &Value| it.get("CapacityUnits").map(Value::to_string).as_deref().map_or(0, milliunits);
    match reported {
        Some(Value::Array(tables)) => tables.iter().map(of_one).sum(),
        Some(table) => of_one(table),
        None => 0,
    }
}

/// Reads a decimal text as thousandths.
fn milliunits(text: &str) -> u64 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let thousandths = format!("{fraction:0<3}");
    let part = thousandths.get(..3).and_then(|it| it.parse::<u64>().ok()).unwrap_or_default();
    whole.parse::<u64>().unwrap_or_default() * 1000 + part
}

/// An item's size as DynamoDB counts it: names and values, numbers at about half a byte a digit.
fn item_size(item: &Value) -> usize {
    item.as_object()
        .map_or(0, |fields| fields.iter().map(|(name, value)| name.len() + value_size(value)).sum())
}

fn value_size(value: &Value) -> usize {
    let Some((kind, value)) = value.as_object().and_then(|it| it.iter().next()) else { return 0 };
    match (kind.as_str(), value) {
        ("N", Value::String(digits)) => digits.len().div_ceil(2) + 1,
        ("S" | "B", Value::String(text)) => text.len(),
        ("M", map) => 3 + map.as_object().map_or(0, serde_json::Map::len) + item_size(map),
        ("L", Value::Array(list)) => 3 + list.iter().map(|it| 1 + value_size(it)).sum::<usize>(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capacity_is_read_exactly() {
        assert_eq!(milliunits("0.5"), 500);
        assert_eq!(milliunits("4"), 4000);
        assert_eq!(milliunits("4.25"), 4250);
        let tables = json!([{"CapacityUnits": 4.0}, {"CapacityUnits": 1.0}]);
        assert_eq!(capacity_milliunits(Some(&tables)), 5000);
    }
}
