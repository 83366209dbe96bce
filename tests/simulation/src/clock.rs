//! The wall clock: goes with the timers, jumps where the plan says so, also back, and no two processes read quite the same
//! from it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::Timestamp;
use edge::{Clock, Context, Random};

use crate::seam::Seam;

/// When every run begins: 23 November 2026, in the morning.
const START_MS: i64 = 1_795_428_000_000;

/// The time, for all.
#[derive(Clone)]
pub(crate) struct WallClock(Arc<AtomicI64>);

impl WallClock {
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicI64::new(START_MS)))
    }

    pub(crate) fn pass(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::Relaxed);
    }

    pub(crate) fn now_ms(&self) -> i128 {
        self.0.load(Ordering::Relaxed).into()
    }

    pub(crate) fn now(&self) -> Timestamp {
        at(self.0.load(Ordering::Relaxed))
    }
}

/// The clock and the randomness of a process whose clock is off by so much.
pub(crate) fn context(wall: &WallClock, seam: &Arc<Seam>, skew_ms: i64) -> Context {
    let clock = SkewedClock { wall: wall.clone(), skew_ms };
    Context::new(Arc::new(clock), Arc::new(SeededRandom(Arc::clone(seam))))
}

struct SkewedClock {
    wall: WallClock,
    skew_ms: i64,
}

impl Clock for SkewedClock {
    fn now(&self) -> Timestamp {
        at(self.wall.0.load(Ordering::Relaxed).saturating_add(self.skew_ms))
    }
}

struct SeededRandom(Arc<Seam>);

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.callers.entropy(bytes);
    }
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX)
}
