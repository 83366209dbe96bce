//! The games on offer: what their vendors say of them, what we say, and whom they may be offered to.
//!
//! The vendor's word and ours stand side by side, so that neither can overwrite the other: ours goes before, and where
//! we say nothing the vendor's shows.

mod audience;
mod feature;
mod list;

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{Currency, Money};

pub use audience::{Audience, Hindrance};
pub use feature::{Feature, GameRules};
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
    /// What its builds let players do, wherever nothing else is said. None said is not the same as none there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub features: Option<BTreeSet<Feature>>,
    /// What the build that is certified in a jurisdiction lets players do: vendors deliver several of one game.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub features_in: BTreeMap<String, BTreeSet<Feature>>,
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

    /// The largest stake as an amount of a currency; none if there is none, or the currency cannot tell it exactly.
    #[must_use]
    pub fn max_stake_in(&self, currency: Currency) -> Option<Money> {
        self.max_stake().and_then(|most| Money::from_decimal(most, currency).ok())
    }

    /// What it lets players do where nothing else is said; none if nobody ever said.
    #[must_use]
    pub fn features(&self) -> Option<&BTreeSet<Feature>> {
        self.said(|it| it.features.as_ref())
    }

    /// What the build of it that is played in a jurisdiction lets players do; none if nobody ever said.
    #[must_use]
    pub fn features_in(&self, jurisdiction: &str) -> Option<&BTreeSet<Feature>> {
        self.said(|it| it.features_in.get(jurisdiction).or(it.features.as_ref()))
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

    /// Our word: staff's, or else the settings'.
    fn said<'a, T>(&'a self, of: impl Fn(&'a Terms) -> Option<T>) -> Option<T> {
        of(&self.decided).or_else(|| of(&self.agreed))
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
