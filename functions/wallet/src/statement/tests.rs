//! Statements of random histories: whatever was decided, opening and entries make closing, in every form.

use domain::adjustment::{Adjust, Cause};
use domain::deposit::{DepositEvent, DepositNotice};
use domain::entry::LedgerAccount;
use domain::ids::{DepositId, StaffId, WithdrawalId};
use domain::withdrawal::{WithdrawalEvent, WithdrawalStep};
use domain::{Command, EntryKey};
use proptest::prelude::*;
use ulid::Ulid;

use super::*;
use book::{Book, bet, eur, rollback, to_bank, win};

#[expect(
    dead_code,
    reason = "the ledger in memory that decisions are tested with: not all of it is needed here"
)]
#[path = "../../../../shared/domain/tests/it/book.rs"]
mod book;

/// Few ids, so that commands meet; amounts that sometimes exceed the balance.
fn commands() -> impl Strategy<Value = Vec<Command>> {
    let id = 0..4_u8;
    let amount = (1..2_000_u32).prop_map(|cents| format!("{}.{:02}", cents / 100, cents % 100));
    let command = prop_oneof![
        3 => (id.clone(), amount.clone()).prop_map(|(id, amount)| bet(&format!("b{id}"), &amount)),
        2 => (id.clone(), id.clone(), amount.clone())
            .prop_map(|(id, of, amount)| win(&format!("w{id}"), &format!("b{of}"), &amount)),
        2 => (id.clone(), id.clone(), any::<bool>()).prop_map(|(id, of, stake)| {
            rollback(&format!("r{id}"), &format!("{}{of}", if stake { "b" } else { "w" }))
        }),
        2 => (id.clone(), amount.clone()).prop_map(|(id, amount)| withdrawal(id, &amount)),
        3 => (id.clone(), 0..5_u8, amount.clone()).prop_map(|(id, event, amount)| step(id, event, &amount)),
        2 => (id.clone(), 0..3_u8, amount.clone()).prop_map(|(id, event, amount)| reversal(id, event, &amount)),
        2 => (id, 0..5_u8, amount).prop_map(|(id, cause, amount)| adjustment(id, cause, &amount)),
    ];
    proptest::collection::vec(command, 0..60)
}

fn withdrawal(id: u8, amount: &str) -> Command {
    let withdrawal = WithdrawalId::new(Ulid::from_parts(9, u128::from(id)));
    Command::RequestWithdrawal(to_bank(&format!("withdrawal:{id}"), withdrawal, amount))
}

fn step(id: u8, event: u8, amount: &str) -> Command {
    let by = StaffId::new(Ulid::from_parts(9, 9));
    let (name, event) = match event {
        0 => ("approve", WithdrawalEvent::Approved { by }),
        1 => ("cancel", WithdrawalEvent::Cancelled),
        2 => ("submit", WithdrawalEvent::Submitted),
        3 => ("pay", WithdrawalEvent::Paid { amount: eur(amount) }),
        _ => ("fail", WithdrawalEvent::Failed),
    };
    let withdrawal = WithdrawalId::new(Ulid::from_parts(9, u128::from(id)));
    Command::WithdrawalStep(WithdrawalStep::new(
        EntryKey::new("adyen", format!("{name}:{id}")),
        withdrawal,
        event,
    ))
}

fn reversal(id: u8, event: u8, amount: &str) -> Command {
    let amount = eur(amount);
    let (name, event) = match event {
        0 => ("refund", DepositEvent::Refunded { amount }),
        1 => ("chargeback", DepositEvent::ChargedBack { amount }),
        _ => ("reversed", DepositEvent::ChargebackReversed { amount }),
    };
    let key = EntryKey::new("adyen", format!("{name}:{id}"));
    Command::DepositNotice(DepositNotice::new(key, DepositId::new(Ulid::from_parts(1, 3)), event))
}

fn adjustment(id: u8, cause: u8, amount: &str) -> Command {
    let causes = [
        Cause::Correction,
        Cause::BonusGranted,
        Cause::BonusForfeited,
        Cause::DebtRepaid,
        Cause::DebtWrittenOff,
    ];
    let cause = causes[usize::from(cause)];
    Command::Adjust(Adjust {
        key: EntryKey::new("ops", format!("{}:{id}", cause.as_str())),
        amount: eur(amount),
        cause,
        by: None,
    })
}

fn played(commands: &[Command]) -> Vec<Entry> {
    let mut book = Book::with("25");
    for command in commands {
        book.now += jiff::SignedDuration::from_mins(1);
        book.execute(command);
    }
    book.entries
}

fn stretch(entries: &[Entry]) -> Stretch {
    let before = Balances::empty("EUR".parse().unwrap());
    Stretch::of(before, entries.to_vec()).unwrap()
}

fn head(entries: &[Entry]) -> Head {
    let first = &entries[0];
    Head {
        player: first.player,
        brand: first.brand.clone(),
        jurisdiction: first.jurisdiction.clone(),
        currency: first.balances.currency(),
        zone: TimeZone::get("Europe/Malta").unwrap(),
        zone_name: "Europe/Malta".to_owned(),
        period: Period { from: first.at, to: "2026-12-01T00:00:00Z".parse().unwrap() },
        generated_at: "2026-11-30T00:00:00Z".parse().unwrap(),
    }
}

fn rows(csv: &str) -> Vec<::csv::StringRecord> {
    let mut reader = ::csv::Reader::from_reader(csv.as_bytes());
    assert_eq!(reader.headers().unwrap(), csv::COLUMNS.as_slice());
    reader.records().map(Result::unwrap).collect()
}

fn units(row: &::csv::StringRecord, column: &str) -> i64 {
    let place = csv::COLUMNS.iter().position(|it| *it == column).unwrap();
    eur(&row[place]).units()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn opening_and_entries_make_closing(commands in commands(), cut in 0..70_usize) {
        let entries = played(&commands);
        let whole = stretch(&entries);
        let (head, rest) = entries.split_at(cut.min(entries.len()));
        let first = stretch(head);
        let second = Stretch::of(first.after, rest.to_vec()).unwrap();
        prop_assert_eq!(second.after, whole.after);
        prop_assert_eq!(whole.after, entries.last().unwrap().balances);
        prop_assert_eq!(first.lines.len() + second.lines.len(), whole.lines.len());

        let balances = |it: &Balances| [it.cash, it.bonus, it.held, it.receivable].map(domain::Money::units);
        for part in [&whole, &first, &second] {
            let (by_type, all) = part.subtotals().unwrap();
            let (mut before, after) = (balances(&part.before), balances(&part.after));
            let playable = |[cash, bonus, ..]: [i64; 4]| cash + bonus;
            prop_assert_eq!(playable(before) + all.moved.gain.units(), playable(after));
            prop_assert!(!by_type.contains_key("other"), "every movement has a type: {by_type:?}");
            for sum in by_type.values() {
                for (balance, change) in before.iter_mut().zip(balances(&sum.moved.change)) {
                    *balance += change;
                }
            }
            prop_assert_eq!(before, after);
        }
    }

    #[test]
    fn the_file_adds_up_by_itself(commands in commands()) {
        let entries = played(&commands);
        let rows = rows(&csv::text(&head(&entries), &stretch(&entries)).unwrap());
        let one = |record: &str| rows.iter().find(|row| &row[0] == record).unwrap();
        for balance in ["cash", "bonus", "held", "receivable"] {
            let after = format!("{balance}_after");
            let mut sum = units(one("opening"), &after);
            for row in rows.iter().filter(|row| &row[0] == "entry") {
                sum += units(row, balance);
                prop_assert_eq!(units(row, &after), sum);
            }
            prop_assert_eq!(units(one("closing"), &after), sum);
            let subtotals: i64 =
                rows.iter().filter(|row| &row[0] == "subtotal").map(|row| units(row, balance)).sum();
            prop_assert_eq!(units(one("closing"), balance), subtotals);
        }
    }

    #[test]
    fn no_cell_is_a_formula(text in "\\PC*") {
        let cell = csv::harmless(text.clone().into());
        prop_assert!(!cell.trim_start().starts_with(['=', '+', '-', '@']), "{cell}");
        prop_assert!(cell.strip_prefix('\'').unwrap_or(&cell) == text || cell == text);
    }
}

#[test]
fn what_does_not_add_up_is_never_shown() {
    let entries = played(&[bet("b1", "4"), win("w1", "b1", "8")]);
    let broken = |change: &dyn Fn(&mut Vec<Entry>)| {
        let mut entries = entries.clone();
        change(&mut entries);
        Stretch::of(Balances::empty("EUR".parse().unwrap()), entries).is_err()
    };
    assert!(broken(&|entries| entries.last_mut().unwrap().balances.cash = eur("999")));
    assert!(broken(&|entries| drop(entries.remove(4))));
    assert!(broken(&|entries| entries[4].postings.retain(|it| it.account != LedgerAccount::Cash)));
    assert!(!broken(&|_| ()));
}

#[test]
fn hostile_names_stay_text() {
    let hostile = "=cmd|' /C calc'!A0<script>alert(\"1\")</script>&";
    let mut entries = played(&[bet(hostile, "4")]);
    entries[0].brand = "-2+3".to_owned();
    let rows = rows(&csv::text(&head(&entries), &stretch(&entries)).unwrap());
    let entry = rows.iter().find(|row| row[4] == *"bet").unwrap();
    assert_eq!(&entry[6], format!("hub88:{hostile}"));
    assert_eq!(&entry[9], "r1");
    assert_eq!(&rows[1][7], "'-2+3", "the brand");
    let page = html::page(&head(&entries), &stretch(&entries)).unwrap().into_string();
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;"), "{page}");
}

#[test]
fn what_an_answer_takes_is_what_its_json_takes() {
    for text in ["plain", "\"q\\uoted\"\r\n\t", "\u{1}\u{8}é€"] {
        // Two shorthands more than are counted on: never more than counted.
        let json = serde_json::to_string(text).unwrap();
        assert!(json.len() - 2 <= enveloped(text) && enveloped(text) <= json.len() + 8, "{json}");
    }
}
