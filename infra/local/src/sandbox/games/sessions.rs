//! The games that are open. They live in memory: after a restart players open theirs again.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::protocol::{Session, fresh_id};

/// More than one person opens; then the oldest is forgotten.
const MOST: usize = 1_000;

/// All open games.
#[derive(Default)]
pub(super) struct Sessions(Mutex<Open>);

#[derive(Default)]
struct Open {
    by_id: HashMap<String, Session>,
    by_age: VecDeque<String>,
}

impl Sessions {
    /// Keeps a game open under a fresh id.
    pub(super) fn open(&self, session: Session) -> String {
        let id = fresh_id();
        let mut open = self.lock();
        open.by_id.insert(id.clone(), session);
        open.by_age.push_back(id.clone());
        if open.by_age.len() > MOST
            && let Some(oldest) = open.by_age.pop_front()
        {
            open.by_id.remove(&oldest);
        }
        id
    }

    pub(super) fn get(&self, id: &str) -> Option<Session> {
        self.lock().by_id.get(id).cloned()
    }

    /// Keeps how far a game is, if it is still open.
    pub(super) fn put(&self, id: &str, session: Session) {
        if let Some(kept) = self.lock().by_id.get_mut(id) {
            *kept = session;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
