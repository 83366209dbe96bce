//! `pitboss`: what an operator or an auditor types. Exits with 1 where something is not as it should be, and with 2
//! where it could not be looked at.

mod books;
mod settlement;
mod statement;
mod tables;
#[cfg(test)]
mod testing;
mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use edge::BoxError;

/// Checks of statements, seals, books and settlement files.
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
}

/// What came of a look: whether all is as it should be.
type Looked = Result<bool, BoxError>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let looked = match Cli::parse().command {
        Command::Verify(options) => verify::run(&options),
        Command::Reconcile(options) => books::run(&options).await,
        Command::ReconcilePsp(options) => settlement::run(&options).await,
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
