//! The applicants and workflow runs Onfido knows. They live in memory: after a restart players start again.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::{Value, json};
use uuid::Uuid;

use super::super::identity::{COUNTRY, EXPIRES_ON, Holder};

/// A player's way through a workflow.
#[derive(Clone)]
pub(super) struct Run {
    pub(super) id: String,
    pub(super) workflow_id: String,
    pub(super) applicant_id: String,
    /// The platform's id of the player.
    pub(super) user_id: String,
    pub(super) tags: Vec<String>,
    pub(super) return_url: Option<String>,
    /// The page.
    pub(super) url: String,
    pub(super) status: &'static str,
    /// What was made of the document.
    pub(super) sub_result: Option<&'static str>,
    pub(super) holder: Holder,
    pub(super) updated_at: String,
}

#[derive(Default)]
pub(super) struct Runs(Mutex<Known>);

#[derive(Default)]
struct Known {
    applicants: HashMap<String, Holder>,
    runs: Vec<Run>,
}

impl Runs {
    /// Makes an applicant; tells the id.
    pub(super) fn meet(&self, holder: Holder) -> String {
        let id = fresh_id();
        self.known().applicants.insert(id.clone(), holder);
        id
    }

    /// What an applicant's document says.
    pub(super) fn holder(&self, applicant_id: &str) -> Option<Holder> {
        self.known().applicants.get(applicant_id).cloned()
    }

    pub(super) fn add(&self, run: Run) {
        self.known().runs.push(run);
    }

    pub(super) fn find(&self, id: &str) -> Option<Run> {
        self.known().runs.iter().find(|run| run.id == id).cloned()
    }

    /// Notes what came of a run.
    pub(super) fn update(&self, changed: &Run) {
        for run in self.known().runs.iter_mut().filter(|run| run.id == changed.id) {
            *run = changed.clone();
        }
    }

    /// The runs that fit, newest first.
    pub(super) fn list(&self, fits: impl Fn(&Run) -> bool) -> Vec<Value> {
        self.known().runs.iter().rev().filter(|run| fits(run)).map(Run::shown).collect()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Run {
    /// The run as Onfido tells of it.
    pub(super) fn shown(&self) -> Value {
        json!({
            "id": self.id,
            "workflow_id": self.workflow_id,
            "workflow_version_id": 1,
            "applicant_id": self.applicant_id,
            "customer_user_id": self.user_id,
            "tags": self.tags,
            "status": self.status,
            "output": self.sub_result.map(|_| self.output()),
            "reasons": [],
            "sdk_token": null,
            "link": {"url": self.url, "completed_redirect_url": self.return_url, "expires_at": null},
            "updated_at": self.updated_at,
        })
    }

    /// What the workflow is configured to put out: the reports of the document and of the watchlists.
    fn output(&self) -> Value {
        let Holder { first_name, last_name, birth_date, watchlist } = &self.holder;
        let result = |list: &str| {
            let result = if watchlist.as_deref() == Some(list) { "consider" } else { "clear" };
            json!({"result": result})
        };
        json!({
            "document": {
                "sub_result": self.sub_result,
                "properties": {
                    "first_name": first_name, "last_name": last_name, "date_of_birth": birth_date,
                    "issuing_country": COUNTRY, "date_of_expiry": EXPIRES_ON,
                },
            },
            "watchlist": {
                "breakdown": {
                    "sanction": result("sanctions"),
                    "politically_exposed_person": result("pep"),
                    "adverse_media": result("adverse_media"),
                },
            },
        })
    }
}

pub(super) fn fresh_id() -> String {
    Uuid::new_v4().to_string()
}
