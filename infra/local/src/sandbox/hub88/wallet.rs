//! Hub88's calls to the operator's wallet: signed, numbered, and kept for the player to look at.

use std::time::{Duration, Instant};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use http::header::CONTENT_TYPE;
use ring::{
    error::Unspecified,
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::SIGNATURE_HEADER;

/// How long Hub88 waits for one answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The operator's wallet, as Hub88 sees it.
pub(super) struct Wallet {
    url: String,
    key: RsaKeyPair,
    http: reqwest::Client,
}

/// One call, and what came back.
#[derive(Debug, Serialize)]
pub(super) struct Call {
    path: &'static str,
    request: Value,
    /// The HTTP status; none if there was no answer.
    http_status: Option<u16>,
    answer: Option<Value>,
    millis: u128,
}

impl Wallet {
    pub(super) fn new(url: String, key: RsaKeyPair) -> Self {
        Self { url, key, http: reqwest::Client::new() }
    }

    /// Calls until there is an answer, at most so many times. Each try has its own id; the transaction's stays.
    pub(super) async fn call(&self, path: &'static str, body: &Value, tries: u32, calls: &mut Vec<Call>) {
        for attempt in 0..tries {
            if attempt > 0 {
                tokio::time::sleep(Duration::from_millis(100 << attempt)).await;
            }
            let call = self.call_once(path, body.clone()).await;
            let answered = call.status().is_some();
            calls.push(call);
            if answered {
                break;
            }
        }
    }

    async fn call_once(&self, path: &'static str, mut request: Value) -> Call {
        if let Some(fields) = request.as_object_mut() {
            fields.insert("request_uuid".to_owned(), json!(fresh_uuid()));
        }
        let sent = Instant::now();
        let answer = self.send(path, request.to_string()).await;
        let millis = sent.elapsed().as_millis();
        let (http_status, answer) = answer.map_or((None, None), |(status, answer)| (Some(status), answer));
        Call { path, request, http_status, answer, millis }
    }

    async fn send(&self, path: &str, body: String) -> Option<(u16, Option<Value>)> {
        let signature = self.sign(body.as_bytes()).ok()?;
        let request = self.http.post(format!("{}{path}", self.url)).timeout(PATIENCE);
        let request = request.header(CONTENT_TYPE, "application/json").header(SIGNATURE_HEADER, signature);
        let answer = request.body(body).send().await.ok()?;
        Some((answer.status().as_u16(), answer.json().await.ok()))
    }

    fn sign(&self, body: &[u8]) -> Result<String, Unspecified> {
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), body, &mut signature)?;
        Ok(BASE64.encode(signature))
    }
}

impl Call {
    /// The outcome, if the wallet told one: anything but HTTP 200 tells nothing.
    pub(super) fn status(&self) -> Option<&str> {
        let answer = self.answer.as_ref().filter(|_| self.http_status == Some(200))?;
        answer.get("status")?.as_str()
    }

    /// The balance, if the wallet told one.
    pub(super) fn balance(&self) -> Option<i64> {
        self.answer.as_ref()?.get("balance")?.as_i64()
    }
}

/// An id that was never used.
pub(super) fn fresh_uuid() -> String {
    Uuid::new_v4().to_string()
}
