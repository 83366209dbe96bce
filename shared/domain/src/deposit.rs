//! Deposits: from the request to the credit, whatever order the payment provider's messages come in.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::account::{Account, AccountStatus, VerificationStatus};
use crate::decide::{Change, Draft};
use crate::entry::{EntryKey, Fingerprint, LedgerAccount, transfer};
use crate::fact::Fact;
use crate::ids::DepositId;
use crate::money::Money;
use crate::person::refuse_closed;
use crate::refusal::Refusal;
use crate::rules::Rules;

/// How long a player has to pay before the payment page closes.
const TIME_TO_PAY: jiff::SignedDuration = jiff::SignedDuration::from_hours(1);

/// One deposit of a player.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deposit {
    /// Its id, and the merchant reference at the payment provider.
    pub id: DepositId,
    /// What the player asked to pay.
    pub amount: Money,
    /// The cashier method, such as `card`.
    pub method: String,
    /// The payment provider that serves the method.
    pub vendor: String,
    /// Where the player goes after paying.
    pub return_url: String,
    /// How far it is.
    pub status: DepositStatus,
    /// The payment page, once the provider opened one.
    pub redirect_url: Option<String>,
    /// The provider's id of the payment, once known.
    pub psp_reference: Option<String>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When the payment page closes. Money that still arrives later is credited all the same.
    pub expires_at: Timestamp,
}

/// How far a deposit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DepositStatus {
    /// Asked for; the provider has not opened a payment page yet.
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
    /// Other money came than was asked for: nothing credited, staff must decide.
    Quarantined,
}

impl DepositStatus {
    /// The name on the wire. A deposit in quarantine is still pending to the player.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created | Self::Pending | Self::Quarantined => "pending",
            Self::Authorised => "authorised",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// Whether the provider may still bring it forward in the ordinary way.
    const fn is_open(self) -> bool {
        matches!(self, Self::Created | Self::Pending | Self::Authorised)
    }
}

/// A request to pay in.
#[derive(Clone, Debug)]
pub struct RequestDeposit {
    /// The idempotency key's entry.
    pub key: EntryKey,
    /// The new deposit's id.
    pub deposit: DepositId,
    /// How much.
    pub amount: Money,
    /// The cashier method.
    pub method: String,
    /// The payment provider that serves the method.
    pub vendor: String,
    /// Where the player goes after paying.
    pub return_url: String,
}

/// What a payment provider says of a deposit.
#[derive(Clone, Debug)]
pub struct DepositNotice {
    /// The notification's entry: its deduplication key.
    pub key: EntryKey,
    /// The deposit it speaks of.
    pub deposit: DepositId,
    /// What happened.
    pub event: DepositEvent,
}

/// The canonical events of a deposit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DepositEvent {
    /// The provider opened a payment page.
    Opened {
        /// Where the player pays.
        redirect_url: String,
        /// The provider's id of the payment page.
        psp_reference: String,
    },
    /// The money is reserved.
    Authorised {
        /// The reserved amount.
        amount: Money,
        /// The provider's id of the payment.
        psp_reference: String,
    },
    /// The money is ours.
    Captured {
        /// The amount taken.
        amount: Money,
        /// The provider's id of the payment.
        psp_reference: String,
    },
    /// The provider declined.
    Declined,
    /// The player gave up.
    Cancelled,
    /// The player did not pay in time.
    Expired,
}

pub(crate) fn request(
    account: &Account,
    command: &RequestDeposit,
    rules: &Rules,
    now: Timestamp,
) -> Result<Draft, Refusal> {
    refuse_closed(account)?;
    if rules.verified_before_deposit && account.verification.status != VerificationStatus::Approved {
        return Err(Refusal::NotVerified);
    }
    if command.amount.currency() != account.wallet.currency() {
        return Err(Refusal::WrongCurrency);
    }
    if !command.amount.is_positive() {
        return Err(Refusal::NotPositive);
    }
    let deposit = Deposit {
        id: command.deposit,
        amount: command.amount,
        method: command.method.clone(),
        vendor: command.vendor.clone(),
        return_url: command.return_url.clone(),
        status: DepositStatus::Created,
        redirect_url: None,
        psp_reference: None,
        requested_at: now,
        expires_at: now.saturating_add(TIME_TO_PAY).unwrap_or(Timestamp::MAX),
    };
    let fact = Fact::DepositRequested {
        deposit: deposit.id,
        amount: deposit.amount,
        method: deposit.method.clone(),
    };
    let reference = Change::Reference(deposit.id.to_string());
    Ok(Draft::of(account, fact).with(reference).with(Change::Deposit(deposit)))
}

pub(crate) fn notice(
    account: &Account,
    notice: &DepositNotice,
    found: Option<&Deposit>,
) -> Result<Draft, Refusal> {
    let deposit = found.ok_or(Refusal::NotFound)?;
    let mut next = deposit.clone();
    let (fact, postings) = match &notice.event {
        DepositEvent::Opened { redirect_url, psp_reference } => {
            if deposit.redirect_url.is_some() || !deposit.status.is_open() {
                return Err(Refusal::Outdated);
            }
            next.redirect_url = Some(redirect_url.clone());
            next.psp_reference = Some(psp_reference.clone());
            if next.status == DepositStatus::Created {
                next.status = DepositStatus::Pending;
            }
            (progressed(&next), Vec::new())
        }
        DepositEvent::Authorised { amount, psp_reference } => {
            if !matches!(deposit.status, DepositStatus::Created | DepositStatus::Pending) {
                return Err(Refusal::Outdated);
            }
            next.psp_reference = Some(psp_reference.clone());
            // Reserved money that does not match is left to run out: only a capture moves anything.
            next.status = if *amount == deposit.amount {
                DepositStatus::Authorised
            } else {
                DepositStatus::Quarantined
            };
            (progressed(&next), Vec::new())
        }
        DepositEvent::Captured { amount, psp_reference } => {
            if deposit.status == DepositStatus::Completed {
                return Err(Refusal::Outdated);
            }
            next.psp_reference = Some(psp_reference.clone());
            let from = LedgerAccount::Psp(deposit.vendor.clone());
            let matches = *amount == deposit.amount && account.status == AccountStatus::Active;
            if matches && deposit.status != DepositStatus::Quarantined {
                next.status = DepositStatus::Completed;
                (completed(account, deposit), transfer(from, LedgerAccount::Cash, *amount)?)
            } else {
                next.status = DepositStatus::Quarantined;
                let fact = Fact::DepositQuarantined { deposit: deposit.id, received: *amount };
                (fact, transfer(from, LedgerAccount::Suspense, *amount)?)
            }
        }
        DepositEvent::Declined => ended(deposit, &mut next, DepositStatus::Failed)?,
        DepositEvent::Cancelled => ended(deposit, &mut next, DepositStatus::Cancelled)?,
        DepositEvent::Expired => ended(deposit, &mut next, DepositStatus::Expired)?,
    };
    let mut draft = Draft::moving(account, fact, postings);
    if next.status == DepositStatus::Completed {
        draft.account.deposits = account.deposits.saturating_add(1);
    }
    Ok(draft.with(Change::Deposit(next)))
}

fn progressed(deposit: &Deposit) -> Fact {
    Fact::DepositProgressed { deposit: deposit.id, status: deposit.status }
}

fn completed(account: &Account, deposit: &Deposit) -> Fact {
    Fact::DepositCompleted {
        deposit: deposit.id,
        amount: deposit.amount,
        method: deposit.method.clone(),
        first: account.deposits == 0,
    }
}

/// A deposit ends without money only while it is open: a late refusal never undoes a credit.
fn ended(
    deposit: &Deposit,
    next: &mut Deposit,
    status: DepositStatus,
) -> Result<(Fact, Vec<crate::entry::Posting>), Refusal> {
    if !deposit.status.is_open() {
        return Err(Refusal::Outdated);
    }
    next.status = status;
    Ok((progressed(next), Vec::new()))
}

impl RequestDeposit {
    /// What a repeat with the same idempotency key must match.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(["deposit", &self.amount.to_string(), &self.method, &self.return_url])
    }
}

impl DepositNotice {
    /// What a repeat of the notification must match.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let (name, amount) = match &self.event {
            DepositEvent::Opened { .. } => ("opened", None),
            DepositEvent::Authorised { amount, .. } => ("authorised", Some(amount)),
            DepositEvent::Captured { amount, .. } => ("captured", Some(amount)),
            DepositEvent::Declined => ("declined", None),
            DepositEvent::Cancelled => ("cancelled", None),
            DepositEvent::Expired => ("expired", None),
        };
        let amount = amount.map(Money::to_string).unwrap_or_default();
        Fingerprint::of([name, &self.deposit.to_string(), &amount])
    }
}
