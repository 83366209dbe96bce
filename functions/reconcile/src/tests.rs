//! Trails that are sound, and trails that somebody laid a hand on; figures from postings.

use domain::account::{AccountStatus, Verification, VerificationStatus, Wallet};
use domain::entry::{Fingerprint, LedgerAccount, Posting};
use domain::fact::{Play, Undone};
use domain::ids::{DepositId, PlayerId};
use domain::play::CreditReason;
use domain::{Account, Digest, Entry, EntryKey, Fact, Money, Timestamp};
use jiff::SignedDuration;
use store::{Counter, Counters};
use ulid::Ulid;

use crate::books::differences;
use crate::figures::{self, Day, Days};
use crate::pass::{Pass, Scope, Terms};
use crate::settlement::Kind;
use crate::trail::Trail;
use crate::{Finding, movements};

const NOW: &str = "2026-11-23T10:00:00Z";

fn eur(text: &str) -> Money {
    format!("{text} EUR").parse().unwrap()
}

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn player() -> PlayerId {
    PlayerId::new(Ulid::from_parts(1, 1))
}

fn deposit() -> DepositId {
    DepositId::new(Ulid::from_parts(1, 2))
}

/// A ledger of one player, as the core would write it.
struct Book {
    account: Account,
    entries: Vec<Entry>,
}

impl Book {
    fn new() -> Self {
        let account = Account {
            player: player(),
            brand: "demo".into(),
            jurisdiction: "MT".into(),
            country: Some("MT".into()),
            status: AccountStatus::Active,
            wallet: Wallet::empty("EUR".parse().unwrap()),
            verification: Verification { status: VerificationStatus::Approved, ..Verification::none() },
            deposits: 0,
            version: 0,
            head: Digest::default(),
            opened_at: now(),
            updated_at: now(),
        };
        let mut book = Self { account, entries: Vec::new() };
        book.post(Fact::PlayerRegistered { country: "MT".into() }, &[]);
        book
    }

    /// Moves amounts from one account to another.
    fn post(&mut self, fact: Fact, moves: &[(LedgerAccount, LedgerAccount, &str)]) -> &mut Self {
        let mut postings: Vec<Posting> = Vec::new();
        for (from, to, amount) in moves {
            let given = eur("0").minus(eur(amount)).unwrap();
            postings.push(Posting { account: from.clone(), amount: given });
            postings.push(Posting { account: to.clone(), amount: eur(amount) });
        }
        let account = &mut self.account;
        account.wallet = account.wallet.after(&postings).unwrap();
        account.version += 1;
        let entry = Entry {
            player: account.player,
            key: EntryKey::new("hub88", account.version.to_string()),
            seq: account.version,
            prev: account.head,
            at: account.updated_at,
            brand: account.brand.clone(),
            jurisdiction: account.jurisdiction.clone(),
            fact,
            postings,
            balances: account.wallet,
            fingerprint: Fingerprint::of(["test"]),
            reversed_by: None,
        };
        account.head = entry.digest().unwrap();
        self.entries.push(entry);
        self
    }

    fn played() -> Self {
        let psp = LedgerAccount::Psp("adyen".into());
        let mut book = Self::new();
        book.post(
            Fact::DepositCompleted {
                deposit: deposit(),
                amount: eur("50"),
                method: "card".into(),
                first: true,
            },
            &[(psp, LedgerAccount::Cash, "50")],
        )
        .post(bet("10"), &[(LedgerAccount::Cash, LedgerAccount::Stakes, "10")])
        .post(won("25"), &[(LedgerAccount::Payouts, LedgerAccount::Cash, "25")])
        .post(bet("5"), &[(LedgerAccount::Cash, LedgerAccount::Stakes, "5")])
        .post(
            Fact::RolledBack {
                play: Play::default(),
                target: "5".into(),
                undone: Some(Undone::Bet { amount: eur("5"), bonus: None }),
            },
            &[(LedgerAccount::Stakes, LedgerAccount::Cash, "5")],
        );
        book
    }

    fn findings(&self) -> Vec<Finding> {
        let count = u64::try_from(self.entries.len()).unwrap();
        self.audited(count, count)
    }

    fn audited(&self, upto: u64, newest: u64) -> Vec<Finding> {
        let mut trail = Trail::beginning(player(), "EUR".parse().unwrap());
        for entry in &self.entries {
            trail.follow(entry, now());
            trail.close_when_reached(&self.account);
        }
        trail.close(&self.account);
        trail.compare_newest(&self.account);
        trail.compare_delivered(upto, newest);
        trail.into_findings()
    }

    fn found(&self) -> Vec<String> {
        self.findings().iter().map(Finding::to_string).collect()
    }
}

fn bet(amount: &str) -> Fact {
    Fact::BetPlaced { play: Play::default(), amount: eur(amount), bonus: None, free: false }
}

fn won(amount: &str) -> Fact {
    let (play, amount) = (Play::default(), eur(amount));
    Fact::BetWon { play, amount, bonus: None, bet: None, reason: CreditReason::Win }
}

#[test]
fn sound_books_have_no_findings() {
    assert_eq!(Book::played().found(), [""; 0]);
    assert_eq!(Book::new().found(), [""; 0]);
}

#[test]
fn a_changed_balance_is_the_difference() {
    let mut book = Book::played();
    book.account.wallet.cash = eur("65.000001");
    let findings = book.findings();
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].weight, 1);
    assert_eq!(
        findings[0].to_string(),
        format!("{}: cash of the account: expected 65.00 EUR, found 65.000001 EUR", player())
    );
}

#[test]
fn a_changed_entry_is_named() {
    let mut book = Book::played();
    book.entries[2].fact = bet("1");
    let found = book.found();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("the hash of entry 3"), "{found:?}");

    let mut book = Book::played();
    book.entries[3].postings[1].amount = eur("26");
    let found = book.found().join("\n");
    assert!(found.contains("the postings of entry 4: expected a sum of zero"), "{found}");
    assert!(found.contains("cash after entry 4: expected 66.00 EUR, found 65.00 EUR"), "{found}");
    assert!(found.contains("the hash of entry 4"), "{found}");
    assert!(found.contains("cash of the account: expected 66.00 EUR, found 65.00 EUR"), "{found}");
}

#[test]
fn a_changed_last_entry_does_not_lead_to_the_accounts_head() {
    let mut book = Book::played();
    book.entries[5].key.tx.push('x');
    let found = book.found();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("the account's head"), "{found:?}");
}

#[test]
fn a_missing_doubled_or_moved_entry_is_named() {
    let mut book = Book::played();
    book.entries.remove(2);
    assert!(book.found()[0].contains("the number of the next entry: expected 3, found 4"));

    let mut book = Book::played();
    let again = book.entries[2].clone();
    book.entries.insert(3, again);
    assert!(book.found()[0].contains("the number of the next entry: expected 4, found 3"));

    let mut book = Book::played();
    book.entries.swap(2, 3);
    assert!(book.found()[0].contains("the number of the next entry: expected 3, found 4"));

    let mut book = Book::played();
    book.entries.pop();
    let found = book.found().join("\n");
    assert!(found.contains("the account's version: expected 5, found 6"), "{found}");
}

#[test]
fn an_entry_that_the_account_knows_nothing_of_is_found() {
    let mut book = Book::played();
    let before = book.account.clone();
    book.post(won("1"), &[(LedgerAccount::Payouts, LedgerAccount::Cash, "1")]);
    book.account = before;
    let found = book.found();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("the account's version: expected 7, found 6"), "{found:?}");
}

#[test]
fn a_trail_may_begin_at_an_entry_taken_on_trust() {
    let book = Book::played();
    let mut trail = Trail::after(&book.entries[3]);
    for entry in &book.entries[4..] {
        trail.follow(entry, now());
    }
    trail.close(&book.account);
    trail.compare_delivered(6, 6);
    assert_eq!(trail.into_findings(), []);
}

#[test]
fn what_was_not_delivered_is_drift_unless_it_is_in_flight() {
    let book = Book::played();
    let found = |upto, newest| -> Vec<u64> {
        book.audited(upto, newest).iter().map(|finding| finding.weight).collect()
    };
    assert_eq!(found(6, 6), [0_u64; 0]);
    assert_eq!(found(4, 6), [2], "a gap");
    assert_eq!(found(6, 9), [3], "facts that the ledger does not have");

    let mut trail = Trail::beginning(player(), "EUR".parse().unwrap());
    let before = now().checked_sub(SignedDuration::from_secs(1)).unwrap();
    book.entries.iter().for_each(|entry| trail.follow(entry, before));
    trail.compare_delivered(0, 0);
    assert_eq!(trail.into_findings(), [], "all of it is in flight");
}

#[test]
fn figures_follow_from_postings() {
    let mut days = Days::default();
    for entry in &Book::played().entries {
        days.add(Day::of(entry), &figures::of(entry).unwrap()).unwrap();
    }
    let expected = Counters::default()
        .with(Counter::Registrations, 1)
        .with(Counter::Deposits, 1)
        .with(Counter::DepositAmount, 50_000_000)
        .with(Counter::FirstDeposits, 1)
        .with(Counter::FirstDepositAmount, 50_000_000)
        .with(Counter::Bets, 1)
        .with(Counter::Turnover, 10_000_000)
        .with(Counter::Payouts, 25_000_000);
    let (day, counters) = days.iter().next().unwrap();
    for counter in Counter::ALL {
        assert_eq!(counters.get(*counter), expected.get(*counter), "{}", counter.name());
    }
    assert_eq!(differences(day, counters, &expected), []);
    let found = differences(day, counters, &expected.with(Counter::Turnover, -7));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].weight, 7);
    assert_eq!(
        found[0].to_string(),
        "turnover of demo on 2026-11-23 in EUR: expected 10000000, found 9999993"
    );

    let kept: Days = serde_json::from_str(&serde_json::to_string(&days).unwrap()).unwrap();
    assert_eq!(differences(day, counters, &kept.of(day)), []);
}

#[test]
fn only_days_that_are_over_and_delivered_are_compared() {
    let terms = |lag| Terms { scope: Scope::Recent, days: 2, lag: SignedDuration::from_mins(lag) };
    let pass = Pass::begin(terms(15), "2026-11-23T00:15:00Z".parse().unwrap()).unwrap();
    let compared = |pass: &Pass| -> Vec<i8> {
        (18..26).filter(|day| pass.compares(domain::Date::constant(2026, 11, *day))).collect()
    };
    assert_eq!(compared(&pass), [21, 22]);
    assert_eq!(pass.reads_from().unwrap(), Some("2026-11-21T00:00:00Z".parse().unwrap()));
    let earlier = Pass::begin(terms(15), "2026-11-23T00:14:59Z".parse().unwrap()).unwrap();
    assert_eq!(compared(&earlier), [20, 21]);
    let full = Pass::begin(Terms { scope: Scope::Full, ..terms(15) }, now()).unwrap();
    assert_eq!(full.reads_from().unwrap(), None);
}

#[test]
fn a_pass_can_be_put_down_and_taken_up() {
    let mut pass =
        Pass::begin(Terms { scope: Scope::Full, days: 2, lag: SignedDuration::ZERO }, now()).unwrap();
    pass.after = Some(player());
    pass.drift.insert("EUR".into(), u64::MAX);
    let text = serde_json::to_string(&pass).unwrap();
    let kept: Pass = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&kept).unwrap(), text);
}

#[test]
fn what_moves_at_a_provider_is_a_movement_there_only() {
    let book = Book::played();
    let found: Vec<_> =
        book.entries.iter().filter_map(|entry| movements::movement(entry, "adyen").unwrap()).collect();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].kind, found[0].amount.to_string().as_str()), (Kind::Capture, "50.000000"));
    assert_eq!(found[0].merchant_reference, deposit().to_string());
    assert!(book.entries.iter().all(|entry| movements::movement(entry, "paysafe").unwrap().is_none()));
}
