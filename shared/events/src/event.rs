//! The event: a fact of the ledger as the rest of the world learns of it.

use domain::Timestamp;
use domain::ids::PlayerId;
use serde::{Deserialize, Serialize};

use crate::catalogue::Data;
use crate::envelope::Envelope;

/// An event. On the wire it follows `CloudEvents` 1.0, in structured JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Envelope<Data>", into = "Envelope<Data>")]
pub struct Event {
    /// Whose fact it is.
    pub player: PlayerId,
    /// The number of the fact among the player's: 1, 2, 3 … without gaps, though not always seen in order.
    pub sequence: u64,
    /// When it happened.
    pub time: Timestamp,
    /// The player's brand.
    pub brand: String,
    /// The player's jurisdiction.
    pub jurisdiction: String,
    /// What leads to the ledger entry it was made from.
    pub ledger_ref: String,
    /// What happened.
    pub data: Data,
}

impl Event {
    /// The same for every delivery and every replay of the fact.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}/{}", self.player, self.sequence)
    }

    /// Reads an event of the wire.
    pub fn from_json(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }

    /// The event as it goes over the wire.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}
