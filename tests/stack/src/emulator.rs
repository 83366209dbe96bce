//! ministack as a child process on a free port, with its files in a folder of its own.

use std::{
    env, fs,
    net::{TcpListener, TcpStream},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{Failure, tools};

const START_UP: Duration = Duration::from_mins(1);
const LOG_LINES: usize = 60;

#[derive(Debug)]
pub(crate) struct Emulator {
    child: Child,
    endpoint: String,
    folder: TempDir,
}

impl Emulator {
    pub(crate) fn start() -> Result<Self, Failure> {
        let folder = tempfile::tempdir().map_err(|error| Failure(format!("no temporary folder: {error}")))?;
        let log = fs::File::create(folder.path().join("log"))
            .map_err(|error| Failure(format!("no log file: {error}")))?;
        let port = free_port()?;
        let endpoint = format!("http://127.0.0.1:{port}");
        let child = Command::new(tools::tool("ministack"))
            // Functions inherit all of it: they must see what the template gives them and nothing of this shell.
            .env_clear()
            .envs(["PATH", "HOME"].into_iter().filter_map(|name| Some((name, env::var_os(name)?))))
            .env("TMPDIR", folder.path())
            .env("BIND_HOST", "127.0.0.1")
            .env("MINISTACK_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("MINISTACK_REGION", "eu-west-1")
            .env("AWS_ENDPOINT_URL", &endpoint)
            .env("AUTH", "true")
            .envs([("IOT_MTLS_ENABLED", "0"), ("SFTP_ENABLED", "0")])
            .stdin(Stdio::null())
            .stderr(log.try_clone().map_err(|error| Failure(format!("no log file: {error}")))?)
            .stdout(log)
            .process_group(0)
            .spawn()
            .map_err(|error| Failure(format!("ministack did not start: {error}")))?;
        let mut emulator = Self { child, endpoint, folder };
        emulator.await_start(port)?;
        Ok(emulator)
    }

    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// A file that lives as long as the emulator.
    pub(crate) fn file(&self, name: &str, text: &str) -> Result<PathBuf, Failure> {
        let path = self.folder.path().join(name);
        fs::write(&path, text).map_err(|error| Failure(format!("{}: {error}", path.display())))?;
        Ok(path)
    }

    pub(crate) fn log_tail(&self) -> String {
        let log = fs::read(self.folder.path().join("log")).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<_> = log.lines().collect();
        lines.get(lines.len().saturating_sub(LOG_LINES)..).unwrap_or_default().join("\n")
    }

    fn await_start(&mut self, port: u16) -> Result<(), Failure> {
        let deadline = Instant::now() + START_UP;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = self.child.try_wait().ok().flatten();
            if let Some(status) = ended {
                return Err(Failure(format!("ministack ended with {status}:\n{}", self.log_tail())));
            }
            if Instant::now() > deadline {
                return Err(Failure(format!("ministack does not answer:\n{}", self.log_tail())));
            }
            thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }
}

impl Drop for Emulator {
    /// The functions are in the emulator's process group and end with it.
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-TERM", "--", &format!("-{}", self.child.id())]).status();
        let _ = self.child.wait();
    }
}

fn free_port() -> Result<u16, Failure> {
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| Failure(format!("no free port: {error}")))
}
