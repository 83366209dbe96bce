//! The one way by which money and rights move: account and command in, decision or refusal out.

use std::collections::{BTreeMap, BTreeSet};

use crate::Timestamp;
use crate::account::Account;
use crate::adjustment::{self, Adjust};
use crate::cashier::InstrumentFingerprint;
use crate::deposit::{self, Deposit, DepositNotice, RequestDeposit, RequestRefund};
use crate::entry::{Entry, EntryKey, Fingerprint};
use crate::ids::{DepositId, WithdrawalId};
use crate::manual_review::{self, ManualReview};
use crate::person::{self, ChangeProfile, CloseAccount, SignIn, StartVerification, VerificationNotice};
use crate::play::{
    self, Bet, BetUpdate, Bets, Credit, Debit, EndRound, FreeRound, GameSession, LaunchGame, Rollback,
    RotateSession, Round, Slot,
};
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
    /// Staff decides on a verification.
    ManualReview(ManualReview),
    /// The profile changes.
    ChangeProfile(ChangeProfile),
    /// The player leaves.
    CloseAccount(CloseAccount),
    /// A game is opened.
    LaunchGame(LaunchGame),
    /// A game session gets another token.
    RotateSession(RotateSession),
    /// A stake.
    Debit(Debit),
    /// Winnings.
    Credit(Credit),
    /// The undoing of a stake or winnings.
    Rollback(Rollback),
    /// A round is over.
    EndRound(EndRound),
    /// A free round was spun.
    FreeRound(FreeRound),
    /// Something becomes of a sports bet.
    BetUpdate(BetUpdate),
    /// The player wants to pay in.
    RequestDeposit(RequestDeposit),
    /// A payment provider reports on a deposit.
    DepositNotice(DepositNotice),
    /// Staff wants money of a deposit to go back.
    RequestRefund(RequestRefund),
    /// The player wants to be paid out.
    RequestWithdrawal(RequestWithdrawal),
    /// Something happens to a withdrawal.
    WithdrawalStep(WithdrawalStep),
    /// Money is moved for a stated cause.
    Adjust(Adjust),
}

/// What must be read together with the account before commands can be decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// Earlier transactions.
    pub slots: BTreeSet<EntryKey>,
    /// Game sessions, by the hashes of their tokens.
    pub sessions: BTreeSet<String>,
    /// Bets with a reference of their own.
    pub bets: BTreeSet<EntryKey>,
    /// Rounds that may be remembered.
    pub rounds: BTreeSet<EntryKey>,
    /// Deposits.
    pub deposits: BTreeSet<DepositId>,
    /// Withdrawals.
    pub withdrawals: BTreeSet<WithdrawalId>,
}

/// What was read together with the account; still true if the commit goes through. What is not in it is not there.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// What stands at the keys of earlier transactions.
    pub slots: BTreeMap<EntryKey, Slot>,
    /// Game sessions, by the hashes of their tokens.
    pub sessions: BTreeMap<String, GameSession>,
    /// Bets with a reference of their own.
    pub bets: BTreeMap<EntryKey, Bet>,
    /// Rounds that are remembered.
    pub rounds: BTreeMap<EntryKey, Round>,
    /// Deposits.
    pub deposits: BTreeMap<DepositId, Deposit>,
    /// Withdrawals.
    pub withdrawals: BTreeMap<WithdrawalId, Withdrawal>,
}

/// What follows from commands: all of it is committed, or nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The account from now on; its version is higher by one for each entry.
    pub account: Account,
    /// The entries that record it, one for each command.
    pub entries: Vec<Entry>,
    /// Records that change with it, each at most once.
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
    /// A bet from now on.
    Bet(Bet),
    /// A round from now on.
    Round(Round),
    /// A public id that must lead to this player.
    Reference(String),
    /// An instrument that this player uses, as others may.
    Instrument(InstrumentFingerprint),
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
        Command::StartVerification(it) => person::start_verification(account, it, rules, now),
        Command::VerificationNotice(it) => person::verification_notice(account, it, rules, now),
        Command::ManualReview(it) => manual_review::review(account, it, now),
        Command::ChangeProfile(it) => person::change_profile(account, it),
        Command::CloseAccount(it) => person::close(account, it),
        Command::LaunchGame(it) => play::launch(account, it),
        Command::RotateSession(it) => play::rotate(account, it, found, now),
        Command::Debit(it) => play::debit(account, it, found, rules, now),
        Command::Credit(it) => play::credit(account, it, found, now),
        Command::Rollback(it) => play::rollback(account, it, found, now),
        Command::EndRound(it) => play::end(account, it, found, now),
        Command::FreeRound(it) => play::free(account, it, found),
        Command::BetUpdate(it) => play::update(account, it, found),
        Command::RequestDeposit(it) => deposit::request(account, it, rules, now),
        Command::DepositNotice(it) => deposit::notice(account, it, found.deposits.get(&it.deposit), rules),
        Command::RequestRefund(it) => {
            deposit::request_refund(account, it, found.deposits.get(&it.deposit), now)
        }
        Command::RequestWithdrawal(it) => withdrawal::request(account, it, now),
        Command::WithdrawalStep(it) => {
            withdrawal::step(account, it, found.withdrawals.get(&it.withdrawal), rules)
        }
        Command::Adjust(it) => adjustment::adjust(account, it),
    }?;
    draft.decided(command.key(), command.fingerprint(), now)
}

impl Command {
    /// What to read together with the account.
    #[must_use]
    pub fn reads(&self) -> Reads {
        let mut reads = Reads::default();
        match self {
            Self::RotateSession(it) => drop(reads.sessions.insert(it.token_hash.clone())),
            Self::Debit(it) => {
                reads.sessions.extend(it.token_hash.clone());
                reads.rounds.extend(it.round_key());
                if it.policy.bets == Bets::ByReference {
                    reads.bets.insert(it.bet_key());
                }
            }
            Self::Credit(it) => {
                reads.sessions.extend(it.token_hash.clone());
                reads.rounds.extend(it.round_key());
                reads.bet(it.policy.bets, it.bet_key());
            }
            Self::Rollback(it) => {
                reads.sessions.extend(it.token_hash.clone());
                reads.rounds.extend(it.round_key());
                reads.bet(it.policy.bets, Some(it.target_key()));
                // What stands at a transaction of this name tells a stake from what is none.
                reads.slots.insert(it.target_key());
            }
            Self::FreeRound(it) => reads.sessions.extend(it.token_hash.clone()),
            Self::EndRound(it) => reads.rounds.extend(it.round_key()),
            Self::BetUpdate(it) => drop(reads.bets.insert(it.bet_key())),
            Self::DepositNotice(it) => drop(reads.deposits.insert(it.deposit)),
            Self::RequestRefund(it) => drop(reads.deposits.insert(it.deposit)),
            Self::WithdrawalStep(it) => drop(reads.withdrawals.insert(it.withdrawal)),
            Self::SignIn(_)
            | Self::StartVerification(_)
            | Self::VerificationNotice(_)
            | Self::ManualReview(_)
            | Self::ChangeProfile(_)
            | Self::CloseAccount(_)
            | Self::LaunchGame(_)
            | Self::RequestDeposit(_)
            | Self::RequestWithdrawal(_)
            | Self::Adjust(_) => {}
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
            Self::ManualReview(it) => it.key.clone(),
            Self::ChangeProfile(it) => it.key.clone(),
            Self::CloseAccount(_) => EntryKey::new("api", "close"),
            Self::LaunchGame(it) => it.key.clone(),
            Self::RotateSession(it) => it.key.clone(),
            Self::Debit(it) => it.key.clone(),
            Self::Credit(it) => it.key.clone(),
            Self::Rollback(it) => it.key.clone(),
            Self::EndRound(it) => it.key.clone(),
            Self::FreeRound(it) => it.key.clone(),
            Self::BetUpdate(it) => it.key.clone(),
            Self::RequestDeposit(it) => it.key.clone(),
            Self::DepositNotice(it) => it.key.clone(),
            Self::RequestRefund(it) => it.key.clone(),
            Self::RequestWithdrawal(it) => it.key.clone(),
            Self::WithdrawalStep(it) => it.key.clone(),
            Self::Adjust(it) => it.key.clone(),
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
            Self::ManualReview(it) => it.fingerprint(),
            Self::ChangeProfile(it) => Fingerprint::of(it.fields.iter().map(String::as_str)),
            Self::CloseAccount(_) => Fingerprint::of(["close"]),
            Self::LaunchGame(it) => Fingerprint::of(["launch", &it.session.id.to_string()]),
            Self::RotateSession(it) => it.fingerprint(),
            Self::Debit(it) => it.fingerprint(),
            Self::Credit(it) => it.fingerprint(),
            Self::Rollback(it) => it.fingerprint(),
            Self::EndRound(it) => it.fingerprint(),
            Self::FreeRound(it) => it.fingerprint(),
            Self::BetUpdate(it) => it.fingerprint(),
            Self::RequestDeposit(it) => it.fingerprint(),
            Self::DepositNotice(it) => it.fingerprint(),
            Self::RequestRefund(it) => it.fingerprint(),
            Self::RequestWithdrawal(it) => it.fingerprint(),
            Self::WithdrawalStep(it) => it.fingerprint(),
            Self::Adjust(it) => it.fingerprint(),
        }
    }
}

impl Command {
    /// Whether it stakes something of the player's or a free bet, and so needs a game that is on offer.
    #[must_use]
    pub const fn is_stake(&self) -> bool {
        matches!(self, Self::Debit(it) if !it.promotion)
    }

    /// Whether the vendor's rules refuse its repeat once it was undone.
    pub(crate) const fn undone_is_final(&self) -> bool {
        match self {
            Self::Debit(it) => it.policy.undone_is_final,
            Self::Credit(it) => it.policy.undone_is_final,
            _ => false,
        }
    }
}

impl Found {
    /// The game session of a token.
    pub(crate) fn session(&self, token_hash: Option<&String>) -> Option<&GameSession> {
        self.sessions.get(token_hash?)
    }
}

impl Reads {
    /// A bet, wherever it stands by its vendor's rules.
    fn bet(&mut self, bets: Bets, key: Option<EntryKey>) {
        match bets {
            Bets::ByTransaction => self.slots.extend(key),
            Bets::ByReference => self.bets.extend(key),
        }
    }
}
