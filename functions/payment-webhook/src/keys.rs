//! How often a provider's keys are looked up.

use std::sync::{Mutex, PoisonError};

use domain::Timestamp;

const SECONDS_BETWEEN: u64 = 60;

/// When the keys were last asked for.
#[derive(Default)]
pub(crate) struct KeyWatch(Mutex<Option<Timestamp>>);

impl KeyWatch {
    /// Whether it is time to ask; if so, it is noted that we did.
    pub(crate) fn may_ask(&self, now: Timestamp) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.is_none_or(|last| now.as_second().abs_diff(last.as_second()) >= SECONDS_BETWEEN);
        if due {
            *last = Some(now);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_asked_for_once_a_minute() {
        let watch = KeyWatch::default();
        let at = |second| Timestamp::from_second(second).unwrap();
        let asked = [0, 1, 59, 60, 61, 119, 120].map(|second| watch.may_ask(at(second)));
        assert_eq!(asked, [true, false, false, true, false, false, true]);
    }
}
