//! Stakes.

use super::bet::{Bet, BetState, EndedBy, Round};
use super::policy::{Bets, Rounds, WalletPolicy};
use super::session::{self, GameSession, check_session};
use super::split::Split;
use super::{amount_of, flag, round_key, round_text};
use crate::Timestamp;
use crate::account::Account;
use crate::decide::{Change, Found};
use crate::draft::Draft;
use crate::entry::{EntryKey, Fingerprint, LedgerAccount};
use crate::fact::{Fact, Play};
use crate::money::Money;
use crate::person::refuse_closed;
use crate::refusal::Refusal;
use crate::rules::Rules;

/// A stake.
#[derive(Clone, Debug)]
pub struct Debit {
    /// The vendor's transaction.
    pub key: EntryKey,
    /// SHA-256 of the session token that came with it; none where the protocol has no tokens.
    pub token_hash: Option<String>,
    /// The game play it belongs to.
    pub play: Play,
    /// The stake.
    pub amount: Money,
    /// Whether it is a free bet: the amount is nominal.
    pub free: bool,
    /// Whether it only stands for winnings that the game's supplier gives of its own accord: a free bet that is put
    /// down for whoever ever had the game open.
    pub promotion: bool,
    /// The most that its game takes at once, where whoever asks knows the game; vendors do not say.
    pub max_stake: Option<Money>,
    /// The bet's reference, where bets have one; its transaction otherwise.
    pub bet: Option<String>,
    /// The vendor's rules.
    pub policy: WalletPolicy,
}

pub(crate) fn debit(
    account: &Account,
    command: &Debit,
    found: &Found,
    rules: &Rules,
    now: Timestamp,
) -> Result<Draft, Refusal> {
    let session = found.session(command.token_hash.as_ref());
    if command.promotion {
        session::known(session, command.token_hash.as_ref(), &command.key)?;
    } else {
        may_play(account, command, session, rules, now)?;
    }
    let amount = amount_of(account, command.amount)?;
    refuse_too_high(command, amount, session)?;
    let stake = stake(account, command, amount, rules)?;
    let fact = Fact::BetPlaced {
        play: command.play.of_session(session),
        amount,
        bonus: stake.bonus_part(),
        free: command.free,
    };
    let mut draft = Draft::moving(account, fact, stake.taken(&LedgerAccount::Stakes)?);
    if command.policy.bets == Bets::ByReference {
        draft = draft.with(Change::Bet(placed(command, found, stake, now)?));
    }
    if let Some(round) = round_after(account, command, found, stake, now)? {
        draft = draft.with(Change::Round(round));
    }
    Ok(draft)
}

/// Whether the player may stake now, whatever the amount.
fn may_play(
    account: &Account,
    command: &Debit,
    session: Option<&GameSession>,
    rules: &Rules,
    now: Timestamp,
) -> Result<(), Refusal> {
    if command.token_hash.is_some() {
        check_session(session, &command.key.integration, now)?;
    }
    refuse_closed(account)?;
    if rules.verified_before_bet && !account.verification.covers(rules, now) {
        return Err(Refusal::NotVerified);
    }
    Ok(())
}

/// A game takes so much at once. The amount of a free bet is nominal.
fn refuse_too_high(command: &Debit, amount: Money, session: Option<&GameSession>) -> Result<(), Refusal> {
    let of_session = || session.filter(|_| command.play.game.is_empty()).and_then(|it| it.max_stake);
    match command.max_stake.or_else(of_session) {
        Some(most) if !command.free && most.minus(amount)?.is_negative() => {
            Err(Refusal::StakeTooHigh { most })
        }
        _ => Ok(()),
    }
}

/// What the player pays the stake with; nothing for a free bet.
fn stake(account: &Account, command: &Debit, amount: Money, rules: &Rules) -> Result<Split, Refusal> {
    if command.free {
        return Ok(Split::zero(amount.currency()));
    }
    let available = account.wallet.playable()?;
    Split::of_stake(&account.wallet, amount, rules.stake_order)?
        .ok_or(Refusal::InsufficientFunds { available })
}

/// The new bet. A reference is used once, and never after it was rolled back in advance.
fn placed(command: &Debit, found: &Found, stake: Split, now: Timestamp) -> Result<Bet, Refusal> {
    let key = command.bet_key();
    match found.bets.get(&key).map(|bet| bet.state) {
        None => {}
        Some(BetState::Forbidden) => return Err(Refusal::Tombstoned),
        Some(_) => return Err(Refusal::BetExists),
    }
    Ok(Bet {
        key,
        placed_by: command.key.tx.clone(),
        placed_at: now,
        play: command.play.of_session(found.session(command.token_hash.as_ref())),
        last: None,
        stake,
        payout: Split::zero(command.amount.currency()),
        state: BetState::Open,
        settlement: 0,
    })
}

/// The round from now on, if it has to be remembered.
fn round_after(
    account: &Account,
    command: &Debit,
    found: &Found,
    stake: Split,
    now: Timestamp,
) -> Result<Option<Round>, Refusal> {
    let Some(key) = command.round_key() else { return Ok(None) };
    let known = found.rounds.get(&key);
    let kept = command.policy.rounds == Rounds::Kept;
    if kept && known.is_some_and(Round::is_over) {
        return Err(Refusal::RoundClosed);
    }
    // Where there is no bonus money, winnings that find no round are rightly paid in real money.
    if !kept && known.is_none() && account.wallet.bonus.is_zero() {
        return Ok(None);
    }
    let beginning = || {
        let play = command.play.of_session(found.session(command.token_hash.as_ref()));
        Round::beginning(key, play.game, account, now)
    };
    let round = known.cloned().unwrap_or_else(beginning);
    let round = Round { stake: round.stake.plus(stake)?, ..round };
    let is_last = command.play.round_closed;
    Ok(Some(if is_last { round.over(EndedBy::Stake(command.bet_key().tx), now) } else { round }))
}

impl Debit {
    /// Where the bet stands as a record, if the vendor's bets have one.
    #[must_use]
    pub fn bet_key(&self) -> EntryKey {
        let reference = self.bet.as_ref().unwrap_or(&self.key.tx);
        EntryKey::new(self.key.integration.clone(), reference.clone())
    }

    /// Where the round stands, if it may have to be remembered.
    pub(crate) fn round_key(&self) -> Option<EntryKey> {
        round_key(&self.key, &self.play, self.policy)
    }

    /// What a repeat of the transaction must match.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let amount = self.amount.to_string();
        let bet = self.bet.as_deref().unwrap_or_default();
        Fingerprint::of(["debit", &amount, &self.play.game, round_text(&self.play), bet, flag(self.free)])
    }
}
