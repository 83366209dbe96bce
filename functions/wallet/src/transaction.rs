//! What an entry looks like to the player: its type in the field's words, what it moved, and what it belongs to.

use domain::account::Wallet as Balances;
use domain::catalogue::Game;
use domain::deposit::RefundReference;
use domain::fact::Play;
use domain::ids::DepositId;
use domain::{Entry, Fact, Money, Timestamp};
use serde::Serialize;

/// The types of entries about money, as `?type=` names them.
pub(crate) const TYPES: &[&str] = &[
    "bet",
    "win",
    "rollback",
    "bet_update",
    "deposit",
    "refund",
    "refund_requested",
    "refund_returned",
    "chargeback",
    "chargeback_reversed",
    "withdrawal",
    "withdrawal_returned",
    "withdrawal_paid",
    "adjustment",
];

/// The type of an entry that moved money although its fact is not known to: shown rather than left out of a sum.
const OTHER: &str = "other";

/// An entry as lists and statements show it.
#[derive(Serialize)]
pub(crate) struct Transaction<'a> {
    #[serde(rename = "transaction_id")]
    pub(crate) id: String,
    pub(crate) r#type: &'static str,
    amount: String,
    cash_after: String,
    bonus_after: String,
    held_after: String,
    currency: &'static str,
    pub(crate) at: Timestamp,
    integration: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) round_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) game_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reference: Option<String>,
}

/// What a fact means to the player's money.
struct Meaning<'a> {
    kind: &'static str,
    play: Option<&'a Play>,
    reference: Option<String>,
}

/// The type of a fact; none for facts that are not about money.
pub(crate) fn type_of(fact: &Fact) -> Option<&'static str> {
    meaning(fact).map(|it| it.kind)
}

impl<'a> Transaction<'a> {
    /// The entry, if it is about money.
    pub(crate) fn of(entry: &'a Entry) -> Option<Self> {
        Some(Self::new(entry, meaning(&entry.fact)?, entry.gain().ok()?))
    }

    /// The entry with what is known to be its gain, whatever it is about.
    pub(crate) fn of_any(entry: &'a Entry, gain: Money) -> Self {
        let unknown = Meaning { kind: OTHER, play: None, reference: None };
        Self::new(entry, meaning(&entry.fact).unwrap_or(unknown), gain)
    }

    fn new(entry: &'a Entry, meaning: Meaning<'a>, gain: Money) -> Self {
        let Balances { cash, bonus, held, .. } = &entry.balances;
        Self {
            id: format!("{}:{}", entry.key.integration, entry.key.tx),
            r#type: meaning.kind,
            amount: gain.to_text(),
            cash_after: cash.to_text(),
            bonus_after: bonus.to_text(),
            held_after: held.to_text(),
            currency: cash.currency().code(),
            at: entry.at,
            integration: &entry.key.integration,
            round_id: meaning.play.and_then(|play| play.round.as_deref()),
            game_id: meaning.play.map(|play| Game::id_of(&entry.key.integration, &play.game)),
            reference: meaning.reference,
        }
    }
}

fn meaning(fact: &Fact) -> Option<Meaning<'_>> {
    let means = |kind, play, reference| Some(Meaning { kind, play, reference });
    match fact {
        Fact::BetPlaced { play, .. } => means("bet", Some(play), None),
        Fact::BetWon { play, bet, .. } => means("win", Some(play), bet.clone()),
        Fact::RolledBack { play, target, undone: Some(_) } => {
            means("rollback", Some(play), Some(target.clone()))
        }
        Fact::BetUpdated { play, bet, .. } => means("bet_update", Some(play), Some(bet.clone())),
        Fact::DepositCompleted { deposit, .. } => means("deposit", None, Some(deposit.to_string())),
        Fact::DepositRefunded { deposit, refund, .. } => {
            means("refund", None, Some(name_of(*deposit, *refund)))
        }
        Fact::RefundRequested { deposit, refund, .. } => {
            means("refund_requested", None, Some(name_of(*deposit, Some(*refund))))
        }
        Fact::RefundReturned { deposit, refund, .. } => {
            means("refund_returned", None, Some(name_of(*deposit, Some(*refund))))
        }
        Fact::DepositChargedBack { deposit, .. } => means("chargeback", None, Some(deposit.to_string())),
        Fact::ChargebackReversed { deposit, .. } => {
            means("chargeback_reversed", None, Some(deposit.to_string()))
        }
        Fact::WithdrawalRequested { withdrawal, .. } => {
            means("withdrawal", None, Some(withdrawal.to_string()))
        }
        Fact::WithdrawalReturned { withdrawal, .. } => {
            means("withdrawal_returned", None, Some(withdrawal.to_string()))
        }
        Fact::WithdrawalPaid { withdrawal, .. } => {
            means("withdrawal_paid", None, Some(withdrawal.to_string()))
        }
        Fact::Adjusted { cause, .. } => means("adjustment", None, Some(cause.as_str().to_owned())),
        Fact::PlayerRegistered { .. }
        | Fact::SignedIn { .. }
        | Fact::ProfileChanged { .. }
        | Fact::AccountClosed { .. }
        | Fact::VerificationChanged { .. }
        | Fact::GameLaunched { .. }
        | Fact::GameSessionRotated { .. }
        | Fact::RolledBack { undone: None, .. }
        | Fact::RoundEnded { .. }
        | Fact::FreeRoundPlayed { .. }
        | Fact::DepositRequested { .. }
        | Fact::DepositProgressed { .. }
        | Fact::DepositIdentified { .. }
        | Fact::DepositQuarantined { .. }
        | Fact::DepositReturned { .. }
        | Fact::RefundProgressed { .. }
        | Fact::WithdrawalProgressed { .. } => None,
    }
}

/// A refund of ours, or the deposit if it was made elsewhere.
fn name_of(deposit: DepositId, refund: Option<u8>) -> String {
    refund.map_or_else(|| deposit.to_string(), |refund| RefundReference { deposit, refund }.to_string())
}
