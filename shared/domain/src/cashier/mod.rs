//! The cashier: by which methods money comes in and goes out, through which provider, back to where it came from, and
//! with whose consent. Which rules hold is data: the cashier's own pack, and the jurisdictions'.

mod approval;
mod closed_loop;
mod fingerprint;
mod instrument;
mod pack;
mod refund;

use serde::Deserialize;

use crate::money::{Money, MoneyError};

pub use approval::{ApprovalRule, Case, Review, ReviewReason};
pub use closed_loop::{LoopOrder, OwnAccount, Source, Split, sources, split};
pub use fingerprint::{InstrumentFingerprint, InstrumentIdentity, instruments};
pub use instrument::{Funding, HolderMatch, Instrument, InstrumentKind};
pub use pack::{CashierBook, CashierPack, Direction, Limits, Method, Offer, Place};
pub use refund::RefundTerms;

/// What a jurisdiction says of payments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaymentRules {
    /// What cards must not spend.
    pub banned_funding: Vec<Funding>,
    /// Whether a wallet must vouch for not being filled by what cards must not spend.
    pub wallet_must_attest: bool,
    /// Whether money must come from an instrument in the player's own name.
    pub own_name: Option<NameMode>,
    /// Whether money must go back to where it came from first.
    pub closed_loop: bool,
}

/// How closely a holder's name must be the player's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameMode {
    /// Initials or a letter astray are looked at before anything is paid out there.
    Fuzzy,
    /// They are not taken at all.
    Exact,
}

/// Why the cashier says no, in words for the player.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// There is no such method for this player and currency.
    #[error("must be one of {}", .offered.join(", "))]
    NoSuchMethod {
        /// What there is.
        offered: Vec<String>,
    },
    /// It is less than the method takes.
    #[error("must be at least {}", .least.to_text())]
    TooLittle {
        /// The least.
        least: Money,
    },
    /// It is more than the method takes at once.
    #[error("must be at most {}", .most.to_text())]
    TooMuch {
        /// The most.
        most: Money,
    },
    /// A part of the money came from nowhere it could go back to, and no account is named for it.
    #[error("name a bank account of yours: {} cannot go back to where it came from", .rest.to_text())]
    AccountNeeded {
        /// The part.
        rest: Money,
    },
    /// Amounts do not add up.
    #[error(transparent)]
    Amount(#[from] MoneyError),
}

impl PaymentRules {
    /// Whether money from an instrument may be credited; of a wallet, if the method that it was paid by vouches for it.
    #[must_use]
    pub fn admit(&self, instrument: &Instrument, attested: bool) -> bool {
        let doubtful = instrument.kind == InstrumentKind::Wallet && self.wallet_must_attest && !attested;
        let foreign = match (self.own_name, instrument.holder) {
            (None, _) | (_, HolderMatch::Unknown | HolderMatch::Matches) => false,
            (Some(_), HolderMatch::Differs) => true,
            (Some(mode), HolderMatch::Similar) => mode == NameMode::Exact,
        };
        !self.bans(instrument) && !doubtful && !foreign
    }

    /// Whether no money from an instrument may be taken, whatever staff knows of it.
    #[must_use]
    pub fn bans(&self, instrument: &Instrument) -> bool {
        instrument.funding.is_some_and(|funding| self.banned_funding.contains(&funding))
    }
}
