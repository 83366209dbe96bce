//! What single protocols ask of the core beyond the canonical cases.

use domain::fact::{Fact, Play};
use domain::play::{
    Bet, BetState, Credit, Debit, EndRound, EndedBy, FreeRound, LastWord, Rollback, Round, WalletPolicy,
};
use domain::{BatchOutcome, Command, EntryKey, Outcome, Refusal};

use crate::book::{
    BY_REFERENCE, BY_ROUND, Book, STANDALONE, TOKEN, VENDOR, credit, debit, eur, play, rollback, undo,
};

/// Repeats of what was undone are refused.
const FINAL: WalletPolicy = WalletPolicy { undone_is_final: true, ..STANDALONE };

fn staked(policy: WalletPolicy, tx: &str, reference: &str, amount: &str) -> Command {
    Command::Debit(Debit { bet: Some(reference.into()), policy, ..debit(tx, amount) })
}

fn alone(policy: WalletPolicy, tx: &str, amount: &str) -> Command {
    Command::Debit(Debit { policy, ..debit(tx, amount) })
}

fn won(policy: WalletPolicy, tx: &str, reference: &str, amount: &str) -> Command {
    Command::Credit(Credit { policy, ..credit(tx, reference, amount) })
}

fn cancel(tx: &str, reference: &str) -> Rollback {
    Rollback { policy: BY_ROUND, ..undo(tx, reference) }
}

fn bet<'a>(book: &'a Book, reference: &str) -> &'a Bet {
    &book.bets[&EntryKey::new(VENDOR, reference)]
}

fn round<'a>(book: &'a Book, name: &str) -> &'a Round {
    &book.rounds[&EntryKey::new(VENDOR, name)]
}

#[test]
fn a_batch_that_repeats_what_was_undone_is_refused_whole() {
    let mut book = Book::with("10");
    book.applied(&alone(FINAL, "b1", "1"));
    book.applied(&alone(FINAL, "b2", "2"));
    book.applied(&rollback("r1", "b2"));
    let before = book.account.clone();
    for batch in [
        vec![alone(FINAL, "b1", "1"), alone(FINAL, "b2", "2")],
        vec![alone(FINAL, "b1", "1"), alone(FINAL, "b2", "2"), alone(FINAL, "b3", "3")],
    ] {
        let BatchOutcome::Refused { index, refusal, account } = book.batch(&batch) else { panic!() };
        assert_eq!((index, refusal), (1, Refusal::Tombstoned));
        assert_eq!(account.unwrap().wallet.cash, eur("9"), "the balance is as it is");
    }
    assert_eq!(book.account, before, "nothing of the batch was done");
    assert!(
        matches!(book.execute(&alone(FINAL, "b1", "1")), Outcome::Replayed(_)),
        "what stands is repeated"
    );
}

#[test]
fn a_batch_with_what_was_forbidden_is_refused_although_the_rest_was_done_before() {
    let mut book = Book::with("10");
    book.applied(&alone(FINAL, "b1", "1"));
    book.applied(&rollback("r1", "b2"));
    let batch = [alone(FINAL, "b1", "1"), alone(FINAL, "b2", "2")];
    assert!(matches!(
        book.batch(&batch),
        BatchOutcome::Refused { index: 1, refusal: Refusal::Tombstoned, .. }
    ));
    assert_eq!(book.cash(), eur("9"));
}

#[test]
fn the_repeat_of_an_undone_win_is_refused_too_and_other_data_still_before_that() {
    let mut book = Book::with("10");
    let win = |amount| Command::Credit(Credit { bet: None, policy: FINAL, ..credit("w1", "", amount) });
    book.applied(&win("5"));
    book.applied(&rollback("r1", "w1"));
    assert_eq!(book.refusal(&win("5")), Refusal::Tombstoned);
    assert_eq!(book.refusal(&win("6")), Refusal::Mismatch);
}

#[test]
fn elsewhere_the_repeat_of_an_undone_stake_is_answered_as_the_first_time() {
    let mut book = Book::with("10");
    book.applied(&alone(STANDALONE, "b1", "1"));
    book.applied(&rollback("r1", "b1"));
    assert!(matches!(book.execute(&alone(STANDALONE, "b1", "1")), Outcome::Replayed(_)));
    assert_eq!(book.cash(), eur("10"));
}

#[test]
fn a_rollback_or_an_end_in_another_currency_does_nothing() {
    let mut book = Book::with("10");
    book.applied(&alone(STANDALONE, "b1", "1"));
    let dollars = Some("USD".parse().unwrap());
    let undone = Rollback { currency: dollars, ..undo("r1", "b1") };
    assert_eq!(book.refusal(&Command::Rollback(undone.clone())), Refusal::WrongCurrency);
    let end = EndRound { key: EntryKey::new(VENDOR, "e1"), play: play(), currency: dollars };
    assert_eq!(book.refusal(&Command::EndRound(end)), Refusal::WrongCurrency);
    let early = Rollback { currency: dollars, ..undo("r2", "b2") };
    assert_eq!(book.refusal(&Command::Rollback(early)), Refusal::WrongCurrency);
    book.applied(&alone(STANDALONE, "b2", "1"));
    book.applied(&Command::Rollback(Rollback { currency: Some("EUR".parse().unwrap()), ..undone }));
    assert_eq!(book.cash(), eur("9"));
}

#[test]
fn a_cancel_names_the_stake_that_it_means() {
    let mut book = Book::with("10");
    book.applied(&staked(BY_REFERENCE, "t1", "ref", "4"));
    let of = |placed_by: &str| {
        let placed_by = Some(placed_by.into());
        Command::Rollback(Rollback { placed_by, policy: BY_REFERENCE, ..undo("c1", "ref") })
    };
    assert_eq!(book.refusal(&of("another")), Refusal::BetUnknown);
    assert_eq!(book.cash(), eur("6"));
    book.applied(&of("t1"));
    assert_eq!(book.cash(), eur("10"));
}

#[test]
fn only_stakes_can_be_cancelled_where_bets_have_references() {
    let mut book = Book::with("10");
    book.applied(&staked(BY_ROUND, "t1", "ref", "4"));
    book.applied(&won(BY_ROUND, "t2", "ref", "1"));
    assert_eq!(book.refusal(&Command::Rollback(cancel("c1", "t2"))), Refusal::NotAStake);
    // The stake goes by its reference: by its transaction alone nothing is undone, and nothing is forbidden.
    assert_eq!(book.refusal(&Command::Rollback(cancel("c2", "t1"))), Refusal::BetUnknown);
    assert_eq!(book.cash(), eur("7"));
}

#[test]
fn a_cancel_that_ends_its_round_closes_it() {
    let mut book = Book::with("10");
    book.applied(&staked(BY_ROUND, "t1", "ref", "4"));
    assert!(!round(&book, "r1").is_over());
    let over = Play { round_closed: true, ..play() };
    book.applied(&Command::Rollback(Rollback { play: over, ..cancel("c1", "ref") }));
    assert_eq!((round(&book, "r1").ended_at, round(&book, "r1").stake.cash), (Some(book.now), eur("0")));
    assert_eq!(book.refusal(&staked(BY_ROUND, "t2", "ref2", "1")), Refusal::RoundClosed);
}

#[test]
fn a_stake_that_ended_its_round_is_cancelled_and_frees_the_others_to_be() {
    let mut book = Book::with("10");
    let over = Play { round_closed: true, ..play() };
    book.applied(&staked(BY_ROUND, "t1", "ref", "4"));
    let last = Debit { play: over.clone(), ..debit("t2", "3") };
    book.applied(&Command::Debit(Debit { bet: Some("last".into()), policy: BY_ROUND, ..last }));
    assert_eq!(round(&book, "r1").ended_by, EndedBy::Stake("last".into()));
    let cancelled = |tx, bet| Command::Rollback(Rollback { play: over.clone(), ..cancel(tx, bet) });
    assert_eq!(book.refusal(&cancelled("c1", "ref")), Refusal::BetSettled, "lost with the last stake");
    book.applied(&cancelled("c2", "last"));
    assert_eq!(round(&book, "r1").ended_by, EndedBy::Cancel);
    book.applied(&cancelled("c1", "ref"));
    assert_eq!((book.cash(), round(&book, "r1").stake.cash), (eur("10"), eur("0")));
}

#[test]
fn a_cancel_is_judged_by_the_round_of_its_bet() {
    let mut book = Book::with("10");
    book.applied(&alone(BY_ROUND, "t1", "4"));
    let of_round = |round: Option<&str>| {
        let round = round.map(str::to_owned);
        Rollback { play: Play { round, round_closed: false, ..play() }, ..cancel("c1", "t1") }
    };
    for round in [None, Some("another")] {
        assert_eq!(book.refusal(&Command::Rollback(of_round(round))), Refusal::BetUnknown, "{round:?}");
    }
    let found = bet(&book, "t1").clone();
    assert!(of_round(Some("another")).in_round_of(&found).is_none(), "what is named stays so");
    let completed = of_round(None).in_round_of(&found).unwrap();
    let over = Play { round_closed: true, ..play() };
    let won = Credit { bet: None, play: over, policy: BY_ROUND, ..credit("w1", "", "8") };
    book.applied(&Command::Credit(won));
    assert_eq!(round(&book, "r1").ended_by, EndedBy::Result);
    assert_eq!(book.refusal(&Command::Rollback(completed)), Refusal::BetSettled);
    assert_eq!(book.cash(), eur("14"));
}

#[test]
fn winnings_of_a_round_that_is_kept_need_no_session() {
    let mut book = Book::with("10");
    book.applied(&staked(BY_ROUND, "t1", "ref", "4"));
    let token_hash = Some("another".to_owned());
    let won = Credit { bet: None, token_hash, policy: BY_ROUND, ..credit("w1", "", "8") };
    let elsewhere = Play { round: Some("r2".into()), ..play() };
    let lost = Credit { play: elsewhere, ..won.clone() };
    assert_eq!(book.refusal(&Command::Credit(lost)), Refusal::SessionUnknown);
    book.applied(&Command::Credit(won));
    assert_eq!(book.cash(), eur("14"));
}

#[test]
fn a_rollback_of_itself_is_put_down_and_does_nothing() {
    let mut book = Book::with("10");
    let undone = book.applied(&rollback("r1", "r1"));
    assert!(matches!(undone.fact, Fact::RolledBack { undone: None, .. }));
    assert!(matches!(book.execute(&rollback("r1", "r1")), Outcome::Replayed(_)));
}

#[test]
fn bets_and_rounds_remember_what_was_played_and_who_had_the_last_word() {
    let mut book = Book::with("10");
    let of_session = Debit { play: Play { game: String::new(), ..play() }, ..debit("t1", "4") };
    book.applied(&Command::Debit(Debit { bet: Some("ref".into()), policy: BY_ROUND, ..of_session }));
    assert_eq!((bet(&book, "ref").play.game.as_str(), round(&book, "r1").game.as_str()), ("dice", "dice"));
    assert_eq!((bet(&book, "ref").placed_at, &bet(&book, "ref").last), (book.now, &None));
    book.applied(&won(BY_ROUND, "t2", "ref", "1"));
    let last = Some(LastWord { tx: "t2".into(), at: book.now });
    assert_eq!((bet(&book, "ref").state, &bet(&book, "ref").last), (BetState::Settled, &last));
}

#[test]
fn free_rounds_and_rollbacks_are_of_their_sessions_game() {
    let mut book = Book::with("10");
    let nameless = Play { game: String::new(), ..play() };
    let spin = |tx: &str, token: &str, amount: &str| {
        Command::FreeRound(FreeRound {
            key: EntryKey::new(VENDOR, tx),
            token_hash: Some(token.into()),
            play: nameless.clone(),
            amount: amount.parse().unwrap(),
            won: false,
            reward: None,
        })
    };
    let played = book.applied(&spin("f1", TOKEN, "1 EUR"));
    assert!(matches!(played.fact, Fact::FreeRoundPlayed { play, .. } if play.game == "dice"));
    assert_eq!(book.refusal(&spin("f2", "another", "1 EUR")), Refusal::SessionUnknown);
    assert_eq!(book.refusal(&spin("f2", TOKEN, "1 USD")), Refusal::WrongCurrency);

    book.applied(&alone(STANDALONE, "b1", "1"));
    let refund = Rollback { token_hash: Some(TOKEN.into()), play: nameless.clone(), ..undo("r1", "b1") };
    let undone = book.applied(&Command::Rollback(refund));
    assert!(matches!(undone.fact, Fact::RolledBack { play, .. } if play.game == "dice"));
    let strange = Rollback { token_hash: Some("another".into()), play: nameless, ..undo("r2", "b2") };
    book.applied(&Command::Rollback(strange));
}
