//! The games a vendor may take stakes on, remembered so that a stake need not wait for the catalogue.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::catalogue::Game;
use domain::play::Debit;
use domain::{Command, Decimal, Money, Timestamp};
use store::{Catalogue, Outage};

/// How long a game is taken as known before the catalogue is asked again.
const FRESH: jiff::SignedDuration = jiff::SignedDuration::from_secs(10);
/// How long the catalogue may take: an answer to a stake must not hang on it.
const PATIENCE: Duration = Duration::from_millis(500);

/// A vendor's games, as the catalogue has them and this process remembers them.
pub(crate) struct KnownGames {
    catalogue: Catalogue,
    integration: &'static str,
    seen: Mutex<Seen>,
}

/// When each game was last seen in the catalogue, and how, by the vendor's code.
type Seen = HashMap<String, (Timestamp, Offer)>;

/// What a game takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    /// The largest stake, in the player's currency; none if the catalogue names none.
    max_stake: Option<Decimal>,
}

impl Offer {
    /// What a game takes; none if it takes no stakes.
    fn of(game: &Game) -> Option<Self> {
        game.takes_stakes().then(|| Self { max_stake: game.max_stake() })
    }

    /// The commands, in which each stake is told the most that its game takes.
    pub(crate) fn hold(self, commands: &[Command]) -> Cow<'_, [Command]> {
        let Some(most) = self.max_stake else { return Cow::Borrowed(commands) };
        let held = |command: &Command| match command {
            Command::Debit(stake) => {
                let max_stake = Money::from_decimal(most, stake.amount.currency()).ok();
                Command::Debit(Debit { max_stake, ..stake.clone() })
            }
            other => other.clone(),
        };
        Cow::Owned(commands.iter().map(held).collect())
    }
}

/// What this process knows about a game.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It was in the catalogue a moment ago.
    Known(Offer),
    /// It was in the catalogue once; to be asked again, while play goes on.
    Stale(Offer),
    /// Never seen, or no longer there.
    Unknown,
}

impl KnownGames {
    pub(crate) fn new(catalogue: Catalogue, integration: &'static str) -> Self {
        Self { catalogue, integration, seen: Mutex::default() }
    }

    /// What is known without asking.
    pub(crate) fn standing(&self, code: &str, now: Timestamp) -> Standing {
        standing(&self.seen(), code, now)
    }

    /// Whether the vendor may offer a game; a call that names none is not about a game.
    pub(crate) async fn is_known(&self, code: Option<&str>, now: Timestamp) -> Result<bool, Outage> {
        let Some(code) = code else { return Ok(true) };
        match self.standing(code, now) {
            Standing::Known(_) => Ok(true),
            Standing::Stale(_) | Standing::Unknown => Ok(self.look_up(code, now).await?.is_some()),
        }
    }

    /// Asks the catalogue again about a game that is played right now. If it cannot say, the game stays as it was.
    pub(crate) async fn refresh(&self, code: &str, now: Timestamp) {
        if let Err(outage) = self.look_up(code, now).await {
            tracing::warn!(integration = self.integration, code, error = %outage, "a game could not be looked up");
        }
    }

    /// Asks the catalogue, and remembers a game that takes stakes. Unknown codes are never remembered: a game that
    /// was added a moment ago can be played at once.
    pub(crate) async fn look_up(&self, code: &str, now: Timestamp) -> Result<Option<Offer>, Outage> {
        let id = Game::id_of(self.integration, code);
        let found = tokio::time::timeout(PATIENCE, self.catalogue.game(&id))
            .await
            .map_err(|_| Outage::new("read a game", "it took too long"))??;
        let offer = found.as_ref().and_then(Offer::of);
        let mut seen = self.seen();
        match offer {
            Some(offer) => drop(seen.insert(code.to_owned(), (now, offer))),
            None => drop(seen.remove(code)),
        }
        Ok(offer)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn standing(seen: &Seen, code: &str, now: Timestamp) -> Standing {
    match seen.get(code) {
        Some((at, offer)) if now.duration_since(*at) < FRESH => Standing::Known(*offer),
        Some((_, offer)) => Standing::Stale(*offer),
        None => Standing::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_game_once_seen_never_holds_a_stake_up_again() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let offer = Offer { max_stake: Some(Decimal::ONE_HUNDRED) };
        let seen = Seen::from([("dice".to_owned(), (at("2026-11-23T10:00:00Z"), offer))]);
        assert_eq!(standing(&seen, "dice", at("2026-11-23T10:00:09Z")), Standing::Known(offer));
        assert_eq!(standing(&seen, "dice", at("2026-11-23T10:00:10Z")), Standing::Stale(offer));
        assert_eq!(standing(&seen, "roulette", at("2026-11-23T10:00:00Z")), Standing::Unknown);
    }
}
