//! The exported form: the canonical form, its hash, and what stands before and after.

use domain::Digest;
use domain::account::Wallet;
use domain::chain::Balances;
use domain::export::Header;
use serde_json::Value;

use crate::book::{Book, bet, eur, rollback, win};

fn played() -> Book {
    let mut book = Book::with("10");
    for command in [bet("b1", "4"), win("w1", "b1", "8"), bet("b2", "1"), rollback("r1", "b2")] {
        book.applied(&command);
    }
    book
}

#[test]
fn a_line_less_its_hash_is_the_canonical_form() {
    for entry in &played().entries {
        let mut line: Value = serde_json::from_str(&entry.exported().unwrap()).unwrap();
        let hash = line.as_object_mut().unwrap().remove("hash").unwrap();
        let form = serde_json_canonicalizer::to_vec(&line).unwrap();
        assert_eq!(form, entry.canonical().unwrap());
        assert_eq!(hash, Digest::of(&form).to_string());
    }
}

#[test]
fn the_header_says_what_stood_before_and_after() {
    let book = played();
    let whole = Header::of(&book.entries).unwrap().unwrap();
    let nothing = Balances::from(Wallet::empty("EUR".parse().unwrap()));
    assert_eq!((whole.from_seq, whole.prev, whole.opening), (1, Digest::default(), nothing));
    assert_eq!((whole.head, whole.closing), (book.account.head, book.account.wallet.into()));

    let (before, rest) = book.entries.split_at(5);
    let part = Header::of(rest).unwrap().unwrap();
    assert_eq!((part.from_seq, part.prev), (6, before[4].digest().unwrap()));
    assert_eq!(part.opening.cash, eur("6"));
    assert_eq!(part.opening, before[4].balances.into());
}

#[test]
fn a_header_reads_back_and_nothing_has_one_too() {
    let book = played();
    assert_eq!(Header::of(&[]).unwrap(), None);
    let header = Header::of_nothing(&book.account);
    assert_eq!((header.from_seq, header.to_seq), (book.account.version + 1, book.account.version));
    assert_eq!(serde_json::from_str::<Header>(&header.line().unwrap()).unwrap(), header);
}
