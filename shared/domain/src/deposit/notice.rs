//! What follows from what a provider tells of a deposit, in whatever order it comes.

use super::{Deposit, DepositEvent, DepositNotice, DepositStatus, refund, reversal};
use crate::account::{Account, AccountStatus};
use crate::decide::Change;
use crate::draft::Draft;
use crate::entry::{LedgerAccount, transfer};
use crate::fact::Fact;
use crate::money::Money;
use crate::refusal::Refusal;
use crate::rules::Rules;
use crate::withdrawal::Word;

pub(crate) fn notice(
    account: &Account,
    notice: &DepositNotice,
    found: Option<&Deposit>,
    rules: &Rules,
) -> Result<Draft, Refusal> {
    let known = found.ok_or(Refusal::NotFound)?;
    Ok(with_instrument(followed(account, notice, known, rules)?, known))
}

/// From the moment that money has come from an instrument, the player is one who uses it: whichever of the two is told
/// first.
fn with_instrument(draft: Draft, known: &Deposit) -> Draft {
    let used = draft.changes.iter().find_map(|change| match change {
        Change::Deposit(next) => next.used_instrument(),
        _ => None,
    });
    match used.filter(|used| known.used_instrument() != Some(used)).cloned() {
        Some(used) => draft.with(Change::Instrument(used)),
        None => draft,
    }
}

fn followed(
    account: &Account,
    notice: &DepositNotice,
    deposit: &Deposit,
    rules: &Rules,
) -> Result<Draft, Refusal> {
    if !notice.event.is_ours() && notice.key.integration != deposit.vendor {
        return Err(Refusal::NotFound);
    }
    if notice.event.is_reversal() && deposit.is_of_other_payment(notice.payment.as_ref()) {
        return Err(Refusal::Mismatch);
    }
    let known = deposit;
    let deposit = &deposit.clone().identified_by(notice.instrument.as_ref());
    match &notice.event {
        DepositEvent::Opened { vendor, redirect_url, psp_reference } => {
            if deposit.redirect_url.is_some() || !deposit.status.is_open() {
                return Err(Refusal::Outdated);
            }
            let status = match deposit.status {
                DepositStatus::Created => DepositStatus::Pending,
                other => other,
            };
            let next = Deposit {
                status,
                vendor: vendor.clone(),
                redirect_url: Some(redirect_url.clone()),
                psp_reference: Some(psp_reference.clone()),
                ..deposit.clone()
            };
            Ok(progressed(account, next))
        }
        DepositEvent::Authorised { amount, psp_reference } => {
            if !matches!(deposit.status, DepositStatus::Created | DepositStatus::Pending) {
                // Late, it may still be the first to tell what the money came from.
                let is_of_it =
                    deposit.received.is_some() && deposit.psp_reference.as_ref() == Some(psp_reference);
                return if is_of_it && known.instrument != deposit.instrument {
                    Ok(identified(account, deposit.clone()))
                } else {
                    Err(Refusal::Outdated)
                };
            }
            // Reserved money that does not match is left to run out: only a capture moves anything.
            let matches = *amount == deposit.amount;
            let status = if matches { DepositStatus::Authorised } else { DepositStatus::Quarantined };
            Ok(progressed(
                account,
                Deposit { status, psp_reference: Some(psp_reference.clone()), ..deposit.clone() },
            ))
        }
        DepositEvent::Captured { amount, psp_reference } => {
            captured(account, deposit, *amount, psp_reference.clone(), rules)
        }
        DepositEvent::Identified if known.instrument == deposit.instrument => Err(Refusal::Outdated),
        DepositEvent::Identified => Ok(identified(account, deposit.clone())),
        DepositEvent::Declined => ended(account, deposit, DepositStatus::Failed),
        DepositEvent::Cancelled => ended(account, deposit, DepositStatus::Cancelled),
        DepositEvent::Expired => ended(account, deposit, DepositStatus::Expired),
        DepositEvent::Refunded { amount } => refund::refunded(account, deposit, notice, *amount),
        DepositEvent::RefundApproved { by } => refund::approved(account, deposit, notice, *by),
        DepositEvent::RefundRejected { by } => refund::rejected(account, deposit, notice, *by),
        DepositEvent::RefundSubmitted => refund::told(account, deposit, notice, Word::Submitted),
        DepositEvent::RefundFailed => refund::told(account, deposit, notice, Word::Failed),
        // Before anything was credited it is for staff: reserved money may be taken another time.
        DepositEvent::CaptureFailed { .. } if deposit.received.is_none() => Err(deposit.wrong_state()),
        DepositEvent::ChargedBack { amount } | DepositEvent::CaptureFailed { amount } => {
            reversal::charged_back(account, deposit, *amount)
        }
        DepositEvent::ChargebackReversed { amount } => reversal::won_back(account, deposit, *amount),
        DepositEvent::Accepted { .. } => reversal::accepted(account, deposit, rules),
        DepositEvent::Returned { .. } => reversal::returned(account, deposit),
    }
}

/// The money is ours, however late. It is credited if it is no more than was asked for, in the same currency, from
/// where the law lets it come, and the account is still in use; else staff must decide.
fn captured(
    account: &Account,
    deposit: &Deposit,
    amount: Money,
    psp_reference: String,
    rules: &Rules,
) -> Result<Draft, Refusal> {
    if !amount.is_positive() {
        return Err(Refusal::NotPositive);
    }
    if let Some(received) = deposit.received {
        return captured_in_part(account, deposit, received, amount, &psp_reference);
    }
    let next = Deposit { psp_reference: Some(psp_reference), received: Some(amount), ..deposit.clone() };
    let from = LedgerAccount::Psp(deposit.vendor.clone());
    let fits = deposit.amount.minus(amount).is_ok_and(|rest| !rest.is_negative());
    let lawful = deposit.instrument.as_ref().is_none_or(|it| rules.payments.admit(it, deposit.attested));
    let in_use = account.status == AccountStatus::Active;
    if fits && lawful && in_use && deposit.status != DepositStatus::Quarantined {
        return credited(account, next, amount, from);
    }
    let fact = Fact::DepositQuarantined { deposit: deposit.id, received: amount };
    let postings = transfer(from, LedgerAccount::Suspense, amount)?;
    let next = Deposit { status: DepositStatus::Quarantined, ..next };
    Ok(Draft::moving(account, fact, postings).with(Change::Deposit(next)))
}

/// Of one payment, the provider may take the reserved money in parts. All of them are no more than was asked for:
/// what exceeds it is another payment, or a word said twice. What was taken back as a whole and comes after all is won
/// back.
fn captured_in_part(
    account: &Account,
    deposit: &Deposit,
    received: Money,
    amount: Money,
    psp_reference: &String,
) -> Result<Draft, Refusal> {
    let total = received.plus(amount).map_err(|_| Refusal::Outdated)?;
    let fits = deposit.amount.minus(total).is_ok_and(|rest| !rest.is_negative());
    let goes_on = deposit.status == DepositStatus::Completed && account.status == AccountStatus::Active;
    if deposit.psp_reference.as_ref() != Some(psp_reference) {
        return Err(Refusal::Outdated);
    }
    if deposit.status == DepositStatus::ChargedBack && !deposit.charged_back().minus(amount)?.is_negative() {
        return reversal::won_back(account, deposit, amount);
    }
    if !fits && let Some(returned) = refund::come_back(account, deposit, amount) {
        return returned;
    }
    if !fits || !goes_on {
        return Err(Refusal::Outdated);
    }
    let next = Deposit { received: Some(total), ..deposit.clone() };
    credited(account, next, amount, LedgerAccount::Psp(deposit.vendor.clone()))
}

/// Money reaches the player. Parts of one payment are one deposit.
pub(super) fn credited(
    account: &Account,
    deposit: Deposit,
    amount: Money,
    from: LedgerAccount,
) -> Result<Draft, Refusal> {
    let is_new = deposit.received == Some(amount);
    let fact = Fact::DepositCompleted {
        deposit: deposit.id,
        amount,
        method: deposit.method.clone(),
        first: is_new && account.deposits == 0,
    };
    let mut draft = Draft::moving(account, fact, transfer(from, LedgerAccount::Cash, amount)?);
    draft.account.deposits = account.deposits.saturating_add(u32::from(is_new));
    let next = Deposit { status: DepositStatus::Completed, ..deposit };
    Ok(draft.with(Change::Deposit(next)))
}

/// What the player pays with is on record, without the person.
fn identified(account: &Account, next: Deposit) -> Draft {
    let fact = Fact::DepositIdentified {
        deposit: next.id,
        instrument: next.instrument.as_ref().map(|it| it.kind),
        funding: next.instrument.as_ref().and_then(|it| it.funding),
        holder: next.instrument.as_ref().map(|it| it.holder).unwrap_or_default(),
    };
    Draft::of(account, fact).with(Change::Deposit(next))
}

fn progressed(account: &Account, next: Deposit) -> Draft {
    let fact = Fact::DepositProgressed { deposit: next.id, status: next.status };
    Draft::of(account, fact).with(Change::Deposit(next))
}

/// A deposit ends without money only while it is open: a late refusal never undoes a credit.
fn ended(account: &Account, deposit: &Deposit, status: DepositStatus) -> Result<Draft, Refusal> {
    if !deposit.status.is_open() {
        return Err(Refusal::Outdated);
    }
    Ok(progressed(account, Deposit { status, ..deposit.clone() }))
}
