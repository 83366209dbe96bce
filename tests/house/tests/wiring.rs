//! What the template must say wherever a function or an alarm is added, held by reading its text.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;

const ROOT: &str = env!("PITBOSS_ROOT");

#[test]
fn lambda_drops_no_line_that_we_write() {
    let template = fs::read_to_string(format!("{ROOT}/template.yaml")).unwrap();
    let levels: Vec<&str> = template.split("ApplicationLogLevel: ").skip(1).collect();
    assert!(
        matches!(levels.as_slice(), [level] if level.starts_with("TRACE,")),
        "one level for all, the lowest"
    );
}
