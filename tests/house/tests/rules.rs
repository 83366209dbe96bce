//! The house rules, held by reading the tree.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = env!("PITBOSS_ROOT");
/// Lines of a source file at the very most; most stay under 400. Data compiled in is no source.
const LINES_MAX: usize = 450;

/// What each of our crates may depend on, of our crates.
fn allowed(package: &str) -> Option<&'static [&'static str]> {
    Some(match package {
        "domain" => &[],
        "events" | "vendors" => &["domain"],
        "store" => &["domain", "events"],
        "edge" => &["domain", "events", "store", "vendors"],
        _ => return None,
    })
}

#[test]
fn dependencies_point_one_way() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(ROOT)
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let ours: BTreeSet<&str> = packages.iter().map(|it| it["name"].as_str().unwrap()).collect();
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let is_function = package["manifest_path"].as_str().unwrap().contains("/functions/");
        let rooms: &[&str] = match allowed(name) {
            Some(rooms) => rooms,
            None if is_function => &["domain", "events", "store", "vendors", "edge"],
            None => continue,
        };
        for dependency in package["dependencies"].as_array().unwrap() {
            let other = dependency["name"].as_str().unwrap();
            let in_tests_only = dependency["kind"] == "dev";
            assert!(
                in_tests_only || !ours.contains(other) || rooms.contains(&other),
                "{name} must not depend on {other}"
            );
        }
    }
}

#[test]
fn money_has_no_floats() {
    for file in sources(&["shared/domain", "shared/store", "shared/events", "shared/vendors", "functions"]) {
        let text = fs::read_to_string(&file).unwrap();
        let words = text.split(|it: char| !it.is_ascii_alphanumeric() && it != '_');
        for word in words {
            assert!(word != "f32" && word != "f64", "{} speaks of {word}", file.display());
        }
    }
}

#[test]
fn a_file_has_one_subject() {
    let long: BTreeMap<PathBuf, usize> = sources(&["shared", "functions", "infra", "tests"])
        .into_iter()
        .map(|file| (file.clone(), fs::read_to_string(file).unwrap().lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .collect();
    assert!(long.is_empty(), "too long: {long:?}");
}

#[test]
fn only_the_outbox_writes_to_the_stream() {
    for file in sources(&["functions", "shared"]) {
        let text = fs::read_to_string(&file).unwrap();
        let is_outbox = file.components().any(|it| it.as_os_str() == "outbox");
        assert!(is_outbox || !text.contains(".put_records("), "{} publishes", file.display());
    }
}

#[test]
fn every_function_is_deployed() {
    let template = fs::read_to_string(format!("{ROOT}/template.yaml")).unwrap();
    for entry in fs::read_dir(format!("{ROOT}/functions")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(template.contains(&format!("dist/{name}/")), "{name} is not in the template");
    }
}

fn sources(folders: &[&str]) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for folder in folders {
        collect(&Path::new(ROOT).join(folder), &mut files);
    }
    assert!(!files.is_empty());
    files
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|it| it == "rs") {
            files.push(path);
        }
    }
}
