//! The ledger: accounts, entries and what changes with them. One way in, by which a decision is committed or not.

pub(crate) mod commit;
mod entries;
pub(crate) mod image;
mod journal;
mod lists;
mod queues;
mod read;
pub(crate) mod rows;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use domain::ids::PlayerId;
use domain::play::Slot;
use domain::rules::Pack;
use domain::{
    Account, BatchOutcome, Batched, Command, Done, EntryKey, Found, Outcome, Refusal, Rules, Timestamp,
    decide_all, refuse_too_many,
};
use tokio::sync::Mutex;
use tokio::time::Instant;

pub use entries::Statement;
pub use queues::Due;

use crate::{Jitter, Outage};
use commit::Commit;
use read::Reading;

/// How many locks share the players of one process.
const LOCKS: usize = 256;

/// The rule packs in force, by jurisdiction.
#[derive(Clone, Debug, Default)]
pub struct RuleBook(Vec<(Timestamp, Rules)>);

impl RuleBook {
    /// A book of packs; drafts and retired ones are left out when they are looked up.
    pub fn new(packs: impl IntoIterator<Item = Pack>) -> Self {
        Self(
            packs
                .into_iter()
                .filter(|pack| pack.in_force(Timestamp::MAX))
                .map(|pack| (pack.effective_from(), pack.rules()))
                .collect(),
        )
    }

    /// The newest rules of a jurisdiction that are in force at a time.
    ///
    /// # Errors
    /// Where there are none nothing can be decided; that is our trouble, never the player's.
    pub fn rules(&self, jurisdiction: &str, now: Timestamp) -> Result<&Rules, Outage> {
        self.in_force(jurisdiction, now)
            .ok_or_else(|| Outage::new("find the rules", format!("{jurisdiction} has none in force")))
    }

    /// Whether there are rules by which to play in a jurisdiction at a time.
    #[must_use]
    pub fn covers(&self, jurisdiction: &str, now: Timestamp) -> bool {
        self.in_force(jurisdiction, now).is_some()
    }

    fn in_force(&self, jurisdiction: &str, now: Timestamp) -> Option<&Rules> {
        let of_it = self.0.iter().filter(|(from, rules)| rules.id == jurisdiction && *from <= now);
        of_it.max_by_key(|(from, _)| *from).map(|(_, rules)| rules)
    }
}

/// The ledger table.
#[derive(Clone)]
pub struct Ledger {
    db: Client,
    table: String,
    rules: Arc<RuleBook>,
    jitter: Jitter,
    /// Lets the commands of one player within one process queue up instead of racing each other to the table.
    queues: Arc<Vec<Mutex<()>>>,
}

impl Ledger {
    /// A ledger in a table, under rules.
    #[must_use]
    pub fn new(db: Client, table: impl Into<String>, rules: Arc<RuleBook>, jitter: Jitter) -> Self {
        let queues = Arc::new((0..LOCKS).map(|_| Mutex::new(())).collect());
        Self { db, table: table.into(), rules, jitter, queues }
    }

    /// Decides a command on the player's account and commits the decision: now, or found done before.
    ///
    /// Races with other commands of the same player are decided again until `patience` is over; an
    /// unclear write is looked up, never reported as a refusal.
    pub async fn execute(
        &self,
        player: PlayerId,
        command: &Command,
        now: Timestamp,
        patience: Duration,
    ) -> Result<Outcome, Outage> {
        let outcome = self.execute_all(player, command.alone(), now, patience).await?;
        outcome.single().ok_or_else(|| Outage::new("execute", "a batch of one came to nothing"))
    }

    /// Decides commands one after the other and commits them as one, or refuses all of them.
    pub async fn execute_all(
        &self,
        player: PlayerId,
        commands: &[Command],
        now: Timestamp,
        patience: Duration,
    ) -> Result<BatchOutcome, Outage> {
        if let Err((index, refusal)) = refuse_too_many(commands) {
            return Ok(BatchOutcome::Refused { index, refusal, account: None });
        }
        let deadline = Instant::now() + patience;
        let attempts = async {
            let _queue = match self.queue_of(player) {
                Some(queue) => Some(queue.lock().await),
                None => None,
            };
            self.attempt_until_settled(player, commands, now).await
        };
        tokio::time::timeout_at(deadline, attempts)
            .await
            .unwrap_or_else(|_| Err(Outage::new("commit in time", "the deadline passed")))
    }

    async fn attempt_until_settled(
        &self,
        player: PlayerId,
        commands: &[Command],
        now: Timestamp,
    ) -> Result<BatchOutcome, Outage> {
        let mut reading = Reading::Quick;
        let mut attempts = Attempts::default();
        loop {
            let read = match self.read_for(player, commands, reading).await {
                // Nothing is unclear about a reading: it goes on for as long as there is time.
                Err(outage) if outage.is_crowded() => {
                    attempts.pause(&self.jitter).await;
                    continue;
                }
                read => read?,
            };
            let (standing, found) = match read {
                Some(read) => read,
                // A replica may be behind the opening of the account.
                None if reading == Reading::Quick => {
                    reading = Reading::Strong;
                    continue;
                }
                None => {
                    let refusal = Refusal::PlayerUnknown;
                    return Ok(BatchOutcome::Refused { index: 0, refusal, account: None });
                }
            };
            let account = &standing.account;
            let batched = match self.decide(account, &found, commands, now)? {
                Ok(batched) => batched,
                // The account may have moved on since; and what is refused now may have been done before, such
                // as the bet that emptied the wallet.
                Err(_) if reading == Reading::Quick => {
                    reading = Reading::Strong;
                    continue;
                }
                Err((index, refusal)) => {
                    return Ok(BatchOutcome::Refused {
                        index,
                        refusal,
                        account: Some(Box::new(standing.account)),
                    });
                }
            };
            let Some(decision) = &batched.decision else { return Ok(done(batched, account)) };
            match self.commit(decision, &standing).await {
                Ok(Commit::Done) => return Ok(done(batched, account)),
                Ok(Commit::Duplicate(taken)) => {
                    if let Some(outcome) = self.repeated(account, commands, taken, now)? {
                        return Ok(outcome);
                    }
                }
                Ok(Commit::Stale) => {}
                // The write may have happened: read again, and find it if it did.
                Err(outage) => attempts.failed(outage)?,
            }
            reading = Reading::Strong;
            attempts.pause(&self.jitter).await;
        }
    }

    /// What comes of commands whose keys are taken, if the keys alone tell it.
    fn repeated(
        &self,
        account: &Account,
        commands: &[Command],
        taken: Vec<(EntryKey, Slot)>,
        now: Timestamp,
    ) -> Result<Option<BatchOutcome>, Outage> {
        if taken.len() < commands.len() {
            return Ok(None);
        }
        let found = Found { slots: taken.into_iter().collect(), ..Found::default() };
        Ok(match self.decide(account, &found, commands, now)? {
            Ok(batched) if batched.decision.is_none() => Some(done(batched, account)),
            Ok(_) => None,
            Err((index, refusal)) => {
                Some(BatchOutcome::Refused { index, refusal, account: Some(Box::new(account.clone())) })
            }
        })
    }

    /// Decides without committing: what commands would lead to.
    fn decide(
        &self,
        account: &Account,
        found: &Found,
        commands: &[Command],
        now: Timestamp,
    ) -> Result<Result<Batched, (usize, Refusal)>, Outage> {
        let rules = self.rules.rules(&account.jurisdiction, now)?;
        Ok(decide_all(account, found, commands, rules, now))
    }

    /// The lock that a player's commands share.
    fn queue_of(&self, player: PlayerId) -> Option<&Mutex<()>> {
        let mut hasher = DefaultHasher::new();
        player.hash(&mut hasher);
        let spread = usize::try_from(hasher.finish() % u64::try_from(LOCKS).ok()?).ok()?;
        self.queues.get(spread)
    }
}

/// What came of commands that went through. A repeat tells the balances of the first time: those after the newest of
/// its entries, which need not be the last, for some of them may have been older even then.
fn done(batched: Batched, account: &Account) -> BatchOutcome {
    let newest = batched.done.iter().map(Done::entry).max_by_key(|entry| entry.seq);
    let balances = match (&batched.decision, newest) {
        (Some(decision), _) => decision.account.wallet,
        (None, Some(newest)) => newest.balances,
        (None, None) => account.wallet,
    };
    BatchOutcome::Done { done: batched.done, balances }
}

/// How often a command was tried.
#[derive(Default)]
struct Attempts {
    all: u32,
    unclear: u32,
}

impl Attempts {
    /// The most attempts with an unclear end.
    const MOST_UNCLEAR: u32 = 2;

    /// Gives up after too many attempts with an unclear end.
    fn failed(&mut self, outage: Outage) -> Result<(), Outage> {
        self.unclear += 1;
        if self.unclear > Self::MOST_UNCLEAR { Err(outage) } else { Ok(()) }
    }

    /// A short, growing, random pause, so that racing writers fall out of step.
    async fn pause(&mut self, jitter: &Jitter) {
        self.all += 1;
        jitter.pause(4, self.all.min(5)).await;
    }
}

#[cfg(test)]
mod tests;
