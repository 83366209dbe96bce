//! Keeps what vendors said and what we answered, redacted, for operators to look into and to repeat on a test stage.
//!
//! A record for people, not for decisions: losing the newest of a process that is never called again does no harm,
//! and nothing of it may slow a bet down (`docs/decisions/010-raw-exchanges.md`).

use std::io::{Read, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::Timestamp;
use domain::ids::PlayerId;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};
use store::{Outage, StoredExchange};
use vendors::call::{RawCall, Reply};
use vendors::redaction::Exchange;

use crate::metrics::CallOutcome;
use crate::{BoxError, ConfigError, Context, Settings, Stores};

/// How many wait until they are written, unless the oldest waited long enough.
const FEW: usize = 25;
const LONGEST_WAIT_SECONDS: u64 = 10;
/// How many may wait at most: more are let go while the store is down.
const MOST_WAITING: usize = 200;
/// How long a call waits for its exchange to be written, where it may wait at all.
const PATIENCE: Duration = Duration::from_millis(500);
/// The longest exchange that is read back.
const LONGEST: u64 = 1024 * 1024;

/// Keeps the exchanges with one vendor. Without the setting `EXCHANGES_TABLE` nothing is kept.
pub struct Exchanges {
    table: Option<store::Exchanges>,
    vendor: String,
    context: Context,
    waiting: Arc<Mutex<Vec<StoredExchange>>>,
}

/// An exchange as operators see it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeptExchange {
    /// How it ended.
    pub outcome: String,
    /// What was said.
    #[serde(flatten)]
    pub exchange: Exchange,
}

impl Exchanges {
    /// The exchanges with the vendor that the setting `VENDOR` names.
    pub fn new(stores: &Stores<'_>, settings: &Settings) -> Result<Self, ConfigError> {
        Ok(Self {
            table: stores.exchanges(),
            vendor: settings.get("VENDOR")?.to_owned(),
            context: settings.context().clone(),
            waiting: Arc::default(),
        })
    }

    /// Keeps an exchange when it is convenient: with others, while later calls are served.
    pub fn keep_later(
        &self,
        call: RawCall<'_>,
        reply: &Reply,
        player: Option<PlayerId>,
        outcome: CallOutcome,
    ) {
        let Some(table) = &self.table else { return };
        let now = self.context.now();
        let due = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if waiting.len() < MOST_WAITING {
                waiting.extend(self.stored(call, reply, player, outcome, now));
            }
            let oldest = waiting.first().map_or(0, |it| now.as_second().abs_diff(it.at.as_second()));
            if waiting.len() < FEW && oldest < LONGEST_WAIT_SECONDS {
                return;
            }
            std::mem::take(&mut *waiting)
        };
        let table = table.clone();
        tokio::spawn(async move { told(table.keep(&due).await) });
    }

    /// Keeps an exchange before the call is answered: where a moment does not matter.
    pub async fn keep(&self, call: RawCall<'_>, reply: &Reply, outcome: CallOutcome) {
        let Some(table) = &self.table else { return };
        let Some(stored) = self.stored(call, reply, None, outcome, self.context.now()) else { return };
        let kept = tokio::time::timeout(PATIENCE, table.keep(&[stored])).await;
        told(kept.unwrap_or_else(|_| Err(Outage::new("keep an exchange", "the store takes too long"))));
    }

    fn stored(
        &self,
        call: RawCall<'_>,
        reply: &Reply,
        player: Option<PlayerId>,
        outcome: CallOutcome,
        now: Timestamp,
    ) -> Option<StoredExchange> {
        let kept = KeptExchange { outcome: outcome.name().to_owned(), exchange: Exchange::of(call, reply) };
        let subject = player.map_or_else(|| day(now), |player| player.to_string());
        let nonce = hex::encode(self.context.bytes::<6>());
        Some(StoredExchange::new(&self.vendor, subject, now, &nonce, kept.pack()?))
    }
}

impl KeptExchange {
    /// Reads an exchange back.
    pub fn unpack(content: &[u8]) -> Result<Self, BoxError> {
        let mut text = Vec::new();
        GzDecoder::new(content).take(LONGEST).read_to_end(&mut text)?;
        Ok(serde_json::from_slice(&text)?)
    }

    fn pack(&self) -> Option<Vec<u8>> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(&serde_json::to_vec(self).ok()?).ok()?;
        packed.finish().ok()
    }
}

/// What exchanges are filed under that name no player.
fn day(now: Timestamp) -> String {
    Offset::UTC.to_datetime(now).date().to_string()
}

fn told(kept: Result<(), Outage>) {
    if let Err(outage) = kept {
        tracing::warn!(error = %outage, "exchanges are not kept");
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    const BET: &str = r#"{"user":"ply_01KAQ0V5J8W9T3N6M2R4S7X1YZ","token":"gst_c2FtcGxlLXRva2VuLW9mLW5vLXNlc3Npb24tYXQtYWxs","request_uuid":"0d7f2a34-5b6c-4d8e-9f10-a1b2c3d4e5f6","transaction_uuid":"7c1e9b52-3a4d-4f6b-8c2e-0f1a2b3c4d5e","round":"round-20261123-1","round_closed":false,"game_code":"pit_dice","currency":"EUR","amount":150000,"is_free":false}"#;
    const ANSWER: &str = r#"{"status":"RS_OK","user":"ply_01KAQ0V5J8W9T3N6M2R4S7X1YZ","request_uuid":"0d7f2a34-5b6c-4d8e-9f10-a1b2c3d4e5f6","balance":4850000,"currency":"EUR"}"#;

    /// Another write unit a bet, and not one more.
    #[test]
    fn an_exchange_fits_into_one_write_unit_and_reads_back() {
        let headers = HeaderMap::new();
        let reply = Reply { status: 200, content_type: "application/json", body: ANSWER.into() };
        let exchange = Exchange::of(RawCall::post("/transaction/bet", &headers, BET.as_bytes()), &reply);
        let kept = KeptExchange { outcome: "Done".to_owned(), exchange };
        let packed = kept.pack().unwrap();
        assert!(packed.len() < 600, "{} bytes", packed.len());
        let read = KeptExchange::unpack(&packed).unwrap();
        assert_eq!((read.exchange, read.outcome), (kept.exchange, kept.outcome));
        assert!(KeptExchange::unpack(b"nothing").is_err());
    }
}
