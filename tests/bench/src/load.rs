//! A load: bets signed beforehand, sent over HTTP by a number of callers, each with a wallet of its own.

use std::time::{Duration, Instant};

use pitboss_local::demo::{GameSession, Hub88Side};
use reqwest::Client;

use crate::Error;
use crate::table::percentile;
use crate::wallet::WEBHOOKS;

/// A signed call.
pub struct Signed {
    body: String,
    signature: String,
}

/// What a load came to.
#[derive(Clone, Debug)]
pub struct Run {
    /// How many callers there were at a time.
    pub callers: usize,
    /// How many bets were accepted.
    pub bets: usize,
    /// How many were not: the platform asked to try again.
    pub failed: usize,
    /// From the first call to the last answer.
    pub elapsed: Duration,
    /// How long each bet took, shortest first.
    pub times: Vec<Duration>,
}

impl Run {
    /// Bets a second.
    #[must_use]
    pub fn rate(&self) -> u128 {
        u128::try_from(self.bets).unwrap_or_default() * 1_000_000 / self.elapsed.as_micros().max(1)
    }

    /// The time within which so many thousandths of the bets were answered.
    #[must_use]
    pub fn within(&self, thousandths: usize) -> Duration {
        percentile(&self.times, thousandths)
    }
}

/// Signs bets of a player.
pub fn sign(hub88: &Hub88Side, game: &GameSession, count: usize) -> Result<Vec<Signed>, Error> {
    let signed = (0..count).map(|_| {
        let body = game.bet(1_000).to_string();
        let signature = hub88.sign(body.as_bytes())?;
        Ok(Signed { body, signature })
    });
    signed.collect()
}

/// Sends each caller's bets one after another, all callers at once.
pub async fn run(url: &str, callers: Vec<Vec<Signed>>) -> Result<Run, Error> {
    let client = Client::builder().no_proxy().tcp_nodelay(true).build()?;
    let url = format!("{url}{WEBHOOKS}/transaction/bet");
    let count = callers.len();
    let started = Instant::now();
    let calling: Vec<_> =
        callers.into_iter().map(|bets| tokio::spawn(call(client.clone(), url.clone(), bets))).collect();
    let (mut times, mut failed) = (Vec::new(), 0);
    for caller in calling {
        for (time, accepted) in caller.await?? {
            if accepted {
                times.push(time);
            } else {
                failed += 1;
            }
        }
    }
    let elapsed = started.elapsed();
    times.sort_unstable();
    Ok(Run { callers: count, bets: times.len(), failed, elapsed, times })
}

/// How long each bet took, and whether it was accepted.
async fn call(client: Client, url: String, bets: Vec<Signed>) -> Result<Vec<(Duration, bool)>, Error> {
    let mut times = Vec::new();
    for bet in bets {
        let started = Instant::now();
        let answer = client
            .post(&url)
            .header("content-type", "application/json")
            .header("x-hub88-signature", bet.signature)
            .body(bet.body)
            .send()
            .await?
            .text()
            .await?;
        times.push((started.elapsed(), answer.contains("RS_OK")));
    }
    Ok(times)
}
