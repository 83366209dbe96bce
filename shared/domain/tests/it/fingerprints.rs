//! What a repeat must match: whatever of a command is asked for, another value of it is another request. Under an id
//! that was used, that is refused; only what a retry may bring along anew makes no difference.

use std::collections::BTreeSet;

use domain::account::VerificationStatus;
use domain::adjustment::{Adjust, Cause};
use domain::deposit::{DepositEvent, DepositNotice, RequestDeposit, RequestRefund};
use domain::entry::Fingerprint;
use domain::fact::Play;
use domain::ids::{DepositId, GameSessionId, SessionId, StaffId, VerificationId, WithdrawalId};
use domain::manual_review::{ManualReview, ReviewDecision};
use domain::person::{ChangeProfile, CloseAccount, SignIn, StartVerification, VerificationNotice};
use domain::play::{
    BetStep, BetUpdate, Credit, CreditReason, Debit, EndRound, FreeRound, GameSession, LaunchGame, Rollback,
    RotateSession,
};
use domain::withdrawal::{RequestWithdrawal, WithdrawalEvent, WithdrawalStep};
use domain::{Command, EntryKey, Outcome, Refusal, Timestamp};
use ulid::Ulid;

use crate::book::{Book, TOKEN, bet, credit, debit, eur, play, rollback, to_bank, undo, win};

/// A command, and others that differ from it in one thing that is asked for.
struct Case {
    base: Command,
    others: Vec<Command>,
}

impl Case {
    fn of<Asked>(
        wrap: impl Fn(Asked) -> Command,
        base: Asked,
        others: impl IntoIterator<Item = Asked>,
    ) -> Self {
        Self { base: wrap(base), others: others.into_iter().map(wrap).collect() }
    }
}

fn key() -> EntryKey {
    EntryKey::new("any", "1")
}

fn ulid(number: u128) -> Ulid {
    Ulid::from_parts(1, number)
}

fn now() -> Timestamp {
    "2026-11-23T10:00:00Z".parse().unwrap()
}

/// The same play in another game, and in another round.
fn elsewhere() -> [Play; 2] {
    [Play { game: "cards".into(), ..play() }, Play { round: Some("r2".into()), ..play() }]
}

fn stake() -> Case {
    let base = Debit { bet: Some("b1".into()), ..debit("t1", "4") };
    let mut others = vec![
        Debit { amount: eur("4.00001"), ..base.clone() },
        Debit { bet: Some("b2".into()), ..base.clone() },
        Debit { bet: None, ..base.clone() },
        Debit { free: true, ..base.clone() },
    ];
    others.extend(elsewhere().map(|play| Debit { play, ..base.clone() }));
    Case::of(Command::Debit, base, others)
}

fn winnings() -> Case {
    let base = credit("t1", "b1", "4");
    let mut others = vec![
        Credit { amount: eur("4.00001"), ..base.clone() },
        Credit { bet: Some("b2".into()), ..base.clone() },
        Credit { bet: None, ..base.clone() },
    ];
    let reasons = [
        CreditReason::Jackpot,
        CreditReason::SupplierPromotion,
        CreditReason::FreeRounds,
        CreditReason::Promotion,
    ];
    others.extend(reasons.map(|reason| Credit { reason, ..base.clone() }));
    others.extend(elsewhere().map(|play| Credit { play, ..base.clone() }));
    Case::of(Command::Credit, base, others)
}

fn undoing() -> Case {
    let base = undo("t1", "b1");
    Case::of(Command::Rollback, base.clone(), [Rollback { target: "b2".into(), ..base }])
}

fn end_of_round() -> Case {
    let [_, other_round] = elsewhere();
    let base = EndRound { key: key(), play: play(), currency: None };
    Case::of(Command::EndRound, base.clone(), [EndRound { play: other_round, ..base }])
}

fn free_round() -> Case {
    let base = FreeRound {
        key: key(),
        token_hash: None,
        play: play(),
        amount: eur("2"),
        won: false,
        reward: Some("r".into()),
    };
    let mut others =
        vec![FreeRound { amount: eur("2.00001"), ..base.clone() }, FreeRound { won: true, ..base.clone() }];
    others.extend(elsewhere().map(|play| FreeRound { play, ..base.clone() }));
    Case::of(Command::FreeRound, base, others)
}

fn bet_update() -> Case {
    let step = BetStep::Settle { payout: eur("4") };
    let base = BetUpdate { key: key(), play: play(), bet: "b1".into(), version: 1, step };
    let mut others =
        vec![BetUpdate { bet: "b2".into(), ..base.clone() }, BetUpdate { version: 2, ..base.clone() }];
    let steps = [BetStep::Settle { payout: eur("5") }, BetStep::Unsettle, BetStep::Void, BetStep::Unvoid];
    others.extend(steps.map(|step| BetUpdate { step, ..base.clone() }));
    Case::of(Command::BetUpdate, base, others)
}

fn launch() -> Case {
    let session = |number| GameSession {
        id: GameSessionId::new(ulid(number)),
        token_hash: TOKEN.into(),
        integration: "any".into(),
        game: "dice".into(),
        max_stake: None,
        language: "en".into(),
        expires_at: now(),
        replaced: false,
    };
    let of = |number| LaunchGame { key: key(), session: session(number) };
    Case::of(Command::LaunchGame, of(1), [of(2)])
}

fn rotation() -> Case {
    let of = |token: &str| RotateSession {
        key: key(),
        token_hash: token.into(),
        next_token_hash: "next".into(),
        expires_at: now(),
    };
    Case::of(Command::RotateSession, of("one"), [of("other")])
}

fn deposit() -> Case {
    let base = RequestDeposit {
        key: key(),
        deposit: DepositId::new(ulid(1)),
        amount: eur("10"),
        method: "card".into(),
        attested: false,
        vendor: "adyen".into(),
        return_url: "https://casino.example/".into(),
    };
    let others = [
        RequestDeposit { amount: eur("10.01"), ..base.clone() },
        RequestDeposit { method: "bank".into(), ..base.clone() },
        RequestDeposit { return_url: "https://casino.example/other".into(), ..base.clone() },
    ];
    Case::of(Command::RequestDeposit, base, others)
}

fn deposit_notice() -> Case {
    let of = |event| DepositNotice::new(key(), DepositId::new(ulid(1)), event);
    let by = StaffId::new(ulid(1));
    let (amount, psp_reference) = (eur("10"), "p1".to_owned());
    let base = of(DepositEvent::Captured { amount, psp_reference: psp_reference.clone() });
    let more = eur("11");
    let mut others = vec![
        DepositNotice { deposit: DepositId::new(ulid(2)), ..base.clone() },
        DepositNotice { refund: Some(1), ..base.clone() },
        DepositNotice { refund: Some(2), ..base.clone() },
        of(DepositEvent::Captured { amount: more, psp_reference: psp_reference.clone() }),
    ];
    let events = [
        DepositEvent::Authorised { amount, psp_reference },
        DepositEvent::Identified,
        DepositEvent::Declined,
        DepositEvent::Cancelled,
        DepositEvent::Expired,
        DepositEvent::Refunded { amount },
        DepositEvent::Refunded { amount: more },
        DepositEvent::RefundApproved { by },
        DepositEvent::RefundRejected { by },
        DepositEvent::RefundSubmitted,
        DepositEvent::RefundFailed,
        DepositEvent::ChargedBack { amount },
        DepositEvent::ChargedBack { amount: more },
        DepositEvent::ChargebackReversed { amount },
        DepositEvent::ChargebackReversed { amount: more },
        DepositEvent::Accepted { by },
        DepositEvent::Returned { by },
    ];
    others.extend(events.map(of));
    Case::of(Command::DepositNotice, base, others)
}

fn refund() -> Case {
    let base = RequestRefund {
        key: key(),
        deposit: DepositId::new(ulid(1)),
        amount: Some(eur("10")),
        reason: "by mistake".into(),
        by: StaffId::new(ulid(1)),
        at_most: eur("10"),
        approvals: 1,
        planned_at: None,
    };
    let others = [
        RequestRefund { deposit: DepositId::new(ulid(2)), ..base.clone() },
        RequestRefund { amount: Some(eur("9")), ..base.clone() },
        RequestRefund { amount: None, ..base.clone() },
        RequestRefund { reason: "another".into(), ..base.clone() },
    ];
    Case::of(Command::RequestRefund, base, others)
}

fn withdrawal() -> Case {
    let base = to_bank("w1", WithdrawalId::new(ulid(1)), "10");
    let others = [
        RequestWithdrawal { amount: eur("11"), ..base.clone() },
        RequestWithdrawal { method: "card".into(), ..base.clone() },
        RequestWithdrawal { destination_fingerprint: "another".into(), ..base.clone() },
    ];
    Case::of(Command::RequestWithdrawal, base, others)
}

fn withdrawal_step() -> Case {
    let by = StaffId::new(ulid(1));
    let of = |number, event| WithdrawalStep::new(key(), WithdrawalId::new(ulid(number)), event);
    let base = of(1, WithdrawalEvent::Cancelled);
    let mut others = vec![of(2, WithdrawalEvent::Cancelled), base.clone().of(1)];
    let events = [
        WithdrawalEvent::Approved { by },
        WithdrawalEvent::Rejected { by },
        WithdrawalEvent::Submitted,
        WithdrawalEvent::Paid { amount: eur("10") },
        WithdrawalEvent::Failed,
        WithdrawalEvent::Returned { amount: eur("10") },
    ];
    others.extend(events.map(|event| of(1, event)));
    Case::of(Command::WithdrawalStep, base, others)
}

fn adjustment() -> Case {
    let of = |amount: &str, cause| Adjust { key: key(), amount: eur(amount), cause, by: None };
    let causes = [
        Cause::GameCorrection,
        Cause::Goodwill,
        Cause::BonusGranted,
        Cause::BonusForfeited,
        Cause::DebtRepaid,
        Cause::DebtWrittenOff,
    ];
    let mut others = vec![of("5", Cause::Correction), of("-4", Cause::Correction)];
    others.extend(causes.map(|cause| of("4", cause)));
    Case::of(Command::Adjust, of("4", Cause::Correction), others)
}

fn people() -> [Case; 6] {
    let session = |number| SignIn { session: SessionId::new(ulid(number)) };
    let started = |number| StartVerification {
        verification: VerificationId::new(ulid(number)),
        vendor: "sumsub".into(),
    };
    let told = |status| VerificationNotice {
        key: key(),
        status,
        as_of: now(),
        expires_on: None,
        alarming: false,
        judged_at: None,
    };
    let decided = |decision| ManualReview { key: key(), by: StaffId::new(ulid(1)), decision };
    let changed = |fields: &[&str]| ChangeProfile {
        key: key(),
        fields: fields.iter().map(|it| (*it).to_owned()).collect(),
        identity: false,
    };
    [
        Case::of(Command::SignIn, session(1), [session(2)]),
        Case::of(Command::StartVerification, started(1), [started(2)]),
        Case::of(
            Command::VerificationNotice,
            told(VerificationStatus::Approved),
            [VerificationStatus::Rejected, VerificationStatus::InReview].map(told),
        ),
        Case::of(
            Command::ManualReview,
            decided(ReviewDecision::Reject),
            [ReviewDecision::Approve { expires_on: None }, ReviewDecision::Resubmit].map(decided),
        ),
        Case::of(
            Command::ChangeProfile,
            changed(&["phone", "city"]),
            [changed(&["phone"]), changed(&["phonecity"])],
        ),
        // An account is closed once, whyever.
        Case::of(Command::CloseAccount, CloseAccount { reason: "erasure".into() }, []),
    ]
}

fn all() -> Vec<Case> {
    let mut all = vec![
        stake(),
        winnings(),
        undoing(),
        end_of_round(),
        free_round(),
        bet_update(),
        launch(),
        rotation(),
        deposit(),
        deposit_notice(),
        refund(),
        withdrawal(),
        withdrawal_step(),
        adjustment(),
    ];
    all.extend(people());
    all
}

#[test]
fn whatever_is_asked_for_is_part_of_what_a_repeat_must_match() {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for Case { base, others } in all() {
        assert_eq!(base.fingerprint(), base.clone().fingerprint());
        for one in others.iter().chain([&base]) {
            let fingerprint = one.fingerprint().as_str().to_owned();
            assert!(seen.insert(fingerprint), "another request looks like this one: {one:?}");
        }
    }
}

/// A new kind of command does not compile here until it is among the cases above.
#[test]
fn every_kind_of_command_is_among_them() {
    const KINDS: usize = 20;
    let number = |command: &Command| match command {
        Command::SignIn(_) => 0,
        Command::StartVerification(_) => 1,
        Command::VerificationNotice(_) => 2,
        Command::ChangeProfile(_) => 3,
        Command::CloseAccount(_) => 4,
        Command::LaunchGame(_) => 5,
        Command::RotateSession(_) => 6,
        Command::Debit(_) => 7,
        Command::Credit(_) => 8,
        Command::Rollback(_) => 9,
        Command::EndRound(_) => 10,
        Command::FreeRound(_) => 11,
        Command::BetUpdate(_) => 12,
        Command::RequestDeposit(_) => 13,
        Command::DepositNotice(_) => 14,
        Command::RequestRefund(_) => 15,
        Command::RequestWithdrawal(_) => 16,
        Command::WithdrawalStep(_) => 17,
        Command::Adjust(_) => 18,
        Command::ManualReview(_) => 19,
    };
    let tried: BTreeSet<usize> = all().iter().map(|case| number(&case.base)).collect();
    assert_eq!(tried, (0..KINDS).collect());
}

#[test]
fn what_a_retry_brings_along_anew_makes_no_difference() {
    let same = |one: &Command, other: &Command| {
        let (one, other): (Fingerprint, Fingerprint) = (one.fingerprint(), other.fingerprint());
        assert_eq!(one, other);
    };
    let (stake, winnings) = (debit("t1", "4"), credit("t1", "b1", "4"));
    let closed = Play { round_closed: true, ..play() };
    for other in [
        Debit { token_hash: None, ..stake.clone() },
        Debit { max_stake: Some(eur("1")), ..stake.clone() },
        Debit { play: closed.clone(), ..stake.clone() },
    ] {
        same(&Command::Debit(stake.clone()), &Command::Debit(other));
    }
    for other in
        [Credit { token_hash: None, ..winnings.clone() }, Credit { play: closed.clone(), ..winnings.clone() }]
    {
        same(&Command::Credit(winnings.clone()), &Command::Credit(other));
    }
}

#[test]
fn an_id_is_not_used_again_for_another_target_or_bet() {
    let mut book = Book::with("20");
    for tx in ["b1", "b2"] {
        book.applied(&bet(tx, "4"));
    }
    book.applied(&win("w1", "b1", "6"));
    assert_eq!(book.refusal(&win("w1", "b2", "6")), Refusal::Mismatch);
    book.applied(&rollback("r1", "b1"));
    assert_eq!(book.refusal(&rollback("r1", "b2")), Refusal::Mismatch);
    assert_eq!(book.refusal(&rollback("r1", "never came")), Refusal::Mismatch);
    assert!(matches!(book.execute(&rollback("r1", "b1")), Outcome::Replayed(_)));
    assert_eq!(book.cash(), eur("22"), "the second stake stands");
}
