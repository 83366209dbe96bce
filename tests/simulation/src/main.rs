//! `SEED=n cargo run -p simulation` replays a seed; without a seed it runs a hundred; `soak --minutes n` runs fresh ones.

use std::process::ExitCode;
use std::time::Duration;

use simulation::{Error, Failure, Plan, Tally, carry_out, soak};

const SEEDS: u64 = 100;

fn main() -> Result<ExitCode, Error> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match (arguments.as_slice(), seed()?) {
        (["soak", "--minutes", minutes], first) => {
            let first = first.unwrap_or_else(|| fastrand::u64(..) >> 16);
            let (tally, failure) = soak(first, Duration::from_mins(minutes.parse()?))?;
            Ok(told(&tally, failure))
        }
        ([], Some(seed)) => replay(seed),
        ([], None) => {
            let mut tally = Tally::default();
            for seed in 1..=SEEDS {
                if let Some(failure) = tally.run(seed)? {
                    return Ok(told(&tally, Some(failure)));
                }
            }
            Ok(told(&tally, None))
        }
        _ => Err("usage: [SEED=n] simulation [soak --minutes n]".into()),
    }
}

/// Shows what happens under a seed; if it is wrong, the shortest way there.
fn replay(seed: u64) -> Result<ExitCode, Error> {
    for line in carry_out(&Plan::of(seed))?.trace {
        println!("{line}");
    }
    let mut tally = Tally::default();
    let failure = tally.run(seed)?;
    Ok(told(&tally, failure))
}

fn told(tally: &Tally, failure: Option<Failure>) -> ExitCode {
    let code = if failure.is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
    if let Some(failure) = failure {
        println!("{failure}");
    }
    println!("{tally}");
    code
}

#[expect(clippy::disallowed_methods, reason = "a program for people, not a function")]
fn seed() -> Result<Option<u64>, Error> {
    match std::env::var("SEED") {
        Ok(text) => Ok(Some(text.parse()?)),
        Err(_) => Ok(None),
    }
}
