//! The event catalogue: one type per fact, in the CloudEvents envelope, with its JSON Schema.
//!
//! Events carry ids, amounts and statuses, never personal data.

mod amount;
mod catalogue;
pub mod data;
mod envelope;
mod event;
mod from_entry;
mod payout;
mod status;

pub use amount::Amount;
pub use catalogue::{CATALOGUE, Data, EventType};
pub use event::Event;
pub use payout::PayoutOrder;
pub use status::{
    AdjustmentCause, BetStatus, DepositStatus, RefundStatus, VerificationStatus, WinReason, WithdrawalStatus,
};
