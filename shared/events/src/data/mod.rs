//! What the events say, by the part of the house they come from.

pub mod adjustment;
pub mod casino;
pub mod kyc;
pub mod payment;
pub mod player;
pub mod sport;

use domain::account::Wallet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::amount::Amount;

/// The player's balances after the fact, all in the event's currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Balances {
    /// Real money, free to stake or withdraw.
    pub cash: Amount,
    /// Bonus money.
    pub bonus: Amount,
    /// Real money set aside for requested withdrawals.
    pub held: Amount,
    /// What the player owes the house.
    pub receivable: Amount,
}

impl From<Wallet> for Balances {
    fn from(wallet: Wallet) -> Self {
        Self {
            cash: wallet.cash.into(),
            bonus: wallet.bonus.into(),
            held: wallet.held.into(),
            receivable: wallet.receivable.into(),
        }
    }
}
