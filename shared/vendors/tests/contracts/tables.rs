//! The tables, one a vendor; each has every code that its vendor can be answered with.

use std::collections::BTreeSet;

use crate::document;
use crate::table::Table;

/// Plays a table, and checks that no code of the document is missing from it.
fn complete(text: &str, codes: &str) {
    let seen = Table::read(text).play();
    let missing: BTreeSet<String> = document::codes(codes)
        .into_iter()
        .filter(|code| !seen.iter().any(|answer| answer.contains(&format!("\"{code}\""))))
        .collect();
    assert!(missing.is_empty(), "no answer of the table has {missing:?}");
}

#[test]
fn caleta() {
    complete(include_str!("../../../../tests/contracts/games/caleta.toml"), "CaletaStatus");
}

#[test]
fn evolution() {
    complete(include_str!("../../../../tests/contracts/games/evolution.toml"), "EvolutionStatus");
}

#[test]
fn hub88() {
    complete(include_str!("../../../../tests/contracts/games/hub88.toml"), "Hub88Status");
}

#[test]
fn softswiss() {
    complete(
        include_str!("../../../../tests/contracts/games/softswiss.toml"),
        "SoftSwissError/properties/meta/properties/api_code",
    );
}

#[test]
fn swipe() {
    complete(include_str!("../../../../tests/contracts/games/swipe.toml"), "SwipeError/properties/code");
}

#[test]
fn valkyrie() {
    complete(
        include_str!("../../../../tests/contracts/games/valkyrie.toml"),
        "ValkyrieFailure/properties/code",
    );
}

/// The last of the canonical cases: what is not proven touches nothing, whatever it asks.
#[test]
fn case_28_a_bad_signature_touches_nothing() {
    let tables = concat!(env!("PITBOSS_ROOT"), "/tests/contracts/games");
    let mut played = 0;
    for table in std::fs::read_dir(tables).unwrap() {
        Table::read(&std::fs::read_to_string(table.unwrap().path()).unwrap()).play_unproven();
        played += 1;
    }
    assert_eq!(played, vendors::games::names().count(), "a table a vendor");
}
