//! The games on offer: what their vendors say of them, what we say, and whom they may be offered to.
//!
//! The vendor's word and ours stand side by side, so that neither can overwrite the other: ours goes before, and where
//! we say nothing the vendor's shows.

mod list;

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::Currency;

pub use list::{Implausible, VendorList};

/// Where games stand that nobody has put anywhere.
const OTHER: &str = "other";

/// A game.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Game {
    /// Our id: the integration and the vendor's code.
    pub game_id: String,
    /// The vendor that runs it.
    pub integration: String,
    /// The vendor's code of it.
    pub code: String,
    /// What its vendor last said of it; none if the vendor never listed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed: Option<Listing>,
    /// What was agreed on before it was connected: the settings' word.
    #[serde(default, skip_serializing_if = "Terms::is_empty")]
    pub agreed: Terms,
    /// What staff decided since. It goes before all else.
    #[serde(default, skip_serializing_if = "Terms::is_empty")]
    pub decided: Terms,
    /// How often it was written.
    #[serde(default)]
    pub revision: u64,
}

/// What a vendor says of a game.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// What players call it.
    pub name: String,
    /// The vendor's category, if it names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Return to player in percent, if the vendor tells it.
    #[serde(default, with = "rust_decimal::serde::str_option", skip_serializing_if = "Option::is_none")]
    pub rtp: Option<Decimal>,
    /// The currencies it can be played in, in capitals; none named means that the vendor does not tell.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub currencies: BTreeSet<String>,
    /// The countries it must not be offered in, ISO 3166-1 alpha-2, in capitals.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub blocked_countries: BTreeSet<String>,
    /// What it can be played on; none named means that the vendor does not tell.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub devices: BTreeSet<Device>,
    /// Whether the vendor runs it.
    pub standing: Standing,
}

/// Whether a vendor runs a game.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is in the vendor's list and can be played.
    Enabled,
    /// It is in the list and cannot be played.
    Disabled,
    /// It is no longer in the list.
    Gone,
}

/// What a game is played on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Device {
    /// A computer.
    Desktop,
    /// A telephone or tablet.
    Mobile,
}

/// What we say of a game. What is not said is left to whoever comes next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// What players see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where in the lobby it stands, such as `slots`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Return to player in percent, for vendors that do not tell it. It is the vendor's to say.
    #[serde(default, with = "rust_decimal::serde::str_option", skip_serializing_if = "Option::is_none")]
    pub rtp: Option<Decimal>,
    /// The smallest stake in main units.
    #[serde(default, with = "rust_decimal::serde::str_option", skip_serializing_if = "Option::is_none")]
    pub min_stake: Option<Decimal>,
    /// The largest stake in main units.
    #[serde(default, with = "rust_decimal::serde::str_option", skip_serializing_if = "Option::is_none")]
    pub max_stake: Option<Decimal>,
    /// Where it is certified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certified: Option<Certified>,
    /// Whether we offer it, where it is certified. Not said means yes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered: Option<bool>,
}

/// Where a game is certified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certified {
    /// In every jurisdiction of ours.
    Everywhere,
    /// In these, such as `MT`.
    In(BTreeSet<String>),
}

/// Somebody whom games may be offered to.
#[derive(Clone, Copy, Debug)]
pub struct Audience<'a> {
    /// The rules they play by, such as `MT`.
    pub jurisdiction: &'a str,
    /// Where they live, ISO 3166-1 alpha-2.
    pub country: &'a str,
    /// What is in their wallet.
    pub currency: Currency,
    /// What they play on, if they say.
    pub device: Option<Device>,
}

/// Why a game is not for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Hindrance {
    /// It is not certified where they play, or not offered, or its vendor does not run it.
    #[error("the game is not on offer")]
    NotOffered,
    /// Its vendor does not let it be played in their country.
    #[error("its vendor does not let this game be played in your country")]
    Country,
    /// It cannot be played in their currency.
    #[error("this game cannot be played in your wallet's currency")]
    Currency,
    /// It does not run on what they play on.
    #[error("this game does not run on this kind of device")]
    Device,
}

impl Game {
    /// A game that nothing was said of yet.
    #[must_use]
    pub fn new(integration: &str, code: &str) -> Self {
        Self {
            game_id: Self::id_of(integration, code),
            integration: integration.to_owned(),
            code: code.to_owned(),
            listed: None,
            agreed: Terms::default(),
            decided: Terms::default(),
            revision: 0,
        }
    }

    /// Our id of a vendor's game.
    #[must_use]
    pub fn id_of(integration: &str, code: &str) -> String {
        format!("{integration}-{code}")
    }

    /// What players call it.
    #[must_use]
    pub fn name(&self) -> &str {
        let listed = self.listed.as_ref().map(|it| it.name.as_str());
        self.said(|it| it.name.as_deref()).or(listed).unwrap_or(&self.code)
    }

    /// Where in the lobby it stands.
    #[must_use]
    pub fn category(&self) -> &str {
        let listed = self.listed.as_ref().and_then(|it| it.category.as_deref());
        self.said(|it| it.category.as_deref()).or(listed).unwrap_or(OTHER)
    }

    /// Return to player in percent, as far as it is known. Here the vendor's word goes before: the game is theirs.
    #[must_use]
    pub fn rtp(&self) -> Option<Decimal> {
        self.listed.as_ref().and_then(|it| it.rtp).or_else(|| self.said(|it| it.rtp))
    }

    /// The smallest stake, as far as it is known.
    #[must_use]
    pub fn min_stake(&self) -> Option<Decimal> {
        self.said(|it| it.min_stake)
    }

    /// The largest stake, as far as it is known.
    #[must_use]
    pub fn max_stake(&self) -> Option<Decimal> {
        self.said(|it| it.max_stake)
    }

    /// Where it is certified; none if nobody ever said.
    #[must_use]
    pub fn certified(&self) -> Option<&Certified> {
        self.said(|it| it.certified.as_ref())
    }

    /// Whether it is certified anywhere.
    #[must_use]
    pub fn is_certified(&self) -> bool {
        match self.certified() {
            Some(Certified::Everywhere) => true,
            Some(Certified::In(places)) => !places.is_empty(),
            None => false,
        }
    }

    /// Whether its vendor runs it, as far as we were told.
    #[must_use]
    pub fn is_run(&self) -> bool {
        self.listed.as_ref().is_none_or(|it| it.standing == Standing::Enabled)
    }

    /// Whether stakes on it are taken from those who have it open: until we say otherwise. If the vendor takes it away,
    /// what is being played may be played to its end.
    #[must_use]
    pub fn takes_stakes(&self) -> bool {
        self.is_certified() && self.said(|it| it.offered).unwrap_or(true)
    }

    /// Whether it is offered to anybody at all.
    #[must_use]
    pub fn is_offered(&self) -> bool {
        self.takes_stakes() && self.is_run()
    }

    /// Whether it may be offered to somebody; the first reason why not.
    pub fn open_to(&self, audience: &Audience<'_>) -> Result<(), Hindrance> {
        let at_home = match self.certified() {
            Some(Certified::Everywhere) => true,
            Some(Certified::In(places)) => places.contains(audience.jurisdiction),
            None => false,
        };
        if !(at_home && self.is_offered()) {
            return Err(Hindrance::NotOffered);
        }
        self.listed.as_ref().map_or(Ok(()), |listing| listing.open_to(audience))
    }

    /// Our word: staff's, or else the settings'.
    fn said<'a, T>(&'a self, of: impl Fn(&'a Terms) -> Option<T>) -> Option<T> {
        of(&self.decided).or_else(|| of(&self.agreed))
    }
}

impl Listing {
    fn open_to(&self, audience: &Audience<'_>) -> Result<(), Hindrance> {
        if self.blocked_countries.contains(&audience.country.to_ascii_uppercase()) {
            return Err(Hindrance::Country);
        }
        if !self.currencies.is_empty() && !self.currencies.contains(audience.currency.code()) {
            return Err(Hindrance::Currency);
        }
        let fits = |device| self.devices.is_empty() || self.devices.contains(&device);
        if audience.device.is_none_or(fits) { Ok(()) } else { Err(Hindrance::Device) }
    }
}

impl Terms {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Certified {
    /// The jurisdictions as settings list them: none named means all.
    #[must_use]
    pub fn of_settings(jurisdictions: Vec<String>) -> Self {
        if jurisdictions.is_empty() {
            Self::Everywhere
        } else {
            Self::In(jurisdictions.into_iter().collect())
        }
    }
}

impl Hindrance {
    /// The word for it on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotOffered => "not_offered",
            Self::Country => "country",
            Self::Currency => "currency",
            Self::Device => "device",
        }
    }
}
