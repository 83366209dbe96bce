//! Waiting for what happens behind streams and queues.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use crate::Error;

const PAUSE: Duration = Duration::from_millis(250);

/// Asks `probe` again and again until it has something to show, or `limit` has passed.
pub async fn wait_for<T, F>(what: &str, limit: Duration, mut probe: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<Option<T>, Error>>,
{
    let deadline = Instant::now() + limit;
    loop {
        if let Some(found) = probe().await? {
            return Ok(found);
        }
        if Instant::now() > deadline {
            return Err(Error(format!("{what} did not happen within {limit:?}")));
        }
        tokio::time::sleep(PAUSE).await;
    }
}
