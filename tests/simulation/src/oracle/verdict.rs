//! Answers: each must have been true at some moment between the request's arrival and the answer's departure.
//!
//! The account's versions are the moments. What was unclear must be said to be unclear; what was acknowledged must be
//! there, once, and be acknowledged again in the same words.

use serde_json::Value;

use super::book::Book;
use super::entry::Balances;
use super::payment::Payment;
use super::{Asked, Heard, Micros, Notice, NoticeKind, Wager, refunds};

/// Hub88 counts in hundred-thousandths.
const MICROS_OF_HUB88: Micros = 10;

type Judged = Result<(), String>;

pub(super) fn judge(book: &Book, asked: &Asked, heard: &Heard) -> Judged {
    match asked {
        Asked::Bet(wager) => bet(book, wager, heard),
        Asked::Win { wager, bet } => win(book, wager, bet, heard),
        Asked::Rollback { tx, target } => rollback(book, tx, target, heard),
        Asked::Balance { expired } => balance(book, *expired, heard),
        Asked::Wallet => wallet(book, heard),
        Asked::Deposit { .. } => deposit(heard),
        Asked::Withdrawal { key, amount } => withdrawal(book, key, *amount, heard),
        Asked::Cancel { withdrawal } => step(book, withdrawal, &format!("api#cancel:{withdrawal}"), heard),
        Asked::Decide { withdrawal, approve } => {
            let action = if *approve { "approve" } else { "reject" };
            step(book, withdrawal, &format!("ops#{action}:{withdrawal}"), heard)
        }
        Asked::Refund { key, deposit, amount } => refunds::request(book, key, (deposit, *amount), heard)
            .map_or_else(|| unclear(heard), |it| heard.is(it)),
        Asked::Notice(told) => notice(book, told, heard),
        Asked::Submission | Asked::Beginning => Ok(()),
    }
}

impl Heard {
    /// The moments at which the answer may have been true.
    pub(super) fn moments(&self) -> impl Iterator<Item = u64> + use<> {
        self.from..=self.to
    }

    fn word(&self) -> &str {
        self.body.get("status").and_then(Value::as_str).unwrap_or_default()
    }

    fn is(&self, truth: bool) -> Judged {
        if truth { Ok(()) } else { Err(format!("an untrue answer: {} {}", self.status, self.body)) }
    }
}

/// The answer to a stake, winnings or a rollback that was done: at its entry, with the balance after it.
fn done(book: &Book, key: &str, heard: &Heard) -> Judged {
    let Some(entry) = book.entry_at(key, heard.to) else {
        return Err(format!("acknowledged, but {key} is not in the ledger"));
    };
    heard.is(told_balance(heard) == Some(playable(entry.after)))
}

fn told_balance(heard: &Heard) -> Option<Micros> {
    Some(Micros::from(heard.body.get("balance")?.as_i64()?) * MICROS_OF_HUB88)
}

fn playable(balances: Balances) -> Micros {
    balances.cash + balances.bonus
}

fn bet(book: &Book, wager: &Wager, heard: &Heard) -> Judged {
    let key = format!("hub88#{}", wager.tx);
    let mine = |version| {
        let entry = book.entry_at(&key, version)?;
        Some(entry.kind == "bet_placed" && entry.amount("amount") == Some(wager.amount))
    };
    let not_placed = |version: &u64| mine(*version).is_none();
    match heard.word() {
        "RS_OK" if mine(heard.to) == Some(true) => done(book, &key, heard),
        "RS_OK" => Err("acknowledged, but not in the ledger as it was asked for".to_owned()),
        "RS_ERROR_NOT_ENOUGH_MONEY" => {
            heard.is(heard.moments().filter(not_placed).any(|it| book.at(it).cash < wager.amount))
        }
        "RS_ERROR_TOKEN_EXPIRED" => heard.is(wager.expired && not_placed(&heard.from)),
        "RS_ERROR_TRANSACTION_ROLLED_BACK" => {
            heard.is(book.tombs.get(&wager.tx).is_some_and(|since| *since <= heard.to))
        }
        "RS_ERROR_DUPLICATE_TRANSACTION" => heard.is(mine(heard.to) == Some(false)),
        "RS_ERROR_USER_DISABLED" => heard.is(!is_verified(book)),
        _ => unclear(heard),
    }
}

fn win(book: &Book, wager: &Wager, bet: &str, heard: &Heard) -> Judged {
    let key = format!("hub88#{}", wager.tx);
    let bet_stood = |version: u64| {
        book.played.get(bet).is_some_and(|it| {
            it.is_bet && it.seq <= version && it.undone_at.is_none_or(|undone| undone > version)
        })
    };
    match heard.word() {
        "RS_OK" => done(book, &key, heard),
        "RS_ERROR_TRANSACTION_DOES_NOT_EXIST" => {
            let not_paid = |version: &u64| book.entry_at(&key, *version).is_none();
            heard.is(heard.moments().filter(not_paid).any(|it| !bet_stood(it)))
        }
        "RS_ERROR_TRANSACTION_ROLLED_BACK" => {
            heard.is(book.tombs.get(&wager.tx).is_some_and(|since| *since <= heard.to))
        }
        _ => unclear(heard),
    }
}

/// A rollback is never refused; and once it is acknowledged, its target is undone or will never be.
fn rollback(book: &Book, tx: &str, target: &str, heard: &Heard) -> Judged {
    if heard.word() != "RS_OK" {
        return unclear(heard);
    }
    let undone = book.played.get(target).and_then(|it| it.undone_at);
    let gone = undone.or_else(|| book.tombs.get(target).copied()).is_some_and(|since| since <= heard.to);
    heard.is(gone)?;
    done(book, &format!("hub88#{tx}"), heard)
}

fn balance(book: &Book, expired: bool, heard: &Heard) -> Judged {
    match heard.word() {
        "RS_OK" => {
            let told = told_balance(heard);
            heard.is(!expired && heard.moments().any(|it| told == Some(playable(book.at(it)))))
        }
        "RS_ERROR_TOKEN_EXPIRED" => heard.is(expired),
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
        && shown("withdrawable") == Some(then.withdrawable())
        && shown("held") == Some(then.held))
}

/// The provider is out of reach: what is noted can be seen in the ledger only.
fn deposit(heard: &Heard) -> Judged {
    heard.is(matches!(heard.status, 403 | 409 | 503))
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
        // It was decided otherwise, or by somebody else, or the law forbids it.
        409 => heard.is(heard.moments().any(|it| !waits(it)) || key.starts_with("api#cancel")),
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
        NoticeKind::Paid(_) => heard.is(withdrawal.is_some_and(|it| it.status_at(heard.to) == "paid")),
        NoticeKind::Failed => heard.is(withdrawal.is_some_and(|it| it.status_at(heard.to) == "failed")),
        NoticeKind::Noted => Ok(()),
    }
}

/// No outcome: that needs a reason, and must be said as what it is.
fn unclear(heard: &Heard) -> Judged {
    let admitted = heard.word() == "RS_ERROR_UNKNOWN" || heard.status == 503;
    heard.is(admitted && heard.excused)
}

fn is_verified(book: &Book) -> bool {
    book.entries.values().any(|it| it.kind == "verification_changed" && it.text("status") == Some("approved"))
}

fn cents_or_finer(text: &str) -> Option<Micros> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction = format!("{fraction:0<6}");
    Some(whole.parse::<Micros>().ok()? * 1_000_000 + fraction.parse::<Micros>().ok()?)
}
