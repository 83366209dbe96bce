//! The generator of vendors, shown by a small invented one: what it lays down builds, passes its contract table, and is
//! described and deployed wherever vendors are listed.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const NAME: &str = "zenith";

#[test]
fn an_invented_vendor_is_whole_at_once() {
    let root = PathBuf::from(env!("PITBOSS_ROOT"));
    let home = root.join(target()).join("new-vendor");
    let tree = home.join("tree");
    copy(&root, &tree);
    succeed(Command::new("python3").args(["infra/tools/new_vendor.py", "game", NAME]).current_dir(&tree));
    // Its own table, and what holds for all vendors together.
    for filter in [NAME, "registry", "nonsense", "case_28"] {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["test", "--quiet", "--offline", "--package", "vendors", filter]).current_dir(&tree);
        // What cargo tells this test is not meant for the copy.
        let told = |name: &str| name.starts_with("CARGO_") && name != "CARGO_HOME";
        for (name, _) in std::env::vars().filter(|(name, _)| told(name)) {
            cargo.env_remove(name);
        }
        succeed(cargo.env("CARGO_TARGET_DIR", home.join("target")));
    }
    for file in ["template.yaml", "functions/openapi/src/openapi.json"] {
        let text = fs::read_to_string(tree.join(file)).unwrap();
        assert_eq!(text.matches(&format!("/webhooks/games/{NAME}/")).count(), 4, "{file}");
    }
    let again = Command::new("python3")
        .args(["infra/tools/new_vendor.py", "game", NAME])
        .current_dir(&tree)
        .output()
        .unwrap();
    assert!(!again.status.success(), "what is there is not laid down again");
}

fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from)
}

/// Brings a copy of the tree up to date. What is the same is not touched, so that it need not be built again.
fn copy(root: &Path, tree: &Path) {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let wanted: BTreeSet<&str> = listed.split('\0').filter(|name| root.join(name).is_file()).collect();
    for name in &wanted {
        let (source, copy) = (fs::read(root.join(name)).unwrap(), tree.join(name));
        if fs::read(&copy).ok().as_ref() != Some(&source) {
            fs::create_dir_all(copy.parent().unwrap()).unwrap();
            fs::write(&copy, source).unwrap();
        }
    }
    remove_others(tree, tree, &wanted);
}

fn remove_others(folder: &Path, tree: &Path, wanted: &BTreeSet<&str>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            remove_others(&path, tree, wanted);
        } else if !wanted.contains(path.strip_prefix(tree).unwrap().to_str().unwrap()) {
            fs::remove_file(&path).unwrap();
        }
    }
}

fn succeed(command: &mut Command) {
    let output = command.output().unwrap();
    let (said, complained) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}\n{said}\n{complained}");
}
