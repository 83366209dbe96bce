//! Builds what is measured: our functions as they are deployed, and the peers as people bundle them.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::Error;

const PEERS: &str = concat!(env!("PITBOSS_ROOT"), "/tests/bench/peers");

/// Builds a package's binary with the release profile, alone, so that no other package adds features to it.
pub(crate) fn release(package: &str) -> Result<PathBuf, Error> {
    eprintln!("building {package} as it is deployed; minutes, the first time");
    let mut build = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    build
        .args(["build", "--release", "--quiet", "--message-format", "json", "--package", package])
        .current_dir(env!("PITBOSS_ROOT"));
    // What Cargo tells this program of its own package would make build scripts run anew.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            build.env_remove(&name);
        }
    }
    let messages = output(&mut build)?;
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message.pointer("/target/name").and_then(Value::as_str) == Some(package))
        .find_map(|message| message.get("executable").and_then(Value::as_str).map(PathBuf::from))
        .ok_or_else(|| format!("cargo built no {package}").into())
}

/// Node.js and the bundled peers.
pub(crate) struct Peers {
    /// The executable.
    pub(crate) node: PathBuf,
    /// Its version.
    pub(crate) version: String,
    folder: PathBuf,
}

impl Peers {
    /// Installs and bundles the peers; says why there are none.
    pub(crate) fn build() -> Result<Self, Error> {
        let (node, _) = (found("node")?, found("npm")?);
        let folder = PathBuf::from(PEERS);
        if !is_installed(&folder) {
            eprintln!("installing the Node.js peers");
            npm(&folder, &["ci", "--ignore-scripts", "--no-audit", "--no-fund"])?;
        }
        npm(&folder, &["run", "build"])?;
        let version = output(Command::new(&node).arg("--version"))?.trim().to_owned();
        Ok(Self { node, version, folder })
    }

    /// What Node.js is to run for a peer.
    pub(crate) fn arguments(&self, name: &str) -> Vec<PathBuf> {
        vec![self.folder.join("bootstrap.cjs"), self.folder.join("dist").join(name).with_extension("cjs")]
    }
}

/// Whether the installed packages are those of the lockfile. npm keeps a copy of what it installed.
fn is_installed(folder: &Path) -> bool {
    let written = |file: &str| folder.join(file).metadata().and_then(|it| it.modified()).ok();
    match (written("package-lock.json"), written("node_modules/.package-lock.json")) {
        (Some(wanted), Some(installed)) => wanted <= installed,
        _ => false,
    }
}

fn npm(folder: &Path, arguments: &[&str]) -> Result<String, Error> {
    output(Command::new("npm").arg("--silent").args(arguments).current_dir(folder))
}

fn found(program: &str) -> Result<PathBuf, Error> {
    let folders = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&folders)
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
        .ok_or_else(|| format!("{program} is not installed").into())
}

/// Runs a command to its end: what it printed, or what it said if it failed.
fn output(command: &mut Command) -> Result<String, Error> {
    let done = command.output().map_err(|error| format!("{command:?} did not start: {error}"))?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    Err(format!("{command:?} failed:\n{}", String::from_utf8_lossy(&done.stderr)).into())
}
