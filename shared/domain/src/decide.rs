//! The one way by which money and rights move: account and command in, decision or refusal out.

use crate::Timestamp;
use crate::account::Account;
use crate::deposit::{self, Deposit, DepositNotice, RequestDeposit};
use crate::entry::{Entry, EntryKey, Fingerprint, Posting, merged};
use crate::fact::Fact;
use crate::ids::{DepositId, WithdrawalId};
use crate::person::{self, ChangeProfile, CloseAccount, SignIn, StartVerification, VerificationNotice};
use crate::play::{self, Credit, Debit, GameSession, LaunchGame, Rollback, Slot};
use crate::refusal::Refusal;
use crate::rules::Rules;
use crate::withdrawal::{self, RequestWithdrawal, Withdrawal, WithdrawalStep};

/// Something that is asked of an account.
#[derive(Clone, Debug)]
pub enum Command {
    /// The player signs in.
    SignIn(SignIn),
    /// An identity verification starts.
    StartVerification(StartVerification),
    /// An identity vendor reports.
    VerificationNotice(VerificationNotice),
    /// The profile changes.
    ChangeProfile(ChangeProfile),
    /// The player leaves.
    CloseAccount(CloseAccount),
    /// A game is opened.
    LaunchGame(LaunchGame),
    /// A stake.
    Debit(Debit),
    /// Winnings.
    Credit(Credit),
    /// The undoing of a stake or winnings.
    Rollback(Rollback),
    /// The player wants to pay in.
    RequestDeposit(RequestDeposit),
    /// A payment provider reports on a deposit.
    DepositNotice(DepositNotice),
    /// The player wants to be paid out.
    RequestWithdrawal(RequestWithdrawal),
    /// Something happens to a withdrawal.
    WithdrawalStep(WithdrawalStep),
}

/// What must be read together with the account before a command can be decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// An earlier transaction.
    pub slot: Option<EntryKey>,
    /// A game session, by the hash of its token.
    pub session: Option<String>,
    /// A deposit.
    pub deposit: Option<DepositId>,
    /// A withdrawal.
    pub withdrawal: Option<WithdrawalId>,
}

/// What was read together with the account; still true if the commit goes through.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// What stands at the earlier transaction's key.
    pub slot: Option<Slot>,
    /// The game session.
    pub session: Option<GameSession>,
    /// The deposit.
    pub deposit: Option<Deposit>,
    /// The withdrawal.
    pub withdrawal: Option<Withdrawal>,
}

/// What follows from a command: all of it is committed, or nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The account from now on; its version is one higher.
    pub account: Account,
    /// The entry that records it.
    pub entry: Entry,
    /// Records that change with it.
    pub changes: Vec<Change>,
}

/// A record that changes together with the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The deposit from now on.
    Deposit(Deposit),
    /// The withdrawal from now on.
    Withdrawal(Withdrawal),
    /// A game session to remember.
    GameSession(GameSession),
    /// A public id that must lead to this player.
    Reference(String),
    /// A transaction that must never happen.
    Tombstone {
        /// The transaction.
        key: EntryKey,
        /// The rollback that forbids it.
        by: String,
    },
    /// A transaction that was undone.
    Reversed {
        /// The transaction.
        key: EntryKey,
        /// The rollback that undid it.
        by: String,
    },
}

/// What came of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done now.
    Applied(Box<Entry>),
    /// It had been done before, exactly so.
    Replayed(Box<Entry>),
    /// It is refused, and nothing changed.
    Refused {
        /// Why.
        refusal: Refusal,
        /// The account it was refused on, if there is one.
        account: Option<Box<Account>>,
    },
}

impl Outcome {
    /// The entry that records it, whether it was made now or before; or why there is none.
    pub fn done(self) -> Result<Entry, Refusal> {
        match self {
            Self::Applied(entry) | Self::Replayed(entry) => Ok(*entry),
            Self::Refused { refusal, .. } => Err(refusal),
        }
    }
}

/// Decides a command. Pure: the same inputs give the same answer.
///
/// Repeats are not its business: the entry's key is written with "must not exist", and who commits compares.
pub fn decide(
    account: &Account,
    found: &Found,
    command: &Command,
    rules: &Rules,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    let draft = match command {
        Command::SignIn(it) => person::sign_in(account, it),
        Command::StartVerification(it) => person::start_verification(account, it),
        Command::VerificationNotice(it) => person::verification_notice(account, it),
        Command::ChangeProfile(it) => person::change_profile(account, it),
        Command::CloseAccount(it) => person::close(account, it),
        Command::LaunchGame(it) => play::launch(account, it),
        Command::Debit(it) => play::debit(account, it, found.session.as_ref(), rules, now),
        Command::Credit(it) => play::credit(account, it, found.slot.as_ref(), found.session.as_ref()),
        Command::Rollback(it) => play::rollback(account, it, found.slot.as_ref().unwrap_or(&Slot::Free)),
        Command::RequestDeposit(it) => deposit::request(account, it, rules, now),
        Command::DepositNotice(it) => deposit::notice(account, it, found.deposit.as_ref()),
        Command::RequestWithdrawal(it) => withdrawal::request(account, it, now),
        Command::WithdrawalStep(it) => withdrawal::step(account, it, found.withdrawal.as_ref(), rules),
    }?;
    draft.decided(command.key(), command.fingerprint(), now)
}

impl Command {
    /// What to read together with the account.
    #[must_use]
    pub fn reads(&self) -> Reads {
        let mut reads = Reads::default();
        match self {
            Self::Debit(it) => reads.session = Some(it.token_hash.clone()),
            Self::Credit(it) => {
                reads.session = Some(it.token_hash.clone());
                reads.slot =
                    it.bet.as_ref().map(|bet| EntryKey::new(it.key.integration.clone(), bet.clone()));
            }
            Self::Rollback(it) => reads.slot = Some(it.target_key()),
            Self::DepositNotice(it) => reads.deposit = Some(it.deposit),
            Self::WithdrawalStep(it) => reads.withdrawal = Some(it.withdrawal),
            Self::SignIn(_)
            | Self::StartVerification(_)
            | Self::VerificationNotice(_)
            | Self::ChangeProfile(_)
            | Self::CloseAccount(_)
            | Self::LaunchGame(_)
            | Self::RequestDeposit(_)
            | Self::RequestWithdrawal(_) => {}
        }
        reads
    }

    /// The key of the entry it would make: where a repeat finds the first answer.
    #[must_use]
    pub fn key(&self) -> EntryKey {
        match self {
            Self::SignIn(it) => EntryKey::new("session", it.session.to_string()),
            Self::StartVerification(it) => EntryKey::new("kyc", it.verification.to_string()),
            Self::VerificationNotice(it) => it.key.clone(),
            Self::ChangeProfile(it) => it.key.clone(),
            Self::CloseAccount(_) => EntryKey::new("api", "close"),
            Self::LaunchGame(it) => it.key.clone(),
            Self::Debit(it) => it.key.clone(),
            Self::Credit(it) => it.key.clone(),
            Self::Rollback(it) => it.key.clone(),
            Self::RequestDeposit(it) => it.key.clone(),
            Self::DepositNotice(it) => it.key.clone(),
            Self::RequestWithdrawal(it) => it.key.clone(),
            Self::WithdrawalStep(it) => it.key.clone(),
        }
    }

    /// What a repeat must match to be one.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        match self {
            Self::SignIn(it) => Fingerprint::of(["sign-in", &it.session.to_string()]),
            Self::StartVerification(it) => {
                Fingerprint::of(["start-verification", &it.verification.to_string()])
            }
            Self::VerificationNotice(it) => Fingerprint::of(["verification", it.status.as_str()]),
            Self::ChangeProfile(it) => Fingerprint::of(it.fields.iter().map(String::as_str)),
            Self::CloseAccount(_) => Fingerprint::of(["close"]),
            Self::LaunchGame(it) => Fingerprint::of(["launch", &it.session.id.to_string()]),
            Self::Debit(it) => it.fingerprint(),
            Self::Credit(it) => it.fingerprint(),
            Self::Rollback(it) => it.fingerprint(),
            Self::RequestDeposit(it) => it.fingerprint(),
            Self::DepositNotice(it) => it.fingerprint(),
            Self::RequestWithdrawal(it) => it.fingerprint(),
            Self::WithdrawalStep(it) => it.fingerprint(),
        }
    }
}

/// What a command leads to, before it is given its place in the ledger.
pub(crate) struct Draft {
    /// The account with its rights changed; balances follow from the postings.
    pub(crate) account: Account,
    pub(crate) fact: Fact,
    pub(crate) postings: Vec<Posting>,
    pub(crate) changes: Vec<Change>,
}

impl Draft {
    /// A fact that moves no money.
    pub(crate) fn of(account: &Account, fact: Fact) -> Self {
        Self { account: account.clone(), fact, postings: Vec::new(), changes: Vec::new() }
    }

    /// A fact that moves money.
    pub(crate) fn moving(account: &Account, fact: Fact, postings: Vec<Posting>) -> Self {
        Self { postings, ..Self::of(account, fact) }
    }

    /// The same with a record that changes along.
    pub(crate) fn with(mut self, change: Change) -> Self {
        self.changes.push(change);
        self
    }

    /// Posts the movements, numbers the entry and checks that no balance went below zero.
    pub(crate) fn decided(
        self,
        key: EntryKey,
        fingerprint: Fingerprint,
        now: Timestamp,
    ) -> Result<Decision, Refusal> {
        let Self { mut account, fact, postings, changes } = self;
        let available = account.wallet.cash;
        let postings = merged(postings)?;
        for posting in &postings {
            account.wallet.post(&posting.account, posting.amount)?;
        }
        if !account.wallet.is_sound() {
            return Err(Refusal::InsufficientFunds { available });
        }
        account.version = account.version.saturating_add(1);
        account.updated_at = account.updated_at.max(now);
        let entry = Entry {
            player: account.player,
            key,
            seq: account.version,
            at: account.updated_at,
            brand: account.brand.clone(),
            jurisdiction: account.jurisdiction.clone(),
            fact,
            postings,
            balances: account.wallet,
            fingerprint,
            reversed_by: None,
        };
        Ok(Decision { account, entry, changes })
    }
}
