//! Game play.

use domain::Currency;
use domain::ids::GameSessionId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Balances;
use crate::amount::Amount;
use crate::status::WinReason;

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
    /// The part of it that was bonus money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bonus_amount: Option<Amount>,
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
    /// The part of them that was paid in bonus money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bonus_amount: Option<Amount>,
    /// The bet that won, in the vendor's words; none where the vendor names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bet_transaction_id: Option<String>,
    /// What was paid for.
    #[serde(default)]
    pub reason: WinReason,
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
    /// The stake given back: zero for a free bet.
    pub amount: Amount,
    /// The part of it that was bonus money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bonus_amount: Option<Amount>,
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
    /// The part of them that was bonus money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bonus_amount: Option<Amount>,
    /// What had been paid for.
    #[serde(default)]
    pub reason: WinReason,
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

/// A game session got another token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionRotated {
    /// The wallet's currency.
    #[schemars(with = "String")]
    pub currency: Currency,
    /// The game session.
    #[schemars(with = "String")]
    pub game_session_id: GameSessionId,
}

/// A round is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoundEnded {
    /// The wallet's currency.
    #[schemars(with = "String")]
    pub currency: Currency,
    /// The round.
    #[serde(flatten)]
    pub play: Play,
}

/// A free round was spun: no money moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FreeRoundPlayed {
    /// The wallet's currency.
    #[schemars(with = "String")]
    pub currency: Currency,
    /// Where it belongs.
    #[serde(flatten)]
    pub play: Play,
    /// The nominal stake or winnings.
    pub amount: Amount,
    /// Whether it was winnings.
    pub won: bool,
    /// The granted reward it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reward_id: Option<String>,
}
