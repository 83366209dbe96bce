//! Shrinking: of a plan that fails, whatever is not needed for it to fail is left out.

use crate::plan::Plan;

/// The smallest plan found that still fails, within so many runs.
pub fn shrink(plan: &Plan, runs: u32, fails: impl Fn(&Plan) -> bool) -> Plan {
    let mut search = Search { smallest: plan.clone(), runs, fails };
    search.steps();
    search.faults();
    search.company();
    search.steps();
    search.smallest
}

struct Search<Fails> {
    smallest: Plan,
    runs: u32,
    fails: Fails,
}

impl<Fails: Fn(&Plan) -> bool> Search<Fails> {
    /// Leaves out halves of the steps, then quarters, and so on (delta debugging).
    fn steps(&mut self) {
        let mut size = self.smallest.steps.len().div_ceil(2);
        while size > 0 {
            let mut start = 0;
            while start < self.smallest.steps.len() {
                let mut without = self.smallest.clone();
                let end = (start + size).min(without.steps.len());
                without.steps.drain(start..end);
                if !self.try_out(without) {
                    start += size;
                }
            }
            size = if size == 1 { 0 } else { size.div_ceil(2) };
        }
    }

    /// Leaves out kinds of faults, then all of them, then the network's moods.
    fn faults(&mut self) {
        for fault in self.smallest.weather.faults.clone() {
            let mut without = self.smallest.clone();
            without.weather.faults.retain(|it| *it != fault);
            self.try_out(without);
        }
        let mut quiet = self.smallest.clone();
        quiet.weather.network = 0;
        self.try_out(quiet);
        let mut sunny = self.smallest.clone();
        sunny.weather.store = 0;
        self.try_out(sunny);
    }

    /// Fewer players, and less at once.
    fn company(&mut self) {
        let needed = self.smallest.steps.iter().map(|step| step.player + 1).max().unwrap_or(1);
        let mut fewer = self.smallest.clone();
        fewer.players = needed.min(fewer.players);
        self.try_out(fewer);
        for width in 1..self.smallest.width {
            let narrow = Plan { width, ..self.smallest.clone() };
            if self.try_out(narrow) {
                break;
            }
        }
    }

    /// Keeps a smaller plan if it still fails.
    fn try_out(&mut self, plan: Plan) -> bool {
        if self.runs == 0 || plan == self.smallest {
            return false;
        }
        self.runs -= 1;
        let fails = (self.fails)(&plan);
        if fails {
            self.smallest = plan;
        }
        fails
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_needed_is_left_out() {
        let plan = Plan::of_length(5, 64);
        let needed = [7, 31];
        let fails = |plan: &Plan| needed.iter().all(|id| plan.steps.iter().any(|step| step.id == *id));
        let smallest = shrink(&plan, 10_000, fails);
        let ids: Vec<u64> = smallest.steps.iter().map(|step| step.id).collect();
        assert_eq!(ids, needed);
        assert_eq!((smallest.width, smallest.weather.store), (1, 0));
        assert!(smallest.weather.faults.is_empty());
    }
}
