//! Whether a bet costs the same at the millionth entry of a player as at the tenth.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use dynoxide::{Database, ImportOptions, Item};
use pitboss_local::Data;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Error;
use crate::operations::metered;
use crate::overhead::timed;
use crate::platform::{self, Relay};
use crate::table::Table;
use crate::wallet::{Bench, accepted};

/// How many entries the player has when a bet is measured; the last can be chosen.
const STEPS: [u64; 2] = [10, 10_000];
/// How many entries are written at a time.
const CHUNK: u64 = 20_000;
/// How many bets are timed at each step.
const SAMPLES: usize = 200;
/// How often, and how far apart, a bet is tried before the store is itself again.
const ATTEMPTS: usize = 20;
const PAUSE: Duration = Duration::from_secs(1);

/// Measures a bet at each number of entries, up to `last`.
pub async fn measure(last: u64, table: &mut Table) -> Result<(), Error> {
    table.section("a bet as the player's entries grow (store on disk, rows copied from a real entry)");
    let folder = tempfile::tempdir()?;
    let cloud = platform::start(Data::Dir(folder.path().to_owned()), Relay::Absent).await?;
    let bench = Bench::on(cloud).await?;
    let file = folder.path().join("dynamodb.sqlite");

    metered(&bench, "/transaction/bet", &bench.game.bet(1_000)).await?;
    let model = an_entry(&bench).await?;
    let mut entries = 0;
    let mut first_units = None;
    for target in STEPS.into_iter().filter(|step| *step < last).chain([last]) {
        fill(&file, &bench.table, &model, entries..target)?;
        entries = target;
        settle(&bench).await?;
        // Now and then a bet also looks its game up again; the second one does not.
        metered(&bench, "/transaction/bet", &bench.game.bet(1_000)).await?;
        let reading = metered(&bench, "/transaction/bet", &bench.game.bet(1_000)).await?;
        let name = format!("bet at {} entries", thousands(target));
        let units =
            format!("{} / {} in {} calls", reading.read_units, reading.write_units, reading.calls.len());
        table.row(&format!("{name}: read / write units"), &units);
        let first = *first_units.get_or_insert(reading.write_units);
        if target == last {
            table.at_most(
                &format!("{name}: write units, as at the first"),
                reading.write_units,
                "WCU",
                first,
            );
            table.figure(&format!("bet.wcu_at_{}", power(target)), reading.write_units);
        }
        let mut times = Vec::new();
        for event in bench.bets(std::slice::from_ref(&bench.game), SAMPLES)? {
            times.push(timed(accepted(&bench.direct, event)).await?.latency);
        }
        table.time(&format!("{name}: time"), &mut times);
    }
    bench.cloud.stop().await;
    Ok(())
}

/// An entry of a bet, as the store keeps it.
async fn an_entry(bench: &Bench) -> Result<Item, Error> {
    let query = json!({
        "TableName": bench.table,
        "KeyConditionExpression": "pk = :pk AND begins_with(sk, :sk)",
        "ExpressionAttributeValues": {":pk": {"S": bench.game.user}, ":sk": {"S": "TX#hub88#"}},
        "Limit": 1,
    });
    let mut found = bench.cloud.cloud().call("DynamoDB_20120810.Query", query).await?;
    let item = found.pointer_mut("/Items/0").map(Value::take).ok_or("there is no entry to copy")?;
    Ok(serde_json::from_value(item)?)
}

/// Writes entries of the same player: other transactions, numbered on, a second apart.
fn fill(file: &Path, table: &str, model: &Item, numbers: Range<u64>) -> Result<(), Error> {
    let file = Database::new(&file.to_string_lossy()).map_err(|error| error.to_string())?;
    file.enable_bulk_loading().map_err(|error| error.to_string())?;
    let mut start = numbers.start;
    while start < numbers.end {
        let end = numbers.end.min(start + CHUNK);
        let items: Result<Vec<Item>, Error> = (start..end).map(|number| copy(model, number)).collect();
        file.import_items(table, items?, ImportOptions::default()).map_err(|error| error.to_string())?;
        start = end;
    }
    Ok(())
}

/// After so much was written at once, the first writer clears the file's log up, which may take longer than a vendor waits.
async fn settle(bench: &Bench) -> Result<(), Error> {
    let mut settled = Ok(());
    for event in bench.bets(std::slice::from_ref(&bench.game), ATTEMPTS)? {
        settled = accepted(&bench.direct, event).await;
        if settled.is_ok() {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    settled
}

fn copy(model: &Item, number: u64) -> Result<Item, Error> {
    let at = 1_700_000_000_000 + number * 1000;
    let changed: HashMap<String, Value> = HashMap::from([
        ("sk".to_owned(), json!({"S": format!("TX#hub88#{}", Uuid::new_v4())})),
        ("seq".to_owned(), json!({"N": number.to_string()})),
        ("at".to_owned(), json!({"N": at.to_string()})),
    ]);
    let mut item = model.clone();
    for (name, value) in changed {
        item.insert(name, serde_json::from_value(value)?);
    }
    Ok(item)
}

/// A round number as a power of ten: `1e6`.
fn power(number: u64) -> String {
    let zeros = number.checked_ilog10().unwrap_or_default();
    if 10_u64.pow(zeros) == number { format!("1e{zeros}") } else { number.to_string() }
}

fn thousands(number: u64) -> String {
    let digits = Decimal::from(number).to_string();
    let grouped: Vec<String> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| group.iter().map(|digit| char::from(*digit)).collect())
        .collect();
    grouped.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!((power(1_000_000), power(1_500)), ("1e6".to_owned(), "1500".to_owned()));
        assert_eq!((thousands(10), thousands(1_000_000)), ("10".to_owned(), "1 000 000".to_owned()));
    }
}
