//! From what a command leads to, to the decision that can be committed.

use crate::Timestamp;
use crate::account::Account;
use crate::decide::{Change, Decision};
use crate::entry::{Entry, EntryKey, Fingerprint, Posting, merged};
use crate::fact::Fact;
use crate::refusal::Refusal;

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
            prev: account.head,
            at: account.updated_at,
            brand: account.brand.clone(),
            jurisdiction: account.jurisdiction.clone(),
            fact,
            postings,
            balances: account.wallet,
            fingerprint,
            reversed_by: None,
        };
        account.head = entry.digest()?;
        Ok(Decision { account, entries: vec![entry], changes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::{AccountStatus, Verification, Wallet};
    use crate::chain::Digest;
    use crate::entry::{LedgerAccount, transfer};
    use crate::money::Money;

    fn account(cash: i64) -> Account {
        let eur = "EUR".parse().unwrap();
        let wallet = Wallet { cash: Money::from_units(cash, eur), ..Wallet::empty(eur) };
        Account {
            player: "ply_01HZX3M2T9QK4V7W8Y6N5R1ABC".parse().unwrap(),
            brand: "demo".into(),
            jurisdiction: "MT".into(),
            country: Some("MT".into()),
            status: AccountStatus::Active,
            wallet,
            verification: Verification::none(),
            deposits: 0,
            version: 1,
            head: Digest::default(),
            opened_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        }
    }

    /// What no command should ask for: it is refused here all the same, whatever command forgets to look.
    #[test]
    fn no_balance_goes_below_zero() {
        for (from, to) in [
            (LedgerAccount::Cash, LedgerAccount::Stakes),
            (LedgerAccount::Bonus, LedgerAccount::Stakes),
            (LedgerAccount::Held, LedgerAccount::Cash),
            (LedgerAccount::Stakes, LedgerAccount::Receivable),
        ] {
            let account = account(10);
            let available = account.wallet.cash;
            let eleven = Money::from_units(11, account.wallet.currency());
            let fact = Fact::AccountClosed { reason: String::new() };
            let draft = Draft::moving(&account, fact, transfer(from.clone(), to, eleven).unwrap());
            let decided = draft.decided(EntryKey::new("x", "1"), Fingerprint::of([]), Timestamp::UNIX_EPOCH);
            assert_eq!(decided, Err(Refusal::InsufficientFunds { available }), "{from}");
        }
    }
}
