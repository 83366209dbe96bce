//! Statements that are sound, and statements that somebody laid a hand on.

use domain::chain::Digest;
use domain::export::Header;
use serde_json::{Value, json};

use super::*;
use crate::testing::{entries, leaf, player, statement};
use crate::verify::{Sealed, check_seal};

fn findings(text: &str) -> Vec<String> {
    verify(text, None).findings
}

/// The statement's lines, the header first.
fn lines() -> Vec<String> {
    statement(&entries()).lines().map(str::to_owned).collect()
}

/// What is found when the line of entry `seq` says otherwise.
fn changed(seq: usize, change: impl Fn(&mut Value)) -> Vec<String> {
    let mut lines = lines();
    let mut value = serde_json::from_str(&lines[seq]).unwrap();
    change(&mut value);
    lines[seq] = value.to_string();
    findings(&lines.join("\n"))
}

/// The same, by somebody who knows how to hash.
fn changed_and_hashed(seq: usize, change: impl Fn(&mut Value)) -> Vec<String> {
    changed(seq, |value| {
        change(value);
        value.as_object_mut().unwrap().remove("hash");
        let form = serde_json_canonicalizer::to_vec(value).unwrap();
        value["hash"] = json!(Digest::of(&form));
    })
}

#[test]
fn a_statement_as_it_was_exported_is_sound() {
    let verdict = verify(&statement(&entries()), None);
    assert_eq!(verdict.findings, [""; 0]);
    assert_eq!((verdict.player, verdict.hashes.len()), (Some(player()), 5));
    assert_eq!(verdict.closing.unwrap().cash.to_string(), "65.00 EUR");
    assert_eq!(findings(&statement(&entries()[2..])), [""; 0], "a part");
    assert_eq!(findings(&lines()[1..].join("\n")), [""; 0], "without header");
}

#[test]
fn how_a_line_is_written_does_not_matter() {
    let spaced: Vec<String> =
        lines().iter().map(|line| line.replace("\":", "\" : ").replace(",\"", " ,\"")).collect();
    assert_eq!(findings(&spaced.join("\r\n")), [""; 0]);
}

#[test]
fn a_changed_entry_is_named() {
    for change in [
        |value: &mut Value| value["balances"]["cash"] = json!("999.00 EUR"),
        |value: &mut Value| value["fact"]["amount"] = json!("1.00 EUR"),
        |value: &mut Value| value["at"] = json!("2026-11-23T10:00:01Z"),
        |value: &mut Value| value["tx"] = json!("other"),
        |value: &mut Value| value["hash"] = json!("0".repeat(64)),
    ] {
        let found = changed(3, change);
        assert!(found[0].starts_with("entry 3 (hub88 "), "{found:?}");
        assert!(found[0].contains("was changed"), "{found:?}");
    }
}

#[test]
fn a_changed_entry_with_a_new_hash_is_named_by_its_successor() {
    let found = changed_and_hashed(3, |value| value["fact"]["amount"] = json!("1.00 EUR"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("entry 4 (hub88 4) does not follow entry 3"), "{found:?}");
}

#[test]
fn a_changed_last_entry_with_a_new_hash_does_not_lead_to_the_head() {
    let found = changed_and_hashed(5, |value| value["fact"]["amount"] = json!("1.00 EUR"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("the last entry does not hash to the header's head"), "{found:?}");
}

#[test]
fn postings_and_balances_must_add_up() {
    let found = changed_and_hashed(3, |value| value["postings"]["player:cash"] = json!("-9.00 EUR"));
    assert!(found.iter().any(|it| it == "entry 3 (hub88 3): its postings do not sum to zero"), "{found:?}");
    assert!(found.iter().any(|it| it.contains("its balances do not follow")), "{found:?}");
}

#[test]
fn a_missing_entry_is_named() {
    let without = |seqs: &[usize]| {
        let kept = lines().into_iter().enumerate().filter(|(nth, _)| !seqs.contains(nth));
        findings(&kept.map(|(_, line)| line).collect::<Vec<_>>().join("\n"))
    };
    assert_eq!(without(&[3]), ["entry 3 is missing"]);
    assert_eq!(without(&[2, 3]), ["entries 2 to 3 are missing"]);
    assert_eq!(without(&[1])[0], "entry 1 is missing");
    assert_eq!(without(&[5])[0], "the statement ends with entry 4, not with entry 5");
    assert_eq!(without(&[0, 3]), ["entry 3 is missing"], "no header");
}

#[test]
fn a_doubled_entry_is_named() {
    let mut doubled = lines();
    doubled.insert(4, doubled[3].clone());
    assert_eq!(findings(&doubled.join("\n")), ["entry 3 (hub88 3) is there twice"]);

    let mut forged = lines();
    forged.insert(4, forged[3].replace("\"tx\":\"3\"", "\"tx\":\"9\""));
    let found = findings(&forged.join("\n"));
    assert!(found.contains(&"entry 3 (hub88 9) and entry 3 (hub88 3) have the same number".to_owned()));
}

#[test]
fn a_moved_entry_is_named() {
    let mut moved = lines();
    moved.swap(3, 4);
    assert_eq!(findings(&moved.join("\n")), ["entry 3 (hub88 3) stands after entry 4"]);
}

#[test]
fn a_changed_header_is_found() {
    let found = |field: &str, value: Value| changed(0, |header| header[field] = value.clone());
    assert!(found("head", json!("0".repeat(64)))[0].contains("the header's head"));
    assert!(found("to_seq", json!(6))[0].starts_with("the statement ends with entry 5"));
    assert!(found("player", json!("ply_00000000010000000000000002"))[0].contains("is another player's"));
    assert!(found("pitboss_statement", json!(2))[0].contains("a form this program does not know"));
    let closing =
        json!({"cash": "1.00 EUR", "bonus": "0.00 EUR", "held": "0.00 EUR", "receivable": "0.00 EUR"});
    assert!(found("closing", closing.clone())[0].contains("closing balances"));
    assert!(found("opening", closing)[0].contains("entry 1 (hub88 1): its balances do not follow"));
    assert!(found("prev", json!("1".repeat(64)))[0].contains("something stands before the first entry"));
}

#[test]
fn what_is_no_entry_is_named_by_its_line() {
    for (line, reason) in
        [("{", "EOF"), ("{}", "without hash"), ("[1]", "without hash"), ("{\"hash\":1}", "hash")]
    {
        let mut lines = lines();
        lines.insert(3, line.to_owned());
        let found = findings(&lines.join("\n"));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("line 4: ") && found[0].contains(reason), "{found:?}");
    }
    let mut twice = lines();
    twice.push(twice[0].clone());
    assert_eq!(findings(&twice.join("\n")), ["line 7: a header where an entry should be"]);
}

#[test]
fn the_head_may_be_known_from_elsewhere() {
    let head = Header::of(&entries()).unwrap().unwrap().head;
    assert_eq!(verify(&statement(&entries()), Some(head)).findings, [""; 0]);
    let cut = statement(&entries()[..4]);
    assert_eq!(findings(&cut), [""; 0], "nobody can tell from the file alone");
    assert!(verify(&cut, Some(head)).findings[0].contains("does not lead to the head"));
}

/// What is found in a statement under a seal over a player's leaf and others.
fn sealed(statement: &str, leaf: seal::tree::Leaf) -> (Option<String>, Vec<String>) {
    let files = crate::testing::seal(leaf, None);
    let mut verdict = verify(statement, None);
    let sealed = Sealed { root: &files.document, leaves: &files.leaves, previous: None };
    (check_seal(&sealed, &mut verdict), verdict.findings)
}

#[test]
fn a_sealed_head_is_proved() {
    for seq in [3, 5] {
        let (proved, found) = sealed(&statement(&entries()), leaf(&entries()[seq - 1]));
        assert_eq!(found, [""; 0]);
        assert!(
            proved
                .unwrap()
                .starts_with(&format!("sealed: entry {seq} was the newest on 2026-11-23; 3 hashes"))
        );
    }
    let (_, found) = sealed(&statement(&entries()[3..]), leaf(&entries()[2]));
    assert_eq!(found, [""; 0], "the statement begins after it");
}

#[test]
fn a_rewritten_ledger_is_not_what_was_sealed() {
    let mut rewritten = leaf(&entries()[4]);
    rewritten.head = Digest::of(b"as it was");
    let (_, found) = sealed(&statement(&entries()), rewritten);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("entry 5 hashes to "), "{found:?}");
    let (_, found) = sealed(&statement(&entries()[..3]), leaf(&entries()[4]));
    assert!(found[0].starts_with("entry 5, the newest on 2026-11-23, is not in the statement"), "{found:?}");
}

#[test]
fn a_seal_must_be_whole() {
    let files = crate::testing::seal(leaf(&entries()[4]), None);
    let text = statement(&entries());
    let found = |root: &[u8], leaves: &[u8], previous: Option<&[u8]>| {
        let mut verdict = verify(&text, None);
        check_seal(&Sealed { root, leaves, previous }, &mut verdict);
        verdict.findings.join("\n")
    };
    let unpacked = seal::document::read_leaves(&files.leaves).unwrap();
    let lines: Vec<String> = unpacked.iter().map(|leaf| serde_json::to_string(leaf).unwrap()).collect();
    assert_eq!(found(&files.document, lines.join("\n").as_bytes(), None), "", "unpacked");
    let cut = found(&files.document, lines[1..].join("\n").as_bytes(), None);
    assert!(cut.contains("5 of them, 6 in the seal") && cut.contains("not to the seal's root"), "{cut}");
    let other = lines.join("\n").replace("\"version\":5", "\"version\":4");
    assert!(found(&files.document, other.as_bytes(), None).contains("not to the seal's root"));
    assert!(found(b"{}", &files.leaves, None).starts_with("the seal: "));
    assert!(found(&files.document, b"{}", None).starts_with("the leaves: line 1: "));

    let next = crate::testing::seal(leaf(&entries()[4]), Some(&files.document));
    assert_eq!(found(&next.document, &next.leaves, Some(&files.document)), "");
    assert!(found(&next.document, &next.leaves, Some(b"another")).contains("the seal before"));
    assert!(found(&files.document, &files.leaves, Some(b"none")).contains("the seal before"));
}
