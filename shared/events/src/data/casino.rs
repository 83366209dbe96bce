//! Game play.

use domain::Currency;
use domain::ids::GameSessionId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Balances;
use crate::amount::Amount;

/// Where a transaction belongs, in the game vendor's own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Play {
    /// The game vendor.
    pub integration: String,
    /// The vendor's transaction id.
    pub transaction_id: String,
    /// The vendor's game code.
    pub game_code: String,
    /// The vendor's round, if it names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round_id: Option<String>,
    /// Whether the vendor says that the round is over.
    pub round_closed: bool,
}

/// A game was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GameLaunched {
    /// The wallet's currency.
    #[schemars(with = "String")]
    pub currency: Currency,
    /// The game session.
    #[schemars(with = "String")]
    pub game_session_id: GameSessionId,
    /// Our id of the game.
    pub game_id: String,
    /// The game vendor.
    pub integration: String,
}

/// A stake was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BetPlaced {
    /// The wallet's currency.
    #[schemars(with = "String")]
    pub currency: Currency,
    /// Where it belongs.
    #[serde(flatten)]
    pub play: Play,
    /// The stake.
    pub amount: Amount,
    /// Whether it was a free bet: the amount is nominal, no money moved.
    pub free: bool,
    /// The balances after it.
    pub balances: Balances,
}

/// Winnings were paid; zero closes a lost round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BetWon {
    /// The wallet's currency.
    #[schemars(with = "String")]
    pub currency: Currency,
    /// Where it belongs.
    #[serde(flatten)]
    pub play: Play,
    /// The winnings.
    pub amount: Amount,
    /// The bet that won, by the vendor's transaction id; none for promotional payouts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bet_transaction_id: Option<String>,
    /// The balances after it.
    pub balances: Balances,
}

/// A stake was undone: it is given back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BetRolledBack {
    /// The wallet's currency.
    #[schemars(with = "String")]
    pub currency: Currency,
    /// Where it belongs.
    #[serde(flatten)]
    pub play: Play,
    /// The transaction undone, by the vendor's id.
    pub target_transaction_id: String,
    /// The real money given back: zero for a free bet.
    pub amount: Amount,
    /// The balances after it.
    pub balances: Balances,
}

/// Winnings were undone: they are taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WinRolledBack {
    /// The wallet's currency.
    #[schemars(with = "String")]
    pub currency: Currency,
    /// Where it belongs.
    #[serde(flatten)]
    pub play: Play,
    /// The transaction undone, by the vendor's id.
    pub target_transaction_id: String,
    /// The winnings taken back.
    pub amount: Amount,
    /// The part of the amount that the player had already spent, now owed.
    pub shortfall: Amount,
    /// The balances after it.
    pub balances: Balances,
}

/// A rollback found nothing to undo: the transaction will be refused if it still arrives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TransactionVoided {
    /// The wallet's currency.
    #[schemars(with = "String")]
    pub currency: Currency,
    /// Where it belongs.
    #[serde(flatten)]
    pub play: Play,
    /// The transaction, by the vendor's id.
    pub target_transaction_id: String,
}
