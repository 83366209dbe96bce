//! What runs came across. Runs in which nothing happens prove nothing: of those that must hold, all of this is demanded.

use std::collections::BTreeSet;

use crate::faults::Fault;
use crate::world::World;

/// Kinds of entries and answers, and faults, each in a few words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen(BTreeSet<String>);

/// The kinds of entries that the oracle knows the rules of.
const ENTRIES: &[&str] = &[
    "adjusted",
    "bet_placed",
    "bet_won",
    "by the sweep",
    "chargeback_reversed",
    "deposit_charged_back",
    "deposit_completed",
    "deposit_progressed",
    "deposit_quarantined",
    "deposit_refunded",
    "deposit_requested",
    "game_launched",
    "game_session_rotated",
    "player_registered",
    "refund_progressed",
    "refund_requested",
    "refund_returned",
    "rolled_back",
    "round_ended",
    "verification_changed",
    "withdrawal_paid",
    "withdrawal_progressed",
    "withdrawal_requested",
    "withdrawal_returned",
];

/// What can be heard, by whoever asked or by what was asked for. That people are asked to come again is a matter of luck.
const ANSWERS: &[(&str, &[&str])] = &[
    ("hub88", &["done", "no money", "expired", "rolled back", "other data", "disabled", "no bet", "nothing"]),
    ("softswiss", &["done", "no money", "rolled back", "other data", "disabled", "nothing"]),
    (
        "evolution",
        &[
            "done",
            "no money",
            "expired",
            "rolled back",
            "other data",
            "disabled",
            "no bet",
            "exists",
            "ended",
            "nothing",
        ],
    ),
    ("bonus", &["200", "409"]),
    ("deposit", &["409", "503"]),
    ("withdrawal", &["201", "403", "409"]),
    ("cancel", &["200", "409"]),
    ("approve", &["200", "409"]),
    ("reject", &["200", "409"]),
    ("refund", &["201", "409"]),
    ("notice", &["200", "503"]),
    ("wallet", &["200"]),
];

impl Seen {
    /// What a run has come across so far.
    pub(crate) fn by(world: &World) -> Self {
        let faults = world.seam.faults_met();
        let faults = faults.iter().map(|it| fault(*it));
        let oracle = world.oracle.borrow();
        let entries = oracle.kinds_of_entries().map(entry);
        Self(faults.chain(entries).chain(oracle.heard.iter().map(|it| answer(it))).collect())
    }

    pub(crate) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// What can occur, and never did.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        let answers = ANSWERS.iter().flat_map(|(by, all)| all.iter().map(move |it| format!("{by}: {it}")));
        let all = Fault::ALL.iter().map(|it| fault(*it));
        let all = all.chain(ENTRIES.iter().map(|it| entry(it))).chain(answers.map(|it| answer(&it)));
        all.filter(|it| !self.0.contains(it)).collect()
    }
}

fn fault(fault: Fault) -> String {
    format!("fault {fault:?}")
}

fn entry(kind: &str) -> String {
    format!("entry {kind}")
}

fn answer(heard: &str) -> String {
    format!("answer {heard}")
}
