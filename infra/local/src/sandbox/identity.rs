//! What the identity vendors' stand-ins share: the person with the document, the page, and the reviewer's choice.

mod desk;
#[cfg(test)]
pub(super) mod world;

use std::sync::{Mutex, PoisonError};

use axum::response::Response;
use http::StatusCode;
use jiff::{Timestamp, ToSpan};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub(super) use super::page::page;
pub(super) use super::place::Place;
pub(super) use super::place::SandboxError;
pub(super) use desk::{Desk, Shown, is_web_address, routes};

/// What stands on a player's document. As long as nobody says otherwise, it is what the platform was told.
#[derive(Clone, Debug)]
pub(super) struct Holder {
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) birth_date: String,
    /// The watchlist that names the person, if any: `pep`, `sanctions` or `adverse_media`.
    pub(super) watchlist: Option<String>,
}

/// Who never showed a document here holds the specimen.
impl Default for Holder {
    fn default() -> Self {
        Self {
            first_name: "Ada".to_owned(),
            last_name: "Vella".to_owned(),
            birth_date: "1990-05-04".to_owned(),
            watchlist: None,
        }
    }
}

/// The last day that documents here are good for.
pub(super) const EXPIRES_ON: &str = "2099-12-31";
/// The country that issued them.
pub(super) const COUNTRY: &str = "MLT";

/// What the reviewer thinks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    Approve,
    /// Another photo, please.
    Retry,
    Reject,
    /// A person has to look at it.
    Hold,
    /// The player never came back. Not every vendor tells of that.
    Expire,
}

/// What the page's buttons and fields say. A field that is not there or empty leaves the document as it is.
#[derive(Deserialize)]
pub(super) struct Choice {
    pub(super) verdict: Verdict,
    #[serde(default)]
    first_name: String,
    #[serde(default)]
    last_name: String,
    #[serde(default)]
    birth_date: String,
    #[serde(default)]
    watchlist: String,
}

impl Choice {
    /// Whether a watchlist names the person.
    pub(super) fn is_listed(&self) -> bool {
        !self.watchlist.is_empty()
    }

    /// The document as the reviewer reads it.
    pub(super) fn reads(&self, holder: &Holder) -> Holder {
        let read = |read: &String, told: &String| if read.is_empty() { told.clone() } else { read.clone() };
        Holder {
            first_name: read(&self.first_name, &holder.first_name),
            last_name: read(&self.last_name, &holder.last_name),
            birth_date: read(&self.birth_date, &holder.birth_date),
            watchlist: Some(self.watchlist.clone()).filter(|list| !list.is_empty()),
        }
    }
}

/// What came of a verdict.
#[derive(Serialize)]
pub(super) struct Told {
    /// The vendor's id of what was reviewed.
    pub(super) id: String,
    /// Whether the platform took the notifications at once. If not, they are sent again.
    pub(super) delivered: bool,
}

/// A page that says one thing.
pub(super) fn note(text: &str) -> Response {
    page(include_str!("identity/note.html"), &[("note", text)])
}

/// What is said to who comes with a link that was never given.
pub(super) fn gone() -> Response {
    note("This verification link is not known here. Please start again.")
}

/// Reads a call's body.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, (StatusCode, &'static str)> {
    serde_json::from_slice(body)
        .map_err(|_| (StatusCode::BAD_REQUEST, "a field is missing or of another type"))
}

/// A clock that never shows the same millisecond twice: platforms tell events apart by it.
#[derive(Default)]
pub(super) struct Moments(Mutex<Option<Timestamp>>);

impl Moments {
    pub(super) fn next(&self) -> Timestamp {
        let now = crate::clock::now();
        let mut newest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let next = newest.and_then(|newest| newest.checked_add(1.millisecond()).ok());
        let moment = next.map_or(now, |next| next.max(now));
        *newest = Some(moment);
        moment
    }
}
