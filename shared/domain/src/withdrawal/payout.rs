//! Payouts: the parts of a withdrawal, each with its own way to the player and its own messages of the provider. A
//! refund is one, too: to the payment that the money came by.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::cashier::InstrumentFingerprint;
use crate::entry::{LedgerAccount, Posting, transfer};
use crate::ids::WithdrawalId;
use crate::money::Money;
use crate::play::Split;
use crate::refusal::Refusal;

/// One payout of a withdrawal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payout {
    /// How much.
    pub amount: Money,
    /// The payment provider that pays it.
    pub vendor: String,
    /// Where to.
    pub to: PayTo,
    /// How far it is.
    pub status: PayoutStatus,
    /// The provider's id of it, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub psp_reference: Option<String>,
    /// The provider's place of the newest message that was acted upon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<u64>,
}

/// Where a payout goes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayTo {
    /// To what the player paid with.
    Source {
        /// The provider's token of it.
        token: String,
        /// Whether it is money that came from there, and not winnings.
        returns: bool,
    },
    /// To a bank account that the player named.
    BankAccount {
        /// The account, sealed with the player's data key: it is personal data.
        sealed: String,
        /// What it has in common with the same account of somebody else.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fingerprint: Option<InstrumentFingerprint>,
    },
    /// Back by the payment that it came by: a refund.
    Payment,
}

/// What a provider tells of a payout.
pub(crate) struct Told<'a> {
    /// What it tells.
    pub(crate) word: Word,
    /// Its id of the payout, if it tells.
    pub(crate) psp_reference: Option<&'a String>,
    /// The message's place among its messages on this payout, if it tells one: later is higher.
    pub(crate) order: Option<u64>,
}

/// What can be told of a payout.
#[derive(Clone, Copy)]
pub(crate) enum Word {
    /// The provider took it on.
    Submitted,
    /// The money left.
    Paid(Money),
    /// The money did not leave, or came back.
    Failed,
    /// So much of it did.
    Returned(Money),
}

/// How far a payout is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayoutStatus {
    /// Not sent yet.
    Waiting,
    /// In the provider's hands.
    Paying,
    /// Paid.
    Paid,
    /// The provider could not pay.
    Failed,
}

impl PayoutStatus {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Paying => "paying",
            Self::Paid => "paid",
            Self::Failed => "failed",
        }
    }

    /// Whether the provider may still bring it forward in the ordinary way.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Paying)
    }
}

/// Our reference of a payout at its provider, for ever: the withdrawal, and which of its payouts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayoutReference {
    /// The withdrawal.
    pub withdrawal: WithdrawalId,
    /// Which of its payouts, from zero.
    pub payout: u8,
}

/// The text is no reference of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no payout of ours")]
pub struct InvalidReference;

impl fmt::Display for PayoutReference {
    /// The first payout has the withdrawal's own id.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.payout {
            0 => write!(out, "{}", self.withdrawal),
            more => write!(out, "{}-{more}", self.withdrawal),
        }
    }
}

impl FromStr for PayoutReference {
    type Err = InvalidReference;

    fn from_str(text: &str) -> Result<Self, InvalidReference> {
        let (withdrawal, payout) = text.split_once('-').unwrap_or((text, "0"));
        let reference = Self {
            withdrawal: withdrawal.parse().map_err(|_| InvalidReference)?,
            payout: payout.parse().map_err(|_| InvalidReference)?,
        };
        // One text for each.
        if reference.to_string() == text { Ok(reference) } else { Err(InvalidReference) }
    }
}

impl fmt::Debug for PayTo {
    /// Without the account.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source { returns, .. } => write!(out, "Source {{ returns: {returns} }}"),
            Self::BankAccount { .. } => out.write_str("BankAccount"),
            Self::Payment => out.write_str("Payment"),
        }
    }
}

impl Payout {
    /// A payout that is not sent yet.
    #[must_use]
    pub fn new(amount: Money, vendor: &str, to: PayTo) -> Self {
        let status = PayoutStatus::Waiting;
        Self { amount, vendor: vendor.to_owned(), to, status, psp_reference: None, told: None }
    }

    /// What a provider's message makes of it: the payout from now on, the movements, and what the player owes after
    /// them.
    pub(crate) fn told(
        &self,
        account: &Account,
        told: &Told<'_>,
    ) -> Result<(Self, Vec<Posting>, Money), Refusal> {
        self.listens_to(told)?;
        let (status, postings, shortfall) = self.moved(account, told)?;
        let psp_reference = self.psp_reference.clone().or_else(|| told.psp_reference.cloned());
        let next = Self { status, psp_reference, told: told.order.or(self.told), ..self.clone() };
        Ok((next, postings, shortfall))
    }

    /// Checks that a provider's message is about this payout, and newer than what is known.
    fn listens_to(&self, told: &Told<'_>) -> Result<(), Refusal> {
        // Places are counted for each payout of the provider's: those of another one say nothing here.
        if let (Some(known), Some(named)) = (&self.psp_reference, told.psp_reference)
            && known != named
        {
            return Err(Refusal::Mismatch);
        }
        // Of two messages of one place, what is known already decides what the second may still say.
        if told.order.is_some_and(|order| self.told.is_some_and(|known| order < known)) {
            return Err(Refusal::Outdated);
        }
        Ok(())
    }

    fn moved(
        &self,
        account: &Account,
        told: &Told<'_>,
    ) -> Result<(PayoutStatus, Vec<Posting>, Money), Refusal> {
        let none = Money::zero(self.amount.currency());
        match told.word {
            Word::Submitted if self.status == PayoutStatus::Waiting => {
                Ok((PayoutStatus::Paying, Vec::new(), none))
            }
            Word::Submitted => Err(Refusal::WrongState { state: self.status.as_str() }),
            Word::Paid(amount) | Word::Returned(amount) if amount != self.amount => Err(Refusal::Mismatch),
            Word::Paid(_) => self.paid(account, told),
            Word::Failed | Word::Returned(_) => Ok((PayoutStatus::Failed, self.failed(told)?, none)),
        }
    }

    /// The money left. The provider's message may overtake our own note that it took the payout on; and it may say,
    /// in a later message, that a payout it gave up went through after all: then what was given back is taken again.
    fn paid(
        &self,
        account: &Account,
        told: &Told<'_>,
    ) -> Result<(PayoutStatus, Vec<Posting>, Money), Refusal> {
        let to = LedgerAccount::Psp(self.vendor.clone());
        let (postings, shortfall) = match self.status {
            PayoutStatus::Waiting | PayoutStatus::Paying => {
                (transfer(LedgerAccount::Held, to, self.amount)?, Money::zero(self.amount.currency()))
            }
            PayoutStatus::Failed if self.is_later(told) => {
                Split::cash(self.amount).taken_back(&account.wallet, &to)?
            }
            other => return Err(Refusal::WrongState { state: other.as_str() }),
        };
        Ok((PayoutStatus::Paid, postings, shortfall))
    }

    /// The provider could not pay; or, in a later message, the player's bank sent the money back.
    fn failed(&self, told: &Told<'_>) -> Result<Vec<Posting>, Refusal> {
        match self.status {
            PayoutStatus::Waiting | PayoutStatus::Paying => {
                Ok(transfer(LedgerAccount::Held, LedgerAccount::Cash, self.amount)?)
            }
            PayoutStatus::Paid if self.is_later(told) => {
                let from = LedgerAccount::Psp(self.vendor.clone());
                Ok(transfer(from, LedgerAccount::Cash, self.amount)?)
            }
            other => Err(Refusal::WrongState { state: other.as_str() }),
        }
    }

    /// Whether the provider itself says that this message comes after the one that was acted upon: any word that it
    /// numbers follows a note of our own, such as of an attempt that was refused. Without its word nothing that is settled
    /// is undone.
    fn is_later(&self, told: &Told<'_>) -> bool {
        told.order.is_some() && told.order > self.told
    }
}
