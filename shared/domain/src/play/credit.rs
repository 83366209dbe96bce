//! Winnings: owed whatever became of the session or the account since the stake.

use serde::{Deserialize, Serialize};

use super::bet::{Bet, BetState, EndedBy, LastWord, Round};
use super::policy::{Bets, Rounds, WalletPolicy};
use super::split::Split;
use super::{Slot, amount_of, round_key, round_text, session};
use crate::Timestamp;
use crate::account::Account;
use crate::decide::{Change, Found};
use crate::draft::Draft;
use crate::entry::{EntryKey, Fingerprint, LedgerAccount};
use crate::fact::{Fact, Play};
use crate::money::Money;
use crate::refusal::Refusal;

/// Winnings.
#[derive(Clone, Debug)]
pub struct Credit {
    /// The vendor's transaction.
    pub key: EntryKey,
    /// SHA-256 of the session token that came with it; none where the protocol has no tokens.
    pub token_hash: Option<String>,
    /// The game play it belongs to.
    pub play: Play,
    /// The winnings; zero closes a lost round.
    pub amount: Money,
    /// The bet that won: its reference where bets have one, its transaction otherwise.
    pub bet: Option<String>,
    /// What is paid for.
    pub reason: CreditReason,
    /// The vendor's rules.
    pub policy: WalletPolicy,
}

/// What a game pays for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditReason {
    /// A bet that won.
    #[default]
    Win,
    /// A jackpot.
    Jackpot,
    /// A promotion that the game's supplier pays for.
    SupplierPromotion,
    /// What free rounds won in all.
    FreeRounds,
    /// A promotion of ours, run in the game: a tournament, a prize drop.
    Promotion,
}

impl CreditReason {
    /// Whether it is paid for a bet.
    #[must_use]
    pub const fn is_for_a_bet(self) -> bool {
        matches!(self, Self::Win | Self::Jackpot)
    }

    /// Whether it is an ordinary win, which need not be told.
    #[must_use]
    pub const fn is_win(&self) -> bool {
        matches!(self, Self::Win)
    }

    /// The account of the house that pays.
    pub(crate) const fn payer(self) -> LedgerAccount {
        match self {
            Self::Win => LedgerAccount::Payouts,
            Self::Jackpot => LedgerAccount::Jackpots,
            Self::SupplierPromotion | Self::FreeRounds | Self::Promotion => LedgerAccount::Promotions,
        }
    }
}

/// What winnings are paid for, as far as it is known.
struct Ground<'a> {
    /// What was staked: winnings are paid in the same proportion of real and bonus money.
    stake: Split,
    bet: Option<&'a Bet>,
    round: Option<&'a Round>,
}

pub(crate) fn credit(
    account: &Account,
    command: &Credit,
    found: &Found,
    now: Timestamp,
) -> Result<Draft, Refusal> {
    let amount = amount_of(account, command.amount)?;
    let ground = ground(command, found)?;
    let paid =
        if command.reason.is_for_a_bet() { ground.stake.in_proportion(amount)? } else { Split::cash(amount) };
    let fact = Fact::BetWon {
        play: command.play.of_session(found.session(command.token_hash.as_ref())),
        amount,
        bonus: paid.bonus_part(),
        bet: command.bet.clone(),
        reason: command.reason,
    };
    let mut draft = Draft::moving(account, fact, paid.given(&command.reason.payer())?);
    if let Some(bet) = ground.bet {
        // Even winnings of nothing settle a bet: what was lost is never given back by a rollback.
        let (payout, state) = (bet.payout.plus(paid)?, BetState::Settled);
        let last = Some(LastWord { tx: command.key.tx.clone(), at: now });
        draft = draft.with(Change::Bet(Bet { last, payout, state, ..bet.clone() }));
    }
    if let Some(round) = ground.round.filter(|_| command.play.round_closed) {
        draft = draft.with(Change::Round(round.clone().over(EndedBy::Result, now)));
    }
    Ok(draft)
}

fn ground<'a>(command: &Credit, found: &'a Found) -> Result<Ground<'a>, Refusal> {
    let round = command.round_key().and_then(|key| found.rounds.get(&key));
    let zero = Split::zero(command.amount.currency());
    let Some(reference) = command.bet_key() else {
        // A round that a stake began says whose it is.
        if command.policy.rounds != Rounds::Kept || round.is_none() {
            known_session(command, found)?;
        }
        if command.reason.is_for_a_bet() {
            check_round(command, round)?;
        }
        return Ok(Ground { stake: round.map_or(zero, |round| round.stake), bet: None, round });
    };
    let ground = match command.policy.bets {
        Bets::ByTransaction => match found.slots.get(&reference) {
            Some(Slot::Taken(entry)) if entry.reversed_by.is_some() => return Err(Refusal::BetReversed),
            Some(Slot::Taken(entry)) => match entry.fact.staked()? {
                Some(stake) => Ground { stake, bet: None, round },
                None => return Err(Refusal::BetUnknown),
            },
            Some(Slot::Tombstone) => return Err(Refusal::BetReversed),
            Some(Slot::Free) | None => {
                Ground { stake: without_bet(command, found, round)?, bet: None, round }
            }
        },
        Bets::ByReference => match found.bets.get(&reference) {
            Some(bet) => {
                check_open(command, bet)?;
                Ground { stake: bet.stake, bet: Some(bet), round }
            }
            None => Ground { stake: without_bet(command, found, round)?, bet: None, round },
        },
    };
    if command.policy.rounds == Rounds::Kept && ground.round.is_some_and(Round::is_over) {
        return Err(Refusal::RoundClosed);
    }
    Ok(ground)
}

/// Winnings that name a bet which we do not know.
fn without_bet(command: &Credit, found: &Found, round: Option<&Round>) -> Result<Split, Refusal> {
    known_session(command, found)?;
    if command.policy.require_bet && command.reason.is_for_a_bet() {
        return Err(Refusal::BetUnknown);
    }
    Ok(round.map_or(Split::zero(command.amount.currency()), |round| round.stake))
}

/// A token tells whose winnings they are only if we issued it.
fn known_session(command: &Credit, found: &Found) -> Result<(), Refusal> {
    let token_hash = command.token_hash.as_ref();
    session::known(found.session(token_hash), token_hash, &command.key)
}

/// Winnings that name no bet belong to their round, where rounds are kept.
fn check_round(command: &Credit, round: Option<&Round>) -> Result<(), Refusal> {
    match (command.policy.rounds, round) {
        (Rounds::Kept, Some(round)) if round.is_over() => Err(Refusal::RoundClosed),
        (Rounds::Kept, None) | (Rounds::Named, _) if command.policy.require_bet => Err(Refusal::BetUnknown),
        (Rounds::Kept | Rounds::Named, _) => Ok(()),
    }
}

fn check_open(command: &Credit, bet: &Bet) -> Result<(), Refusal> {
    match bet.state {
        BetState::Settled if command.policy.one_credit_per_bet => Err(Refusal::BetSettled),
        BetState::Open | BetState::Settled => Ok(()),
        BetState::Cancelled | BetState::Void | BetState::Forbidden => Err(Refusal::BetReversed),
    }
}

impl Credit {
    /// Where the bet stands: its entry, or its record where bets have references.
    #[must_use]
    pub fn bet_key(&self) -> Option<EntryKey> {
        self.bet.as_ref().map(|bet| EntryKey::new(self.key.integration.clone(), bet.clone()))
    }

    /// Where the round stands, if it may be remembered.
    pub(crate) fn round_key(&self) -> Option<EntryKey> {
        round_key(&self.key, &self.play, self.policy)
    }

    /// What a repeat of the transaction must match.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let amount = self.amount.to_string();
        let bet = self.bet.as_deref().unwrap_or_default();
        let reason = format!("{:?}", self.reason);
        Fingerprint::of(["credit", &amount, &self.play.game, round_text(&self.play), bet, &reason])
    }
}
