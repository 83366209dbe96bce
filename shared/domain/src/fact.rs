//! What can happen to a player: the closed list of facts that ledger entries record and events report.

use serde::{Deserialize, Serialize};

use crate::account::VerificationStatus;
use crate::ids::{DepositId, GameSessionId, SessionId, VerificationId, WithdrawalId};
use crate::money::Money;

/// A fact about one player. The variants' names are the `kind` on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fact {
    /// The account was opened.
    PlayerRegistered {
        /// ISO 3166-1 alpha-2.
        country: String,
    },
    /// The player signed in.
    SignedIn {
        /// The session begun.
        session: SessionId,
    },
    /// The player's profile changed.
    ProfileChanged {
        /// The names of the fields, never their values.
        fields: Vec<String>,
        /// The verification's status from now on, if a changed identity has to be verified again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        verification: Option<VerificationStatus>,
    },
    /// The account was closed for good.
    AccountClosed {
        /// Why.
        reason: String,
    },
    /// A verification was started, or its status changed.
    VerificationChanged {
        /// The attempt, unless the vendor acted on its own.
        verification: Option<VerificationId>,
        /// The status from now on.
        status: VerificationStatus,
        /// The identity vendor.
        vendor: String,
    },
    /// A game was opened.
    GameLaunched {
        /// The game session.
        session: GameSessionId,
        /// The vendor's game code.
        game: String,
        /// The game vendor.
        integration: String,
    },
    /// A stake was taken.
    BetPlaced {
        /// The game play it belongs to.
        play: Play,
        /// The stake.
        amount: Money,
        /// Whether it was a free bet: the amount is nominal, no money moved.
        free: bool,
    },
    /// Winnings were paid; zero closes a lost round.
    BetWon {
        /// The game play it belongs to.
        play: Play,
        /// The winnings.
        amount: Money,
        /// The bet that won, by the vendor's transaction id; none for promotional payouts.
        bet: Option<String>,
    },
    /// A transaction of a vendor was undone, or refused in advance.
    RolledBack {
        /// The game play it belongs to.
        play: Play,
        /// The transaction to undo.
        target: String,
        /// What the target had been, if there was something to undo.
        undone: Option<Undone>,
    },
    /// The player asked to pay in.
    DepositRequested {
        /// The deposit.
        deposit: DepositId,
        /// How much.
        amount: Money,
        /// How.
        method: String,
    },
    /// The deposit moved on without moving money.
    DepositProgressed {
        /// The deposit.
        deposit: DepositId,
        /// The status from now on.
        status: crate::deposit::DepositStatus,
    },
    /// The deposit was credited.
    DepositCompleted {
        /// The deposit.
        deposit: DepositId,
        /// How much was credited.
        amount: Money,
        /// How it was paid.
        method: String,
        /// Whether it is the player's first.
        first: bool,
    },
    /// Money arrived that does not match the deposit; staff must decide.
    DepositQuarantined {
        /// The deposit.
        deposit: DepositId,
        /// What arrived.
        received: Money,
    },
    /// The player asked to be paid out; the money is held.
    WithdrawalRequested {
        /// The withdrawal.
        withdrawal: WithdrawalId,
        /// How much.
        amount: Money,
        /// How.
        method: String,
    },
    /// The withdrawal moved on without moving money.
    WithdrawalProgressed {
        /// The withdrawal.
        withdrawal: WithdrawalId,
        /// The status from now on.
        status: crate::withdrawal::WithdrawalStatus,
    },
    /// The held money went back to the player.
    WithdrawalReturned {
        /// The withdrawal.
        withdrawal: WithdrawalId,
        /// Why: rejected, cancelled or failed.
        status: crate::withdrawal::WithdrawalStatus,
        /// How much.
        amount: Money,
    },
    /// The money left for the player's bank.
    WithdrawalPaid {
        /// The withdrawal.
        withdrawal: WithdrawalId,
        /// How much.
        amount: Money,
    },
}

/// The game play that a wallet operation belongs to, in the vendor's own words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Play {
    /// The vendor's game code.
    pub game: String,
    /// The vendor's round, if it names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<String>,
    /// Whether the vendor says that the round is over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub round_closed: bool,
}

/// What a rollback undid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "was")]
pub enum Undone {
    /// A stake: given back.
    Bet {
        /// The real-money stake given back.
        amount: Money,
    },
    /// Winnings: taken back.
    Win {
        /// The winnings taken back.
        amount: Money,
        /// The part the player had already spent, now owed.
        shortfall: Money,
    },
}
