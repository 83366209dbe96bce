//! Deposits: from the request to the credit, whatever order the payment provider's messages come in.

mod notice;
mod refund;
mod reversal;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::account::Account;
use crate::cashier::{Instrument, InstrumentFingerprint};
use crate::decide::Change;
use crate::draft::Draft;
use crate::entry::{EntryKey, Fingerprint};
use crate::fact::Fact;
use crate::ids::{DepositId, StaffId};
use crate::money::{Money, MoneyError};
use crate::person::refuse_closed;
use crate::refusal::Refusal;
use crate::rules::Rules;

pub(crate) use notice::notice;
pub(crate) use refund::request as request_refund;
pub use refund::{Refund, RefundReference, RefundStatus, RequestRefund};

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
    /// Whether the method vouches for its wallets not being filled by what cards must not spend.
    pub attested: bool,
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
    /// What it was paid with, as far as the provider told.
    pub instrument: Option<Instrument>,
    /// What arrived: credited, or in quarantine. Less than was asked for, if only a part was captured.
    pub received: Option<Money>,
    /// How much of it went back: refunded, charged back, or returned out of quarantine. It may be more than was received:
    /// the player's bank asks nobody what was refunded.
    pub gone_back: Option<Money>,
    /// How much of that the player's bank took, and did not give again.
    pub charged_back: Option<Money>,
    /// The refunds that staff ordered, oldest first.
    pub refunds: Vec<Refund>,
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
    /// What was in quarantine went back: none of it was ever credited.
    Returned,
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
            Self::Returned | Self::Refunded => "refunded",
            Self::ChargedBack => "charged_back",
        }
    }

    /// The name for staff, who is told of the quarantine and what came of it.
    #[must_use]
    pub const fn as_staff_str(self) -> &'static str {
        match self {
            Self::Quarantined => "quarantined",
            Self::Returned => "returned",
            other => other.as_str(),
        }
    }

    /// Whether the provider may still bring it forward in the ordinary way.
    #[must_use]
    pub const fn is_open(self) -> bool {
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
    /// Whether the method vouches for its wallets not being filled by what cards must not spend.
    pub attested: bool,
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
    /// The provider's id of the payment it speaks of, if it tells.
    pub payment: Option<String>,
    /// What the player pays with, if it tells.
    pub instrument: Option<Instrument>,
    /// Which refund of ours it speaks of, from one, if it tells.
    pub refund: Option<u8>,
    /// The provider's id of the refund it speaks of, if it tells.
    pub refund_psp_reference: Option<String>,
    /// The message's place among the provider's messages on that refund, if it tells one: later is higher.
    pub order: Option<u64>,
}

/// The canonical events of a deposit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DepositEvent {
    /// A provider opened a payment page: from now on it is the one that serves the deposit.
    Opened {
        /// The provider.
        vendor: String,
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
    /// The provider tells what the player pays with.
    Identified,
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
    /// One more of the staff agrees to a refund.
    RefundApproved {
        /// Who.
        by: StaffId,
    },
    /// Staff refuses a refund.
    RefundRejected {
        /// Who.
        by: StaffId,
    },
    /// The provider took a refund on.
    RefundSubmitted,
    /// The provider could not send a refund, or it came back.
    RefundFailed,
    /// The player's bank took credited money, or a part of it, back.
    ChargedBack {
        /// How much.
        amount: Money,
    },
    /// What the provider told was ours never came.
    CaptureFailed {
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
    if rules.verified_before_deposit && !account.verification.covers(rules, now) {
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
        attested: command.attested,
        vendor: command.vendor.clone(),
        return_url: command.return_url.clone(),
        status: DepositStatus::Created,
        redirect_url: None,
        psp_reference: None,
        instrument: None,
        received: None,
        gone_back: None,
        charged_back: None,
        refunds: Vec::new(),
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

impl DepositEvent {
    /// Whether it changes what became of money that had come.
    #[must_use]
    pub const fn is_reversal(&self) -> bool {
        matches!(
            self,
            Self::Refunded { .. }
                | Self::RefundFailed
                | Self::ChargedBack { .. }
                | Self::CaptureFailed { .. }
                | Self::ChargebackReversed { .. }
        )
    }

    /// Whether we say so ourselves: all else must come from the provider that serves the deposit.
    const fn is_ours(&self) -> bool {
        matches!(
            self,
            Self::Opened { .. }
                | Self::Accepted { .. }
                | Self::Returned { .. }
                | Self::RefundApproved { .. }
                | Self::RefundRejected { .. }
                | Self::Expired
        )
    }
}

impl RequestDeposit {
    /// What a repeat with the same idempotency key must match.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Self::fingerprint_of(self.amount, &self.method, &self.return_url)
    }

    /// The same of what was asked for, whoever would take it on.
    #[must_use]
    pub fn fingerprint_of(amount: Money, method: &str, return_url: &str) -> Fingerprint {
        Fingerprint::of(["deposit", &amount.to_string(), method, return_url])
    }
}

impl Deposit {
    /// What of it was credited, has not gone back and is not about to; none if it was not credited, as is what went
    /// back out of quarantine.
    pub fn credited(&self) -> Result<Option<Money>, MoneyError> {
        if self.was_credited() { self.left()?.minus(self.going_back()?).map(Some) } else { Ok(None) }
    }

    /// Whether the player's bank took money of it, or a part, and did not give it again.
    #[must_use]
    pub fn was_charged_back(&self) -> bool {
        self.charged_back.is_some_and(Money::is_positive)
    }

    /// The instrument that money came from, as far as it can be told from others. Attempts do not count: whoever types
    /// somebody else's number has not paid with it.
    #[must_use]
    pub fn used_instrument(&self) -> Option<&InstrumentFingerprint> {
        self.received.and(self.instrument.as_ref())?.fingerprint.as_ref()
    }

    const fn was_credited(&self) -> bool {
        matches!(self.status, DepositStatus::Completed | DepositStatus::Refunded | DepositStatus::ChargedBack)
    }

    /// Why something is not possible, as far as the deposit is.
    fn wrong_state(&self) -> Refusal {
        Refusal::WrongState { state: self.status.as_staff_str() }
    }

    /// Whether a message speaks of another payment than the one that was received.
    fn is_of_other_payment(&self, told: Option<&String>) -> bool {
        match (told, &self.psp_reference) {
            (Some(told), Some(known)) => self.received.is_some() && told != known,
            _ => false,
        }
    }

    fn identified_by(self, told: Option<&Instrument>) -> Self {
        let instrument = match (self.instrument, told) {
            (Some(known), Some(told)) => Some(known.completed_by(told)),
            (known, told) => known.or_else(|| told.cloned()),
        };
        Self { instrument, ..self }
    }
}

impl DepositNotice {
    /// A notice that names neither the payment nor a refund nor what was paid with.
    #[must_use]
    pub const fn new(key: EntryKey, deposit: DepositId, event: DepositEvent) -> Self {
        Self {
            key,
            deposit,
            event,
            payment: None,
            instrument: None,
            refund: None,
            refund_psp_reference: None,
            order: None,
        }
    }

    /// What a repeat of the notification must match.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let (name, amount) = match &self.event {
            DepositEvent::Opened { .. } => ("opened", None),
            DepositEvent::Authorised { amount, .. } => ("authorised", Some(amount)),
            DepositEvent::Captured { amount, .. } => ("captured", Some(amount)),
            DepositEvent::Identified => ("identified", None),
            DepositEvent::Declined => ("declined", None),
            DepositEvent::Cancelled => ("cancelled", None),
            DepositEvent::Expired => ("expired", None),
            DepositEvent::Refunded { amount } => ("refunded", Some(amount)),
            DepositEvent::RefundApproved { .. } => ("refund_approved", None),
            DepositEvent::RefundRejected { .. } => ("refund_rejected", None),
            DepositEvent::RefundSubmitted => ("refund_submitted", None),
            DepositEvent::RefundFailed => ("refund_failed", None),
            DepositEvent::ChargedBack { amount } => ("charged_back", Some(amount)),
            DepositEvent::CaptureFailed { amount } => ("capture_failed", Some(amount)),
            DepositEvent::ChargebackReversed { amount } => ("chargeback_reversed", Some(amount)),
            DepositEvent::Accepted { .. } => ("accepted", None),
            DepositEvent::Returned { .. } => ("returned", None),
        };
        let amount = amount.map(Money::to_string).unwrap_or_default();
        let (deposit, refund) = (self.deposit.to_string(), self.refund.map(|it| it.to_string()));
        Fingerprint::of([name, &deposit, &amount].into_iter().chain(refund.as_deref()))
    }
}
