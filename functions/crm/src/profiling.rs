//! What each fact says of a customer. Sums, firsts, lasts and newest: in whatever order facts come, the profile is
//! the same in the end.

use domain::{Currency, MoneyError, Timestamp};
use events::data::sport::BetUpdated;
use events::{Amount, Data, Event, VerificationStatus};
use store::{CustomerProfile, Sum};

/// The profile of a player of whom nothing is known before this event.
pub(crate) fn unknown(event: &Event) -> CustomerProfile {
    let currency = event.data.currency();
    CustomerProfile::new(event.player, event.brand.clone(), event.jurisdiction.clone(), currency)
}

/// Adds what an event says. Must be called once for each.
pub(crate) fn apply(profile: &mut CustomerProfile, event: &Event) -> Result<(), MoneyError> {
    note(profile, event)?;
    if is_the_players_doing(&event.data) {
        profile.last_seen_at = profile.last_seen_at.max(Some(event.time));
    }
    if profile.last_event.as_ref().is_none_or(|(newest, _)| *newest < event.sequence) {
        profile.last_event = Some((event.sequence, event.data.event_type().to_owned()));
    }
    Ok(())
}

fn note(profile: &mut CustomerProfile, event: &Event) -> Result<(), MoneyError> {
    match &event.data {
        Data::PlayerRegistered(it) => {
            profile.country = Some(it.country.clone());
            profile.registered_at = Some(event.time);
        }
        Data::PlayerClosed(_) => profile.closed_at = Some(event.time),
        Data::VerificationChanged(it) => verified(profile, event, Some(it.status)),
        Data::PlayerUpdated(it) => verified(profile, event, it.verification_status),
        Data::DepositCompleted(it) => {
            add(&mut profile.deposits, &it.amount, it.currency)?;
            profile.first_deposit_at = Some(earlier(profile.first_deposit_at, event.time));
            profile.last_deposit_at = profile.last_deposit_at.max(Some(event.time));
        }
        Data::WithdrawalPaid(it) => add(&mut profile.withdrawals, &it.amount, it.currency)?,
        // Of a free bet nobody staked the nominal amount.
        Data::BetPlaced(it) if it.free => profile.bets.count += 1,
        Data::BetPlaced(it) => add(&mut profile.bets, &it.amount, it.currency)?,
        Data::BetRolledBack(it) => take_back(&mut profile.bets, &it.amount, it.currency)?,
        // A lost round is closed by a win of nothing.
        Data::BetWon(it) if it.amount.of(it.currency)?.is_zero() => {}
        Data::BetWon(it) => add(&mut profile.wins, &it.amount, it.currency)?,
        Data::WinRolledBack(it) if it.amount.of(it.currency)?.is_zero() => {}
        Data::WinRolledBack(it) => take_back(&mut profile.wins, &it.amount, it.currency)?,
        Data::BetUpdated(it) => bet_updated(profile, it)?,
        Data::SignedIn(_)
        | Data::GameLaunched(_)
        | Data::GameSessionRotated(_)
        | Data::RoundEnded(_)
        | Data::FreeRoundPlayed(_)
        | Data::Adjusted(_)
        | Data::DepositReturned(_)
        | Data::DepositRefunded(_)
        | Data::RefundRequested(_)
        | Data::RefundProgressed(_)
        | Data::RefundReturned(_)
        | Data::DepositChargedBack(_)
        | Data::ChargebackReversed(_)
        | Data::TransactionVoided(_)
        | Data::DepositRequested(_)
        | Data::DepositProgressed(_)
        | Data::DepositIdentified(_)
        | Data::DepositQuarantined(_)
        | Data::WithdrawalRequested(_)
        | Data::WithdrawalProgressed(_)
        | Data::WithdrawalReturned(_) => {}
    }
    Ok(())
}

/// A bet counts as long as its stake is with the house; its payout in place of the earlier one.
fn bet_updated(profile: &mut CustomerProfile, it: &BetUpdated) -> Result<(), MoneyError> {
    match (it.from.is_staked(), it.to.is_staked()) {
        (true, false) => take_back(&mut profile.bets, &it.stake, it.currency)?,
        (false, true) => add(&mut profile.bets, &it.stake, it.currency)?,
        (true, true) | (false, false) => {}
    }
    if !it.payout_before.of(it.currency)?.is_zero() {
        take_back(&mut profile.wins, &it.payout_before, it.currency)?;
    }
    if !it.payout.of(it.currency)?.is_zero() {
        add(&mut profile.wins, &it.payout, it.currency)?;
    }
    Ok(())
}

/// Notes where the verification stands, unless a newer fact already told.
fn verified(profile: &mut CustomerProfile, event: &Event, status: Option<VerificationStatus>) {
    if let Some(status) = status
        && profile.verification.is_none_or(|(newest, _)| newest < event.sequence)
    {
        profile.verification = Some((event.sequence, status));
    }
}

/// Whether the player was there: vendors and staff act without them.
const fn is_the_players_doing(data: &Data) -> bool {
    matches!(
        data,
        Data::PlayerRegistered(_)
            | Data::PlayerUpdated(_)
            | Data::SignedIn(_)
            | Data::GameLaunched(_)
            | Data::BetPlaced(_)
            | Data::DepositRequested(_)
            | Data::WithdrawalRequested(_)
    )
}

fn earlier(known: Option<Timestamp>, time: Timestamp) -> Timestamp {
    known.map_or(time, |known| known.min(time))
}

fn add(sum: &mut Sum, amount: &Amount, currency: Currency) -> Result<(), MoneyError> {
    sum.amount = sum.amount.plus(amount.of(currency)?)?;
    sum.count += 1;
    Ok(())
}

fn take_back(sum: &mut Sum, amount: &Amount, currency: Currency) -> Result<(), MoneyError> {
    sum.amount = sum.amount.minus(amount.of(currency)?)?;
    sum.count -= 1;
    Ok(())
}
