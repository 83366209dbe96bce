//! Payment providers: one folder each. Each turns its own protocol into the canonical notices and calls below.

pub mod adyen;
mod decimal;
mod notice;
pub mod nuvei;
mod registry;
mod request;
pub mod truelayer;
pub mod trustly;

use domain::Timestamp;

use crate::call::{Authentic, CallFailure, InboundAnswer, Malformed, OutboundCall, RawCall, Receipt, Reply};
use crate::conversation::Step;
use crate::proof::Unauthentic;

pub use notice::{Ending, NoticeKind, PaidWith, PaymentNotice, Subject};
pub use registry::{Configured, Unusable, configured, named};
pub use request::{
    Destination, Holder, Payer, PaymentPage, PaymentRequest, PayoutRequest, RefundRequest, TakenPayout,
    TakenRefund,
};

/// A provider that notifies us. Pure: bytes in, canonical notices out; receipt in, bytes out.
pub trait PaymentWebhook: Send + Sync {
    /// The name its notices carry in the ledger, such as `adyen`.
    fn integration(&self) -> &'static str;

    /// The call for the keys that the provider publishes, if this call claims to be signed with one not known yet.
    fn missing_keys(&self, _call: RawCall<'_>) -> Option<OutboundCall> {
        None
    }

    /// Learns the keys that the provider published.
    fn learn_keys(&self, _answer: &InboundAnswer) -> Result<(), CallFailure> {
        Ok(())
    }

    /// Checks that the call comes from the provider.
    fn verify<'a>(&self, call: RawCall<'a>, now: Timestamp) -> Result<Authentic<'a>, Unauthentic>;

    /// Reads everything the call tells.
    fn parse(&self, call: &Authentic<'_>) -> Result<Vec<PaymentNotice>, Malformed>;

    /// Writes the answer to a call.
    fn render(&self, call: RawCall<'_>, receipt: Receipt) -> Reply;
}

/// A provider with payment pages of its own.
pub trait PayIn: Send + Sync {
    /// Whether it must be told who pays. If not, it is not told.
    fn wants_payer(&self) -> bool {
        false
    }

    /// Opens a payment page: the next call, or the page out of all answers so far, oldest first. A repeat opens no
    /// second one.
    fn open_payment(
        &self,
        request: &PaymentRequest,
        answers: &[InboundAnswer],
        now: Timestamp,
    ) -> Result<Step<PaymentPage>, CallFailure>;
}

/// A provider that sends players their money.
pub trait PayOut: Send + Sync {
    /// Whether it must be told whose instrument it pays to. If not, it is not told.
    fn wants_holder(&self) -> bool {
        false
    }

    /// Sends the money: the next call, or what the provider said to it. A repeat sends nothing twice.
    fn pay_out(
        &self,
        request: &PayoutRequest,
        answers: &[InboundAnswer],
        now: Timestamp,
    ) -> Result<Step<TakenPayout>, CallFailure>;
}

/// A provider that sends a payment, or a part of it, back to where it came from.
pub trait Refunds: Send + Sync {
    /// Sends money back: the next call, or what the provider said to it. A repeat sends nothing twice.
    fn refund(
        &self,
        request: &RefundRequest,
        answers: &[InboundAnswer],
        now: Timestamp,
    ) -> Result<Step<TakenRefund>, CallFailure>;
}

/// A provider that tells what became of something when it is asked.
pub trait StatusQuery: Send + Sync {
    /// Whether it finds a payout or a refund by our own reference alone, and tells by an empty answer that it knows
    /// none.
    fn finds_payouts(&self) -> bool {
        false
    }

    /// Asks: the next call, or what the answers tell. Refused where the provider has no such answer.
    ///
    /// What is told twice, here and in a notification, has the same key or has no effect the second time.
    fn look_up(
        &self,
        subject: &Subject,
        answers: &[InboundAnswer],
        now: Timestamp,
    ) -> Result<Step<Vec<PaymentNotice>>, CallFailure>;
}

/// A payment provider with all it does.
pub trait PaymentProvider: PaymentWebhook + PayIn + PayOut + Refunds + StatusQuery {}

impl<P: PaymentWebhook + PayIn + PayOut + Refunds + StatusQuery> PaymentProvider for P {}
