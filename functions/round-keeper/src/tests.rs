//! What facts say of rounds.

use domain::account::Wallet;
use domain::entry::Fingerprint;
use domain::fact::{self, Undone};
use domain::play::CreditReason;
use domain::{Entry, EntryKey, Fact};
use ulid::Ulid;

use super::*;

fn said_by(fact: Fact) -> Option<Move> {
    let event = Event::from_entry(&Entry {
        player: PlayerId::new(Ulid::from_parts(1, 1)),
        key: EntryKey::new("hub88", "tx7"),
        seq: 5,
        prev: domain::Digest::default(),
        at: "2026-11-23T10:00:00Z".parse().unwrap(),
        brand: "demo".to_owned(),
        jurisdiction: "MT".to_owned(),
        fact,
        postings: Vec::new(),
        balances: Wallet::empty("EUR".parse().unwrap()),
        fingerprint: Fingerprint::of(["test"]),
        reversed_by: None,
    });
    Move::of(&event).unwrap()
}

fn play(round: Option<&str>) -> fact::Play {
    fact::Play { game: "dice".to_owned(), round: round.map(str::to_owned), round_closed: true }
}

fn eur(text: &str) -> domain::Money {
    format!("{text} EUR").parse().unwrap()
}

#[test]
fn stakes_winnings_and_their_undoing_are_turns_of_their_round() {
    let (bonus, reason, amount) = (None, CreditReason::Win, eur("2"));
    let bet = |free| Fact::BetPlaced { play: play(Some("r")), amount, bonus, free };
    let win = Fact::BetWon { play: play(Some("r")), amount, bonus, bet: None, reason };
    let undone =
        |undone| Fact::RolledBack { play: play(Some("r")), target: "t".to_owned(), undone: Some(undone) };
    let took = Undone::Win { amount, bonus, shortfall: eur("0"), reason };
    for (fact, kind) in [
        (bet(false), TurnKind::Bet),
        (bet(true), TurnKind::FreeBet),
        (win, TurnKind::Win),
        (undone(took), TurnKind::WinRolledBack),
    ] {
        let it = said_by(fact).unwrap();
        assert_eq!((it.turn.kind, it.turn.amount, it.turn.closes), (kind, amount, true));
        assert_eq!((it.sequence, it.round.round.as_str(), it.game.as_str()), (5, "r", "dice"));
    }
    // A free bet gives nothing back, a real one what it took.
    let given = said_by(undone(Undone::Bet { amount, bonus })).unwrap();
    assert_eq!((given.turn.kind, given.turn.amount), (TurnKind::BetRolledBack, amount));
    let ended = said_by(Fact::RoundEnded { play: play(Some("r")) }).unwrap();
    assert_eq!((ended.turn.kind, ended.turn.closes), (TurnKind::Ended, true));
}

#[test]
fn what_names_no_round_or_undid_nothing_is_no_turn() {
    assert_eq!(
        said_by(Fact::BetPlaced { play: play(None), amount: eur("2"), bonus: None, free: false }),
        None
    );
    assert_eq!(
        said_by(Fact::RolledBack { play: play(Some("r")), target: "t".to_owned(), undone: None }),
        None
    );
    assert_eq!(said_by(Fact::AccountClosed { reason: "erasure".to_owned() }), None);
}
