//! Outages: the store could not do or could not say. Never a refusal: the caller may retry and must get the truth.

use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};

/// The store failed. Whether a write happened is unknown.
#[derive(Debug, thiserror::Error)]
#[error("the store failed to {operation}: {reason}")]
pub struct Outage {
    operation: &'static str,
    reason: String,
    /// Whether a made-up cursor is to blame: then nothing failed but the asking.
    foreign_cursor: bool,
    /// Whether an item is to blame: asking again does not help.
    unreadable: bool,
}

impl Outage {
    /// An outage that a person can trace: what was tried and what went wrong. Never put data of players in it.
    pub fn new(operation: &'static str, reason: impl Into<String>) -> Self {
        Self { operation, reason: reason.into(), foreign_cursor: false, unreadable: false }
    }

    /// A cursor that no page of the list ever ended with.
    pub(crate) fn foreign_cursor() -> Self {
        Self { foreign_cursor: true, ..Self::new("go on in a list", "the cursor is of another list") }
    }

    /// Whether the caller is to blame, with a cursor that is not of this list.
    #[must_use]
    pub const fn is_foreign_cursor(&self) -> bool {
        self.foreign_cursor
    }

    /// Whether an item is to blame that does not read back.
    #[must_use]
    pub const fn is_unreadable(&self) -> bool {
        self.unreadable
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
        Self { unreadable: true, ..Self::new("read an item", error.to_string()) }
    }
}
