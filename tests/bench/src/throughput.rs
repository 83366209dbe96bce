//! How many bets a second go through on this machine: HTTP gateway, function and store, and the load itself. Then the
//! same with all that follows a bet.

use pitboss_local::Data;
use pitboss_local::demo::GameSession;
use rust_decimal::Decimal;

use crate::Error;
use crate::load::{self, Run};
use crate::platform::{self, Relay};
use crate::table::Table;
use crate::wallet::Bench;

/// How many callers there are at a time.
const CALLERS: [usize; 6] = [1, 2, 4, 8, 16, 32];
/// How many callers share one wallet, or the machine with all that follows a bet.
const FEW: usize = 8;

/// The loads on each kind of store.
pub struct Throughput {
    /// With the store in memory.
    pub memory: Vec<Run>,
    /// With the store in a file.
    pub file: Vec<Run>,
}

/// Measures both kinds of store, with so many bets a load.
pub async fn measure(bets: usize, table: &mut Table) -> Result<Throughput, Error> {
    let memory = loads("memory", Data::Memory, bets, table).await?;
    let folder = tempfile::tempdir()?;
    let file = loads("file", Data::Dir(folder.path().to_owned()), bets, table).await?;
    everything(bets, table).await?;
    Ok(Throughput { memory, file })
}

async fn loads(store: &str, data: Data, bets: usize, table: &mut Table) -> Result<Vec<Run>, Error> {
    table.section(&format!("bets through gateway, function and store, in {store}"));
    let bench = Bench::on(platform::start(data, Relay::Absent).await?).await?;
    let most = CALLERS.into_iter().max().unwrap_or_default();
    let games = bench.games(most).await?;
    load(&bench, &games, most, bets).await?; // warms up
    let mut runs = Vec::new();
    for callers in CALLERS {
        let run = load(&bench, &games, callers, bets).await?;
        table.row(&format!("{callers} callers, a wallet each"), &line(&run));
        runs.push(run);
    }
    let same = std::iter::repeat_n(bench.game.clone(), FEW).collect::<Vec<_>>();
    table.row(&format!("{FEW} callers, one wallet"), &line(&load(&bench, &same, FEW, bets).await?));
    let best = runs.iter().map(Run::rate).max().unwrap_or_default();
    table.figure(&format!("throughput_{store}_bets_per_second"), Decimal::from(best));
    bench.cloud.stop().await;
    Ok(runs)
}

/// With outbox, analytics and CRM at work on the same machine.
async fn everything(bets: usize, table: &mut Table) -> Result<(), Error> {
    table.section("the same with the table's stream and all that follows a bet");
    let bench = Bench::on(platform::start(Data::Memory, Relay::Runs).await?).await?;
    let games = bench.games(FEW).await?;
    let run = load(&bench, &games, FEW, bets).await?;
    table.row(&format!("{FEW} callers, a wallet each"), &line(&run));
    table.figure("throughput_everything_bets_per_second", Decimal::from(run.rate()));
    bench.cloud.stop().await;
    Ok(())
}

async fn load(bench: &Bench, games: &[GameSession], callers: usize, bets: usize) -> Result<Run, Error> {
    let calls = games.iter().take(callers).map(|game| load::sign(&bench.hub88, game, bets / callers));
    load::run(bench.cloud.url(), calls.collect::<Result<_, _>>()?).await
}

fn line(run: &Run) -> String {
    let ms = |thousandths| {
        let micros = run.within(thousandths).as_micros();
        format!("{}.{}", micros / 1000, micros % 1000 / 100)
    };
    let failed = if run.failed == 0 { String::new() } else { format!("; {} failed", run.failed) };
    format!(
        "{} bets/s; p50 {}, p90 {}, p99 {}, p99.9 {}, max {} ms{failed}",
        run.rate(),
        ms(500),
        ms(900),
        ms(990),
        ms(999),
        ms(1000)
    )
}
