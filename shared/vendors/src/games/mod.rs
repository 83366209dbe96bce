//! Game vendors: one folder each. Each turns its own protocol into the canonical calls below, and answers back.

mod answers;
pub mod evolution;
mod fields;
mod free_rounds;
pub mod hub88;
mod number;
mod offer;
mod registry;
mod request_sign;
mod rotation;
#[cfg(test)]
mod samples;
pub mod softswiss;
pub mod swipe;
mod token;
pub mod valkyrie;

pub use domain::catalogue::Device;
pub use domain::play::Gift;
pub use free_rounds::{FreeRounds, NoGift, Revocation, Revoked, Template, Templates};
pub use hub88::caleta;
pub use offer::{DemoLaunch, DemoLauncher, GameCatalogue, ListedGame, RoundDetails, RoundPage};
pub use registry::{GameVendor, NoVendor, configured, names, vendor};
pub use token::{GameToken, SECRET_BYTES, token_hash};

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use domain::account::Wallet;
use domain::catalogue::Feature;
use domain::ids::PlayerId;
use domain::play::{Bet, Round, Slot};
use domain::{BatchOutcome, Command, Currency, Date, Decimal, Entry, EntryKey, Outcome, Refusal};
use serde::{Deserialize, Deserializer};

use crate::call::{Authentic, CallFailure, InboundAnswer, OutboundCall, RawCall, Reply};
use crate::proof::Unauthentic;

/// A vendor that calls our wallet. Pure: bytes in, canonical request out; answer in, bytes out.
pub trait GameWallet: Send + Sync {
    /// The name its transactions carry in the ledger, such as `hub88`.
    fn integration(&self) -> &'static str;

    /// Checks that the call comes from the vendor.
    fn verify<'a>(&self, call: RawCall<'a>) -> Result<Authentic<'a>, Unauthentic>;

    /// Reads what is asked for.
    fn parse(&self, call: &Authentic<'_>) -> Result<GameRequest, Rejection>;

    /// Writes the answer to a request.
    fn render(&self, request: &GameRequest, answer: &GameAnswer) -> Reply;

    /// Writes the answer to a call that is not a request; what it must echo is read from the call where it can be.
    fn render_rejection(&self, call: RawCall<'_>, rejection: &Rejection) -> Reply;

    /// How long we may think before the vendor gives up on us.
    fn deadline(&self) -> Duration;
}

/// A vendor whose games are opened by calling it.
pub trait GameLauncher: Send + Sync {
    /// The call that asks for a game's address.
    fn launch_call(&self, launch: &Launch) -> Result<OutboundCall, CallFailure>;

    /// The game's address out of the vendor's answer.
    fn launch_url(&self, answer: &InboundAnswer) -> Result<String, CallFailure>;

    /// The list of its games, if the vendor tells it.
    fn listing(&self) -> Option<&dyn GameCatalogue> {
        None
    }

    /// What opens games to be tried out, if the vendor does.
    fn demos(&self) -> Option<&dyn DemoLauncher> {
        None
    }

    /// What shows how a round went, if the vendor does.
    fn round_details(&self) -> Option<&dyn RoundDetails> {
        None
    }

    /// What gives players free rounds, if the vendor does.
    fn free_rounds(&self) -> Option<&dyn FreeRounds> {
        None
    }
}

/// What a vendor asks of the wallet.
#[derive(Clone, Debug)]
pub struct GameRequest {
    /// The vendor's id of this very call, to be echoed; not of the transaction.
    pub correlation_id: String,
    /// Whose wallet.
    pub player: PlayerId,
    /// The vendor's game code, where the call names one.
    pub game: Option<String>,
    /// The currency, where the call names one.
    pub currency: Option<Currency>,
    /// What is asked for.
    pub kind: RequestKind,
}

/// The kinds of wallet calls.
#[derive(Clone, Debug)]
pub enum RequestKind {
    /// Who the player is.
    Profile,
    /// What can be staked now.
    Balance {
        /// SHA-256 of the session token that came with it; none where the protocol has no tokens.
        token_hash: Option<String>,
        /// Whether the token of a session that is over will do.
        late: bool,
    },
    /// Whether a session token is good, and for what.
    Session {
        /// The token.
        token: String,
    },
    /// The same, and another token from now on.
    RotateSession {
        /// What makes it happen once: a repeat gets the same next token.
        key: EntryKey,
        /// The token so far.
        token: String,
        /// The token from now on.
        next_token: String,
    },
    /// Something that moves money.
    Operation(Box<Command>),
    /// Several such things, as one or not at all.
    Batch(Vec<Command>),
    /// What became of an earlier transaction.
    Transaction {
        /// The transaction.
        key: EntryKey,
    },
    /// How far a bet with a reference of its own is.
    Bet {
        /// The bet.
        key: EntryKey,
    },
    /// How far a round is.
    Round {
        /// The round.
        key: EntryKey,
    },
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GameAnswer {
    /// Who the player is.
    Profile(PlayerFacts),
    /// What the player has now.
    Balance(Wallet),
    /// A session that is good.
    Session(SessionFacts),
    /// What came of a command.
    Outcome(Outcome),
    /// What came of several commands.
    Batch(BatchOutcome),
    /// What stands at a transaction's key.
    Transaction(Slot),
    /// How far a bet is, if we know it.
    Bet(Option<KnownBet>),
    /// How far a round is, if it is remembered.
    Round(Option<Round>),
    /// Refused before it came to a command.
    Refused(Refusal),
    /// We do not offer this game.
    UnknownGame,
    /// We do not know what came of it: the vendor has to ask again or to undo it.
    TryAgain,
}

/// A bet, and what placed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownBet {
    /// How far it is.
    pub bet: Bet,
    /// What stands at the key of its stake.
    pub stake: Slot,
}

/// A session that is good for play.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionFacts {
    /// The token to show from now on.
    pub token: String,
    /// The game it was opened with, by the vendor's code.
    pub game: String,
    /// ISO 3166-1 alpha-2 of the player's residence.
    pub country: String,
    /// The language that the player chose, ISO 639-1; empty where it is not known.
    pub language: String,
    /// What the player has now.
    pub wallet: Wallet,
}

/// What vendors may know about a player.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlayerFacts {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// The rule pack that governs the player, such as `MT`.
    pub jurisdiction: String,
    /// The day of birth.
    pub birth_date: Option<Date>,
    /// The day of registration.
    pub registration_date: Option<Date>,
}

/// Why a call is not a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// It does not prove where it comes from.
    #[error(transparent)]
    Unauthentic(#[from] Unauthentic),
    /// The protocol has no such call.
    #[error("the protocol has no such call")]
    UnknownCall,
    /// The body is not what the protocol says, or lacks something.
    #[error("the body is malformed or lacks a field")]
    Malformed,
    /// A field holds something of another type or beyond its range.
    #[error("a field is of the wrong type")]
    WrongType,
    /// It can be read, and cannot be met whatever the wallet holds.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// A game to be opened for a player.
#[derive(Clone, Debug)]
pub struct Launch {
    /// For whom.
    pub player: PlayerId,
    /// The session token that the vendor will show us.
    pub token: String,
    /// The vendor's game code.
    pub game: String,
    /// The wallet's currency.
    pub currency: Currency,
    /// The player's country, ISO 3166-1 alpha-2.
    pub country: String,
    /// The language to play in, ISO 639-1.
    pub language: String,
    /// What it is played on.
    pub device: Device,
    /// Where the player is seen from.
    pub ip: IpAddr,
    /// Where the player goes after the game.
    pub lobby_url: String,
    /// Where the player can pay in.
    pub deposit_url: Option<String>,
}

/// A game as the vendor's settings list it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CatalogueGame {
    /// The vendor's game code.
    pub code: String,
    /// What players call it.
    pub name: String,
    /// Where in the lobby it stands, such as `slots`.
    pub category: String,
    /// Return to player, in percent.
    #[serde(deserialize_with = "decimal_text")]
    pub rtp: Decimal,
    /// The smallest stake, in the player's currency.
    #[serde(deserialize_with = "decimal_text")]
    pub min_stake: Decimal,
    /// The largest stake.
    #[serde(deserialize_with = "decimal_text")]
    pub max_stake: Decimal,
    /// The jurisdictions it may be offered in, such as `MT`; none named means all.
    #[serde(default)]
    pub jurisdictions: Vec<String>,
    /// What it lets players do, where nothing else is said; left out if nobody knows.
    #[serde(default)]
    pub features: Option<BTreeSet<Feature>>,
    /// What the build that is certified in a jurisdiction lets players do.
    #[serde(default)]
    pub features_in: BTreeMap<String, BTreeSet<Feature>>,
}

/// Our own id of a transaction, as vendors and events know it: the same at every repeat.
fn entry_id(entry: &Entry) -> String {
    format!("{}/{}", entry.player, entry.seq)
}

fn decimal_text<'de, D: Deserializer<'de>>(input: D) -> Result<Decimal, D::Error> {
    let text = String::deserialize(input)?;
    domain::parse_decimal(&text).map_err(serde::de::Error::custom)
}
