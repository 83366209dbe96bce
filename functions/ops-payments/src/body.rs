//! What staff says.

use edge::{Checks, Problem, Request};
use serde::Deserialize;

/// The longest reason or note.
const LONGEST: usize = 500;

/// A refund that is asked for.
#[derive(Deserialize)]
pub(crate) struct RefundBody {
    /// How much, as a decimal in the deposit's currency; all that may go back, if not told.
    pub(crate) amount: Option<String>,
    /// Why.
    pub(crate) reason: String,
}

impl RefundBody {
    pub(crate) fn read(request: &Request) -> Result<Self, Problem> {
        let body: Self = request.json()?;
        line(&body.reason, "/reason")?;
        Ok(body)
    }
}

/// What becomes of money in quarantine.
#[derive(Deserialize)]
pub(crate) struct Quarantine {
    /// Which of the two.
    pub(crate) outcome: Settlement,
    /// Why.
    pub(crate) reason: String,
}

/// What can become of it.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Settlement {
    /// It is the player's.
    Credited,
    /// It went back at the provider's desk.
    SentBack,
}

impl Quarantine {
    pub(crate) fn read(request: &Request) -> Result<Self, Problem> {
        let body: Self = request.json()?;
        line(&body.reason, "/reason")?;
        Ok(body)
    }
}

#[derive(Default, Deserialize)]
struct Rejection {
    reason: Option<String>,
}

/// Why a refund is refused, if that is told; a request without a body tells nothing.
pub(crate) fn rejection(request: &Request) -> Result<Option<String>, Problem> {
    if request.body().is_empty() {
        return Ok(None);
    }
    let Rejection { reason } = request.json()?;
    reason.as_ref().map_or(Ok(()), |reason| line(reason, "/reason"))?;
    Ok(reason)
}

#[derive(Deserialize)]
struct Note {
    note: String,
}

/// What was done about an item of the inbox.
pub(crate) fn note(request: &Request) -> Result<String, Problem> {
    let Note { note } = request.json()?;
    line(&note, "/note")?;
    Ok(note)
}

fn line(text: &str, pointer: &str) -> Result<(), Problem> {
    let mut checks = Checks::default();
    checks.line(text, LONGEST, pointer);
    checks.done()
}
