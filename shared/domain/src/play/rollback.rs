//! Rollbacks: the undoing of an earlier transaction, which may not have come yet and may never come.

use super::bet::{Bet, BetState, EndedBy, LastWord, Round};
use super::policy::{Bets, Rounds, WalletPolicy};
use super::split::Split;
use super::{Slot, round_key};
use crate::Timestamp;
use crate::account::Account;
use crate::currency::Currency;
use crate::decide::{Change, Found};
use crate::draft::Draft;
use crate::entry::{Entry, EntryKey, Fingerprint, LedgerAccount, Posting};
use crate::fact::{Fact, Play, Undone};
use crate::refusal::Refusal;

/// The undoing of an earlier transaction or bet.
#[derive(Clone, Debug)]
pub struct Rollback {
    /// The vendor's transaction.
    pub key: EntryKey,
    /// The game play it belongs to.
    pub play: Play,
    /// SHA-256 of the session token that came with it, if one did: it tells the game, and nothing else.
    pub token_hash: Option<String>,
    /// What to undo: the bet's reference where bets have one, the transaction otherwise.
    pub target: String,
    /// The transaction that placed the bet, where the vendor names it beside the bet's reference.
    pub placed_by: Option<String>,
    /// The currency, where the vendor names it.
    pub currency: Option<Currency>,
    /// The vendor's rules.
    pub policy: WalletPolicy,
}

pub(crate) fn rollback(
    account: &Account,
    command: &Rollback,
    found: &Found,
    now: Timestamp,
) -> Result<Draft, Refusal> {
    super::same_currency(account, command.currency)?;
    match command.policy.bets {
        Bets::ByTransaction => of_transaction(account, command, found, now),
        Bets::ByReference => of_bet(account, command, found, now),
    }
}

/// Undoes exactly one transaction. What is unknown is forbidden for ever; what is undone stays so.
fn of_transaction(
    account: &Account,
    command: &Rollback,
    found: &Found,
    now: Timestamp,
) -> Result<Draft, Refusal> {
    let by = command.key.tx.clone();
    let key = command.target_key();
    match found.slots.get(&key).unwrap_or(&Slot::Free) {
        Slot::Taken(entry) if entry.reversed_by.is_none() => {
            let Some((undone, stake, postings)) = undo(account, entry)? else {
                return Ok(without_effect(account, command, found));
            };
            let mut draft = Draft::moving(account, command.undoing(found, undone, play_of(entry)), postings);
            draft.changes.push(Change::Reversed { key, by });
            let round = command.round_key().and_then(|key| found.rounds.get(&key));
            let changed =
                round.map(|round| round_without(command, round, (stake, entry.seq), now)).transpose()?;
            draft.changes.extend(changed.map(Change::Round));
            Ok(draft)
        }
        Slot::Taken(_) | Slot::Tombstone => Ok(without_effect(account, command, found)),
        // A rollback of itself forbids nothing: its own entry takes the place.
        Slot::Free if key == command.key => Ok(without_effect(account, command, found)),
        Slot::Free => Ok(without_effect(account, command, found).with(Change::Tombstone { key, by })),
    }
}

/// Undoes a bet that is still open. What is unknown is forbidden for ever.
fn of_bet(account: &Account, command: &Rollback, found: &Found, now: Timestamp) -> Result<Draft, Refusal> {
    let key = command.target_key();
    let zero = Split::zero(account.wallet.currency());
    let Some(bet) = found.bets.get(&key) else {
        refuse_other_than_stakes(&key, found)?;
        let forbidden = Bet {
            key,
            placed_by: String::new(),
            placed_at: now,
            play: command.play.clone(),
            last: None,
            stake: zero,
            payout: zero,
            state: BetState::Forbidden,
            settlement: 0,
        };
        return Ok(without_effect(account, command, found).with(Change::Bet(forbidden)));
    };
    // Under the bet's reference there is another transaction than the one that is meant: that one is not ours.
    if command.placed_by.as_ref().is_some_and(|tx| bet.state != BetState::Forbidden && *tx != bet.placed_by) {
        return Err(Refusal::BetUnknown);
    }
    match bet.state {
        BetState::Open if bet.payout == zero => {}
        BetState::Open | BetState::Settled => return Err(Refusal::BetSettled),
        BetState::Cancelled | BetState::Void | BetState::Forbidden => return Err(Refusal::BetReversed),
    }
    let round = round_of(command, bet, found)?;
    if command.policy.rounds == Rounds::Kept && round.is_some_and(|round| round.has_settled(bet)) {
        return Err(Refusal::BetSettled);
    }
    let undone = Undone::Bet { amount: bet.stake.total()?, bonus: bet.stake.bonus_part() };
    let postings = bet.stake.given(&LedgerAccount::Stakes)?;
    let last = Some(LastWord { tx: command.key.tx.clone(), at: now });
    let mut draft = Draft::moving(account, command.undoing(found, undone, Some(&bet.play)), postings)
        .with(Change::Bet(Bet { last, state: BetState::Cancelled, ..bet.clone() }))
        .with(Change::Reversed { key: bet.stake_key(), by: command.key.tx.clone() });
    // Rounds of bets with references are remembered from their first stake on.
    let changed =
        round.map(|round| round_without(command, round, (bet.stake, account.version), now)).transpose()?;
    draft.changes.extend(changed.map(Change::Round));
    Ok(draft)
}

/// Only stakes can be cancelled where bets have references; what else stands at a transaction's key is no stake.
fn refuse_other_than_stakes(key: &EntryKey, found: &Found) -> Result<(), Refusal> {
    match found.slots.get(key) {
        Some(Slot::Taken(entry)) if matches!(entry.fact, Fact::BetPlaced { .. }) => Err(Refusal::BetUnknown),
        Some(Slot::Taken(_)) => Err(Refusal::NotAStake),
        Some(Slot::Free | Slot::Tombstone) | None => Ok(()),
    }
}

/// The round that the bet itself was placed in, if it is remembered. Where rounds are kept it must be the one that is
/// named, for no other was read: what cannot be judged by its round is not undone.
fn round_of<'a>(command: &Rollback, bet: &Bet, found: &'a Found) -> Result<Option<&'a Round>, Refusal> {
    let is_of_round = bet.play.round.is_some();
    if command.policy.rounds == Rounds::Kept && is_of_round && command.play.round != bet.play.round {
        return Err(Refusal::BetUnknown);
    }
    Ok(round_key(&command.key, &bet.play, command.policy).and_then(|key| found.rounds.get(&key)))
}

/// The round without the stake of an entry, and over if the vendor says so. A stake that is older than the memory is
/// not in it, and takes nothing of the others along.
fn round_without(
    command: &Rollback,
    round: &Round,
    (stake, seq): (Split, u64),
    now: Timestamp,
) -> Result<Round, Refusal> {
    let left = if seq < round.since { round.stake } else { round.stake.without(stake)? };
    let round = Round { stake: left, ..round.clone() };
    // A round that was over with this very stake is over with its cancel now: others may have to be cancelled, too.
    if round.ended_by == EndedBy::Stake(command.target.clone()) {
        return Ok(Round { ended_by: EndedBy::Cancel, ..round });
    }
    Ok(if command.play.round_closed { round.over(EndedBy::Cancel, now) } else { round })
}

/// What an entry was, the stake that is no more, and the postings that undo it; none if it moved no stake and no
/// winnings. Winnings that were spent meanwhile leave the rest as owed by the player.
fn undo(account: &Account, entry: &Entry) -> Result<Option<(Undone, Split, Vec<Posting>)>, Refusal> {
    let zero = Split::zero(account.wallet.currency());
    match &entry.fact {
        Fact::BetPlaced { .. } => {
            let stake = entry.fact.staked()?.unwrap_or(zero);
            let undone = Undone::Bet { amount: stake.total()?, bonus: stake.bonus_part() };
            Ok(Some((undone, stake, stake.given(&LedgerAccount::Stakes)?)))
        }
        Fact::BetWon { amount, bonus, reason, .. } => {
            let paid = Split::of(*amount, *bonus)?;
            let (postings, shortfall) = paid.taken_back(&account.wallet, &reason.payer())?;
            let undone = Undone::Win { amount: *amount, bonus: *bonus, shortfall, reason: *reason };
            Ok(Some((undone, zero, postings)))
        }
        _ => Ok(None),
    }
}

fn play_of(entry: &Entry) -> Option<&Play> {
    match &entry.fact {
        Fact::BetPlaced { play, .. } | Fact::BetWon { play, .. } => Some(play),
        _ => None,
    }
}

fn without_effect(account: &Account, command: &Rollback, found: &Found) -> Draft {
    Draft::of(account, command.fact(found))
}

impl Rollback {
    /// Nothing was undone.
    fn fact(&self, found: &Found) -> Fact {
        Fact::RolledBack { play: self.played(found), target: self.target.clone(), undone: None }
    }

    /// Something was: where the vendor does not say in which round, in that of what was undone.
    fn undoing(&self, found: &Found, undone: Undone, of: Option<&Play>) -> Fact {
        let play = self.played(found);
        let play = match of {
            Some(of) => play.or_as_in(of),
            None => play,
        };
        Fact::RolledBack { play, target: self.target.clone(), undone: Some(undone) }
    }

    fn played(&self, found: &Found) -> Play {
        self.play.of_session(found.session(self.token_hash.as_ref()))
    }

    /// The same in the round of its bet, where the vendor names none; none if that tells nothing new.
    #[must_use]
    pub fn in_round_of(&self, bet: &Bet) -> Option<Self> {
        let round = bet.play.round.clone().filter(|_| self.play.round.is_none())?;
        Some(Self { play: Play { round: Some(round), ..self.play.clone() }, ..self.clone() })
    }

    /// Where what is to be undone stands, or would stand: an entry, or a bet's record where bets have references.
    #[must_use]
    pub fn target_key(&self) -> EntryKey {
        EntryKey::new(self.key.integration.clone(), self.target.clone())
    }

    /// Where the round stands, if it may be remembered.
    pub(crate) fn round_key(&self) -> Option<EntryKey> {
        round_key(&self.key, &self.play, self.policy)
    }

    /// What a repeat of the transaction must match.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(["rollback", &self.target])
    }
}
