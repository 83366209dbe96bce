//! The closed loop: where money goes back to, and where it cannot.

use domain::Timestamp;
use domain::cashier::{Denial, HolderMatch, InstrumentKind, LoopOrder, Source, sources, split};
use domain::deposit::{Deposit, DepositStatus};
use domain::withdrawal::{PayTo, Payout, PayoutStatus, Withdrawal, WithdrawalStatus};

use crate::book::eur;
use crate::cashier::{account, deposit, fingerprint, pack, source, to_source, withdrawal};

fn nets(sources: &[Source]) -> Vec<(&str, Option<&str>, String)> {
    sources.iter().map(|it| (it.vendor.as_str(), it.token.as_deref(), it.net.to_text())).collect()
}

#[test]
fn what_went_back_to_a_source_no_longer_counts_and_winnings_do_not() {
    let deposits = [
        deposit(3, "trustly", Some("B"), eur("30")),
        deposit(1, "adyen", Some("A"), eur("50")),
        Deposit { gone_back: Some(eur("5")), ..deposit(2, "adyen", Some("A"), eur("20")) },
        Deposit { status: DepositStatus::Quarantined, ..deposit(4, "adyen", Some("A"), eur("99")) },
        Deposit { status: DepositStatus::Pending, ..deposit(5, "adyen", Some("A"), eur("99")) },
        Deposit {
            status: DepositStatus::ChargedBack,
            gone_back: Some(eur("7")),
            ..deposit(6, "nuvei", Some("C"), eur("7"))
        },
        deposit(7, "adyen", None, eur("1")),
    ];
    let mut failed = to_source("trustly", "B", eur("10"), true);
    failed.status = PayoutStatus::Failed;
    let withdrawals = [
        withdrawal(vec![to_source("adyen", "A", eur("15"), true), failed]),
        withdrawal(vec![to_source("trustly", "B", eur("100"), false)]),
        Withdrawal {
            status: WithdrawalStatus::Rejected,
            ..withdrawal(vec![to_source("trustly", "B", eur("30"), true)])
        },
    ];
    let found = sources(&deposits, &withdrawals, LoopOrder::OldestFirst).unwrap();
    let expected = [
        ("adyen", Some("A"), "50.00".to_owned()),
        ("trustly", Some("B"), "30.00".to_owned()),
        ("adyen", None, "1.00".to_owned()),
    ];
    assert_eq!(nets(&found), expected);
    let newest = sources(&deposits, &withdrawals, LoopOrder::NewestFirst).unwrap();
    assert_eq!(nets(&newest)[0].1, None);
}

#[test]
fn the_rest_goes_to_an_account_of_the_players_own_or_nowhere() {
    let known = [source("adyen", Some("A"), eur("50"))];
    let whole = split(eur("40"), &known, Some(&account()), &pack()).unwrap();
    assert_eq!(
        whole.payouts,
        [to_source("adyen", "A", eur("40"), true)],
        "no more than the source is needed"
    );
    let more = split(eur("80"), &known, Some(&account()), &pack()).unwrap();
    let rest = Payout::new(
        eur("30"),
        "adyen",
        PayTo::BankAccount { sealed: "sealed".into(), fingerprint: Some(fingerprint("own")) },
    );
    assert_eq!(more.payouts, [to_source("adyen", "A", eur("50"), true), rest]);
    assert!(!more.is_loop_open);
    let own = split(eur("80"), &known, None, &pack()).unwrap();
    assert_eq!(own.payouts[1], to_source("adyen", "A", eur("30"), false), "it is the player's bank account");
    let card = [Source { kind: Some(InstrumentKind::Card), ..known[0].clone() }];
    let denied = split(eur("80"), &card, None, &pack());
    assert_eq!(denied, Err(Denial::AccountNeeded { rest: eur("30") }));
}

#[test]
fn nobody_elses_instrument_and_no_silent_provider_is_paid() {
    for out_of_reach in [
        Source { holder: HolderMatch::Differs, ..source("adyen", Some("A"), eur("50")) },
        source("nuvei", Some("A"), eur("50")),
        source("adyen", None, eur("50")),
    ] {
        let divided = split(eur("40"), &[out_of_reach], Some(&account()), &pack()).unwrap();
        assert!(divided.is_loop_open && divided.payouts.len() == 1);
        assert!(matches!(divided.payouts[0].to, PayTo::BankAccount { .. }));
    }
}

#[test]
fn a_source_that_took_nothing_the_last_time_is_not_tried_again() {
    let deposits = [deposit(1, "adyen", Some("A"), eur("50"))];
    let sent = |second: i64, status: PayoutStatus, payout: Payout| Withdrawal {
        requested_at: Timestamp::from_second(1_700_000_000 + second).unwrap(),
        ..withdrawal(vec![Payout { status, ..payout }])
    };
    let back = |amount: &str| to_source("adyen", "A", eur(amount), true);
    let closed = |withdrawals: &[Withdrawal]| {
        let known = sources(&deposits, withdrawals, LoopOrder::OldestFirst).unwrap();
        assert_eq!(known.len(), 1);
        known[0].closed
    };
    let (paid, failed) = (PayoutStatus::Paid, PayoutStatus::Failed);
    assert!(!closed(&[]));
    assert!(closed(&[sent(2, failed, back("5")), sent(1, paid, back("5"))]));
    assert!(!closed(&[sent(1, failed, back("5")), sent(2, paid, back("5"))]), "it takes money again");
    assert!(closed(&[sent(1, failed, back("5")), sent(2, PayoutStatus::Paying, back("5"))]));
    for other in [to_source("adyen", "B", eur("5"), true), to_source("trustly", "A", eur("5"), true)] {
        assert!(!closed(&[sent(1, failed, other)]));
    }
    let known = sources(&deposits, &[sent(1, failed, back("5"))], LoopOrder::OldestFirst).unwrap();
    let divided = split(eur("40"), &known, Some(&account()), &pack()).unwrap();
    assert!(divided.is_loop_open && matches!(divided.payouts[0].to, PayTo::BankAccount { .. }));
    let denied = split(eur("40"), &known, None, &pack());
    assert_eq!(denied, Err(Denial::AccountNeeded { rest: eur("40") }));
}

#[test]
fn a_withdrawal_goes_back_to_so_many_sources_and_the_rest_to_one_place() {
    let known = |count: u64| -> Vec<Source> {
        let deposits: Vec<Deposit> =
            (1..=count).map(|n| deposit(n, "adyen", Some(&format!("t{n}")), eur("10"))).collect();
        sources(&deposits, &[], LoopOrder::OldestFirst).unwrap()
    };
    for (count, amount, payouts, open) in
        [(7, "70", 7, false), (7, "71", 8, false), (8, "80", 8, true), (9, "90", 8, true)]
    {
        let divided = split(eur(amount), &known(count), Some(&account()), &pack()).unwrap();
        assert_eq!((divided.payouts.len(), divided.is_loop_open), (payouts, open), "{count} {amount}");
    }
}

#[test]
fn of_what_is_told_of_one_source_the_worst_counts() {
    let mut deposits =
        vec![deposit(1, "adyen", Some("A"), eur("10")), deposit(2, "adyen", Some("A"), eur("10"))];
    let proven = |deposits: &[Deposit]| sources(deposits, &[], LoopOrder::OldestFirst).unwrap()[0].proven;
    assert!(proven(&deposits));
    for unproven in [0, 1] {
        deposits[unproven].instrument.as_mut().unwrap().proven = false;
        assert!(!proven(&deposits));
        deposits[unproven].instrument.as_mut().unwrap().proven = true;
    }
}
