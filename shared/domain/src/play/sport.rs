//! Sports bets after they were placed: settled, settled otherwise, taken back, declared void, taken up again.

use super::bet::{Bet, BetState};
use super::split::Split;
use crate::account::Account;
use crate::decide::{Change, Found};
use crate::draft::Draft;
use crate::entry::{EntryKey, Fingerprint, LedgerAccount, Posting};
use crate::fact::{Fact, Play};
use crate::money::{Money, MoneyError};
use crate::refusal::Refusal;

/// Something that becomes of a bet.
#[derive(Clone, Debug)]
pub struct BetUpdate {
    /// The sender's transaction.
    pub key: EntryKey,
    /// What the bet was on.
    pub play: Play,
    /// The bet's reference.
    pub bet: String,
    /// The sender's number of this update: rises with each; an older one is out of date.
    pub version: u32,
    /// What becomes of it.
    pub step: BetStep,
}

/// What may become of a bet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BetStep {
    /// It won so much; nothing, if it lost. A settled bet is settled anew: the earlier payout is taken back.
    Settle {
        /// The payout.
        payout: Money,
    },
    /// The settlement was wrong: its payout is taken back, and the bet is open again.
    Unsettle,
    /// The bet does not count: the stake goes back, a payout is taken back.
    Void,
    /// It counts after all: the stake is taken again.
    Unvoid,
}

/// What an update leads to.
struct Turn {
    state: BetState,
    payout: Split,
    postings: Vec<Posting>,
    /// What the player could not give back.
    owed: Money,
}

pub(crate) fn update(account: &Account, command: &BetUpdate, found: &Found) -> Result<Draft, Refusal> {
    let bet = found.bets.get(&command.bet_key()).ok_or(Refusal::BetUnknown)?;
    match bet.state {
        BetState::Cancelled | BetState::Forbidden => return Err(Refusal::BetReversed),
        BetState::Open | BetState::Settled | BetState::Void => {}
    }
    if command.version <= bet.settlement {
        return Err(Refusal::Outdated);
    }
    let turn = turn(account, command.step, bet)?;
    let fact = Fact::BetUpdated {
        play: command.play.clone(),
        bet: command.bet.clone(),
        from: bet.state,
        to: turn.state,
        stake: bet.stake.total()?,
        payout: turn.payout.total()?,
        payout_before: bet.payout.total()?,
        shortfall: turn.owed,
    };
    let next = Bet { state: turn.state, payout: turn.payout, settlement: command.version, ..bet.clone() };
    Ok(Draft::moving(account, fact, turn.postings).with(Change::Bet(next)))
}

fn turn(account: &Account, step: BetStep, bet: &Bet) -> Result<Turn, Refusal> {
    let currency = account.wallet.currency();
    let zero = Split::zero(currency);
    match (step, bet.state) {
        (BetStep::Settle { payout }, BetState::Open | BetState::Settled) => {
            let payout = bet.stake.in_proportion(super::amount_of(account, payout)?)?;
            let (postings, owed) = difference(account, bet.payout, payout)?;
            Ok(Turn { state: BetState::Settled, payout, postings, owed })
        }
        (BetStep::Unsettle, BetState::Settled) => {
            let (postings, owed) = difference(account, bet.payout, zero)?;
            Ok(Turn { state: BetState::Open, payout: zero, postings, owed })
        }
        (BetStep::Void, BetState::Open | BetState::Settled) => {
            // What the stake brings back pays first for what has to be given back.
            let stake_back = bet.stake.given(&LedgerAccount::Stakes)?;
            let mut richer = account.clone();
            for posting in &stake_back {
                richer.wallet.post(&posting.account, posting.amount)?;
            }
            let (taken, owed) = difference(&richer, bet.payout, zero)?;
            let postings = stake_back.into_iter().chain(taken).collect();
            Ok(Turn { state: BetState::Void, payout: zero, postings, owed })
        }
        (BetStep::Unvoid, BetState::Void) => {
            let (postings, owed) = bet.stake.taken_back(&account.wallet, &LedgerAccount::Stakes)?;
            Ok(Turn { state: BetState::Open, payout: zero, postings, owed })
        }
        (BetStep::Unsettle | BetStep::Unvoid, BetState::Open) => Err(Refusal::WrongState { state: "open" }),
        (BetStep::Unvoid, BetState::Settled) => Err(Refusal::WrongState { state: "settled" }),
        (BetStep::Settle { .. } | BetStep::Unsettle | BetStep::Void, BetState::Void) => {
            Err(Refusal::WrongState { state: "void" })
        }
        (_, BetState::Cancelled | BetState::Forbidden) => Err(Refusal::BetReversed),
    }
}

/// Pays one payout in the place of another, part by part: more is paid, less is taken back as far as it is there.
fn difference(account: &Account, before: Split, after: Split) -> Result<(Vec<Posting>, Money), MoneyError> {
    let zero = Money::zero(account.wallet.currency());
    let above = |a: Money, b: Money| a.minus(b).map(|rest| if rest.is_negative() { zero } else { rest });
    let more = Split { cash: above(after.cash, before.cash)?, bonus: above(after.bonus, before.bonus)? };
    let less = Split { cash: above(before.cash, after.cash)?, bonus: above(before.bonus, after.bonus)? };
    let mut postings = more.given(&LedgerAccount::Payouts)?;
    let (taken, owed) = less.taken_back(&account.wallet, &LedgerAccount::Payouts)?;
    postings.extend(taken);
    Ok((postings, owed))
}

impl BetUpdate {
    /// Where the bet stands.
    #[must_use]
    pub fn bet_key(&self) -> EntryKey {
        EntryKey::new(self.key.integration.clone(), self.bet.clone())
    }

    /// What a repeat must match.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let (name, payout) = match self.step {
            BetStep::Settle { payout } => ("settle", payout.to_string()),
            BetStep::Unsettle => ("unsettle", String::new()),
            BetStep::Void => ("void", String::new()),
            BetStep::Unvoid => ("unvoid", String::new()),
        };
        Fingerprint::of([name, &self.bet, &self.version.to_string(), &payout])
    }
}
