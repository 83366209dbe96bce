//! `make bench`: what a bet costs.

use std::time::{Duration, Instant};

use bench::Error;
use bench::bare::Bare;
use bench::table::Table;
use bench::wallet::{Bench, accepted};

/// Pairs of a bet and its bare calls, taken in turn so that the machine's moods hit both.
const SAMPLES: usize = 500;
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

#[tokio::main]
async fn main() -> Result<(), Error> {
    let bench = Bench::start(ROOT).await?;
    let mut table = Table::default();
    store_costs(&bench, &mut table).await?;
    handler_time(&bench, &mut table).await?;
    println!("{table}");
    let report = table.json();
    std::fs::create_dir_all(format!("{ROOT}/target/bench"))?;
    std::fs::write(format!("{ROOT}/target/bench/report.json"), format!("{report:#}\n"))?;
    bench.cloud.stop().await;
    Ok(())
}

/// What each operation costs the store, by the store's own report.
async fn store_costs(bench: &Bench, table: &mut Table) -> Result<(), Error> {
    // The first call of a function also reads the catalogue.
    accepted(&bench.metered, bench.event("/transaction/bet", &bench.game.bet(10_000))?).await?;
    let _ = bench.meter.take();
    let bet = bench.game.bet(10_000);
    let lost = bench.game.bet(10_000);
    let calls = [
        ("bet", "/transaction/bet", bet.clone()),
        ("bet_replay", "/transaction/bet", bet.clone()),
        ("win", "/transaction/win", bench.game.win(&bet, 20_000)),
        ("bet_2", "/transaction/bet", lost.clone()),
        ("rollback", "/transaction/rollback", bench.game.rollback(&lost)),
        ("balance", "/user/balance", bench.game.balance()),
    ];
    for (name, path, body) in calls {
        accepted(&bench.metered, bench.event(path, &body)?).await?;
        let reading = bench.meter.take();
        if name != "bet_2" {
            table.store(name, &reading);
        }
    }
    Ok(())
}

/// The whole handler beside the bare store calls it needs.
async fn handler_time(bench: &Bench, table: &mut Table) -> Result<(), Error> {
    let mut bare = Bare::start(bench).await?;
    let (mut whole, mut calls) = (Vec::new(), Vec::new());
    for sample in 0..SAMPLES + 20 {
        let event = bench.event("/transaction/bet", &bench.game.bet(1_000))?;
        let handler = timed(accepted(&bench.direct, event)).await?;
        let alone = timed(bare.bet()).await?;
        // The first ones warm connections and caches up.
        if sample >= 20 {
            whole.push(handler);
            calls.push(alone);
        }
    }
    let whole = table.time("bet: the whole handler", &mut whole);
    let calls = table.time("bet: its bare store calls", &mut calls);
    table.ratio("bet: handler / bare calls", "overhead_ratio", whole, calls);
    Ok(())
}

async fn timed(work: impl Future<Output = Result<(), Error>>) -> Result<Duration, Error> {
    let started = Instant::now();
    work.await?;
    Ok(started.elapsed())
}
