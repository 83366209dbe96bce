//! How vendors fared lately, as far as this process saw it, and so which are left alone for now.

use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::Timestamp;
use domain::circuits::{Circuits, Rest};
use jiff::SignedDuration;
use vendors::call::CallFailure;

/// The breakers of some vendors, for all calls of a process.
#[derive(Default)]
pub struct Fortunes(Mutex<Circuits>);

impl Fortunes {
    /// Vendors of which any will do, in the order to try them: those left alone come last.
    pub fn order(&self, vendors: &[String], now: Timestamp) -> Vec<String> {
        self.circuits().order(vendors, now).into_iter().map(str::to_owned).collect()
    }

    /// Lets a call go, or says how long the vendor is still left alone. What is let go must be noted.
    pub fn admit(&self, vendor: &str, rest: Rest, now: Timestamp) -> Result<(), SignedDuration> {
        self.circuits().admit(vendor, rest, now)
    }

    /// Notes what came of a call. Only what is unclear is a failure: who refuses is up.
    pub fn note<T>(&self, vendor: &str, outcome: &Result<T, CallFailure>, rest: Rest, now: Timestamp) {
        match outcome {
            Err(CallFailure::Unclear(_)) => self.circuits().failed(vendor, rest, now),
            Ok(_) | Err(CallFailure::Refused(_)) => self.circuits().answered(vendor),
        }
    }

    fn circuits(&self) -> MutexGuard<'_, Circuits> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
