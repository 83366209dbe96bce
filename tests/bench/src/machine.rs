//! On what was measured.

use std::fs;

use crate::table::Table;

/// Says which machine this is.
pub fn describe(table: &mut Table) {
    table.section("the machine");
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let model = field("/proc/cpuinfo", "model name");
    table.row("processor", &format!("{cores} × {}", model.as_deref().unwrap_or("unknown")));
    let memory =
        field("/proc/meminfo", "MemTotal").and_then(|text| text.split(' ').next()?.parse::<u64>().ok());
    table.row(
        "memory",
        &memory.map_or("unknown".to_owned(), |kib| format!("{} GiB", kib.div_ceil(1024 * 1024))),
    );
    table.row(
        "build",
        if cfg!(debug_assertions) { "unoptimised: figures of time mean little" } else { "optimised" },
    );
}

fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
