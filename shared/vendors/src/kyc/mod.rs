//! Identity vendors: one folder each. Each turns its own protocol into the canonical reports and calls below.

pub mod sumsub;

use domain::account::VerificationStatus;
use domain::ids::PlayerId;
use domain::{EntryKey, Timestamp};

use crate::call::{Authentic, CallFailure, InboundAnswer, Malformed, OutboundCall, RawCall, Receipt, Reply};
use crate::proof::Unauthentic;

/// A vendor that notifies us. Pure: bytes in, canonical report out; receipt in, bytes out.
pub trait IdentityWebhook: Send + Sync {
    /// The name its reports carry in the ledger, such as `sumsub`.
    fn integration(&self) -> &'static str;

    /// Checks that the call comes from the vendor.
    fn verify<'a>(&self, call: RawCall<'a>) -> Result<Authentic<'a>, Unauthentic>;

    /// Reads what is reported.
    fn parse(&self, call: &Authentic<'_>) -> Result<VerificationReport, Malformed>;

    /// Writes the answer.
    fn render(&self, receipt: Receipt) -> Reply;
}

/// A vendor that checks players' identities on pages of its own.
pub trait IdentityCheck: Send + Sync {
    /// The call that lets a player begin, or go on.
    fn start(&self, request: &VerificationRequest, now: Timestamp) -> Result<OutboundCall, CallFailure>;

    /// The player's way in, out of the vendor's answer.
    fn started(&self, answer: &InboundAnswer) -> Result<Entrance, CallFailure>;
}

/// What a vendor reports. Without a player or a status there is nothing to act upon: staff should see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerificationReport {
    /// What makes it count once.
    pub key: EntryKey,
    /// The player, if the vendor repeats an id of ours: nothing vouches that there is such a player.
    pub player: Option<PlayerId>,
    /// The status it leads to, if it speaks of one.
    pub status: Option<VerificationStatus>,
    /// The vendor's own time of it; whether it is the newest is for the core to judge.
    pub as_of: Timestamp,
    /// The vendor's word for what happened.
    pub event: String,
}

/// A verification to begin.
#[derive(Clone, Debug)]
pub struct VerificationRequest {
    /// Whose identity.
    pub player: PlayerId,
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
