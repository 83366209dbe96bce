//! What facts count for, and what becomes of batches.

use std::sync::{Arc, Mutex};

use domain::account::Wallet;
use domain::entry::Fingerprint;
use domain::fact::{Play, Undone};
use domain::ids::{DepositId, PlayerId, WithdrawalId};
use domain::play::CreditReason;
use domain::{Entry, EntryKey, Money};
use edge::Function;
use edge::batch::batch;
use events::Event;
use serde_json::{Value, json};
use store::{Counted, Counter, Counters, Outage};
use ulid::Ulid;

use crate::counting::counted;
use crate::{Analytics, Figures};

fn eur(text: &str) -> Money {
    format!("{text} EUR").parse().unwrap()
}

fn event(at: &str, fact: domain::Fact) -> Event {
    Event::from_entry(&Entry {
        player: PlayerId::new(Ulid::from_parts(1, 1)),
        key: EntryKey::new("hub88", "1"),
        seq: 5,
        prev: domain::Digest::default(),
        at: at.parse().unwrap(),
        brand: "demo".to_owned(),
        jurisdiction: "MT".to_owned(),
        fact,
        postings: Vec::new(),
        balances: Wallet::empty("EUR".parse().unwrap()),
        fingerprint: Fingerprint::of(["test"]),
        reversed_by: None,
    })
}

fn counts(fact: domain::Fact) -> Counted {
    counted(&event("2026-01-31T23:59:59.999Z", fact)).unwrap()
}

fn bet(amount: &str, free: bool) -> domain::Fact {
    domain::Fact::BetPlaced { play: Play::default(), amount: eur(amount), bonus: None, free }
}

fn undone(undone: Option<Undone>) -> domain::Fact {
    domain::Fact::RolledBack { play: Play::default(), target: "0".to_owned(), undone }
}

fn of(counters: &[(Counter, i64)]) -> Counters {
    counters.iter().fold(Counters::default(), |sum, (counter, value)| sum.with(*counter, *value))
}

#[test]
fn stakes_and_their_undoing_cancel_out() {
    let placed = counts(bet("2.50", false));
    assert_eq!(placed.counters, of(&[(Counter::Bets, 1), (Counter::Turnover, 2_500_000)]));
    let undone = counts(undone(Some(Undone::Bet { amount: eur("2.50"), bonus: None })));
    assert_eq!(undone.counters, of(&[(Counter::Bets, -1), (Counter::Turnover, -2_500_000)]));
    assert_eq!((placed.active, undone.active), (true, false));
}

#[test]
fn winnings_and_their_undoing_cancel_out_whoever_holds_the_money() {
    for (reason, counter) in
        [(CreditReason::Win, Counter::Payouts), (CreditReason::SupplierPromotion, Counter::Prizes)]
    {
        let (play, amount, bonus) = (Play::default(), eur("20"), None);
        let won = domain::Fact::BetWon { play, amount, bonus, bet: None, reason };
        assert_eq!(counts(won).counters, of(&[(counter, 20_000_000)]));
        let undone = undone(Some(Undone::Win { amount, bonus, shortfall: eur("15"), reason }));
        assert_eq!(counts(undone).counters, of(&[(counter, -20_000_000)]));
    }
}

#[test]
fn a_free_bet_is_no_turnover_and_no_activity() {
    let free = counts(bet("2.50", true));
    assert_eq!(free.counters, of(&[(Counter::Bets, 1)]));
    assert!(!free.active);
    let undone = counts(undone(Some(Undone::Bet { amount: eur("0"), bonus: None })));
    assert_eq!(undone.counters.get(Counter::Bets), -1);
    assert_eq!(undone.counters.get(Counter::Turnover), 0);
}

#[test]
fn only_the_first_deposit_is_a_first_deposit() {
    let deposit = |first| {
        let deposit = DepositId::new(Ulid::from_parts(1, 1));
        domain::Fact::DepositCompleted { deposit, amount: eur("50"), method: "card".to_owned(), first }
    };
    let later = of(&[(Counter::Deposits, 1), (Counter::DepositAmount, 50_000_000)]);
    assert_eq!(counts(deposit(false)).counters, later);
    let first = later.with(Counter::FirstDeposits, 1).with(Counter::FirstDepositAmount, 50_000_000);
    assert_eq!(counts(deposit(true)).counters, first);
}

#[test]
fn withdrawals_count_when_asked_for_and_when_paid() {
    let withdrawal = WithdrawalId::new(Ulid::from_parts(1, 1));
    let amount = eur("40");
    let asked =
        domain::Fact::WithdrawalRequested { withdrawal, amount, method: "bank".to_owned(), approved: false };
    assert_eq!(
        counts(asked).counters,
        of(&[(Counter::WithdrawalsRequested, 1), (Counter::WithdrawalRequestedAmount, 40_000_000)])
    );
    assert_eq!(
        counts(domain::Fact::WithdrawalPaid { withdrawal, amount, shortfall: None, payout: None }).counters,
        of(&[(Counter::WithdrawalsPaid, 1), (Counter::WithdrawalPaidAmount, 40_000_000)])
    );
}

#[test]
fn other_facts_count_for_nothing_but_are_noted() {
    let noted = counts(undone(None));
    assert_eq!((noted.sequence, noted.counters, noted.active), (5, Counters::default(), false));
}

#[test]
fn a_fact_counts_on_its_own_utc_day() {
    let registered = domain::Fact::PlayerRegistered { country: "MT".to_owned() };
    let day = |at| counted(&event(at, registered.clone())).unwrap().figures.day.to_string();
    assert_eq!(day("2026-01-31T23:59:59.999Z"), "2026-01-31");
    assert_eq!(day("2026-02-01T00:00:00Z"), "2026-02-01");
}

/// Remembers what it is told to count; refuses one player.
#[derive(Clone, Default)]
struct Tally {
    sequences: Arc<Mutex<Vec<u64>>>,
    refuses: Option<PlayerId>,
}

impl Figures for Tally {
    async fn count(&self, player: PlayerId, facts: &[Counted]) -> Result<(), Outage> {
        if self.refuses == Some(player) {
            return Err(Outage::new("count", "no"));
        }
        self.sequences.lock().unwrap().extend(facts.iter().map(|fact| fact.sequence));
        Ok(())
    }
}

fn sample() -> Value {
    let text = include_str!(concat!(env!("PITBOSS_ROOT"), "/events/samples/analytics.json"));
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn the_sample_is_counted_whole_and_in_order() {
    let tally = Tally::default();
    let function: Arc<dyn Function> = batch(Analytics { figures: tally.clone() });
    assert_eq!(function.invoke(sample()).await.unwrap(), json!({"batchItemFailures": []}));
    assert_eq!(*tally.sequences.lock().unwrap(), (1..=13).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_failing_player_comes_again_whole() {
    let refuses = Some("ply_01KDVDNA000000000000000001".parse().unwrap());
    let function: Arc<dyn Function> = batch(Analytics { figures: Tally { refuses, ..Tally::default() } });
    let answer = function.invoke(sample()).await.unwrap();
    assert_eq!(answer["batchItemFailures"].as_array().unwrap().len(), 13);
}

#[tokio::test]
async fn what_is_no_event_is_reported_and_the_rest_counted() {
    let tally = Tally::default();
    let function: Arc<dyn Function> = batch(Analytics { figures: tally.clone() });
    let mut trigger = sample();
    trigger["Records"][1]["kinesis"]["data"] = json!("e30=");
    let id = trigger["Records"][1]["kinesis"]["sequenceNumber"].clone();
    let answer = function.invoke(trigger).await.unwrap();
    assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": id}]}));
    assert_eq!(tally.sequences.lock().unwrap().len(), 12);
}
