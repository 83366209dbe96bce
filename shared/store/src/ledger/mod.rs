//! The ledger: accounts, entries and what changes with them. One way in, by which a decision is committed or not.

mod commit;
pub(crate) mod image;
mod read;
pub(crate) mod rows;
mod statement;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use domain::ids::PlayerId;
use domain::play::Slot;
use domain::rules::Pack;
use domain::{Account, Command, Decision, Entry, Found, Outcome, Refusal, Rules, Timestamp, decide};
use tokio::sync::Mutex;
use tokio::time::Instant;

pub use statement::Statement;

use crate::Outage;
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
    #[must_use]
    pub fn rules(&self, jurisdiction: &str, now: Timestamp) -> Option<&Rules> {
        self.0
            .iter()
            .filter(|(from, rules)| rules.id == jurisdiction && *from <= now)
            .max_by_key(|(from, _)| *from)
            .map(|(_, rules)| rules)
    }
}

/// The ledger table.
#[derive(Clone)]
pub struct Ledger {
    db: Client,
    table: String,
    rules: Arc<RuleBook>,
    /// Lets the commands of one player within one process queue up instead of racing each other to the table.
    queues: Arc<Vec<Mutex<()>>>,
}

impl Ledger {
    /// A ledger in a table, under rules.
    #[must_use]
    pub fn new(db: Client, table: impl Into<String>, rules: Arc<RuleBook>) -> Self {
        let queues = Arc::new((0..LOCKS).map(|_| Mutex::new(())).collect());
        Self { db, table: table.into(), rules, queues }
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
        let deadline = Instant::now() + patience;
        let attempts = async {
            let _queue = match self.queue_of(player) {
                Some(queue) => Some(queue.lock().await),
                None => None,
            };
            self.attempt_until_settled(player, command, now).await
        };
        tokio::time::timeout_at(deadline, attempts)
            .await
            .unwrap_or_else(|_| Err(Outage::new("commit in time", "the deadline passed")))
    }

    async fn attempt_until_settled(
        &self,
        player: PlayerId,
        command: &Command,
        now: Timestamp,
    ) -> Result<Outcome, Outage> {
        let mut reading = Reading::Quick;
        let (mut failures, mut attempts) = (0, 0);
        loop {
            let Some((account, found)) = self.read_for(player, command, reading).await? else {
                return Ok(Outcome::Refused { refusal: Refusal::PlayerUnknown, account: None });
            };
            let decision = match self.decide(&account, &found, command, now)? {
                Ok(decision) => decision,
                Err(_) if reading == Reading::Quick && reading.may_be_stale(command) => {
                    reading = Reading::Strong;
                    continue;
                }
                Err(refusal) => return self.refused(account, command, refusal).await,
            };
            match self.commit(&decision, account.version).await {
                Ok(Commit::Done) => return Ok(Outcome::Applied(Box::new(decision.entry))),
                Ok(Commit::Duplicate(slot)) => return Ok(repeated(&account, command, slot)),
                Ok(Commit::Stale) => reading = Reading::Strong,
                Err(outage) => {
                    // The write may have happened: read again, and find it if it did.
                    failures += 1;
                    if failures > 2 {
                        return Err(outage);
                    }
                    reading = Reading::Strong;
                }
            }
            attempts += 1;
            back_off(attempts).await;
        }
    }

    /// Decides without committing: what a command would lead to.
    fn decide(
        &self,
        account: &Account,
        found: &Found,
        command: &Command,
        now: Timestamp,
    ) -> Result<Result<Decision, Refusal>, Outage> {
        let rules = self
            .rules
            .rules(&account.jurisdiction, now)
            .ok_or_else(|| Outage::new("decide", format!("no rules for {}", account.jurisdiction)))?;
        Ok(decide(account, found, command, rules, now))
    }

    /// A command that is refused now may have been done before: the repeat of a bet that emptied the wallet.
    async fn refused(
        &self,
        account: Account,
        command: &Command,
        refusal: Refusal,
    ) -> Result<Outcome, Outage> {
        match self.slot(account.player, &command.key()).await? {
            Slot::Free => Ok(Outcome::Refused { refusal, account: Some(Box::new(account)) }),
            taken => Ok(repeated(&account, command, taken)),
        }
    }

    /// The lock that a player's commands share.
    fn queue_of(&self, player: PlayerId) -> Option<&Mutex<()>> {
        let mut hasher = DefaultHasher::new();
        player.hash(&mut hasher);
        let spread = usize::try_from(hasher.finish() % u64::try_from(LOCKS).ok()?).ok()?;
        self.queues.get(spread)
    }
}

/// What a command comes to whose key is already taken.
fn repeated(account: &Account, command: &Command, slot: Slot) -> Outcome {
    let refuse = |refusal| Outcome::Refused { refusal, account: Some(Box::new(account.clone())) };
    match slot {
        Slot::Taken(entry) if is_repeat(&entry, command) => Outcome::Replayed(entry),
        Slot::Taken(_) => refuse(Refusal::Mismatch),
        Slot::Tombstone | Slot::Free => refuse(Refusal::Tombstoned),
    }
}

fn is_repeat(entry: &Entry, command: &Command) -> bool {
    entry.fingerprint == command.fingerprint()
}

/// A short, growing, random pause, so that racing writers fall out of step.
async fn back_off(attempts: u32) {
    let most = 4_u64.saturating_mul(2_u64.saturating_pow(attempts.min(5)));
    tokio::time::sleep(Duration::from_millis(rand::random_range(0..most))).await;
}
