//! A ledger of one player in memory, with the store's promises: keys are unique, decisions commit whole.

use std::collections::{BTreeSet, HashMap};

use domain::account::VerificationStatus;
use domain::cashier::{InstrumentFingerprint, PaymentRules, Review};
use domain::catalogue::GameRules;
use domain::deposit::Deposit;
use domain::fact::Play;
use domain::ids::{GameSessionId, PlayerId, WithdrawalId};
use domain::person::{self, Registration, VerificationNotice};
use domain::play::{
    Bet, Bets, Credit, CreditReason, Debit, GameSession, Rollback, Round, Rounds, Slot, StakeOrder,
    WalletPolicy,
};
use domain::withdrawal::{PayTo, Payout, RequestWithdrawal, Withdrawal};
use domain::{
    Account, BatchOutcome, Batched, Change, Command, Decision, Entry, EntryKey, Found, Money, Outcome, Reads,
    Refusal, Rules, Timestamp, decide_all,
};
use ulid::Ulid;

pub(crate) const TOKEN: &str = "token";
pub(crate) const VENDOR: &str = "hub88";

pub(crate) struct Book {
    pub(crate) account: Account,
    pub(crate) rules: Rules,
    pub(crate) now: Timestamp,
    pub(crate) entries: Vec<Entry>,
    slots: HashMap<EntryKey, Slot>,
    pub(crate) bets: HashMap<EntryKey, Bet>,
    pub(crate) rounds: HashMap<EntryKey, Round>,
    pub(crate) sessions: HashMap<String, GameSession>,
    pub(crate) deposits: HashMap<String, Deposit>,
    pub(crate) withdrawals: HashMap<WithdrawalId, Withdrawal>,
    pub(crate) instruments: BTreeSet<InstrumentFingerprint>,
}

pub(crate) fn rules() -> Rules {
    Rules {
        id: "MT".into(),
        version: "test".into(),
        min_age: 18,
        time_zone: "Europe/Malta".into(),
        retention_years: 5,
        verified_before_deposit: false,
        verified_before_bet: true,
        renewal_days: None,
        withdrawal_reversal: true,
        stake_order: StakeOrder::CashFirst,
        payments: PaymentRules::default(),
        games: GameRules::default(),
    }
}

pub(crate) fn eur(amount: &str) -> Money {
    format!("{amount} EUR").parse().unwrap()
}

/// A withdrawal to a bank account, to which one member of staff has to agree.
pub(crate) fn to_bank(key: &str, withdrawal: WithdrawalId, amount: &str) -> RequestWithdrawal {
    let amount = eur(amount);
    RequestWithdrawal {
        key: EntryKey::new("api", key),
        withdrawal,
        amount,
        method: "bank".into(),
        payouts: vec![Payout::new(
            amount,
            "adyen",
            PayTo::BankAccount { sealed: "sealed".into(), fingerprint: None },
        )],
        review: Review { approvals: 1, ..Review::default() },
        planned_at: None,
        destination_fingerprint: String::new(),
    }
}

impl Book {
    /// A verified player with an open game session and so much money.
    pub(crate) fn with(cash: &str) -> Self {
        let now: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        let registration = Registration {
            player: PlayerId::new(Ulid::from_parts(1, 1)),
            brand: "demo".into(),
            jurisdiction: "MT".into(),
            country: "MT".into(),
            currency: "EUR".parse().unwrap(),
            birth_date: "1990-01-01".parse().unwrap(),
        };
        let opened = person::register(&registration, &rules(), now).unwrap();
        let mut book = Self {
            account: opened.account,
            rules: rules(),
            now,
            entries: opened.entries,
            slots: HashMap::new(),
            bets: HashMap::new(),
            rounds: HashMap::new(),
            sessions: HashMap::new(),
            deposits: HashMap::new(),
            withdrawals: HashMap::new(),
            instruments: BTreeSet::new(),
        };
        book.sessions.insert(
            TOKEN.into(),
            GameSession {
                id: GameSessionId::new(Ulid::from_parts(1, 2)),
                token_hash: TOKEN.into(),
                integration: VENDOR.into(),
                game: "dice".into(),
                max_stake: None,
                language: "en".into(),
                expires_at: "2026-11-23T12:00:00Z".parse().unwrap(),
                replaced: false,
            },
        );
        book.verify();
        book.pay_in(cash);
        book
    }

    fn verify(&mut self) {
        let notice = VerificationNotice {
            alarming: false,
            judged_at: None,
            key: EntryKey::new("kyc", "approved"),
            status: VerificationStatus::Approved,
            as_of: self.now,
            expires_on: None,
        };
        self.applied(&Command::VerificationNotice(notice));
    }

    /// Money for the tests, through the front door: a deposit.
    fn pay_in(&mut self, cash: &str) {
        use domain::deposit::{DepositEvent, DepositNotice, RequestDeposit};
        let amount = eur(cash);
        if amount.is_zero() {
            return;
        }
        let deposit = domain::ids::DepositId::new(Ulid::from_parts(1, 3));
        self.applied(&Command::RequestDeposit(RequestDeposit {
            key: EntryKey::new("api", "deposit:seed"),
            deposit,
            amount,
            method: "card".into(),
            attested: false,
            vendor: "adyen".into(),
            return_url: "https://example.com".into(),
        }));
        let event = DepositEvent::Captured { amount, psp_reference: "seed".into() };
        let key = EntryKey::new("adyen", "seed");
        self.applied(&Command::DepositNotice(DepositNotice::new(key, deposit, event)));
    }

    pub(crate) fn execute(&mut self, command: &Command) -> Outcome {
        self.batch(command.alone()).single().unwrap()
    }

    pub(crate) fn batch(&mut self, commands: &[Command]) -> BatchOutcome {
        let found = self.found(&Reads::of(commands).with_own(commands));
        let batched = match decide_all(&self.account, &found, commands, &self.rules, self.now) {
            Ok(batched) => batched,
            Err((index, refusal)) => {
                let account = Some(Box::new(self.account.clone()));
                return BatchOutcome::Refused { index, refusal, account };
            }
        };
        let Batched { decision, done } = batched;
        let balances = match &decision {
            Some(decision) => decision.account.wallet,
            None => done.last().unwrap().entry().balances,
        };
        if let Some(decision) = decision {
            self.commit(decision);
        }
        BatchOutcome::Done { done, balances }
    }

    fn found(&self, reads: &Reads) -> Found {
        let pick = |keys: &BTreeSet<EntryKey>| keys.clone().into_iter();
        Found {
            slots: pick(&reads.slots)
                .filter_map(|key| Some((key.clone(), self.slots.get(&key)?.clone())))
                .collect(),
            sessions: reads
                .sessions
                .iter()
                .filter_map(|hash| Some((hash.clone(), self.sessions.get(hash)?.clone())))
                .collect(),
            bets: pick(&reads.bets)
                .filter_map(|key| Some((key.clone(), self.bets.get(&key)?.clone())))
                .collect(),
            rounds: pick(&reads.rounds)
                .filter_map(|key| Some((key.clone(), self.rounds.get(&key)?.clone())))
                .collect(),
            deposits: reads
                .deposits
                .iter()
                .filter_map(|id| Some((*id, self.deposits.get(&id.to_string())?.clone())))
                .collect(),
            withdrawals: reads
                .withdrawals
                .iter()
                .filter_map(|id| Some((*id, self.withdrawals.get(id)?.clone())))
                .collect(),
        }
    }

    /// Writes as the store does: entries where there is nothing, no record twice.
    fn commit(&mut self, decision: Decision) {
        for entry in &decision.entries {
            let taken = self.slots.insert(entry.key.clone(), Slot::Taken(Box::new(entry.clone())));
            assert!(taken.is_none(), "an entry is never written over: {taken:?}");
        }
        self.entries.extend(decision.entries);
        self.account = decision.account;
        let mut written = BTreeSet::new();
        for change in decision.changes {
            assert!(written.insert(record(&change)), "a record is written once: {change:?}");
            match change {
                Change::Deposit(it) => drop(self.deposits.insert(it.id.to_string(), it)),
                Change::Withdrawal(it) => drop(self.withdrawals.insert(it.id, it)),
                Change::GameSession(it) => drop(self.sessions.insert(it.token_hash.clone(), it)),
                Change::Bet(it) => drop(self.bets.insert(it.key.clone(), it)),
                Change::Round(it) => drop(self.rounds.insert(it.key.clone(), it)),
                Change::Reference(_) => {}
                Change::Instrument(it) => drop(self.instruments.insert(it)),
                Change::Tombstone { key, .. } => {
                    let taken = self.slots.insert(key, Slot::Tombstone);
                    assert!(taken.is_none(), "a tombstone is never written over an entry: {taken:?}");
                }
                Change::Reversed { key, by } => {
                    let Some(Slot::Taken(entry)) = self.slots.get_mut(&key) else {
                        panic!("nothing to reverse")
                    };
                    assert_eq!(entry.reversed_by.replace(by), None, "undone only once");
                }
            }
        }
    }

    pub(crate) fn applied(&mut self, command: &Command) -> Entry {
        match self.execute(command) {
            Outcome::Applied(entry) => *entry,
            other => panic!("not applied: {other:?}"),
        }
    }

    pub(crate) fn refusal(&mut self, command: &Command) -> Refusal {
        let before = self.account.clone();
        match self.execute(command) {
            Outcome::Refused { refusal, .. } => {
                assert_eq!(self.account, before, "a refusal changes nothing");
                refusal
            }
            other => panic!("not refused: {other:?}"),
        }
    }

    /// The rollback that undid a transaction.
    pub(crate) fn reversed_by(&self, key: &EntryKey) -> Option<String> {
        match self.slots.get(key) {
            Some(Slot::Taken(entry)) => entry.reversed_by.clone(),
            Some(Slot::Free | Slot::Tombstone) | None => None,
        }
    }

    pub(crate) fn cash(&self) -> Money {
        self.account.wallet.cash
    }
}

/// What a change writes to.
fn record(change: &Change) -> String {
    match change {
        Change::Deposit(it) => it.id.to_string(),
        Change::Withdrawal(it) => it.id.to_string(),
        Change::GameSession(it) => format!("session {}", it.token_hash),
        Change::Bet(it) => format!("bet {:?}", it.key),
        Change::Round(it) => format!("round {:?}", it.key),
        Change::Reference(it) => format!("reference {it}"),
        Change::Instrument(it) => format!("instrument {}", it.as_str()),
        Change::Tombstone { key, .. } | Change::Reversed { key, .. } => format!("entry {key:?}"),
    }
}

/// A bet is its transaction, and wins as often as the vendor says.
pub(crate) const BY_TRANSACTION: WalletPolicy = WalletPolicy {
    require_bet: true,
    bets: Bets::ByTransaction,
    one_credit_per_bet: false,
    rounds: Rounds::Named,
    undone_is_final: false,
};

/// A bet has a reference, and is settled or cancelled once.
pub(crate) const BY_REFERENCE: WalletPolicy =
    WalletPolicy { bets: Bets::ByReference, one_credit_per_bet: true, ..BY_TRANSACTION };

/// Winnings need no bet.
pub(crate) const STANDALONE: WalletPolicy = WalletPolicy { require_bet: false, ..BY_TRANSACTION };

/// Winnings belong to a round, and a closed round is final.
pub(crate) const BY_ROUND: WalletPolicy =
    WalletPolicy { bets: Bets::ByReference, rounds: Rounds::Kept, ..BY_TRANSACTION };

pub(crate) fn bet(tx: &str, amount: &str) -> Command {
    Command::Debit(debit(tx, amount))
}

pub(crate) fn debit(tx: &str, amount: &str) -> Debit {
    Debit {
        key: EntryKey::new(VENDOR, tx),
        token_hash: Some(TOKEN.into()),
        play: play(),
        amount: eur(amount),
        free: false,
        promotion: false,
        max_stake: None,
        bet: None,
        policy: BY_TRANSACTION,
    }
}

pub(crate) fn win(tx: &str, bet: &str, amount: &str) -> Command {
    Command::Credit(credit(tx, bet, amount))
}

pub(crate) fn credit(tx: &str, bet: &str, amount: &str) -> Credit {
    Credit {
        key: EntryKey::new(VENDOR, tx),
        token_hash: Some(TOKEN.into()),
        play: play(),
        amount: eur(amount),
        bet: Some(bet.into()),
        reason: CreditReason::Win,
        policy: BY_TRANSACTION,
    }
}

pub(crate) fn rollback(tx: &str, target: &str) -> Command {
    Command::Rollback(undo(tx, target))
}

pub(crate) fn undo(tx: &str, target: &str) -> Rollback {
    Rollback {
        key: EntryKey::new(VENDOR, tx),
        play: play(),
        token_hash: None,
        target: target.into(),
        placed_by: None,
        currency: None,
        policy: BY_TRANSACTION,
    }
}

pub(crate) fn play() -> Play {
    Play { game: "dice".into(), round: Some("r1".into()), round_closed: false }
}
