//! Which of a player's facts a projection has applied: what makes it exact under repeats, gaps and any order.

use std::fmt;
use std::str::FromStr;

use rangemap::RangeInclusiveSet;
use serde::{Deserialize, Serialize};

/// The sequence numbers that were applied. Facts that come in order keep it one run long, such as `1-41`;
/// a gap, while it lasts, makes it one run longer: `1-41,43-80`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Progress(RangeInclusiveSet<u64>);

/// The text is no progress of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a list of runs of sequence numbers")]
pub struct InvalidProgress;

impl Progress {
    /// Notes a fact as applied. False if it was applied before: then it must not be applied again.
    pub fn apply(&mut self, sequence: u64) -> bool {
        let is_new = !self.0.contains(&sequence);
        self.0.insert(sequence..=sequence);
        is_new
    }

    /// Whether a fact was applied.
    #[must_use]
    pub fn has(&self, sequence: u64) -> bool {
        self.0.contains(&sequence)
    }

    /// The highest number that was applied; 0 if none was.
    #[must_use]
    pub fn newest(&self) -> u64 {
        self.0.last().map_or(0, |run| *run.end())
    }

    /// Up to which number every fact was applied.
    #[must_use]
    pub fn upto(&self) -> u64 {
        self.0.first().filter(|run| *run.start() <= 1).map_or(0, |run| *run.end())
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, run) in self.0.iter().enumerate() {
            let comma = if nth == 0 { "" } else { "," };
            write!(out, "{comma}{}-{}", run.start(), run.end())?;
        }
        Ok(())
    }
}

impl FromStr for Progress {
    type Err = InvalidProgress;

    fn from_str(text: &str) -> Result<Self, InvalidProgress> {
        let mut runs = RangeInclusiveSet::new();
        for run in text.split(',').filter(|run| !run.is_empty()) {
            let (first, last) = run.split_once('-').ok_or(InvalidProgress)?;
            let number = |text: &str| text.parse::<u64>().map_err(|_| InvalidProgress);
            let (first, last) = (number(first)?, number(last)?);
            if first > last {
                return Err(InvalidProgress);
            }
            runs.insert(first..=last);
        }
        Ok(Self(runs))
    }
}

impl TryFrom<String> for Progress {
    type Error = InvalidProgress;

    fn try_from(text: String) -> Result<Self, InvalidProgress> {
        text.parse()
    }
}

impl From<Progress> for String {
    fn from(progress: Progress) -> Self {
        progress.to_string()
    }
}

/// How often a projection tries again when somebody else wrote first.
pub(crate) const ATTEMPTS: u32 = 10;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn applied(sequences: &[u64]) -> Progress {
        let mut progress = Progress::default();
        for sequence in sequences {
            progress.apply(*sequence);
        }
        progress
    }

    #[test]
    fn facts_in_order_are_one_run() {
        assert_eq!(applied(&[1, 2, 3]).to_string(), "1-3");
        assert_eq!(applied(&[]).to_string(), "");
        assert_eq!(applied(&[1, 2, 5, 4]).to_string(), "1-2,4-5");
        assert_eq!(applied(&[1, 2, 5, 4, 3]).to_string(), "1-5");
    }

    #[test]
    fn upto_stops_at_the_first_gap() {
        assert_eq!(applied(&[]).upto(), 0);
        assert_eq!(applied(&[2, 3]).upto(), 0);
        assert_eq!(applied(&[1, 2, 4]).upto(), 2);
        assert_eq!((applied(&[]).newest(), applied(&[1, 2, 4]).newest()), (0, 4));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["1", "a-b", "3-1", "1-2;4-5", "-1-2", "1-99999999999999999999"] {
            assert_eq!(text.parse::<Progress>(), Err(InvalidProgress), "{text}");
        }
    }

    proptest! {
        #[test]
        fn each_fact_is_new_exactly_once(sequences in prop::collection::vec(1_u64..40, 0..120)) {
            let mut progress = Progress::default();
            let mut seen = BTreeSet::new();
            for sequence in sequences {
                // Between any two facts it may have been stored and read again.
                progress = progress.to_string().parse().unwrap();
                prop_assert_eq!(progress.has(sequence), seen.contains(&sequence));
                prop_assert_eq!(progress.apply(sequence), seen.insert(sequence));
            }
            let gap = (1..=40).find(|sequence| !seen.contains(sequence)).unwrap();
            prop_assert_eq!(progress.upto(), gap - 1);
        }

        #[test]
        fn order_does_not_matter(
            (sequences, shuffled) in prop::collection::vec(1_u64.., 0..30)
                .prop_flat_map(|it| (Just(it.clone()), Just(it).prop_shuffle()))
        ) {
            let (one, other) = (applied(&sequences), applied(&shuffled));
            prop_assert_eq!(one.to_string(), other.to_string());
        }
    }
}
