//! Pages of lists, and the cursors that lead from one to the next.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::{Item, Outage, string};

/// A page of a list, newest first.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next page begins, if there may be more.
    pub next: Option<Cursor>,
}

/// Which page is asked for.
#[derive(Clone, Debug, Default)]
pub struct PageRequest {
    /// How many items at most: 1 to 200.
    pub limit: i32,
    /// Where to go on.
    pub after: Option<Cursor>,
}

/// A place in a list: the sort key of the last item seen, opaque to callers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(pub(crate) Vec<String>);

/// The text is no cursor of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of this list")]
pub struct InvalidCursor;

impl Cursor {
    /// The place of an item, by the names of the key's parts.
    pub(crate) fn of(item: &Item, names: &[&str]) -> Option<Self> {
        let part = |name: &&str| item.get(*name).and_then(|value| value.as_s().ok()).cloned();
        names.iter().map(part).collect::<Option<Vec<_>>>().map(Self)
    }

    /// Its parts under their names.
    pub(crate) fn named(&self, names: &[&str]) -> Result<Item, Outage> {
        if self.0.len() != names.len() {
            return Err(Outage::foreign_cursor());
        }
        Ok(names.iter().zip(&self.0).map(|(name, part)| ((*name).to_owned(), string(part))).collect())
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&BASE64_URL_SAFE_NO_PAD.encode(self.0.join("\n")))
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidCursor)?;
        let text = String::from_utf8(bytes).map_err(|_| InvalidCursor)?;
        let parts: Vec<String> = text.split('\n').map(str::to_owned).collect();
        if parts.iter().any(String::is_empty) { Err(InvalidCursor) } else { Ok(Self(parts)) }
    }
}
