//! The games that are open. They live in memory: after a restart players open theirs again.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;

use super::{Game, wallet::fresh_uuid};

/// More than one person opens; then the oldest is forgotten.
const MOST: usize = 1_000;

/// An open game.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) user: String,
    pub(super) token: String,
    pub(super) game: Game,
    pub(super) currency: String,
    pub(super) lobby_url: Option<String>,
    /// The body of the newest bet, for the buttons that send it again or undo it.
    pub(super) last_bet: Option<Value>,
}

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
        let id = fresh_uuid();
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

    pub(super) fn remember_bet(&self, id: &str, bet: Value) {
        if let Some(session) = self.lock().by_id.get_mut(id) {
            session.last_bet = Some(bet);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
