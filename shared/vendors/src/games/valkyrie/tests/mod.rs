//! Valkyrie's protocol, held to its rules.

mod launch;
mod parse;
mod properties;
mod render;
mod verify;

use http::{HeaderMap, HeaderValue, Method};
use serde_json::Value;

use super::{Settings, Valkyrie};
use crate::call::{Authentic, RawCall, Reply};
use crate::games::{GameRequest, GameToken, GameWallet, Rejection, SECRET_BYTES};
use crate::keys::Keys;

const PLAYER: &str = "ply_01HZY4Q6T0J8K9M2N3P4R5S6T7";
const OTHER_PLAYER: &str = "ply_01HZY4Q6T0J8K9M2N3P4R5S6T8";
const QUERY: &str = "provider=evolution";
const TRANSACTIONS: &str = "/players/ply_01HZY4Q6T0J8K9M2N3P4R5S6T7/transactions";

/// A stake that names all it can.
const WITHDRAW: &str = r#"{"currency":"EUR","provider":"evolution","transactionType":"WITHDRAW","cashAmount":1.500000,"bonusAmount":0.000000,"promoAmount":0.000000,"transactionDateTime":"2026-01-01T00:00:00Z","providerTransactionId":"d-1","providerBetRef":"ref-1","providerGameId":"tbl-1","providerRoundId":"round-9","isGameOver":false,"betCode":"Spin","tip":{"tipAmount":0.0},"roundTransactions":[{"transactionType":"WITHDRAW"}]}"#;

fn settings() -> Settings {
    Settings {
        api_token: Keys::One("pam-token".to_owned()),
        session_key_hex: "07".repeat(32),
        providers: vec!["evolution".to_owned(), "caleta".to_owned()],
        recon_tokens: [(
            "caleta".to_owned(),
            Keys::Several(vec!["recon-1".to_owned(), "recon-2".to_owned()]),
        )]
        .into(),
        launch_config: std::collections::BTreeMap::default(),
        language: "en".to_owned(),
        base_url: "https://valkyrie.test".to_owned(),
        operator_api_key: Some("operator-key".to_owned()),
        catalogue: Vec::new(),
    }
}

fn valkyrie() -> Valkyrie {
    Valkyrie::new(&settings()).unwrap()
}

fn token_of(player: &str) -> String {
    GameToken::new(player.parse().unwrap(), "EUR".parse().unwrap(), [7; SECRET_BYTES]).to_text()
}

fn headers_of(token: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("X-Player-Token", HeaderValue::from_str(token).unwrap());
    headers.insert("X-Correlation-ID", HeaderValue::from_static("corr-1"));
    headers
}

/// Reads a call as if its API token had been checked.
fn parse(call: RawCall<'_>) -> Result<GameRequest, Rejection> {
    valkyrie().parse(&Authentic::new(call))
}

/// A call that shows the player's token.
fn called(method: &Method, path: &str, query: &str, body: &str) -> Result<GameRequest, Rejection> {
    let headers = headers_of(&token_of(PLAYER));
    parse(RawCall { method, path, query, headers: &headers, body: body.as_bytes() })
}

fn get(path: &str, query: &str) -> Result<GameRequest, Rejection> {
    called(&Method::GET, path, query, "")
}

fn added(body: &str) -> Result<GameRequest, Rejection> {
    called(&Method::POST, TRANSACTIONS, QUERY, body)
}

/// The stake with one field set; `None` takes it away.
fn with(fixture: &str, field: &str, value: Option<&str>) -> String {
    let mut fields: serde_json::Map<String, Value> = serde_json::from_str(fixture).unwrap();
    fields.remove(field);
    let rest = Value::Object(fields).to_string();
    match value {
        Some(value) => format!("{{\"{field}\":{value},{}", &rest[1..]),
        None => rest,
    }
}

/// A transaction of another type and id.
fn of_type(kind: &str, id: &str) -> String {
    let body = with(WITHDRAW, "transactionType", Some(&format!("\"{kind}\"")));
    with(&body, "providerTransactionId", Some(&format!("\"{id}\"")))
}

fn text(reply: &Reply) -> (u16, &str) {
    assert_eq!(reply.content_type, "application/json");
    (reply.status, std::str::from_utf8(&reply.body).unwrap())
}
