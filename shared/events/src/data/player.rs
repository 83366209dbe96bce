//! Players and their sessions.

use domain::Currency;
use domain::ids::SessionId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::status::VerificationStatus;

/// The account was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Registered {
    /// The wallet's currency.
    #[schemars(with = "String")]
    pub currency: Currency,
    /// The country of residence, ISO 3166-1 alpha-2.
    pub country: String,
}

/// The profile changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Updated {
    /// The wallet's currency.
    #[schemars(with = "String")]
    pub currency: Currency,
    /// The names of the fields, never their values.
    pub fields: Vec<String>,
    /// The verification's status from now on, if a changed identity has to be verified again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification_status: Option<VerificationStatus>,
}

/// The account was closed for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Closed {
    /// The wallet's currency.
    #[schemars(with = "String")]
    pub currency: Currency,
    /// Why, such as `erasure`.
    pub reason: String,
}

/// The player signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SignedIn {
    /// The wallet's currency.
    #[schemars(with = "String")]
    pub currency: Currency,
    /// The session begun.
    #[schemars(with = "String")]
    pub session_id: SessionId,
}
