//! Swipe Games' answers: a balance, or an HTTP status with a `code` that the game acts upon.

use domain::account::Wallet;
use domain::{Entry, Money, Outcome, Refusal};
use serde::Serialize;

use crate::call::Reply;
use crate::games::{GameAnswer, Rejection, entry_id};

/// Answers a request.
pub(super) fn answer(answer: &GameAnswer) -> Reply {
    match answer {
        GameAnswer::Balance(wallet) => balance(wallet),
        GameAnswer::Outcome(Outcome::Applied(entry) | Outcome::Replayed(entry)) => moved(entry),
        GameAnswer::Outcome(Outcome::Refused { refusal, .. }) | GameAnswer::Refused(refusal) => {
            Failure::of(refusal).reply()
        }
        GameAnswer::UnknownGame => {
            Failure::coded(400, Code::GameNotFound, "The game is not offered.").reply()
        }
        GameAnswer::TryAgain => Failure::plain(500, "Please try again.").reply(),
        // Swipe Games asks for nothing that is answered so.
        GameAnswer::Profile(_)
        | GameAnswer::Session(_)
        | GameAnswer::Batch(_)
        | GameAnswer::Transaction(_)
        | GameAnswer::Bet(_)
        | GameAnswer::Round(_) => Failure::plain(500, "Something went wrong.").reply(),
    }
}

/// Answers a call that is not a request.
pub(super) fn rejection(rejection: &Rejection) -> Reply {
    match rejection {
        Rejection::Unauthentic(_) => Failure::plain(401, "The signature does not match.").reply(),
        Rejection::UnknownCall => Failure::plain(404, "There is no such call.").reply(),
        Rejection::Malformed | Rejection::WrongType => {
            Failure::plain(400, "The request is not acceptable.").reply()
        }
        Rejection::Refused(refusal) => Failure::of(refusal).reply(),
    }
}

/// What the game acts upon, in words of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Code {
    GameNotFound,
    CurrencyNotSupported,
    AccountBlocked,
    BetLimit,
    InsufficientFunds,
    SessionExpired,
    SessionNotFound,
}

#[derive(Serialize)]
struct Balance {
    balance: String,
}

#[derive(Serialize)]
struct Moved {
    balance: String,
    #[serde(rename = "txID")]
    tx_id: String,
}

#[derive(Serialize)]
struct Failure {
    #[serde(skip)]
    status: u16,
    message: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Code>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<&'static str>,
}

impl Failure {
    const fn plain(status: u16, message: &'static str) -> Self {
        Self { status, message, code: None, action: None }
    }

    const fn coded(status: u16, code: Code, message: &'static str) -> Self {
        Self { status, message, code: Some(code), action: None }
    }

    /// A refusal is never told with HTTP 500: that would bring a refund of what was never taken.
    fn of(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::InsufficientFunds { .. } => {
                Self::coded(400, Code::InsufficientFunds, "Your balance does not cover this.")
            }
            Refusal::StakeTooHigh { .. } => Self::coded(400, Code::BetLimit, "The game takes no such stake."),
            Refusal::PlayerUnknown | Refusal::SessionUnknown => {
                Self::coded(404, Code::SessionNotFound, "This game session does not exist.")
            }
            Refusal::SessionExpired => Self {
                action: Some("refresh"),
                ..Self::coded(400, Code::SessionExpired, "This game session is over.")
            },
            Refusal::NotVerified
            | Refusal::AccountClosed
            | Refusal::UnderAge { .. }
            | Refusal::NotAllowed => Self::coded(400, Code::AccountBlocked, "You cannot play now."),
            Refusal::WrongCurrency => {
                Self::coded(400, Code::CurrencyNotSupported, "Your wallet is of another currency.")
            }
            Refusal::Mismatch
            | Refusal::Tombstoned
            | Refusal::BetUnknown
            | Refusal::BetReversed
            | Refusal::BetExists
            | Refusal::BetSettled
            | Refusal::NotAStake
            | Refusal::RoundClosed
            | Refusal::TooMany { .. }
            | Refusal::Amount(_)
            | Refusal::Unwritable(_)
            | Refusal::NotPositive
            | Refusal::NotFound
            | Refusal::WrongState { .. }
            | Refusal::VerificationSettled(_)
            | Refusal::Outdated
            | Refusal::MoreThanLeft { .. }
            | Refusal::NotEmpty => Self::plain(400, "This is not possible."),
        }
    }

    fn reply(&self) -> Reply {
        reply(self.status, self)
    }
}

fn balance(wallet: &Wallet) -> Reply {
    match playable(wallet) {
        Some(balance) => reply(200, &Balance { balance }),
        None => Failure::plain(500, "Something went wrong.").reply(),
    }
}

fn moved(entry: &Entry) -> Reply {
    match playable(&entry.balances) {
        Some(balance) => reply(200, &Moved { balance, tx_id: entry_id(entry) }),
        None => Failure::plain(500, "Something went wrong.").reply(),
    }
}

/// What can be staked, in the places that players see. The ledger is finer: what is below is not shown, never
/// rounded up.
fn playable(wallet: &Wallet) -> Option<String> {
    let currency = wallet.currency();
    let shown = wallet.playable().ok()?.to_decimal().trunc_with_scale(currency.places());
    Money::from_decimal(shown, currency).ok().map(Money::to_text)
}

fn reply(status: u16, body: &impl Serialize) -> Reply {
    let body = serde_json::to_vec(body).unwrap_or_default();
    Reply { status, content_type: "application/json", body }
}
