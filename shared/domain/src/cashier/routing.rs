//! Which provider is asked first: the best that is up.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::CashierPack;
use crate::Timestamp;

/// How the providers fared lately, as one process saw it.
#[derive(Clone, Debug, Default)]
pub struct Circuits(BTreeMap<String, Circuit>);

#[derive(Clone, Copy, Debug, Default)]
struct Circuit {
    failures: u32,
    left_alone_until: Option<Timestamp>,
}

impl Circuits {
    /// The providers of a route in the order to try them: as the pack has it, but those left alone come last.
    #[must_use]
    pub fn order<'a>(&self, routes: &'a [String], now: Timestamp) -> Vec<&'a str> {
        let alone = |vendor: &str| {
            self.0.get(vendor).and_then(|it| it.left_alone_until).is_some_and(|until| now < until)
        };
        let mut order: Vec<&str> = routes.iter().map(String::as_str).collect();
        order.sort_by_key(|vendor| alone(vendor));
        order
    }

    /// A provider did not answer, or not so that it could be understood.
    pub fn failed(&mut self, vendor: &str, pack: &CashierPack, now: Timestamp) {
        let routing = pack.routing();
        let circuit = self.0.entry(vendor.to_owned()).or_default();
        circuit.failures = circuit.failures.saturating_add(1);
        if circuit.failures >= routing.failures {
            circuit.left_alone_until = now.checked_add(SignedDuration::from_secs(routing.rest_seconds)).ok();
        }
    }

    /// A provider answered, if only to refuse.
    pub fn answered(&mut self, vendor: &str) {
        self.0.remove(vendor);
    }
}
