//! Rollbacks: the undoing of an earlier transaction, which may not have come yet and may never come.

use super::bet::{Bet, BetState, Round};
use super::policy::{Bets, Rounds, WalletPolicy};
use super::split::Split;
use super::{Slot, round_key};
use crate::account::Account;
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
    /// What to undo: the bet's reference where bets have one, the transaction otherwise.
    pub target: String,
    /// The vendor's rules.
    pub policy: WalletPolicy,
}

pub(crate) fn rollback(account: &Account, command: &Rollback, found: &Found) -> Result<Draft, Refusal> {
    match command.policy.bets {
        Bets::ByTransaction => of_transaction(account, command, found),
        Bets::ByReference => of_bet(account, command, found),
    }
}

/// Undoes exactly one transaction. What is unknown is forbidden for ever; what is undone stays so.
fn of_transaction(account: &Account, command: &Rollback, found: &Found) -> Result<Draft, Refusal> {
    let by = command.key.tx.clone();
    let key = command.target_key();
    match found.slots.get(&key).unwrap_or(&Slot::Free) {
        Slot::Taken(entry) if entry.reversed_by.is_none() => {
            let Some((undone, stake, postings)) = undo(account, entry)? else {
                return Ok(without_effect(account, command));
            };
            let mut draft = Draft::moving(account, command.fact(Some(undone)), postings);
            draft.changes.push(Change::Reversed { key, by });
            draft.changes.extend(round_without(command, found, stake)?.map(Change::Round));
            Ok(draft)
        }
        Slot::Taken(_) | Slot::Tombstone => Ok(without_effect(account, command)),
        Slot::Free => Ok(without_effect(account, command).with(Change::Tombstone { key, by })),
    }
}

/// Undoes a bet that is still open. What is unknown is forbidden for ever.
fn of_bet(account: &Account, command: &Rollback, found: &Found) -> Result<Draft, Refusal> {
    let key = command.target_key();
    let zero = Split::zero(account.wallet.currency());
    let Some(bet) = found.bets.get(&key) else {
        let state = BetState::Forbidden;
        let bet = Bet { key, placed_by: String::new(), stake: zero, payout: zero, state, settlement: 0 };
        return Ok(without_effect(account, command).with(Change::Bet(bet)));
    };
    match bet.state {
        BetState::Open if bet.payout == zero => {}
        BetState::Open | BetState::Settled => return Err(Refusal::BetSettled),
        BetState::Cancelled | BetState::Void | BetState::Forbidden => return Err(Refusal::BetReversed),
    }
    if closed_round(command, found) {
        return Err(Refusal::BetSettled);
    }
    let undone = Undone::Bet { amount: bet.stake.total()?, bonus: bet.stake.bonus_part() };
    let postings = bet.stake.given(&LedgerAccount::Stakes)?;
    let entry = EntryKey::new(command.key.integration.clone(), bet.placed_by.clone());
    let mut draft = Draft::moving(account, command.fact(Some(undone)), postings)
        .with(Change::Bet(Bet { state: BetState::Cancelled, ..bet.clone() }))
        .with(Change::Reversed { key: entry, by: command.key.tx.clone() });
    draft.changes.extend(round_without(command, found, bet.stake)?.map(Change::Round));
    Ok(draft)
}

fn closed_round(command: &Rollback, found: &Found) -> bool {
    command.policy.rounds == Rounds::Kept
        && command.round_key().and_then(|key| found.rounds.get(&key)).is_some_and(Round::is_over)
}

/// The round with a stake less, if it is remembered. The stake may be older than the memory.
fn round_without(command: &Rollback, found: &Found, stake: Split) -> Result<Option<Round>, Refusal> {
    let round = command.round_key().and_then(|key| found.rounds.get(&key));
    round.map(|round| Ok(Round { stake: round.stake.without(stake)?, ..round.clone() })).transpose()
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

fn without_effect(account: &Account, command: &Rollback) -> Draft {
    Draft::of(account, command.fact(None))
}

impl Rollback {
    fn fact(&self, undone: Option<Undone>) -> Fact {
        Fact::RolledBack { play: self.play.clone(), target: self.target.clone(), undone }
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
