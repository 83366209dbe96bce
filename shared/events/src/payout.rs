//! The payout order: what asks the payout function to pay an approved withdrawal.

use domain::ids::{PlayerId, WithdrawalId};
use serde::{Deserialize, Serialize};

/// A message of the payout queue. May come more than once: the ledger knows whether it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutOrder {
    /// Whose withdrawal.
    pub player_id: PlayerId,
    /// The withdrawal.
    pub withdrawal_id: WithdrawalId,
}
