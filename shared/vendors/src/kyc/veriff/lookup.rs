//! What Veriff keeps: a session's decision, and its screening against watchlists.

use domain::account::VerificationStatus;
use serde::Deserialize;

use super::Veriff;
use super::decision::Decision;
use super::outbound::get;
use super::watchlist::Screening;
use crate::call::{CallFailure, InboundAnswer, Malformed};
use crate::conversation::{Step, read, refused, unclear};
use crate::kyc::{Findings, Reference};

/// A session.
pub(super) const SESSION: &str = "session";

pub(super) fn step(
    veriff: &Veriff,
    reference: &Reference,
    answers: &[InboundAnswer],
) -> Result<Step<Findings>, CallFailure> {
    let id = &reference.id;
    match (reference.kind, answers) {
        (SESSION, []) => get(veriff, id, "decision").map(Step::Call),
        (SESSION, [decision, screening @ ..]) => {
            let found = findings(id, decision)?;
            // Sessions that came to nothing are not screened.
            let is_screened =
                veriff.watchlist_screening && found.status == Some(VerificationStatus::Approved);
            match screening.first() {
                None if is_screened => get(veriff, id, "watchlist-screening").map(Step::Call),
                None => Ok(Step::Done(found)),
                Some(screening) => Ok(Step::Done(Findings { hits: hits(screening)?, ..found })),
            }
        }
        _ => Err(refused("there is nothing of this kind")),
    }
}

fn findings(session: &str, answer: &InboundAnswer) -> Result<Findings, CallFailure> {
    let Decided { verification } = read(answer)?;
    let decision = verification.ok_or_else(|| unclear("there is no decision yet"))?;
    if decision.id != session {
        return Err(unclear("the answer is about another session"));
    }
    decision.findings().map_err(|Malformed(what)| unclear(what))
}

/// A screening comes when it is done; until then an approval has to wait.
fn hits(answer: &InboundAnswer) -> Result<std::collections::BTreeSet<crate::kyc::Watchlist>, CallFailure> {
    const NOT_THERE: u16 = 404;
    if answer.status == NOT_THERE {
        return Err(unclear("there is no screening yet"));
    }
    let Screened { data } = read(answer)?;
    data.map(|it| it.hits()).ok_or_else(|| unclear("there is no screening yet"))
}

#[derive(Deserialize)]
struct Decided {
    verification: Option<Decision>,
}

#[derive(Deserialize)]
struct Screened {
    data: Option<Screening>,
}
