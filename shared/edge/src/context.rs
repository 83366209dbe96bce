//! Time, ids and randomness: everything a function gets from the world that is not an input.

use std::sync::Arc;

use domain::Timestamp;
use ring::rand::SecureRandom;
use ulid::Ulid;

/// Where time, ids and randomness come from. A simulation puts its own here.
#[derive(Clone)]
pub struct Context {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

/// A clock.
pub trait Clock: Send + Sync {
    /// The time now, in whole milliseconds.
    fn now(&self) -> Timestamp;
}

/// A source of unguessable bytes.
pub trait Random: Send + Sync {
    /// Fills a buffer.
    fn fill(&self, bytes: &mut [u8]);
}

/// The system's clock.
pub struct SystemClock;

/// The system's randomness.
pub struct SystemRandom;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else asks")]
    fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }
}

impl Random for SystemRandom {
    #[expect(clippy::expect_used, reason = "without randomness nothing may go on: tokens would be guessable")]
    fn fill(&self, bytes: &mut [u8]) {
        ring::rand::SystemRandom::new().fill(bytes).expect("the system has randomness");
    }
}

impl Default for Context {
    fn default() -> Self {
        Self { clock: Arc::new(SystemClock), random: Arc::new(SystemRandom) }
    }
}

impl Context {
    /// A context with a clock and randomness of the caller's choice.
    pub fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { clock, random }
    }

    /// The time now, in whole milliseconds.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Unguessable bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes);
        bytes
    }

    /// A fresh id, sortable by time.
    #[must_use]
    pub fn ulid(&self) -> Ulid {
        let millis = u64::try_from(self.now().as_millisecond()).unwrap_or_default();
        Ulid::from_parts(millis, u128::from_be_bytes(self.bytes::<16>()))
    }
}
