//! Decisions, played against a ledger in memory.

mod book;
mod invariants;
mod payments;
mod play;
