//! Payment providers: one folder each. Each turns its own protocol into the canonical notices and calls below.

pub mod adyen;

use domain::deposit::DepositEvent;
use domain::ids::{DepositId, PlayerId, WithdrawalId};
use domain::withdrawal::WithdrawalEvent;
use domain::{EntryKey, Money, Timestamp};

use crate::call::{Authentic, CallFailure, InboundAnswer, Malformed, OutboundCall, RawCall, Receipt, Reply};
use crate::proof::Unauthentic;

/// A provider that notifies us. Pure: bytes in, canonical notices out; receipt in, bytes out.
pub trait PaymentWebhook: Send + Sync {
    /// The name its notices carry in the ledger, such as `adyen`.
    fn integration(&self) -> &'static str;

    /// Checks that the call comes from the provider.
    fn verify<'a>(&self, call: RawCall<'a>) -> Result<Authentic<'a>, Unauthentic>;

    /// Reads everything the call tells.
    fn parse(&self, call: &Authentic<'_>) -> Result<Vec<PaymentNotice>, Malformed>;

    /// Writes the answer.
    fn render(&self, receipt: Receipt) -> Reply;
}

/// A provider with payment pages of its own.
pub trait PayIn: Send + Sync {
    /// The call that opens a payment page. A repeat opens no second one.
    fn open_payment(&self, request: &PaymentRequest) -> Result<OutboundCall, CallFailure>;

    /// The payment page out of the provider's answer.
    fn payment_page(&self, answer: &InboundAnswer) -> Result<PaymentPage, CallFailure>;
}

/// A provider that sends players their money.
pub trait PayOut: Send + Sync {
    /// The call that sends the money. A repeat sends nothing twice.
    fn pay_out(&self, request: &PayoutRequest) -> Result<OutboundCall, CallFailure>;

    /// What the provider says to it.
    fn payout_taken(&self, answer: &InboundAnswer) -> Result<TakenPayout, CallFailure>;
}

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
}

/// The kinds of notices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// Something happened to a deposit.
    Deposit(DepositEvent),
    /// Something happened to a withdrawal.
    Withdrawal(WithdrawalEvent),
    /// A known step from which nothing follows.
    Noted,
    /// Nothing we act upon by ourselves: staff should see it.
    Unhandled {
        /// The provider's word for it.
        event_code: String,
    },
}

/// A payment page to be opened.
#[derive(Clone, Debug)]
pub struct PaymentRequest {
    /// The deposit.
    pub deposit: DepositId,
    /// Who pays.
    pub player: PlayerId,
    /// How much.
    pub amount: Money,
    /// Where the player goes after paying.
    pub return_url: String,
    /// When the page closes.
    pub expires_at: Timestamp,
}

/// A payment page, open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentPage {
    /// Where the player pays.
    pub redirect_url: String,
    /// The provider's id of the page.
    pub psp_reference: String,
}

/// Money to be sent to a player's bank account.
#[derive(Clone)]
pub struct PayoutRequest {
    /// The withdrawal.
    pub withdrawal: WithdrawalId,
    /// How much.
    pub amount: Money,
    /// Whose account it is.
    pub holder: String,
    /// The account.
    pub iban: String,
}

/// A payout in the provider's hands: taken on, not yet paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenPayout {
    /// The provider's id of the payout.
    pub psp_reference: String,
}

impl std::fmt::Debug for PayoutRequest {
    /// Without the person.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("PayoutRequest")
            .field("withdrawal", &self.withdrawal)
            .field("amount", &self.amount)
            .finish_non_exhaustive()
    }
}
