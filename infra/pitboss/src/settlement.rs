//! `pitboss reconcile-psp`: a settlement file beside the ledger.

use std::fs::File;
use std::path::PathBuf;

use clap::Args;
use domain::Date;
use jiff::ToSpan;
use reconcile::Books;
use reconcile::settlement::{compare, read};

use crate::Looked;
use crate::tables::{Tables, beginning};

#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    tables: Tables,
    /// The payment provider, as its accounts in the ledger name it
    #[arg(long)]
    vendor: String,
    /// The settlement file: CSV, as described in docs/reconciliation.md
    #[arg(long)]
    file: PathBuf,
    /// The first day that the file covers, in UTC
    #[arg(long)]
    from: Date,
    /// The last day that it covers, in UTC
    #[arg(long)]
    to: Date,
    /// By how many days the provider's day of booking may differ from ours
    #[arg(long, default_value_t = 3)]
    grace_days: u16,
}

pub(crate) async fn run(options: &Options) -> Looked {
    let unreadable = |reason: &dyn std::fmt::Display| format!("{}: {reason}", options.file.display());
    let file = File::open(&options.file).map_err(|error| unreadable(&error))?;
    let lines = read(file).map_err(|error| unreadable(&error))?;
    let grace = i64::from(options.grace_days).days();
    let end = options.to.tomorrow()?;
    let around = beginning(options.from.checked_sub(grace)?)?..beginning(end.checked_add(grace)?)?;
    let books = Books::open(&options.tables.settings())?;
    let movements = books.movements(&options.vendor, &around).await?;
    let comparison = compare(&lines, &movements, &(beginning(options.from)?..beginning(end)?));
    for difference in &comparison.differences {
        println!("{difference}");
    }
    let (lines, differences) = (lines.len(), comparison.differences.len());
    println!("{lines} lines, {} matched, {differences} differences", comparison.matched);
    Ok(comparison.differences.is_empty())
}
