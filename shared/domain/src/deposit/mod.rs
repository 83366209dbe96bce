//! Deposits: from the request to the credit, whatever order the payment provider's messages come in.

mod reversal;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::account::{Account, AccountStatus, VerificationStatus};
use crate::decide::Change;
use crate::draft::Draft;
use crate::entry::{EntryKey, Fingerprint, LedgerAccount, transfer};
use crate::fact::Fact;
use crate::ids::{DepositId, StaffId};
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
    /// What arrived: credited, or in quarantine. Less than was asked for, if only a part was captured.
    pub received: Option<Money>,
    /// How much of it went back: refunded, charged back, or returned out of quarantine.
    pub gone_back: Option<Money>,
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
    /// All of it went back.
    Refunded,
    /// The player's bank took it back.
    ChargedBack,
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
            Self::Refunded => "refunded",
            Self::ChargedBack => "charged_back",
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
    /// Credited money, or a part of it, went back by our will.
    Refunded {
        /// How much.
        amount: Money,
    },
    /// The player's bank took credited money, or a part of it, back.
    ChargedBack {
        /// How much.
        amount: Money,
    },
    /// The dispute is won: what was charged back is ours again.
    ChargebackReversed {
        /// How much.
        amount: Money,
    },
    /// Staff credits what is in quarantine.
    Accepted {
        /// Who.
        by: StaffId,
    },
    /// What was in quarantine went back to where it came from.
    Returned {
        /// Who of the staff decided so.
        by: StaffId,
    },
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
        received: None,
        gone_back: None,
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
    if !notice.event.is_ours() && notice.key.integration != deposit.vendor {
        return Err(Refusal::NotFound);
    }
    match &notice.event {
        DepositEvent::Opened { redirect_url, psp_reference } => {
            if deposit.redirect_url.is_some() || !deposit.status.is_open() {
                return Err(Refusal::Outdated);
            }
            let status = match deposit.status {
                DepositStatus::Created => DepositStatus::Pending,
                other => other,
            };
            let next = Deposit {
                status,
                redirect_url: Some(redirect_url.clone()),
                psp_reference: Some(psp_reference.clone()),
                ..deposit.clone()
            };
            Ok(progressed(account, next))
        }
        DepositEvent::Authorised { amount, psp_reference } => {
            if !matches!(deposit.status, DepositStatus::Created | DepositStatus::Pending) {
                return Err(Refusal::Outdated);
            }
            // Reserved money that does not match is left to run out: only a capture moves anything.
            let matches = *amount == deposit.amount;
            let status = if matches { DepositStatus::Authorised } else { DepositStatus::Quarantined };
            Ok(progressed(
                account,
                Deposit { status, psp_reference: Some(psp_reference.clone()), ..deposit.clone() },
            ))
        }
        DepositEvent::Captured { amount, psp_reference } => {
            captured(account, deposit, *amount, psp_reference.clone())
        }
        DepositEvent::Declined => ended(account, deposit, DepositStatus::Failed),
        DepositEvent::Cancelled => ended(account, deposit, DepositStatus::Cancelled),
        DepositEvent::Expired => ended(account, deposit, DepositStatus::Expired),
        DepositEvent::Refunded { amount } => reversal::refunded(account, deposit, *amount),
        DepositEvent::ChargedBack { amount } => reversal::charged_back(account, deposit, *amount),
        DepositEvent::ChargebackReversed { amount } => reversal::won_back(account, deposit, *amount),
        DepositEvent::Accepted { .. } => reversal::accepted(account, deposit),
        DepositEvent::Returned { .. } => reversal::returned(account, deposit),
    }
}

/// The money is ours, however late. It is credited if it is no more than was asked for, in the same currency, and
/// the account is still in use; else staff must decide.
fn captured(
    account: &Account,
    deposit: &Deposit,
    amount: Money,
    psp_reference: String,
) -> Result<Draft, Refusal> {
    if deposit.received.is_some() {
        return Err(Refusal::Outdated);
    }
    if !amount.is_positive() {
        return Err(Refusal::NotPositive);
    }
    let next = Deposit { psp_reference: Some(psp_reference), received: Some(amount), ..deposit.clone() };
    let from = LedgerAccount::Psp(deposit.vendor.clone());
    let fits = deposit.amount.minus(amount).is_ok_and(|rest| !rest.is_negative());
    if fits && account.status == AccountStatus::Active && deposit.status != DepositStatus::Quarantined {
        return credited(account, next, amount, from);
    }
    let fact = Fact::DepositQuarantined { deposit: deposit.id, received: amount };
    let postings = transfer(from, LedgerAccount::Suspense, amount)?;
    let next = Deposit { status: DepositStatus::Quarantined, ..next };
    Ok(Draft::moving(account, fact, postings).with(Change::Deposit(next)))
}

/// Money reaches the player.
fn credited(
    account: &Account,
    deposit: Deposit,
    amount: Money,
    from: LedgerAccount,
) -> Result<Draft, Refusal> {
    let fact = Fact::DepositCompleted {
        deposit: deposit.id,
        amount,
        method: deposit.method.clone(),
        first: account.deposits == 0,
    };
    let mut draft = Draft::moving(account, fact, transfer(from, LedgerAccount::Cash, amount)?);
    draft.account.deposits = account.deposits.saturating_add(1);
    let next = Deposit { status: DepositStatus::Completed, ..deposit };
    Ok(draft.with(Change::Deposit(next)))
}

fn progressed(account: &Account, next: Deposit) -> Draft {
    let fact = Fact::DepositProgressed { deposit: next.id, status: next.status };
    Draft::of(account, fact).with(Change::Deposit(next))
}

/// A deposit ends without money only while it is open: a late refusal never undoes a credit.
fn ended(account: &Account, deposit: &Deposit, status: DepositStatus) -> Result<Draft, Refusal> {
    if !deposit.status.is_open() {
        return Err(Refusal::Outdated);
    }
    Ok(progressed(account, Deposit { status, ..deposit.clone() }))
}

impl DepositEvent {
    /// Whether it changes what became of money that had come.
    #[must_use]
    pub const fn is_reversal(&self) -> bool {
        matches!(self, Self::Refunded { .. } | Self::ChargedBack { .. } | Self::ChargebackReversed { .. })
    }

    /// Whether we say so ourselves: all else must come from the provider that serves the deposit.
    const fn is_ours(&self) -> bool {
        matches!(self, Self::Opened { .. } | Self::Accepted { .. } | Self::Returned { .. } | Self::Expired)
    }
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
            DepositEvent::Refunded { amount } => ("refunded", Some(amount)),
            DepositEvent::ChargedBack { amount } => ("charged_back", Some(amount)),
            DepositEvent::ChargebackReversed { amount } => ("chargeback_reversed", Some(amount)),
            DepositEvent::Accepted { .. } => ("accepted", None),
            DepositEvent::Returned { .. } => ("returned", None),
        };
        let amount = amount.map(Money::to_string).unwrap_or_default();
        Fingerprint::of([name, &self.deposit.to_string(), &amount])
    }
}
