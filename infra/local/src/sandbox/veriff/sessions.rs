//! The sessions Veriff knows. They live in memory: after a restart players start again.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::{Value, json};
use uuid::Uuid;

use super::super::identity::{EXPIRES_ON, Holder};

/// A player's session.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) id: String,
    /// The platform's id of the player.
    pub(super) user_id: String,
    pub(super) return_url: Option<String>,
    pub(super) holder: Holder,
    pub(super) decision: Option<Decision>,
}

/// What was decided on an attempt.
#[derive(Clone)]
pub(super) struct Decision {
    pub(super) attempt_id: String,
    pub(super) status: &'static str,
    pub(super) code: u16,
    pub(super) reason_code: Option<u16>,
    pub(super) time: String,
}

#[derive(Default)]
pub(super) struct Sessions(Mutex<HashMap<String, Session>>);

impl Sessions {
    /// Opens a session; tells its id.
    pub(super) fn open(&self, user_id: String, return_url: Option<String>, holder: Holder) -> String {
        let id = fresh_id();
        let session = Session { id: id.clone(), user_id, return_url, holder, decision: None };
        self.keep(session);
        id
    }

    pub(super) fn find(&self, id: &str) -> Option<Session> {
        self.known().get(id).cloned()
    }

    pub(super) fn keep(&self, session: Session) {
        self.known().insert(session.id.clone(), session);
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    /// The decision as Veriff tells it; null as long as there is none.
    pub(super) fn verification(&self) -> Value {
        let Some(decision) = &self.decision else { return Value::Null };
        json!({
            "id": self.id,
            "attemptId": decision.attempt_id,
            "code": decision.code,
            "status": decision.status,
            "reason": null,
            "reasonCode": decision.reason_code,
            "vendorData": self.user_id,
            "endUserId": null,
            "decisionTime": decision.time,
            "acceptanceTime": decision.time,
            "person": {
                "firstName": self.holder.first_name, "lastName": self.holder.last_name,
                "dateOfBirth": self.holder.birth_date,
            },
            "document": {"type": "PASSPORT", "country": "MT", "validUntil": EXPIRES_ON},
        })
    }

    /// The screening as Veriff tells it; null as long as there is none.
    pub(super) fn screening(&self) -> Value {
        let Some(decision) = &self.decision else { return Value::Null };
        let list = self
            .holder
            .watchlist
            .as_deref()
            .map(|list| if list == "adverse_media" { "adverseMedia" } else { list });
        let hits: Vec<_> = list
            .map(
                |list| json!({"listingsRelatedToMatch": {list: [{"sourceName": "A list of the sandbox's"}]}}),
            )
            .into_iter()
            .collect();
        json!({
            "checkType": "initial_result",
            "attemptId": decision.attempt_id,
            "sessionId": self.id,
            "vendorData": self.user_id,
            "endUserId": null,
            "matchStatus": if hits.is_empty() { "no_match" } else { "possible_match" },
            "searchTerm": {"name": format!("{} {}", self.holder.first_name, self.holder.last_name)},
            "totalHits": hits.len(),
            "createdAt": decision.time,
            "hits": hits,
        })
    }
}

pub(super) fn fresh_id() -> String {
    Uuid::new_v4().to_string()
}
