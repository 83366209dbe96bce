//! What the facts of the journey and the rush come to behind the streams: each is counted, and counted once.

use std::str::FromStr;

use domain::Timestamp;
use rust_decimal::Decimal;
use serde_json::Value;
use stack::{Failure, Platform, Player, eventually};

use crate::same;

/// One bet of the journey that was not rolled back, and ten of the rush.
const BETS: i64 = 11;
const FIGURES: &[(&str, &str)] = &[
    ("registrations", "1"),
    ("first_deposits", "1"),
    ("first_deposit_amount", "50.00"),
    ("deposits", "1"),
    ("deposit_amount", "50.00"),
    ("withdrawals_requested", "1"),
    ("withdrawal_requested_amount", "20.00"),
    ("withdrawals", "1"),
    ("withdrawal_amount", "20.00"),
    ("bets", "11"),
    ("turnover", "35.00"),
    ("payouts", "5.00"),
    ("ggr", "30.00"),
];

/// Seen through the operators' API. The day may end while the test runs.
pub(crate) async fn are_counted_by_analytics(platform: &Platform, since: Timestamp) -> Result<(), Failure> {
    let staff = platform.admin().await?;
    let query = format!("?brand=demo&currency=EUR&from={}", since.strftime("%F"));
    let days = eventually("all bets are among the figures", || async {
        let days = staff.kpis(&query).await?.must(200)?.items()?.to_vec();
        Ok((total(&days, "bets") >= Decimal::from(BETS)).then_some(days))
    });
    let days = days.await?;
    for &(name, expected) in FIGURES {
        same(name, &Ok(total(&days, name)), &Decimal::from_str(expected))?;
    }
    Ok(())
}

/// Seen in its table.
pub(crate) async fn are_known_to_the_crm(platform: &Platform, player: &Player) -> Result<(), Failure> {
    let customer = eventually("the CRM knows of all bets", || async {
        let customer = platform.customer(&player.id).await?;
        Ok(customer.filter(|it| it.bets.count >= BETS))
    });
    let customer = customer.await?;
    let sums = [customer.deposits, customer.withdrawals, customer.bets, customer.wins];
    let sums = sums.map(|sum| format!("{} of {}", sum.count, sum.amount));
    let expected = ["1 of 50.00 EUR", "1 of 20.00 EUR", "11 of 35.00 EUR", "1 of 5.00 EUR"];
    same("deposits, withdrawals, bets and wins", &sums, &expected.map(str::to_owned))?;
    same("the country", &customer.country.as_deref(), &Some("MT"))
}

fn total(days: &[Value], name: &str) -> Decimal {
    days.iter().filter_map(|day| figure(day.get(name)?)).sum()
}

fn figure(value: &Value) -> Option<Decimal> {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned).parse().ok()
}
