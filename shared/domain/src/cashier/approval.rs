//! Whether a withdrawal is paid by itself, or who has to agree first, and why.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::{HolderMatch, Source, Split};
use crate::Timestamp;
use crate::account::Account;
use crate::deposit::{Deposit, DepositStatus};
use crate::ids::PlayerId;
use crate::money::{Money, MoneyError};
use crate::withdrawal::{PayTo, Withdrawal};

/// What withdrawals need before they are paid, as a pack has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovalRule {
    jurisdictions: Vec<String>,
    /// Up to how much a day is paid by itself, by currency; nothing, if the currency is not named.
    automatic_a_day: Vec<Money>,
    /// From how much a day on two members of staff have to agree, by currency; always, if the currency is not named.
    four_eyes_from: Vec<Money>,
    /// How old an account has to be.
    account_days: i64,
    /// How many players may use one instrument.
    instrument_players: usize,
}

/// What a withdrawal needs before it is paid.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// How many members of staff have to agree; none, if it is paid by itself.
    pub approvals: u8,
    /// Why it is not paid by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<ReviewReason>,
    /// Who else uses an instrument of the player's, some of them if they are many.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shared_with: Vec<PlayerId>,
}

/// Why a withdrawal is not paid by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewReason {
    /// The jurisdiction has no rule for it.
    NoRule,
    /// It is too much, alone or with what was asked for in the last day.
    Amount,
    /// The account is too young.
    YoungAccount,
    /// The player owes the house.
    Debt,
    /// Money is in quarantine.
    Quarantine,
    /// Money was charged back.
    Chargeback,
    /// Money came from an instrument that may be somebody else's.
    Holder,
    /// A part goes to an account that no money came from.
    NewAccount,
    /// A part came from where it cannot go back to.
    OpenLoop,
    /// A part goes to an instrument for which the provider does not vouch.
    UnprovenSource,
    /// Other players use an instrument of the player's.
    SharedInstrument,
    /// Compliance has to look into something about the player, such as a hit on a watchlist.
    ComplianceAlert,
}

/// What is known when a withdrawal is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The account.
    pub account: &'a Account,
    /// All its deposits.
    pub deposits: &'a [Deposit],
    /// All its withdrawals, without this one.
    pub withdrawals: &'a [Withdrawal],
    /// Where its money came from.
    pub sources: &'a [Source],
    /// How this withdrawal is paid.
    pub split: &'a Split,
    /// Who else uses the player's instruments, one by one.
    pub others: &'a [Vec<PlayerId>],
    /// Whether there is an alert about the player that compliance has not seen to.
    pub is_alert_open: bool,
    /// How much it is.
    pub amount: Money,
    /// When it is asked for.
    pub now: Timestamp,
}

impl ApprovalRule {
    pub(super) fn is_for(&self, jurisdiction: &str) -> bool {
        self.jurisdictions.iter().any(|it| it == jurisdiction)
    }

    /// Whether two have to agree to so much a day.
    pub(super) fn wants_two(&self, total: Money) -> bool {
        of_currency(&self.four_eyes_from, total)
            .is_none_or(|from| total.minus(from).is_ok_and(|above| !above.is_negative()))
    }
}

impl Review {
    /// What a withdrawal needs by a jurisdiction's rule.
    pub fn of(case: &Case<'_>, rule: Option<&ApprovalRule>) -> Result<Self, MoneyError> {
        let Some(rule) = rule else {
            return Ok(Self { approvals: 2, reasons: vec![ReviewReason::NoRule], shared_with: Vec::new() });
        };
        let total = case.asked_for_in_a_day()?;
        let reasons = case.reasons(rule, total);
        let approvals = match (reasons.is_empty(), rule.wants_two(total)) {
            (_, true) => 2,
            (false, false) => 1,
            (true, false) => 0,
        };
        Ok(Self { approvals, reasons, shared_with: case.shared_with(rule) })
    }
}

impl Case<'_> {
    fn reasons(&self, rule: &ApprovalRule, total: Money) -> Vec<ReviewReason> {
        let split = self.split;
        let new_account = |to: &PayTo| matches!(to, PayTo::BankAccount { .. });
        let status = |status| self.deposits.iter().any(|deposit| deposit.status == status);
        let holder = |holder| {
            let mut instruments = self.deposits.iter().filter_map(|deposit| deposit.instrument.as_ref());
            instruments.any(|it| it.holder == holder)
        };
        let checks = [
            (ReviewReason::Amount, is_too_much(rule, total)),
            (ReviewReason::YoungAccount, self.is_young(rule)),
            (ReviewReason::Debt, !self.account.wallet.receivable.is_zero()),
            (ReviewReason::Quarantine, status(DepositStatus::Quarantined)),
            (ReviewReason::Chargeback, self.deposits.iter().any(Deposit::was_charged_back)),
            (ReviewReason::Holder, holder(HolderMatch::Differs) || holder(HolderMatch::Similar)),
            (ReviewReason::NewAccount, split.payouts.iter().any(|payout| new_account(&payout.to))),
            (ReviewReason::OpenLoop, split.is_loop_open),
            (ReviewReason::UnprovenSource, self.pays_to_unproven()),
            (ReviewReason::SharedInstrument, !self.shared_with(rule).is_empty()),
            (ReviewReason::ComplianceAlert, self.is_alert_open),
        ];
        checks.into_iter().filter_map(|(reason, holds)| holds.then_some(reason)).collect()
    }

    /// With this withdrawal, so that many small ones are no way around a limit.
    fn asked_for_in_a_day(&self) -> Result<Money, MoneyError> {
        let yesterday = self.now.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MIN);
        let lately = self.withdrawals.iter().filter(|it| it.requested_at > yesterday && it.is_alive());
        lately.map(|it| it.amount).try_fold(self.amount, Money::plus)
    }

    /// Who else uses an instrument that more players use than may.
    fn shared_with(&self, rule: &ApprovalRule) -> Vec<PlayerId> {
        const MOST_NAMED: usize = 10;
        let shared = self.others.iter().filter(|others| others.len() >= rule.instrument_players);
        let others: BTreeSet<PlayerId> = shared.flatten().copied().collect();
        others.into_iter().take(MOST_NAMED).collect()
    }

    fn is_young(&self, rule: &ApprovalRule) -> bool {
        let days = SignedDuration::from_hours(rule.account_days.saturating_mul(24));
        self.account.opened_at.checked_add(days).is_ok_and(|grown_up| self.now < grown_up)
    }

    fn pays_to_unproven(&self) -> bool {
        let mut tokens = self.split.payouts.iter().filter_map(|payout| match &payout.to {
            PayTo::Source { token, .. } => Some((&payout.vendor, token)),
            PayTo::BankAccount { .. } | PayTo::Payment => None,
        });
        tokens.any(|(vendor, token)| {
            let is_it = |it: &&Source| it.vendor == *vendor && it.token.as_ref() == Some(token);
            self.sources.iter().find(is_it).is_none_or(|source| !source.proven)
        })
    }
}

fn is_too_much(rule: &ApprovalRule, total: Money) -> bool {
    let limit = of_currency(&rule.automatic_a_day, total);
    limit.is_none_or(|limit| limit.minus(total).is_ok_and(Money::is_negative))
}

fn of_currency(amounts: &[Money], like: Money) -> Option<Money> {
    amounts.iter().copied().find(|amount| amount.currency() == like.currency())
}
