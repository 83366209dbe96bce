//! The generator of vendors, shown by small invented ones, one of each kind: what it lays down builds, passes its contract
//! table, and is described and deployed wherever vendors are listed.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Kind, name, where its calls come to, and how many of them there are.
const VENDORS: [(&str, &str, &str, usize); 3] = [
    ("game", "zenith", "/webhooks/games/zenith/", 4),
    ("kyc", "candour", "/webhooks/kyc/candour", 1),
    ("payment", "tender", "/webhooks/payments/tender", 1),
];

/// Their own tables and tests, and what holds for all vendors together.
const TESTS: [&str; 9] = [
    "zenith",
    "candour",
    "tender",
    "registry",
    "nonsense",
    "case_28",
    "every_vendor_has_a_table",
    "every_route_is_described",
    "what_is_protected",
];

#[test]
fn invented_vendors_are_whole_at_once() {
    let root = PathBuf::from(env!("PITBOSS_ROOT"));
    let home = root.join(target()).join("new-vendor");
    let (fresh, tree) = (home.join("fresh"), home.join("tree"));
    // Folders of an earlier time would pass for vendors.
    let _ = fs::remove_dir_all(&fresh);
    copy(&root, &known(&root), &fresh);
    for (kind, name, ..) in VENDORS {
        succeed(&lay_down(kind, name, &fresh));
    }
    set_apart(&fresh);
    copy(&fresh, &files(&fresh, &fresh), &tree);

    let said = succeed(&test(&tree, &root.join(target())));
    for name in TESTS {
        let ran = said
            .lines()
            .any(|line| line.starts_with("test ") && line.contains(name) && line.ends_with("... ok"));
        assert!(ran, "no test of {name}: {said}");
    }
    for file in ["template.yaml", "functions/openapi/src/openapi.json"] {
        let text = fs::read_to_string(tree.join(file)).unwrap();
        for (_, name, calls, number) in VENDORS {
            assert_eq!(text.matches(calls).count(), number, "{name} in {file}");
        }
    }
    for (kind, ..) in VENDORS {
        for name in ["zenith", "tender", "registry", "Acme", ""] {
            let again = lay_down(kind, name, &fresh);
            assert!(!again.status.success(), "{kind} {name}: what is there, or no name, is not laid down");
        }
    }
    assert_eq!(files(&fresh, &fresh), files(&tree, &tree), "who is refused leaves nothing");
}

fn lay_down(kind: &str, name: &str, tree: &Path) -> Output {
    let mut generator = Command::new("python3");
    generator.args(["infra/tools/new_vendor.py", kind, name]).current_dir(tree).output().unwrap()
}

/// Gives the copy's crates another version. Cargo tells crates of two checkouts apart by nothing else, and all that
/// they stand on need not be built twice.
fn set_apart(tree: &Path) {
    let (manifest, version) =
        (tree.join("Cargo.toml"), concat!("\nversion = \"", env!("CARGO_PKG_VERSION"), "\"\n"));
    let text = fs::read_to_string(&manifest).unwrap();
    assert_eq!(text.matches(version).count(), 1, "the workspace's version");
    fs::write(manifest, text.replace(version, "\nversion = \"0.0.0-laid-down\"\n")).unwrap();
}

/// Runs the tests in the copy. No program is built: it would take the place of ours.
fn test(tree: &Path, target: &Path) -> Output {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["test", "--offline", "--lib", "--test", "*"]);
    for package in ["vendors", "contracts", "openapi"] {
        cargo.args(["--package", package]);
    }
    // What cargo tells this test is not meant for the copy.
    let told = |name: &str| name.starts_with("CARGO_") && name != "CARGO_HOME";
    for (name, _) in std::env::vars().filter(|(name, _)| told(name)) {
        cargo.env_remove(name);
    }
    cargo.arg("--").args(TESTS).current_dir(tree).env("CARGO_TARGET_DIR", target).output().unwrap()
}

fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from)
}

/// The files that belong to the tree.
fn known(root: &Path) -> BTreeSet<String> {
    let mut git = Command::new("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(root);
    let listed = succeed(&git.output().unwrap());
    listed.split('\0').filter(|name| root.join(name).is_file()).map(str::to_owned).collect()
}

/// The files that are in a folder, by their places in the tree.
fn files(folder: &Path, tree: &Path) -> BTreeSet<String> {
    let Ok(entries) = fs::read_dir(folder) else { return BTreeSet::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    let found = paths.flat_map(|path| {
        if path.is_dir() {
            files(&path, tree)
        } else {
            BTreeSet::from([path.strip_prefix(tree).unwrap().to_str().unwrap().to_owned()])
        }
    });
    found.collect()
}

/// Brings a copy of a tree up to date. What is the same is not touched, so that it need not be built again.
fn copy(from: &Path, wanted: &BTreeSet<String>, to: &Path) {
    for name in wanted {
        let (source, copy) = (fs::read(from.join(name)).unwrap(), to.join(name));
        if fs::read(&copy).ok().as_ref() != Some(&source) {
            fs::create_dir_all(copy.parent().unwrap()).unwrap();
            fs::write(&copy, source).unwrap();
        }
    }
    for name in files(to, to).difference(wanted) {
        fs::remove_file(to.join(name)).unwrap();
    }
}

/// What it said, if it went well.
fn succeed(Output { status, stdout, stderr }: &Output) -> String {
    let (said, complained) = (String::from_utf8_lossy(stdout), String::from_utf8_lossy(stderr));
    assert!(status.success(), "{said}\n{complained}");
    said.into_owned()
}
