//! Pauses between attempts: growing and random, so that racing writers fall out of step.

use std::sync::Arc;
use std::time::Duration;

/// Where the pauses take their randomness from.
#[derive(Clone)]
pub struct Jitter(Arc<dyn Fn() -> u64 + Send + Sync>);

impl Jitter {
    /// Takes it from a function that gives random numbers.
    pub fn new(random: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(random))
    }

    /// Waits less than `first` milliseconds doubled `doublings` times.
    pub async fn pause(&self, first: u64, doublings: u32) {
        let bound = first.saturating_mul(2_u64.saturating_pow(doublings));
        let millis = (self.0)().checked_rem(bound).unwrap_or_default();
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }
}
