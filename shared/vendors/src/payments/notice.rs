//! What providers tell, in our words.

use domain::EntryKey;
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
    /// What the player paid with, if the provider tells: its own token, to which it pays out again. It says nothing
    /// about the person.
    pub instrument: Option<String>,
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
        /// The provider's id of the payment.
        payment: String,
        /// The provider's id of the refund.
        refund: String,
    },
}

impl PaymentNotice {
    /// A notice with neither order nor instrument.
    pub(crate) fn new(integration: &str, id: impl Into<String>, reference: &str, kind: NoticeKind) -> Self {
        Self {
            key: EntryKey::new(integration, id.into()),
            reference: reference.to_owned(),
            kind,
            order: None,
            instrument: None,
        }
    }
}
