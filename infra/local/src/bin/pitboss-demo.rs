//! `make demo`: a player's whole journey against a running platform.

use std::process::ExitCode;

use pitboss_local::Vendors;
use pitboss_local::demo::{self, Client, Failure};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => {
            println!("\nThe journey went as it should.");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("\npitboss-demo: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Failure> {
    let url = setting("PITBOSS_URL", "http://127.0.0.1:8080");
    let url = url.trim_end_matches('/');
    let vendors = Vendors::File(setting("PITBOSS_VENDORS", "infra/local/vendors.json").into());
    let vendors = vendors.load(url).map_err(|e| Failure(e.to_string()))?;
    demo::tell(&Client::new(url).watched(demo::exchange), &vendors).await.map(drop)
}

#[expect(clippy::disallowed_methods, reason = "the settings of this program are read here and nowhere else")]
fn setting(name: &str, default: &str) -> String {
    std::env::var(name).ok().filter(|value| !value.is_empty()).unwrap_or_else(|| default.to_owned())
}
