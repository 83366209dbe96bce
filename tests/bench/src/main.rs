//! `make bench`: what a bet costs, in one table.

use bench::cost::Bet;
use bench::platform::ROOT;
use bench::table::Table;
use bench::wallet::Bench;
use bench::{Error, cold, cost, facts, growth, machine, operations, overhead, pace, plot, throughput};
use edge::Settings;

/// How many entries a player has at the last step, unless `BENCH_ENTRIES` says otherwise.
const ENTRIES: u64 = 1_000_000;
/// How many bets each load has, unless `BENCH_BETS` says otherwise; none leaves the loads out.
const BETS: u64 = 960;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let mut table = Table::default();
    machine::describe(&mut table);
    let measured = measure(&mut table).await;
    // What was measured is told even if something stopped the rest.
    print!("{table}");
    let report = table.json();
    std::fs::create_dir_all(format!("{ROOT}/target/bench"))?;
    std::fs::write(format!("{ROOT}/target/bench/report.json"), format!("{report:#}\n"))?;
    measured
}

async fn measure(table: &mut Table) -> Result<(), Error> {
    step("what a bet costs the store, and what we add to it");
    let bench = Bench::in_memory().await?;
    let store = operations::measure(&bench, table).await?;
    let cpu = overhead::measure(&bench, table).await?;
    bench.cloud.stop().await;

    step("cold starts and peers");
    table.section("the function as it is deployed, beside the smallest and beside Node.js");
    let log = cold::measure(table).await?;

    step("what follows a bet, and what it costs on AWS");
    let facts = facts::measure(table).await?;
    cost::measure(&Bet { store: &store, cpu, facts: &facts, log }, table)?;

    step("a bet as its player's entries grow");
    growth::measure(chosen("BENCH_ENTRIES", ENTRIES)?, table).await?;

    let bets = usize::try_from(chosen("BENCH_BETS", BETS)?)?;
    if bets > 0 {
        step("bets through the whole platform");
        let throughput = throughput::measure(bets, table).await?;
        plot::draw(&throughput, &format!("{ROOT}/target/bench/throughput.png"))?;
    }

    step("the simulation");
    pace::measure(table).await
}

/// Tells whoever waits what is being measured.
fn step(what: &str) {
    eprintln!("measuring {what} …");
}

/// A number from the environment, or the usual one.
fn chosen(setting: &str, usual: u64) -> Result<u64, Error> {
    Ok(Settings::from_environment().find(setting).map_or(Ok(usual), str::parse)?)
}
