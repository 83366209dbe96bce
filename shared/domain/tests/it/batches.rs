//! A batch writes every record once, as the last of its commands leaves it: the store takes no item twice.

use domain::deposit::{DepositEvent, DepositNotice, DepositStatus, RequestDeposit};
use domain::ids::{DepositId, StaffId, WithdrawalId};
use domain::play::{BetState, Credit, Debit, RotateSession};
use domain::withdrawal::{WithdrawalEvent, WithdrawalStatus, WithdrawalStep};
use domain::{BatchOutcome, Command, EntryKey, Refusal, parts};
use ulid::Ulid;

use crate::book::{BY_REFERENCE, BY_ROUND, Book, TOKEN, VENDOR, credit, debit, eur, rollback, to_bank};

fn done(book: &mut Book, commands: &[Command]) {
    let outcome = book.batch(commands);
    assert!(matches!(outcome, BatchOutcome::Done { .. }), "{outcome:?}");
}

#[test]
fn a_bet_that_is_placed_and_won() {
    let mut book = Book::with("10");
    let placed = |tx: &str| {
        Command::Debit(Debit {
            bet: Some(tx.into()),
            policy: BY_REFERENCE,
            ..debit(&format!("bet-{tx}"), "2")
        })
    };
    let won =
        |tx: &str| Command::Credit(Credit { policy: BY_REFERENCE, ..credit(&format!("win-{tx}"), tx, "3") });
    done(&mut book, &[placed("a"), placed("b"), won("a")]);
    let state = |book: &Book, tx: &str| book.bets[&EntryKey::new(VENDOR, tx)].state;
    assert_eq!((state(&book, "a"), state(&book, "b")), (BetState::Settled, BetState::Open));
}

#[test]
fn rounds_that_are_staked_on_again() {
    let mut book = Book::with("10");
    let staked = |tx: &str, round: &str| {
        let play = domain::fact::Play { round: Some(round.into()), ..crate::book::play() };
        Command::Debit(Debit { play, policy: BY_ROUND, ..debit(tx, "2") })
    };
    done(&mut book, &[staked("1", "a"), staked("2", "b"), staked("3", "a")]);
    let stake = |book: &Book, round: &str| book.rounds[&EntryKey::new(VENDOR, round)].stake.cash;
    assert_eq!((stake(&book, "a"), stake(&book, "b")), (eur("4"), eur("2")));
}

#[test]
fn only_rollbacks_are_done_in_parts() {
    let mut book = Book::with("10");
    book.applied(&crate::book::bet("1", "2"));
    let undone: Vec<_> = (0..61).map(|n| rollback(&format!("r{n}"), &format!("{n}"))).collect();
    assert_eq!(parts(&undone).map(<[_]>::len).collect::<Vec<_>>(), [30, 30, 1]);
    let mut mixed = undone.clone();
    mixed.push(crate::book::bet("2", "2"));
    assert_eq!(parts(&mixed).map(<[_]>::len).collect::<Vec<_>>(), [62]);
    assert!(matches!(
        book.batch(&mixed),
        BatchOutcome::Refused { index: 30, refusal: Refusal::TooMany { most: 30 }, .. }
    ));

    let in_all = |book: &mut Book| {
        let outcomes: Vec<_> = parts(&undone).map(|part| book.batch(part)).collect();
        outcomes.into_iter().reduce(BatchOutcome::followed_by).unwrap()
    };
    for _ in 0..2 {
        let BatchOutcome::Done { done, balances } = in_all(&mut book) else { panic!() };
        assert_eq!((done.len(), balances.cash), (61, eur("10")));
        assert!(undone.iter().map(Command::key).eq(done.iter().map(|it| it.entry().key.clone())));
    }
}

#[test]
fn parts_are_told_as_one() {
    let mut book = Book::with("10");
    let first = book.batch(&[crate::book::bet("1", "2")]);
    let second = book.batch(&[crate::book::bet("2", "3")]);
    let again = book.batch(&[crate::book::bet("1", "2")]);
    let balance = |outcome| match outcome {
        BatchOutcome::Done { balances, .. } => balances.cash,
        BatchOutcome::Refused { .. } => panic!("{outcome:?}"),
    };
    assert_eq!(balance(first.clone().followed_by(second.clone())), eur("5"));
    assert_eq!(balance(second.followed_by(again)), eur("5"), "whatever came last is told");
    let refused = book.batch(&[rollback("r", "1"), crate::book::bet("3", "30")]);
    let BatchOutcome::Refused { index, .. } = first.followed_by(refused) else { panic!() };
    assert_eq!(index, 2);
}

#[test]
fn a_session_whose_token_changes_twice() {
    let mut book = Book::with("10");
    let rotated = |tx: &str, from: &str, to: &str| {
        Command::RotateSession(RotateSession {
            key: EntryKey::new(VENDOR, tx),
            token_hash: from.into(),
            next_token_hash: to.into(),
            expires_at: "2026-11-23T13:00:00Z".parse().unwrap(),
        })
    };
    done(&mut book, &[rotated("1", TOKEN, "second"), rotated("2", "second", "third")]);
    let replaced = |book: &Book, token: &str| book.sessions[token].replaced;
    assert!(replaced(&book, TOKEN) && replaced(&book, "second") && !replaced(&book, "third"));
}

#[test]
fn deposits_that_are_reserved_and_captured() {
    let mut book = Book::with("0");
    let id = |n: u64| DepositId::new(Ulid::from_parts(n, 1));
    for n in [1, 2] {
        book.applied(&Command::RequestDeposit(RequestDeposit {
            key: EntryKey::new("api", format!("deposit:{n}")),
            deposit: id(n),
            amount: eur("5"),
            method: "card".into(),
            attested: false,
            vendor: "adyen".into(),
            return_url: "https://casino.example".into(),
        }));
    }
    let notice = |tx: &str, n: u64, event: DepositEvent| {
        Command::DepositNotice(DepositNotice::new(EntryKey::new("adyen", tx), id(n), event))
    };
    let (amount, psp_reference) = (eur("5"), "p".to_owned());
    let reserved = DepositEvent::Authorised { amount, psp_reference: psp_reference.clone() };
    let captured = DepositEvent::Captured { amount, psp_reference };
    done(&mut book, &[notice("1", 1, reserved.clone()), notice("2", 2, reserved), notice("3", 1, captured)]);
    let status = |book: &Book, n: u64| book.deposits[&id(n).to_string()].status;
    assert_eq!((status(&book, 1), status(&book, 2)), (DepositStatus::Completed, DepositStatus::Authorised));
}

#[test]
fn withdrawals_that_are_approved_and_sent() {
    let mut book = Book::with("10");
    let id = |n: u64| WithdrawalId::new(Ulid::from_parts(n, 1));
    for n in [1, 2] {
        let asked = to_bank(&format!("withdrawal:{n}"), id(n), "5");
        book.applied(&Command::RequestWithdrawal(asked));
    }
    let step = |tx: &str, n: u64, event: WithdrawalEvent| {
        let key = EntryKey::new("adyen", tx);
        Command::WithdrawalStep(WithdrawalStep::new(key, id(n), event))
    };
    let approved = WithdrawalEvent::Approved { by: StaffId::new(Ulid::from_parts(7, 7)) };
    let sent = WithdrawalEvent::Submitted;
    done(&mut book, &[step("1", 1, approved.clone()), step("2", 2, approved), step("3", 1, sent)]);
    let status = |book: &Book, n: u64| book.withdrawals[&id(n)].status;
    assert_eq!((status(&book, 1), status(&book, 2)), (WithdrawalStatus::Paying, WithdrawalStatus::Approved));
}
