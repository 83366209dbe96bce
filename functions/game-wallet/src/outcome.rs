//! What the vendor's metrics say of an answer.

use domain::{BatchOutcome, Done};
use edge::metrics::CallOutcome;
use vendors::games::{GameAnswer, Rejection};

pub(crate) fn of_answer(answer: &GameAnswer) -> CallOutcome {
    match answer {
        GameAnswer::Outcome(outcome) => CallOutcome::of(outcome),
        GameAnswer::Batch(BatchOutcome::Done { done, .. }) => of_batch(done),
        GameAnswer::Batch(BatchOutcome::Refused { refusal, .. }) | GameAnswer::Refused(refusal) => {
            CallOutcome::of_refusal(refusal)
        }
        GameAnswer::UnknownGame => CallOutcome::Refused,
        GameAnswer::TryAgain => CallOutcome::TryAgain,
        GameAnswer::Profile(_)
        | GameAnswer::Balance(_)
        | GameAnswer::Session(_)
        | GameAnswer::Transaction(_)
        | GameAnswer::Bet(_)
        | GameAnswer::Round(_) => CallOutcome::Done,
    }
}

pub(crate) const fn of_rejection(rejection: &Rejection) -> CallOutcome {
    match rejection {
        Rejection::Unauthentic(_) => CallOutcome::NotAuthentic,
        Rejection::UnknownCall | Rejection::Malformed | Rejection::WrongType => CallOutcome::Malformed,
        Rejection::Refused(refusal) => CallOutcome::of_refusal(refusal),
    }
}

fn of_batch(done: &[Done]) -> CallOutcome {
    if !done.is_empty() && done.iter().all(|it| matches!(it, Done::Replayed(_))) {
        CallOutcome::Repeated
    } else {
        CallOutcome::Done
    }
}
