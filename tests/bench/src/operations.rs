//! What each operation of a game vendor costs the store, by the store's own report.

use rust_decimal::Decimal;
use serde_json::Value;

use crate::Error;
use crate::meter::Reading;
use crate::table::Table;
use crate::wallet::{Bench, accepted};

/// What a bet may cost: 2 round trips, 1 read unit and 4 write units; now and then it also fills a page of the journal.
const BET_ROUND_TRIPS: u32 = 2;
const BET_READ_UNITS: u32 = 1;
const BET_WRITE_UNITS: u32 = 4;
/// So many bets fill several pages.
const BETS: u32 = 60;

/// Measures the operations one by one. Answers with a bet's reading, its write units being those of the average bet.
pub async fn measure(bench: &Bench, table: &mut Table) -> Result<Reading, Error> {
    table.section("what an operation costs the store, by its own report");
    // The first call of a function also reads the catalogue.
    metered(bench, "/transaction/bet", &bench.game.bet(10_000)).await?;

    let bet = bench.game.bet(10_000);
    let placed = metered(bench, "/transaction/bet", &bet).await?;
    table.at_most("bet: round trips in all", placed.calls.len().into(), "calls", BET_ROUND_TRIPS.into());
    table.at_most("bet: read units in all", placed.read_units, "RCU", BET_READ_UNITS.into());
    table.at_most("bet: write units in all", placed.write_units, "WCU", BET_WRITE_UNITS.into());
    table.store("bet", &placed);
    let mut written = Decimal::ZERO;
    for _ in 0..BETS {
        written += metered(bench, "/transaction/bet", &bench.game.bet(10_000)).await?.write_units;
    }
    let average = Reading { write_units: (written / Decimal::from(BETS)).round_dp(2), ..placed.clone() };
    table.row("bet: write units on average, with the journal's pages", &average.write_units.to_string());
    table.figure("bet.wcu", average.write_units);
    table.store("bet_replay", &metered(bench, "/transaction/bet", &bet).await?);

    let won = metered(bench, "/transaction/win", &bench.game.win(&bet, 20_000)).await?;
    table.store("win", &won);
    // A round is two calls today; a vendor whose protocol batches them takes its place here.
    table.store("bet_and_win", &placed.clone().and(won));

    let lost = bench.game.bet(10_000);
    metered(bench, "/transaction/bet", &lost).await?;
    table.store("rollback", &metered(bench, "/transaction/rollback", &bench.game.rollback(&lost)).await?);
    table.store("balance", &metered(bench, "/user/balance", &bench.game.balance()).await?);
    Ok(average)
}

/// What one call costs.
pub async fn metered(bench: &Bench, path: &str, body: &Value) -> Result<Reading, Error> {
    let event = bench.event(path, body)?;
    let _ = bench.meter.take();
    accepted(&bench.metered, event).await?;
    Ok(bench.meter.take())
}
