//! Free rounds: a vendor gives them to a player because we ask for it. What they win comes by the wallet's calls.

use domain::Money;
use domain::ids::FreeRoundsId;
use domain::play::Gift;

use crate::call::{CallFailure, InboundAnswer, OutboundCall};

/// A vendor that gives players free rounds.
pub trait FreeRounds: Send + Sync {
    /// Whether the same call again gives nothing twice. If not, nobody may repeat it without knowing what came of it.
    fn gives_once(&self) -> bool;

    /// The templates that a gift must follow; none if the vendor has none.
    fn templates(&self) -> Option<&dyn Templates> {
        None
    }

    /// The call that gives them.
    fn give_call(&self, gift: &Gift) -> Result<OutboundCall, NoGift>;

    /// The vendor's id of what was given now; none if it had been given before.
    fn given(&self, answer: &InboundAnswer) -> Result<Option<String>, CallFailure>;

    /// What takes them back again; none if the vendor does not.
    fn revocation(&self) -> Option<&dyn Revocation> {
        None
    }
}

/// A vendor that has templates for free rounds, agreed on with it.
pub trait Templates: Send + Sync {
    /// The call that asks for them.
    fn templates_call(&self) -> Result<OutboundCall, CallFailure>;

    /// The templates out of the vendor's answer.
    fn templates(&self, answer: &InboundAnswer) -> Result<Vec<Template>, CallFailure>;
}

/// A vendor that takes free rounds back. Those that are being played go on.
pub trait Revocation: Send + Sync {
    /// The call that takes them back, by our id of them or the vendor's, if it told one. To be repeated as it is.
    fn revoke_call(&self, id: FreeRoundsId, reference: Option<&str>) -> Result<OutboundCall, CallFailure>;

    /// Whether they were taken back.
    fn revoked(&self, answer: &InboundAnswer) -> Result<Revoked, CallFailure>;
}

/// What became of free rounds that were to be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// They are taken back.
    Now,
    /// The vendor has none of this id: they were taken back before, or never given.
    NotThere,
}

/// A template for free rounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// The vendor's id.
    pub id: String,
    /// The game, by the vendor's code; none if it has none.
    pub game: Option<String>,
    /// The currency, as the vendor writes it.
    pub currency: Option<String>,
    /// How many rounds; none leaves it to us.
    pub rounds: Option<u32>,
    /// What the stake of a round is; none leaves it to us.
    pub round_value: Option<Money>,
}

/// Why a gift is none that the vendor could give.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoGift {
    /// A part of it.
    #[error("{part} {why}")]
    Part {
        /// Which, by its name in [`Gift`].
        part: &'static str,
        /// What it must be.
        why: &'static str,
    },
    /// The call cannot be made.
    #[error(transparent)]
    NoCall(#[from] CallFailure),
}

impl NoGift {
    /// A part that is not as the vendor takes it.
    pub(super) const fn part(part: &'static str, why: &'static str) -> Self {
        Self::Part { part, why }
    }
}
