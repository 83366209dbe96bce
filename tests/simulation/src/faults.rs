//! What may go wrong between a function and its store, each as the SDK would see it on AWS.

use crate::seed::Dice;

/// Of a thousand reads that may be out of date, how many are, where any are.
const LAGGING: u64 = 300;

/// A fault of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The service fails and does nothing.
    ErrorBefore,
    /// The service does it, and then says that it failed.
    ErrorAfter,
    /// The service turns the caller away for its rate.
    Throttled,
    /// The table's throughput is used up.
    ThroughputExceeded,
    /// Another transaction holds one of the items.
    Conflict,
    /// Should a condition fail, other transactions hold others of the items.
    Contended,
    /// The connection breaks before the request arrives.
    DroppedBefore,
    /// The connection breaks before the answer arrives.
    DroppedAfter,
    /// The request is lost; nobody ever answers.
    HangBefore,
    /// The answer is lost; nobody ever answers.
    HangAfter,
    /// The request takes so long on its way that it is carried out when nobody waits for it any more.
    Late,
    /// The process dies before the request leaves.
    KilledBefore,
    /// The process dies before the answer arrives.
    KilledAfter,
    /// A replica answers that has not heard the latest.
    Stale,
    /// A part of a batch is not carried out.
    Partial,
}

impl Fault {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::ErrorBefore,
        Self::ErrorAfter,
        Self::Throttled,
        Self::ThroughputExceeded,
        Self::Conflict,
        Self::Contended,
        Self::DroppedBefore,
        Self::DroppedAfter,
        Self::HangBefore,
        Self::HangAfter,
        Self::Late,
        Self::KilledBefore,
        Self::KilledAfter,
        Self::Stale,
        Self::Partial,
    ];

    /// Whether it can happen to a call of this nature.
    const fn befalls(self, nature: Nature) -> bool {
        match self {
            Self::Conflict => nature.conflicts,
            Self::Contended => nature.conflicts && nature.writes,
            Self::Stale => nature.lags,
            Self::Partial => nature.in_parts,
            Self::Late => nature.writes,
            Self::ThroughputExceeded => nature.of_table,
            _ => true,
        }
    }
}

/// What a call is like, as far as faults care.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent questions")]
pub(crate) struct Nature {
    /// It goes to a table.
    pub(crate) of_table: bool,
    /// It changes something.
    pub(crate) writes: bool,
    /// Transactions may stand in its way.
    pub(crate) conflicts: bool,
    /// It reads what may be out of date.
    pub(crate) lags: bool,
    /// It may be carried out in part.
    pub(crate) in_parts: bool,
}

/// Which faults a run knows, and how often they happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weather {
    /// What can happen to calls of the store and the other services.
    pub faults: Vec<Fault>,
    /// How many calls in a thousand it happens to.
    pub store: u64,
    /// How many calls of vendors and players in a thousand are lost, late or doubled on the network.
    pub network: u64,
}

impl Weather {
    /// Nothing ever goes wrong.
    #[must_use]
    pub const fn calm() -> Self {
        Self { faults: Vec::new(), store: 0, network: 0 }
    }

    /// Each run knows some faults only: what is rare among all kinds is common among few.
    pub(crate) fn drawn(dice: &mut Dice) -> Self {
        let rates = [0, 10, 30, 60, 120, 250];
        let rate = |dice: &mut Dice| dice.pick(&rates).copied().unwrap_or_default();
        let faults = Fault::ALL.iter().copied().filter(|_| dice.chance(500)).collect();
        Self { faults, store: rate(dice), network: rate(dice) }
    }

    /// What happens to a call, if anything does.
    pub(crate) fn befalling(&self, nature: Nature, dice: &mut Dice) -> Option<Fault> {
        // Where replicas lag at all, they do so every day.
        if nature.lags && self.store > 0 && self.faults.contains(&Fault::Stale) && dice.chance(LAGGING) {
            return Some(Fault::Stale);
        }
        if !dice.chance(self.store) {
            return None;
        }
        let possible: Vec<Fault> = self.faults.iter().copied().filter(|it| it.befalls(nature)).collect();
        dice.pick(&possible).copied()
    }
}
