//! How fast the simulation is: what a soak gets through while a developer has lunch.

use rust_decimal::Decimal;

use crate::Error;
use crate::table::Table;

/// What one core should simulate in a second.
const GOAL: u64 = 1_000;

/// Runs a set of seeds, on one core.
pub async fn measure(table: &mut Table) -> Result<(), Error> {
    // A simulation has a runtime and a clock of its own.
    let pace = tokio::task::spawn_blocking(|| {
        simulation::sim_ops_per_second_per_core().map_err(|error| error.to_string())
    });
    let pace = Decimal::from(pace.await??);
    table.section("the simulation, all included: players, vendors, faults, streams and the oracle");
    table.at_least("simulated vendor operations, per core", pace, "a second", Decimal::from(GOAL));
    table.figure("sim_ops_per_second_per_core", pace);
    Ok(())
}
