//! The envelope: the attributes of `CloudEvents` 1.0 and our extensions, as they stand on the wire.

use domain::Timestamp;
use domain::ids::PlayerId;
use schemars::{JsonSchema, Schema, schema_for};
use serde::{Deserialize, Serialize};

use crate::catalogue::Data;
use crate::event::Event;

const SPECIFICATION: &str = "1.0";
const SOURCE: &str = "/pitboss/ledger";
const CONTENT: &str = "application/json";

/// An event's envelope around its type and data.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Envelope<D> {
    /// The version of `CloudEvents`.
    #[schemars(extend("const" = SPECIFICATION))]
    specversion: String,
    /// The same for every delivery and every replay of the fact: `<player>/<sequence>`.
    id: String,
    /// Who says it.
    #[schemars(extend("const" = SOURCE))]
    source: String,
    /// The player.
    #[schemars(with = "String")]
    subject: PlayerId,
    /// When it happened, RFC 3339 in UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    time: Timestamp,
    /// The form of the data.
    #[schemars(extend("const" = CONTENT))]
    datacontenttype: String,
    /// The player's brand.
    brand: String,
    /// The player's jurisdiction.
    jurisdiction: String,
    /// The player.
    #[schemars(with = "String")]
    playerid: PlayerId,
    /// What is kept in order: the player.
    #[schemars(with = "String")]
    partitionkey: PlayerId,
    /// The number of the fact among the player's, without gaps; padded, so that it sorts as text.
    #[schemars(extend("pattern" = "^[0-9]{12,20}$"))]
    sequence: String,
    /// The ledger entry it was made from: `<integration>/<transaction>`, or `api/<sequence>` for what a player's
    /// client asked for.
    ledgerref: String,
    #[serde(flatten)]
    data: D,
}

/// The envelope speaks of something else than its data, or of a CloudEvents version we do not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event's {0} is not as expected")]
pub(crate) struct InvalidEnvelope(&'static str);

impl From<Event> for Envelope<Data> {
    fn from(event: Event) -> Self {
        Self {
            specversion: SPECIFICATION.to_owned(),
            id: event.id(),
            source: SOURCE.to_owned(),
            subject: event.player,
            time: event.time,
            datacontenttype: CONTENT.to_owned(),
            brand: event.brand,
            jurisdiction: event.jurisdiction,
            playerid: event.player,
            partitionkey: event.player,
            sequence: format!("{:012}", event.sequence),
            ledgerref: event.ledger_ref,
            data: event.data,
        }
    }
}

impl TryFrom<Envelope<Data>> for Event {
    type Error = InvalidEnvelope;

    fn try_from(wire: Envelope<Data>) -> Result<Self, InvalidEnvelope> {
        let id = wire.id;
        let event = Self {
            player: wire.subject,
            sequence: wire.sequence.parse().map_err(|_| InvalidEnvelope("sequence"))?,
            time: wire.time,
            brand: wire.brand,
            jurisdiction: wire.jurisdiction,
            ledger_ref: wire.ledgerref,
            data: wire.data,
        };
        let checks = [
            ("specversion", wire.specversion == SPECIFICATION),
            ("source", wire.source == SOURCE),
            ("id", id == event.id()),
            ("playerid", wire.playerid == event.player),
        ];
        match checks.into_iter().find(|(_, holds)| !holds) {
            Some((attribute, _)) => Err(InvalidEnvelope(attribute)),
            None => Ok(event),
        }
    }
}

/// A type and its data, as the schema sees them beside the envelope's attributes.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct Typed<D> {
    /// What happened, and in which version it is told.
    r#type: String,
    data: D,
}

/// The schema of whole events of one type.
pub(crate) fn schema<D: JsonSchema>(event_type: &'static str) -> Schema {
    let mut schema = schema_for!(Envelope<Typed<D>>);
    schema.insert("$id".to_owned(), format!("{event_type}.json").into());
    schema.insert("title".to_owned(), event_type.into());
    if let Some(description) = schema_for!(D).remove("description") {
        schema.insert("description".to_owned(), description);
    }
    if let Some(kind) = schema.pointer_mut("/properties/type").and_then(serde_json::Value::as_object_mut) {
        kind.insert("const".to_owned(), event_type.into());
    }
    schema
}
