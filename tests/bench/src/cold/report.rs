//! What was measured, as rows and figures.

use std::path::PathBuf;
use std::time::Duration;

use rust_decimal::Decimal;

use super::subject::{OURS, Subject};
use crate::Error;
use crate::table::{Table, hundredths, millis, nanos};

/// One cold start.
pub(crate) struct ColdStart {
    /// From the start of the process to its first poll for an event.
    pub(crate) first_poll: Duration,
    /// From the start of the process to its first answer.
    pub(crate) first_answer: Duration,
    /// Processor time until the first poll.
    pub(crate) init_cpu: Duration,
    /// Processor time until the first answer.
    pub(crate) cpu: Duration,
    /// The most memory until then.
    pub(crate) peak_kilobytes: u64,
}

/// All that is known of a subject.
pub(crate) struct Measured {
    pub(crate) name: &'static str,
    pub(crate) figure: &'static str,
    binary: PathBuf,
    pub(crate) starts: Vec<ColdStart>,
    /// Bets taken by a warm process, and the processor time they took.
    pub(crate) bets: u32,
    pub(crate) bets_cpu: Duration,
    /// The lines that it logged meanwhile, in bytes, and how many there were.
    pub(crate) logged: Logged,
    /// The most memory of the process that took them.
    pub(crate) peak_kilobytes: u64,
}

/// Lines of a log.
#[derive(Clone, Copy, Default)]
pub struct Logged {
    /// How long all of them are, in bytes.
    pub bytes: u64,
    /// How many there are.
    pub lines: u64,
    /// The bets they tell of.
    pub bets: u32,
}

/// Medians of the cold starts.
struct Medians {
    first_poll: Duration,
    first_answer: Duration,
    init_cpu: Duration,
    cpu: Duration,
    peak_kilobytes: u64,
}

impl Logged {
    /// Adds what a log grew by with so many bets.
    pub(crate) fn add(&mut self, log: &str, before: &str, bets: u32) {
        let new = log.get(before.len()..).unwrap_or_default();
        self.bytes += u64::try_from(new.len()).unwrap_or_default();
        self.lines += u64::try_from(new.lines().count()).unwrap_or_default();
        self.bets += bets;
    }

    /// What a bet leaves in the log, with what the log's service adds to each line.
    #[must_use]
    pub fn of_a_bet(&self, bytes_a_line: Decimal) -> Decimal {
        let all = Decimal::from(self.bytes) + Decimal::from(self.lines) * bytes_a_line;
        (all / Decimal::from(self.bets.max(1))).round_dp(1)
    }
}

impl Measured {
    pub(crate) fn new(subject: &Subject) -> Self {
        Self {
            name: subject.name,
            figure: subject.figure,
            binary: subject.program.path.clone(),
            starts: Vec::new(),
            bets: 0,
            bets_cpu: Duration::ZERO,
            logged: Logged::default(),
            peak_kilobytes: 0,
        }
    }

    fn medians(&self) -> Medians {
        Medians {
            first_poll: self.median(|it| it.first_poll),
            first_answer: self.median(|it| it.first_answer),
            init_cpu: self.median(|it| it.init_cpu),
            cpu: self.median(|it| it.cpu),
            peak_kilobytes: self.median(|it| it.peak_kilobytes).max(self.peak_kilobytes),
        }
    }

    fn median<T: Ord + Copy + Default>(&self, of: impl Fn(&ColdStart) -> T) -> T {
        let mut all: Vec<T> = self.starts.iter().map(of).collect();
        all.sort_unstable();
        all.get(all.len() / 2).copied().unwrap_or_default()
    }

    /// Processor time of a bet.
    fn bet_cpu(&self) -> Duration {
        self.bets_cpu.checked_div(self.bets).unwrap_or_default()
    }
}

/// Says that something was left out, and why.
pub(crate) fn skipped(table: &mut Table, what: &str, why: &str) {
    table.row(what, &format!("skipped: {why}"));
}

/// Adds rows for every subject, then what ours is held to and against.
pub(crate) fn write(table: &mut Table, measured: &[Measured]) -> Result<(), Error> {
    for subject in measured {
        subject_rows(table, subject);
    }
    let find = |figure| measured.iter().find(|it| it.figure == figure);
    let Some(ours) = find(OURS) else { return Ok(()) };
    budget(table, ours)?;
    if let Some(smallest) = find("smallest") {
        cold_start(table, ours, smallest, Decimal::new(15, 1));
    }
    for node in [find("node"), find("node_powertools")].into_iter().flatten() {
        cold_start(table, ours, node, Decimal::new(2, 1));
        throughput(table, ours, node);
    }
    Ok(())
}

fn subject_rows(table: &mut Table, subject: &Measured) {
    let Measured { name, figure, .. } = subject;
    let medians = subject.medians();
    let times = [
        ("first_poll", "to first poll / CPU", medians.first_poll, medians.init_cpu),
        ("first_answer", "to first answer / CPU", medians.first_answer, medians.cpu),
    ];
    for (key, what, time, cpu) in times {
        let (time, cpu) = (millis(time), millis(cpu));
        table.row(&format!("{name}: {what}"), &format!("{time} / {cpu} ms"));
        table.figure(&format!("{figure}.{key}_ms"), time);
        table.figure(&format!("{figure}.{key}_cpu_ms"), cpu);
    }
    let peak = megabytes(medians.peak_kilobytes * 1024);
    table.row(&format!("{name}: peak memory"), &format!("{peak} MB"));
    table.figure(&format!("{figure}.peak_memory_mb"), peak);
    if subject.bets > 0 {
        let cost = millis(subject.bet_cpu());
        let rate = (Decimal::from(1000) / cost.max(Decimal::new(1, 3))).round();
        table.row(&format!("{name}: warm bets per second of CPU"), &format!("{rate} ({cost} ms each)"));
        table.figure(&format!("{figure}.bets_per_core_second"), rate);
        let Logged { bytes, lines, .. } = subject.logged;
        let logged = format!("{bytes} bytes in {lines} lines");
        table.row(&format!("{name}: log of {} bets", subject.bets), &logged);
    }
}

/// What our function is held to by itself.
fn budget(table: &mut Table, ours: &Measured) -> Result<(), Error> {
    let medians = ours.medians();
    let held = [
        ("init, local", "init_ms_local", millis(medians.first_poll), "ms", Decimal::from(3)),
        ("binary", "binary_mb", megabytes(ours.binary.metadata()?.len()), "MB", Decimal::new(55, 1)),
        ("peak memory", "peak_memory_mb", megabytes(medians.peak_kilobytes * 1024), "MB", Decimal::from(32)),
    ];
    for (what, figure, value, unit, goal) in held {
        table.at_most(what, value, unit, goal);
        table.figure(figure, value);
    }
    Ok(())
}

/// Our times as a part of the other's.
fn cold_start(table: &mut Table, ours: &Measured, other: &Measured, goal: Decimal) {
    let (us, them) = (ours.medians(), other.medians());
    let key = other.figure;
    let name = format!("cold start, to first poll: ours / {}", other.name);
    table.ratio(&name, &format!("cold_start_vs_{key}"), us.first_poll, them.first_poll, goal);
    let name = format!("cold start, to first answer: ours / {}", other.name);
    if other.bets > 0 {
        table.ratio(&name, &format!("first_answer_vs_{key}"), us.first_answer, them.first_answer, goal);
    } else {
        // The other answers without doing anything: a bet's calls to the store stand on our side alone.
        let part = hundredths(nanos(us.first_answer), nanos(them.first_answer));
        table.row(&name, &format!("{part} ×"));
        table.figure(&format!("first_answer_vs_{key}"), part);
    }
}

/// Our bets per second of CPU as a multiple of the other's: CPU per bet, theirs by ours.
fn throughput(table: &mut Table, ours: &Measured, other: &Measured) {
    let multiple = hundredths(nanos(other.bet_cpu()), nanos(ours.bet_cpu()));
    let name = format!("bets per second of CPU: ours / {}", other.name);
    table.at_least(&name, multiple, "×", Decimal::from(5));
    table.figure(&format!("throughput_vs_{}", other.figure), multiple);
}

/// Megabytes of a million bytes.
fn megabytes(bytes: u64) -> Decimal {
    hundredths(Decimal::from(bytes), Decimal::from(1_000_000))
}
