//! What is asked of the platform, and what is heard back.

use std::fmt;

use serde_json::Value;

use crate::vendors::GameVendor;

/// Money, in millionths of the currency.
pub(crate) type Micros = i128;

/// A request, as far as the ledger is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// To take a stake.
    Bet(Wager),
    /// To pay winnings: of a bet, or of a round.
    Win { wager: Wager, bet: Option<String> },
    /// To undo a transaction, named by its key.
    Rollback { key: String, target: String },
    /// To do all of it, in this order, or nothing.
    Batch(Vec<Self>),
    /// To note that a round is over.
    End { key: String, round: String },
    /// To place, settle or cancel a bet that has a reference of its own.
    OnBet(BetCall),
    /// To pay a prize, which no bet won.
    Prize { wager: Wager, token: String, kind: &'static str },
    /// To exchange a token for another.
    Check { key: String, token: String },
    /// To tell the balance to whoever holds a token.
    BalanceOf { token: String },
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
    /// To give bonus money, or to take it away.
    Bonus { key: String, amount: Micros, given: bool },
    /// Nothing from outside: it follows from time that went by.
    Expiry,
    /// Nothing from outside: it follows from an approved withdrawal or refund.
    Submission,
    /// Whatever belongs to a player's beginnings and moves no money.
    Beginning,
}

/// Money at play.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wager {
    /// Under which key the ledger would keep it.
    pub(crate) key: String,
    pub(crate) amount: Micros,
    pub(crate) round: String,
    /// The token is of a game that was over long ago.
    pub(crate) expired: bool,
}

/// What is asked of a bet that has a reference of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BetCall {
    pub(crate) step: BetStep,
    /// Under which key the ledger would keep it.
    pub(crate) key: String,
    /// The bet's reference, under the vendor's name.
    pub(crate) reference: String,
    /// The stake, or the winnings; of a cancel, the stake that it means.
    pub(crate) wager: Wager,
    pub(crate) token: String,
}

/// What becomes of such a bet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BetStep {
    Place,
    Settle,
    Cancel,
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

impl Asked {
    /// Under which key the ledger would keep what is played.
    pub(crate) fn key(&self) -> Option<&str> {
        match self {
            Self::Bet(wager) | Self::Win { wager, .. } | Self::Prize { wager, .. } => Some(&wager.key),
            Self::Rollback { key, .. } | Self::End { key, .. } | Self::Check { key, .. } => Some(key),
            Self::OnBet(call) => Some(&call.key),
            _ => None,
        }
    }

    /// What people and providers ask for, in a word.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Wallet => "wallet",
            Self::Deposit { .. } => "deposit",
            Self::Withdrawal { .. } => "withdrawal",
            Self::Cancel { .. } => "cancel",
            Self::Decide { approve: true, .. } => "approve",
            Self::Decide { approve: false, .. } => "reject",
            Self::Refund { .. } => "refund",
            Self::Notice(_) => "notice",
            Self::Bonus { .. } => "bonus",
            _ => "play",
        }
    }

    /// The token that is shown along, if it is one that may be exchanged.
    pub(crate) fn token(&self) -> &str {
        match self {
            Self::OnBet(BetCall { token, .. })
            | Self::Prize { token, .. }
            | Self::Check { token, .. }
            | Self::BalanceOf { token } => token,
            _ => "",
        }
    }
}

impl fmt::Display for Asked {
    /// What is played, in a few words.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bet(wager) => write!(out, "-{} {}", wager.amount, short(&wager.key)),
            Self::Win { wager, .. } => write!(out, "+{} {}", wager.amount, short(&wager.key)),
            Self::Rollback { target, .. } => write!(out, "undo {}", short(target)),
            Self::Batch(items) => items.iter().try_for_each(|item| write!(out, "[{item}]")),
            Self::End { round, .. } => out.write_str(round.get(..8).unwrap_or(round)),
            Self::OnBet(BetCall { reference, wager, .. }) => {
                write!(out, "{} {} of {}", wager.amount, short(&wager.key), short(reference))
            }
            Self::Prize { wager, kind, .. } => write!(out, "{kind} {} {}", wager.amount, short(&wager.key)),
            Self::Check { token, .. } | Self::BalanceOf { token } => out.write_str(last_of(token)),
            _ => Ok(()),
        }
    }
}

/// Enough of a transaction's id to tell it from others.
fn short(key: &str) -> &str {
    let id = key.split_once('#').map_or(key, |(_, id)| id);
    let id = id.split_once(':').map_or(id, |(_, id)| id);
    id.get(..8).unwrap_or(id)
}

/// What tells a token from the player's others: they begin alike.
fn last_of(token: &str) -> &str {
    token.get(token.len().saturating_sub(8)..).unwrap_or(token)
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
    /// The game vendor that heard it, if it was one.
    pub(crate) vendor: Option<GameVendor>,
    /// The account's version when the request arrived.
    pub(crate) from: u64,
    /// The account's version when the answer left.
    pub(crate) to: u64,
    pub(crate) status: u16,
    pub(crate) body: Value,
    /// Whether faults or a crowd explain that there was no outcome.
    pub(crate) excused: bool,
    /// The time when the request arrived, and when the answer left.
    pub(crate) at_ms: (i128, i128),
}
