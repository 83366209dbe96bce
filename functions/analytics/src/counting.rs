//! The definitions of the figures: what each fact counts for, on the UTC day it happened.
//!
//! An undoing counts on its own day, so that a day that is over changes only by facts that come late.

use domain::MoneyError;
use events::data::adjustment::Adjusted;
use events::data::sport::BetUpdated;
use events::{AdjustmentCause, Amount, Data, Event, WinReason};
use jiff::tz::Offset;
use store::{Counted, Counter, Counters, Figures};

pub(crate) fn counted(event: &Event) -> Result<Counted, MoneyError> {
    let currency = event.data.currency();
    let day = Offset::UTC.to_datetime(event.time).date();
    Ok(Counted {
        sequence: event.sequence,
        figures: Figures::new(&event.brand, currency, day),
        counters: counters(&event.data)?,
        active: is_real_bet(&event.data)?,
    })
}

fn counters(data: &Data) -> Result<Counters, MoneyError> {
    let units = |amount: &Amount| amount.of(data.currency()).map(domain::Money::units);
    let none = Counters::default();
    Ok(match data {
        Data::PlayerRegistered(_) => none.with(Counter::Registrations, 1),
        Data::DepositCompleted(it) => {
            let amount = units(&it.amount)?;
            let all = none.with(Counter::Deposits, 1).with(Counter::DepositAmount, amount);
            if it.first {
                all.with(Counter::FirstDeposits, 1).with(Counter::FirstDepositAmount, amount)
            } else {
                all
            }
        }
        Data::WithdrawalRequested(it) => none
            .with(Counter::WithdrawalsRequested, 1)
            .with(Counter::WithdrawalRequestedAmount, units(&it.amount)?),
        Data::WithdrawalPaid(it) => {
            none.with(Counter::WithdrawalsPaid, 1).with(Counter::WithdrawalPaidAmount, units(&it.amount)?)
        }
        // A free bet is a bet, but nobody staked its nominal amount.
        Data::BetPlaced(it) if it.free => none.with(Counter::Bets, 1),
        Data::BetPlaced(it) => none.with(Counter::Bets, 1).with(Counter::Turnover, units(&it.amount)?),
        Data::BetRolledBack(it) => {
            none.with(Counter::Bets, -1).with(Counter::Turnover, minus(units(&it.amount)?)?)
        }
        Data::BetWon(it) => none.with(paid_as(it.reason), units(&it.amount)?),
        Data::WinRolledBack(it) => none.with(paid_as(it.reason), minus(units(&it.amount)?)?),
        Data::BetUpdated(it) => bet_updated(it)?,
        Data::DepositRefunded(it) => none.with(Counter::RefundAmount, units(&it.amount)?),
        Data::RefundReturned(it) if it.after_payment => {
            none.with(Counter::RefundAmount, minus(units(&it.amount)?)?)
        }
        Data::DepositChargedBack(it) => none.with(Counter::ChargebackAmount, units(&it.amount)?),
        Data::ChargebackReversed(it) => none.with(Counter::ChargebackAmount, minus(units(&it.amount)?)?),
        Data::WithdrawalReturned(it) if it.after_payment => none
            .with(Counter::WithdrawalsPaid, -1)
            .with(Counter::WithdrawalPaidAmount, minus(units(&it.amount)?)?),
        Data::Adjusted(it) => adjusted(it)?,
        Data::PlayerUpdated(_)
        | Data::PlayerClosed(_)
        | Data::SignedIn(_)
        | Data::VerificationChanged(_)
        | Data::GameLaunched(_)
        | Data::TransactionVoided(_)
        | Data::DepositRequested(_)
        | Data::DepositProgressed(_)
        | Data::DepositIdentified(_)
        | Data::DepositQuarantined(_)
        | Data::RefundRequested(_)
        | Data::RefundProgressed(_)
        | Data::RefundReturned(_)
        | Data::WithdrawalProgressed(_)
        | Data::DepositReturned(_)
        | Data::GameSessionRotated(_)
        | Data::RoundEnded(_)
        | Data::FreeRoundPlayed(_)
        | Data::WithdrawalReturned(_) => none,
    })
}

/// Prizes are what promotions cost, not what bets won.
const fn paid_as(reason: WinReason) -> Counter {
    if reason.is_prize() { Counter::Prizes } else { Counter::Payouts }
}

/// A bet counts as long as its stake is with the house.
fn bet_updated(it: &BetUpdated) -> Result<Counters, MoneyError> {
    let units = |amount: &Amount| amount.of(it.currency).map(domain::Money::units);
    let stake = units(&it.stake)?;
    let (bets, turnover) = match (it.from.is_staked(), it.to.is_staked()) {
        (true, false) => (-1, minus(stake)?),
        (false, true) => (1, stake),
        (true, true) | (false, false) => (0, 0),
    };
    let more = units(&it.payout)?.checked_sub(units(&it.payout_before)?).ok_or(MoneyError::OutOfRange)?;
    Ok(Counters::default()
        .with(Counter::Bets, bets)
        .with(Counter::Turnover, turnover)
        .with(Counter::Payouts, more))
}

fn adjusted(it: &Adjusted) -> Result<Counters, MoneyError> {
    let amount = it.amount.of(it.currency)?.units();
    let none = Counters::default();
    Ok(match it.cause {
        AdjustmentCause::GameCorrection => none.with(Counter::Payouts, amount),
        AdjustmentCause::BonusGranted => none.with(Counter::BonusAmount, amount),
        AdjustmentCause::BonusForfeited => none.with(Counter::BonusAmount, minus(amount)?),
        AdjustmentCause::Correction | AdjustmentCause::Goodwill => {
            none.with(Counter::AdjustmentAmount, amount)
        }
        AdjustmentCause::DebtRepaid | AdjustmentCause::DebtWrittenOff => none,
    })
}

/// Signing in is not playing, and a free bet risks nothing: only real money makes an active player.
fn is_real_bet(data: &Data) -> Result<bool, MoneyError> {
    match data {
        Data::BetPlaced(it) => Ok(!it.free && it.amount.of(it.currency)?.is_positive()),
        _ => Ok(false),
    }
}

fn minus(units: i64) -> Result<i64, MoneyError> {
    units.checked_neg().ok_or(MoneyError::OutOfRange)
}
