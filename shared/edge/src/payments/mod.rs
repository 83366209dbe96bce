//! Payments, as every function that deals with them sees them: the providers, the cashier's rules, and what follows
//! from what a provider tells.

mod bookkeeper;
mod cashier;
mod fingerprints;
mod providers;
mod words;

pub use bookkeeper::Bookkeeper;
pub use cashier::Cashier;
pub use fingerprints::Fingerprints;
pub use providers::Providers;
