//! What Onfido keeps: workflow runs, checks with their reports, and monitors of watchlists.

use domain::Timestamp;
use domain::account::VerificationStatus;
use domain::ids::PlayerId;
use serde::Deserialize;
use serde_json::Value;

use super::notification::run_status;
use super::outbound::get;
use super::reports::{Reports, document_status};
use super::{Onfido, reading};
use crate::call::{CallFailure, InboundAnswer, is_path_id};
use crate::conversation::{Step, read, refused, unclear};
use crate::kyc::{Findings, Reference};

/// A workflow run: what players go through.
pub(super) const RUN: &str = "workflow_run";
/// A check: what monitors and staff start.
pub(super) const CHECK: &str = "check";
/// A monitor: what watches lists from then on.
pub(super) const MONITOR: &str = "watchlist_monitor";

/// Only workflow runs know our players. What belongs to an applicant is traced to the player by the applicant's runs.
pub(super) fn step(
    onfido: &Onfido,
    reference: &Reference,
    answers: &[InboundAnswer],
) -> Result<Step<Findings>, CallFailure> {
    let id = &reference.id;
    let of_applicant = |answer| {
        let Owned { applicant_id, .. } = owned(answer)?;
        get(onfido, "/workflow_runs", &[("applicant_id", &applicant_id)]).map(Step::Call)
    };
    match (reference.kind, answers) {
        (RUN, []) => get(onfido, &format!("/workflow_runs/{id}"), &[]).map(Step::Call),
        (RUN, [run, ..]) => Ok(Step::Done(read::<Run>(run)?.findings(onfido, id)?)),
        (CHECK, []) => get(onfido, &format!("/checks/{id}"), &[]).map(Step::Call),
        (CHECK, [check]) => {
            owned(check)?;
            get(onfido, "/reports", &[("check_id", id)]).map(Step::Call)
        }
        (CHECK, [check, _]) => of_applicant(check),
        (CHECK, [check, reports, runs, ..]) => {
            Ok(Step::Done(check_findings(onfido, &owned(check)?, &read(reports)?, player(runs)?)))
        }
        (MONITOR, []) => get(onfido, &format!("/watchlist_monitors/{id}"), &[]).map(Step::Call),
        (MONITOR, [monitor]) => of_applicant(monitor),
        (MONITOR, [_, runs, ..]) => Ok(Step::Done(Findings { player: player(runs)?, ..Findings::default() })),
        _ => Err(refused("there is nothing of this kind")),
    }
}

/// A workflow run.
#[derive(Deserialize)]
struct Run {
    id: String,
    workflow_id: Option<String>,
    customer_user_id: Option<String>,
    status: Option<String>,
    updated_at: Option<Timestamp>,
    output: Option<Value>,
}

/// Something that belongs to an applicant.
#[derive(Deserialize)]
struct Owned {
    applicant_id: String,
    status: Option<String>,
    sandbox: Option<bool>,
}

impl Run {
    fn findings(&self, onfido: &Onfido, asked: &str) -> Result<Findings, CallFailure> {
        if self.id != asked {
            return Err(unclear("the answer is about another run"));
        }
        Ok(Findings {
            player: self.player(),
            status: self.status(onfido),
            as_of: self.updated_at,
            person: self.output.as_ref().and_then(reading::person),
            document: self.output.as_ref().and_then(reading::document),
            hits: self.output.as_ref().map(reading::hits).unwrap_or_default(),
        })
    }

    /// Workflows say less than documents do: a declined one may only want a better photo. Approvals count of our own
    /// workflows only, and others then count as something for a person to look at.
    fn status(&self, onfido: &Onfido) -> Option<VerificationStatus> {
        let status = run_status(self.status.as_deref()?)?;
        let is_ours = self.workflow_id.as_ref().is_some_and(|id| onfido.counts(id));
        match status {
            VerificationStatus::Approved if !is_ours => Some(VerificationStatus::InReview),
            VerificationStatus::Rejected => {
                let sub_result = self.output.as_ref().and_then(reading::sub_result);
                let milder = sub_result.and_then(|it| document_status(onfido, it));
                Some(milder.filter(|it| *it == VerificationStatus::Resubmit).unwrap_or(status))
            }
            status => Some(status),
        }
    }

    fn player(&self) -> Option<PlayerId> {
        self.customer_user_id.as_ref().and_then(|id| id.parse().ok())
    }
}

fn check_findings(onfido: &Onfido, check: &Owned, reports: &Reports, player: Option<PlayerId>) -> Findings {
    let counts = !(onfido.live && check.sandbox != Some(false));
    let mut findings = Findings { player, ..reports.findings(onfido, counts) };
    match check.status.as_deref() {
        Some("complete") => {}
        Some("in_progress" | "awaiting_applicant" | "paused" | "reopened") => {
            findings.status = Some(VerificationStatus::Pending);
        }
        // Withdrawn: it came to nothing.
        _ => findings.status = None,
    }
    findings
}

fn owned(answer: &InboundAnswer) -> Result<Owned, CallFailure> {
    let owned: Owned = read(answer)?;
    if is_path_id(&owned.applicant_id) { Ok(owned) } else { Err(unclear("the applicant's id is none")) }
}

/// The player of an applicant's runs; nobody if they speak of several.
fn player(runs: &InboundAnswer) -> Result<Option<PlayerId>, CallFailure> {
    let runs: Vec<Run> = read(runs)?;
    let mut players = runs.iter().filter_map(Run::player);
    let first = players.next();
    Ok(first.filter(|first| players.all(|other| other == *first)))
}
