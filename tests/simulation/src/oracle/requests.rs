//! What is asked of the platform, and what is heard back.

use serde_json::Value;

/// Money, in millionths of the currency.
pub(crate) type Micros = i128;

/// A request, as far as the ledger is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// To take a stake.
    Bet(Wager),
    /// To pay winnings of a bet.
    Win { wager: Wager, bet: String },
    /// To undo a transaction.
    Rollback { tx: String, target: String },
    /// To tell the balance.
    Balance { expired: bool },
    /// To show the wallet.
    Wallet,
    /// To pay in.
    Deposit { key: String, amount: Micros },
    /// To be paid out.
    Withdrawal { key: String, amount: Micros },
    /// To call a withdrawal back.
    Cancel { withdrawal: String },
    /// To agree to a withdrawal, or not.
    Decide { withdrawal: String, approve: bool },
    /// To send a part of a deposit back.
    Refund { key: String, deposit: String, amount: Micros },
    /// To take notice.
    Notice(Notice),
    /// Nothing from outside: it follows from an approved withdrawal or refund.
    Submission,
    /// Whatever belongs to a player's beginnings and moves no money.
    Beginning,
}

/// Money at play.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wager {
    pub(crate) tx: String,
    pub(crate) amount: Micros,
    pub(crate) round: String,
    /// The token is of a game that was over long ago.
    pub(crate) expired: bool,
}

/// A notice of the payment provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    /// Under which key the ledger would keep it.
    pub(crate) key: String,
    /// Our id of the deposit, its refund, or the withdrawal.
    pub(crate) reference: String,
    /// The provider's id of the payment it is about.
    pub(crate) payment: String,
    pub(crate) kind: NoticeKind,
}

/// What it tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoticeKind {
    /// The money of a deposit is ours.
    Captured(Micros),
    /// A deposit was declined.
    Declined,
    /// The player gave up.
    Cancelled,
    /// The player did not pay in time.
    Expired,
    /// So much of a deposit went back.
    Refunded(Micros),
    /// The payer's bank took so much of it back.
    ChargedBack(Micros),
    /// The bank gave it back to us.
    WonBack(Micros),
    /// A payout is on its way.
    Noted,
    /// A payout was made.
    Paid(Micros),
    /// A payout could not be made, or a refund; or it came back.
    Failed,
}

impl NoticeKind {
    /// Whether it speaks of money that came before.
    pub(crate) const fn is_reversal(self) -> bool {
        matches!(self, Self::Refunded(_) | Self::ChargedBack(_) | Self::WonBack(_))
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    /// The account's version when the request arrived.
    pub(crate) from: u64,
    /// The account's version when the answer left.
    pub(crate) to: u64,
    pub(crate) status: u16,
    pub(crate) body: Value,
    /// Whether faults or a crowd explain that there was no outcome.
    pub(crate) excused: bool,
}
