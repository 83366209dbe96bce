//! Money moved for a stated cause.

use domain::Currency;
use domain::ids::StaffId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Balances;
use crate::amount::Amount;
use crate::status::AdjustmentCause;

/// Money was moved that no game and no payment asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Adjusted {
    /// The wallet's currency.
    #[schemars(with = "String")]
    pub currency: Currency,
    /// What the player gained; below zero, what was taken.
    pub amount: Amount,
    /// Why.
    pub cause: AdjustmentCause,
    /// The part that the player could not give, now owed.
    pub shortfall: Amount,
    /// Who of the staff ordered it.
    #[schemars(with = "Option<String>")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staff_id: Option<StaffId>,
    /// The balances after it.
    pub balances: Balances,
}
