//! What runs came to: for people, at the end of them.

use std::fmt;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::run::{Outcome, carry_out, carry_out_silently};
use crate::seen::Seen;
use crate::shrink::shrink;
use crate::{Error, Plan};

/// How many runs it may take to shrink a failure.
const SHRINKING_RUNS: u32 = 200;
/// How many lines of a trace are shown.
const LINES: usize = 60;
/// The seeds that the pace is taken with.
const PACE_SEEDS: u64 = 20;

/// Sums over many runs.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    runs: u64,
    steps: usize,
    vendor_calls: u64,
    store_calls: u64,
    busy: Duration,
    seen: Seen,
}

/// A seed under which the platform does what it must not, and the shortest way there.
pub struct Failure {
    plan: Plan,
    outcome: Outcome,
    steps_before: usize,
}

impl Tally {
    /// Runs a seed and adds it up.
    pub fn run(&mut self, seed: u64) -> Result<Option<Failure>, Error> {
        let plan = Plan::of(seed);
        let started = busy();
        let outcome = carry_out_silently(&plan)?;
        self.busy += busy().saturating_sub(started);
        self.runs += 1;
        self.steps += outcome.steps;
        self.vendor_calls += outcome.vendor_calls;
        self.store_calls += outcome.store_calls;
        self.seen.extend(outcome.seen);
        match outcome.violation {
            None => Ok(None),
            Some(violation) => Failure::shrunk(&plan, &violation, outcome.steps).map(Some),
        }
    }

    /// What never occurred in all the runs, though it can.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        self.seen.missing()
    }

    /// Calls of vendors and players that were answered for each second of one core.
    #[must_use]
    pub fn operations_per_second(&self) -> u64 {
        let millis = self.busy.as_millis().max(1);
        u64::try_from(u128::from(self.vendor_calls) * 1000 / millis).unwrap_or(u64::MAX)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { runs, steps, vendor_calls, store_calls, busy, .. } = self;
        write!(
            out,
            "{runs} runs, {steps} steps, {vendor_calls} vendor operations over {store_calls} store calls in {busy:.1?} \
             of processor time: {} operations per second and core",
            self.operations_per_second()
        )
    }
}

impl Failure {
    /// Of a shorter plan that fails otherwise nothing is learnt about this failure.
    fn shrunk(plan: &Plan, violation: &str, steps_before: usize) -> Result<Self, Error> {
        let same = |other: &String| kind(other) == kind(violation);
        let fails =
            |plan: &Plan| carry_out_silently(plan).is_ok_and(|it| it.violation.as_ref().is_some_and(same));
        let plan = shrink(plan, SHRINKING_RUNS, fails);
        let outcome = carry_out(&plan)?;
        Ok(Self { plan, outcome, steps_before })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { plan, outcome, steps_before } = self;
        for line in outcome.trace.iter().skip(outcome.trace.len().saturating_sub(LINES)) {
            writeln!(out, "{line}")?;
        }
        let violation = outcome.violation.as_deref().unwrap_or("(no longer fails)");
        writeln!(out, "\nSEED={} breaks the platform after {steps_before} steps:", plan.seed)?;
        writeln!(out, "  {violation}")?;
        writeln!(
            out,
            "shrunk to {} steps, {} players, {} at once, {:?}:",
            plan.steps.len(),
            plan.players,
            plan.width,
            plan.weather
        )?;
        for step in &plan.steps {
            writeln!(out, "  #{} {:?} of player {}", step.id, step.deed, step.player)?;
        }
        write!(out, "again: SEED={} cargo run -p simulation", plan.seed)
    }
}

/// What a violation says, whatever it says that of: ids, amounts, versions and answers have digits.
fn kind(violation: &str) -> String {
    let words = violation.split_whitespace().filter(|word| !word.contains(|it: char| it.is_ascii_digit()));
    words.collect::<Vec<_>>().join(" ")
}

/// How many vendor operations a second one core simulates, all included: players, faults, streams and the oracle.
pub fn sim_ops_per_second_per_core() -> Result<u64, Error> {
    let mut tally = Tally::default();
    for seed in 1..=PACE_SEEDS {
        if let Some(failure) = tally.run(seed)? {
            return Err(failure.to_string().into());
        }
    }
    Ok(tally.operations_per_second())
}

/// The processor time this thread has used.
fn busy() -> Duration {
    let used = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(used.tv_sec).unwrap_or_default();
    Duration::from_secs(seconds) + Duration::from_nanos(u64::try_from(used.tv_nsec).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_told_apart_by_what_is_wrong_not_by_what_it_is_wrong_with() {
        let one = "#3 hub88 bet -40 1c0f: an untrue answer: 200 {\"balance\":1}";
        let same = "#7 hub88 bet -90 77aa: an untrue answer: 500 {\"balance\":2}";
        assert_eq!(kind(one), kind(same));
        assert_ne!(kind(one), kind("#3 hub88 bet -40 1c0f: acknowledged, but 1c0f is not in the ledger"));
    }
}
