//! `make run`: the whole platform in one process.

use std::{path::PathBuf, process::ExitCode};

use pitboss_local::{Data, EmbeddedCloud, Env, Functions, Options, Vendors, sandbox, seed};
use tokio::signal::unix::{SignalKind, signal};
use tracing::Level;
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

#[tokio::main]
async fn main() -> ExitCode {
    log();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pitboss: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Logs go to the error stream. The database warns of every condition that was not met, which is daily business.
fn log() {
    let level = setting("LOG_LEVEL", "WARN").parse().unwrap_or(Level::WARN);
    let targets = Targets::new().with_default(level).with_target("dynoxide", Level::ERROR);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    tracing_subscriber::registry().with(lines).with(targets).init();
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    // Listened for from the first moment: a signal must neither be missed nor wait for a slow start.
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let stop_asked = async {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    tokio::pin!(stop_asked);
    let cloud = tokio::select! {
        started = EmbeddedCloud::start(options()?, Functions::all()) => started?,
        () = &mut stop_asked => return Ok(()),
    };
    println!("Pitboss answers on {}. Ctrl-C stops it.", cloud.url());
    cloud.notes().iter().for_each(|note| println!("{note}"));
    println!("For the commands of `pitboss`: export {}", operators_env(cloud.env()));
    stop_asked.await;
    cloud.stop().await;
    Ok(())
}

/// What `pitboss` needs to find the tables, as a shell takes it.
fn operators_env(env: &Env) -> String {
    const NEEDED: [&str; 7] = [
        "AWS_ACCESS_KEY_ID",
        "AWS_ENDPOINT_URL",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "EXCHANGES_TABLE",
        "KPI_TABLE",
        "LEDGER_TABLE",
    ];
    let known = NEEDED.iter().filter_map(|name| Some(format!("{name}={}", env.get(*name)?)));
    known.collect::<Vec<_>>().join(" ")
}

fn options() -> Result<Options, String> {
    let port = setting("PITBOSS_PORT", "8080");
    let data = setting("PITBOSS_DATA", ".pitboss");
    Ok(Options {
        template: PathBuf::from("template.yaml"),
        data: if data == ":memory:" { Data::Memory } else { Data::Dir(PathBuf::from(data)) },
        port: port.parse().map_err(|_| format!("PITBOSS_PORT is {port}, which is not a port"))?,
        vendors: Vendors::File(PathBuf::from(setting("PITBOSS_VENDORS", "infra/local/vendors.json"))),
        parameters: std::collections::BTreeMap::new(),
        seed: Some(Box::new(|context| Box::pin(seed::plant(context)))),
        sandboxes: Some(Box::new(sandbox::routers)),
    })
}

#[expect(clippy::disallowed_methods, reason = "the settings of this program are read here and nowhere else")]
fn setting(name: &str, default: &str) -> String {
    std::env::var(name).ok().filter(|value| !value.is_empty()).unwrap_or_else(|| default.to_owned())
}
