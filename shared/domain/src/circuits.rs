//! Circuit breakers: a vendor that fails again and again is left alone for a while, then tried once.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::Deserialize;

use crate::Timestamp;

/// When a vendor is left alone, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rest {
    /// After how many failures in a row.
    pub failures: u32,
    /// For how many seconds.
    pub rest_seconds: i64,
}

/// How the vendors fared lately, as one process saw it.
#[derive(Clone, Debug, Default)]
pub struct Circuits(BTreeMap<String, Circuit>);

#[derive(Clone, Copy, Debug, Default)]
struct Circuit {
    failures: u32,
    left_alone_until: Option<Timestamp>,
}

impl Circuits {
    /// Vendors of which any will do, in the order to try them: as it is, but those left alone come last.
    #[must_use]
    pub fn order<'a>(&self, vendors: &'a [String], now: Timestamp) -> Vec<&'a str> {
        let alone = |vendor: &str| {
            self.0.get(vendor).and_then(|it| it.left_alone_until).is_some_and(|until| now < until)
        };
        let mut order: Vec<&str> = vendors.iter().map(String::as_str).collect();
        order.sort_by_key(|vendor| alone(vendor));
        order
    }

    /// Lets a call to a vendor go, or says how long the vendor is still left alone. After its rest one call is let go
    /// to try it; the next one goes when that one was answered, or after another rest.
    pub fn admit(&mut self, vendor: &str, rest: Rest, now: Timestamp) -> Result<(), SignedDuration> {
        let Some(circuit) = self.0.get_mut(vendor) else { return Ok(()) };
        match circuit.left_alone_until {
            None => Ok(()),
            Some(until) if now < until => Err(until.duration_since(now)),
            Some(_) => {
                circuit.leave_alone(rest, now);
                Ok(())
            }
        }
    }

    /// A vendor did not answer, or not so that it could be understood.
    pub fn failed(&mut self, vendor: &str, rest: Rest, now: Timestamp) {
        let circuit = self.0.entry(vendor.to_owned()).or_default();
        circuit.failures = circuit.failures.saturating_add(1);
        if circuit.failures >= rest.failures {
            circuit.leave_alone(rest, now);
        }
    }

    /// A vendor answered, if only to refuse.
    pub fn answered(&mut self, vendor: &str) {
        self.0.remove(vendor);
    }
}

impl Circuit {
    fn leave_alone(&mut self, rest: Rest, now: Timestamp) {
        self.left_alone_until = now.checked_add(SignedDuration::from_secs(rest.rest_seconds)).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: Rest = Rest { failures: 2, rest_seconds: 30 };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn left(seconds: i64) -> Result<(), SignedDuration> {
        Err(SignedDuration::from_secs(seconds))
    }

    #[test]
    fn a_vendor_that_fails_is_left_alone_and_then_tried_once() {
        let mut circuits = Circuits::default();
        assert_eq!(circuits.admit("hub88", REST, at(0)), Ok(()));
        circuits.failed("hub88", REST, at(0));
        assert_eq!(circuits.admit("hub88", REST, at(0)), Ok(()), "once is no pattern");
        circuits.failed("hub88", REST, at(1));
        assert_eq!(circuits.admit("hub88", REST, at(1)), left(30));
        assert_eq!(circuits.admit("swipe", REST, at(1)), Ok(()), "one vendor's trouble stays its own");
        assert_eq!(circuits.admit("hub88", REST, at(31)), Ok(()), "it is tried");
        assert_eq!(circuits.admit("hub88", REST, at(32)), left(29), "by one call alone");
        assert_eq!(
            circuits.admit("hub88", REST, at(61)),
            Ok(()),
            "and by another if that one was never heard of"
        );
        circuits.failed("hub88", REST, at(62));
        assert_eq!(circuits.admit("hub88", REST, at(63)), left(29));
        assert_eq!(circuits.admit("hub88", REST, at(92)), Ok(()));
        circuits.answered("hub88");
        circuits.failed("hub88", REST, at(93));
        assert_eq!(circuits.admit("hub88", REST, at(93)), Ok(()), "what was before is forgotten");
    }

    #[test]
    fn a_vendor_left_alone_is_asked_last() {
        let (mut circuits, vendors) = (Circuits::default(), ["adyen".to_owned(), "nuvei".to_owned()]);
        circuits.failed("adyen", REST, at(0));
        assert_eq!(circuits.order(&vendors, at(0)), ["adyen", "nuvei"]);
        circuits.failed("adyen", REST, at(1));
        assert_eq!(circuits.order(&vendors, at(1)), ["nuvei", "adyen"]);
        assert_eq!(circuits.order(&vendors, at(31)), ["adyen", "nuvei"], "it is tried again");
        circuits.failed("adyen", REST, at(31));
        assert_eq!(circuits.order(&vendors, at(32)), ["nuvei", "adyen"]);
        circuits.answered("adyen");
        assert_eq!(circuits.order(&vendors, at(32)), ["adyen", "nuvei"]);
    }
}
