//! Outages: the store could not do or could not say. Never a refusal: the caller may retry and must get the truth.

use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};

/// The store failed. Whether a write happened is unknown.
#[derive(Debug, thiserror::Error)]
#[error("the store failed to {operation}: {reason}")]
pub struct Outage {
    operation: &'static str,
    reason: String,
    blame: Blame,
}

/// What is to blame for an outage.
#[derive(Clone, Copy, Debug)]
enum Blame {
    /// The store, or the way there.
    Store,
    /// Other callers, for a moment: what was asked for was being written.
    Crowd,
    /// An item: asking again does not help.
    Item,
    /// A made-up cursor: nothing failed but the asking.
    Cursor,
}

impl Outage {
    /// An outage that a person can trace: what was tried and what went wrong. Never put data of players in it.
    pub fn new(operation: &'static str, reason: impl Into<String>) -> Self {
        Self { operation, reason: reason.into(), blame: Blame::Store }
    }

    /// A reading that met writers: it did nothing and learnt nothing, and a moment later it may go through.
    pub(crate) fn crowded(operation: &'static str) -> Self {
        Self { blame: Blame::Crowd, ..Self::new(operation, "other callers were in the way") }
    }

    /// Whether a moment later it may go through.
    pub(crate) const fn is_crowded(&self) -> bool {
        matches!(self.blame, Blame::Crowd)
    }

    /// A cursor that no page of the list ever ended with.
    pub(crate) fn foreign_cursor() -> Self {
        Self { blame: Blame::Cursor, ..Self::new("go on in a list", "the cursor is of another list") }
    }

    /// Whether the caller is to blame, with a cursor that is not of this list.
    #[must_use]
    pub const fn is_foreign_cursor(&self) -> bool {
        matches!(self.blame, Blame::Cursor)
    }

    /// Whether an item is to blame that does not read back.
    #[must_use]
    pub const fn is_unreadable(&self) -> bool {
        matches!(self.blame, Blame::Item)
    }

    /// An outage from the SDK's error, without the request's contents.
    pub(crate) fn sdk<E, R>(operation: &'static str) -> impl FnOnce(SdkError<E, R>) -> Self
    where
        E: std::error::Error + ProvideErrorMetadata + 'static,
        R: std::fmt::Debug,
    {
        move |error| {
            let reason = match error.as_service_error().and_then(ProvideErrorMetadata::code) {
                Some(code) => code.to_owned(),
                None => DisplayErrorContext(&error).to_string(),
            };
            Self::new(operation, reason)
        }
    }

    /// An item of ours that does not read back: a bug or a foreign hand.
    pub(crate) fn unreadable(error: impl std::fmt::Display) -> Self {
        Self { blame: Blame::Item, ..Self::new("read an item", error.to_string()) }
    }
}
