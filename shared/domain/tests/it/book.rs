//! A ledger of one player in memory, with the store's promises: keys are unique, decisions commit whole.

use std::collections::HashMap;

use domain::account::VerificationStatus;
use domain::deposit::Deposit;
use domain::fact::Play;
use domain::ids::{GameSessionId, PlayerId, WithdrawalId};
use domain::person::{self, Registration, VerificationNotice};
use domain::play::{Credit, Debit, GameSession, Rollback, Slot, WalletPolicy};
use domain::withdrawal::Withdrawal;
use domain::{
    Account, Change, Command, Entry, EntryKey, Found, Money, Outcome, Refusal, Rules, Timestamp, decide,
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
    sessions: HashMap<String, GameSession>,
    pub(crate) deposits: HashMap<String, Deposit>,
    pub(crate) withdrawals: HashMap<WithdrawalId, Withdrawal>,
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
        withdrawal_reversal: true,
    }
}

pub(crate) fn eur(amount: &str) -> Money {
    format!("{amount} EUR").parse().unwrap()
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
            entries: vec![opened.entry],
            slots: HashMap::new(),
            sessions: HashMap::new(),
            deposits: HashMap::new(),
            withdrawals: HashMap::new(),
        };
        book.sessions.insert(
            TOKEN.into(),
            GameSession {
                id: GameSessionId::new(Ulid::from_parts(1, 2)),
                token_hash: TOKEN.into(),
                integration: VENDOR.into(),
                game: "dice".into(),
                expires_at: "2026-11-23T12:00:00Z".parse().unwrap(),
            },
        );
        book.verify();
        book.pay_in(cash);
        book
    }

    fn verify(&mut self) {
        let notice = VerificationNotice {
            key: EntryKey::new("kyc", "approved"),
            status: VerificationStatus::Approved,
            as_of: self.now,
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
            vendor: "adyen".into(),
            return_url: "https://example.com".into(),
        }));
        self.applied(&Command::DepositNotice(DepositNotice {
            key: EntryKey::new("adyen", "seed"),
            deposit,
            event: DepositEvent::Captured { amount, psp_reference: "seed".into() },
        }));
    }

    pub(crate) fn execute(&mut self, command: &Command) -> Outcome {
        if let Some(slot) = self.slots.get(&command.key()) {
            return match slot {
                Slot::Taken(entry) if entry.fingerprint == command.fingerprint() => {
                    Outcome::Replayed(entry.clone())
                }
                Slot::Taken(_) => self.refused(Refusal::Mismatch),
                Slot::Tombstone | Slot::Free => self.refused(Refusal::Tombstoned),
            };
        }
        let reads = command.reads();
        let found = Found {
            slot: reads.slot.map(|key| self.slots.get(&key).cloned().unwrap_or(Slot::Free)),
            session: reads.session.and_then(|hash| self.sessions.get(&hash).cloned()),
            deposit: reads.deposit.and_then(|id| self.deposits.get(&id.to_string()).cloned()),
            withdrawal: reads.withdrawal.and_then(|id| self.withdrawals.get(&id).cloned()),
        };
        let decision = match decide(&self.account, &found, command, &self.rules, self.now) {
            Ok(decision) => decision,
            Err(refusal) => return self.refused(refusal),
        };
        self.account = decision.account;
        self.slots.insert(decision.entry.key.clone(), Slot::Taken(Box::new(decision.entry.clone())));
        self.entries.push(decision.entry.clone());
        for change in decision.changes {
            match change {
                Change::Deposit(it) => drop(self.deposits.insert(it.id.to_string(), it)),
                Change::Withdrawal(it) => drop(self.withdrawals.insert(it.id, it)),
                Change::GameSession(it) => drop(self.sessions.insert(it.token_hash.clone(), it)),
                Change::Reference(_) => {}
                Change::Tombstone { key, .. } => drop(self.slots.insert(key, Slot::Tombstone)),
                Change::Reversed { key, by } => match self.slots.get_mut(&key) {
                    Some(Slot::Taken(entry)) => entry.reversed_by = Some(by),
                    other => panic!("reversed what is not there: {other:?}"),
                },
            }
        }
        Outcome::Applied(Box::new(decision.entry))
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

    pub(crate) fn cash(&self) -> Money {
        self.account.wallet.cash
    }

    fn refused(&self, refusal: Refusal) -> Outcome {
        Outcome::Refused { refusal, account: Some(Box::new(self.account.clone())) }
    }
}

pub(crate) fn bet(tx: &str, amount: &str) -> Command {
    Command::Debit(Debit {
        key: EntryKey::new(VENDOR, tx),
        token_hash: TOKEN.into(),
        play: play(),
        amount: eur(amount),
        free: false,
    })
}

pub(crate) fn win(tx: &str, bet: &str, amount: &str) -> Command {
    Command::Credit(Credit {
        key: EntryKey::new(VENDOR, tx),
        token_hash: TOKEN.into(),
        play: play(),
        amount: eur(amount),
        bet: Some(bet.into()),
        promotional: false,
        policy: WalletPolicy { require_bet: true },
    })
}

pub(crate) fn rollback(tx: &str, target: &str) -> Command {
    Command::Rollback(Rollback { key: EntryKey::new(VENDOR, tx), play: play(), target: target.into() })
}

fn play() -> Play {
    Play { game: "dice".into(), round: Some("r1".into()), round_closed: false }
}
