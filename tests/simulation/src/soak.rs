//! Soaking: fresh seeds for as long as somebody has patience.

use std::time::{Duration, Instant};

use crate::Error;
use crate::report::{Failure, Tally};

/// Runs seeds from a first one on until the time is over or one of them fails.
pub fn soak(first: u64, time: Duration) -> Result<(Tally, Option<Failure>), Error> {
    let started = Instant::now();
    let mut tally = Tally::default();
    let mut told = Duration::ZERO;
    for seed in first.. {
        if let Some(failure) = tally.run(seed)? {
            return Ok((tally, Some(failure)));
        }
        let gone = started.elapsed();
        if gone >= time {
            break;
        }
        if gone.saturating_sub(told) >= Duration::from_mins(1) {
            told = gone;
            println!("{tally}");
        }
    }
    Ok((tally, None))
}
