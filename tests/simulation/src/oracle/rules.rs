//! What each entry must look like, given all before it: the rules of the house in a second hand.

use std::collections::BTreeMap;

use super::book::Book;
use super::entry::Entry;
use super::payment::Payment;
use super::{Asked, Micros, Notice, NoticeKind, bets, payment, play, refunds};

pub(super) type Postings = BTreeMap<String, Micros>;

pub(super) const CASH: &str = "player:cash";
pub(super) const HELD: &str = "player:held";
const SUSPENSE: &str = "suspense";
pub(super) const PSP: &str = "psp:adyen";
pub(super) const OWED: &str = "receivable";

/// How long a player has to pay in: an hour, and a quarter for money that is on its way.
const TIME_TO_PAY_MS: i128 = 75 * 60_000;

/// Checks an entry against what was asked, and tells which postings it must have.
pub(super) fn postings(book: &Book, entry: &Entry, asked: &Asked) -> Result<Postings, String> {
    let wrong = |what: &str| Err(format!("{} {}: {what} (asked: {asked:?})", entry.kind, entry.key));
    match (entry.kind.as_str(), asked) {
        ("bet_placed" | "bet_won" | "rolled_back", Asked::OnBet(call)) => bets::postings(book, entry, call),
        ("bet_won", Asked::Prize { wager, kind, .. }) => bets::prize(entry, wager, kind),
        ("game_session_rotated", Asked::Check { token, .. }) => {
            let good = book.sessions.is_good(book, token, entry.at_ms);
            if good { Ok(Postings::new()) } else { wrong("the token was over") }
        }
        ("bet_placed" | "bet_won" | "rolled_back" | "round_ended" | "adjusted", _) => {
            play::postings(book, entry, asked)
        }
        ("deposit_requested", Asked::Deposit { amount, .. }) => {
            same(entry, "amount", *amount)?;
            Ok(Postings::new())
        }
        ("deposit_completed", Asked::Notice(notice)) => {
            let deposit = book.deposits.get(&notice.reference).ok_or("a deposit that nobody asked for")?;
            let NoticeKind::Captured(received) = notice.kind else { return wrong("no money came") };
            // Less than was asked for is the player's as well; more is not.
            if deposit.was_paid() || received > deposit.amount {
                return wrong("money came before, or more than was asked for");
            }
            same(entry, "amount", received)?;
            Ok(moved(PSP, CASH, received))
        }
        ("deposit_quarantined", Asked::Notice(notice)) => {
            let deposit = book.deposits.get(&notice.reference).ok_or("a deposit that nobody asked for")?;
            match notice.kind {
                NoticeKind::Captured(received) if received > deposit.amount && !deposit.was_paid() => {
                    Ok(moved(PSP, SUSPENSE, received))
                }
                _ => wrong("no money came that would not fit"),
            }
        }
        ("deposit_progressed", Asked::Notice(notice)) => {
            let status = entry.text("status").unwrap_or_default();
            let told = match notice.kind {
                NoticeKind::Declined => "failed",
                NoticeKind::Cancelled => "cancelled",
                NoticeKind::Expired => "expired",
                _ => "nothing of the kind",
            };
            let open = book.deposits.get(&notice.reference).is_some_and(Payment::is_open);
            if status == told && open { Ok(Postings::new()) } else { wrong("not what was told, or too late") }
        }
        ("deposit_progressed", Asked::Expiry) => {
            let deposit = book.deposits.get(entry.text("deposit").unwrap_or_default());
            let over =
                deposit.is_some_and(|it| it.is_open() && entry.at_ms >= it.begun_at_ms + TIME_TO_PAY_MS);
            if over && entry.text("status") == Some("expired") {
                Ok(Postings::new())
            } else {
                wrong("its time is not over")
            }
        }
        ("refund_requested" | "refund_progressed" | "refund_returned", _) => {
            refunds::postings(book, entry, asked)
        }
        ("deposit_refunded", _) if entry.refund().is_some() => refunds::postings(book, entry, asked),
        ("deposit_refunded" | "deposit_charged_back" | "chargeback_reversed", Asked::Notice(notice)) => {
            reversal(book, entry, notice)
        }
        ("withdrawal_requested", Asked::Withdrawal { amount, .. }) => {
            if book.now().withdrawable() < *amount {
                return wrong("more than may leave");
            }
            same(entry, "amount", *amount)?;
            Ok(moved(CASH, HELD, *amount))
        }
        _ => withdrawal_step(book, entry, asked),
    }
}

/// Money that came goes back, as far as it is there; or comes again, and pays first what is owed.
fn reversal(book: &Book, entry: &Entry, notice: &Notice) -> Result<Postings, String> {
    let deposit = book.deposits.get(&notice.reference).ok_or("a deposit that nobody asked for")?;
    if !deposit.allows(notice) {
        return Err(format!("{} {}: not so much, or not of this payment", entry.kind, entry.key));
    }
    let (cash, owed) = (book.now().cash, book.now().receivable);
    match (entry.kind.as_str(), notice.kind) {
        ("deposit_refunded", NoticeKind::Refunded(amount))
        | ("deposit_charged_back", NoticeKind::ChargedBack(amount)) => {
            same(entry, "amount", amount)?;
            same(entry, "shortfall", amount - amount.min(cash))?;
            Ok(together(moved(CASH, PSP, amount.min(cash)), moved(OWED, PSP, amount - amount.min(cash))))
        }
        ("chargeback_reversed", NoticeKind::WonBack(amount)) => {
            same(entry, "amount", amount)?;
            let repaid = amount.min(owed);
            Ok(together(moved(PSP, OWED, repaid), moved(PSP, CASH, amount - repaid)))
        }
        _ => Err(format!("{} {}: not what was told", entry.kind, entry.key)),
    }
}

/// The steps of a withdrawal that was asked for, and whatever moves no money.
fn withdrawal_step(book: &Book, entry: &Entry, asked: &Asked) -> Result<Postings, String> {
    let id = entry.text("withdrawal").unwrap_or_default();
    let known = book.withdrawals.get(id);
    let (before, amount) = known.map_or(("none", 0), |it| (it.status(), it.amount));
    let status = entry.text("status").unwrap_or_default();
    let back = || moved(HELD, CASH, amount);
    let fits = match (entry.kind.as_str(), asked, status) {
        ("withdrawal_progressed", Asked::Decide { withdrawal, approve: true }, "approved") => {
            (before == "requested" && withdrawal == id).then(Postings::new)
        }
        ("withdrawal_progressed", Asked::Submission, "paying") => {
            (before == "approved" && book.was_taken(id)).then(Postings::new)
        }
        ("withdrawal_returned", Asked::Decide { withdrawal, approve: false }, "rejected")
        | ("withdrawal_returned", Asked::Cancel { withdrawal }, "cancelled") => {
            (before == "requested" && withdrawal == id).then(back)
        }
        ("withdrawal_returned", Asked::Submission, "failed") => {
            (before == "approved" && book.was_refused(id)).then(back)
        }
        ("withdrawal_returned" | "withdrawal_paid", Asked::Notice(notice), _) => {
            known.filter(|_| notice.reference == id).and_then(|it| told(book, entry, it, notice))
        }
        ("player_registered" | "verification_changed" | "game_launched", Asked::Beginning, _) => {
            Some(Postings::new())
        }
        _ => None,
    };
    fits.ok_or_else(|| {
        format!("{} {} {status}: not after {before}, not when {asked:?}", entry.kind, entry.key)
    })
}

/// What follows from a provider's word on a withdrawal: its last word counts, whatever it said before.
fn told(book: &Book, entry: &Entry, withdrawal: &Payment, notice: &Notice) -> Option<Postings> {
    let amount = withdrawal.amount;
    let is_later = withdrawal.is_later(payment::place(&notice.key));
    let after_payment = entry.says("after_payment");
    match (entry.kind.as_str(), notice.kind, withdrawal.status()) {
        ("withdrawal_returned", NoticeKind::Failed, "approved" | "paying") if !after_payment => {
            Some(moved(HELD, CASH, amount))
        }
        // The player's bank sent it back.
        ("withdrawal_returned", NoticeKind::Failed, "paid") if is_later && after_payment => {
            Some(moved(PSP, CASH, amount))
        }
        ("withdrawal_paid", NoticeKind::Paid(paid), "approved" | "paying") if paid == amount => {
            Some(moved(HELD, PSP, amount))
        }
        // It went through after all: what was given back is taken again, and what was spent of it is owed.
        ("withdrawal_paid", NoticeKind::Paid(paid), "failed") if paid == amount && is_later => {
            let there = amount.min(book.now().cash);
            let owed = amount - there;
            (entry.amount("shortfall").unwrap_or_default() == owed)
                .then(|| together(moved(CASH, PSP, there), moved(OWED, PSP, owed)))
        }
        _ => None,
    }
}

pub(super) fn moved(from: &str, to: &str, amount: Micros) -> Postings {
    if amount == 0 {
        return Postings::new();
    }
    BTreeMap::from([(from.to_owned(), -amount), (to.to_owned(), amount)])
}

pub(super) fn together(mut one: Postings, other: Postings) -> Postings {
    for (account, amount) in other {
        *one.entry(account).or_default() += amount;
    }
    one.retain(|_, amount| *amount != 0);
    one
}

pub(super) fn same(entry: &Entry, name: &str, asked: Micros) -> Result<(), String> {
    match entry.amount(name) {
        Some(amount) if amount == asked => Ok(()),
        found => Err(format!("{} {}: {found:?} instead of {asked}", entry.kind, entry.key)),
    }
}
