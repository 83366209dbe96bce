//! The players Sumsub knows, and the links they were given. They live in memory: after a restart players start again.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;
use uuid::Uuid;

use super::super::identity::Holder;

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

/// A player.
#[derive(Clone)]
pub(super) struct Applicant {
    pub(super) id: String,
    pub(super) holder: Holder,
    /// The level, status and result of the newest review.
    pub(super) review: Option<(String, &'static str, Option<Value>)>,
}

#[derive(Default)]
pub(super) struct Applicants(Mutex<Known>);

#[derive(Default)]
struct Known {
    visits: HashMap<String, Visit>,
    by_user: HashMap<String, Applicant>,
}

impl Applicant {
    fn new(holder: Holder) -> Self {
        Self { id: fresh_id(), holder, review: None }
    }
}

impl Applicants {
    /// Makes a player known; tells whether they were known already. Either way, the document is now the one told of.
    pub(super) fn meet(&self, user_id: String, holder: Holder) -> (Applicant, bool) {
        let mut known = self.known();
        let is_known = known.by_user.contains_key(&user_id);
        let applicant = known.by_user.entry(user_id).or_insert_with(|| Applicant::new(holder.clone()));
        applicant.holder = holder;
        (applicant.clone(), is_known)
    }

    /// A player; who never came here holds the specimen.
    pub(super) fn of_user(&self, user_id: &str) -> Applicant {
        self.known().by_user.get(user_id).cloned().unwrap_or_else(|| Applicant::new(Holder::default()))
    }

    /// A player by Sumsub's id.
    pub(super) fn of_id(&self, id: &str) -> Option<Applicant> {
        self.known().by_user.values().find(|applicant| applicant.id == id).cloned()
    }

    /// Gives a player a link; tells its id.
    pub(super) fn visit(&self, user_id: String, level_name: String, return_url: Option<String>) -> String {
        let id = Uuid::new_v4().simple().to_string();
        let mut known = self.known();
        let applicant =
            known.by_user.entry(user_id.clone()).or_insert_with(|| Applicant::new(Holder::default()));
        let applicant_id = applicant.id.clone();
        let visit = Visit { applicant_id, inspection_id: fresh_id(), user_id, level_name, return_url };
        known.visits.insert(id.clone(), visit);
        id
    }

    pub(super) fn find(&self, id: &str) -> Option<Visit> {
        self.known().visits.get(id).cloned()
    }

    /// Notes what was read and thought of a player's document.
    pub(super) fn reviewed(
        &self,
        visit: &Visit,
        holder: Holder,
        status: &'static str,
        result: Option<Value>,
    ) {
        if let Some(applicant) = self.known().by_user.get_mut(&visit.user_id) {
            applicant.holder = holder;
            applicant.review = Some((visit.level_name.clone(), status, result));
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An id in Sumsub's manner.
fn fresh_id() -> String {
    Uuid::new_v4().simple().to_string().chars().take(24).collect()
}
