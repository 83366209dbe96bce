//! How figures look to operators: flat, amounts as decimal texts.

use domain::Date;
use serde::Serialize;
use store::DailyKpis;

#[derive(Serialize)]
pub(crate) struct Answer<'a> {
    items: Vec<Figures<'a>>,
    /// The days asked for always fit into one answer.
    next_cursor: Option<&'static str>,
}

#[derive(Serialize)]
struct Figures<'a> {
    brand: &'a str,
    currency: &'static str,
    day: Date,
    registrations: i128,
    first_deposits: i128,
    first_deposit_amount: String,
    deposits: i128,
    deposit_amount: String,
    withdrawals: i128,
    withdrawal_amount: String,
    withdrawals_requested: i128,
    withdrawal_requested_amount: String,
    turnover: String,
    payouts: String,
    ggr: String,
    prizes: String,
    bonuses: String,
    adjustments: String,
    refunds: String,
    chargebacks: String,
    bets: i128,
    active_players: i128,
}

impl<'a> Answer<'a> {
    pub(crate) fn of(days: &'a [DailyKpis]) -> Self {
        Self { items: days.iter().map(Figures::of).collect(), next_cursor: None }
    }
}

impl<'a> Figures<'a> {
    fn of(kpis: &'a DailyKpis) -> Self {
        Self {
            brand: &kpis.brand,
            currency: kpis.currency.code(),
            day: kpis.day,
            registrations: kpis.registrations,
            first_deposits: kpis.first_deposits.count,
            first_deposit_amount: kpis.first_deposits.amount.to_string(),
            deposits: kpis.deposits.count,
            deposit_amount: kpis.deposits.amount.to_string(),
            withdrawals: kpis.withdrawals_paid.count,
            withdrawal_amount: kpis.withdrawals_paid.amount.to_string(),
            withdrawals_requested: kpis.withdrawals_requested.count,
            withdrawal_requested_amount: kpis.withdrawals_requested.amount.to_string(),
            turnover: kpis.turnover.to_string(),
            payouts: kpis.payouts.to_string(),
            ggr: kpis.ggr.to_string(),
            prizes: kpis.prizes.to_string(),
            bonuses: kpis.bonuses.to_string(),
            adjustments: kpis.adjustments.to_string(),
            refunds: kpis.refunds.to_string(),
            chargebacks: kpis.chargebacks.to_string(),
            bets: kpis.bets,
            active_players: kpis.active_players,
        }
    }
}
