//! Identity verification.

use domain::ids::VerificationId;
use domain::{Currency, Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::status::VerificationStatus;

/// A verification was started, or its status changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VerificationChanged {
    /// The wallet's currency.
    #[schemars(with = "String")]
    pub currency: Currency,
    /// The attempt, unless the vendor acted on its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub verification_id: Option<VerificationId>,
    /// The status from now on.
    pub status: VerificationStatus,
    /// The identity vendor, or `staff`.
    pub vendor: String,
    /// The last day of the document behind the approval, as long as that stands. Beside another status than approved, the
    /// approval is being renewed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub document_expires_on: Option<Date>,
}
