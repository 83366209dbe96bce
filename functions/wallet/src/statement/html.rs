//! The statement as a page to read, print or keep as PDF. It has no scripts and loads nothing.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use domain::account::Wallet as Balances;
use domain::{Digest, Money, Timestamp};
use edge::{Problem, Reply};
use jiff::fmt::strtime;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use store::Outage;

use super::stretch::{Line, Moved, Stretch};
use super::{Head, reply};

const STYLE: &str = include_str!("page.css");

pub(super) fn answer(head: &Head, stretch: &Stretch) -> Result<Reply, Problem> {
    let name = head.file_name("html");
    Ok(reply("text/html; charset=utf-8", page(head, stretch)?.into_string())?
        .with_header("content-disposition", format!("inline; filename=\"{name}\""))
        .with_header("content-security-policy", policy())
        .with_header("referrer-policy", "no-referrer"))
}

/// Nothing runs, nothing is loaded, nothing is sent; the one style is known by its hash.
fn policy() -> String {
    let style = BASE64_STANDARD.encode(Digest::of(STYLE.as_bytes()).bytes());
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    )
}

pub(super) fn page(head: &Head, stretch: &Stretch) -> Result<Markup, Outage> {
    let sums = sums(stretch)?;
    Ok(html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Account statement " (head.date(head.period.from)) " – " (head.date(head.period.to)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (letterhead(head))
                @if !head.complete() {
                    p.note { "This period is not over: what happens until its end is not on this statement yet." }
                }
                (entries(head, stretch))
                (sums)
                footer { (footnote(head)) }
            }
        }
    })
}

fn letterhead(head: &Head) -> Markup {
    let (from, to) = (head.period.from, head.period.to);
    html! {
        header {
            div {
                p.brand { (head.brand) }
                h1 { "Account statement" }
                p { (head.moment(from)) " – " (head.moment(to)) }
            }
            dl {
                dt { "Player" } dd { (head.player) }
                dt { "Currency" } dd { (head.currency) }
                dt { "Jurisdiction" } dd { (head.jurisdiction) ", " (head.zone_name) }
                dt { "In UTC" } dd { (from) br; (to) }
                dt { "Made" } dd { (head.moment(head.generated_at)) }
            }
        }
    }
}

fn entries(head: &Head, stretch: &Stretch) -> Markup {
    let owes = stretch.owes();
    html! {
        h2 { "Transactions" }
        table.entries {
            thead {
                tr {
                    th { "Date" } th { "Transaction" } th { "Amount" } th { "Cash" } th { "Bonus" } th { "Held" }
                    @if owes { th { "Owed" } }
                }
            }
            tbody {
                (balance("Opening balance", &head.date(head.period.from), &stretch.before, owes))
                @for line in &stretch.lines { (entry(head, line, owes)) }
                (balance("Closing balance", &head.date(head.period.to), &stretch.after, owes))
            }
        }
    }
}

fn balance(name: &str, date: &str, balances: &Balances, owes: bool) -> Markup {
    html! {
        tr.balance {
            td { (date) } td { (name) } td {}
            td { (balances.cash.to_text()) } td { (balances.bonus.to_text()) } td { (balances.held.to_text()) }
            @if owes { td { (balances.receivable.to_text()) } }
        }
    }
}

fn entry(head: &Head, line: &Line, owes: bool) -> Markup {
    let shown = line.transaction();
    let (after, change) = (&line.entry.balances, &line.moved.change);
    html! {
        tr {
            td { (head.date(shown.at)) small { (head.time(shown.at)) } }
            td {
                (words(shown.r#type))
                @if let Some(game) = &shown.game_id { " · " (game) }
                @else if let Some(reference) = &shown.reference { small { (reference) } }
                small { (shown.id) }
            }
            td { (line.moved.gain.to_text()) }
            (cell(after.cash, change.cash))
            (cell(after.bonus, change.bonus))
            (cell(after.held, change.held))
            @if owes { (cell(after.receivable, change.receivable)) }
        }
    }
}

/// A balance, and beneath it how it changed.
fn cell(after: Money, change: Money) -> Markup {
    html! {
        td { (after.to_text()) @if !change.is_zero() { small { (signed(change)) } } }
    }
}

fn sums(stretch: &Stretch) -> Result<Markup, Outage> {
    let (by_type, all) = stretch.subtotals()?;
    let owes = stretch.owes();
    let row = |name: &str, entries: usize, Moved { gain, change }: &Moved| {
        html! {
            tr {
                td { (name) } td { (entries) } td { (gain.to_text()) }
                td { (change.cash.to_text()) } td { (change.bonus.to_text()) } td { (change.held.to_text()) }
                @if owes { td { (change.receivable.to_text()) } }
            }
        }
    };
    Ok(html! {
        section.sums {
            h2 { "In sum" }
            table {
                thead {
                    tr {
                        th { "Transactions" } th { "Number" } th { "Amount" } th { "Cash" } th { "Bonus" } th { "Held" }
                        @if owes { th { "Owed" } }
                    }
                }
                tbody {
                    @for (kind, sum) in &by_type { (row(&words(kind), sum.entries, &sum.moved)) }
                    (row("All", all.entries, &all.moved))
                }
            }
        }
    })
}

fn footnote(head: &Head) -> Markup {
    html! {
        p {
            "All amounts are in " (head.currency) ", all times are of " (head.zone_name) ". Amount is what cash and \
             bonus gained together. Held money is set aside for withdrawals under way. The period ends before the \
             later of its two moments."
        }
    }
}

impl Stretch {
    /// Whether the player owed anything at any time of it.
    fn owes(&self) -> bool {
        let balances = self.lines.iter().map(|line| &line.entry.balances).chain([&self.before]);
        balances.into_iter().any(|it| !it.receivable.is_zero())
    }
}

impl Head {
    fn date(&self, at: Timestamp) -> String {
        self.written("%-d %b %Y", at)
    }

    fn time(&self, at: Timestamp) -> String {
        self.written("%H:%M:%S", at)
    }

    fn moment(&self, at: Timestamp) -> String {
        self.written("%-d %B %Y, %H:%M", at)
    }

    fn written(&self, format: &str, at: Timestamp) -> String {
        let local = at.to_zoned(self.zone.clone());
        strtime::format(format, &local).unwrap_or_else(|_| at.to_string())
    }
}

/// A type as people say it: `withdrawal_paid` is "Withdrawal paid".
fn words(kind: &str) -> String {
    let mut letters = kind.chars().map(|it| if it == '_' { ' ' } else { it });
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// A change with its sign.
fn signed(change: Money) -> String {
    let text = change.to_text();
    if change.is_positive() { format!("+{text}") } else { text }
}
