//! DynamoDB: the only place that knows tables, keys and attribute names.

mod catalogue;
mod crm;
mod exchanges;
mod gifts;
mod inbox;
mod jitter;
mod kpis;
mod ledger;
mod outage;
mod page;
mod people;
mod progress;
mod rounds;
mod sessions;
mod throttle;

pub use catalogue::Catalogue;
pub use crm::{Crm, CustomerProfile, LifecycleStage, Sum};
pub use exchanges::{Exchanges, StoredExchange};
pub use gifts::{Gifts, StoredGift};
pub use inbox::{Inbox, InboxItem, InboxKind, Kept, Resolution};
pub use jitter::Jitter;
pub use kpis::{Bookmark, Counted, Counter, Counters, DailyKpis, Figures, Kpis, Slice, Total};
pub use ledger::image::{StreamImage, image};
pub use ledger::{Due, Ledger, RuleBook, Statement};
pub use outage::Outage;
pub use page::{Cursor, InvalidCursor, Page, PageRequest};
pub use people::{Credentials, EmailTaken, People, SealedProfile, StaffMember};
pub use progress::{InvalidProgress, Progress};
pub use rounds::{Rest, Round, RoundKey, RoundState, Rounds, Turn, TurnKind, Turns};
pub use sessions::{Family, Refreshed, Sessions};
pub use throttle::{Throttle, Throttled};

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

/// An item as the SDK holds it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The primary key of an item, in every table of ours.
pub(crate) fn key(pk: impl Into<String>, sk: impl Into<String>) -> Item {
    HashMap::from([
        ("pk".to_owned(), AttributeValue::S(pk.into())),
        ("sk".to_owned(), AttributeValue::S(sk.into())),
    ])
}

/// A number attribute.
pub(crate) fn number(value: impl std::fmt::Display) -> AttributeValue {
    AttributeValue::N(format!("{value}"))
}

/// A string attribute.
pub(crate) fn string(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}
