//! Game play: stakes, winnings and rollbacks, in whatever order and however often vendors send them.

mod bet;
mod credit;
mod debit;
mod gift;
mod policy;
mod rollback;
mod round;
mod session;
mod split;
mod sport;

pub use bet::{Bet, BetState, EndedBy, LastWord, Round};
pub use credit::{Credit, CreditReason};
pub use debit::Debit;
pub use gift::{Gift, GiftRecord, GiftState};
pub use policy::{Bets, Rounds, WalletPolicy};
pub use rollback::Rollback;
pub use round::{EndRound, FreeRound};
pub use session::{GameSession, LaunchGame, RotateSession, check_session, known_session};
pub use split::{Split, StakeOrder};
pub use sport::{BetStep, BetUpdate};

pub(crate) use credit::credit;
pub(crate) use debit::debit;
pub(crate) use rollback::rollback;
pub(crate) use round::{end, free};
pub(crate) use session::{launch, rotate};
pub(crate) use sport::update;

use crate::account::Account;
use crate::currency::Currency;
use crate::entry::{Entry, EntryKey};
use crate::fact::Play;
use crate::money::Money;
use crate::refusal::Refusal;

/// What stands at a transaction's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slot {
    /// Nothing yet.
    Free,
    /// The transaction was rolled back before it arrived: it must never happen.
    Tombstone,
    /// The transaction happened.
    Taken(Box<Entry>),
}

/// Checks a vendor's amount against the wallet.
fn amount_of(account: &Account, amount: Money) -> Result<Money, Refusal> {
    if amount.currency() != account.wallet.currency() {
        return Err(Refusal::WrongCurrency);
    }
    if amount.is_negative() {
        return Err(Refusal::NotPositive);
    }
    Ok(amount)
}

/// Checks a currency that a vendor names beside an amount of its own record.
fn same_currency(account: &Account, named: Option<Currency>) -> Result<(), Refusal> {
    let other = named.is_some_and(|currency| currency != account.wallet.currency());
    if other { Err(Refusal::WrongCurrency) } else { Ok(()) }
}

/// Where a transaction's round stands, if its vendor's rules let rounds be remembered.
fn round_key(of: &EntryKey, play: &Play, policy: WalletPolicy) -> Option<EntryKey> {
    let round = play.round.as_ref().filter(|_| policy.rounds_remember_stakes())?;
    Some(EntryKey::new(of.integration.clone(), round.clone()))
}

fn round_text(play: &Play) -> &str {
    play.round.as_deref().unwrap_or_default()
}

const fn flag(set: bool) -> &'static str {
    if set { "1" } else { "" }
}
