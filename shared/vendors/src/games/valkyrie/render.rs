//! Valkyrie's answers: `OK` with what was asked for, or `ERROR` with a code.

use domain::account::Wallet;
use domain::{Entry, Fact, MoneyError, Outcome, Refusal};
use serde::Serialize;

use super::{found, transaction, wire};
use crate::call::{RawCall, Reply};
use crate::games::number::Number;
use crate::games::{GameAnswer, GameRequest, Rejection, SessionFacts, entry_id};

/// Answers a request.
pub(super) fn answer(language: &str, request: &GameRequest, answer: &GameAnswer) -> Reply {
    match answer {
        GameAnswer::Session(facts) => Body::ok(Content::session(language, request, facts)).reply(200),
        GameAnswer::Balance(wallet) => Body::ok(Content::Balance(Balance::of(wallet))).reply(200),
        GameAnswer::Outcome(Outcome::Applied(entry) | Outcome::Replayed(entry)) => done(entry),
        GameAnswer::Outcome(Outcome::Refused { refusal, account }) => {
            let balance = account.as_ref().map(|account| Balance::of(&account.wallet));
            Body::error(Code::from(refusal), balance).reply_to_request()
        }
        GameAnswer::Refused(refusal) => Body::error(Code::from(refusal), None).reply_to_request(),
        GameAnswer::UnknownGame => Body::error(Code::GameNotFound, None).reply_to_request(),
        GameAnswer::Transaction(slot) => found_or(found::at(slot), Code::TransNotFound),
        GameAnswer::Bet(bet) => found_or(bet.as_ref().and_then(found::of_bet), Code::TransNotFound),
        GameAnswer::Round(round) => match round {
            Some(round) => Body::ok(Content::Gameround(found::round(round))).reply(200),
            None => Body::error(Code::RoundNotFound, None).reply_to_request(),
        },
        GameAnswer::TryAgain => Body::error(Code::Timeout, None).reply_to_request(),
        // Valkyrie asks for nothing that is answered so.
        GameAnswer::Profile(_) | GameAnswer::Batch(_) => {
            Body::error(Code::Undefined, None).reply_to_request()
        }
    }
}

/// Answers a call that is not a request.
pub(super) fn rejection(providers: &[String], call: RawCall<'_>, rejection: &Rejection) -> Reply {
    let code = match rejection {
        Rejection::Unauthentic(_) => Code::ApiToken,
        Rejection::UnknownCall => return Body::error(Code::Undefined, None).reply(400),
        Rejection::Malformed if wire::provider(providers, call.query).is_none() => Code::MissingProvider,
        Rejection::Malformed | Rejection::WrongType => Code::Undefined,
        Rejection::Refused(Refusal::PlayerUnknown) => Code::PlayerNotFound,
        // The wallet was not asked: the stake named money that stakes cannot be paid with.
        Rejection::Refused(Refusal::InsufficientFunds { .. }) => {
            if transaction::names_promotional_money(call.body) {
                Code::PromoOverdraft
            } else {
                Code::BonusOverdraft
            }
        }
        Rejection::Refused(refusal) => Code::from(refusal),
    };
    // Only the calls about transactions have an answer for what cannot be read.
    let unreadable = matches!(rejection, Rejection::Malformed | Rejection::WrongType);
    if unreadable && call.path.ends_with("/transactions") {
        Body::error(code, None).reply(400)
    } else {
        Body::error(code, None).reply_to_request()
    }
}

/// A cancel that found no bet is remembered, so that the bet can never come; Valkyrie is told that there is none.
fn done(entry: &Entry) -> Reply {
    let balance = Balance::of(&entry.balances);
    match entry.fact {
        Fact::RolledBack { undone: None, .. } => {
            Body::error(Code::CancelNotFound, Some(balance)).reply_to_request()
        }
        _ => Body::ok(Content::TransactionResult(TransactionResult {
            transaction_id: Some(entry_id(entry)),
            balance,
        }))
        .reply(200),
    }
}

fn found_or(found: Option<Vec<found::Earlier>>, code: Code) -> Reply {
    match found {
        Some(transactions) => Body::ok(Content::Transactions(transactions)).reply(200),
        None => Body::error(code, None).reply_to_request(),
    }
}

/// The errors that Valkyrie tells apart, as far as we have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
enum Code {
    #[serde(rename = "PAM_ERR_UNDEFINED")]
    Undefined,
    #[serde(rename = "PAM_ERR_ACC_NOT_FOUND")]
    AccNotFound,
    #[serde(rename = "PAM_ERR_PLAYER_NOT_FOUND")]
    PlayerNotFound,
    #[serde(rename = "PAM_ERR_GAME_NOT_FOUND")]
    GameNotFound,
    #[serde(rename = "PAM_ERR_ROUND_NOT_FOUND")]
    RoundNotFound,
    #[serde(rename = "PAM_ERR_TRANS_NOT_FOUND")]
    TransNotFound,
    #[serde(rename = "PAM_ERR_CASH_OVERDRAFT")]
    CashOverdraft,
    #[serde(rename = "PAM_ERR_BONUS_OVERDRAFT")]
    BonusOverdraft,
    #[serde(rename = "PAM_ERR_PROMO_OVERDRAFT")]
    PromoOverdraft,
    #[serde(rename = "PAM_ERR_SESSION_NOT_FOUND")]
    SessionNotFound,
    #[serde(rename = "PAM_ERR_SESSION_EXPIRED")]
    SessionExpired,
    #[serde(rename = "PAM_ERR_MISSING_PROVIDER")]
    MissingProvider,
    #[serde(rename = "PAM_ERR_TRANS_CURRENCY")]
    TransCurrency,
    #[serde(rename = "PAM_ERR_NEGATIVE_STAKE")]
    NegativeStake,
    #[serde(rename = "PAM_ERR_CANCEL_NOT_FOUND")]
    CancelNotFound,
    #[serde(rename = "PAM_ERR_CANCEL_NON_WITHDRAW")]
    CancelNonWithdraw,
    #[serde(rename = "PAM_ERR_TRANS_ALREADY_CANCELLED")]
    TransAlreadyCancelled,
    #[serde(rename = "PAM_ERR_TRANS_ALREADY_SETTLED")]
    TransAlreadySettled,
    #[serde(rename = "PAM_ERR_DUPLICATE_TRANS")]
    DuplicateTrans,
    #[serde(rename = "PAM_ERR_BET_NOT_ALLOWED")]
    BetNotAllowed,
    #[serde(rename = "PAM_ERR_API_TOKEN")]
    ApiToken,
    #[serde(rename = "PAM_ERR_TIMEOUT")]
    Timeout,
}

impl From<&Refusal> for Code {
    fn from(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::PlayerUnknown => Self::AccNotFound,
            Refusal::SessionUnknown => Self::SessionNotFound,
            Refusal::SessionExpired => Self::SessionExpired,
            Refusal::Mismatch => Self::DuplicateTrans,
            Refusal::BetUnknown => Self::TransNotFound,
            Refusal::BetReversed => Self::TransAlreadyCancelled,
            Refusal::NotAStake => Self::CancelNonWithdraw,
            Refusal::BetSettled | Refusal::RoundClosed => Self::TransAlreadySettled,
            Refusal::InsufficientFunds { .. } => Self::CashOverdraft,
            Refusal::WrongCurrency | Refusal::Amount(MoneyError::CurrencyMismatch) => Self::TransCurrency,
            Refusal::NotPositive => Self::NegativeStake,
            Refusal::Tombstoned
            | Refusal::BetExists
            | Refusal::StakeTooHigh { .. }
            | Refusal::NotVerified
            | Refusal::AccountClosed
            | Refusal::UnderAge { .. }
            | Refusal::NotAllowed => Self::BetNotAllowed,
            Refusal::Amount(MoneyError::TooPrecise | MoneyError::OutOfRange | MoneyError::Malformed)
            // Nothing that a game asks for ends so.
            | Refusal::NotFound
            | Refusal::TooMany { .. }
            | Refusal::Unwritable(_)
            | Refusal::WrongState { .. }
            | Refusal::VerificationSettled(_)
            | Refusal::Outdated
            | Refusal::MoreThanLeft { .. }
            | Refusal::NotEmpty => Self::Undefined,
        }
    }
}

impl Code {
    const fn http(self) -> u16 {
        match self {
            Self::ApiToken | Self::SessionNotFound | Self::SessionExpired => 401,
            _ => 200,
        }
    }

    const fn message(self) -> &'static str {
        match self {
            Self::Undefined => "the call cannot be understood or met",
            Self::AccNotFound => "the player has no account",
            Self::PlayerNotFound => "there is no such player",
            Self::GameNotFound => "the game is not offered",
            Self::RoundNotFound => "there is no such round",
            Self::TransNotFound => "there is no such transaction or round",
            Self::CashOverdraft => "the balance does not cover the stake",
            Self::BonusOverdraft => "a stake cannot be taken from bonus money alone",
            Self::PromoOverdraft => "the player has no promotional money",
            Self::SessionNotFound => "there is no such session",
            Self::SessionExpired => "the session is over",
            Self::MissingProvider => "the provider is missing or unknown",
            Self::TransCurrency => "the account holds another currency",
            Self::NegativeStake => "the amount is below zero",
            Self::CancelNotFound => "there is nothing to cancel",
            Self::CancelNonWithdraw => "only stakes can be cancelled",
            Self::TransAlreadyCancelled => "the bet was cancelled",
            Self::TransAlreadySettled => "the bet or its round is settled",
            Self::DuplicateTrans => "the id was used before with other data",
            Self::BetNotAllowed => "the player may not place this bet",
            Self::ApiToken => "the API token is not ours",
            Self::Timeout => "the outcome is not known in time",
        }
    }
}

#[derive(Serialize)]
struct Body {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Failure>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    content: Option<Content>,
}

#[derive(Serialize)]
struct Failure {
    code: Code,
    message: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Content {
    Session(Session),
    Balance(Balance),
    TransactionResult(TransactionResult),
    Transactions(Vec<found::Earlier>),
    Gameround(found::Round),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Session {
    player_id: String,
    token: String,
    currency: &'static str,
    country: String,
    language: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    game_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TransactionResult {
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<String>,
    balance: Balance,
}

/// What the player can stake. Promotional money there is none.
#[derive(Serialize)]
struct Balance {
    #[serde(rename = "cashAmount")]
    cash: Number,
    #[serde(rename = "bonusAmount")]
    bonus: Number,
    #[serde(rename = "promoAmount")]
    promo: Number,
}

impl Balance {
    fn of(wallet: &Wallet) -> Self {
        Self {
            cash: Number::shown(wallet.cash),
            bonus: Number::shown(wallet.bonus),
            promo: Number::default(),
        }
    }
}

impl Content {
    fn session(language: &str, request: &GameRequest, facts: &SessionFacts) -> Self {
        Self::Session(Session {
            player_id: request.player.to_string(),
            token: facts.token.clone(),
            currency: facts.wallet.currency().code(),
            country: facts.country.clone(),
            language: if facts.language.is_empty() { language } else { &facts.language }.to_owned(),
            game_id: found::own(&facts.game),
        })
    }
}

impl Body {
    const fn ok(content: Content) -> Self {
        Self { status: "OK", error: None, content: Some(content) }
    }

    fn error(code: Code, balance: Option<Balance>) -> Self {
        let result = balance.map(|balance| TransactionResult { transaction_id: None, balance });
        let failure = Failure { code, message: code.message() };
        Self { status: "ERROR", error: Some(failure), content: result.map(Content::TransactionResult) }
    }

    /// The answer to a call that was understood.
    fn reply_to_request(self) -> Reply {
        let http = self.error.as_ref().map_or(200, |failure| failure.code.http());
        self.reply(http)
    }

    fn reply(self, status: u16) -> Reply {
        let body = serde_json::to_vec(&self).unwrap_or_default();
        Reply { status, content_type: "application/json", body }
    }
}
