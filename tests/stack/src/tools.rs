//! The programs a deployment needs: cargo's binaries and the Makefile's Python tools.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use crate::Failure;

/// The checkout.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("PITBOSS_ROOT"))
}

/// Installs the Python tools if they are not there yet.
pub(crate) fn install() -> Result<(), Failure> {
    output(Command::new("make").arg("--silent").arg("tools").current_dir(root())).map(drop)
}

/// Builds what is not up to date and says where the binaries are. The same command as the Makefile's, so that nothing is built twice.
pub(crate) fn build_functions() -> Result<PathBuf, Failure> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut build = Command::new(cargo);
    build.args(["build", "--workspace", "--bins", "--tests", "--quiet"]).current_dir(root());
    // What Cargo tells a test of its package would make build scripts run anew, and half the workspace with them.
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PKG_")
            || name.to_string_lossy().starts_with("CARGO_MANIFEST_")
        {
            build.env_remove(name);
        }
    }
    output(&mut build)?;
    let test = env::current_exe().map_err(|error| Failure(format!("no path to this program: {error}")))?;
    // target/debug/deps/<test>
    test.ancestors()
        .nth(2)
        .map(Path::to_path_buf)
        .ok_or_else(|| Failure(format!("no folder above {}", test.display())))
}

/// A fresh identity secret.
pub(crate) fn new_identity() -> Result<String, Failure> {
    output(Command::new(python()).arg(root().join("infra/tools/new_identity.py")))
}

pub(crate) fn python() -> PathBuf {
    tool("python")
}

pub(crate) fn tool(name: &str) -> PathBuf {
    let tools = env::var_os("PITBOSS_TOOLS").map_or_else(
        || PathBuf::from(env::var_os("HOME").unwrap_or_default()).join(".cache/pitboss/venv"),
        PathBuf::from,
    );
    tools.join("bin").join(name)
}

/// Runs a command to its end: what it printed, or everything it said if it failed.
pub(crate) fn output(command: &mut Command) -> Result<String, Failure> {
    let done = command.output().map_err(|error| Failure(format!("{command:?} did not start: {error}")))?;
    let printed = String::from_utf8_lossy(&done.stdout).into_owned();
    if done.status.success() {
        return Ok(printed);
    }
    Err(Failure(format!("{command:?} failed:\n{printed}{}", String::from_utf8_lossy(&done.stderr))))
}
