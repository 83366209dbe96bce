//! A clock that tests put forward.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use domain::Timestamp;
use edge::SystemClock;

/// The system's clock, ahead by as much as it was put forward.
#[derive(Clone, Default)]
pub struct Clock {
    ahead_millis: Arc<AtomicI64>,
}

impl Clock {
    /// Puts it forward.
    pub fn forward(&self, time: Duration) {
        let millis = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        self.ahead_millis.fetch_add(millis, Ordering::SeqCst);
    }
}

impl edge::Clock for Clock {
    fn now(&self) -> Timestamp {
        let ahead = Duration::from_millis(self.ahead_millis.load(Ordering::SeqCst).unsigned_abs());
        let now = edge::Clock::now(&SystemClock);
        now.saturating_add(ahead).unwrap_or(now)
    }
}
