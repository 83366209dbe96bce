//! What the template must say wherever a function or an alarm is added, held by reading its text.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;

const ROOT: &str = env!("PITBOSS_ROOT");

/// The template's resources: their text by their names.
fn resources() -> BTreeMap<String, String> {
    let template = fs::read_to_string(format!("{ROOT}/template.yaml")).unwrap();
    let mut resources: BTreeMap<String, String> = BTreeMap::new();
    let mut name = String::new();
    for line in template.lines() {
        let begins = line.strip_prefix("  ").and_then(|line| line.strip_suffix(':'));
        if let Some(begun) = begins.filter(|it| it.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
            begun.clone_into(&mut name);
        }
        let text = resources.entry(name.clone()).or_default();
        text.push_str(line);
        text.push('\n');
    }
    assert!(resources.contains_key("RegisterFunction") && resources.contains_key("PlayersTable"));
    resources
}

/// A function's permissions, one by one.
fn statements(function: &str) -> impl Iterator<Item = &str> {
    function.split("- Effect: Allow\n").skip(1)
}

#[test]
fn lambda_drops_no_line_that_we_write() {
    let template = fs::read_to_string(format!("{ROOT}/template.yaml")).unwrap();
    let levels: Vec<&str> = template.split("ApplicationLogLevel: ").skip(1).collect();
    assert!(
        matches!(levels.as_slice(), [level] if level.starts_with("TRACE,")),
        "one level for all, the lowest"
    );
}

/// Who may read a person, and who only looks whether an address is known.
#[test]
fn persons_are_read_by_whom_they_concern() {
    for (name, text) in resources().iter().filter(|(name, _)| name.ends_with("Function")) {
        let of_players: Vec<&str> = statements(text).filter(|it| it.contains("PlayersTable.Arn")).collect();
        for statement in &of_players {
            assert!(statement.contains("dynamodb:LeadingKeys"), "{name} may see every kind of player's item");
        }
        let reads = |prefix: &str| {
            let may = |it: &&&str| it.contains("GetItem") && it.contains(prefix);
            of_players.iter().filter(may).count() > 0
        };
        let decrypts = text.contains("kms:Decrypt");
        assert_eq!(decrypts, reads("ply_*"), "{name}: a profile is of use to whom can open it only");
        assert_eq!(
            reads("STAFF#*"),
            name == "SessionFunction",
            "{name}: who checks what staff signs in with"
        );
        let asks = !name.ends_with("GameWalletFunction") || name == "Hub88GameWalletFunction";
        assert!(asks || !decrypts, "{name}: the protocol never asks who a player is");
    }
}

#[test]
fn what_the_clock_starts_is_missed_when_it_does_not_run() {
    let resources = resources();
    for (name, _) in resources.iter().filter(|(_, text)| text.contains("Type: Schedule")) {
        let watches = |alarm: &String| {
            alarm.contains(&format!("Value: !Ref {name}}}")) && alarm.contains("TreatMissingData: breaching")
        };
        assert!(resources.values().any(watches), "{name} may stand still unnoticed");
    }
}

#[test]
fn what_waits_in_a_queue_is_noticed() {
    let resources = resources();
    for (name, _) in resources.iter().filter(|(_, text)| text.contains("RedrivePolicy:")) {
        let watches = |alarm: &String| {
            alarm.contains("MetricName: ApproximateAgeOfOldestMessage")
                && alarm.contains(&format!("!GetAtt {name}.QueueName"))
        };
        assert!(resources.values().any(watches), "{name} may grow old unnoticed");
    }
}

/// One scope's passes say nothing of the other's.
#[test]
fn books_are_missed_scope_by_scope() {
    let resources = resources();
    let scopes: Vec<&str> = resources["ReconcileFunction"]
        .split("\"scope\":\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert!(!scopes.is_empty());
    for scope in scopes {
        let watches = |alarm: &String| {
            alarm.contains("MetricName: Completed") && alarm.contains(&format!("Value: {scope}}}"))
        };
        assert!(resources.values().any(watches), "passes of scope {scope} may never end unnoticed");
    }
}
