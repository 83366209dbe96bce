//! What vendors offer beyond the games a player opens for money: demos, the list of their games, how a round went.

use std::net::IpAddr;
use std::time::Duration;

use domain::catalogue::{Listing, Standing};
use domain::ids::PlayerId;
use domain::{Currency, Decimal};

use super::Device;
use crate::call::{CallFailure, InboundAnswer, OutboundCall};

/// A vendor whose games can be tried out: with play money that the vendor keeps, and no calls to the wallet.
pub trait DemoLauncher: Send + Sync {
    /// The call that asks for a demo's address; its answer is read as that of a launch.
    fn demo_call(&self, demo: &DemoLaunch) -> Result<OutboundCall, CallFailure>;
}

/// A game to be tried out.
#[derive(Clone, Debug)]
pub struct DemoLaunch {
    /// The vendor's game code.
    pub game: String,
    /// What the play money is called after, where the vendor lets us choose.
    pub currency: Currency,
    /// Where the visitor is, ISO 3166-1 alpha-2.
    pub country: String,
    /// The language to play in, ISO 639-1.
    pub language: String,
    /// What it is played on.
    pub device: Device,
    /// Where the visitor is seen from.
    pub ip: IpAddr,
    /// Where the visitor goes after the game.
    pub lobby_url: String,
}

/// A vendor that shows how a round went, for people to look at.
pub trait RoundDetails: Send + Sync {
    /// The call that asks for it.
    fn round_call(&self, player: PlayerId, round: &str) -> Result<OutboundCall, CallFailure>;

    /// What shows it, out of the vendor's answer.
    fn round_page(&self, answer: &InboundAnswer) -> Result<RoundPage, CallFailure>;
}

/// What shows how a round went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoundPage {
    /// The address of a page at the vendor's.
    Address(String),
    /// The page itself, HTML of the vendor's: to be shown where it can do no harm.
    Html(String),
}

/// A vendor that tells which games we may offer.
pub trait GameCatalogue: Send + Sync {
    /// The call that asks for the list.
    fn catalogue_call(&self) -> Result<OutboundCall, CallFailure>;

    /// The list out of the vendor's answer.
    fn catalogue(&self, answer: &InboundAnswer) -> Result<Vec<ListedGame>, CallFailure>;

    /// How long the vendor wants not to be asked again.
    fn interval(&self) -> Duration {
        Duration::from_mins(10)
    }

    /// How long the vendor may take for the list.
    fn patience(&self) -> Duration {
        Duration::from_secs(15)
    }
}

/// A game as its vendor lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedGame {
    /// The vendor's game code.
    pub code: String,
    /// What players call it.
    pub name: String,
    /// The vendor's category, if it names one.
    pub category: Option<String>,
    /// Return to player, in percent, if the vendor tells it.
    pub rtp: Option<Decimal>,
    /// The currencies it can be played in; none named means that the vendor does not tell.
    pub currencies: Vec<String>,
    /// The countries it must not be offered in, ISO 3166-1 alpha-2.
    pub blocked_countries: Vec<String>,
    /// What it can be played on; none named means that the vendor does not tell.
    pub devices: Vec<Device>,
    /// Whether it can be played now.
    pub enabled: bool,
}

impl ListedGame {
    /// The vendor's code, and what the vendor says of the game.
    #[must_use]
    pub fn into_listing(self) -> (String, Listing) {
        let standing = if self.enabled { Standing::Enabled } else { Standing::Disabled };
        let listing = Listing {
            name: self.name,
            category: self.category,
            rtp: self.rtp,
            currencies: self.currencies.into_iter().collect(),
            blocked_countries: self.blocked_countries.into_iter().collect(),
            devices: self.devices.into_iter().collect(),
            standing,
        };
        (self.code, listing)
    }
}
