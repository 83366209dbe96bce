//! A player's trail: the entries followed one by one, and compared with the account they lead to. Pure.

use domain::account::Wallet;
use domain::entry::Posting;
use domain::ids::PlayerId;
use domain::{Account, Currency, Digest, Entry, Money, MoneyError, Timestamp};

use crate::finding::{Finding, Notes};

/// How far a player's entries were followed, and what was found on the way.
pub(crate) struct Trail {
    seq: u64,
    /// The newest entry that is no longer in flight.
    settled: u64,
    head: Digest,
    /// The balances as the newest entry tells them.
    told: Wallet,
    /// The balances as the postings add up.
    summed: Wallet,
    notes: Notes,
    closed: bool,
}

impl Trail {
    /// A trail from the very first entry on.
    pub(crate) fn beginning(player: PlayerId, currency: Currency) -> Self {
        let empty = Wallet::empty(currency);
        Self {
            seq: 0,
            settled: 0,
            head: Digest::default(),
            told: empty,
            summed: empty,
            notes: Notes::new(Some(player), currency),
            closed: false,
        }
    }

    /// A trail that goes on after an entry, which is taken on trust.
    pub(crate) fn after(entry: &Entry) -> Self {
        Self {
            seq: entry.seq,
            settled: entry.seq,
            head: entry.digest().unwrap_or_default(),
            told: entry.balances,
            summed: entry.balances,
            ..Self::beginning(entry.player, entry.balances.currency())
        }
    }

    /// The number of the newest entry that was followed.
    pub(crate) const fn seq(&self) -> u64 {
        self.seq
    }

    /// Follows the next entry.
    pub(crate) fn follow(&mut self, entry: &Entry, settled_at: Timestamp) {
        let seq = entry.seq;
        self.notes.compare_numbers("the number of the next entry", self.seq.saturating_add(1), seq);
        self.notes.compare(&format!("the hash of entry {}", self.seq), entry.prev, self.head);
        if !is_balanced(&entry.postings) {
            self.notes.note(&format!("the postings of entry {seq}"), "a sum of zero", "another", 1);
        }
        match (self.told.after(&entry.postings), self.summed.after(&entry.postings)) {
            (Ok(told), Ok(summed)) => {
                self.compare_wallets(&format!(" after entry {seq}"), told, entry.balances);
                self.summed = summed;
            }
            (Err(error), _) | (_, Err(error)) => {
                self.notes.note(&format!("the postings of entry {seq}"), "amounts that add up", error, 1);
            }
        }
        self.told = entry.balances;
        self.head = entry.digest().unwrap_or_default();
        self.seq = seq;
        if entry.at <= settled_at {
            self.settled = seq;
        }
    }

    /// Compares with the account as soon as its newest entry was followed.
    pub(crate) fn close_when_reached(&mut self, account: &Account) {
        if self.seq >= account.version {
            self.close(account);
        }
    }

    /// Compares with the account; only the first time counts.
    pub(crate) fn close(&mut self, account: &Account) {
        if std::mem::replace(&mut self.closed, true) {
            return;
        }
        self.notes.compare_numbers("the account's version", self.seq, account.version);
        self.notes.compare("the account's head", self.head, account.head);
        self.compare_wallets(" of the account", self.summed, account.wallet);
    }

    /// Notes entries that the account, read anew, knows nothing of.
    pub(crate) fn compare_newest(&mut self, account: &Account) {
        if account.version < self.seq {
            self.notes.compare_numbers("the account's version", self.seq, account.version);
        }
    }

    /// Compares with what a consumer of the stream applied: all that is no longer in flight, and nothing else.
    pub(crate) fn compare_delivered(&mut self, upto: u64, newest: u64) {
        if upto < self.settled {
            self.notes.compare_numbers("the facts counted without a gap", self.settled, upto);
        }
        if newest > self.seq {
            self.notes.compare_numbers("the newest fact counted", self.seq, newest);
        }
    }

    pub(crate) fn into_findings(self) -> Vec<Finding> {
        self.notes.into_findings()
    }

    fn compare_wallets(&mut self, when: &str, expected: Wallet, found: Wallet) {
        for (name, expected, found) in [
            ("cash", expected.cash, found.cash),
            ("bonus", expected.bonus, found.bonus),
            ("held", expected.held, found.held),
            ("receivable", expected.receivable, found.receivable),
        ] {
            self.notes.compare_amounts(&format!("{name}{when}"), expected, found);
        }
    }
}

/// Whether the postings of each currency sum to zero.
fn is_balanced(postings: &[Posting]) -> bool {
    postings.iter().all(|posting| {
        let currency = posting.amount.currency();
        let same = postings.iter().filter(|it| it.amount.currency() == currency);
        let sum: Result<Money, MoneyError> =
            same.map(|it| it.amount).try_fold(Money::zero(currency), Money::plus);
        sum.is_ok_and(Money::is_zero)
    })
}
