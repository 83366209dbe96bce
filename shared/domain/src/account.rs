//! The account: one small record that says all a decision needs to know about a player's money and rights.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::chain::Digest;
use crate::currency::Currency;
use crate::ids::{PlayerId, StaffId, VerificationId};
use crate::money::{Money, MoneyError};
use crate::rules::Rules;
use crate::{Timestamp, entry::LedgerAccount};

/// A player's account. Holds no personal data; every decision raises its version by one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Whose it is.
    pub player: PlayerId,
    /// The brand the player registered with.
    pub brand: String,
    /// The rule pack that governs the player, such as `MT`.
    pub jurisdiction: String,
    /// Where the player lives, ISO 3166-1 alpha-2, for good. None on accounts that were opened before they kept it: their
    /// first entry tells.
    pub country: Option<String>,
    /// Whether it may still be used.
    pub status: AccountStatus,
    /// Where the player's money is.
    pub wallet: Wallet,
    /// Where identity verification stands.
    pub verification: Verification,
    /// Completed deposits so far.
    pub deposits: u32,
    /// How many decisions made it what it is: also the number of its newest ledger entry.
    pub version: u64,
    /// The hash of its newest ledger entry.
    pub head: Digest,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When its newest entry was made; entries never go back in time.
    pub updated_at: Timestamp,
}

/// Whether an account may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    /// In use.
    Active,
    /// Closed for good; what games still owe is credited, nothing else happens.
    Closed,
}

/// The balances of one player, all in one currency, none below zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wallet {
    /// Real money, free to stake or withdraw.
    pub cash: Money,
    /// Bonus money: can be staked, not withdrawn.
    pub bonus: Money,
    /// Real money set aside for requested withdrawals.
    pub held: Money,
    /// What the player owes us after the reversal of money already spent.
    pub receivable: Money,
}

impl Wallet {
    /// An empty wallet.
    #[must_use]
    pub const fn empty(currency: Currency) -> Self {
        let zero = Money::zero(currency);
        Self { cash: zero, bonus: zero, held: zero, receivable: zero }
    }

    /// The wallet's currency.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.cash.currency()
    }

    /// What can be staked now.
    pub fn playable(&self) -> Result<Money, MoneyError> {
        self.cash.plus(self.bonus)
    }

    /// What can be paid out now: the real money less what the player owes.
    pub fn withdrawable(&self) -> Result<Money, MoneyError> {
        let free = self.cash.minus(self.receivable)?;
        Ok(if free.is_negative() { Money::zero(self.currency()) } else { free })
    }

    /// Applies one posting; postings to the house's accounts pass by.
    pub(crate) fn post(&mut self, account: &LedgerAccount, amount: Money) -> Result<(), MoneyError> {
        let balance = match account {
            LedgerAccount::Cash => &mut self.cash,
            LedgerAccount::Bonus => &mut self.bonus,
            LedgerAccount::Held => &mut self.held,
            LedgerAccount::Receivable => {
                // An asset of ours: a debit to the house is owed by the player.
                self.receivable = self.receivable.minus(amount)?;
                return Ok(());
            }
            _ => return Ok(()),
        };
        *balance = balance.plus(amount)?;
        Ok(())
    }

    /// Whether every balance is at or above zero.
    #[must_use]
    pub const fn is_sound(&self) -> bool {
        !self.cash.is_negative()
            && !self.bonus.is_negative()
            && !self.held.is_negative()
            && !self.receivable.is_negative()
    }
}

/// Where a player's identity verification stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// The outcome so far.
    pub status: VerificationStatus,
    /// The attempt that the status speaks of.
    pub current: Option<VerificationId>,
    /// The vendor's time of the newest verdict: an older one never overrides it.
    pub as_of: Option<Timestamp>,
    /// The last day of the document that the player was approved by, if it has one. It is forgotten as soon as anything
    /// but time speaks against the approval: beside another status it says that an approval is being renewed.
    pub expires_on: Option<Date>,
    /// Who of the staff agreed to what takes two, until a colleague does or the case is another one.
    pub agreed_by: Option<StaffId>,
}

impl Verification {
    /// Of somebody who never began.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            status: VerificationStatus::None,
            current: None,
            as_of: None,
            expires_on: None,
            agreed_by: None,
        }
    }

    /// The outcome as it is now: an approval runs out with its document.
    #[must_use]
    pub fn status_at(&self, rules: &Rules, now: Timestamp) -> VerificationStatus {
        match (self.status, self.expires_on) {
            (VerificationStatus::Approved, Some(last_day)) if rules.has_run_out(last_day, now) => {
                VerificationStatus::Expired
            }
            (status, _) => status,
        }
    }

    /// Whether the player was found to be who they say, and nothing but time has spoken against it since.
    #[must_use]
    pub fn stands(&self) -> bool {
        self.status == VerificationStatus::Approved || self.expires_on.is_some()
    }

    /// Whether the player may pay in and stake as somebody verified: after the document has run out only for the days
    /// that the jurisdiction leaves to renew it.
    #[must_use]
    pub fn covers(&self, rules: &Rules, now: Timestamp) -> bool {
        self.stands() && self.expires_on.is_none_or(|last_day| !rules.is_overdue(last_day, now))
    }
}

/// The outcome of an identity verification so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerificationStatus {
    /// Never started.
    None,
    /// Started; the player has still to hand something in, or the vendor to look at it.
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

impl VerificationStatus {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Pending => "pending",
            Self::InReview => "in_review",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Resubmit => "resubmit",
            Self::Expired => "expired",
        }
    }
}
