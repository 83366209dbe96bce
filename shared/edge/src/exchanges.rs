//! Keeps what vendors said and what we answered, redacted, for operators to look into and to repeat on a test stage.
//!
//! A record for people, not for decisions: losing the newest of a process that is never called again does no harm,
//! and nothing of it may slow a bet down (`docs/decisions/010-raw-exchanges.md`).

use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::Timestamp;
use domain::ids::PlayerId;
use flate2::read::ZlibDecoder;
use flate2::{Compress, Compression, FlushCompress, Status};
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
/// What fits into one write unit beside its keys is not compressed: that would save nothing, and cost time.
const PLAIN_BYTES: usize = 800;

/// Keeps the exchanges with one vendor. Without the setting `EXCHANGES_TABLE` nothing is kept.
pub struct Exchanges {
    table: Option<store::Exchanges>,
    vendor: String,
    context: Context,
    waiting: Arc<Mutex<Vec<Waiting>>>,
}

/// An exchange that is yet to be written.
struct Waiting {
    subject: String,
    at: Timestamp,
    nonce: String,
    text: Vec<u8>,
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
                waiting.extend(self.noted(call, reply, player, outcome, now));
            }
            let oldest = waiting.first().map_or(0, |it| now.as_second().abs_diff(it.at.as_second()));
            if waiting.len() < FEW && oldest < LONGEST_WAIT_SECONDS {
                return;
            }
            std::mem::take(&mut *waiting)
        };
        let (table, due) = (table.clone(), packed(&self.vendor, due));
        tokio::spawn(async move { told(table.keep(&due).await) });
    }

    /// Keeps an exchange before the call is answered: where a moment does not matter.
    pub async fn keep(&self, call: RawCall<'_>, reply: &Reply, outcome: CallOutcome) {
        let Some(table) = &self.table else { return };
        let Some(noted) = self.noted(call, reply, None, outcome, self.context.now()) else { return };
        let kept = tokio::time::timeout(PATIENCE, table.keep(&packed(&self.vendor, vec![noted]))).await;
        told(kept.unwrap_or_else(|_| Err(Outage::new("keep an exchange", "the store takes too long"))));
    }

    fn noted(
        &self,
        call: RawCall<'_>,
        reply: &Reply,
        player: Option<PlayerId>,
        outcome: CallOutcome,
        at: Timestamp,
    ) -> Option<Waiting> {
        let kept = KeptExchange { outcome: outcome.name().to_owned(), exchange: Exchange::of(call, reply) };
        let subject = player.map_or_else(|| day(at), |player| player.to_string());
        let nonce = hex::encode(self.context.bytes::<6>());
        Some(Waiting { subject, at, nonce, text: serde_json::to_vec(&kept).ok()? })
    }
}

impl KeptExchange {
    /// Reads an exchange back.
    pub fn unpack(content: &[u8]) -> Result<Self, BoxError> {
        if content.starts_with(b"{") {
            return Ok(serde_json::from_slice(content)?);
        }
        let mut text = Vec::new();
        ZlibDecoder::new(content).take(LONGEST).read_to_end(&mut text)?;
        Ok(serde_json::from_slice(&text)?)
    }
}

/// Exchanges as they are stored. What cannot be packed is left out.
fn packed(vendor: &str, waiting: Vec<Waiting>) -> Vec<StoredExchange> {
    let mut packer = Packer::default();
    let stored = waiting.into_iter().filter_map(|Waiting { subject, at, nonce, text }| {
        Some(StoredExchange::new(vendor, subject, at, &nonce, packer.pack(text)?))
    });
    stored.collect()
}

/// Compresses texts one by one. Its memory is a third of a megabyte, so it is made once for all of them, and not
/// before the first that needs it.
#[derive(Default)]
struct Packer(Option<Compress>);

impl Packer {
    fn pack(&mut self, text: Vec<u8>) -> Option<Vec<u8>> {
        if text.len() <= PLAIN_BYTES {
            return Some(text);
        }
        let compress = self.0.get_or_insert_with(|| Compress::new(Compression::fast(), true));
        compress.reset();
        // What cannot be compressed grows by a few bytes.
        let mut content = Vec::with_capacity(text.len().saturating_add(text.len() / 100).saturating_add(64));
        let status = compress.compress_vec(&text, &mut content, FlushCompress::Finish).ok()?;
        (status == Status::StreamEnd).then_some(content)
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

    fn kept(body: &str) -> KeptExchange {
        let headers = HeaderMap::new();
        let reply = Reply { status: 200, content_type: "application/json", body: ANSWER.into() };
        let exchange = Exchange::of(RawCall::post("/transaction/bet", &headers, body.as_bytes()), &reply);
        KeptExchange { outcome: "Done".to_owned(), exchange }
    }

    fn pack(kept: &KeptExchange, packer: &mut Packer) -> Vec<u8> {
        packer.pack(serde_json::to_vec(kept).unwrap()).unwrap()
    }

    /// Another write unit a bet, and not one more.
    #[test]
    fn an_exchange_fits_into_one_write_unit_and_reads_back() {
        let kept = kept(BET);
        let content = pack(&kept, &mut Packer::default());
        assert!(content.len() <= PLAIN_BYTES, "{} bytes", content.len());
        let read = KeptExchange::unpack(&content).unwrap();
        assert_eq!((read.exchange, read.outcome), (kept.exchange, kept.outcome));
        assert!(KeptExchange::unpack(b"nothing").is_err());
    }

    #[test]
    fn long_exchanges_are_compressed_each_on_its_own() {
        let mut packer = Packer::default();
        for actions in [20, 1, 100] {
            let body = format!(r#"{{"actions":[{}]}}"#, vec![BET; actions].join(","));
            let kept = kept(&body);
            let content = pack(&kept, &mut packer);
            assert!(content.len() < body.len().max(PLAIN_BYTES), "{} bytes of {actions}", content.len());
            assert_eq!(KeptExchange::unpack(&content).unwrap().exchange, kept.exchange);
        }
    }

    #[test]
    fn what_cannot_be_compressed_is_kept_all_the_same() {
        let text =
            (0..5_000_u32).flat_map(|it| it.wrapping_mul(2_654_435_761).to_be_bytes()).collect::<Vec<_>>();
        let content = Packer::default().pack(text.clone()).unwrap();
        let mut read = Vec::new();
        ZlibDecoder::new(content.as_slice()).read_to_end(&mut read).unwrap();
        assert_eq!(read, text);
    }
}
