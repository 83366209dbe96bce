//! What providers are asked to do, and how they take it on.

use domain::cashier::InstrumentKind;
use domain::deposit::RefundReference;
use domain::ids::{DepositId, PlayerId};
use domain::withdrawal::PayoutReference;
use domain::{Money, Timestamp};

use super::PaymentNotice;

/// A payment page to be opened.
#[derive(Clone, Debug)]
pub struct PaymentRequest {
    /// The deposit.
    pub deposit: DepositId,
    /// Who pays.
    pub player: PlayerId,
    /// What the player chose to pay with: the page offers nothing else, as far as the provider can be told.
    pub kind: InstrumentKind,
    /// The person, for providers that must be told.
    pub payer: Option<Payer>,
    /// How much.
    pub amount: Money,
    /// Where the player goes after paying.
    pub return_url: String,
    /// When the page closes.
    pub expires_at: Timestamp,
}

/// The person who pays.
#[derive(Clone)]
pub struct Payer {
    /// Given names.
    pub first_name: String,
    /// Family names.
    pub last_name: String,
    /// E-mail address.
    pub email: String,
    /// Residence, ISO 3166-1 alpha-2.
    pub country: String,
}

/// A payment page, open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentPage {
    /// Where the player pays.
    pub redirect_url: String,
    /// The provider's id of the page, or ours if it has none.
    pub psp_reference: String,
}

/// Money to be sent to a player.
#[derive(Clone)]
pub struct PayoutRequest {
    /// Our reference of it: a repeat with the same reference is the same payout.
    pub reference: PayoutReference,
    /// Whose it is.
    pub player: PlayerId,
    /// How much.
    pub amount: Money,
    /// Where to.
    pub destination: Destination,
}

/// Where a payout goes.
#[derive(Clone, PartialEq, Eq)]
pub enum Destination {
    /// A bank account.
    BankAccount {
        /// Whose account it is.
        holder: String,
        /// The account.
        iban: String,
    },
    /// What the player paid with: the closed loop.
    Instrument {
        /// The provider's own token.
        token: String,
        /// Whose it is, for providers that must be told.
        holder: Option<Holder>,
    },
}

/// Whose an instrument is.
#[derive(Clone, PartialEq, Eq)]
pub struct Holder {
    /// Given names.
    pub first_name: String,
    /// Family names.
    pub last_name: String,
}

/// A payout in the provider's hands: taken on, not yet paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenPayout {
    /// The provider's id of the payout; none if it says no more than that it has it already.
    pub psp_reference: Option<String>,
}

/// Money of a payment to be sent back.
#[derive(Clone, Debug)]
pub struct RefundRequest {
    /// Our reference of it: a repeat with the same reference is the same refund.
    pub reference: RefundReference,
    /// The provider's id of the payment.
    pub psp_reference: String,
    /// How much.
    pub amount: Money,
}

/// A refund in the provider's hands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenRefund {
    /// The provider's id of the refund; none if it has none of its own, or says no more than that it has it already.
    pub psp_reference: Option<String>,
    /// What to act upon at once, if no notification will tell.
    pub notice: Option<PaymentNotice>,
}

impl std::fmt::Debug for Payer {
    /// Without the person.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Payer")
    }
}

impl std::fmt::Debug for Destination {
    /// Without the account.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::BankAccount { .. } => "BankAccount",
            Self::Instrument { .. } => "Instrument",
        })
    }
}

impl std::fmt::Debug for PayoutRequest {
    /// Without the person.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("PayoutRequest")
            .field("reference", &self.reference)
            .field("amount", &self.amount)
            .finish_non_exhaustive()
    }
}
