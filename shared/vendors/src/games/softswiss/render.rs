//! `SoftSwiss`' answers: HTTP 200, or 400 and 500 with the meaning in `meta.api_code`.

use domain::account::{Account, Wallet};
use domain::{BatchOutcome, Command, Done, Entry, Fact, Money, Outcome, Refusal};
use serde::Serialize;

use crate::call::Reply;
use crate::games::{GameAnswer, GameRequest, Rejection, RequestKind, entry_id};

/// Answers a request.
pub(super) fn answer(request: &GameRequest, answer: &GameAnswer) -> Reply {
    match answer {
        GameAnswer::Balance(wallet) => balance(wallet),
        GameAnswer::Outcome(Outcome::Applied(entry) | Outcome::Replayed(entry)) => balance(&entry.balances),
        GameAnswer::Batch(BatchOutcome::Done { done, balances }) => batch(request, done, balances),
        GameAnswer::Outcome(Outcome::Refused { refusal, account })
        | GameAnswer::Batch(BatchOutcome::Refused { refusal, account, .. }) => {
            refused(refusal, account.as_deref())
        }
        GameAnswer::Refused(refusal) => refused(refusal, None),
        GameAnswer::UnknownGame => failure(ApiCode::NotFound, None),
        GameAnswer::TryAgain => failure(ApiCode::Unavailable, None),
        // `SoftSwiss` asks for nothing that is answered so.
        GameAnswer::Profile(_)
        | GameAnswer::Session(_)
        | GameAnswer::Transaction(_)
        | GameAnswer::Bet(_)
        | GameAnswer::Round(_) => failure(ApiCode::Failed, None),
    }
}

/// Answers a call that is not a request.
pub(super) fn rejection(rejection: &Rejection) -> Reply {
    match rejection {
        Rejection::Unauthentic(_) => failure(ApiCode::Forbidden, None),
        Rejection::UnknownCall => failure(ApiCode::NotFound, None),
        Rejection::Malformed | Rejection::WrongType => failure(ApiCode::BadRequest, None),
        Rejection::Refused(refusal) => refused(refusal, None),
    }
}

/// The outcomes that we tell apart; `SoftSwiss` has more, for its own calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ApiCode {
    NotEnoughFunds,
    InvalidPlayer,
    MaxBetExceeded,
    PlayerDisabled,
    CountryRestricted,
    CurrencyNotAllowed,
    BadRequest,
    Forbidden,
    NotFound,
    RolledBack,
    Failed,
    Unavailable,
}

impl ApiCode {
    const fn code(self) -> &'static str {
        match self {
            Self::NotEnoughFunds => "100",
            Self::InvalidPlayer => "101",
            Self::MaxBetExceeded => "106",
            Self::PlayerDisabled => "110",
            Self::CountryRestricted => "153",
            Self::CurrencyNotAllowed => "154",
            Self::BadRequest => "400",
            Self::Forbidden => "403",
            Self::NotFound => "404",
            Self::RolledBack => "409",
            Self::Failed => "500",
            Self::Unavailable => "503",
        }
    }

    const fn message(self) -> &'static str {
        match self {
            Self::NotEnoughFunds => "the balance does not cover the bet",
            Self::InvalidPlayer => "there is no such player",
            Self::MaxBetExceeded => "the bet is above what the game takes",
            Self::PlayerDisabled => "the player may not play",
            Self::CountryRestricted => "not allowed where the player lives",
            Self::CurrencyNotAllowed => "the player's wallet is of another currency",
            Self::BadRequest => "the request is not acceptable",
            Self::Forbidden => "the signature does not match",
            Self::NotFound => "not found",
            Self::RolledBack => "the transaction was rolled back",
            Self::Failed => "failed",
            Self::Unavailable => "not available, try again",
        }
    }

    const fn is_ours(self) -> bool {
        matches!(self, Self::Failed | Self::Unavailable)
    }
}

impl From<&Refusal> for ApiCode {
    fn from(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::InsufficientFunds { .. } => Self::NotEnoughFunds,
            Refusal::StakeTooHigh { .. } => Self::MaxBetExceeded,
            Refusal::PlayerUnknown | Refusal::SessionUnknown | Refusal::SessionExpired => Self::InvalidPlayer,
            Refusal::NotVerified | Refusal::AccountClosed | Refusal::UnderAge { .. } => Self::PlayerDisabled,
            Refusal::NotAllowed => Self::CountryRestricted,
            Refusal::WrongCurrency => Self::CurrencyNotAllowed,
            Refusal::Tombstoned | Refusal::BetReversed => Self::RolledBack,
            Refusal::NotFound | Refusal::BetUnknown => Self::NotFound,
            Refusal::Mismatch
            | Refusal::BetExists
            | Refusal::BetSettled
            | Refusal::NotAStake
            | Refusal::RoundClosed
            | Refusal::TooMany { .. }
            | Refusal::Amount(_)
            | Refusal::NotPositive
            | Refusal::WrongState { .. }
            | Refusal::VerificationSettled(_)
            | Refusal::Outdated
            | Refusal::MoreThanLeft { .. }
            | Refusal::NotEmpty => Self::BadRequest,
            Refusal::Unwritable(_) => Self::Failed,
        }
    }
}

#[derive(Serialize)]
struct Balance {
    balance: String,
}

#[derive(Serialize)]
struct Movements<'a> {
    round_id: &'a str,
    transactions: Vec<Transaction<'a>>,
    balance: String,
}

#[derive(Serialize)]
struct Transaction<'a> {
    id_provider: &'a str,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    bonus_amount: Option<String>,
}

#[derive(Serialize)]
struct Failure {
    code: &'static str,
    msg: &'static str,
    meta: Meta,
}

#[derive(Serialize)]
struct Meta {
    api_code: &'static str,
    api_message: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    balance: Option<String>,
}

fn balance(wallet: &Wallet) -> Reply {
    match playable(wallet) {
        Some(balance) => reply(200, &Balance { balance }),
        None => failure(ApiCode::Failed, None),
    }
}

fn batch(request: &GameRequest, done: &[Done], balances: &Wallet) -> Reply {
    let Some(balance) = playable(balances) else { return failure(ApiCode::Failed, None) };
    let transactions = done.iter().map(|done| transaction(done.entry())).collect();
    reply(200, &Movements { round_id: round_of(request), transactions, balance })
}

fn transaction(entry: &Entry) -> Transaction<'_> {
    let (id, bonus_amount) = match &entry.fact {
        Fact::BetPlaced { bonus, .. } | Fact::BetWon { bonus, .. } => (entry_id(entry), Some(part(*bonus))),
        Fact::RolledBack { undone: None, .. } => (String::new(), None),
        _ => (entry_id(entry), None),
    };
    Transaction { id_provider: &entry.key.tx, id, bonus_amount }
}

/// The part of an amount that was bonus money.
fn part(bonus: Option<Money>) -> String {
    bonus.map_or_else(|| "0.00".to_owned(), Money::to_text)
}

/// Rounds have no other name with us than with the vendor.
fn round_of(request: &GameRequest) -> &str {
    let play = match &request.kind {
        RequestKind::Batch(commands) => commands.first().and_then(|command| match command {
            Command::Debit(it) => Some(&it.play),
            Command::Credit(it) => Some(&it.play),
            Command::Rollback(it) => Some(&it.play),
            _ => None,
        }),
        _ => None,
    };
    play.and_then(|play| play.round.as_deref()).unwrap_or_default()
}

/// A refusal with the balance as it is, before anything of the batch.
fn refused(refusal: &Refusal, account: Option<&Account>) -> Reply {
    let available = match refusal {
        Refusal::InsufficientFunds { available } => Some(available.to_text()),
        _ => None,
    };
    failure(refusal.into(), account.and_then(|account| playable(&account.wallet)).or(available))
}

fn playable(wallet: &Wallet) -> Option<String> {
    wallet.playable().ok().map(Money::to_text)
}

fn failure(api_code: ApiCode, balance: Option<String>) -> Reply {
    let (status, code) = if api_code.is_ours() { (500, "internal") } else { (400, "invalid_argument") };
    let (msg, api_message) = (api_code.message(), api_code.message());
    reply(status, &Failure { code, msg, meta: Meta { api_code: api_code.code(), api_message, balance } })
}

fn reply(status: u16, body: &impl Serialize) -> Reply {
    let body = serde_json::to_vec(body).unwrap_or_default();
    Reply { status, content_type: "application/json", body }
}
