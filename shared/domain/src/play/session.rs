//! Game sessions: who may play what, until when.

use crate::Timestamp;
use crate::account::Account;
use crate::decide::{Change, Found};
use crate::draft::Draft;
use crate::entry::{EntryKey, Fingerprint};
use crate::fact::Fact;
use crate::ids::GameSessionId;
use crate::money::Money;
use crate::person::refuse_closed;
use crate::refusal::Refusal;

/// A game that a player opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GameSession {
    /// Its id.
    pub id: GameSessionId,
    /// SHA-256 of the token that the vendor shows us.
    pub token_hash: String,
    /// The game vendor it was issued for.
    pub integration: String,
    /// The game it was opened with. Live lobbies may change the game within a session.
    pub game: String,
    /// The most that the game took at once when it was opened; none if it named no limit. It holds the stakes that name
    /// no game of their own.
    pub max_stake: Option<Money>,
    /// The language that the player chose, ISO 639-1; empty where it is not known.
    pub language: String,
    /// Until when stakes are taken. Winnings and rollbacks have no end.
    pub expires_at: Timestamp,
    /// Whether another token took its place: it is over for stakes, at once.
    pub replaced: bool,
}

impl GameSession {
    /// How long a session takes stakes.
    pub const LIFE: jiff::SignedDuration = jiff::SignedDuration::from_hours(4);
}

/// Opens a game.
#[derive(Clone, Debug)]
pub struct LaunchGame {
    /// What makes it happen once.
    pub key: EntryKey,
    /// The session to open.
    pub session: GameSession,
}

/// Puts another token in the place of the one that was given out at launch, as some vendors ask for.
#[derive(Clone, Debug)]
pub struct RotateSession {
    /// What makes it happen once.
    pub key: EntryKey,
    /// SHA-256 of the token so far.
    pub token_hash: String,
    /// SHA-256 of the token from now on.
    pub next_token_hash: String,
    /// Until when the next token takes stakes.
    pub expires_at: Timestamp,
}

pub(crate) fn launch(account: &Account, command: &LaunchGame) -> Result<Draft, Refusal> {
    refuse_closed(account)?;
    let fact = Fact::GameLaunched {
        session: command.session.id,
        game: command.session.game.clone(),
        integration: command.session.integration.clone(),
    };
    Ok(Draft::of(account, fact).with(Change::GameSession(command.session.clone())))
}

pub(crate) fn rotate(
    account: &Account,
    command: &RotateSession,
    found: &Found,
    now: Timestamp,
) -> Result<Draft, Refusal> {
    refuse_closed(account)?;
    let session = check_session(found.session(Some(&command.token_hash)), &command.key.integration, now)?;
    let old = GameSession { replaced: true, ..session.clone() };
    let next = GameSession {
        token_hash: command.next_token_hash.clone(),
        expires_at: command.expires_at,
        ..session.clone()
    };
    let fact = Fact::GameSessionRotated { session: session.id };
    Ok(Draft::of(account, fact).with(Change::GameSession(old)).with(Change::GameSession(next)))
}

/// Checks that a session is one of ours, whether it is over or not.
pub fn known_session<'a>(
    session: Option<&'a GameSession>,
    integration: &str,
) -> Result<&'a GameSession, Refusal> {
    session.filter(|it| it.integration == integration).ok_or(Refusal::SessionUnknown)
}

/// Checks that a session may be used for stakes and balances.
pub fn check_session<'a>(
    session: Option<&'a GameSession>,
    integration: &str,
    now: Timestamp,
) -> Result<&'a GameSession, Refusal> {
    let session = known_session(session, integration)?;
    if session.replaced || session.expires_at <= now {
        return Err(Refusal::SessionExpired);
    }
    Ok(session)
}

/// Checks that a token that came with a call is one of ours; whether it has expired is of no matter.
pub(crate) fn known(
    session: Option<&GameSession>,
    token_hash: Option<&String>,
    key: &EntryKey,
) -> Result<(), Refusal> {
    if token_hash.is_some() {
        known_session(session, &key.integration)?;
    }
    Ok(())
}

impl RotateSession {
    /// What a repeat must match.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(["rotate-session", &self.token_hash])
    }
}
