//! The cashier's rules: what is offered, how a withdrawal is divided, and who has to agree.

use domain::cashier::{Case, Review, ReviewReason};
use domain::cashier::{
    CashierBook, CashierPack, Denial, Direction, Funding, HolderMatch, Instrument, InstrumentFingerprint,
    InstrumentKind, LoopOrder, OwnAccount, PaymentRules, Place, Source, Split, sources, split,
};
use domain::deposit::{Deposit, DepositStatus};
use domain::ids::{DepositId, PlayerId, WithdrawalId};
use domain::withdrawal::{PayTo, Payout, Withdrawal, WithdrawalStatus};
use domain::{Money, Timestamp};
use proptest::prelude::*;
use ulid::Ulid;

use crate::book::{Book, eur};

const PACK: &str = r#"
[cashier]
schema = 1
version = "test"
status = "active"
effective_from = "2026-01-01T00:00:00Z"
[routing]
failures = 2
rest_seconds = 30
[closed_loop]
order = "oldest_first"
providers = ["adyen", "trustly"]
[[method]]
id = "card"
name = "Card"
kind = "card"
jurisdictions = ["MT", "GB"]
deposit = { routes = ["adyen", "nuvei"], limits = [{ min = "5 EUR", max = "100 EUR" }] }
[[method]]
id = "house"
name = "House card"
kind = "card"
brands = ["other"]
jurisdictions = ["MT"]
deposit = { routes = ["adyen"], limits = [{ min = "5 EUR", max = "100 EUR" }] }
[[method]]
id = "wallet"
name = "Wallet"
kind = "wallet"
jurisdictions = ["MT", "GB"]
deposit = { routes = ["nuvei"], limits = [{ min = "5 EUR", max = "100 EUR" }] }
[[method]]
id = "clean"
name = "Clean wallet"
kind = "wallet"
attested = true
jurisdictions = ["GB"]
deposit = { routes = ["nuvei"], limits = [{ min = "5 EUR", max = "100 EUR" }] }
[[method]]
id = "bank"
name = "Bank"
kind = "bank_account"
jurisdictions = ["MT"]
withdrawal = { routes = ["adyen"], limits = [{ min = "5 EUR", max = "100 EUR" }] }
[[approval]]
jurisdictions = ["MT"]
account_days = 7
instrument_players = 1
automatic_a_day = ["100 EUR"]
four_eyes_from = ["1000 EUR"]
"#;

pub(crate) fn pack() -> CashierPack {
    toml::from_str(PACK).unwrap()
}

fn place<'a>(brand: &'a str, jurisdiction: &'a str) -> Place<'a> {
    Place { brand, jurisdiction, currency: "EUR".parse().unwrap() }
}

fn offered(place: Place<'_>, rules: &PaymentRules, direction: Direction) -> Vec<String> {
    pack().offers(place, rules, direction).map(|offer| offer.method.id.clone()).collect()
}

#[test]
fn methods_are_offered_by_brand_place_currency_and_law() {
    let (free, strict) =
        (PaymentRules::default(), PaymentRules { wallet_must_attest: true, ..PaymentRules::default() });
    assert_eq!(offered(place("demo", "MT"), &free, Direction::Deposit), ["card", "wallet"]);
    assert_eq!(offered(place("other", "MT"), &free, Direction::Deposit), ["card", "house", "wallet"]);
    assert_eq!(offered(place("demo", "GB"), &strict, Direction::Deposit), ["card", "clean"]);
    assert_eq!(offered(place("demo", "MT"), &free, Direction::Withdrawal), ["bank"]);
    assert!(offered(place("demo", "US-NJ"), &free, Direction::Deposit).is_empty());
    let pounds = Place { currency: "GBP".parse().unwrap(), ..place("demo", "MT") };
    assert!(offered(pounds, &free, Direction::Deposit).is_empty());
}

#[test]
fn every_denial_says_why() {
    let (pack, rules) = (pack(), PaymentRules::default());
    let ask = |method: &str, amount: &str| {
        pack.offer(place("demo", "MT"), &rules, Direction::Deposit, method, eur(amount)).map(drop)
    };
    assert_eq!(ask("card", "5"), Ok(()));
    assert_eq!(ask("card", "100"), Ok(()));
    assert_eq!(ask("card", "4.99"), Err(Denial::TooLittle { least: eur("5") }));
    assert_eq!(ask("card", "100.01"), Err(Denial::TooMuch { most: eur("100") }));
    let unknown = ask("house", "5").unwrap_err();
    assert_eq!(unknown.to_string(), "must be one of card, wallet");
    assert_eq!(ask("card", "4").unwrap_err().to_string(), "must be at least 5.00");
}

#[test]
fn the_newest_pack_in_force_holds_and_unknown_words_do_not_load() {
    let later: CashierPack =
        toml::from_str(&PACK.replace("2026-01-01", "2027-01-01").replace("\"test\"", "\"later\"")).unwrap();
    let book = CashierBook::new([pack(), later]);
    let version = |now: &str| book.at(now.parse().unwrap()).map(|pack| pack.version().to_owned());
    assert_eq!(version("2025-01-01T00:00:00Z"), None);
    assert_eq!(version("2026-06-01T00:00:00Z").as_deref(), Some("test"));
    assert_eq!(version("2027-06-01T00:00:00Z").as_deref(), Some("later"));
    assert!(toml::from_str::<CashierPack>(&PACK.replace("attested", "atested")).is_err());
    assert!(toml::from_str::<CashierPack>(&PACK.replace("\"5 EUR\"", "5")).is_err());
}

fn now() -> Timestamp {
    "2026-11-23T10:00:00Z".parse().unwrap()
}

pub(crate) fn deposit(number: u64, vendor: &str, token: Option<&str>, amount: Money) -> Deposit {
    let instrument = token.map(|token| Instrument {
        kind: InstrumentKind::BankAccount,
        token: Some(token.to_owned()),
        last_digits: None,
        funding: Some(Funding::Debit),
        holder: HolderMatch::Matches,
        fingerprint: None,
        proven: true,
    });
    Deposit {
        id: DepositId::new(Ulid::from_parts(number, 1)),
        amount,
        method: "card".into(),
        attested: false,
        vendor: vendor.into(),
        return_url: "https://example.com".into(),
        status: DepositStatus::Completed,
        redirect_url: None,
        psp_reference: Some(format!("p{number}")),
        instrument,
        received: Some(amount),
        gone_back: None,
        charged_back: None,
        refunds: Vec::new(),
        requested_at: Timestamp::from_second(1_700_000_000 + i64::try_from(number).unwrap()).unwrap(),
        expires_at: now(),
    }
}

pub(crate) fn withdrawal(payouts: Vec<Payout>) -> Withdrawal {
    let amount = payouts.iter().fold(eur("0"), |sum, payout| sum.plus(payout.amount).unwrap());
    Withdrawal {
        id: WithdrawalId::new(Ulid::from_parts(9, 9)),
        amount,
        method: "bank".into(),
        payouts,
        status: WithdrawalStatus::Paying,
        review: Review::default(),
        approved_by: Vec::new(),
        decided_by: None,
        requested_at: now(),
    }
}

pub(crate) fn to_source(vendor: &str, token: &str, amount: Money, returns: bool) -> Payout {
    Payout::new(amount, vendor, PayTo::Source { token: token.to_owned(), returns })
}

pub(crate) fn fingerprint(name: &str) -> InstrumentFingerprint {
    InstrumentFingerprint::of_mac(name.as_bytes())
}

pub(crate) fn account() -> OwnAccount {
    OwnAccount { vendor: "adyen".into(), sealed: "sealed".into(), fingerprint: Some(fingerprint("own")) }
}

pub(crate) fn source(vendor: &str, token: Option<&str>, net: Money) -> Source {
    let deposits = [deposit(1, vendor, token, net)];
    sources(&deposits, &[], LoopOrder::OldestFirst).unwrap().remove(0)
}

/// A player in Malta of whom everything is as it should be, eight days on.
fn judged(change: impl FnOnce(&mut Book, &mut Vec<Deposit>, &mut Vec<Withdrawal>), amount: Money) -> Review {
    judged_among(&[], false, change, amount)
}

/// The same, with others who use their instruments, and perhaps an alert about them.
pub(crate) fn judged_among(
    others: &[Vec<PlayerId>],
    is_alert_open: bool,
    change: impl FnOnce(&mut Book, &mut Vec<Deposit>, &mut Vec<Withdrawal>),
    amount: Money,
) -> Review {
    let (mut book, pack) = (Book::with("5000"), pack());
    let mut deposits = vec![deposit(1, "trustly", Some("B"), eur("4000"))];
    let mut withdrawals = Vec::new();
    let later = book.now.checked_add(jiff::SignedDuration::from_hours(8 * 24)).unwrap();
    change(&mut book, &mut deposits, &mut withdrawals);
    let sources = sources(&deposits, &withdrawals, pack.loop_order()).unwrap();
    let split = split(amount, &sources, Some(&account()), &pack).unwrap();
    let case = Case {
        account: &book.account,
        deposits: &deposits,
        withdrawals: &withdrawals,
        sources: &sources,
        split: &split,
        others,
        is_alert_open,
        amount,
        now: later,
    };
    Review::of(&case, pack.approval(&book.account.jurisdiction)).unwrap()
}

#[test]
fn what_is_small_and_clear_is_paid_by_itself() {
    assert_eq!(judged(|_, _, _| {}, eur("100")), Review::default());
    let cases: Vec<(ReviewReason, Review)> = vec![
        (ReviewReason::Amount, judged(|_, _, _| {}, eur("100.01"))),
        (
            ReviewReason::YoungAccount,
            judged(|book, _, _| book.account.opened_at = "2026-11-25T10:00:00Z".parse().unwrap(), eur("5")),
        ),
        (ReviewReason::Debt, judged(|book, _, _| book.account.wallet.receivable = eur("1"), eur("5"))),
        (ReviewReason::Quarantine, judged(|_, all, _| all[0].status = DepositStatus::Quarantined, eur("5"))),
        (ReviewReason::Chargeback, judged(|_, all, _| all[0].charged_back = Some(eur("1")), eur("5"))),
        (
            ReviewReason::Holder,
            judged(|_, all, _| all[0].instrument.as_mut().unwrap().holder = HolderMatch::Similar, eur("5")),
        ),
        (ReviewReason::NewAccount, judged(|_, all, _| all.clear(), eur("5"))),
        (ReviewReason::OpenLoop, judged(|_, all, _| all[0].instrument = None, eur("5"))),
        (
            ReviewReason::UnprovenSource,
            judged(|_, all, _| all[0].instrument.as_mut().unwrap().proven = false, eur("5")),
        ),
        (
            ReviewReason::UnprovenSource,
            judged(
                |_, all, _| {
                    // The same provider's other instrument is beyond doubt.
                    all.insert(0, deposit(0, "trustly", Some("A"), eur("1")));
                    all[1].instrument.as_mut().unwrap().proven = false;
                },
                eur("5"),
            ),
        ),
    ];
    let a_day_later = |book: &mut Book| book.now.checked_add(jiff::SignedDuration::from_hours(24)).unwrap();
    let grown_up = judged(|book, _, _| book.account.opened_at = a_day_later(book), eur("5"));
    assert_eq!(grown_up, Review::default(), "seven days to the moment");
    for (reason, review) in cases {
        assert!(review.reasons.contains(&reason), "{reason:?}: {review:?}");
        assert_eq!(review.approvals, 1, "{reason:?}: {review:?}");
    }
}

#[test]
fn much_money_wants_four_eyes_and_many_small_ones_are_much() {
    assert_eq!(judged(|_, _, _| {}, eur("999.99")).approvals, 1);
    assert_eq!(judged(|_, _, _| {}, eur("1000")).approvals, 2);
    let ago = |status, hours: i64| {
        move |book: &mut Book, _: &mut Vec<Deposit>, all: &mut Vec<Withdrawal>| {
            let hour = jiff::SignedDuration::from_hours(8 * 24 - hours);
            let requested_at = book.now.checked_add(hour).unwrap();
            let paid = withdrawal(vec![to_source("trustly", "B", eur("950"), true)]);
            all.push(Withdrawal { status, requested_at, ..paid });
        }
    };
    let lately = |status| ago(status, 1);
    assert_eq!(judged(ago(WithdrawalStatus::Paid, 24), eur("50")).approvals, 0, "a day ago to the moment");
    assert_eq!(judged(lately(WithdrawalStatus::Paid), eur("50")).approvals, 2);
    assert_eq!(judged(lately(WithdrawalStatus::Paid), eur("49")).approvals, 1);
    assert_eq!(judged(lately(WithdrawalStatus::Rejected), eur("50")).approvals, 0);
    let lawless = judged(|book, _, _| book.account.jurisdiction = "GB".into(), eur("5"));
    assert_eq!(
        lawless,
        Review { approvals: 2, reasons: vec![ReviewReason::NoRule], shared_with: Vec::new() }
    );
}

fn a_source() -> impl Strategy<Value = Source> {
    let vendor = prop_oneof![Just("adyen"), Just("trustly"), Just("nuvei")];
    let holder =
        prop_oneof![Just(HolderMatch::Matches), Just(HolderMatch::Differs), Just(HolderMatch::Unknown)];
    (vendor, proptest::option::of(0..20_u8), holder, 1..500_000_i64).prop_map(
        |(vendor, token, holder, cents)| {
            let net = Money::from_minor(cents, 2, "EUR".parse().unwrap()).unwrap();
            let token = token.map(|number| format!("t{number}"));
            Source { holder, ..source(vendor, Some("any"), net) }.with_token(token)
        },
    )
}

trait WithToken {
    fn with_token(self, token: Option<String>) -> Self;
}

impl WithToken for Source {
    fn with_token(self, token: Option<String>) -> Self {
        Self { token, ..self }
    }
}

proptest! {
    #[test]
    fn a_split_is_the_amount_and_no_source_gets_more_than_came_from_it(
        mut known in proptest::collection::vec(a_source(), 0..12),
        cents in 1..2_000_000_i64,
        named: bool,
    ) {
        known.sort_by(|a, b| (&a.vendor, &a.token).cmp(&(&b.vendor, &b.token)));
        known.dedup_by(|a, b| (&a.vendor, &a.token) == (&b.vendor, &b.token));
        let amount = Money::from_minor(cents, 2, "EUR".parse().unwrap()).unwrap();
        let own = account();
        let divided = split(amount, &known, named.then_some(&own), &pack());
        prop_assert_eq!(&divided, &split(amount, &known, named.then_some(&own), &pack()), "deterministic");
        match divided {
            Ok(Split { payouts, .. }) => {
                let sum = payouts.iter().fold(eur("0"), |sum, it| sum.plus(it.amount).unwrap());
                prop_assert_eq!(sum, amount);
                for payout in &payouts {
                    prop_assert!(payout.amount.is_positive());
                    if let PayTo::Source { token, returns } = &payout.to {
                        let is_it = |it: &&Source| it.vendor == payout.vendor && it.token.as_ref() == Some(token);
                        let source = known.iter().find(is_it).unwrap();
                        prop_assert!(source.holder != HolderMatch::Differs, "somebody else's");
                        prop_assert!(!returns || !source.net.minus(payout.amount).unwrap().is_negative());
                    }
                }
                let elsewhere = payouts.iter().any(|it| !matches!(it.to, PayTo::Source { returns: true, .. }));
                let used = payouts.len() - usize::from(elsewhere);
                let reachable = known.iter().filter(|it| {
                    it.token.is_some() && it.holder != HolderMatch::Differs && it.vendor != "nuvei"
                });
                prop_assert!(!elsewhere || used == reachable.count().min(7), "sources come first");
            }
            Err(denial) => prop_assert!(!named && matches!(denial, Denial::AccountNeeded { .. }), "a named account takes it"),
        }
    }
}
