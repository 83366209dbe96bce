//! Reading the figures: the slices of a day summed up.

use domain::{Currency, Date, Decimal};

use super::counters::{Counter, Counters};
use super::{Figures, Kpis};
use crate::{Item, Outage, string};

/// The figures of a brand's day in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DailyKpis {
    /// The day in UTC; a fact counts on the day it happened, an undoing on the day it was undone.
    pub day: Date,
    /// The brand.
    pub brand: String,
    /// The currency of all amounts.
    pub currency: Currency,
    /// Accounts opened.
    pub registrations: i128,
    /// Players' first deposits.
    pub first_deposits: Total,
    /// Deposits credited.
    pub deposits: Total,
    /// Withdrawals asked for.
    pub withdrawals_requested: Total,
    /// Withdrawals paid.
    pub withdrawals_paid: Total,
    /// Stakes less those undone. The nominal stakes of free bets are not in it.
    pub turnover: Decimal,
    /// Winnings less those undone.
    pub payouts: Decimal,
    /// Gross gaming revenue: turnover less payouts.
    pub ggr: Decimal,
    /// Prizes of promotions less those undone.
    pub prizes: Decimal,
    /// Bonus money given less that taken away.
    pub bonuses: Decimal,
    /// Corrections and presents by staff, above or below zero.
    pub adjustments: Decimal,
    /// Deposits refunded.
    pub refunds: Decimal,
    /// Deposits charged back, less disputes won.
    pub chargebacks: Decimal,
    /// Bets less those undone, free bets among them.
    pub bets: i128,
    /// Players with at least one real-money bet.
    pub active_players: i128,
}

/// How many there were, and how much in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Total {
    /// How many.
    pub count: i128,
    /// How much, with at least the currency's own places.
    pub amount: Decimal,
}

impl Kpis {
    /// The figures of a brand in every currency that has any, by day and currency; both days are included.
    pub async fn report(&self, brand: &str, from: Date, to: Date) -> Result<Vec<DailyKpis>, Outage> {
        let mut days = Vec::new();
        for (day, currency) in self.listed_days(brand, from, to).await? {
            days.push(self.day(brand, currency, day).await?);
        }
        Ok(days)
    }

    /// The figures of a brand in one currency, by day; both days are included, days without any are left out.
    pub async fn days(
        &self,
        brand: &str,
        currency: Currency,
        from: Date,
        to: Date,
    ) -> Result<Vec<DailyKpis>, Outage> {
        let mut days = Vec::new();
        for (day, _) in self.listed_days(brand, from, to).await?.into_iter().filter(|it| it.1 == currency) {
            days.push(self.day(brand, currency, day).await?);
        }
        Ok(days)
    }

    /// The days on which a brand has figures, with the currencies it has them in.
    pub async fn listed_days(
        &self,
        brand: &str,
        from: Date,
        to: Date,
    ) -> Result<Vec<(Date, Currency)>, Outage> {
        let query = self
            .db
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", string(days_pk(brand)))
            .expression_attribute_values(":from", string(days_sk(from, "")))
            .expression_attribute_values(":to", string(days_sk(to, "~")));
        let mut days = Vec::new();
        let mut start = None;
        loop {
            let page = query.clone().set_exclusive_start_key(start).send().await;
            let page = page.map_err(Outage::sdk("list days"))?;
            for item in page.items() {
                days.push(listed_day(item)?);
            }
            match page.last_evaluated_key {
                Some(key) => start = Some(key),
                None => return Ok(days),
            }
        }
    }

    async fn day(&self, brand: &str, currency: Currency, day: Date) -> Result<DailyKpis, Outage> {
        let counters = self.counters(&Figures::new(brand, currency, day)).await?;
        DailyKpis::of(brand.to_owned(), currency, day, &counters)
    }

    /// What the counters of a brand's day in a currency stand at.
    pub async fn counters(&self, figures: &Figures) -> Result<Counters, Outage> {
        let slices = self
            .db
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", string(figures.pk()))
            .send()
            .await
            .map_err(Outage::sdk("read a day"))?;
        let mut counters = Counters::default();
        // A handful of small items: always one page.
        for slice in slices.items() {
            counters.add_all(&Counters::of_item(slice)?)?;
        }
        Ok(counters)
    }
}

impl DailyKpis {
    fn of(brand: String, currency: Currency, day: Date, counters: &Counters) -> Result<Self, Outage> {
        let amount = |counter| decimal(counters.get(counter), currency);
        let total = |count, sum| Ok(Total { count: counters.get(count), amount: amount(sum)? });
        let (turnover, payouts) = (counters.get(Counter::Turnover), counters.get(Counter::Payouts));
        Ok(Self {
            day,
            brand,
            currency,
            registrations: counters.get(Counter::Registrations),
            first_deposits: total(Counter::FirstDeposits, Counter::FirstDepositAmount)?,
            deposits: total(Counter::Deposits, Counter::DepositAmount)?,
            withdrawals_requested: total(Counter::WithdrawalsRequested, Counter::WithdrawalRequestedAmount)?,
            withdrawals_paid: total(Counter::WithdrawalsPaid, Counter::WithdrawalPaidAmount)?,
            turnover: decimal(turnover, currency)?,
            payouts: decimal(payouts, currency)?,
            ggr: decimal(turnover.saturating_sub(payouts), currency)?,
            prizes: amount(Counter::Prizes)?,
            bonuses: amount(Counter::BonusAmount)?,
            adjustments: amount(Counter::AdjustmentAmount)?,
            refunds: amount(Counter::RefundAmount)?,
            chargebacks: amount(Counter::ChargebackAmount)?,
            bets: counters.get(Counter::Bets),
            active_players: counters.get(Counter::ActivePlayers),
        })
    }
}

/// Ledger units in main units, with at least the currency's own places.
fn decimal(units: i128, currency: Currency) -> Result<Decimal, Outage> {
    let exact = Decimal::try_from_i128_with_scale(units, currency.ledger_scale());
    let mut amount = exact.map_err(Outage::unreadable)?.normalize();
    if amount.scale() < currency.places() {
        amount.rescale(currency.places());
    }
    Ok(amount)
}

pub(super) fn days_pk(brand: &str) -> String {
    format!("DAYS#{brand}")
}

pub(super) fn days_sk(day: Date, currency: &str) -> String {
    format!("{day}#{currency}")
}

fn listed_day(item: &Item) -> Result<(Date, Currency), Outage> {
    let sk = item.get("sk").and_then(|sk| sk.as_s().ok());
    let (day, currency) =
        sk.and_then(|sk| sk.split_once('#')).ok_or_else(|| Outage::unreadable("a listed day"))?;
    Ok((day.parse().map_err(Outage::unreadable)?, currency.parse().map_err(Outage::unreadable)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(code: &str, counters: &Counters) -> DailyKpis {
        let day = domain::Date::constant(2026, 1, 31);
        DailyKpis::of("demo".to_owned(), code.parse().unwrap(), day, counters).unwrap()
    }

    #[test]
    fn revenue_is_turnover_less_payouts() {
        let counters =
            Counters::default().with(Counter::Turnover, 10_000_000).with(Counter::Payouts, 12_500_010);
        let kpis = day("EUR", &counters);
        assert_eq!(kpis.turnover.to_string(), "10.00");
        assert_eq!(kpis.payouts.to_string(), "12.50001");
        assert_eq!(kpis.ggr.to_string(), "-2.50001");
    }

    #[test]
    fn amounts_have_their_currencys_scale() {
        let counters = Counters::default().with(Counter::DepositAmount, 1_000_000);
        assert_eq!(day("JPY", &counters).deposits.amount.to_string(), "1");
        assert_eq!(day("KWD", &counters).deposits.amount.to_string(), "1.000");
        assert_eq!(day("BTC", &counters).deposits.amount.to_string(), "0.01000000");
        assert_eq!(day("EUR", &Counters::default()).turnover.to_string(), "0.00");
    }

    #[test]
    fn a_listed_day_reads_back() {
        let (date, currency) = (domain::Date::constant(2026, 1, 31), "EUR".parse().unwrap());
        let item = crate::key(days_pk("demo"), days_sk(date, "EUR"));
        assert_eq!(listed_day(&item).unwrap(), (date, currency));
        assert!(days_sk(date, "") < days_sk(date, "EUR") && days_sk(date, "EUR") < days_sk(date, "~"));
    }
}
