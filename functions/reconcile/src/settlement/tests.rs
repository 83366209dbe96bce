use domain::ids::DepositId;
use ulid::Ulid;

use super::*;

const HEADER: &str = "psp_reference,merchant_reference,type,amount,currency,booked_at\n";

fn lines(rows: &str) -> Vec<Line> {
    read(format!("{HEADER}{rows}").as_bytes()).unwrap()
}

fn at(day: u8) -> Timestamp {
    format!("2026-11-{day:02}T12:00:00Z").parse().unwrap()
}

fn reference(number: u128) -> String {
    DepositId::new(Ulid::from_parts(1, number)).to_string()
}

fn movement(number: u128, kind: Kind, amount: &str, day: u8) -> Movement {
    Movement {
        player: PlayerId::new(Ulid::from_parts(1, 1)),
        seq: 7,
        merchant_reference: reference(number),
        kind,
        amount: amount.parse().unwrap(),
        currency: "EUR".parse().unwrap(),
        at: at(day),
    }
}

fn row(psp: &str, number: u128, kind: &str, amount: &str) -> String {
    format!("{psp},{},{kind},{amount},EUR,2026-11-23T12:00:00Z\n", reference(number))
}

fn compared(rows: &str, movements: &[Movement]) -> (u64, Vec<String>) {
    let Comparison { matched, differences } = compare(&lines(rows), movements, &(at(23)..at(24)));
    (matched, differences.iter().map(Difference::to_string).collect())
}

#[test]
fn a_file_that_says_what_the_ledger_says_has_no_differences() {
    let rows = row("A", 1, "capture", "50.00") + &row("B", 1, "refund", "20") + &row("C", 2, "payout", "5");
    let movements = [
        movement(1, Kind::Capture, "50", 23),
        movement(1, Kind::Refund, "20.00", 23),
        movement(2, Kind::Payout, "5", 23),
    ];
    assert_eq!(compared(&rows, &movements), (3, vec![]));
}

#[test]
fn what_is_missing_on_either_side_is_named() {
    let rows = row("A", 1, "capture", "50");
    let (matched, found) = compared(&rows, &[movement(2, Kind::Capture, "50", 23)]);
    assert_eq!((matched, found.len()), (0, 2));
    assert!(found[0].starts_with("not in the ledger: line 2: capture of dep_"), "{found:?}");
    assert!(found[1].starts_with("not in the file: entry 7 of ply_"), "{found:?}");
}

#[test]
fn a_movement_is_of_its_type() {
    let rows = row("A", 1, "refund", "50");
    assert_eq!(compared(&rows, &[movement(1, Kind::Chargeback, "50", 23)]).1.len(), 2);
}

#[test]
fn a_doubled_line_is_told_from_a_second_movement() {
    let refund = || row("A", 1, "refund", "5");
    let movements = [movement(1, Kind::Refund, "5", 23), movement(1, Kind::Refund, "5", 23)];
    let (matched, found) = compared(&(refund() + &refund()), &movements[..1]);
    assert_eq!(matched, 1);
    assert_eq!(
        found,
        [format!("more than once in the file: line 3: refund of {} (A) of 5 EUR", reference(1))]
    );
    let two = refund() + &row("B", 1, "refund", "5");
    assert_eq!(compared(&two, &movements), (2, vec![]));
    assert!(compared(&two, &movements[..1]).1[0].starts_with("not in the ledger: line 3"));
}

#[test]
fn different_amounts_are_one_difference() {
    let rows = row("A", 1, "refund", "5") + &row("B", 1, "refund", "7.01");
    let movements = [movement(1, Kind::Refund, "7", 23), movement(1, Kind::Refund, "5", 23)];
    let (matched, found) = compared(&rows, &movements);
    assert_eq!((matched, found.len()), (1, 1));
    assert!(found[0].starts_with("different amounts: line 3: refund"), "{found:?}");
    assert!(found[0].ends_with("of 7 EUR"), "{found:?}");
}

#[test]
fn what_the_ledger_posted_around_the_period_explains_lines_but_is_not_missed() {
    let around = [movement(1, Kind::Capture, "50", 22), movement(2, Kind::Capture, "50", 24)];
    assert_eq!(compared(&row("A", 1, "capture", "50"), &around), (1, vec![]));
}

#[test]
fn a_line_that_makes_no_sense_is_named() {
    let refused = |rows: &str| read(format!("{HEADER}{rows}").as_bytes()).unwrap_err();
    let good = row("A", 1, "capture", "50");
    for bad in [
        row("A", 1, "capture", "5e1"),
        row("A", 1, "capture", "-5"),
        row("A", 1, "capture", "0"),
        row("A", 1, "gift", "5"),
        row("", 1, "capture", "5"),
        "A,dep,capture,5,XYZ,2026-11-23T12:00:00Z\n".to_owned(),
        "A,dep,capture,5,EUR,yesterday\n".to_owned(),
        "A,dep\n".to_owned(),
    ] {
        let error = refused(&(good.clone() + &bad));
        assert_eq!(error.line, 3, "{bad}: {error}");
    }
    assert_eq!(read("psp_reference,amount\nA,5\n".as_bytes()).unwrap_err().line, 2, "columns are missing");
}
