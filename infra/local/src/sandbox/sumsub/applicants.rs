//! The players Sumsub knows, and the links they were given. They live in memory: after a restart players start again.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;
use uuid::Uuid;

use super::super::identity::Holder;
use super::FixedInfo;

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
    /// The platform's id.
    pub(super) user_id: String,
    /// Who the platform says it is.
    pub(super) claimed: FixedInfo,
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
    /// Who never came here holds the specimen.
    fn stranger(user_id: &str) -> Self {
        let Holder { first_name, last_name, birth_date, .. } = Holder::default();
        Self::new(user_id.to_owned(), FixedInfo { first_name, last_name, dob: birth_date })
    }

    fn new(user_id: String, claimed: FixedInfo) -> Self {
        Self { id: fresh_id(), user_id, holder: claimed.holder(), claimed, review: None }
    }

    pub(super) fn is_approved(&self) -> bool {
        let result = self.review.as_ref().and_then(|(_, _, result)| result.as_ref());
        result.is_some_and(|result| result["reviewAnswer"] == "GREEN")
    }
}

impl FixedInfo {
    /// The document that the player brings, as long as nobody says otherwise.
    fn holder(&self) -> Holder {
        let Self { first_name, last_name, dob } = self.clone();
        Holder { first_name, last_name, birth_date: dob, watchlist: None }
    }
}

impl Applicants {
    /// Makes a player known; nothing if they were known already.
    pub(super) fn meet(&self, user_id: String, claimed: FixedInfo) -> Option<Applicant> {
        match self.known().by_user.entry(user_id) {
            Entry::Occupied(_) => None,
            Entry::Vacant(place) => {
                let applicant = Applicant::new(place.key().clone(), claimed);
                Some(place.insert(applicant).clone())
            }
        }
    }

    /// Notes who the platform says it is now; nothing if there is no such applicant.
    pub(super) fn change(&self, id: &str, claimed: FixedInfo) -> Option<()> {
        let mut known = self.known();
        let applicant = known.of_id(id)?;
        applicant.holder = claimed.holder();
        applicant.claimed = claimed;
        Some(())
    }

    /// Forgets what was handed in, and what came of it; nothing if there is no such applicant.
    pub(super) fn reset(&self, id: &str) -> Option<Visit> {
        let mut known = self.known();
        let applicant = known.of_id(id)?;
        applicant.holder = applicant.claimed.holder();
        let (level_name, ..) = applicant.review.take().unwrap_or_default();
        let (applicant_id, user_id) = (applicant.id.clone(), applicant.user_id.clone());
        Some(Visit { applicant_id, inspection_id: fresh_id(), user_id, level_name, return_url: None })
    }

    /// A player; who never came here holds the specimen.
    pub(super) fn of_user(&self, user_id: &str) -> Applicant {
        self.known().by_user.get(user_id).cloned().unwrap_or_else(|| Applicant::stranger(user_id))
    }

    /// A player by Sumsub's id.
    pub(super) fn of_id(&self, id: &str) -> Option<Applicant> {
        self.known().of_id(id).cloned()
    }

    /// Gives a player a link; tells its id.
    pub(super) fn visit(&self, user_id: String, level_name: String, return_url: Option<String>) -> String {
        let id = Uuid::new_v4().simple().to_string();
        let mut known = self.known();
        let applicant = known.by_user.entry(user_id.clone()).or_insert_with(|| Applicant::stranger(&user_id));
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

impl Known {
    fn of_id(&mut self, id: &str) -> Option<&mut Applicant> {
        self.by_user.values_mut().find(|applicant| applicant.id == id)
    }
}

/// An id in Sumsub's manner.
fn fresh_id() -> String {
    Uuid::new_v4().simple().to_string().chars().take(24).collect()
}
