//! Batches: commands decided one after the other, and committed as one or not at all.

use std::slice;

use crate::Timestamp;
use crate::account::{Account, Wallet};
use crate::decide::{Change, Command, Decision, Found, Outcome, Reads, decide};
use crate::entry::Entry;
use crate::play::Slot;
use crate::refusal::Refusal;
use crate::rules::Rules;

/// The most commands that one batch may hold: with what changes along, they must fit into one transaction of the
/// store, which takes a hundred items.
pub const MOST_IN_A_BATCH: usize = 30;

/// Refuses a batch that is too large, before anything is read for it.
pub fn refuse_too_many(commands: &[Command]) -> Result<(), (usize, Refusal)> {
    if commands.len() > MOST_IN_A_BATCH {
        return Err((MOST_IN_A_BATCH, Refusal::TooMany { most: MOST_IN_A_BATCH }));
    }
    Ok(())
}

/// What a vendor asks for at once, in parts to be done one after the other. Rollbacks may be parted, for each is good
/// alone and undoes nothing twice; anything else is done as one or not at all.
pub fn parts(commands: &[Command]) -> impl Iterator<Item = &[Command]> {
    let may_be_parted = commands.iter().all(|command| matches!(command, Command::Rollback(_)));
    commands.chunks(if may_be_parted { MOST_IN_A_BATCH } else { commands.len().max(1) })
}

/// What was decided of a batch.
#[derive(Clone, Debug)]
pub struct Batched {
    /// What has to be committed; none if all of it had been done before.
    pub decision: Option<Decision>,
    /// What came of each command, in order.
    pub done: Vec<Done>,
}

/// A command of a batch that went through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// It was done now.
    Applied(Box<Entry>),
    /// It had been done before, exactly so.
    Replayed(Box<Entry>),
}

/// What came of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BatchOutcome {
    /// All of it is done.
    Done {
        /// What came of each command, in order.
        done: Vec<Done>,
        /// The balances after it; if all had been done before, those of then.
        balances: Wallet,
    },
    /// One command is refused, and nothing changed.
    Refused {
        /// Which one.
        index: usize,
        /// Why.
        refusal: Refusal,
        /// The account it was refused on, if there is one.
        account: Option<Box<Account>>,
    },
}

/// Decides commands one after the other, each on what the ones before it led to. The first refusal, told with
/// the number of its command, refuses all.
///
/// A command whose key is taken in `found` by the same request has been done before; it changes nothing again.
pub fn decide_all(
    account: &Account,
    found: &Found,
    commands: &[Command],
    rules: &Rules,
    now: Timestamp,
) -> Result<Batched, (usize, Refusal)> {
    refuse_too_many(commands)?;
    let mut found = found.clone();
    let mut batched = Batched { decision: None, done: Vec::with_capacity(commands.len()) };
    for (index, command) in commands.iter().enumerate() {
        if let Some(entry) = done_before(&found, command).map_err(|refusal| (index, refusal))? {
            batched.done.push(Done::Replayed(entry));
            continue;
        }
        let current = batched.decision.as_ref().map_or(account, |decision| &decision.account);
        let next = decide(current, &found, command, rules, now).map_err(|refusal| (index, refusal))?;
        found.learn(&next);
        batched.done.extend(next.entries.iter().cloned().map(|entry| Done::Applied(Box::new(entry))));
        batched.decision = Some(match batched.decision.take() {
            Some(earlier) => earlier.then(next),
            None => next,
        });
    }
    Ok(batched)
}

/// The entry of a command that was done before.
fn done_before(found: &Found, command: &Command) -> Result<Option<Box<Entry>>, Refusal> {
    match found.slots.get(&command.key()) {
        Some(Slot::Taken(entry)) if entry.fingerprint != command.fingerprint() => Err(Refusal::Mismatch),
        Some(Slot::Taken(entry)) if entry.reversed_by.is_some() && command.undone_is_final() => {
            Err(Refusal::Tombstoned)
        }
        Some(Slot::Taken(entry)) => Ok(Some(entry.clone())),
        Some(Slot::Tombstone) => Err(Refusal::Tombstoned),
        Some(Slot::Free) | None => Ok(None),
    }
}

impl Found {
    /// Adds what a decision leads to.
    fn learn(&mut self, decision: &Decision) {
        for entry in &decision.entries {
            self.slots.insert(entry.key.clone(), Slot::Taken(Box::new(entry.clone())));
        }
        for change in decision.changes.iter().cloned() {
            match change {
                Change::Deposit(deposit) => drop(self.deposits.insert(deposit.id, deposit)),
                Change::Withdrawal(it) => drop(self.withdrawals.insert(it.id, it)),
                Change::GameSession(it) => drop(self.sessions.insert(it.token_hash.clone(), it)),
                Change::Bet(bet) => drop(self.bets.insert(bet.key.clone(), bet)),
                Change::Round(round) => drop(self.rounds.insert(round.key.clone(), round)),
                Change::Tombstone { key, .. } => drop(self.slots.insert(key, Slot::Tombstone)),
                Change::Reversed { key, by } => {
                    if let Some(Slot::Taken(entry)) = self.slots.get_mut(&key) {
                        entry.reversed_by = Some(by);
                    }
                }
                Change::Reference(_) | Change::Instrument(_) => {}
            }
        }
    }
}

impl Decision {
    /// This decision and the next as one: no item is written twice.
    fn then(mut self, next: Self) -> Self {
        for change in next.changes {
            if let Change::Reversed { key, by } = &change
                && let Some(entry) = self.entries.iter_mut().find(|entry| entry.key == *key)
            {
                entry.reversed_by = Some(by.clone());
                continue;
            }
            match self.changes.iter_mut().find(|earlier| earlier.is_same_record(&change)) {
                Some(earlier) => *earlier = change,
                None => self.changes.push(change),
            }
        }
        self.account = next.account;
        self.entries.extend(next.entries);
        self
    }
}

impl Change {
    fn is_same_record(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Deposit(a), Self::Deposit(b)) => a.id == b.id,
            (Self::Withdrawal(a), Self::Withdrawal(b)) => a.id == b.id,
            (Self::GameSession(a), Self::GameSession(b)) => a.token_hash == b.token_hash,
            (Self::Bet(a), Self::Bet(b)) => a.key == b.key,
            (Self::Round(a), Self::Round(b)) => a.key == b.key,
            (Self::Instrument(a), Self::Instrument(b)) => a == b,
            _ => false,
        }
    }
}

impl Reads {
    /// What a batch needs.
    #[must_use]
    pub fn of(commands: &[Command]) -> Self {
        commands.iter().map(Command::reads).fold(Self::default(), |mut all, reads| {
            all.slots.extend(reads.slots);
            all.bets.extend(reads.bets);
            all.rounds.extend(reads.rounds);
            all.sessions.extend(reads.sessions);
            all.deposits.extend(reads.deposits);
            all.withdrawals.extend(reads.withdrawals);
            all
        })
    }

    /// The same, and what stands at the commands' own keys.
    #[must_use]
    pub fn with_own(mut self, commands: &[Command]) -> Self {
        self.slots.extend(commands.iter().map(Command::key));
        self
    }
}

impl BatchOutcome {
    /// This outcome and that of the part which came after it, as one. The balances are those after whatever was done
    /// last.
    #[must_use]
    pub fn followed_by(self, next: Self) -> Self {
        let newest = |done: &[Done]| done.iter().map(|it| it.entry().seq).max();
        match (self, next) {
            (Self::Done { mut done, balances }, Self::Done { done: later, balances: after }) => {
                let balances = if newest(&done) > newest(&later) { balances } else { after };
                done.extend(later);
                Self::Done { done, balances }
            }
            (Self::Done { done, .. }, Self::Refused { index, refusal, account }) => {
                Self::Refused { index: done.len().saturating_add(index), refusal, account }
            }
            (refused @ Self::Refused { .. }, _) => refused,
        }
    }

    /// The outcome of a batch of one.
    #[must_use]
    pub fn single(self) -> Option<Outcome> {
        Some(match self {
            Self::Done { done, .. } => match done.into_iter().next()? {
                Done::Applied(entry) => Outcome::Applied(entry),
                Done::Replayed(entry) => Outcome::Replayed(entry),
            },
            Self::Refused { refusal, account, .. } => Outcome::Refused { refusal, account },
        })
    }
}

impl Done {
    /// The entry that records it.
    #[must_use]
    pub fn entry(&self) -> &Entry {
        match self {
            Self::Applied(entry) | Self::Replayed(entry) => entry,
        }
    }
}

impl Command {
    /// The command as a batch of one.
    #[must_use]
    pub const fn alone(&self) -> &[Self] {
        slice::from_ref(self)
    }
}
