//! Answers: each must have been true at some moment between the request's arrival and the answer's departure.
//!
//! The account's versions are the moments. What was unclear must be said to be unclear; what was acknowledged must be
//! there, once, and be acknowledged again in the same words.

use serde_json::Value;

use super::book::Book;
use super::entry::Entry;
use super::payment::{self, Payment};
use super::words::{Said, cents_or_finer};
use super::{Asked, Heard, Micros, Notice, NoticeKind, Wager, batch, bet_verdict, refunds, sessions};

pub(super) type Judged = Result<(), String>;

pub(super) fn judge(book: &Book, asked: &Asked, heard: &Heard) -> Judged {
    match asked {
        Asked::Bet(wager) => bet(book, wager, heard),
        Asked::Win { wager, bet } => win(book, wager, bet.as_ref(), heard),
        Asked::Rollback { key, target } => rollback(book, key, target, heard),
        Asked::Batch(items) => batch::judge(book, items, heard),
        Asked::OnBet(call) => bet_verdict::judge(book, call, heard),
        Asked::Prize { wager, .. } => bet_verdict::prize(book, wager, heard),
        Asked::Check { key, token } => sessions::exchange(book, key, token, heard),
        Asked::BalanceOf { token } => sessions::balance(book, token, heard),
        Asked::End { key, .. } => end(book, key, heard),
        Asked::Bonus { key, amount, given } => bonus(book, key, (*amount, *given), heard),
        Asked::Balance { expired } => balance(book, *expired, heard),
        Asked::Wallet => wallet(book, heard),
        Asked::Deposit { key, .. } => deposit(book, key, heard),
        Asked::Withdrawal { key, amount } => withdrawal(book, key, *amount, heard),
        Asked::Cancel { withdrawal } => step(book, withdrawal, &format!("api#cancel:{withdrawal}"), heard),
        Asked::Decide { withdrawal, approve } => {
            let action = if *approve { "approve" } else { "reject" };
            step(book, withdrawal, &format!("ops#{action}:{withdrawal}"), heard)
        }
        Asked::Refund { key, deposit, amount } => refunds::request(book, key, (deposit, *amount), heard)
            .map_or_else(|| unclear(heard), |it| heard.is(it)),
        Asked::Notice(told) => notice(book, told, heard),
        Asked::Submission | Asked::Expiry | Asked::Beginning => Ok(()),
    }
}

impl Heard {
    /// The moments at which the answer may have been true.
    pub(super) fn moments(&self) -> impl Iterator<Item = u64> + use<> {
        self.from..=self.to
    }

    pub(super) fn is(&self, truth: bool) -> Judged {
        if truth { Ok(()) } else { Err(format!("an untrue answer: {} {}", self.status, self.body)) }
    }
}

/// The answer to a stake, winnings or a rollback that was done: at its entry, with the balance after it.
fn done(book: &Book, key: &str, balance: Option<Micros>, heard: &Heard) -> Judged {
    let Some(entry) = book.entry_at(key, heard.to) else {
        return Err(format!("acknowledged, but {key} is not in the ledger"));
    };
    heard.is(heard.tells(balance, entry.after.playable()))
}

fn bet(book: &Book, wager: &Wager, heard: &Heard) -> Judged {
    let mine = |version| {
        let entry = book.entry_at(&wager.key, version)?;
        Some(entry.kind == "bet_placed" && entry.amount("amount") == Some(wager.amount))
    };
    let not_placed = |version: &u64| mine(*version).is_none();
    match heard.said() {
        Said::Done(balance) if mine(heard.to) == Some(true) => done(book, &wager.key, balance, heard),
        Said::Done(_) => Err("acknowledged, but not in the ledger as it was asked for".to_owned()),
        Said::NoMoney(_) => {
            heard.is(heard.moments().filter(not_placed).any(|it| book.at(it).playable() < wager.amount))
        }
        Said::Expired => heard.is(wager.expired && not_placed(&heard.from)),
        Said::RolledBack => heard.is(book.tombs.get(&wager.key).is_some_and(|since| *since <= heard.to)),
        Said::OtherData => heard.is(mine(heard.to) == Some(false)),
        Said::Disabled => heard.is(!is_verified(book)),
        Said::NoBet | Said::Exists | Said::Ended | Said::Nothing => unclear(heard),
    }
}

fn win(book: &Book, wager: &Wager, bet: Option<&String>, heard: &Heard) -> Judged {
    let bet_stood = |version: u64| {
        bet.and_then(|bet| book.played.get(bet)).is_some_and(|it| {
            it.is_bet && it.seq <= version && it.undone_at.is_none_or(|undone| undone > version)
        })
    };
    let mine = |version| {
        let entry = book.entry_at(&wager.key, version)?;
        let is_paid = entry.kind == "bet_won" && entry.amount("amount") == Some(wager.amount);
        Some(is_paid && entry.bet().as_ref() == bet)
    };
    match heard.said() {
        Said::Done(balance) if mine(heard.to) == Some(true) => done(book, &wager.key, balance, heard),
        Said::Done(_) => Err("acknowledged, but not in the ledger as it was asked for".to_owned()),
        Said::OtherData => heard.is(mine(heard.to) == Some(false)),
        Said::NoBet => {
            let not_paid = |version: &u64| book.entry_at(&wager.key, *version).is_none();
            heard.is(heard.moments().filter(not_paid).any(|it| !bet_stood(it)))
        }
        Said::RolledBack => heard.is(book.tombs.get(&wager.key).is_some_and(|since| *since <= heard.to)),
        _ => unclear(heard),
    }
}

/// A rollback is never refused, but for an id that undid something else; and once it is acknowledged, its target is undone
/// or will never be.
fn rollback(book: &Book, key: &str, target: &str, heard: &Heard) -> Judged {
    let is_mine =
        |entry: &Entry| entry.kind == "rolled_back" && entry.target().is_some_and(|it| it == target);
    match heard.said() {
        Said::Done(balance) => {
            heard.is(book.is_gone(target, heard.to) && book.entry_at(key, heard.to).is_some_and(is_mine))?;
            done(book, key, balance, heard)
        }
        Said::OtherData => heard.is(book.entry_at(key, heard.to).is_some_and(|entry| !is_mine(entry))),
        _ => unclear(heard),
    }
}

/// The end of a round is never refused, and told with the balance as it is, also at a repeat.
fn end(book: &Book, key: &str, heard: &Heard) -> Judged {
    let Said::Done(balance) = heard.said() else { return unclear(heard) };
    heard.is(book.entry_at(key, heard.to).is_some())?;
    heard.is(heard.moments().any(|it| heard.tells(balance, book.at(it).playable())))
}

fn balance(book: &Book, expired: bool, heard: &Heard) -> Judged {
    match heard.said() {
        Said::Done(told) => {
            heard.is(!expired && heard.moments().any(|it| heard.tells(told, book.at(it).playable())))
        }
        Said::Expired => heard.is(expired),
        _ => unclear(heard),
    }
}

/// Bonus money is given or taken once; it is not taken where there is not as much.
fn bonus(book: &Book, key: &str, (amount, given): (Micros, bool), heard: &Heard) -> Judged {
    let not_done = |version: &u64| book.entry_at(key, *version).is_none();
    match heard.status {
        200 => heard.is(book.entry_at(key, heard.to).is_some()),
        409 => heard
            .is(!given && heard.moments().filter(not_done).any(|version| book.at(version).bonus < amount)),
        _ => unclear(heard),
    }
}

fn wallet(book: &Book, heard: &Heard) -> Judged {
    if heard.status != 200 {
        return unclear(heard);
    }
    let version = heard.body.get("version").and_then(Value::as_u64).unwrap_or_default();
    let shown = |name| heard.body.get(name).and_then(Value::as_str).and_then(cents_or_finer);
    let then = book.at(version);
    heard.is(heard.moments().any(|it| it == version)
        && shown("cash") == Some(then.cash)
        && shown("bonus") == Some(then.bonus)
        && shown("withdrawable") == Some(then.withdrawable())
        && shown("held") == Some(then.held))
}

/// The provider is out of reach, so that no page ever opens: a deposit is noted and waits, or is over without one.
fn deposit(book: &Book, key: &str, heard: &Heard) -> Judged {
    let noted = book.entry_at(&format!("api#deposit:{key}"), heard.to).and_then(|it| it.text("deposit"));
    let deposit = noted.and_then(|id| book.deposits.get(id));
    let waits = |it: &Payment| heard.moments().any(|version| it.status_at(version) == "created");
    let over = |it: &Payment| it.status_at(heard.to) != "created";
    match heard.status {
        403 => heard.is(deposit.is_none() && !is_verified(book) && book.is_british()),
        409 => heard.is(deposit.is_some_and(over)),
        503 if deposit.is_some_and(waits) => Ok(()),
        _ => unclear(heard),
    }
}

fn withdrawal(book: &Book, key: &str, amount: Micros, heard: &Heard) -> Judged {
    let key = format!("api#withdrawal:{key}");
    let not_asked = |version: &u64| book.entry_at(&key, *version).is_none();
    match heard.status {
        201 => {
            let entry = book.entry_at(&key, heard.to);
            let told = heard.body.get("withdrawal_id").and_then(Value::as_str);
            heard.is(entry.is_some_and(|it| it.text("withdrawal") == told))
        }
        409 => heard.is(heard.moments().filter(not_asked).any(|it| book.at(it).withdrawable() < amount)),
        403 => heard.is(!is_verified(book)),
        _ => unclear(heard),
    }
}

/// A decision on a withdrawal, by the player or by staff.
fn step(book: &Book, withdrawal: &str, key: &str, heard: &Heard) -> Judged {
    let waits = |version: u64| {
        book.withdrawals.get(withdrawal).is_some_and(|it| it.status_at(version) == "requested")
    };
    match heard.status {
        200 => heard.is(book.entry_at(key, heard.to).is_some()),
        // It was decided otherwise, or by somebody else, or the law forbids it: no British player calls one back.
        409 => {
            let forbidden = key.starts_with("api#cancel") && book.is_british();
            heard.is(forbidden || heard.moments().any(|it| !waits(it)))
        }
        _ => unclear(heard),
    }
}

/// What was accepted has been acted upon: it will never come again.
fn notice(book: &Book, told: &Notice, heard: &Heard) -> Judged {
    let deposit = book.deposits.get(&told.reference);
    if heard.status != 200 {
        let is_early = |it: &Payment| heard.moments().any(|version| it.is_early(told, version));
        let again = told.kind.is_reversal() && heard.status == 503 && deposit.is_some_and(is_early);
        return if again { Ok(()) } else { unclear(heard) };
    }
    if book.refunds.contains_key(&told.reference) {
        return heard.is(refunds::notice(book, told, heard));
    }
    let withdrawal = book.withdrawals.get(&told.reference);
    match told.kind {
        NoticeKind::Captured(_) => {
            let credited = ["completed", "quarantined", "refunded", "charged_back"];
            heard.is(deposit.is_some_and(|it| credited.contains(&it.status_at(heard.to))))
        }
        NoticeKind::Refunded(_) | NoticeKind::ChargedBack(_) | NoticeKind::WonBack(_) => {
            let is_done = book.entry_at(&told.key, heard.to).is_some();
            let shelved = |it: &Payment| heard.moments().any(|version| it.may_shelve(told, version));
            heard.is(is_done || deposit.is_some_and(shelved))
        }
        NoticeKind::Declined | NoticeKind::Cancelled | NoticeKind::Expired => {
            heard.is(deposit.is_some_and(|it| it.status_at(heard.to) != "created"))
        }
        NoticeKind::Paid(_) | NoticeKind::Failed => {
            let said = if told.kind == NoticeKind::Failed { "failed" } else { "paid" };
            let is_done = book.entry_at(&told.key, heard.to).is_some();
            let overtaken = |it: &Payment| it.knows_later(payment::place(&told.key), heard.to);
            let says_so = |it: &Payment| it.status_at(heard.to) == said || overtaken(it);
            heard.is(is_done || withdrawal.is_some_and(says_so))
        }
        NoticeKind::Noted => Ok(()),
    }
}

/// No outcome: that needs a reason, and must be said as what it is.
pub(super) fn unclear(heard: &Heard) -> Judged {
    heard.is(heard.is_admitted() && heard.excused)
}

pub(super) fn is_verified(book: &Book) -> bool {
    book.entries.values().any(|it| it.kind == "verification_changed" && it.text("status") == Some("approved"))
}
