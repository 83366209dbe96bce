//! `pitboss exchanges`: what a vendor said and what we answered, as far as it may be kept.

use clap::Args;
use domain::Date;
use domain::ids::PlayerId;
use edge::{BoxError, KeptExchange, Settings, Stores};
use serde_json::json;

use crate::Looked;

/// Whose exchanges, and where they are. Credentials and region come from the environment, as for every AWS tool.
#[derive(Args)]
pub(crate) struct Selection {
    /// The address of an emulator
    #[arg(long)]
    endpoint: Option<String>,
    /// The name of the table of exchanges; else `EXCHANGES_TABLE`
    #[arg(long)]
    exchanges_table: Option<String>,
    /// The vendor, such as hub88
    #[arg(long)]
    pub(crate) vendor: String,
    /// Calls of games about this player
    #[arg(long, conflicts_with = "day", required_unless_present = "day")]
    player: Option<PlayerId>,
    /// Calls that name no player, and those of payments and identity, on this day in UTC
    #[arg(long)]
    day: Option<Date>,
}

#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    selection: Selection,
    /// How many, newest first
    #[arg(long, default_value_t = 20)]
    limit: i32,
}

/// An exchange and its id.
pub(crate) struct Found {
    pub(crate) id: String,
    pub(crate) kept: KeptExchange,
    pub(crate) at: domain::Timestamp,
}

pub(crate) async fn run(options: &Options) -> Looked {
    let found = options.selection.read(options.limit).await?;
    if found.is_empty() {
        eprintln!(
            "pitboss: nothing is kept. Calls of games are written some at a time, while later calls are served."
        );
    }
    for Found { id, at, kept } in found {
        let mut line = serde_json::to_value(&kept)?;
        if let Some(line) = line.as_object_mut() {
            line.insert("id".to_owned(), json!(id));
            line.insert("at".to_owned(), json!(at));
        }
        println!("{line}");
    }
    Ok(true)
}

impl Selection {
    /// The exchanges, newest first.
    pub(crate) async fn read(&self, limit: i32) -> Result<Vec<Found>, BoxError> {
        let settings = self.settings();
        let table = Stores::new(&settings)?.exchanges().ok_or("no table is named: see --exchanges-table")?;
        let subject = match (self.player, self.day) {
            (Some(player), _) => player.to_string(),
            (None, Some(day)) => day.to_string(),
            (None, None) => return Err("neither a player nor a day is named".into()),
        };
        let found = table.list(&self.vendor, &subject, limit).await?;
        let read = |it: store::StoredExchange| {
            Ok(Found { kept: KeptExchange::unpack(&it.content)?, id: it.id, at: it.at })
        };
        found.into_iter().map(read).collect()
    }

    fn settings(&self) -> Settings {
        let typed = [("AWS_ENDPOINT_URL", &self.endpoint), ("EXCHANGES_TABLE", &self.exchanges_table)];
        typed.into_iter().fold(Settings::from_environment(), |settings, (name, value)| match value {
            Some(value) => settings.with(name, value),
            None => settings,
        })
    }
}
