//! The program a person runs: what it prints, what it refuses, how it ends.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

/// The checkout's own template and settings.
const TEMPLATE: &str = include_str!("../../../../template.yaml");
const VENDORS: &str = include_str!("../../vendors.json");

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("template.yaml"), TEMPLATE).unwrap();
    fs::write(dir.path().join("vendors.json"), VENDORS).unwrap();
    dir
}

fn pitboss(dir: &Path, port: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pitboss-local"));
    command.current_dir(dir).env("PITBOSS_PORT", port).env("PITBOSS_VENDORS", "vendors.json");
    command.env_remove("PITBOSS_DATA").stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Starts the program and waits until it says where it answers.
fn start(dir: &Path) -> (Child, String) {
    let mut child = pitboss(dir, "0").spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    (child, line)
}

fn terminate(child: Child) -> Output {
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    child.wait_with_output().unwrap()
}

#[test]
fn it_says_where_it_answers_and_ends_in_good_order() {
    let dir = folder();
    let (child, line) = start(dir.path());
    assert!(line.starts_with("Pitboss answers on http://127.0.0.1:"), "{line}");
    let ended = terminate(child);
    assert!(ended.status.success(), "{ended:?}");
    assert!(ended.stderr.is_empty(), "{ended:?}");
    for kept in ["identity.json", "keys.json", "dynamodb.sqlite"] {
        assert!(dir.path().join(".pitboss").join(kept).exists(), "{kept}");
    }
}

#[test]
fn a_start_that_cannot_be_is_one_line_and_a_failure() {
    let dir = folder();
    let (child, line) = start(dir.path());
    let port = line.split(['.', ':', ' ']).filter_map(|word| word.parse::<u16>().ok()).next_back().unwrap();
    let refused = |command: &mut Command, reason: &str| {
        let output = command.output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success());
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.starts_with("pitboss: ") && text.contains(reason), "{text}");
    };
    refused(&mut pitboss(dir.path(), "0"), "in use by another pitboss");
    refused(pitboss(dir.path(), &port.to_string()).env("PITBOSS_DATA", ":memory:"), "PITBOSS_PORT");
    refused(&mut pitboss(dir.path(), "http"), "not a port");
    refused(
        pitboss(dir.path(), "0").env("PITBOSS_VENDORS", "none.json").env("PITBOSS_DATA", "b"),
        "none.json",
    );
    fs::create_dir(dir.path().join("broken")).unwrap();
    fs::write(dir.path().join("broken/dynamodb.sqlite"), "this is no database, and long enough to tell")
        .unwrap();
    refused(pitboss(dir.path(), "0").env("PITBOSS_DATA", "broken"), "dynamodb.sqlite");
    terminate(child);
}
