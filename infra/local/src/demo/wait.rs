//! Waiting for what happens behind streams and queues.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use super::Failure;

/// Far longer than anything takes here.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(25);

/// Asks again and again until there is something to show, or patience runs out.
pub async fn eventually<T, F>(what: &str, mut probe: impl FnMut() -> F) -> Result<T, Failure>
where
    F: Future<Output = Result<Option<T>, Failure>>,
{
    let started = Instant::now();
    loop {
        if let Some(found) = probe().await? {
            return Ok(found);
        }
        if started.elapsed() > PATIENCE {
            return Err(Failure(format!("{what}: not within {} seconds", PATIENCE.as_secs())));
        }
        tokio::time::sleep(PAUSE).await;
    }
}
