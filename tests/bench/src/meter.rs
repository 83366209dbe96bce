//! A meter on the wire between a function and the store: counts calls, bytes and the capacity the store reports.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use pitboss_local::Env;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::Error;

/// What one operation cost.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The store's calls, in order, by their names. They follow one another: each is a round trip.
    pub calls: Vec<String>,
    /// Read units.
    pub read_units: Decimal,
    /// Write units.
    pub write_units: Decimal,
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

    /// The same settings of a function, with its calls going through this meter.
    #[must_use]
    pub fn before(&self, mut env: Env) -> Env {
        env.insert("AWS_ENDPOINT_URL".to_owned(), self.endpoint.clone());
        env
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
    /// How many round trips, and which if they are few.
    #[must_use]
    pub fn trips(&self) -> String {
        let count = self.calls.len();
        if count > 2 { count.to_string() } else { format!("{count} ({})", self.calls.join(", ")) }
    }

    /// This and what came after it.
    #[must_use]
    pub fn and(mut self, next: Self) -> Self {
        self.calls.extend(next.calls);
        self.item_bytes.extend(next.item_bytes);
        self.read_units += next.read_units;
        self.write_units += next.write_units;
        self
    }

    /// Bytes of the items written.
    #[must_use]
    pub fn bytes_of(&self, kind: &str) -> usize {
        self.item_bytes.iter().filter(|(it, _)| it == kind).map(|(_, bytes)| bytes).sum()
    }

    fn note(&mut self, operation: &str, request: &Value, answer: &Value) {
        let reads = matches!(operation, "GetItem" | "BatchGetItem" | "TransactGetItems" | "Query");
        let units = capacity_units(answer.get("ConsumedCapacity"));
        if reads {
            self.read_units += units;
        } else {
            self.write_units += units;
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
fn capacity_units(reported: Option<&Value>) -> Decimal {
    let of_one = |table: &Value| {
        let units = table.get("CapacityUnits").and_then(|units| units.to_string().parse::<Decimal>().ok());
        units.unwrap_or_default().normalize()
    };
    match reported {
        Some(Value::Array(tables)) => tables.iter().map(of_one).sum(),
        Some(table) => of_one(table),
        None => Decimal::ZERO,
    }
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
        assert_eq!(capacity_units(Some(&json!({"CapacityUnits": 0.5}))), Decimal::new(5, 1));
        let tables = json!([{"CapacityUnits": 4.0}, {"CapacityUnits": 1.0}]);
        assert_eq!(capacity_units(Some(&tables)), Decimal::from(5));
        assert_eq!(capacity_units(None), Decimal::ZERO);
    }
}
