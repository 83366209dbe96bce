//! How often a provider's keys are looked up.

use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::Timestamp;

const SECONDS_BETWEEN: u64 = 60;

/// When the keys were last asked for, and whether they came.
#[derive(Default)]
pub(crate) struct KeyWatch(Mutex<Watched>);

#[derive(Clone, Copy, Default)]
struct Watched {
    last: Option<Timestamp>,
    failed: bool,
}

impl KeyWatch {
    /// Whether it is time to ask; if so, it is noted that we did.
    pub(crate) fn may_ask(&self, now: Timestamp) -> bool {
        let mut watched = self.watched();
        let is_long_ago = |last: Timestamp| now.as_second().abs_diff(last.as_second()) >= SECONDS_BETWEEN;
        let due = watched.last.is_none_or(is_long_ago);
        if due {
            watched.last = Some(now);
        }
        due
    }

    /// Notes whether they came.
    pub(crate) fn came(&self, came: bool) {
        self.watched().failed = !came;
    }

    /// Whether they did not come when they were last asked for: then nobody can be called a stranger.
    pub(crate) fn failed(&self) -> bool {
        self.watched().failed
    }

    fn watched(&self) -> MutexGuard<'_, Watched> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
        assert!(!watch.failed());
        watch.came(false);
        assert!(watch.failed() && !watch.may_ask(at(121)), "it is known without asking again");
        watch.came(true);
        assert!(!watch.failed());
    }
}
