//! The chain of hashes: what is changed, left out or put elsewhere does not fit any more.

use domain::{Digest, Entry};

use crate::book::{Book, bet, eur, rollback, win};

fn played() -> Book {
    let mut book = Book::with("10");
    for command in [bet("b1", "4"), win("w1", "b1", "8"), bet("b2", "1"), rollback("r1", "b2")] {
        book.applied(&command);
    }
    book
}

fn holds(entries: &[Entry], head: Digest) -> bool {
    let mut prev = Digest::default();
    for entry in entries {
        if entry.prev != prev {
            return false;
        }
        prev = entry.digest().unwrap();
    }
    prev == head
}

#[test]
fn every_entry_carries_the_hash_of_the_one_before_and_the_account_the_last() {
    let book = played();
    assert!(holds(&book.entries, book.account.head));
}

#[test]
fn whatever_is_done_to_an_entry_breaks_the_chain() {
    let book = played();
    let tampered = |change: &dyn Fn(&mut Vec<Entry>)| {
        let mut entries = book.entries.clone();
        change(&mut entries);
        !holds(&entries, book.account.head)
    };
    let last = book.entries.len() - 1;
    assert!(tampered(&|entries| entries[3].balances.cash = eur("999")));
    assert!(tampered(&|entries| entries[last].key.tx.push('x')));
    assert!(tampered(&|entries| entries[last].postings.clear()));
    assert!(tampered(&|entries| drop(entries.remove(4))));
    assert!(tampered(&|entries| drop(entries.pop())));
    assert!(tampered(&|entries| entries.swap(3, 4)));
    assert!(!tampered(&|_| ()));
}

#[test]
fn the_mark_of_an_undone_transaction_is_no_part_of_it() {
    let mut entry = played().entries[4].clone();
    let before = entry.digest().unwrap();
    entry.reversed_by = Some("r9".into());
    assert_eq!(entry.digest().unwrap(), before);
}

#[test]
fn the_canonical_form_stays_as_it_is() {
    let entry = &played().entries[4];
    let form = String::from_utf8(entry.canonical().unwrap()).unwrap();
    assert_eq!(form, include_str!("canonical.json").trim_end());
    assert_eq!(entry.digest().unwrap(), Digest::of(form.as_bytes()));
}

/// Processes' clocks differ: a later entry may be decided by one whose clock is behind.
#[test]
fn entries_never_go_back_in_time() {
    let mut book = Book::with("10");
    let noon = book.now;
    let first = book.applied(&bet("b1", "1"));
    book.now = noon - jiff::SignedDuration::from_secs(5);
    let second = book.applied(&bet("b2", "1"));
    assert_eq!((second.at, book.account.updated_at), (first.at, first.at));
    book.now = noon + jiff::SignedDuration::from_secs(5);
    assert_eq!(book.applied(&bet("b3", "1")).at, book.now);
}
