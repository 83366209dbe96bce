//! Game play in every order that vendors send it. Numbers are those of the canonical cases of wallet protocols.

use crate::book::{Book, STANDALONE, TOKEN, VENDOR, bet, debit, eur, play, rollback, undo, win};
use domain::fact::{Fact, Play};
use domain::play::{Credit, CreditReason, Debit, Rollback};
use domain::{Command, EntryKey, Outcome, Refusal};

#[test]
fn case_01_an_exact_repeat_changes_nothing_and_answers_the_same() {
    let mut book = Book::with("10");
    let first = book.applied(&bet("b1", "4"));
    let Outcome::Replayed(again) = book.execute(&bet("b1", "4")) else { panic!("not a replay") };
    assert_eq!(again.balances, first.balances);
    assert_eq!(book.cash(), eur("6"));
}

#[test]
fn case_02_the_same_id_with_other_data_is_refused() {
    let mut book = Book::with("10");
    book.applied(&bet("b1", "4"));
    assert_eq!(book.refusal(&bet("b1", "5")), Refusal::Mismatch);
    assert_eq!(book.refusal(&win("b1", "b1", "4")), Refusal::Mismatch);
    let free = Command::Debit(Debit { free: true, ..debit("b1", "4") });
    assert_eq!(book.refusal(&free), Refusal::Mismatch, "a stake out of nobody's money is another one");
}

#[test]
fn case_04_what_the_balance_does_not_cover_is_refused_and_may_be_tried_again() {
    let mut book = Book::with("10");
    assert_eq!(book.refusal(&bet("b1", "10.00001")), Refusal::InsufficientFunds { available: eur("10") });
    book.applied(&bet("b2", "10"));
    book.applied(&win("w2", "b2", "30"));
    book.applied(&bet("b1", "10.00001"));
    assert_eq!(book.cash(), eur("19.99999"));
}

#[test]
fn case_07_winnings_need_a_bet_unless_they_are_a_promotion() {
    let mut book = Book::with("10");
    assert_eq!(book.refusal(&win("w1", "nothing", "5")), Refusal::BetUnknown);
    let Command::Credit(mut promotion) = win("w1", "nothing", "5") else { unreachable!() };
    promotion.bet = None;
    promotion.reason = CreditReason::SupplierPromotion;
    book.applied(&Command::Credit(promotion));
    assert_eq!(book.cash(), eur("15"));
}

#[test]
fn case_08_winnings_of_an_undone_bet_are_refused() {
    let mut book = Book::with("10");
    book.applied(&bet("b1", "4"));
    book.applied(&rollback("r1", "b1"));
    assert_eq!(book.refusal(&win("w1", "b1", "8")), Refusal::BetReversed);
    assert_eq!(book.cash(), eur("10"));
}

#[test]
fn cases_10_and_11_a_rollback_that_comes_first_keeps_the_bet_out() {
    let mut book = Book::with("10");
    book.applied(&rollback("r1", "b1"));
    assert_eq!(book.refusal(&bet("b1", "4")), Refusal::Tombstoned);
    assert_eq!(book.refusal(&win("w1", "b1", "4")), Refusal::BetReversed);
    assert_eq!(book.cash(), eur("10"));
}

#[test]
fn cases_12_and_13_a_bet_is_undone_once_however_often_it_is_asked() {
    let mut book = Book::with("10");
    book.applied(&bet("b1", "4"));
    book.applied(&rollback("r1", "b1"));
    assert!(matches!(book.execute(&rollback("r1", "b1")), Outcome::Replayed(_)));
    book.applied(&rollback("r2", "b1"));
    assert_eq!(book.cash(), eur("10"));
}

#[test]
fn case_15_winnings_taken_back_after_they_were_spent_are_owed() {
    let mut book = Book::with("10");
    book.applied(&bet("b1", "10"));
    book.applied(&win("w1", "b1", "30"));
    book.applied(&bet("b2", "25"));
    book.applied(&rollback("r1", "w1"));
    assert_eq!(book.cash(), eur("0"));
    assert_eq!(book.account.wallet.receivable, eur("25"));
}

#[test]
fn case_17_a_round_can_win_twice() {
    let mut book = Book::with("10");
    book.applied(&bet("b1", "10"));
    book.applied(&win("w1", "b1", "3"));
    book.applied(&win("w2", "b1", "4"));
    assert_eq!(book.cash(), eur("7"));
}

#[test]
fn cases_21_and_22_an_expired_session_stakes_no_more_but_is_still_paid() {
    let mut book = Book::with("10");
    book.applied(&bet("b1", "4"));
    book.now = "2026-11-23T12:00:00Z".parse().unwrap();
    assert_eq!(book.refusal(&bet("b2", "1")), Refusal::SessionExpired);
    book.applied(&win("w1", "b1", "8"));
    book.applied(&rollback("r1", "b1"));
    assert_eq!(book.cash(), eur("18"));
}

#[test]
fn a_game_takes_so_much_at_once_and_nothing_hides_a_nearer_hindrance() {
    let mut book = Book::with("10");
    let up_to = |most, debit| Command::Debit(Debit { max_stake: Some(eur(most)), ..debit });
    let refusal = Refusal::StakeTooHigh { most: eur("4") };
    book.applied(&up_to("4", debit("b1", "4")));
    assert_eq!(book.refusal(&up_to("4", debit("b2", "4.00001"))), refusal);
    assert_eq!(book.refusal(&up_to("4", debit("b2", "40"))), refusal, "whatever the player has");
    let again = book.execute(&up_to("1", debit("b1", "4")));
    assert!(matches!(again, Outcome::Replayed(_)), "taken before the limit was lowered: {again:?}");
    book.applied(&up_to("4", Debit { free: true, ..debit("b3", "5") }));
    book.now = "2026-11-23T12:00:00Z".parse().unwrap();
    assert_eq!(book.refusal(&up_to("4", debit("b4", "5"))), Refusal::SessionExpired);
    assert_eq!(book.cash(), eur("6"));
}

#[test]
fn a_stake_that_names_no_game_is_held_to_what_its_sessions_game_took() {
    let mut book = Book::with("10");
    book.sessions.get_mut(TOKEN).unwrap().max_stake = Some(eur("1"));
    let unnamed = |tx, amount| Debit { play: Play { game: String::new(), ..play() }, ..debit(tx, amount) };
    assert_eq!(
        book.refusal(&Command::Debit(unnamed("b1", "1.01"))),
        Refusal::StakeTooHigh { most: eur("1") }
    );
    book.applied(&Command::Debit(unnamed("b1", "1")));
    book.applied(&Command::Debit(Debit { max_stake: Some(eur("2")), ..unnamed("b2", "2") }));
    // A lobby's session opens many games, of which each has a limit of its own.
    book.applied(&bet("b3", "3"));
    assert_eq!(book.cash(), eur("4"));
}

#[test]
fn what_only_stands_for_a_suppliers_promotion_is_put_down_for_whoever_had_the_game_open() {
    let mut book = Book::with("0");
    book.rules.verified_before_bet = true;
    book.account.verification = domain::account::Verification::none();
    book.now = "2026-11-23T12:00:00Z".parse().unwrap();
    let promotion = Debit { free: true, promotion: true, ..debit("b1", "0") };
    let stranger = Debit { token_hash: Some("another".into()), ..promotion.clone() };
    assert_eq!(book.refusal(&Command::Debit(stranger)), Refusal::SessionUnknown);
    book.applied(&Command::Debit(promotion));
    book.applied(&win("w1", "b1", "8"));
    assert_eq!(book.cash(), eur("8"));
}

#[test]
fn case_23_a_token_never_issued_stakes_nothing_but_a_known_bet_is_paid() {
    let mut book = Book::with("10");
    book.applied(&bet("b1", "4"));
    let Command::Debit(mut stranger) = bet("b2", "1") else { unreachable!() };
    stranger.token_hash = Some("never issued".into());
    assert_eq!(book.refusal(&Command::Debit(stranger)), Refusal::SessionUnknown);
    let Command::Credit(mut payout) = win("w1", "b1", "8") else { unreachable!() };
    payout.token_hash = Some("never issued".into());
    book.applied(&Command::Credit(payout.clone()));
    let standalone = Credit { key: EntryKey::new(VENDOR, "w2"), bet: None, policy: STANDALONE, ..payout };
    assert_eq!(book.refusal(&Command::Credit(standalone)), Refusal::SessionUnknown, "whose would it be?");
    assert_eq!(book.cash(), eur("14"));
}

#[test]
fn case_24_another_currency_is_refused() {
    let mut book = Book::with("10");
    let Command::Debit(mut pounds) = bet("b1", "1") else { unreachable!() };
    pounds.amount = "1 GBP".parse().unwrap();
    assert_eq!(book.refusal(&Command::Debit(pounds)), Refusal::WrongCurrency);
}

#[test]
fn case_25_nothing_staked_and_nothing_won_are_recorded_without_money() {
    let mut book = Book::with("10");
    assert!(book.applied(&bet("b1", "0")).postings.is_empty());
    assert!(book.applied(&win("w1", "b1", "0")).postings.is_empty());
    assert_eq!(book.cash(), eur("10"));
}

#[test]
fn a_session_of_another_vendor_opens_nothing() {
    let mut book = Book::with("10");
    let Command::Debit(mut foreign) = bet("b1", "1") else { unreachable!() };
    foreign.key.integration = "softswiss".into();
    assert_eq!(book.refusal(&Command::Debit(foreign)), Refusal::SessionUnknown);
}

#[test]
fn nobody_stakes_before_they_are_verified() {
    let mut book = Book::with("10");
    book.account.verification.status = domain::account::VerificationStatus::Pending;
    assert_eq!(book.refusal(&bet("b1", "1")), Refusal::NotVerified);
}

/// Some protocols name the game only when it is opened.
#[test]
fn a_call_that_names_no_game_is_about_the_one_that_was_opened() {
    let mut book = Book::with("10");
    book.sessions.get_mut(TOKEN).unwrap().game = "opened".into();
    let staked_on = |book: &mut Book, tx: &str, game: &str| {
        let play = Play { game: game.into(), ..play() };
        match book.applied(&Command::Debit(Debit { play, ..debit(tx, "1") })).fact {
            Fact::BetPlaced { play, .. } => play.game,
            other => panic!("no bet: {other:?}"),
        }
    };
    assert_eq!(staked_on(&mut book, "b1", ""), "opened");
    assert_eq!(staked_on(&mut book, "b2", "named"), "named");
}

#[test]
fn a_rollback_that_names_no_round_is_of_the_round_that_it_undoes() {
    let mut book = Book::with("10");
    book.applied(&bet("t1", "4"));
    book.applied(&win("w1", "t1", "6"));
    let nowhere = Play::default;
    for target in ["w1", "t1"] {
        let silent =
            Command::Rollback(Rollback { play: nowhere(), ..undo(&format!("undo {target}"), target) });
        let undone = book.applied(&silent);
        let Fact::RolledBack { play: told, .. } = &undone.fact else { panic!("{undone:?}") };
        assert_eq!((told.game.as_str(), told.round.as_deref()), ("dice", Some("r1")), "{target}");
    }
    let nothing = book.applied(&Command::Rollback(Rollback { play: nowhere(), ..undo("r9", "t9") }));
    assert!(matches!(&nothing.fact, Fact::RolledBack { play, undone: None, .. } if play.round.is_none()));
    let elsewhere = Play { game: "cards".into(), round: Some("r2".into()), ..Play::default() };
    let named = book.applied(&Command::Rollback(Rollback { play: elsewhere.clone(), ..undo("r10", "t10") }));
    assert!(matches!(&named.fact, Fact::RolledBack { play, .. } if *play == elsewhere));
}
