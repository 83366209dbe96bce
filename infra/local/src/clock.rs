//! The machine's clock, read in one place.

use jiff::Timestamp;

/// Now.
#[expect(clippy::disallowed_methods, reason = "the embedded cloud is where time comes from")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}
