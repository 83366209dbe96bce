//! Every game vendor's module against tables of calls and answers, and against nonsense.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod document;
mod nonsense;
mod side;
mod table;
mod tables;
mod wallet;
