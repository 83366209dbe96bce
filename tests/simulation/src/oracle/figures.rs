//! What left the ledger: every fact must be on the stream in order, and the day's figures must be the ledger's.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::book::Book;
use super::entry::Entry;
use super::{Micros, attribute, number};
use crate::seam::{KPI, StreamRecord, Tables};

const DAY_MS: i128 = 86_400_000;

/// The facts that were seen on the event stream.
#[derive(Default)]
pub(crate) struct Facts {
    /// Up to which number each player's facts have come, none left out.
    seen: BTreeMap<String, u64>,
}

impl Facts {
    /// A fact comes. It may have come before; but none may come before all earlier ones did.
    pub(crate) fn see(&mut self, record: &StreamRecord) -> Result<(), String> {
        let bytes = BASE64_STANDARD.decode(&record.data).unwrap_or_default();
        let event: Value = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
        let sequence = event.get("sequence").and_then(Value::as_str).and_then(|it| it.parse::<u64>().ok());
        let sequence = sequence.ok_or_else(|| format!("an event without a number: {event}"))?;
        let seen = self.seen.entry(record.partition_key.clone()).or_default();
        if sequence > *seen + 1 {
            return Err(format!("{}: fact {sequence} overtook {}", record.partition_key, *seen + 1));
        }
        *seen = sequence.max(*seen);
        Ok(())
    }

    /// Every entry became a fact.
    pub(super) fn agree_with<'a>(&self, books: impl Iterator<Item = &'a Book>) -> Result<(), String> {
        for book in books {
            let seen = self.seen.get(&book.player).copied().unwrap_or_default();
            if seen != book.version() {
                return Err(format!("{}: of {} facts {seen} left", book.player, book.version()));
            }
        }
        Ok(())
    }
}

/// Sums by table key and counter.
type Sums = BTreeMap<(String, &'static str), Micros>;

const COUNTERS: &[&str] = &[
    "registrations",
    "first_deposits",
    "first_deposit_amount",
    "deposits",
    "deposit_amount",
    "refund_amount",
    "chargeback_amount",
    "withdrawals_requested",
    "withdrawal_requested_amount",
    "withdrawals_paid",
    "withdrawal_paid_amount",
    "turnover",
    "payouts",
    "prizes",
    "bets",
    "active_players",
    "bonus_amount",
];

/// The figures of the table must be those of the ledgers.
pub(super) fn agree<'a>(books: impl Iterator<Item = &'a Book>, tables: &Tables) -> Result<(), String> {
    let mut expected = Sums::new();
    for book in books {
        let mut active = BTreeSet::new();
        for entry in book.entries.values() {
            count(&mut expected, book, entry);
            if entry.kind == "bet_placed" && entry.amount("amount") > Some(0) {
                active.insert(day_key(entry));
            }
        }
        for day in active {
            *expected.entry((day, "active_players")).or_default() += 1;
        }
    }
    expected.retain(|_, sum| *sum != 0);
    let counted = counted(tables)?;
    if counted == expected {
        return Ok(());
    }
    let differs = expected.iter().find(|(key, sum)| counted.get(*key) != Some(*sum));
    let beside = counted.iter().find(|(key, _)| !expected.contains_key(*key));
    Err(format!("figures: of the ledger {differs:?}, beside it {beside:?}; counted {counted:?}"))
}

/// What an entry counts for.
fn count(sums: &mut Sums, book: &Book, entry: &Entry) {
    let mut add = |counter, value| *sums.entry((day_key(entry), counter)).or_default() += value;
    let amount = entry.amount("amount").unwrap_or_default();
    match entry.kind.as_str() {
        "player_registered" => add("registrations", 1),
        "deposit_completed" => {
            add("deposits", 1);
            add("deposit_amount", amount);
            if entry.says("first") {
                add("first_deposits", 1);
                add("first_deposit_amount", amount);
            }
        }
        "deposit_refunded" => add("refund_amount", amount),
        "refund_returned" if entry.says("after_payment") => add("refund_amount", -amount),
        "deposit_charged_back" => add("chargeback_amount", amount),
        "chargeback_reversed" => add("chargeback_amount", -amount),
        "withdrawal_requested" => {
            add("withdrawals_requested", 1);
            add("withdrawal_requested_amount", amount);
        }
        "withdrawal_paid" => {
            add("withdrawals_paid", 1);
            add("withdrawal_paid_amount", amount);
        }
        "withdrawal_returned" if entry.says("after_payment") => {
            add("withdrawals_paid", -1);
            add("withdrawal_paid_amount", -amount);
        }
        "bet_placed" => {
            add("bets", 1);
            add("turnover", amount);
        }
        "bet_won" if matches!(entry.text("reason"), Some("free_rounds" | "promotion")) => {
            add("prizes", amount);
        }
        "bet_won" => add("payouts", amount),
        "adjusted" if entry.text("cause") == Some("bonus_granted") => add("bonus_amount", amount),
        "adjusted" if entry.text("cause") == Some("bonus_forfeited") => add("bonus_amount", -amount),
        "rolled_back" => match entry.target().and_then(|it| book.played.get(&book.bets.stake_of(it))) {
            Some(played) if played.undone_at == Some(entry.seq) && played.is_bet => {
                add("bets", -1);
                add("turnover", -played.paid.total());
            }
            Some(played) if played.undone_at == Some(entry.seq) => add("payouts", -played.paid.total()),
            _ => {}
        },
        _ => {}
    }
}

/// The day an entry counts on, as the table's key.
fn day_key(entry: &Entry) -> String {
    let day = i32::try_from(entry.at_ms.div_euclid(DAY_MS)).unwrap_or_default();
    let date = jiff::civil::date(1970, 1, 1).saturating_add(jiff::Span::new().days(day));
    format!("KPI#{}#{}#{date}", entry.brand, entry.currency)
}

fn counted(tables: &Tables) -> Result<Sums, String> {
    let mut sums = Sums::new();
    let mut scan = json!({"TableName": KPI});
    loop {
        let page = tables.ask("Scan", &scan).map_err(|error| error.to_string())?;
        for item in page.get("Items").and_then(Value::as_array).into_iter().flatten() {
            let Some(day) = attribute(item, "pk").filter(|pk| pk.starts_with("KPI#")) else { continue };
            for counter in COUNTERS {
                *sums.entry((day.to_owned(), counter)).or_default() +=
                    number(item, counter).unwrap_or_default();
            }
        }
        match (page.get("LastEvaluatedKey"), scan.as_object_mut()) {
            (Some(key), Some(scan)) => scan.insert("ExclusiveStartKey".to_owned(), key.clone()),
            _ => break,
        };
    }
    sums.retain(|_, sum| *sum != 0);
    Ok(sums)
}
