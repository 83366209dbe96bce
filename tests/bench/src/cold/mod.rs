//! Cold starts, memory and throughput of the wallet function as it is deployed, beside the smallest function there
//! can be and the same bet on Node.js.

mod build;
mod process;
mod report;
mod subject;

use std::time::Duration;

use build::Peers;
use process::Process;
pub use report::Logged;
use report::{ColdStart, Measured};
use subject::Subject;

use crate::Error;
use crate::platform;
use crate::table::Table;
use crate::wallet::Bench;

/// Cold starts of each subject that count. One more comes before them, to fill the page cache.
const STARTS: usize = 21;
/// Bets before throughput counts: Node.js is given time to compile what is hot.
const WARM_UP: usize = 400;
/// Turns of each subject, and bets in a turn.
const TURNS: usize = 8;
const BETS: u32 = 100;

/// Measures all subjects, in turn so that the machine's moods hit each alike, and adds them to the table. Answers with
/// what our bets left in the log.
pub async fn measure(table: &mut Table) -> Result<Logged, Error> {
    if !process::is_counted_here() {
        report::skipped(table, "cold starts", "this system has no /proc to count with");
        return Ok(Logged::default());
    }
    let bench = Bench::in_memory().await?;
    let subjects = subjects(&bench, table).await?;
    let mut measured: Vec<Measured> = subjects.iter().map(Measured::new).collect();
    for round in 0..=STARTS {
        for (subject, measured) in subjects.iter().zip(&mut measured) {
            let start = cold_start(subject, &bench).await?;
            if round > 0 {
                measured.starts.push(start);
            }
        }
    }
    throughput(&subjects, &mut measured, &bench).await?;
    report::write(table, &measured)?;
    bench.cloud.stop().await;
    let ours = measured.iter().find(|it| it.figure == subject::OURS);
    Ok(ours.map(|it| it.logged).unwrap_or_default())
}

async fn subjects(bench: &Bench, table: &mut Table) -> Result<Vec<Subject>, Error> {
    let mut subjects = vec![subject::smallest()?, subject::ours(bench)?];
    match Peers::build() {
        Ok(peers) => {
            let vendors = platform::vendors(bench.cloud.url())?;
            subjects.extend(subject::peers(bench, &peers, &vendors).await?);
            table.row("Node.js of the peers", &peers.version);
        }
        Err(error) => report::skipped(table, "Node.js peers", &error.to_string()),
    }
    Ok(subjects)
}

/// One process from its start to its first answer.
async fn cold_start(subject: &Subject, bench: &Bench) -> Result<ColdStart, Error> {
    let mut process = Process::start(&subject.program).await?;
    let first_poll = process.first_poll().await?;
    settle().await;
    let init_cpu = process.cpu()?;
    let bet = subject::bet(bench)?;
    let asked = process.age();
    let answered = subject.invoke(&mut process, &bet).await?;
    settle().await;
    Ok(ColdStart {
        first_poll,
        // Without the pause between the two.
        first_answer: first_poll + answered.saturating_sub(asked),
        init_cpu,
        cpu: process.cpu()?,
        peak_kilobytes: process.peak_kilobytes()?,
    })
}

/// Bets one after another on one process each, counted by the processor time they take.
async fn throughput(subjects: &[Subject], measured: &mut [Measured], bench: &Bench) -> Result<(), Error> {
    let mut running = Vec::new();
    for subject in subjects.iter().filter(|subject| subject.bets) {
        let mut process = Process::start(&subject.program).await?;
        for _ in 0..WARM_UP {
            subject.invoke(&mut process, &subject::bet(bench)?).await?;
        }
        running.push((subject, process));
    }
    for _ in 0..TURNS {
        for (subject, process) in &mut running {
            let before = (process.cpu()?, process.logged()?);
            for _ in 0..BETS {
                subject.invoke(process, &subject::bet(bench)?).await?;
            }
            settle().await;
            if let Some(measured) = measured.iter_mut().find(|it| it.name == subject.name) {
                measured.bets += BETS;
                measured.bets_cpu += process.cpu()?.saturating_sub(before.0);
                measured.logged.add(&process.logged()?, &before.1, BETS);
                measured.peak_kilobytes = process.peak_kilobytes()?;
            }
        }
    }
    Ok(())
}

/// Lets a process come to rest, so that what the kernel counts of it is complete.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(5)).await;
}
