//! Why a command is refused: a business answer, never an outage.

use crate::account::VerificationStatus;
use crate::chain::Unwritable;
use crate::money::{Money, MoneyError};

/// A refusal. Edges and vendor modules decide how each is said; the match there is exhaustive on purpose.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such player.
    #[error("there is no such player")]
    PlayerUnknown,
    /// The id was used before, for something else.
    #[error("this id was used before with other data")]
    Mismatch,
    /// The transaction was rolled back: before it arrived, or since, where the vendor's rules make that final.
    #[error("the transaction was rolled back")]
    Tombstoned,
    /// The bet that a win speaks of was never placed.
    #[error("the bet is unknown")]
    BetUnknown,
    /// The bet that a win speaks of was undone.
    #[error("the bet was rolled back")]
    BetReversed,
    /// The bet's reference was used before, by another transaction.
    #[error("the bet exists already")]
    BetExists,
    /// The bet has won or lost already.
    #[error("the bet is already settled")]
    BetSettled,
    /// Only stakes can be cancelled, and this is none.
    #[error("the transaction is no stake")]
    NotAStake,
    /// The round is over, and its vendor's rules let nothing follow.
    #[error("the round is closed")]
    RoundClosed,
    /// A batch holds more than can be committed as one.
    #[error("a batch holds at most {most} operations")]
    TooMany {
        /// How many it may hold.
        most: usize,
    },
    /// We never issued this game session token to this player.
    #[error("the game session is unknown")]
    SessionUnknown,
    /// The game session is over.
    #[error("the game session has expired")]
    SessionExpired,
    /// The request's currency is not the wallet's.
    #[error("the wallet holds another currency")]
    WrongCurrency,
    /// The amount is below zero, too precise or beyond range.
    #[error("the amount is not acceptable: {0}")]
    Amount(#[from] MoneyError),
    /// The entry has no canonical form, so it cannot be chained to the one before it.
    #[error(transparent)]
    Unwritable(#[from] Unwritable),
    /// The amount must be above zero.
    #[error("the amount must be above zero")]
    NotPositive,
    /// The wallet does not cover it.
    #[error("the balance does not cover the amount")]
    InsufficientFunds {
        /// What it does cover.
        available: Money,
    },
    /// The game takes no such stake at once.
    #[error("no more than {most} can be staked at once")]
    StakeTooHigh {
        /// The most that it takes.
        most: Money,
    },
    /// Less of the deposit is left than would go back.
    #[error("no more than {left} of the deposit can go back")]
    MoreThanLeft {
        /// What is left.
        left: Money,
    },
    /// The player's identity is not verified as far as the jurisdiction wants before this.
    #[error("the player's identity is not verified")]
    NotVerified,
    /// The account was closed.
    #[error("the account is closed")]
    AccountClosed,
    /// The player is younger than the jurisdiction allows.
    #[error("the player must be at least {min_age} years old")]
    UnderAge {
        /// The jurisdiction's age.
        min_age: u8,
    },
    /// Nothing of this id belongs to this player.
    #[error("not found")]
    NotFound,
    /// It is already as asked, or too far along to change.
    #[error("not possible while it is {state}")]
    WrongState {
        /// What it is now, in the API's words.
        state: &'static str,
    },
    /// The verification is already settled.
    #[error("the verification is already {}", .0.as_str())]
    VerificationSettled(VerificationStatus),
    /// A newer message already decided this.
    #[error("a newer message already decided this")]
    Outdated,
    /// The jurisdiction forbids it.
    #[error("not allowed in this jurisdiction")]
    NotAllowed,
    /// Money or open business stands in the way of closing the account.
    #[error("the account still holds money or open payments")]
    NotEmpty,
}
