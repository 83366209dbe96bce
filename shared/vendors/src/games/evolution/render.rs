//! Evolution's answers: HTTP 200 and a `status`, but for calls that are not Evolution's.

use domain::account::Wallet;
use domain::{Fact, Outcome, Refusal};
use serde::Serialize;

use super::wire;
use crate::call::{RawCall, Reply};
use crate::games::number::Number;
use crate::games::{GameAnswer, GameRequest, Rejection, RequestKind};

/// Answers a request.
pub(super) fn answer(request: &GameRequest, answer: &GameAnswer) -> Reply {
    let uuid = Some(request.correlation_id.clone()).filter(|uuid| !uuid.is_empty());
    let body = match answer {
        GameAnswer::Session(facts) => Body::session(facts.token.clone()),
        _ if matches!(request.kind, RequestKind::RotateSession { .. }) => Body::new(outcome(answer).0),
        _ => {
            let (status, funds) = outcome(answer);
            Body::standard(status, funds)
        }
    };
    body.reply(uuid)
}

/// Answers a call that is not a request.
pub(super) fn rejection(call: RawCall<'_>, rejection: &Rejection) -> Reply {
    let status = match rejection {
        Rejection::Unauthentic(_) => Status::InvalidTokenId,
        Rejection::UnknownCall => Status::UnknownError,
        Rejection::Malformed | Rejection::WrongType => Status::InvalidParameter,
        Rejection::Refused(refusal) => Status::from(refusal),
    };
    let body =
        if call.path == wire::CHECK { Body::new(status) } else { Body::standard(status, Funds::default()) };
    body.reply(wire::correlation_id(call.body))
}

/// What came of a request, and what the player has, as far as it is known.
fn outcome(answer: &GameAnswer) -> (Status, Funds) {
    match answer {
        GameAnswer::Balance(wallet) => (Status::Ok, Funds::of(wallet)),
        GameAnswer::Outcome(Outcome::Applied(entry) | Outcome::Replayed(entry)) => {
            (done(&entry.fact), Funds::of(&entry.balances))
        }
        GameAnswer::Outcome(Outcome::Refused { refusal, account: Some(account) }) => {
            (Status::from(refusal), Funds::of(&account.wallet))
        }
        GameAnswer::Outcome(Outcome::Refused { refusal, account: None }) | GameAnswer::Refused(refusal) => {
            (Status::from(refusal), Funds::told_by(refusal))
        }
        GameAnswer::UnknownGame => (Status::InvalidParameter, Funds::default()),
        GameAnswer::TryAgain => (Status::TemporaryError, Funds::default()),
        // Evolution asks for nothing that is answered so.
        GameAnswer::Profile(_)
        | GameAnswer::Session(_)
        | GameAnswer::Batch(_)
        | GameAnswer::Transaction(_)
        | GameAnswer::Bet(_)
        | GameAnswer::Round(_) => (Status::UnknownError, Funds::default()),
    }
}

/// A cancel that found no bet is remembered, so that the bet can never come; Evolution is told that there is none.
fn done(fact: &Fact) -> Status {
    match fact {
        Fact::RolledBack { undone: None, .. } => Status::BetDoesNotExist,
        _ => Status::Ok,
    }
}

/// The outcomes that Evolution tells apart, as far as we have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Status {
    Ok,
    BetAlreadyExist,
    BetAlreadySettled,
    BetDoesNotExist,
    InsufficientFunds,
    CasinoLimitExceededStake,
    FinalErrorActionFailed,
    UnknownError,
    InvalidParameter,
    TemporaryError,
    InvalidSid,
    InvalidTokenId,
    AccountLocked,
    GeolocationFail,
    FatalErrorCloseUserSession,
}

impl From<&Refusal> for Status {
    fn from(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::PlayerUnknown | Refusal::SessionUnknown | Refusal::SessionExpired => Self::InvalidSid,
            Refusal::BetUnknown | Refusal::NotAStake => Self::BetDoesNotExist,
            Refusal::BetExists => Self::BetAlreadyExist,
            // To Evolution a cancelled bet is a settled one.
            Refusal::BetSettled | Refusal::BetReversed => Self::BetAlreadySettled,
            Refusal::InsufficientFunds { .. } => Self::InsufficientFunds,
            Refusal::StakeTooHigh { .. } => Self::CasinoLimitExceededStake,
            Refusal::Tombstoned | Refusal::RoundClosed => Self::FinalErrorActionFailed,
            Refusal::Mismatch | Refusal::WrongCurrency | Refusal::Amount(_) | Refusal::NotPositive => {
                Self::InvalidParameter
            }
            Refusal::AccountClosed => Self::AccountLocked,
            Refusal::NotAllowed => Self::GeolocationFail,
            Refusal::NotVerified | Refusal::UnderAge { .. } => Self::FatalErrorCloseUserSession,
            // Nothing that a game asks for ends so.
            Refusal::NotFound
            | Refusal::TooMany { .. }
            | Refusal::Unwritable(_)
            | Refusal::WrongState { .. }
            | Refusal::VerificationSettled(_)
            | Refusal::Outdated
            | Refusal::MoreThanLeft { .. }
            | Refusal::NotEmpty => Self::UnknownError,
        }
    }
}

impl Status {
    const fn http(self) -> u16 {
        match self {
            Self::InvalidTokenId => 401,
            _ => 200,
        }
    }

    /// Whether the call should come again, just as it was.
    const fn is_passing(self) -> bool {
        matches!(self, Self::TemporaryError)
    }
}

/// What the player can stake: real money, and bonus money beside it. The form of an answer demands them; where
/// they are not known they are zero.
#[derive(Clone, Copy, Default)]
struct Funds {
    balance: Number,
    bonus: Number,
}

impl Funds {
    fn of(wallet: &Wallet) -> Self {
        Self { balance: Number::shown(wallet.cash), bonus: Number::shown(wallet.bonus) }
    }

    fn told_by(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::InsufficientFunds { available } => {
                Self { balance: Number::shown(*available), ..Self::default() }
            }
            _ => Self::default(),
        }
    }
}

#[derive(Serialize)]
struct Body {
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    balance: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bonus: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uuid: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    retransmission: bool,
}

impl Body {
    const fn new(status: Status) -> Self {
        let retransmission = status.is_passing();
        Self { status, sid: None, balance: None, bonus: None, uuid: None, retransmission }
    }

    fn standard(status: Status, funds: Funds) -> Self {
        Self { balance: Some(funds.balance), bonus: Some(funds.bonus), ..Self::new(status) }
    }

    fn session(token: String) -> Self {
        Self { sid: Some(token), ..Self::new(Status::Ok) }
    }

    fn reply(self, uuid: Option<String>) -> Reply {
        let status = self.status.http();
        let body = serde_json::to_vec(&Self { uuid, ..self }).unwrap_or_default();
        Reply { status, content_type: "application/json", body }
    }
}
