//! `pitboss`: what an operator or an auditor types. Exits with 1 where something is not as it should be, and with 2
//! where it could not be looked at.

mod books;
mod exchanges;
mod replay;
mod settlement;
mod statement;
mod tables;
#[cfg(test)]
mod testing;
mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use edge::BoxError;

/// Checks of statements, seals, books and settlement files; a look at what vendors said.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check an exported statement, with nothing but the file
    Verify(verify::Options),
    /// Compare the ledger with balances, deliveries and counters
    Reconcile(books::Options),
    /// Compare a payment provider's settlement file with the ledger
    ReconcilePsp(settlement::Options),
    /// Show what a vendor said and what it was answered, as far as it is kept
    Exchanges(exchanges::Options),
    /// Send a kept exchange to a test stage once more
    Replay(replay::Options),
}

/// What came of a look: whether all is as it should be.
type Looked = Result<bool, BoxError>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let looked = match Cli::parse().command {
        Command::Verify(options) => verify::run(&options),
        Command::Reconcile(options) => books::run(&options).await,
        Command::ReconcilePsp(options) => settlement::run(&options).await,
        Command::Exchanges(options) => exchanges::run(&options).await,
        Command::Replay(options) => replay::run(&options).await,
    };
    match looked {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("pitboss: {error}");
            ExitCode::from(2)
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_commands_are_well_formed() {
        Cli::command().debug_assert();
    }
}
