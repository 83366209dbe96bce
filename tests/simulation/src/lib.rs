//! The platform under a seed: the real handlers over the real AWS SDK, with players, vendors, faults and the clock
//! decided by one number, and an oracle that knows what must come of it.
//!
//! The same seed leads to the same run, to the last line of its trace.

mod bonus;
mod clock;
mod deeds;
mod faults;
mod network;
mod oracle;
mod people;
mod plan;
mod processes;
mod report;
mod run;
mod schedule;
mod seam;
mod seed;
mod seen;
mod shrink;
mod soak;
mod streams;
mod trace;
mod vendors;
mod world;

pub use faults::{Fault, Weather};
pub use plan::{Deed, Plan, Step};
pub use report::{Failure, Tally, sim_ops_per_second_per_core};
pub use run::{Outcome, carry_out};
pub use seen::Seen;
pub use shrink::shrink;
pub use soak::soak;

/// Anything that stops a simulation from being set up.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
