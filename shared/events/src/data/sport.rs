//! Sports bets.

use domain::Currency;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Balances;
use super::casino::Play;
use crate::amount::Amount;
use crate::status::BetStatus;

/// A bet was settled, settled anew, opened again, declared void or taken up again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BetUpdated {
    /// The wallet's currency.
    #[schemars(with = "String")]
    pub currency: Currency,
    /// Where it belongs.
    #[serde(flatten)]
    pub play: Play,
    /// The bet's reference.
    pub bet: String,
    /// What it was.
    pub from: BetStatus,
    /// What it is from now on.
    pub to: BetStatus,
    /// The stake.
    pub stake: Amount,
    /// What it is paid in all from now on.
    pub payout: Amount,
    /// What it had been paid.
    pub payout_before: Amount,
    /// The part that the player could not give back, now owed.
    pub shortfall: Amount,
    /// The balances after it.
    pub balances: Balances,
}
