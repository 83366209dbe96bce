//! Pure decisions about players' money and rights. No I/O, no clock, no randomness, no AWS.

pub mod account;
pub mod adjustment;
mod batch;
pub mod cashier;
pub mod catalogue;
pub mod chain;
pub mod circuits;
mod currency;
mod decide;
pub mod deposit;
mod draft;
pub mod entry;
pub mod export;
pub mod fact;
pub mod ids;
pub mod manual_review;
mod money;
pub mod names;
pub mod person;
pub mod play;
mod refusal;
pub mod rules;
pub mod withdrawal;

/// A moment in UTC.
pub use jiff::Timestamp;
pub use jiff::civil::Date;
/// A decimal number, for edges and formulas.
pub use rust_decimal::Decimal;

pub use account::Account;
pub use batch::{BatchOutcome, Batched, Done, MOST_IN_A_BATCH, decide_all, parts, refuse_too_many};
pub use chain::Digest;
pub use currency::{Coin, Currency, UnknownCurrency};
pub use decide::{Change, Command, Decision, Found, Outcome, Reads, decide};
pub use entry::{Entry, EntryKey};
pub use fact::Fact;
pub use money::{Money, MoneyError, parse_decimal};
pub use refusal::Refusal;
pub use rules::Rules;
