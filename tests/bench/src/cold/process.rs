//! A function as a process of its own under the Runtime API, and what the kernel counts of it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::NamedTempFile;

use crate::Error;
use crate::runtime_api::RuntimeApi;

/// How to start a function.
pub(crate) struct Program {
    /// The executable.
    pub(crate) path: PathBuf,
    /// Its arguments.
    pub(crate) arguments: Vec<PathBuf>,
    /// Its whole environment, but for what Lambda itself sets.
    pub(crate) environment: BTreeMap<String, String>,
}

/// A function that runs.
pub(crate) struct Process {
    child: Child,
    api: RuntimeApi,
    started: Instant,
    /// What it writes to standard output, where Lambda takes it for its log.
    log: NamedTempFile,
}

impl Process {
    /// Starts a function.
    pub(crate) async fn start(program: &Program) -> Result<Self, Error> {
        let api = RuntimeApi::start().await?;
        let log = NamedTempFile::new()?;
        let mut command = Command::new(&program.path);
        command
            .args(&program.arguments)
            .env_clear()
            .envs(&program.environment)
            .env("AWS_LAMBDA_RUNTIME_API", api.address())
            .env("AWS_LAMBDA_FUNCTION_NAME", "bench")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .stdin(Stdio::null())
            .stdout(log.reopen()?);
        let started = Instant::now();
        let child = command.spawn()?;
        Ok(Self { child, api, started, log })
    }

    /// How long ago it was started.
    pub(crate) fn age(&self) -> Duration {
        self.started.elapsed()
    }

    /// How long after its start the function first asks for an event: its init.
    pub(crate) async fn first_poll(&mut self) -> Result<Duration, Error> {
        Ok(self.api.polled().await?.duration_since(self.started))
    }

    /// Invokes the function: how long after its start it answers, and what.
    pub(crate) async fn invoke(&mut self, event: &Value) -> Result<(Duration, Value), Error> {
        let (at, answer) = self.api.invoke(event).await?;
        Ok((at.duration_since(self.started), answer))
    }

    /// The processor time of all its threads so far.
    pub(crate) fn cpu(&self) -> Result<Duration, Error> {
        let mut nanoseconds = 0;
        for thread in std::fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let text = std::fs::read_to_string(thread?.path().join("schedstat"))?;
            nanoseconds += text.split(' ').next().unwrap_or_default().parse::<u64>()?;
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// The lines that it has logged so far.
    pub(crate) fn logged(&self) -> Result<String, Error> {
        Ok(std::fs::read_to_string(self.log.path())?)
    }

    /// The most memory it had at any time.
    pub(crate) fn peak_kilobytes(&self) -> Result<u64, Error> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
        Ok(peak.trim_end_matches("kB").trim().parse()?)
    }
}

/// Whether this machine counts what [`Process`] reads.
pub(crate) fn is_counted_here() -> bool {
    std::fs::exists("/proc/self/schedstat").unwrap_or_default()
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
