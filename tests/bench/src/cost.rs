//! What a thousand bets cost on AWS: measured units, bytes and CPU time, at list prices.

use std::time::Duration;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::Error;
use crate::cold::Logged;
use crate::facts::Facts;
use crate::meter::Reading;
use crate::platform::ROOT;
use crate::prices::{Prices, Units};
use crate::table::{Table, millis};

/// All in, on demand and with provisioned tables.
const GOALS: [&str; 2] = ["0.0045", "0.0032"];

/// What was measured of a bet.
pub struct Bet<'a> {
    /// By the store.
    pub store: &'a Reading,
    /// CPU time of the handler.
    pub cpu: Duration,
    /// The fact it becomes.
    pub facts: &'a Facts,
    /// What the function logs.
    pub log: Logged,
}

/// A line of the bill: what a million bets cost.
struct Line {
    what: String,
    dollars: Decimal,
}

/// Adds up the bill.
pub fn measure(bet: &Bet<'_>, table: &mut Table) -> Result<(), Error> {
    let prices = Prices::read()?;
    let [on_demand_goal, provisioned_goal] = GOALS.map(|goal| goal.parse::<Decimal>().unwrap_or_default());
    let units = prices.dynamodb.on_demand();
    let tables = store_lines(bet.store, units);
    let rest = other_lines(bet, &prices)?;
    table.section(&format!(
        "a thousand bets on AWS, at list prices ({}, {}), tables on demand",
        prices.region, prices.as_of
    ));
    for Line { what, dollars } in tables.iter().chain(&rest) {
        table.row(what, &format!("{} $", per_thousand(*dollars)));
    }
    let total = sum(&tables) + sum(&rest);
    table.at_most("all in, tables on demand", per_thousand(total), "$", on_demand_goal);
    table.figure("cost_per_1000_bets_usd", per_thousand(total));

    let hourly = prices.dynamodb.provisioned(prices.assumptions.provisioned_utilisation);
    let provisioned = sum(&store_lines(bet.store, hourly)) + sum(&rest);
    table.at_most("all in, tables provisioned", per_thousand(provisioned), "$", provisioned_goal);
    table.figure("cost_per_1000_bets_usd_provisioned", per_thousand(provisioned));
    peers(per_thousand(total), &prices, table);
    followers(bet.facts, &prices, table);
    Ok(())
}

/// The store's units.
fn store_lines(bet: &Reading, price: Units) -> Vec<Line> {
    vec![
        Line { what: format!("DynamoDB: {} WCU", bet.write_units), dollars: bet.write_units * price.writes },
        Line { what: format!("DynamoDB: {} RCU", bet.read_units), dollars: bet.read_units * price.reads },
    ]
}

/// Everything that costs the same however the tables are paid for.
fn other_lines(bet: &Bet<'_>, prices: &Prices) -> Result<Vec<Line>, Error> {
    let it = &prices.assumptions;
    let megabytes = memory_of_functions()?;
    let duration = billed_ms(bet.cpu, megabytes, prices);
    let batches = Decimal::ONE / it.facts_per_batch;
    let line = |what: String, dollars: Decimal| Line { what, dollars };
    let stored = gigabytes(stored_bytes(bet.store, prices)) * it.months_kept;
    let readers = Decimal::from(readers_of_the_stream()?);
    let access = it.access_log_bytes + it.log_event_bytes;
    let own = bet.log.of_a_bet(it.log_event_bytes);
    Ok(vec![
        line("API Gateway: HTTP API".to_owned(), prices.api_gateway.http_api_per_million),
        line("Lambda: request".to_owned(), prices.lambda.requests_per_million),
        line(
            format!("Lambda: {duration} ms at {megabytes} MB"),
            gb_seconds(duration, megabytes) * prices.lambda.arm64_gb_second,
        ),
        line(
            format!("Lambda: outbox, {} facts a batch", it.facts_per_batch),
            batches
                * (prices.lambda.requests_per_million
                    + gb_seconds(it.batch_ms, megabytes) * prices.lambda.arm64_gb_second),
        ),
        line(
            format!("Kinesis: {} bytes in, read {readers} times", bet.facts.bytes),
            gigabytes(whole_kilobytes(bet.facts.bytes)) * prices.kinesis.in_gb
                + gigabytes(bet.facts.bytes) * readers * prices.kinesis.out_gb,
        ),
        line(
            format!("CloudWatch: {access} bytes of access log, {own} of the function's"),
            gigabytes(access + own) * prices.logs.ingested_gb,
        ),
        line("storage, for a month".to_owned(), stored * prices.dynamodb.storage_gb_month),
        line(
            "point-in-time recovery, for a month".to_owned(),
            stored * prices.dynamodb.point_in_time_recovery_gb_month,
        ),
    ])
}

/// Others on the same service.
fn peers(ours: Decimal, prices: &Prices, table: &mut Table) {
    let it = &prices.assumptions;
    let peer = "AWS sportsbook guidance";
    table.beside("beside its placing alone", ours, "$", peer, it.peer_sportsbook_placing);
    table.beside("beside its own estimate of the whole", ours, "$", peer, it.peer_sportsbook_readme);
}

/// What the consumers of a thousand facts cost: not the bet's, but nobody runs without them.
fn followers(facts: &Facts, prices: &Prices, table: &mut Table) {
    table.section("what follows a thousand bets, a fact a player and batch at worst");
    let units = prices.dynamodb.on_demand();
    let mut all = Decimal::ZERO;
    for (name, reading) in
        [("analytics", &facts.analytics), ("CRM", &facts.crm), ("rounds", &facts.round_keeper)]
    {
        let dollars = reading.write_units * units.writes + reading.read_units * units.reads;
        all += dollars;
        let what = format!("{name}: {} WCU and {} RCU a fact", reading.write_units, reading.read_units);
        table.row(&what, &format!("{} $", per_thousand(dollars)));
    }
    let sent = prices.sqs.requests_per_million;
    table.row("CRM: a message sent", &format!("{} $", per_thousand(sent)));
    let kept = units.writes;
    table.row("raw exchanges: 1 WCU a call", &format!("{} $", per_thousand(kept)));
    let all = all + sent + kept;
    table.row("followers, all in", &format!("{} $", per_thousand(all)));
    table.figure("cost_per_1000_facts_followed_usd", per_thousand(all));
}

/// The time Lambda bills: the CPU time stretched to the function's share of a CPU, and the store's answers.
fn billed_ms(cpu: Duration, megabytes: Decimal, prices: &Prices) -> Decimal {
    let it = &prices.assumptions;
    let stretched = millis(cpu) * it.mb_of_one_vcpu / megabytes;
    (stretched + it.read_ms + it.transaction_ms).ceil()
}

/// Bytes that stay: the entry, and its key on a page of the journal.
fn stored_bytes(bet: &Reading, prices: &Prices) -> Decimal {
    Decimal::from(bet.bytes_of("TX")) + prices.assumptions.item_overhead_bytes + prices.assumptions.key_bytes
}

/// The memory of a function that asks for none of its own, from the template.
fn memory_of_functions() -> Result<Decimal, Error> {
    let template = std::fs::read_to_string(format!("{ROOT}/template.yaml"))?;
    let globals = template.split("Globals:").nth(1).unwrap_or_default();
    let memory = globals.split("MemorySize:").nth(1).and_then(|rest| rest.split_whitespace().next());
    Ok(memory.ok_or("the template's Globals name no MemorySize")?.parse()?)
}

/// How many functions are handed the facts, from the template.
fn readers_of_the_stream() -> Result<usize, Error> {
    let template = std::fs::read_to_string(format!("{ROOT}/template.yaml"))?;
    Ok(template.matches("EventSourceArn: !GetAtt EventsStream.Arn").count())
}

/// Gigabytes of a million times so many bytes.
fn gigabytes(bytes: Decimal) -> Decimal {
    bytes / Decimal::from(1_000)
}

/// Gigabyte-seconds of a million calls.
fn gb_seconds(ms: Decimal, megabytes: Decimal) -> Decimal {
    ms * megabytes / Decimal::from(1_024) * Decimal::from(1_000)
}

fn whole_kilobytes(bytes: Decimal) -> Decimal {
    let kilobyte = Decimal::from(1_024);
    (bytes / kilobyte).ceil() * kilobyte
}

fn sum(lines: &[Line]) -> Decimal {
    lines.iter().map(|line| line.dollars).sum()
}

fn per_thousand(of_a_million: Decimal) -> Decimal {
    let mut dollars = (of_a_million / Decimal::from(1_000))
        .round_dp_with_strategy(6, RoundingStrategy::MidpointAwayFromZero);
    dollars.rescale(6);
    dollars
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_billed_for_its_share_of_a_cpu() {
        let prices = Prices::read().unwrap();
        let billed = billed_ms(Duration::from_millis(1), Decimal::from(256), &prices);
        assert_eq!(billed, Decimal::from(21)); // 1 ms × 1769/256 = 6.91 ms, and 14 ms of waiting
    }

    #[test]
    fn the_template_says_how_much_memory() {
        assert_eq!(memory_of_functions().unwrap(), Decimal::from(256));
    }

    #[test]
    fn the_template_says_who_reads_the_stream() {
        assert_eq!(readers_of_the_stream().unwrap(), 3);
    }

    #[test]
    fn sums_of_a_million_are_told_by_the_thousand() {
        assert_eq!(per_thousand(Decimal::new(4_321, 3)).to_string(), "0.004321");
    }
}
