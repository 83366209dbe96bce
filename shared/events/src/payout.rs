//! The payout order: what asks the payout function to send money that may leave.

use domain::deposit::RefundReference;
use domain::ids::{PlayerId, WithdrawalId};
use serde::{Deserialize, Serialize};

/// A message of the payout queue. May come more than once: the ledger knows whether it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PayoutOrder {
    /// An approved withdrawal is to be paid.
    Withdrawal {
        /// Whose.
        player_id: PlayerId,
        /// The withdrawal.
        withdrawal_id: WithdrawalId,
    },
    /// An approved refund is to be sent.
    Refund {
        /// Whose.
        player_id: PlayerId,
        /// The refund.
        refund_id: RefundReference,
    },
}
