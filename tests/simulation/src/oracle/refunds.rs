//! Refunds that staff orders: held with the request, gone once, or given back once.

use super::book::Book;
use super::entry::Entry;
use super::rules::{CASH, HELD, PSP, Postings, moved, same};
use super::{Asked, Heard, Micros, Notice, NoticeKind};

/// The deposit that a refund's reference names.
pub(super) fn deposit_of(refund: &str) -> &str {
    refund.split_once('-').map_or(refund, |(deposit, _)| deposit)
}

/// What of a deposit may still be refunded at a version: it came, did not go back, and is not about to.
fn refundable(book: &Book, deposit: &str, version: u64) -> Micros {
    let of_it = book.refunds.iter().filter(|(id, _)| deposit_of(id) == deposit);
    let open = of_it.filter(|(_, it)| is_open(it.status_at(version)));
    let left = book.deposits.get(deposit).map_or(0, |it| it.left_at(version));
    left - open.map(|(_, it)| it.amount).sum::<Micros>()
}

pub(super) fn is_open(status: &str) -> bool {
    matches!(status, "approved" | "sent")
}

fn is_completed(book: &Book, deposit: &str, version: u64) -> bool {
    book.deposits.get(deposit).is_some_and(|it| it.status_at(version) == "completed")
}

/// Checks an entry of a refund against what was asked, and tells which postings it must have.
pub(super) fn postings(book: &Book, entry: &Entry, asked: &Asked) -> Result<Postings, String> {
    let id = entry.refund().ok_or("a refund without a number")?;
    let amount = book.refunds.get(&id).map_or(0, |it| it.amount);
    let before = book.refunds.get(&id).map_or("none", |it| it.status());
    let told = |notice: &Notice, kind| notice.reference == id && notice.kind == kind;
    let fits = match (entry.kind.as_str(), asked) {
        ("refund_requested", Asked::Refund { deposit, amount, .. }) => {
            same(entry, "amount", *amount)?;
            let now = book.version();
            let fits = entry.text("deposit") == Some(deposit)
                && before == "none"
                && is_completed(book, deposit, now)
                && *amount <= refundable(book, deposit, now)
                && *amount <= book.now().cash;
            fits.then(|| moved(CASH, HELD, *amount))
        }
        ("refund_progressed", Asked::Submission) => {
            (before == "approved" && book.was_taken(&id)).then(Postings::new)
        }
        ("refund_returned", Asked::Submission) => {
            (before == "approved" && book.was_refused(&id)).then(|| moved(HELD, CASH, amount))
        }
        ("refund_returned", Asked::Notice(notice)) if told(notice, NoticeKind::Failed) => match before {
            "approved" | "sent" => Some(moved(HELD, CASH, amount)),
            "completed" => Some(moved(PSP, CASH, amount)),
            _ => None,
        },
        ("deposit_refunded", Asked::Notice(notice)) if told(notice, NoticeKind::Refunded(amount)) => {
            same(entry, "amount", amount)?;
            same(entry, "shortfall", 0)?;
            is_open(before).then(|| moved(HELD, PSP, amount))
        }
        _ => None,
    };
    fits.ok_or_else(|| format!("{} {}: not after {before}, not when {asked:?}", entry.kind, entry.key))
}

/// Staff's request: done once, or refused because the deposit or the wallet did not have as much.
pub(super) fn request(
    book: &Book,
    key: &str,
    (deposit, amount): (&str, Micros),
    heard: &Heard,
) -> Option<bool> {
    let not_asked = |version: &u64| book.entry_at(key, *version).is_none();
    match heard.status {
        201 => {
            let entry = book.entry_at(key, heard.to);
            let told = heard.body.get("refund_id").and_then(|it| it.as_str());
            Some(entry.is_some_and(|it| it.refund().as_deref() == told))
        }
        409 => Some(heard.moments().filter(not_asked).any(|version| {
            !is_completed(book, deposit, version)
                || refundable(book, deposit, version) < amount
                || book.at(version).cash < amount
        })),
        _ => None,
    }
}

/// What a provider told of a refund was acted upon, or overtaken by its later word.
pub(super) fn notice(book: &Book, told: &Notice, heard: &Heard) -> bool {
    let is_done = book.entry_at(&told.key, heard.to).is_some();
    let status = book.refunds.get(&told.reference).map_or("none", |it| it.status_at(heard.to));
    is_done || (matches!(told.kind, NoticeKind::Refunded(_)) && status == "failed")
}
