//! The canonical cases that need more than one policy, or more than one operation at a time.

use domain::fact::{Fact, Undone};
use domain::play::{
    Bet, BetState, CreditReason, EndRound, FreeRound, RotateSession, WalletPolicy, check_session,
};
use domain::{BatchOutcome, Command, Done, EntryKey, MOST_IN_A_BATCH, Money, Outcome, Refusal};

use crate::book::{
    BY_REFERENCE, BY_ROUND, BY_TRANSACTION, Book, STANDALONE, TOKEN, VENDOR, bet, credit, debit, eur, play,
    rollback, undo, win,
};

fn bet_of(policy: WalletPolicy, tx: &str, reference: &str, amount: &str) -> Command {
    let bet = Some(reference.into());
    Command::Debit(domain::play::Debit { bet, policy, ..debit(tx, amount) })
}

fn win_of(policy: WalletPolicy, tx: &str, reference: &str, amount: &str) -> Command {
    Command::Credit(domain::play::Credit { policy, ..credit(tx, reference, amount) })
}

fn cancel(policy: WalletPolicy, tx: &str, reference: &str) -> Command {
    Command::Rollback(domain::play::Rollback { policy, ..undo(tx, reference) })
}

fn standalone(tx: &str, amount: &str) -> Command {
    Command::Credit(domain::play::Credit { bet: None, policy: STANDALONE, ..credit(tx, "", amount) })
}

fn end(tx: &str) -> Command {
    Command::EndRound(EndRound { key: EntryKey::new(VENDOR, tx), play: play(), currency: None })
}

fn state(book: &Book, reference: &str) -> Option<BetState> {
    book.bets.get(&EntryKey::new(VENDOR, reference)).map(|bet: &Bet| bet.state)
}

fn done(outcome: BatchOutcome) -> (Vec<Done>, Money) {
    match outcome {
        BatchOutcome::Done { done, balances } => (done, balances.cash),
        BatchOutcome::Refused { .. } => panic!("refused: {outcome:?}"),
    }
}

fn refused(outcome: BatchOutcome) -> (usize, Refusal) {
    match outcome {
        BatchOutcome::Refused { index, refusal, .. } => (index, refusal),
        BatchOutcome::Done { .. } => panic!("done: {outcome:?}"),
    }
}

#[test]
fn case_03_of_two_identical_calls_at_once_one_is_a_repeat() {
    let mut book = Book::with("10");
    let (done, cash) = done(book.batch(&[bet("b1", "4"), bet("b1", "4")]));
    assert!(matches!(done.as_slice(), [Done::Applied(first), Done::Replayed(second)] if first == second));
    assert_eq!(cash, eur("6"));
}

#[test]
fn case_05_what_was_done_although_the_answer_was_lost_is_found_again() {
    let mut book = Book::with("10");
    book.applied(&bet("b1", "4"));
    assert!(matches!(book.execute(&bet("b1", "4")), Outcome::Replayed(_)), "the next call is a repeat");
    let undone = book.applied(&rollback("r1", "b1"));
    assert!(matches!(undone.fact, Fact::RolledBack { undone: Some(Undone::Bet { .. }), .. }));
    assert_eq!(book.cash(), eur("10"));
}

#[test]
fn case_06_winnings_settle_a_bet_even_if_more_may_follow() {
    let mut book = Book::with("10");
    book.applied(&bet_of(BY_REFERENCE, "t1", "once", "1"));
    book.applied(&win_of(BY_REFERENCE, "t2", "once", "3"));
    assert_eq!(state(&book, "once"), Some(BetState::Settled));
    book.applied(&bet_of(BY_ROUND, "t3", "often", "1"));
    book.applied(&win_of(BY_ROUND, "t4", "often", "3"));
    assert_eq!(state(&book, "often"), Some(BetState::Settled));
    book.applied(&win_of(BY_ROUND, "t5", "often", "1"));
    assert_eq!(book.cash(), eur("15"));
    let paid = |reference: &str| book.bets[&EntryKey::new(VENDOR, reference)].payout.cash;
    assert_eq!((paid("once"), paid("often")), (eur("3"), eur("4")));
}

#[test]
fn case_07_winnings_without_a_bet_are_the_policys_affair() {
    let mut book = Book::with("10");
    book.applied(&standalone("w1", "5"));
    assert_eq!(book.refusal(&win_of(BY_REFERENCE, "w2", "nothing", "5")), Refusal::BetUnknown);
    let by_round = domain::play::Credit { bet: None, policy: BY_ROUND, ..credit("w3", "", "5") };
    assert_eq!(book.refusal(&Command::Credit(by_round.clone())), Refusal::BetUnknown);
    book.applied(&bet_of(BY_ROUND, "t1", "ref", "1"));
    book.applied(&Command::Credit(by_round));
    assert_eq!(book.cash(), eur("19"));
    for reason in [CreditReason::FreeRounds, CreditReason::Promotion, CreditReason::SupplierPromotion] {
        let tx = format!("{reason:?}");
        let prize = domain::play::Credit { bet: None, reason, policy: BY_REFERENCE, ..credit(&tx, "", "1") };
        book.applied(&Command::Credit(prize));
    }
    assert_eq!(book.cash(), eur("22"));
    let named = domain::play::Credit { policy: STANDALONE, ..credit("w4", "never heard of", "1") };
    book.applied(&Command::Credit(named));
    let reason = CreditReason::Promotion;
    let prize = domain::play::Credit { reason, policy: BY_REFERENCE, ..credit("w5", "never heard of", "1") };
    book.applied(&Command::Credit(prize));
    assert_eq!(book.cash(), eur("24"));
}

#[test]
fn case_08_a_bet_that_was_cancelled_wins_nothing() {
    let mut book = Book::with("10");
    book.applied(&bet_of(BY_REFERENCE, "t1", "ref", "4"));
    book.applied(&cancel(BY_REFERENCE, "cancel:ref", "ref"));
    let last = book.bets[&EntryKey::new(VENDOR, "ref")].last.clone().map(|word| word.tx);
    assert_eq!(last.as_deref(), Some("cancel:ref"));
    assert!(book.rounds.is_empty(), "nobody will ask for the round's stakes");
    assert_eq!(book.refusal(&win_of(BY_REFERENCE, "t2", "ref", "9")), Refusal::BetReversed);
    assert_eq!(book.cash(), eur("10"));
}

#[test]
fn case_09_a_rollback_undoes_exactly_what_it_names() {
    let mut book = Book::with("10");
    book.applied(&bet("b1", "4"));
    book.applied(&bet("b2", "3"));
    book.applied(&rollback("r1", "b1"));
    assert_eq!(book.cash(), eur("7"));
    book.applied(&bet_of(BY_REFERENCE, "t1", "ref", "2"));
    book.applied(&cancel(BY_REFERENCE, "c1", "ref"));
    assert_eq!((book.cash(), state(&book, "ref")), (eur("7"), Some(BetState::Cancelled)));
    let bet = book.entries.iter().find(|entry| entry.key.tx == "t1").unwrap().key.clone();
    assert_eq!(book.reversed_by(&bet).as_deref(), Some("c1"), "the statement shows that it was undone");
}

#[test]
fn cases_10_and_11_a_cancelled_reference_keeps_its_bet_out() {
    let mut book = Book::with("10");
    let early = book.applied(&cancel(BY_REFERENCE, "c1", "ref"));
    assert!(matches!(early.fact, Fact::RolledBack { undone: None, .. }), "nothing to reverse");
    assert_eq!(book.refusal(&bet_of(BY_REFERENCE, "t1", "ref", "4")), Refusal::Tombstoned);
    assert_eq!(book.refusal(&win_of(BY_REFERENCE, "t2", "ref", "4")), Refusal::BetReversed);
}

#[test]
fn case_12_a_repeated_cancel_is_a_repeat() {
    let mut book = Book::with("10");
    book.applied(&bet_of(BY_REFERENCE, "t1", "ref", "4"));
    book.applied(&cancel(BY_REFERENCE, "c1", "ref"));
    assert!(matches!(book.execute(&cancel(BY_REFERENCE, "c1", "ref")), Outcome::Replayed(_)));
    assert_eq!(book.cash(), eur("10"));
}

#[test]
fn case_13_a_second_rollback_has_no_effect_or_is_told_so() {
    let mut book = Book::with("10");
    book.applied(&bet("b1", "4"));
    book.applied(&rollback("r1", "b1"));
    let again = book.applied(&rollback("r2", "b1"));
    assert!(matches!(again.fact, Fact::RolledBack { undone: None, .. }));
    book.applied(&bet_of(BY_REFERENCE, "t1", "ref", "4"));
    book.applied(&cancel(BY_REFERENCE, "c1", "ref"));
    assert_eq!(book.refusal(&cancel(BY_REFERENCE, "c2", "ref")), Refusal::BetReversed);
    assert_eq!(book.cash(), eur("10"));
}

#[test]
fn case_14_the_rollback_of_a_settled_bet_is_the_policys_affair() {
    let mut book = Book::with("10");
    book.applied(&bet("b1", "4"));
    book.applied(&win("w1", "b1", "8"));
    book.applied(&rollback("r1", "b1"));
    assert_eq!(book.cash(), eur("18"), "only the transaction it names");
    book.applied(&bet_of(BY_REFERENCE, "t1", "ref", "4"));
    book.applied(&win_of(BY_REFERENCE, "t2", "ref", "0"));
    assert_eq!(book.refusal(&cancel(BY_REFERENCE, "c1", "ref")), Refusal::BetSettled);
    assert_eq!(book.cash(), eur("14"));
}

#[test]
fn case_16_one_bet_of_a_round_is_undone_and_the_others_stand() {
    for policy in [BY_TRANSACTION, BY_REFERENCE, BY_ROUND, STANDALONE] {
        let mut book = Book::with("10");
        for tx in ["b1", "b2", "b3"] {
            book.applied(&Command::Debit(domain::play::Debit { policy, ..debit(tx, "2") }));
        }
        book.applied(&cancel(policy, "r1", "b2"));
        book.applied(&win_of(policy, "w1", "b3", "5"));
        assert_eq!(book.cash(), eur("11"), "{policy:?}");
    }
}

#[test]
fn case_17_a_second_win_is_the_policys_affair() {
    let mut book = Book::with("10");
    book.applied(&bet_of(BY_REFERENCE, "t1", "ref", "4"));
    book.applied(&win_of(BY_REFERENCE, "t2", "ref", "5"));
    assert_eq!(book.refusal(&win_of(BY_REFERENCE, "t3", "ref", "5")), Refusal::BetSettled);
    assert_eq!(book.cash(), eur("11"));
}

#[test]
fn case_18_a_round_ends_early_late_or_twice() {
    let mut book = Book::with("10");
    let named = WalletPolicy { require_bet: false, ..BY_REFERENCE };
    book.applied(&bet_of(named, "t0", "early", "1"));
    let ended = book.applied(&end("finish"));
    assert!(matches!(&ended.fact, Fact::RoundEnded { play } if play.round_closed));
    assert!(matches!(book.execute(&end("finish")), Outcome::Replayed(_)), "twice is once");
    book.applied(&cancel(named, "c0", "early"));
    book.applied(&standalone("w1", "5"));
    assert_eq!(book.cash(), eur("15"), "winnings follow where rounds are mere names");
    assert_eq!(book.refusal(&bet_of(BY_ROUND, "t1", "ref", "1")), Refusal::RoundClosed);
}

#[test]
fn case_18_a_closed_round_is_final_where_rounds_are_kept() {
    let mut book = Book::with("10");
    book.applied(&bet_of(BY_ROUND, "t1", "ref", "1"));
    let closing = domain::fact::Play { round_closed: true, ..play() };
    let last = domain::play::Credit { play: closing, policy: BY_ROUND, ..credit("t2", "ref", "2") };
    book.applied(&Command::Credit(last));
    assert_eq!(book.refusal(&win_of(BY_ROUND, "t3", "ref", "2")), Refusal::RoundClosed);
    let of_round = domain::play::Credit { bet: None, policy: BY_ROUND, ..credit("t4", "", "2") };
    assert_eq!(book.refusal(&Command::Credit(of_round)), Refusal::RoundClosed);
    assert_eq!(book.refusal(&cancel(BY_ROUND, "c1", "ref")), Refusal::BetSettled);
    assert_eq!(book.cash(), eur("11"));
}

#[test]
fn case_18_no_stake_of_a_closed_round_is_given_back() {
    let mut book = Book::with("10");
    book.applied(&bet_of(BY_ROUND, "t1", "ref", "1"));
    book.applied(&end("finish"));
    assert_eq!(book.refusal(&cancel(BY_ROUND, "c1", "ref")), Refusal::BetSettled, "it was lost");
    assert_eq!(book.cash(), eur("9"));
}

#[test]
fn case_19_one_refused_item_refuses_the_batch() {
    let mut book = Book::with("10");
    let before = book.account.clone();
    let items = [bet("b1", "6"), bet("b2", "6"), standalone("w1", "20")];
    let available = eur("4");
    assert_eq!(refused(book.batch(&items)), (1, Refusal::InsufficientFunds { available }));
    assert_eq!(book.account, before);
    book.applied(&bet("b1", "6"));
}

#[test]
fn case_20_repeats_in_a_batch_keep_their_entries_and_the_rest_is_done() {
    let mut book = Book::with("10");
    let first = book.applied(&bet("b1", "4"));
    let (outcome, cash) = done(book.batch(&[bet("b1", "4"), standalone("w1", "7")]));
    assert!(matches!(outcome.as_slice(), [Done::Replayed(old), Done::Applied(_)] if **old == first));
    assert_eq!(cash, eur("13"), "the balance is the new one");
    let (again, cash) = done(book.batch(&[bet("b1", "4"), standalone("w1", "7")]));
    assert!(again.iter().all(|item| matches!(item, Done::Replayed(_))));
    assert_eq!(cash, eur("13"));
    assert_eq!(refused(book.batch(&[bet("b2", "1"), bet("b1", "5")])), (1, Refusal::Mismatch));
    book.applied(&rollback("r9", "b9"));
    assert_eq!(refused(book.batch(&[bet("b2", "1"), bet("b9", "1")])), (1, Refusal::Tombstoned));
    assert_eq!(book.cash(), eur("13"));
}

#[test]
fn a_batch_is_decided_item_by_item() {
    let mut book = Book::with("10");
    let items = [bet("b1", "10"), win("w1", "b1", "25"), bet("b2", "25"), rollback("r1", "b2")];
    let (outcome, cash) = done(book.batch(&items));
    assert_eq!(cash, eur("25"));
    let numbers: Vec<u64> = outcome.iter().map(|item| item.entry().seq).collect();
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "{numbers:?}");
    assert_eq!(book.reversed_by(&EntryKey::new(VENDOR, "b2")).as_deref(), Some("r1"));
}

#[test]
fn a_batch_has_its_limit() {
    let mut book = Book::with("100");
    let items: Vec<Command> = (0..=MOST_IN_A_BATCH).map(|n| bet(&format!("b{n}"), "1")).collect();
    assert_eq!(refused(book.batch(&items)).1, Refusal::TooMany { most: MOST_IN_A_BATCH });
    assert_eq!(done(book.batch(&items[1..])).1, eur("70"));
}

#[test]
fn case_21_a_replaced_token_stakes_no_more_and_the_new_one_does() {
    let mut book = Book::with("10");
    book.applied(&bet("b1", "4"));
    let rotate = Command::RotateSession(RotateSession {
        key: EntryKey::new(VENDOR, "check-1"),
        token_hash: TOKEN.into(),
        next_token_hash: "next".into(),
        expires_at: "2026-11-23T13:00:00Z".parse().unwrap(),
    });
    book.applied(&rotate);
    assert!(
        matches!(book.execute(&rotate), Outcome::Replayed(_)),
        "the answer was lost: the same token again"
    );
    assert_eq!(book.refusal(&bet("b2", "1")), Refusal::SessionExpired);
    let access = |token: &str| check_session(book.sessions.get(token), VENDOR, book.now).map(|_| ());
    assert_eq!((access("next"), access(TOKEN)), (Ok(()), Err(Refusal::SessionExpired)));
    assert_eq!(access("never issued"), Err(Refusal::SessionUnknown));
    assert_eq!(book.sessions["next"].expires_at, "2026-11-23T13:00:00Z".parse().unwrap());
    let next = domain::play::Debit { token_hash: Some("next".into()), ..debit("b2", "1") };
    book.applied(&Command::Debit(next));
    book.applied(&win("w1", "b1", "8"));
    assert_eq!(book.cash(), eur("13"));
}

#[test]
fn case_22_a_closed_account_is_still_paid() {
    let mut book = Book::with("10");
    book.applied(&bet("b1", "4"));
    book.account.status = domain::account::AccountStatus::Closed;
    assert_eq!(book.refusal(&bet("b2", "1")), Refusal::AccountClosed);
    book.applied(&win("w1", "b1", "8"));
    book.applied(&rollback("r1", "b1"));
    book.applied(&end("finish"));
    assert_eq!(book.cash(), eur("18"));
}

#[test]
fn case_23_where_the_protocol_has_no_tokens_the_account_is_enough() {
    let mut book = Book::with("10");
    book.sessions.clear();
    let stake = domain::play::Debit { token_hash: None, policy: STANDALONE, ..debit("b1", "4") };
    book.applied(&Command::Debit(stake));
    let Command::Credit(mut payout) = standalone("w1", "9") else { unreachable!() };
    payout.token_hash = None;
    book.applied(&Command::Credit(payout));
    assert_eq!(book.cash(), eur("15"));
}

#[test]
fn a_reference_is_used_once() {
    let mut book = Book::with("10");
    book.applied(&bet_of(BY_REFERENCE, "t1", "ref", "4"));
    assert_eq!(book.refusal(&bet_of(BY_REFERENCE, "t2", "ref", "4")), Refusal::BetExists);
    assert!(matches!(book.execute(&bet_of(BY_REFERENCE, "t1", "ref", "4")), Outcome::Replayed(_)));
    assert_eq!(book.cash(), eur("6"));
}

#[test]
fn free_rounds_are_told_and_move_nothing() {
    let mut book = Book::with("10");
    for (tx, won) in [("f1", false), ("f2", true)] {
        let key = EntryKey::new(VENDOR, tx);
        let spin = FreeRound {
            key,
            token_hash: None,
            play: play(),
            amount: eur("2"),
            won,
            reward: Some("r".into()),
        };
        assert!(book.applied(&Command::FreeRound(spin.clone())).postings.is_empty());
        let other = FreeRound { won: !won, ..spin };
        assert_eq!(book.refusal(&Command::FreeRound(other)), Refusal::Mismatch);
    }
    let free = domain::play::Debit { free: true, ..debit("b1", "3") };
    book.applied(&Command::Debit(free));
    book.applied(&win("w1", "b1", "6"));
    assert_eq!(book.cash(), eur("16"), "a free bet wins real money");
    book.applied(&rollback("r1", "b1"));
    assert_eq!(book.cash(), eur("16"), "and gives nothing back");
}
