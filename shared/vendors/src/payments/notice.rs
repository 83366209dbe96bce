//! What providers tell, in our words.

use domain::EntryKey;
use domain::cashier::{Funding, InstrumentIdentity, InstrumentKind};
use domain::deposit::DepositEvent;
use domain::withdrawal::WithdrawalEvent;

/// One thing a provider tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentNotice {
    /// What makes it count once.
    pub key: EntryKey,
    /// Our id of what it speaks of, as the provider repeats it: nothing vouches that we know it.
    pub reference: String,
    /// What it tells.
    pub kind: NoticeKind,
    /// Its place among the provider's notices on the same payment, if the provider tells: later is higher.
    pub order: Option<u64>,
    /// The provider's id of the payment or payout it speaks of, if it tells.
    pub psp_reference: Option<String>,
    /// The provider's id of the refund it speaks of, if it speaks of one and tells.
    pub refund: Option<String>,
    /// What the player paid with, if the provider tells.
    pub instrument: Option<PaidWith>,
    /// How what it hints at ended, if it says so: the provider's record, when it is asked for, has to say as much.
    pub ending: Option<Ending>,
}

/// How something ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The money moved.
    Done,
    /// It did not, or it came back.
    Failed,
}

/// What a player paid with.
#[derive(Clone, PartialEq, Eq)]
pub struct PaidWith {
    /// What it is.
    pub kind: InstrumentKind,
    /// The provider's own token, to which it pays out again. It says nothing about the person.
    pub token: Option<String>,
    /// The last digits, at most four.
    pub last_digits: Option<String>,
    /// Whose money it spends, if it is a card.
    pub funding: Option<Funding>,
    /// The holder's name: personal data, to be compared and forgotten.
    pub holder: Option<String>,
    /// What is the same whoever pays with it, if the provider tells: personal data, to be hashed and forgotten.
    pub identity: Option<InstrumentIdentity>,
    /// Whether the provider vouches for all of this, by its signature or its answer.
    pub proven: bool,
}

impl std::fmt::Debug for PaidWith {
    /// Without the person.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("PaidWith")
            .field("kind", &self.kind)
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}

impl PaidWith {
    /// An instrument of which nothing more is known, for which the provider vouches.
    pub(crate) const fn new(kind: InstrumentKind) -> Self {
        Self {
            kind,
            token: None,
            last_digits: None,
            funding: None,
            holder: None,
            identity: None,
            proven: true,
        }
    }
}

/// The last digits of a number, if it has as many. Never more than four: more would be most of a card's number.
pub(crate) fn last_digits(text: &str) -> Option<String> {
    const SHOWN: usize = 4;
    let start = text.len().checked_sub(SHOWN)?;
    text.get(start..).filter(|last| last.bytes().all(|byte| byte.is_ascii_alphanumeric())).map(str::to_owned)
}

/// The kinds of notices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// Something happened to a deposit.
    Deposit(DepositEvent),
    /// Something happened to a withdrawal.
    Withdrawal(WithdrawalEvent),
    /// Something happened, but the notice does not say, or does not prove, enough of it: the provider tells the
    /// rest when asked.
    Hint(Subject),
    /// A known step from which nothing follows.
    Noted,
    /// Nothing we act upon by ourselves: staff should see it.
    Unhandled {
        /// The provider's word for it.
        event_code: String,
    },
}

/// What a provider can be asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A payment of a player's.
    Payment {
        /// Our id of the deposit; empty if not known.
        reference: String,
        /// The provider's id, if known.
        psp_reference: Option<String>,
    },
    /// A payout to a player.
    Payout {
        /// Our id of the withdrawal; empty if not known.
        reference: String,
        /// The provider's id, if known.
        psp_reference: Option<String>,
    },
    /// Money of a payment on its way back.
    Refund {
        /// Our id of the refund; empty if not known.
        reference: String,
        /// The provider's id of the payment.
        payment: String,
        /// The provider's id of the refund, if known.
        refund: Option<String>,
    },
}

impl NoticeKind {
    /// Whether a record that tells so is behind a notification of the end.
    #[must_use]
    pub const fn is_behind(&self, ending: Ending) -> bool {
        match self {
            Self::Noted | Self::Deposit(DepositEvent::Authorised { .. }) => true,
            // What was sent may fail afterwards.
            Self::Withdrawal(WithdrawalEvent::Paid { .. }) | Self::Deposit(DepositEvent::Refunded { .. }) => {
                matches!(ending, Ending::Failed)
            }
            _ => false,
        }
    }
}

impl PaymentNotice {
    /// A notice with neither order, payment, refund, instrument nor ending.
    pub(crate) fn new(integration: &str, id: impl Into<String>, reference: &str, kind: NoticeKind) -> Self {
        Self {
            key: EntryKey::new(integration, id.into()),
            reference: reference.to_owned(),
            kind,
            order: None,
            psp_reference: None,
            refund: None,
            instrument: None,
            ending: None,
        }
    }
}
