//! Decisions, played against a ledger in memory.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod adjustments;
mod admission;
mod batches;
mod bonus;
mod book;
mod cases;
mod cashier;
mod catalogue;
mod chain;
mod closed_loop;
mod deposits;
mod export;
mod fingerprints;
mod identity;
mod instruments;
mod invariants;
mod names;
mod payments;
mod play;
mod protocols;
mod refunds;
mod renewal;
mod reversals;
mod sport;
