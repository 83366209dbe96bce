//! Game play: stakes, winnings and rollbacks, in whatever order and however often vendors send them.

use crate::Timestamp;
use crate::account::{Account, VerificationStatus};
use crate::decide::{Change, Draft};
use crate::entry::{Entry, EntryKey, Fingerprint, LedgerAccount, Posting, transfer};
use crate::fact::{Fact, Play, Undone};
use crate::ids::GameSessionId;
use crate::money::Money;
use crate::person::refuse_closed;
use crate::refusal::Refusal;
use crate::rules::Rules;

/// A game that a player opened: who may play what, in which currency, until when.
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
    /// Until when stakes are taken. Winnings and rollbacks have no end.
    pub expires_at: Timestamp,
}

/// Opens a game.
#[derive(Clone, Debug)]
pub struct LaunchGame {
    /// What makes it happen once.
    pub key: EntryKey,
    /// The session to open.
    pub session: GameSession,
}

/// What differs between game vendors' rules, stated as data: the core knows no vendor's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WalletPolicy {
    /// Whether winnings need a bet that we know.
    pub require_bet: bool,
}

/// A stake.
#[derive(Clone, Debug)]
pub struct Debit {
    /// The vendor's transaction.
    pub key: EntryKey,
    /// SHA-256 of the session token that came with it.
    pub token_hash: String,
    /// The game play it belongs to.
    pub play: Play,
    /// The stake.
    pub amount: Money,
    /// Whether it is a free bet: the amount is nominal.
    pub free: bool,
}

/// Winnings.
#[derive(Clone, Debug)]
pub struct Credit {
    /// The vendor's transaction.
    pub key: EntryKey,
    /// SHA-256 of the session token that came with it.
    pub token_hash: String,
    /// The game play it belongs to.
    pub play: Play,
    /// The winnings; zero closes a lost round.
    pub amount: Money,
    /// The bet that won, by the vendor's transaction id.
    pub bet: Option<String>,
    /// Whether it is a promotion's payout, which needs no bet.
    pub promotional: bool,
    /// The vendor's rules.
    pub policy: WalletPolicy,
}

/// The undoing of an earlier transaction.
#[derive(Clone, Debug)]
pub struct Rollback {
    /// The vendor's transaction.
    pub key: EntryKey,
    /// The game play it belongs to.
    pub play: Play,
    /// The transaction to undo, by the vendor's transaction id.
    pub target: String,
}

/// What stands at a transaction's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slot {
    /// Nothing yet.
    Free,
    /// The transaction was rolled back before it arrived: it must never happen.
    Tombstone,
    /// The transaction happened.
    Taken(Box<Entry>),
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

pub(crate) fn debit(
    account: &Account,
    command: &Debit,
    session: Option<&GameSession>,
    rules: &Rules,
    now: Timestamp,
) -> Result<Draft, Refusal> {
    let session = session.ok_or(Refusal::SessionUnknown)?;
    check_session(session, &command.key.integration, now)?;
    refuse_closed(account)?;
    check_amount(account, command.amount)?;
    if rules.verified_before_bet && account.verification.status != VerificationStatus::Approved {
        return Err(Refusal::NotVerified);
    }
    let staked = if command.free { Money::zero(command.amount.currency()) } else { command.amount };
    if account.wallet.cash.minus(staked)?.is_negative() {
        return Err(Refusal::InsufficientFunds { available: account.wallet.playable()? });
    }
    let fact = Fact::BetPlaced { play: command.play.clone(), amount: command.amount, free: command.free };
    let postings = transfer(LedgerAccount::Cash, LedgerAccount::Stakes, staked)?;
    Ok(Draft::moving(account, fact, postings))
}

/// Winnings are owed whatever became of the session or the account since the stake.
pub(crate) fn credit(
    account: &Account,
    command: &Credit,
    bet: Option<&Slot>,
    session: Option<&GameSession>,
) -> Result<Draft, Refusal> {
    check_amount(account, command.amount)?;
    match bet {
        Some(Slot::Taken(entry)) => {
            if entry.reversed_by.is_some() {
                return Err(Refusal::BetReversed);
            }
            if !matches!(entry.fact, Fact::BetPlaced { .. }) {
                return Err(Refusal::BetUnknown);
            }
        }
        Some(Slot::Tombstone) => return Err(Refusal::BetReversed),
        Some(Slot::Free) | None => {
            if session.is_none() {
                return Err(Refusal::SessionUnknown);
            }
            if command.policy.require_bet && !command.promotional {
                return Err(Refusal::BetUnknown);
            }
        }
    }
    let fact = Fact::BetWon { play: command.play.clone(), amount: command.amount, bet: command.bet.clone() };
    let postings = transfer(LedgerAccount::Payouts, LedgerAccount::Cash, command.amount)?;
    Ok(Draft::moving(account, fact, postings))
}

pub(crate) fn rollback(account: &Account, command: &Rollback, target: &Slot) -> Result<Draft, Refusal> {
    let (undone, postings) = match target {
        Slot::Taken(entry) if entry.reversed_by.is_none() => undo(account, entry)?,
        Slot::Taken(_) | Slot::Tombstone | Slot::Free => (None, Vec::new()),
    };
    let change = match target {
        Slot::Free => Some(Change::Tombstone { key: command.target_key(), by: command.key.tx.clone() }),
        Slot::Taken(_) if undone.is_some() => {
            Some(Change::Reversed { key: command.target_key(), by: command.key.tx.clone() })
        }
        Slot::Taken(_) | Slot::Tombstone => None,
    };
    let fact = Fact::RolledBack { play: command.play.clone(), target: command.target.clone(), undone };
    let mut draft = Draft::moving(account, fact, postings);
    draft.changes.extend(change);
    Ok(draft)
}

/// The postings that undo an entry. A win that was spent meanwhile leaves the rest as owed by the player.
fn undo(account: &Account, entry: &Entry) -> Result<(Option<Undone>, Vec<Posting>), Refusal> {
    match &entry.fact {
        Fact::BetPlaced { amount, free, .. } => {
            let staked = if *free { Money::zero(amount.currency()) } else { *amount };
            let postings = transfer(LedgerAccount::Stakes, LedgerAccount::Cash, staked)?;
            Ok((Some(Undone::Bet { amount: staked }), postings))
        }
        Fact::BetWon { amount, .. } => {
            let taken = amount.at_most(account.wallet.cash)?;
            let shortfall = amount.minus(taken)?;
            let mut postings = transfer(LedgerAccount::Cash, LedgerAccount::Payouts, taken)?;
            postings.extend(transfer(LedgerAccount::Receivable, LedgerAccount::Payouts, shortfall)?);
            Ok((Some(Undone::Win { amount: *amount, shortfall }), postings))
        }
        _ => Ok((None, Vec::new())),
    }
}

fn check_session(session: &GameSession, integration: &str, now: Timestamp) -> Result<(), Refusal> {
    if session.integration != integration {
        return Err(Refusal::SessionUnknown);
    }
    if session.expires_at <= now {
        return Err(Refusal::SessionExpired);
    }
    Ok(())
}

fn check_amount(account: &Account, amount: Money) -> Result<(), Refusal> {
    if amount.currency() != account.wallet.currency() {
        return Err(Refusal::WrongCurrency);
    }
    if amount.is_negative() {
        return Err(Refusal::NotPositive);
    }
    Ok(())
}

/// Checks that a token may be used to ask for the balance.
pub fn check_balance_access(
    session: Option<&GameSession>,
    integration: &str,
    now: Timestamp,
) -> Result<(), Refusal> {
    check_session(session.ok_or(Refusal::SessionUnknown)?, integration, now)
}

impl Debit {
    /// What a repeat of the transaction must match.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let amount = self.amount.to_string();
        Fingerprint::of(["debit", &amount, &self.play.game, round(&self.play), flag(self.free)])
    }
}

impl Credit {
    /// What a repeat of the transaction must match.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let amount = self.amount.to_string();
        let bet = self.bet.as_deref().unwrap_or_default();
        Fingerprint::of(["credit", &amount, &self.play.game, round(&self.play), bet, flag(self.promotional)])
    }
}

impl Rollback {
    /// What a repeat of the transaction must match.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(["rollback", &self.target])
    }

    /// Where the transaction to undo stands, or would stand.
    #[must_use]
    pub fn target_key(&self) -> EntryKey {
        EntryKey::new(self.key.integration.clone(), self.target.clone())
    }
}

fn round(play: &Play) -> &str {
    play.round.as_deref().unwrap_or_default()
}

const fn flag(set: bool) -> &'static str {
    if set { "1" } else { "" }
}
