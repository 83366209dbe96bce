//! Whom a game may be offered to, and why not.

use super::{Certified, Device, Feature, Game, GameRules, Listing};
use crate::{Currency, Decimal};

/// Somebody whom games may be offered to.
#[derive(Clone, Copy, Debug)]
pub struct Audience<'a> {
    /// The rules they play by, such as `MT`.
    pub jurisdiction: &'a str,
    /// What these rules say of games.
    pub rules: &'a GameRules,
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
    /// It has what is not allowed where they play.
    #[error("this game has a feature that is not allowed where you play: {0}")]
    Feature(Feature),
    /// Some features are not allowed where they play, and nobody said what this game has.
    #[error("it is not known whether this game has only features that are allowed where you play")]
    FeaturesUnknown,
    /// It returns less than games must return where they play, or nobody said how much.
    #[error("where you play games must return at least {0} % to players, and this one is not known to")]
    Rtp(Decimal),
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
        self.obeys(audience)?;
        self.listed.as_ref().map_or(Ok(()), |listing| listing.open_to(audience))
    }

    /// What nobody said does not pass: a rule would hold only of the games that somebody described.
    fn obeys(&self, audience: &Audience<'_>) -> Result<(), Hindrance> {
        let GameRules { banned, min_rtp } = audience.rules;
        if !banned.is_empty() {
            let features = self.features_in(audience.jurisdiction).ok_or(Hindrance::FeaturesUnknown)?;
            if let Some(feature) = features.intersection(banned).next() {
                return Err(Hindrance::Feature(*feature));
            }
        }
        match *min_rtp {
            Some(least) if self.rtp().is_none_or(|rtp| rtp < least) => Err(Hindrance::Rtp(least)),
            _ => Ok(()),
        }
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

impl Hindrance {
    /// The word for it on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotOffered => "not_offered",
            Self::Feature(_) | Self::FeaturesUnknown => "feature",
            Self::Rtp(_) => "rtp",
            Self::Country => "country",
            Self::Currency => "currency",
            Self::Device => "device",
        }
    }
}
