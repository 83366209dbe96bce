//! The players Sumsub knows, and the links they were given. They live in memory: after a restart players start again.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::{Timestamp, ToSpan};
use uuid::Uuid;

/// A player behind a link.
#[derive(Clone)]
pub(super) struct Visit {
    /// Sumsub's id: the same for every link of one player.
    pub(super) applicant_id: String,
    pub(super) inspection_id: String,
    /// The platform's id.
    pub(super) user_id: String,
    pub(super) level_name: String,
    pub(super) return_url: Option<String>,
}

#[derive(Default)]
pub(super) struct Applicants(Mutex<Known>);

#[derive(Default)]
struct Known {
    visits: HashMap<String, Visit>,
    by_user: HashMap<String, String>,
    newest: Option<Timestamp>,
}

impl Applicants {
    /// Gives a player a link; tells its id.
    pub(super) fn visit(&self, user_id: String, level_name: String, return_url: Option<String>) -> String {
        let id = Uuid::new_v4().simple().to_string();
        let mut known = self.known();
        let applicant_id = known.by_user.entry(user_id.clone()).or_insert_with(fresh_id).clone();
        let visit = Visit { applicant_id, inspection_id: fresh_id(), user_id, level_name, return_url };
        known.visits.insert(id.clone(), visit);
        id
    }

    pub(super) fn find(&self, id: &str) -> Option<Visit> {
        self.known().visits.get(id).cloned()
    }

    /// Now, and never the same millisecond twice: the platform tells events apart by it.
    pub(super) fn moment(&self) -> Timestamp {
        let now = crate::clock::now();
        let mut known = self.known();
        let next = known.newest.and_then(|newest| newest.checked_add(1.millisecond()).ok());
        let moment = next.map_or(now, |next| next.max(now));
        known.newest = Some(moment);
        moment
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An id in Sumsub's manner.
fn fresh_id() -> String {
    Uuid::new_v4().simple().to_string().chars().take(24).collect()
}
