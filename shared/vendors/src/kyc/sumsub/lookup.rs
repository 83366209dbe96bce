//! What Sumsub keeps: the applicant as read from the documents, and the case of a watchlist match.

use std::collections::BTreeSet;

use domain::Timestamp;
use domain::ids::PlayerId;
use http::Method;
use serde::Deserialize;
use serde_json::Value;

use super::Sumsub;
use super::notification::{ReviewResult, verdict};
use super::outbound::call;
use crate::call::{CallFailure, InboundAnswer};
use crate::conversation::{Step, read, refused};
use crate::kyc::{Document, Findings, Person, Reference, Watchlist};

/// An applicant, by our own id of the player.
pub(super) const APPLICANT: &str = "applicant";
/// A case about a watchlist match, by the applicant's id.
pub(super) const AML_CASE: &str = "aml_case";
/// The same, where the webhook did not tell whose it is.
pub(super) const AML_CASE_OF_SOMEBODY: &str = "aml_case_of_somebody";

pub(super) fn step(
    sumsub: &Sumsub,
    reference: &Reference,
    answers: &[InboundAnswer],
    now: Timestamp,
) -> Result<Step<Findings>, CallFailure> {
    let id = &reference.id;
    let get = |path: String| call(sumsub, Method::GET, &path, &[], Vec::new(), now).map(Step::Call);
    let case = || get(format!("/resources/api/applicants/{id}/amlCase"));
    match (reference.kind, answers) {
        (APPLICANT, []) => get(one_of_user(id)),
        (APPLICANT, [answer, ..]) => Ok(Step::Done(read::<Applicant>(answer)?.findings(sumsub))),
        (AML_CASE, []) => case(),
        (AML_CASE, [answer, ..]) => {
            Ok(Step::Done(Findings { hits: read::<AmlCase>(answer)?.hits(), ..Findings::default() }))
        }
        (AML_CASE_OF_SOMEBODY, []) => get(format!("/resources/applicants/{id}/one")),
        (AML_CASE_OF_SOMEBODY, [applicant]) => {
            read::<Applicant>(applicant)?;
            case()
        }
        // Whose it is matters more than which lists they are.
        (AML_CASE_OF_SOMEBODY, [applicant, answer, ..]) => {
            let player = read::<Applicant>(applicant)?.player();
            let hits = read::<AmlCase>(answer).map(|case| case.hits()).unwrap_or_default();
            Ok(Step::Done(Findings { player, hits, ..Findings::default() }))
        }
        _ => Err(refused("there is nothing of this kind")),
    }
}

/// Where an applicant is, by our own id of the player.
pub(super) fn one_of_user(player: &str) -> String {
    format!("/resources/applicants/-;externalUserId={player}/one")
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Applicant {
    external_user_id: Option<String>,
    info: Option<Info>,
    review: Option<Review>,
    /// Labels by kind of risk; only those of watchlists matter here.
    risk_labels: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Info {
    first_name: Option<String>,
    first_name_en: Option<String>,
    last_name: Option<String>,
    last_name_en: Option<String>,
    dob: Option<String>,
    #[serde(default)]
    id_docs: Vec<IdDoc>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IdDoc {
    country: Option<String>,
    valid_until: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Review {
    level_name: Option<String>,
    #[serde(rename = "reviewStatus")]
    pub(super) status: Option<String>,
    #[serde(rename = "reviewResult")]
    pub(super) result: Option<ReviewResult>,
}

impl Review {
    /// Whether its answer counts.
    pub(super) fn is_completed(&self) -> bool {
        self.status.as_deref() == Some("completed")
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AmlCase {
    #[serde(default)]
    risk_labels: Vec<String>,
}

impl Applicant {
    fn findings(&self, sumsub: &Sumsub) -> Findings {
        let labels = self.risk_labels.as_ref().and_then(|it| it.get("aml")).and_then(Value::as_array);
        Findings {
            player: self.player(),
            // A review under way says nothing yet: a webhook of its own will.
            status: self
                .review
                .as_ref()
                .filter(|it| it.is_completed())
                .and_then(|review| verdict(sumsub, review.result.as_ref()?, review.level_name.as_deref())),
            as_of: None,
            person: self.info.as_ref().and_then(Info::person),
            document: self.info.as_ref().and_then(Info::document),
            hits: labels.into_iter().flatten().filter_map(Value::as_str).map(Watchlist::of_label).collect(),
        }
    }

    fn player(&self) -> Option<PlayerId> {
        self.external_user_id.as_ref().and_then(|id| id.parse().ok())
    }
}

impl Info {
    /// Latin letters, where Sumsub offers them, are what passports and most profiles are written in.
    fn person(&self) -> Option<Person> {
        let first_name = self.first_name_en.as_deref().or(self.first_name.as_deref());
        let last_name = self.last_name_en.as_deref().or(self.last_name.as_deref());
        Person::read(first_name, last_name, self.dob.as_deref())
    }

    /// The document that is good for longest.
    fn document(&self) -> Option<Document> {
        let documents = self.id_docs.iter();
        documents
            .filter_map(|it| Document::read(it.country.as_deref(), it.valid_until.as_deref()))
            .max_by_key(|it| it.expires_on)
    }
}

impl AmlCase {
    fn hits(&self) -> BTreeSet<Watchlist> {
        self.risk_labels.iter().map(|label| Watchlist::of_label(label)).collect()
    }
}
