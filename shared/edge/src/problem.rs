//! Problems: what the player and operator APIs answer when they do not do as asked (RFC 9457).

use domain::Refusal;
use domain::catalogue::Hindrance;
use serde::Serialize;
use serde_json::{Map, Value, json};
use store::Outage;

use crate::Reply;

/// A refusal or failure, ready to be answered. Boxed inside: it is the rare case.
#[derive(Clone, Debug)]
pub struct Problem(Box<Details>);

#[derive(Clone, Debug)]
struct Details {
    status: u16,
    code: &'static str,
    title: &'static str,
    detail: String,
    errors: Vec<FieldError>,
    more: Map<String, Value>,
    retry_after_seconds: Option<i64>,
}

/// What is wrong with one field of the body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// A JSON pointer to the field, such as `/birth_date`.
    pub pointer: String,
    /// What is wrong with it.
    pub detail: String,
}

impl FieldError {
    /// A complaint about a field.
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}

impl Problem {
    fn new(status: u16, code: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self(Box::new(Details {
            status,
            code,
            title,
            detail: detail.into(),
            errors: Vec::new(),
            more: Map::new(),
            retry_after_seconds: None,
        }))
    }

    /// The body or the query is not even of the right form.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(400, "malformed_request", "The request cannot be read", detail)
    }

    /// Fields are wrong.
    #[must_use]
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let mut problem =
            Self::new(422, "validation_failed", "The request is not valid", "see `errors` for the fields");
        problem.0.errors = errors;
        problem
    }

    /// One field is wrong.
    pub fn invalid_field(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError::new(pointer, detail)])
    }

    /// The body's type is not JSON.
    #[must_use]
    pub fn unsupported_media_type() -> Self {
        Self::new(415, "malformed_request", "Only application/json is understood", "send a JSON body")
    }

    /// The body is too large.
    #[must_use]
    pub fn too_large() -> Self {
        Self::new(413, "payload_too_large", "The body is too large", "at most 256 KiB are accepted")
    }

    /// No valid token came along.
    #[must_use]
    pub fn unauthenticated() -> Self {
        Self::new(401, "unauthenticated", "Sign in first", "a valid access token is needed")
    }

    /// The e-mail or the password is wrong; never says which.
    #[must_use]
    pub fn wrong_credentials() -> Self {
        Self::new(401, "unauthenticated", "Sign-in failed", "the e-mail address or the password is wrong")
    }

    /// The caller is known but may not.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(403, "forbidden", "Not allowed", detail)
    }

    /// There is no such thing, or it is somebody else's.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(404, "not_found", "Not found", "there is nothing here for you under this id")
    }

    /// The state of things stands in the way.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(409, "conflict", "Not possible now", detail)
    }

    /// The e-mail address is taken.
    #[must_use]
    pub fn email_taken() -> Self {
        Self::new(409, "email_taken", "The e-mail address is taken", "sign in, or use another address")
    }

    /// The idempotency key was used for something else.
    #[must_use]
    pub fn idempotency_mismatch() -> Self {
        Self::new(
            422,
            "idempotency_mismatch",
            "The idempotency key was used before",
            "this Idempotency-Key came with another request; use a new one",
        )
    }

    /// Too many attempts.
    #[must_use]
    pub fn rate_limited(retry_after_seconds: i64) -> Self {
        let mut problem = Self::new(429, "rate_limited", "Too many attempts", "wait and try again");
        problem.0.retry_after_seconds = Some(retry_after_seconds);
        problem
    }

    /// We cannot say now; the caller may repeat the request and gets the truth.
    #[must_use]
    pub fn unavailable() -> Self {
        let mut problem =
            Self::new(503, "unavailable", "Temporarily unavailable", "repeat the same request in a moment");
        problem.0.retry_after_seconds = Some(1);
        problem
    }

    /// The same, and not before so many seconds have gone by.
    #[must_use]
    pub fn unavailable_for(seconds: i64) -> Self {
        let mut problem = Self::unavailable();
        problem.0.retry_after_seconds = Some(seconds.max(1));
        problem
    }

    /// The same problem with another member in its body.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.more.insert(name.to_owned(), value.into());
        self
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// The answer.
    #[must_use]
    pub fn reply(&self) -> Reply {
        let it = &self.0;
        let mut body = json!({
            "type": "about:blank",
            "title": it.title,
            "status": it.status,
            "detail": it.detail,
            "code": it.code,
        });
        if let Some(object) = body.as_object_mut() {
            if !it.errors.is_empty() {
                object.insert("errors".to_owned(), json!(it.errors));
            }
            object.extend(it.more.clone());
        }
        let reply = Reply::json(it.status, &body).with_content_type("application/problem+json");
        match it.retry_after_seconds {
            Some(seconds) => reply.with_header("retry-after", seconds.to_string()),
            None => reply,
        }
    }
}

impl From<Outage> for Problem {
    /// Logged once, here; the caller learns only that it may try again.
    fn from(outage: Outage) -> Self {
        if outage.is_foreign_cursor() {
            return Self::invalid_field("/cursor", "is not a cursor of this list");
        }
        tracing::error!(error = %outage, "the store is unavailable");
        Self::unavailable()
    }
}

impl From<Hindrance> for Problem {
    /// What is not on offer is not there; what is there for others says why it is not for this one.
    fn from(hindrance: Hindrance) -> Self {
        match hindrance {
            Hindrance::NotOffered => Self::not_found(),
            Hindrance::Feature(_)
            | Hindrance::FeaturesUnknown
            | Hindrance::Rtp(_)
            | Hindrance::Country
            | Hindrance::Currency
            | Hindrance::Device => {
                Self::new(403, "game_unavailable", "This game is not for you", hindrance.to_string())
                    .with("reason", hindrance.word())
            }
        }
    }
}

impl From<Refusal> for Problem {
    /// Exhaustive on purpose: a new refusal does not compile until it has a status and a code.
    fn from(refusal: Refusal) -> Self {
        let detail = refusal.to_string();
        match refusal {
            Refusal::PlayerUnknown | Refusal::NotFound => Self::not_found(),
            Refusal::Mismatch => Self::idempotency_mismatch(),
            Refusal::Tombstoned
            | Refusal::BetUnknown
            | Refusal::BetReversed
            | Refusal::BetExists
            | Refusal::BetSettled
            | Refusal::NotAStake
            | Refusal::RoundClosed
            | Refusal::SessionUnknown
            | Refusal::SessionExpired
            | Refusal::WrongState { .. }
            | Refusal::VerificationSettled(_)
            | Refusal::Outdated
            | Refusal::NotAllowed
            | Refusal::NotEmpty => Self::conflict(detail),
            Refusal::WrongCurrency | Refusal::Amount(_) | Refusal::NotPositive => {
                Self::invalid_field("/amount", detail)
            }
            Refusal::InsufficientFunds { available } => {
                Self::new(409, "insufficient_funds", "The balance is too low", detail)
                    .with("available", available.to_text())
            }
            Refusal::StakeTooHigh { most } => {
                Self::new(409, "limit_exceeded", "The game takes no such stake", detail)
                    .with("max_allowed", most.to_text())
            }
            Refusal::MoreThanLeft { left } => {
                Self::new(409, "limit_exceeded", "Not so much can go back", detail)
                    .with("max_allowed", left.to_text())
            }
            Refusal::NotVerified => Self::new(403, "not_verified", "Verify your identity first", detail),
            Refusal::AccountClosed => Self::forbidden(detail),
            Refusal::UnderAge { .. } => Self::invalid_field("/birth_date", detail),
            Refusal::TooMany { .. } => Self::malformed(detail),
            Refusal::Unwritable(_) => {
                tracing::error!(detail, "an entry could not be chained");
                Self::unavailable()
            }
        }
    }
}
