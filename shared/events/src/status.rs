//! Statuses as events name them. Public contracts: a change inside must not change them by accident.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Declares a status of the wire that mirrors one of the domain, exhaustively.
macro_rules! statuses {
    ($($(#[$doc:meta])* $name:ident of $source:path { $($(#[$of:meta])* $status:ident,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$of])* $status,)* }

        impl From<$source> for $name {
            fn from(status: $source) -> Self {
                use $source as Source;
                match status { $(Source::$status => Self::$status,)* }
            }
        }
    )*};
}

statuses! {
    /// The outcome of an identity verification so far.
    VerificationStatus of domain::account::VerificationStatus {
        /// Never started.
        None,
        /// Started.
        Pending,
        /// A person is looking at it.
        InReview,
        /// The player is who they say.
        Approved,
        /// Refused for good.
        Rejected,
        /// Something has to be handed in again.
        Resubmit,
        /// The attempt or its documents ran out.
        Expired,
    }

    /// How far a deposit is.
    DepositStatus of domain::deposit::DepositStatus {
        /// Asked for.
        Created,
        /// The player can pay.
        Pending,
        /// The provider reserved the money.
        Authorised,
        /// Credited.
        Completed,
        /// Declined.
        Failed,
        /// Given up by the player.
        Cancelled,
        /// Not paid in time.
        Expired,
        /// Other money came than was asked for.
        Quarantined,
        /// What was in quarantine went back.
        Returned,
        /// All of it went back.
        Refunded,
        /// The player's bank took it back.
        ChargedBack,
    }

    /// How far a refund is.
    RefundStatus of domain::deposit::RefundStatus {
        /// Asked for; the money is held.
        Requested,
        /// To be sent.
        Approved,
        /// In the provider's hands.
        Sent,
        /// The money went back.
        Completed,
        /// The provider could not send it; the player has the money again.
        Failed,
        /// Staff refused; the player has the money again.
        Rejected,
    }

    /// How far a withdrawal is.
    WithdrawalStatus of domain::withdrawal::WithdrawalStatus {
        /// Asked for; the money is held.
        Requested,
        /// Staff is looking at it.
        InReview,
        /// To be paid.
        Approved,
        /// In the provider's hands.
        Paying,
        /// Paid.
        Paid,
        /// The provider could not pay; the money is back.
        Failed,
        /// Staff refused; the money is back.
        Rejected,
        /// The player called it back; the money is back.
        Cancelled,
    }

    /// What a player pays with.
    InstrumentKind of domain::cashier::InstrumentKind {
        /// A payment card.
        Card,
        /// A bank account.
        BankAccount,
        /// An electronic wallet, or whatever else a provider knows.
        Wallet,
    }

    /// Whose money a card spends.
    FundingSource of domain::cashier::Funding {
        /// The issuer's.
        Credit,
        /// The holder's.
        Debit,
        /// The holder's, paid in before.
        Prepaid,
    }

    /// How an instrument's holder goes with the player.
    HolderMatch of domain::cashier::HolderMatch {
        /// No holder is known.
        Unknown,
        /// It is the player.
        Matches,
        /// It may be the player.
        Similar,
        /// It is somebody else.
        Differs,
    }

    /// What a game pays for.
    WinReason of domain::play::CreditReason {
        /// A bet that won.
        Win,
        /// A jackpot.
        Jackpot,
        /// A promotion that the game's supplier pays for.
        SupplierPromotion,
        /// What free rounds won in all.
        FreeRounds,
        /// A promotion of the operator, run in the game.
        Promotion,
    }

    /// How far a bet is.
    BetStatus of domain::play::BetState {
        /// Placed, outcome unknown.
        Open,
        /// Won or lost.
        Settled,
        /// Rolled back: as if it had never been placed.
        Cancelled,
        /// Declared void: the stake went back.
        Void,
        /// Rolled back before it came.
        Forbidden,
    }

    /// Why money is moved that no game and no payment asked for.
    AdjustmentCause of domain::adjustment::Cause {
        /// An error is put right.
        Correction,
        /// A game vendor changes winnings it reported.
        GameCorrection,
        /// A present to the player, in real money.
        Goodwill,
        /// A bonus is given.
        BonusGranted,
        /// A bonus is taken away.
        BonusForfeited,
        /// The player pays what is owed.
        DebtRepaid,
        /// What is owed is given up.
        DebtWrittenOff,
    }
}

impl Default for WinReason {
    /// What is not told is an ordinary win.
    fn default() -> Self {
        Self::Win
    }
}

impl WinReason {
    /// Whether it is a prize, paid for no bet.
    #[must_use]
    pub const fn is_prize(self) -> bool {
        matches!(self, Self::SupplierPromotion | Self::FreeRounds | Self::Promotion)
    }
}

impl BetStatus {
    /// Whether the stake is with the house.
    #[must_use]
    pub const fn is_staked(self) -> bool {
        matches!(self, Self::Open | Self::Settled)
    }
}
