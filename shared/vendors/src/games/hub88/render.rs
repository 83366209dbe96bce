//! Hub88's and Caleta's answers: always HTTP 200, the outcome in `status`.

use domain::{Money, MoneyError, Outcome, Refusal};
use serde::Serialize;

use super::reading::PLACES;
use crate::call::Reply;
use crate::games::{GameAnswer, GameRequest, PlayerFacts, Rejection};

/// Whose words are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Hub88,
    Caleta,
}

/// Answers a request.
pub(super) fn answer(dialect: Dialect, request: &GameRequest, answer: &GameAnswer) -> Reply {
    let body = match answer {
        GameAnswer::Profile(facts) => Body::profile(facts).of(request),
        GameAnswer::Balance(wallet) => ok(request, wallet.playable()),
        GameAnswer::Outcome(Outcome::Applied(entry) | Outcome::Replayed(entry)) => {
            ok(request, entry.balances.playable())
        }
        GameAnswer::Outcome(Outcome::Refused { refusal, .. }) | GameAnswer::Refused(refusal) => {
            refused(dialect, refusal)
        }
        GameAnswer::UnknownGame => Body::new(Status::InvalidGame),
        GameAnswer::TryAgain => Body::new(Status::unclear(dialect)),
        // Neither asks for anything that is answered so; Caleta words its sessions itself.
        GameAnswer::Session(_)
        | GameAnswer::Batch(_)
        | GameAnswer::Transaction(_)
        | GameAnswer::Bet(_)
        | GameAnswer::Round(_) => Body::new(Status::Unknown),
    };
    body.reply(Some(request.correlation_id.clone()))
}

/// Answers a call that is not a request.
pub(super) fn rejection(dialect: Dialect, correlation_id: Option<String>, rejection: &Rejection) -> Reply {
    let body = match rejection {
        Rejection::Unauthentic(_) => Body::new(Status::InvalidSignature),
        Rejection::UnknownCall => Body::new(Status::Unknown),
        Rejection::Malformed => Body::new(Status::WrongSyntax),
        Rejection::WrongType => Body::new(Status::WrongTypes),
        Rejection::Refused(refusal) => refused(dialect, refusal),
    };
    body.reply(correlation_id)
}

/// The outcomes that they tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
enum Status {
    #[serde(rename = "RS_OK")]
    Ok,
    #[serde(rename = "RS_ERROR_UNKNOWN")]
    Unknown,
    #[serde(rename = "RS_ERROR_TIMEOUT")]
    Timeout,
    #[serde(rename = "RS_ERROR_INVALID_TOKEN")]
    InvalidToken,
    #[serde(rename = "RS_ERROR_TOKEN_EXPIRED")]
    TokenExpired,
    #[serde(rename = "RS_ERROR_INVALID_GAME")]
    InvalidGame,
    #[serde(rename = "RS_ERROR_WRONG_CURRENCY")]
    WrongCurrency,
    #[serde(rename = "RS_ERROR_NOT_ENOUGH_MONEY")]
    NotEnoughMoney,
    #[serde(rename = "RS_ERROR_LIMIT_REACHED")]
    LimitReached,
    #[serde(rename = "RS_ERROR_BET_LIMIT_EXCEEDED")]
    BetLimitExceeded,
    #[serde(rename = "RS_ERROR_USER_DISABLED")]
    UserDisabled,
    #[serde(rename = "RS_ERROR_INVALID_SIGNATURE")]
    InvalidSignature,
    #[serde(rename = "RS_ERROR_WRONG_SYNTAX")]
    WrongSyntax,
    #[serde(rename = "RS_ERROR_WRONG_TYPES")]
    WrongTypes,
    #[serde(rename = "RS_ERROR_DUPLICATE_TRANSACTION")]
    DuplicateTransaction,
    #[serde(rename = "RS_ERROR_TRANSACTION_DOES_NOT_EXIST")]
    TransactionDoesNotExist,
    #[serde(rename = "RS_ERROR_TRANSACTION_ROLLED_BACK")]
    TransactionRolledBack,
}

impl Status {
    /// We do not know what came of it: to both it means that a bet is rolled back and a win comes again.
    const fn unclear(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Hub88 => Self::Unknown,
            Dialect::Caleta => Self::Timeout,
        }
    }

    /// A win whose bet was rolled back: to Hub88 the bet does not exist.
    const fn of_reversed_bet(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Hub88 => Self::TransactionDoesNotExist,
            Dialect::Caleta => Self::TransactionRolledBack,
        }
    }

    /// A stake beyond a limit: neither rolls it back.
    const fn of_limit(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Hub88 => Self::LimitReached,
            Dialect::Caleta => Self::BetLimitExceeded,
        }
    }

    const fn of(dialect: Dialect, refusal: &Refusal) -> Self {
        match refusal {
            // A token that we did not issue to this player, or to anyone.
            Refusal::PlayerUnknown | Refusal::SessionUnknown => Self::InvalidToken,
            Refusal::SessionExpired => Self::TokenExpired,
            Refusal::Mismatch | Refusal::BetExists => Self::DuplicateTransaction,
            Refusal::Tombstoned => Self::TransactionRolledBack,
            Refusal::BetUnknown => Self::TransactionDoesNotExist,
            Refusal::BetReversed => Self::of_reversed_bet(dialect),
            Refusal::WrongCurrency | Refusal::Amount(MoneyError::CurrencyMismatch) => Self::WrongCurrency,
            Refusal::Amount(MoneyError::TooPrecise | MoneyError::OutOfRange | MoneyError::Malformed)
            | Refusal::NotPositive => Self::WrongTypes,
            Refusal::InsufficientFunds { .. } => Self::NotEnoughMoney,
            Refusal::StakeTooHigh { .. } => Self::of_limit(dialect),
            Refusal::NotVerified
            | Refusal::AccountClosed
            | Refusal::UnderAge { .. }
            | Refusal::NotAllowed => Self::UserDisabled,
            // Nothing that a game asks for ends so.
            Refusal::NotFound
            | Refusal::BetSettled
            | Refusal::RoundClosed
            | Refusal::TooMany { .. }
            | Refusal::Unwritable(_)
            | Refusal::WrongState { .. }
            | Refusal::VerificationSettled(_)
            | Refusal::Outdated
            | Refusal::NotAStake
            | Refusal::MoreThanLeft { .. }
            | Refusal::NotEmpty => Self::Unknown,
        }
    }
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_uuid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    balance: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jurisdiction: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    birth_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_date: Option<String>,
}

impl<'a> Body<'a> {
    const fn new(status: Status) -> Self {
        Self {
            user: None,
            status,
            request_uuid: None,
            currency: None,
            balance: None,
            country: None,
            jurisdiction: None,
            birth_date: None,
            registration_date: None,
        }
    }

    fn profile(facts: &'a PlayerFacts) -> Self {
        Self {
            country: Some(&facts.country),
            jurisdiction: Some(regulator(&facts.jurisdiction)),
            birth_date: facts.birth_date.map(|day| day.to_string()),
            registration_date: facts.registration_date.map(|day| day.to_string()),
            ..Self::new(Status::Ok)
        }
    }

    fn of(self, request: &GameRequest) -> Self {
        Self { user: Some(request.player.to_string()), ..self }
    }

    fn reply(self, correlation_id: Option<String>) -> Reply {
        let body = serde_json::to_vec(&Self { request_uuid: correlation_id, ..self }).unwrap_or_default();
        Reply { status: 200, content_type: "application/json", body }
    }
}

fn ok(request: &GameRequest, balance: Result<Money, MoneyError>) -> Body<'static> {
    let Ok(money) = balance else { return Body::new(Status::Unknown) };
    let Ok(minor) = shown(money) else { return Body::new(Status::Unknown) };
    let currency = Some(money.currency().code());
    Body { currency, balance: Some(minor), ..Body::new(Status::Ok) }.of(request)
}

fn refused(dialect: Dialect, refusal: &Refusal) -> Body<'static> {
    let balance = match refusal {
        Refusal::InsufficientFunds { available } => shown(*available).ok(),
        _ => None,
    };
    Body { balance, ..Body::new(Status::of(dialect, refusal)) }
}

/// A balance in Hub88's units. The ledger is finer: what is below one unit is not shown, never rounded up.
fn shown(balance: Money) -> Result<i64, MoneyError> {
    let whole = balance.to_decimal().trunc_with_scale(PLACES);
    Money::from_decimal(whole, balance.currency())?.to_minor(PLACES)
}

/// Hub88 names the regulator where our rule packs name the country.
fn regulator(jurisdiction: &str) -> &str {
    match jurisdiction {
        "GB" => "UKGC",
        "MT" => "MGA",
        other => other,
    }
}
