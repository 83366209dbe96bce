//! What happens to rounds without moving money: their end, and free rounds.

use super::bet::{EndedBy, Round};
use super::session;
use crate::Timestamp;
use crate::account::Account;
use crate::currency::Currency;
use crate::decide::{Change, Found};
use crate::draft::Draft;
use crate::entry::{EntryKey, Fingerprint};
use crate::fact::{Fact, Play};
use crate::money::Money;
use crate::refusal::Refusal;

/// A vendor says that a round is over. Early, late or twice: the round is over, and what a game still owes is
/// paid as the vendor's policy says.
#[derive(Clone, Debug)]
pub struct EndRound {
    /// What makes it happen once.
    pub key: EntryKey,
    /// The round.
    pub play: Play,
    /// The currency, where the vendor names it.
    pub currency: Option<Currency>,
}

/// A spin of a free round: told for the record, money moves only when all of them are paid.
#[derive(Clone, Debug)]
pub struct FreeRound {
    /// The vendor's transaction.
    pub key: EntryKey,
    /// SHA-256 of the session token that came with it; none where the protocol has no tokens.
    pub token_hash: Option<String>,
    /// The game play it belongs to.
    pub play: Play,
    /// The nominal stake or winnings.
    pub amount: Money,
    /// Whether it is winnings.
    pub won: bool,
    /// The granted reward it belongs to.
    pub reward: Option<String>,
}

pub(crate) fn end(
    account: &Account,
    command: &EndRound,
    found: &Found,
    now: Timestamp,
) -> Result<Draft, Refusal> {
    super::same_currency(account, command.currency)?;
    let play = Play { round_closed: true, ..command.play.clone() };
    let game = play.game.clone();
    let draft = Draft::of(account, Fact::RoundEnded { play });
    let Some(key) = command.round_key() else { return Ok(draft) };
    let known = found.rounds.get(&key).cloned();
    let round = known.unwrap_or_else(|| Round::beginning(key, game, account, now));
    Ok(draft.with(Change::Round(round.over(EndedBy::Result, now))))
}

/// Whether the session has expired is of no matter: nothing moves, and the round was granted.
pub(crate) fn free(account: &Account, command: &FreeRound, found: &Found) -> Result<Draft, Refusal> {
    let session = found.session(command.token_hash.as_ref());
    session::known(session, command.token_hash.as_ref(), &command.key)?;
    let fact = Fact::FreeRoundPlayed {
        play: command.play.of_session(session),
        amount: super::amount_of(account, command.amount)?,
        won: command.won,
        reward: command.reward.clone(),
    };
    Ok(Draft::of(account, fact))
}

impl EndRound {
    /// Where the round stands.
    pub(crate) fn round_key(&self) -> Option<EntryKey> {
        let round = self.play.round.as_ref()?;
        Some(EntryKey::new(self.key.integration.clone(), round.clone()))
    }

    /// What a repeat must match.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(["end-round", super::round_text(&self.play)])
    }
}

impl FreeRound {
    /// What a repeat must match.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let (amount, won) = (self.amount.to_string(), super::flag(self.won));
        Fingerprint::of(["free-round", &amount, &self.play.game, super::round_text(&self.play), won])
    }
}
