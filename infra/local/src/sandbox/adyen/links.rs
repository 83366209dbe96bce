//! The payment links that are open, and those that were.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};
use vendors::payments::adyen::Amount;

/// A payment link.
#[derive(Clone)]
pub(super) struct Link {
    pub(super) amount: Amount,
    /// The platform's id.
    pub(super) reference: String,
    pub(super) return_url: String,
    /// Who pays, by the platform's id.
    pub(super) shopper_reference: String,
    pub(super) expires_at: Option<jiff::Timestamp>,
    pub(super) status: LinkStatus,
}

/// How far a link is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum LinkStatus {
    Active,
    Completed,
    Cancelled,
    Expired,
}

/// What a shopper, or time, makes of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    Pay,
    /// Pays, and the notification of it comes twice.
    PayTwice,
    /// Pays with a credit card.
    PayCredit,
    /// Pays with a card that takes no money back.
    PayClosed,
    /// Pays with a card that somebody else pays with, too.
    PayShared,
    /// Pays, and the notification of it is lost.
    PayLost,
    /// The bank says no; the shopper may try again.
    Decline,
    Cancel,
    Expire,
}

#[derive(Default)]
pub(super) struct Links(Mutex<Known>);

#[derive(Default)]
struct Known {
    links: HashMap<String, Link>,
    by_idempotency_key: HashMap<String, String>,
}

impl Links {
    /// Keeps a link under a fresh id; the same idempotency key leads to the same link. Tells whether it is new.
    pub(super) fn open(&self, key: Option<String>, link: Link) -> (String, bool) {
        let mut known = self.known();
        if let Some(id) = key.as_ref().and_then(|key| known.by_idempotency_key.get(key)) {
            return (id.clone(), false);
        }
        let id = format!("PL{}", super::fresh_reference());
        if let Some(key) = key {
            known.by_idempotency_key.insert(key, id.clone());
        }
        known.links.insert(id.clone(), link);
        (id, true)
    }

    pub(super) fn get(&self, id: &str) -> Option<Link> {
        self.known().links.get(id).cloned()
    }

    /// Brings an active link to an outcome: of many at once, one closes it.
    pub(super) fn settle(&self, id: &str, outcome: Outcome) -> Option<Link> {
        let mut known = self.known();
        let link = known.links.get_mut(id).filter(|link| link.status == LinkStatus::Active)?;
        link.status = match outcome {
            Outcome::Pay
            | Outcome::PayTwice
            | Outcome::PayCredit
            | Outcome::PayClosed
            | Outcome::PayShared
            | Outcome::PayLost => LinkStatus::Completed,
            Outcome::Decline => LinkStatus::Active,
            Outcome::Cancel => LinkStatus::Cancelled,
            Outcome::Expire => LinkStatus::Expired,
        };
        Some(link.clone())
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LinkStatus {
    /// What the shopper is told who comes back.
    pub(super) const fn note(self) -> &'static str {
        match self {
            Self::Active => "This payment is open.",
            Self::Completed => "This payment is made already.",
            Self::Cancelled => "This payment was cancelled.",
            Self::Expired => "This payment link has expired.",
        }
    }
}

impl Outcome {
    /// The event's code, and whether it succeeded.
    pub(super) const fn event(self) -> (&'static str, bool) {
        match self {
            Self::Pay
            | Self::PayTwice
            | Self::PayCredit
            | Self::PayClosed
            | Self::PayShared
            | Self::PayLost => ("AUTHORISATION", true),
            Self::Decline => ("AUTHORISATION", false),
            Self::Cancel => ("CANCELLATION", true),
            Self::Expire => ("OFFER_CLOSED", true),
        }
    }
}
