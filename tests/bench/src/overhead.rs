//! What the handler adds to the store calls that it cannot do without: time and CPU, one wallet and many.
//!
//! Both run as on Lambda, in a runtime of one thread, so that the thread's CPU time is the function's own.

use std::time::{Duration, Instant};

use edge::Settings;
use rust_decimal::Decimal;
use rustix::time::{ClockId, clock_gettime};
use serde_json::Value;

use crate::Error;
use crate::bare::Bare;
use crate::table::Table;
use crate::wallet::{Bench, accepted};

/// Pairs of a bet and its bare calls, taken in turn so that the machine's moods hit both.
const SAMPLES: usize = 1_000;
const WARM_UP: usize = 100;
const MANY_WALLETS: usize = 16;

/// What a call took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sample {
    /// From start to end.
    pub latency: Duration,
    /// Of this thread.
    pub cpu: Duration,
}

/// Measures with one wallet and with many. Answers with the CPU time of a bet at the median.
pub async fn measure(bench: &Bench, table: &mut Table) -> Result<Duration, Error> {
    let mut games = vec![bench.game.clone()];
    let one = pairs(bench, &games).await?;
    games.extend(bench.games(MANY_WALLETS - 1).await?);
    let many = pairs(bench, &games).await?;
    let cpu = report("one wallet", "overhead_ratio", &one, table);
    report("many wallets", "overhead_ratio_many_wallets", &many, table);
    Ok(cpu)
}

struct Pairs {
    whole: Vec<Sample>,
    bare: Vec<Sample>,
}

/// Bets of the players in turn, each beside its bare calls.
async fn pairs(bench: &Bench, games: &[pitboss_local::demo::GameSession]) -> Result<Pairs, Error> {
    // The bare calls copy a bet of each player, so there must be one.
    for event in bench.bets(games, games.len())? {
        accepted(&bench.direct, event).await?;
    }
    let events = bench.bets(games, SAMPLES + WARM_UP)?;
    let players: Vec<String> = games.iter().map(|game| game.user.clone()).collect();
    let settings = bench.settings();
    let measured = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(alternate(&settings, &players, events))
    });
    measured.await?
}

async fn alternate(settings: &Settings, players: &[String], events: Vec<Value>) -> Result<Pairs, Error> {
    let function = game_wallet::start(settings.clone()).await?;
    let mut bare = Bare::start(settings, players).await?;
    let mut pairs = Pairs { whole: Vec::new(), bare: Vec::new() };
    for (number, event) in events.into_iter().enumerate() {
        let whole = timed(accepted(&function, event)).await?;
        let alone = timed(bare.bet()).await?;
        // The first ones warm connections and caches up.
        if number >= WARM_UP {
            pairs.whole.push(whole);
            pairs.bare.push(alone);
        }
    }
    Ok(pairs)
}

/// Times a call. Its CPU time is right only on a runtime of one thread.
pub async fn timed(work: impl Future<Output = Result<(), Error>>) -> Result<Sample, Error> {
    let (started, cpu) = (Instant::now(), thread_cpu());
    work.await?;
    Ok(Sample { latency: started.elapsed(), cpu: thread_cpu().saturating_sub(cpu) })
}

fn report(wallets: &str, figure: &str, pairs: &Pairs, table: &mut Table) -> Duration {
    table.section(&format!("the whole handler beside its bare store calls, {wallets}"));
    let goal = Decimal::new(125, 2);
    let of = |samples: &[Sample], what: fn(&Sample) -> Duration| samples.iter().map(what).collect::<Vec<_>>();
    let mut latency = [of(&pairs.whole, |it| it.latency), of(&pairs.bare, |it| it.latency)];
    let mut cpu = [of(&pairs.whole, |it| it.cpu), of(&pairs.bare, |it| it.cpu)];
    let [whole, bare] = &mut latency;
    let (whole, bare) = (table.time("handler", whole), table.time("bare calls", bare));
    table.ratio("handler / bare calls, p50", figure, whole.0, bare.0, goal);
    table.ratio("handler / bare calls, p99", &format!("{figure}_p99"), whole.1, bare.1, goal);
    let [whole, bare] = &mut cpu;
    let (whole, bare) = (table.time("handler, CPU", whole), table.time("bare calls, CPU", bare));
    table.ratio("handler / bare calls, CPU p50", &format!("{figure}_cpu"), whole.0, bare.0, goal);
    table.ratio("handler / bare calls, CPU p99", &format!("{figure}_cpu_p99"), whole.1, bare.1, goal);
    whole.0
}

/// The CPU time of this thread.
fn thread_cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
}
