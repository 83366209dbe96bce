//! `pitboss reconcile`: the books of all players, as the scheduled function compares them, at one go.

use clap::{Args, ValueEnum};
use jiff::SignedDuration;
use reconcile::{Books, Pass, Terms};

use crate::Looked;
use crate::tables::Tables;

#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    tables: Tables,
    /// Which entries are read
    #[arg(long, value_enum, default_value = "full")]
    scope: Scope,
    /// How many days' counters are compared: the newest that are over
    #[arg(long, default_value_t = 35)]
    days: u16,
    /// For how many minutes entries may be on their way to the counters
    #[arg(long, default_value_t = 15)]
    lag_minutes: u32,
    /// How many differences are printed; all of them are counted
    #[arg(long, default_value_t = 1000)]
    most: u64,
}

#[derive(Clone, Copy, ValueEnum)]
enum Scope {
    /// Those of the compared days
    Recent,
    /// All of them
    Full,
}

pub(crate) async fn run(options: &Options) -> Looked {
    let settings = options.tables.settings();
    let books = Books::open(&settings)?;
    let scope = match options.scope {
        Scope::Recent => reconcile::Scope::Recent,
        Scope::Full => reconcile::Scope::Full,
    };
    let lag = SignedDuration::from_mins(i64::from(options.lag_minutes));
    let terms = Terms { scope, days: options.days, lag };
    let mut pass = Pass::begin(terms, settings.context().now())?;
    let mut printed = 0;
    while !pass.done {
        for finding in books.advance(&mut pass).await? {
            printed += 1;
            if printed <= options.most {
                println!("{finding}");
            }
        }
    }
    let Pass { players, entries, findings, drift, .. } = &pass;
    println!("{players} players, {entries} entries, {findings} differences");
    for (currency, drift) in drift {
        println!("drift {currency} {drift}");
    }
    Ok(*findings == 0)
}
