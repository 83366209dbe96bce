//! Which tables are looked at, and how they are reached.

use clap::Args;
use domain::Date;
use edge::{BoxError, Settings};
use jiff::tz::TimeZone;

/// Where the tables are. Credentials and region come from the environment, as for every AWS tool.
#[derive(Args)]
pub(crate) struct Tables {
    /// The address of an emulator
    #[arg(long)]
    endpoint: Option<String>,
    /// The name of the ledger table; else `LEDGER_TABLE`
    #[arg(long)]
    ledger_table: Option<String>,
    /// The name of the table of figures; else `KPI_TABLE`
    #[arg(long)]
    kpi_table: Option<String>,
}

impl Tables {
    /// The environment's settings, and over them what was typed.
    pub(crate) fn settings(&self) -> Settings {
        let typed = [
            ("AWS_ENDPOINT_URL", &self.endpoint),
            ("LEDGER_TABLE", &self.ledger_table),
            ("KPI_TABLE", &self.kpi_table),
        ];
        typed.into_iter().fold(Settings::from_environment(), |settings, (name, value)| match value {
            Some(value) => settings.with(name, value),
            None => settings,
        })
    }
}

/// The first moment of a day in UTC.
pub(crate) fn beginning(day: Date) -> Result<domain::Timestamp, BoxError> {
    Ok(day.to_zoned(TimeZone::UTC)?.timestamp())
}
