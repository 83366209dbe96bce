//! The statement as CSV (RFC 4180). Every row has the same columns; `record` says what a row is.

use std::borrow::Cow;

use domain::account::Wallet as Balances;
use domain::{Money, Timestamp};
use edge::{Problem, Reply};
use store::Outage;

use super::stretch::{Line, Moved, Stretch, Subtotal};
use super::{Head, reply};

/// The columns, in order.
pub(super) const COLUMNS: [&str; 20] = [
    "record",
    "number",
    "at",
    "local_time",
    "type",
    "entries",
    "transaction_id",
    "reference",
    "game_id",
    "round_id",
    "currency",
    "amount",
    "cash",
    "bonus",
    "held",
    "receivable",
    "cash_after",
    "bonus_after",
    "held_after",
    "receivable_after",
];

/// One row. What a kind of row does not say is left empty.
#[derive(Default)]
struct Row<'a> {
    record: &'static str,
    number: Option<u64>,
    at: Option<Timestamp>,
    kind: &'a str,
    entries: Option<usize>,
    transaction_id: Cow<'a, str>,
    reference: Cow<'a, str>,
    game_id: Cow<'a, str>,
    round_id: Cow<'a, str>,
    moved: Option<Moved>,
    after: Option<Balances>,
}

pub(super) fn answer(head: &Head, stretch: &Stretch) -> Result<Reply, Problem> {
    let name = head.file_name("csv");
    Ok(reply("text/csv; charset=utf-8; header=present", text(head, stretch)?)?
        .with_header("content-disposition", format!("attachment; filename=\"{name}\"")))
}

/// The whole file: what it is about, the opening balances, the entries, the subtotals, the closing balances.
pub(super) fn text(head: &Head, stretch: &Stretch) -> Result<String, Outage> {
    let (by_type, all) = stretch.subtotals()?;
    let mut sheet = Sheet::new(head)?;
    for (name, value) in about(head) {
        sheet.write(Row { record: "about", kind: name, reference: value.into(), ..Row::default() })?;
    }
    let (from, to) = (Some(head.period.from), Some(head.period.to));
    sheet.write(Row { record: "opening", at: from, after: Some(stretch.before), ..Row::default() })?;
    for line in &stretch.lines {
        sheet.write(Row::of(line))?;
    }
    for (kind, Subtotal { entries, moved }) in by_type {
        let (entries, moved) = (Some(entries), Some(moved));
        sheet.write(Row { record: "subtotal", kind, entries, moved, ..Row::default() })?;
    }
    sheet.write(Row {
        record: "closing",
        at: to,
        entries: Some(all.entries),
        moved: Some(all.moved),
        after: Some(stretch.after),
        ..Row::default()
    })?;
    sheet.finish()
}

/// What the statement is about, by name.
fn about(head: &Head) -> [(&'static str, String); 9] {
    [
        ("player_id", head.player.to_string()),
        ("brand", head.brand.clone()),
        ("jurisdiction", head.jurisdiction.clone()),
        ("currency", head.currency.code().to_owned()),
        ("from", head.period.from.to_string()),
        ("to", head.period.to.to_string()),
        ("time_zone", head.zone_name.clone()),
        ("generated_at", head.generated_at.to_string()),
        ("complete", head.complete().to_string()),
    ]
}

impl<'a> Row<'a> {
    fn of(line: &'a Line) -> Self {
        let shown = line.transaction();
        Self {
            record: "entry",
            number: Some(line.entry.seq),
            at: Some(shown.at),
            kind: shown.r#type,
            entries: None,
            transaction_id: shown.id.into(),
            reference: shown.reference.unwrap_or_default().into(),
            game_id: shown.game_id.unwrap_or_default().into(),
            round_id: shown.round_id.unwrap_or_default().into(),
            moved: Some(line.moved),
            after: Some(line.entry.balances),
        }
    }
}

/// The file as it is written.
struct Sheet<'a> {
    head: &'a Head,
    writer: ::csv::Writer<Vec<u8>>,
}

impl<'a> Sheet<'a> {
    fn new(head: &'a Head) -> Result<Self, Outage> {
        let mut writer =
            ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(Vec::new());
        writer.write_record(COLUMNS).map_err(|error| unwritable(&error))?;
        Ok(Self { head, writer })
    }

    fn write(&mut self, row: Row<'_>) -> Result<(), Outage> {
        let number = |it: Option<u64>| it.map(|it| it.to_string()).unwrap_or_default();
        let moment = |it: Option<Timestamp>| it.map(|it| it.to_string()).unwrap_or_default();
        let gain = row.moved.map(|it| it.gain);
        let cells = [
            row.record.to_owned(),
            number(row.number),
            harmless(moment(row.at).into()).into_owned(),
            harmless(row.at.map(|it| self.head.local(it)).unwrap_or_default().into()).into_owned(),
            row.kind.to_owned(),
            row.entries.map(|it| it.to_string()).unwrap_or_default(),
            harmless(row.transaction_id).into_owned(),
            harmless(row.reference).into_owned(),
            harmless(row.game_id).into_owned(),
            harmless(row.round_id).into_owned(),
            self.head.currency.code().to_owned(),
            gain.map(Money::to_text).unwrap_or_default(),
        ];
        let amounts = amounts(row.moved.map(|it| it.change)).into_iter().chain(amounts(row.after));
        self.writer.write_record(cells.into_iter().chain(amounts)).map_err(|error| unwritable(&error))
    }

    fn finish(self) -> Result<String, Outage> {
        let bytes = self.writer.into_inner().map_err(|error| unwritable(&error.into_error().into()))?;
        String::from_utf8(bytes).map_err(|error| Outage::new("write a statement", error.to_string()))
    }
}

/// The four balances, plain numbers in the columns' order; blank where a row has none.
fn amounts(balances: Option<Balances>) -> [String; 4] {
    let Some(Balances { cash, bonus, held, receivable }) = balances else { return Default::default() };
    [cash, bonus, held, receivable].map(Money::to_text)
}

/// A text that no spreadsheet takes for a formula: what begins as one gets an apostrophe in front.
pub(super) fn harmless(text: Cow<'_, str>) -> Cow<'_, str> {
    const FORMULA: &[char] = &['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    if text.trim_start().starts_with(FORMULA) || text.starts_with(FORMULA) {
        Cow::Owned(format!("'{text}"))
    } else {
        text
    }
}

fn unwritable(error: &::csv::Error) -> Outage {
    Outage::new("write a statement", error.to_string())
}
