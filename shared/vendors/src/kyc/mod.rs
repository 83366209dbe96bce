//! Identity vendors: one folder each. Each turns its own protocol into the canonical reports and calls below.

#[cfg(test)]
mod bench;
mod findings;
pub mod onfido;
mod registry;
pub mod sumsub;
pub mod veriff;

use domain::ids::PlayerId;
use domain::{Date, EntryKey, Timestamp};

use crate::call::{Authentic, CallFailure, InboundAnswer, Malformed, RawCall, Receipt, Reply};
use crate::conversation::Step;
use crate::proof::Unauthentic;

pub use findings::{Document, Findings, Person, Watchlist};
pub use registry::{Configured, IdentityVendor, Unusable, configured, named};

/// A vendor that notifies us. Pure: bytes in, canonical report out; receipt in, bytes out.
pub trait IdentityWebhook: Send + Sync {
    /// The name its reports carry in the ledger, such as `sumsub`.
    fn integration(&self) -> &'static str;

    /// Checks that the call comes from the vendor.
    fn verify<'a>(&self, call: RawCall<'a>) -> Result<Authentic<'a>, Unauthentic>;

    /// Reads what is reported.
    fn parse(&self, call: &Authentic<'_>) -> Result<VerificationReport, Malformed>;

    /// Looks up what a report refers to: the next call, or what all answers so far, oldest first, come to.
    fn look_up(
        &self,
        reference: &Reference,
        answers: &[InboundAnswer],
        now: Timestamp,
    ) -> Result<Step<Findings>, CallFailure>;

    /// Writes the answer.
    fn render(&self, receipt: Receipt) -> Reply;
}

/// A vendor that checks players' identities on pages of its own.
pub trait IdentityCheck: Send + Sync {
    /// The vendor's name for what it checks of a jurisdiction's players, if it has one.
    fn level(&self, jurisdiction: &str) -> Option<&str>;

    /// Lets a player begin, or go on: the next call, or the way in out of all answers so far, oldest first.
    fn enter(
        &self,
        request: &VerificationRequest,
        answers: &[InboundAnswer],
        now: Timestamp,
    ) -> Result<Step<Entrance>, CallFailure>;
}

/// What a vendor reports. Without a player or a status there is nothing to act upon: staff should see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerificationReport {
    /// What makes it count once.
    pub key: EntryKey,
    /// The vendor's word for what happened.
    pub event: String,
    /// What the report itself tells.
    pub findings: Findings,
    /// Where the vendor keeps the rest, if the report is only a hint of it.
    pub reference: Option<Reference>,
    /// Whether it is known to change nothing: neither the core nor staff need it.
    pub routine: bool,
}

/// Something that a vendor keeps and tells when asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// What kind of thing, in the vendor module's own words.
    pub(crate) kind: &'static str,
    /// Its id: letters, digits, dashes and underscores only, so that it can stand in a path.
    pub(crate) id: String,
}

/// A verification to begin.
#[derive(Clone)]
pub struct VerificationRequest {
    /// Whose identity.
    pub player: PlayerId,
    /// The rules the player plays under: they decide what is checked.
    pub jurisdiction: String,
    /// Given names, as the player claims.
    pub first_name: String,
    /// Family names, as the player claims.
    pub last_name: String,
    /// Day of birth, as the player claims.
    pub birth_date: Date,
    /// Whether what the vendor found before no longer counts, so that everything is to be handed in again.
    pub anew: bool,
    /// Where the player goes afterwards, if anywhere.
    pub return_url: Option<String>,
}

/// A player's way to the vendor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entrance {
    /// A page to open.
    RedirectUrl(String),
    /// A token for the vendor's widget in a page of ours.
    SdkToken(String),
}
