//! __Name__'s answers: HTTP 200 with a `status`, unless the call is not __Name__'s or we cannot tell.

use domain::account::Wallet;
use domain::{BatchOutcome, Outcome, Refusal};
use serde::Serialize;

use crate::call::Reply;
use crate::games::{GameAnswer, GameRequest, Rejection, entry_id};

/// Answers a request.
pub(super) fn answer(_request: &GameRequest, answer: &GameAnswer) -> Reply {
    match answer {
        GameAnswer::Balance(wallet) => done(wallet, None),
        GameAnswer::Outcome(Outcome::Applied(entry) | Outcome::Replayed(entry)) => {
            done(&entry.balances, Some(entry_id(entry)))
        }
        GameAnswer::Outcome(Outcome::Refused { refusal, .. }) | GameAnswer::Refused(refusal) => {
            failure(200, Status::of(refusal))
        }
        GameAnswer::Batch(BatchOutcome::Refused { refusal, .. }) => failure(200, Status::of(refusal)),
        GameAnswer::UnknownGame => failure(200, Status::UnknownGame),
        // Nothing else is asked for; what has no answer is tried again, never refused.
        GameAnswer::TryAgain
        | GameAnswer::Batch(BatchOutcome::Done { .. })
        | GameAnswer::Profile(_)
        | GameAnswer::Session(_)
        | GameAnswer::Transaction(_)
        | GameAnswer::Bet(_)
        | GameAnswer::Round(_) => failure(503, Status::TryAgain),
    }
}

/// Answers a call that is not a request.
pub(super) fn rejection(rejection: &Rejection) -> Reply {
    match rejection {
        Rejection::Unauthentic(_) => failure(401, Status::WrongSignature),
        Rejection::UnknownCall => failure(404, Status::BadRequest),
        Rejection::Malformed | Rejection::WrongType => failure(400, Status::BadRequest),
        Rejection::Refused(refusal) => failure(200, Status::of(refusal)),
    }
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Ok,
    NotEnoughMoney,
    UnknownPlayer,
    PlayerBlocked,
    WrongCurrency,
    UnknownGame,
    DuplicateTransaction,
    RolledBack,
    BadRequest,
    WrongSignature,
    TryAgain,
}

impl Status {
    const fn of(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::InsufficientFunds { .. } => Self::NotEnoughMoney,
            Refusal::PlayerUnknown | Refusal::SessionUnknown | Refusal::SessionExpired => Self::UnknownPlayer,
            Refusal::NotVerified | Refusal::AccountClosed | Refusal::UnderAge { .. } | Refusal::NotAllowed => {
                Self::PlayerBlocked
            }
            Refusal::WrongCurrency => Self::WrongCurrency,
            Refusal::Mismatch | Refusal::BetExists => Self::DuplicateTransaction,
            Refusal::Tombstoned | Refusal::BetReversed => Self::RolledBack,
            _ => Self::BadRequest,
        }
    }
}

#[derive(Serialize)]
struct Answer {
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    balance: Option<String>,
    /// Our own id of the transaction: the same at every repeat.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
}

fn done(wallet: &Wallet, reference: Option<String>) -> Reply {
    match wallet.playable() {
        Ok(playable) => reply(200, &Answer { status: Status::Ok, balance: Some(playable.to_text()), reference }),
        Err(_) => failure(503, Status::TryAgain),
    }
}

fn failure(http: u16, status: Status) -> Reply {
    reply(http, &Answer { status, balance: None, reference: None })
}

fn reply(status: u16, answer: &Answer) -> Reply {
    let body = serde_json::to_vec(answer).unwrap_or_default();
    Reply { status, content_type: "application/json", body }
}
