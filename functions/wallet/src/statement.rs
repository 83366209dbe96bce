//! The statement: what moved the player's money, newest first, with the balances after each entry.

use domain::account::Wallet as Balances;
use domain::fact::Play;
use domain::{Entry, Fact, Timestamp};
use edge::{Problem, Reply, Request};
use serde::Serialize;
use serde_json::json;
use store::{Game, Statement};

use crate::Wallet;

/// The types of statement entries, as `?type=` names them.
const TYPES: &[&str] = &[
    "bet",
    "win",
    "rollback",
    "bet_update",
    "deposit",
    "refund",
    "chargeback",
    "chargeback_reversed",
    "withdrawal",
    "withdrawal_returned",
    "withdrawal_paid",
    "adjustment",
];

impl Wallet {
    pub(crate) async fn statement(&self, request: &Request) -> Result<Reply, Problem> {
        let player = self.auth.player(request).await?;
        let wanted = request.query("type");
        if let Some(wanted) = &wanted
            && !TYPES.contains(&wanted.as_str())
        {
            return Err(Problem::invalid_field("/type", format!("must be one of {}", TYPES.join(", "))));
        }
        let from = request.query_time("from")?.unwrap_or(Timestamp::UNIX_EPOCH);
        let tomorrow = self.context.now().saturating_add(A_DAY).unwrap_or(Timestamp::MAX);
        let to = request.query_time("to")?.unwrap_or(tomorrow);
        if from > to {
            return Err(Problem::invalid_field("/from", "must not be after the end"));
        }
        let statement = Statement { from, to, page: request.page()? };
        let shown = |fact: &Fact| {
            line_of(fact).is_some_and(|line| wanted.as_deref().is_none_or(|wanted| wanted == line.kind))
        };
        let page = self.ledger.statement(player.id, &statement, shown).await?;
        let items: Vec<Transaction<'_>> = page.items.iter().filter_map(transaction).collect();
        Ok(Reply::json(200, &json!({ "items": items, "next_cursor": page.next.map(|it| it.to_string()) })))
    }
}

/// A clock that runs behind must not hide what was just done.
const A_DAY: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

#[derive(Serialize)]
struct Transaction<'a> {
    #[serde(rename = "transaction_id")]
    id: String,
    r#type: &'static str,
    amount: String,
    cash_after: String,
    bonus_after: String,
    held_after: String,
    currency: &'static str,
    at: Timestamp,
    integration: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    round_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    game_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
}

/// What a fact looks like on a statement.
struct Line<'a> {
    kind: &'static str,
    play: Option<&'a Play>,
    reference: Option<String>,
}

fn transaction(entry: &Entry) -> Option<Transaction<'_>> {
    let line = line_of(&entry.fact)?;
    let Balances { cash, bonus, held, .. } = &entry.balances;
    Some(Transaction {
        id: format!("{}:{}", entry.key.integration, entry.key.tx),
        r#type: line.kind,
        amount: entry.gain().ok()?.to_text(),
        cash_after: cash.to_text(),
        bonus_after: bonus.to_text(),
        held_after: held.to_text(),
        currency: cash.currency().code(),
        at: entry.at,
        integration: &entry.key.integration,
        round_id: line.play.and_then(|play| play.round.as_deref()),
        game_id: line.play.map(|play| Game::id_of(&entry.key.integration, &play.game)),
        reference: line.reference,
    })
}

/// The statement's line of a fact; none for facts that are not about money.
fn line_of(fact: &Fact) -> Option<Line<'_>> {
    let line = |kind, play, reference| Some(Line { kind, play, reference });
    match fact {
        Fact::BetPlaced { play, .. } => line("bet", Some(play), None),
        Fact::BetWon { play, bet, .. } => line("win", Some(play), bet.clone()),
        Fact::RolledBack { play, target, undone: Some(_) } => {
            line("rollback", Some(play), Some(target.clone()))
        }
        Fact::BetUpdated { play, bet, .. } => line("bet_update", Some(play), Some(bet.clone())),
        Fact::DepositCompleted { deposit, .. } => line("deposit", None, Some(deposit.to_string())),
        Fact::DepositRefunded { deposit, .. } => line("refund", None, Some(deposit.to_string())),
        Fact::DepositChargedBack { deposit, .. } => line("chargeback", None, Some(deposit.to_string())),
        Fact::ChargebackReversed { deposit, .. } => {
            line("chargeback_reversed", None, Some(deposit.to_string()))
        }
        Fact::WithdrawalRequested { withdrawal, .. } => {
            line("withdrawal", None, Some(withdrawal.to_string()))
        }
        Fact::WithdrawalReturned { withdrawal, .. } => {
            line("withdrawal_returned", None, Some(withdrawal.to_string()))
        }
        Fact::WithdrawalPaid { withdrawal, .. } => {
            line("withdrawal_paid", None, Some(withdrawal.to_string()))
        }
        Fact::Adjusted { cause, .. } => line("adjustment", None, Some(cause.as_str().to_owned())),
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
        | Fact::DepositQuarantined { .. }
        | Fact::DepositReturned { .. }
        | Fact::WithdrawalProgressed { .. } => None,
    }
}
